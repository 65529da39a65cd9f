"""A disk whose power is cut: what was written to files, what was waited for, and what of it a disk may have.

The system's calls are recorded while a store is used. `left_after` then makes the folder as a disk has it that lost its
power behind some call: what was synced is there, and of what came later each block of 512 bytes is there or is not.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

BLOCK = 512


@dataclass
class Disk:
    """``calls``: name of the file, and where which bytes were written, or None for a wait for the disk."""

    calls: list[tuple[str, int, bytes | None]] = field(default_factory=list)
    promised: list[int] = field(default_factory=list)  # how many calls there were when each answer left
    _names: dict[int, str] = field(default_factory=dict)

    def watch(self, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
        """The calls of that module alone."""
        for name in ("open", "write", "fdatasync", "fsync"):
            monkeypatch.setattr(f"{module}.os.{name}", self._recorded(name, getattr(os, name)))

    def _recorded(self, name: str, real: Callable[..., int]) -> Callable[..., int]:
        def call(*arguments: object, **options: object) -> int:
            result = real(*arguments, **options)
            self._take(name, arguments, result)
            return result

        return call

    def _take(self, name: str, arguments: tuple[object, ...], result: int) -> None:
        first = arguments[0]
        if name == "open":
            self._names[result] = Path(str(first)).name
        elif isinstance(first, int) and "-facts-" in self._names.get(first, ""):
            file = self._names[first]
            if name == "write":
                data = arguments[1]
                assert isinstance(data, bytes)
                self.calls.append((file, os.lseek(first, 0, os.SEEK_CUR) - result, data[:result]))
            else:
                self.calls.append((file, 0, None))

    def left_after(self, calls: int, folder: Path, chance: random.Random) -> None:
        synced: dict[str, bytearray] = {}
        loose: dict[str, list[tuple[int, bytes]]] = {}
        for name, at, data in self.calls[:calls]:
            if data is None:
                for where, block in loose.pop(name, []):
                    _put(synced.setdefault(name, bytearray()), where, block)
            else:
                loose.setdefault(name, []).extend(_blocks(at, data))
        for name, blocks in loose.items():
            for where, block in blocks:
                if chance.random() < 0.5:
                    _put(synced.setdefault(name, bytearray()), where, block)
        for name, content in synced.items():
            (folder / name).write_bytes(content)


def _blocks(at: int, data: bytes) -> list[tuple[int, bytes]]:
    cuts = [0, *range(BLOCK - at % BLOCK, len(data), BLOCK), len(data)]
    return [(at + begin, data[begin:end]) for begin, end in pairwise(cuts)]


def _put(content: bytearray, at: int, data: bytes) -> None:
    content.extend(bytes(max(0, at + len(data) - len(content))))
    content[at : at + len(data)] = data
