"""A program in a terminal of tmux's: keys in, screen out. Waits for what is written, not for time to pass."""

from __future__ import annotations

import os
import re
import selectors
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

PATIENCE = 100.0
NAMES = {"\n": "Enter", "\t": "Tab"}


def available() -> bool:
    return shutil.which("tmux") is not None


class Screen:
    """`nbtwin` with these arguments, on a screen of 120 columns, with a server of tmux's own."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        own = Path(mkdtemp(dir=folder))  # the server of a screen before may still be leaving
        self._socket, self._pipe = str(own / "tmux"), own / "written"
        os.mkfifo(self._pipe)
        self._written = os.open(self._pipe, os.O_RDWR | os.O_NONBLOCK)  # open for both: it never ends
        environment = {
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            **variables,
        }
        settings = [f"{name}={value}" for name, value in environment.items()]
        command = shlex.join(["env", *settings, sys.executable, "-m", "nbtwin", *arguments])
        held = f"{command}; echo left with $?; exec cat"  # the screen stays
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "50", "exec cat")
        self._tmux("pipe-pane", f"exec cat >{shlex.quote(str(self._pipe))}")
        self._tmux("respawn-pane", "-k", held)

    def _tmux(self, *arguments: str, data: str = "") -> str:
        command = ["tmux", "-u", "-S", self._socket, *arguments]
        done = subprocess.run(command, input=data, capture_output=True, text=True, check=True, timeout=PATIENCE)
        return done.stdout

    def text(self) -> str:
        """What is on the screen; each line that was broken at its edge is whole."""
        return self._tmux("capture-pane", "-p", "-J", "-S", "-500")

    def keys(self, *names: str) -> None:
        """By tmux's names: Enter, Tab, Up, C-c, F5."""
        self._tmux("send-keys", *names)

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", text)

    def enter(self, text: str) -> None:
        self.type(text)
        self.keys("Enter")

    def paste(self, text: str) -> None:
        """As a terminal gives what was pasted to a program that asks for it."""
        self._tmux("load-buffer", "-", data=text)
        self._tmux("paste-buffer", "-p", "-r")

    def wait_for(self, pattern: str, *, times: int = 1) -> str:
        """Until the pattern is on the screen so often; the screen."""
        until = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as ready:
            ready.register(self._written, selectors.EVENT_READ)
            while len(re.findall(pattern, text := self.text(), re.MULTILINE)) < times:
                left = until - time.monotonic()
                assert left > 0, f"{pattern!r} never came:\n{text}"
                if ready.select(min(left, 1.0)):
                    os.read(self._written, 1 << 16)
        return text

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server")
        os.close(self._written)
