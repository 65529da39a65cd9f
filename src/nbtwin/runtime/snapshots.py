"""NVRAM snapshots of a lab's modules, one file for each module beside its NVRAM: written before they are answered for.

Nothing of them is kept in memory: what is listed is what a restart will find. Knows images as bytes that decode.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from nbtwin.edge.nvram_file import StateDirectory
from nbtwin.engine import LATEST, UNDECODABLE, CodedError, DecodeError, Refusal, Seconds
from nbtwin.foreign import detail_of
from nbtwin.module.nvram import decode

KEPT = 50
"""Snapshots of a module: a further one takes the place of the oldest (D118)."""
FORMAT = 1


class SnapshotsRefusal(Refusal):
    """Why a file has no snapshots that this version reads."""

    UNREADABLE = "snapshots-unreadable"  # detail
    FORMAT = "snapshots-format"  # format, known
    NUMBERS = "snapshots-numbers"


class SnapshotsError(CodedError, DecodeError):
    """A file that is none of snapshots."""


class Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
    at: Annotated[Seconds, msgspec.Meta(ge=0, le=LATEST)]
    label: Annotated[str, msgspec.Meta(max_length=100)]
    image: bytes


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    format: int = FORMAT
    last: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] = 0
    """The newest number that was ever given."""
    snapshots: Annotated[list[Snapshot], msgspec.Meta(max_length=KEPT)] = []


def check(content: bytes) -> None:
    """DecodeError for what is no file of snapshots, in each of its images too."""
    for snapshot in _decoded(content).snapshots:
        decode(snapshot.image)


class Snapshots:
    """Those of a state directory's modules. OSError when the disk does not take a change: it has not taken place."""

    def __init__(self, directory: StateDirectory) -> None:
        self._directory = directory

    def of(self, module: str) -> list[Snapshot]:
        """The oldest first."""
        return self._load(module).snapshots

    def find(self, module: str, number: int) -> Snapshot | None:
        return next((each for each in self.of(module) if each.id == number), None)

    def take(self, module: str, at: Seconds, label: str, image: bytes) -> Snapshot:
        """Returns when it would survive a power cut."""
        kept = self._load(module)
        snapshot = Snapshot(kept.last + 1, at, label, image)
        self._save(module, _Kept(FORMAT, snapshot.id, [*kept.snapshots, snapshot][-KEPT:]))
        return snapshot

    def forget(self, module: str, number: int) -> bool:
        """Whether there was one of that number."""
        kept = self._load(module)
        rest = [each for each in kept.snapshots if each.id != number]
        if len(rest) < len(kept.snapshots):
            self._save(module, _Kept(FORMAT, kept.last, rest))
        return len(rest) < len(kept.snapshots)

    def _load(self, module: str) -> _Kept:
        file = self._directory.snapshots(module)
        content = file.load()
        if content is None:
            return _Kept()
        try:
            return _decoded(content)
        except SnapshotsError as error:  # whole, but not of this version
            file.set_aside(error)
            return _Kept()

    def _save(self, module: str, kept: _Kept) -> None:
        self._directory.snapshots(module).save(msgspec.msgpack.encode(kept))


def _decoded(content: bytes) -> _Kept:
    try:
        kept = msgspec.msgpack.decode(content, type=_Kept)
    except UNDECODABLE as error:
        raise SnapshotsError(SnapshotsRefusal.UNREADABLE, detail=detail_of(error)) from None
    numbers = [each.id for each in kept.snapshots]
    if kept.format != FORMAT:
        raise SnapshotsError(SnapshotsRefusal.FORMAT, format=kept.format, known=FORMAT)
    if numbers != sorted(set(numbers)) or max(numbers, default=0) > kept.last:
        raise SnapshotsError(SnapshotsRefusal.NUMBERS)
    return kept
