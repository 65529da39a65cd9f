"""The command line in this process: what `nbtwin` prints and how it ends, without an interpreter for each call."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from nbtwin.cli.main import run


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    thresholds = gc.get_threshold()

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["nbtwin", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        gc.set_threshold(*thresholds)  # a command has a process to itself
        out, err = capsys.readouterr()
        status = ended.value.code
        assert isinstance(status, int)
        return Done(status, out, err)

    return call
