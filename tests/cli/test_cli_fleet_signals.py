"""Ctrl-C of a fleet, whatever it is writing just then."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import Any

import pytest

from nbtwin.cli.fleet import _steered


class Terminal(io.RawIOBase):
    """Ctrl-C is pressed while the first bytes are on their way to it."""

    def __init__(self) -> None:
        self.pressed = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if not self.pressed:
            self.pressed = True
            os.kill(os.getpid(), signal.SIGINT)
        return len(data)


def test_ctrl_c_while_the_terminal_is_drawn_ends_the_fleet_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BufferedWriter(Terminal()), "utf-8"))
    with _steered(ended.append, lambda: None):
        sys.stderr.write("registered 5")
        sys.stderr.flush()
    assert ended == ["SIGINT"]
