"""Whether a state directory is of a newer version of nbtwin: then nothing of it is opened, set aside or changed (D175).

Looks at what each file says of its format, and reads no further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.engine import UNDECODABLE
from nbtwin.module import nvram
from nbtwin.operators.store import journal_format
from nbtwin.operators.store.schema import MIGRATIONS
from nbtwin.runtime import snapshots
from nbtwin.runtime.kept import FORMAT
from nbtwin.timeline.segments import format_of

_HEADER = re.compile(rb"nbtwin-state (\d{1,9}) .*\n")
_KEPT = re.compile(r"nbtwin-kept-lab (\d{1,9})")
_FILES = ("lab", "clock", "*.nvram", "*.flash", "*.snapshots")


class _Format(msgspec.Struct):
    """Of what any version may have, this alone."""

    format: int | str = 0


def check(directory: Path) -> None:
    """EdgeError names the first file that a newer version has written."""
    for path, version, known in _versions(directory):
        if version > known:
            raise EdgeError(EdgeRefusal.STATE_NEWER, str(path), version=version, known=known)


def _versions(directory: Path) -> Iterator[tuple[Path, int, int]]:
    for pattern in _FILES:
        for path in sorted(directory.glob(pattern)):
            yield from _of_file(path)
    for path in sorted((directory / "timeline").glob("*.seg")):
        yield path, format_of(path) or 0, 1
    for path in sorted(directory.glob("inventory*-facts-*")):
        with path.open("rb") as file:
            yield path, journal_format.version_of(file.read(4096)), journal_format.VERSION
    database = directory / "inventory.sqlite"
    if database.is_file():
        yield database, _of_database(database), len(MIGRATIONS)


def _of_file(path: Path) -> Iterator[tuple[Path, int, int]]:
    """Of the file as such, and of what is in it."""
    try:
        raw = path.read_bytes()
    except OSError:  # who opens it will say so
        return
    header = _HEADER.match(raw)
    if header is None:
        return
    yield path, int(header[1]), 1
    content = raw[header.end() :]
    try:
        if path.name == "lab":
            said, ours = (
                _KEPT.fullmatch(str(msgspec.json.decode(content, type=_Format).format)),
                _KEPT.fullmatch(FORMAT),
            )
            if said and ours:
                yield path, int(said[1]), int(ours[1])
        elif path.suffix == ".nvram":
            yield path, _number(msgspec.json.decode(content, type=_Format)), nvram.FORMAT
        elif path.suffix == ".snapshots":
            yield path, _number(msgspec.msgpack.decode(content, type=_Format)), snapshots.FORMAT
    except UNDECODABLE:  # broken: it will be set aside
        return


def _number(said: _Format) -> int:
    return said.format if isinstance(said.format, int) else 0


def _of_database(path: Path) -> int:
    """Its structure's version, from its head: SQLite's own way of opening it may write. 0 where it has none."""
    with path.open("rb") as file:
        head = file.read(100)
    if not head.startswith(b"SQLite format 3\0") or len(head) < 64:
        return 0
    return int.from_bytes(head[60:64], "big")  # user_version; sqlite.org/fileformat2.html, 1.3
