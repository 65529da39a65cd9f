"""A real `python -m nbtwin` process: started, waited for by what it prints, ended. No sleeps."""

import os
import re
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from preloaded import completed, started

PATIENCE = 30.0
WITHOUT_POSIX = """
import asyncio, sys, serial.serialposix, serial.urlhandler.protocol_socket  # which need them themselves
GONE = ("fcntl", "termios", "tty", "pty", "resource", "pwd", "grp")
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in GONE:
            raise ModuleNotFoundError(name)
for name in GONE:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Missing())
from nbtwin.cli.main import run
run()
"""
"""`python -c` of the command line where the modules are missing that Windows does not have."""


def nbtwin(*arguments: str, stdin: str = "", timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return completed(*arguments, input=stdin, timeout=timeout, env=environment())


def environment() -> dict[str, str]:
    return {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}


class Running:
    """A command that goes on until it is told to stop."""

    def __init__(self, *arguments: str, state: Path | None, by: Sequence[str] | Path = ()) -> None:
        """``by``: the program that is, or what starts it; else `python -m nbtwin`."""
        asked = [*arguments, *(() if state is None else ("--state", str(state)))]
        piped: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        program, launcher = (by, ()) if isinstance(by, Path) else (None, by)
        self.process: subprocess.Popen[bytes] = (
            subprocess.Popen([*launcher, *asked], **piped, env=environment())
            if launcher
            else started(*asked, program=program, **piped, env=environment())
        )
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        self._part = b""
        self.lines: list[str] = []
        self.wait_for("ready")

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first line, of those that came or will come, that the pattern matches from its beginning."""
        seen, until = 0, time.monotonic() + PATIENCE
        while True:
            for line in self.lines[seen:]:
                if match := re.match(pattern, line):
                    return match
            seen = len(self.lines)
            if not self._more(until - time.monotonic()):
                raise AssertionError(f"no line matched {pattern!r}:\n" + "\n".join(self.lines))

    def _more(self, patience: float) -> bool:
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            if not ready.select(max(0.0, patience)):
                return False
        data = self.process.stdout.read()
        *whole, self._part = (self._part + (data or b"")).split(b"\n")
        self.lines += [line.decode() for line in whole]
        return bool(data)

    def module(self) -> dict[str, str]:
        return dict(part.split("=", 1) for part in self.wait_for(r"module (.*)")[1].split(" "))

    def platform(self) -> dict[str, str]:
        return dict(part.split("=", 1) for part in self.wait_for(r"platform (.*)")[1].split(" "))

    def console(self) -> str:
        return self.wait_for(r"console (.*)")[1]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """It, and what ends with it: nobody is at its ports any more, nobody has its database."""
        with ExitStack() as closing:
            ends = _ends_of_children(self.process.pid, closing)
            self.process.kill()
            self.process.wait(PATIENCE)
            for end in ends:
                with selectors.DefaultSelector() as ended:
                    ended.register(end, selectors.EVENT_READ)
                    assert ended.select(PATIENCE), "what it had started outlives it"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()


def _ends_of_children(process: int, closing: ExitStack) -> list[int]:
    """Descriptors that can be read when they have ended; where a system has none, none."""
    ends = []
    with suppress(AttributeError, OSError):
        for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
            ends.append(os.pidfd_open(int(child)))
            closing.callback(os.close, ends[-1])
    return ends


class SerialOverTcp:
    """A plain TCP client at a module's serial port."""

    def __init__(self, serial: str) -> None:
        _, host, port = serial.split(":")
        self._socket = socket.create_connection((host, int(port)), PATIENCE)

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def read_until(self, end: bytes) -> bytes:
        """What came until then; what follows may have come with it."""
        data = b""
        while end not in data:
            more = self._socket.recv(4096)
            assert more, f"the module hung up after {data!r}"
            data += more
        return data

    def ask(self, line: str) -> bytes:
        """The bytes of the answer, from its first <CR><LF> to the end of its final result code."""
        self.send(line.encode() + b"\r")
        data = b""
        while b"\r\nOK\r\n" not in data and b"\r\nERROR\r\n" not in data:  # a URC may follow at once
            more = self._socket.recv(4096)
            assert more, f"the module hung up after {data!r}"
            data += more
        return data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
