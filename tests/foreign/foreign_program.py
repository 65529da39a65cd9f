"""Foreign programs as child processes: what they say is read as it comes, by an event loop or while they start."""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

PATIENCE = 60.0
"""Seconds: a Java machine starts slowly when the processors are busy."""
_MEANT = {"t": "\t", "n": "\n", "\\": "\\"}
_ESCAPED = re.compile(r"\\([tn\\])")


class Child:
    """A foreign program with its standard input and output."""

    def __init__(self, command: Sequence[str], cwd: Path | None = None) -> None:
        self._process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
        assert self._process.stdout is not None
        self._out = self._process.stdout.fileno()
        os.set_blocking(self._out, False)
        self.output = b""
        self.ended = False

    def fileno(self) -> int:
        return self._out

    def read(self) -> bytes:
        """Take what has come, without waiting."""
        try:
            data = os.read(self._out, 1 << 16)
        except BlockingIOError:
            return b""
        self.ended = not data
        self.output += data
        return data

    def write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def wait_until(self, condition: Callable[[], object]) -> None:
        """For the start, before anything else runs."""
        end = time.monotonic() + PATIENCE
        while not condition():
            left = end - time.monotonic()
            assert left > 0, f"not ready within {PATIENCE} s: {self.output[-2000:]!r}"
            assert not self.ended, f"it has ended: {self.output[-2000:]!r}"
            select.select([self._out], [], [], left)
            self.read()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with suppress(BrokenPipeError):  # what it never read
                stream.close()


class Program(Child):
    """One of ours on a foreign library: lines of words, tabs between them, both ways; ``told`` keeps them."""

    def __init__(self, command: Sequence[str], cwd: Path) -> None:
        super().__init__(command, cwd)
        self.told: list[tuple[str, ...]] = []
        self._rest = b""

    def read(self) -> bytes:
        data = super().read()
        assert not self.ended, f"the foreign program has ended: {self.output[-2000:]!r}"
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            words = line.decode().rstrip("\r").split("\t")
            self.told.append(tuple(_ESCAPED.sub(lambda found: _MEANT[found[1]], word) for word in words))
        return data

    def wait_for(self, word: str) -> tuple[str, ...]:
        """The words after this first one."""
        self.wait_until(lambda: self.all(word))
        return self.all(word)[0]

    def say(self, *words: object) -> None:
        self.write("\t".join(map(str, words)).encode() + b"\n")

    def all(self, *begin: str) -> list[tuple[str, ...]]:
        """What was told with these first words: the words after them. What it told before it sent is there."""
        if self._process.returncode is None:
            self.read()
        return [line[len(begin) :] for line in self.told if line[: len(begin)] == begin]
