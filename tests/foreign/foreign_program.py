"""A foreign program that takes commands as lines of words and tells what happens as lines of words (tabs between)."""

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
_ESCAPED = re.compile(r"\\([tn\\])")


class Program:
    """Its standard input and output; what it has told is kept in ``told``, oldest first."""

    def __init__(self, command: Sequence[str], cwd: Path) -> None:
        self.told: list[tuple[str, ...]] = []
        self._log = (cwd / "stderr").open("wb")
        self._process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log
        )
        assert self._process.stdout is not None
        self._out = self._process.stdout.fileno()
        os.set_blocking(self._out, False)
        self._rest = b""

    def fileno(self) -> int:
        return self._out

    def read(self) -> None:
        """Take the lines that have come, without waiting."""
        try:
            data = os.read(self._out, 1 << 16)
        except BlockingIOError:
            return
        if not data:
            raise AssertionError(f"the foreign program has ended; it told {self.told[-5:]}")
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            words = line.decode().rstrip("\r").split("\t")
            self.told.append(tuple(_ESCAPED.sub(lambda found: {"t": "\t", "n": "\n"}.get(found[1], found[1]), word)
                                   for word in words))  # fmt: skip

    def wait_for(self, word: str) -> tuple[str, ...]:
        """The words after this first one; for the start, before anything else runs."""
        self.wait_until(lambda: self.all(word))
        return self.all(word)[0]

    def wait_until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            left = end - time.monotonic()
            assert left > 0, f"still starting after {PATIENCE} s; it told {self.told[-5:]}"
            select.select([self._out], [], [], left)
            self.read()

    def say(self, *words: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\t".join(map(str, words)).encode() + b"\n")
        self._process.stdin.flush()

    def all(self, *begin: str) -> list[tuple[str, ...]]:
        """What was told with these first words: the words after them."""
        return [line[len(begin) :] for line in self.told if line[: len(begin)] == begin]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            assert stream is not None
            with suppress(BrokenPipeError):  # a command that it never read
                stream.close()
