"""The journal's files: appended to before an answer leaves, read back when the process has died, deleted when folded.

A journal is a few segments beside the database's file, or in the state directory where the database is a server's:
``<database>-facts-<journal>-<number of its first record>``. Each opening begins a journal of its own, whose number the
database knows, with the number of the last record that is in it (`Store`): so no record is folded twice, none into
another database, and a copy of an older database is told.

Knows files and records (`journal_format`), no table. One thread appends; another one may `forget`.
"""

from __future__ import annotations

import contextlib
import glob
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from nbtwin.engine import CodedError, Fact, Seconds
from nbtwin.foreign import detail_of
from nbtwin.operators.store import journal_format as form
from nbtwin.operators.store.database import StoreError, StoreRefusal
from nbtwin.operators.store.journal_format import Damaged, EventDecoder, Head, Segment

SEGMENT = 8 * 1024 * 1024
"""Bytes, after which another segment is begun."""
SETTLED = 1024 * 1024
"""Bytes, after which another one is begun when everything in this one is folded."""
_PIECE = 256 * 1024
"""Bytes that are read at once."""


def boot() -> str:
    """Of the machine's kernel: a number for each run of it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def prefix_of(database: str, kind: str, state: Path | None) -> Path | None:
    """What the names of its segments begin with; None where there is no place for them.

    Beside the file itself, whatever names lead to it: as SQLite does with its own.
    """
    if kind == "sqlite":
        return None if database == ":memory:" else Path(f"{os.path.realpath(database)}-facts-")
    return None if state is None else state / "inventory-facts-"


def segments_at(prefix: Path) -> list[Path]:
    """All there are, of any journal, in the order of their names."""
    return sorted(
        path for path in prefix.parent.glob(f"{glob.escape(prefix.name)}*") if not path.name.endswith(".aside")
    )


def segment_at(prefix: Path, journal: int, first: int) -> Path:
    """``first``: the number of the first record in it."""
    return prefix.with_name(f"{prefix.name}{journal:016x}-{first:012d}")


class Place(NamedTuple):
    """Where a record is, or several."""

    path: Path
    offset: int
    size: int


class _Full(NamedTuple):
    path: Path
    last: int  # the number of its last record


class Journal:
    """One that is appended to. ``StoreError`` when it cannot be. ``id``: a number that no other one has."""

    def __init__(
        self, prefix: Path, id: int, database: str, epoch: Seconds, decoder: EventDecoder, *, waits_for_disk: bool
    ) -> None:
        self.id = id
        self._prefix, self._database, self._epoch = prefix, database, epoch
        self._decoder, self._waits_for_disk = decoder, waits_for_disk
        self._boot = boot()
        self._number = 0
        self._full: deque[_Full] = deque()
        self._file = -1
        self._begin()

    @property
    def counter(self) -> str:
        """Under which the database keeps what is folded."""
        return counter_of(self.id)

    @property
    def path(self) -> Path:
        """The segment that is written."""
        return self._path

    @property
    def number(self) -> int:
        """Of the last record."""
        return self._number

    def append(self, events: Sequence[Fact]) -> Place:
        """One record, in the kernel's hands when this returns; where it is."""
        number = self._number + 1
        data = form.encode_record(number, form.encode_events(events), self._synced)
        if self._here >= SEGMENT:
            self._next()
        try:
            if (written := os.write(self._file, data)) < len(data):
                self._write(data[written:])
        except OSError as error:
            with contextlib.suppress(OSError):  # half a record must not stand before whole ones
                os.ftruncate(self._file, self._here)
            raise self._trouble(error) from error
        place = Place(self._path, self._here, len(data))
        self._here += len(data)
        self._number = number
        return place

    def read(self, place: Place) -> Sequence[Fact]:
        """What is there. On any thread."""
        return list(read(place, self._decoder))

    def sync(self) -> None:
        """On the disk, all of it."""
        here = self._here
        try:
            os.fdatasync(self._file)
        except OSError as error:
            raise self._trouble(error) from error
        self._synced = here

    def forget(self, folded: int) -> None:
        """Delete the segments that have no record behind that one. On any thread."""
        while self._full and self._full[0].last <= folded:
            self._full.popleft().path.unlink(missing_ok=True)

    def full(self) -> int:
        """How many full segments somebody else, who folds them and deletes them, has left."""
        while self._full and not self._full[0].path.exists():
            self._full.popleft()
        return len(self._full)

    def settle(self, folded: int) -> None:
        """On the thread that appends: begin a small one when all there is is folded."""
        if folded == self._number and self._here > SETTLED:
            self._next()

    def close(self) -> None:
        os.close(self._file)

    def delete(self) -> None:
        """All of it. Closed."""
        self.forget(self._number)
        self._path.unlink(missing_ok=True)

    def _next(self) -> None:
        if self._waits_for_disk:
            self.sync()
        old, before = self._file, self._path
        self._begin()
        self._full.append(_Full(before, self._number))
        os.close(old)

    def _begin(self) -> None:
        first = self._number + 1
        path = segment_at(self._prefix, self.id, first)
        waits = self._waits_for_disk
        head = form.encode_head(Head(form.VERSION, self.id, self._database, self._epoch, first, self._boot, waits))
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            try:
                os.write(file, head)
                if self._waits_for_disk:
                    os.fsync(file)
                    sync_folder(path.parent)
            except BaseException:
                os.close(file)
                path.unlink(missing_ok=True)
                raise
        except OSError as error:
            self._path = path
            raise self._trouble(error) from error
        self._file, self._path, self._here = file, path, len(head)
        self._synced = len(head) if self._waits_for_disk else 0

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._file, data) :]

    def _trouble(self, error: OSError) -> StoreError:
        return _trouble(self._path, error)


def read(place: Place, decoder: EventDecoder) -> Iterator[Fact]:
    """What is there: whole records, a few at a time, each decoded when it is its turn."""
    at, left, rest = place.offset, place.size, b""
    try:
        with place.path.open("rb") as file:
            file.seek(at)
            while left or rest:
                data = file.read(min(left, _PIECE))
                records, end = form.records_from(rest + data)
                if not data and not records:
                    raise Damaged(0)
                for record in records:
                    yield from decoder.events(record)
                at, left, rest = at + end, left - len(data), (rest + data)[end:]
    except Damaged as damage:
        raise StoreError(StoreRefusal.JOURNAL_DAMAGED, str(place.path), offset=at + damage.offset) from None
    except OSError as error:
        raise _trouble(place.path, error) from error


def _trouble(path: Path, error: OSError) -> StoreError:
    return StoreError(StoreRefusal.JOURNAL_FAILED, str(path), detail=detail_of(error))


_COUNTER = "folded-"


def counter_of(journal: int) -> str:
    return f"{_COUNTER}{journal:016x}"


def file_of(prefix: Path, counter: str) -> str:
    """How the files of that journal begin."""
    return f"{prefix.name}{counter.removeprefix(_COUNTER)}"


def sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Batch(NamedTuple):
    number: int
    events: Sequence[Fact]
    path: Path


class Left:
    """What a process that has died left of one journal. ``notices``: what had to be cut."""

    def __init__(self, id: int) -> None:
        self.id = id
        self.heads: list[Head] = []
        self.notices: list[CodedError] = []
        self._segments: list[tuple[Path, Segment]] = []
        self._behind: list[Path] = []  # a segment that is torn

    @property
    def paths(self) -> list[Path]:
        return [path for path, _ in self._segments]

    @property
    def head(self) -> Head:
        return self.heads[0]

    @property
    def first(self) -> int | None:
        """The number of the first record there is."""
        return next((segment.records[0].number for _, segment in self._segments if segment.records), None)

    @property
    def last(self) -> int | None:
        return next((one.records[-1].number for _, one in reversed(self._segments) if one.records), None)

    def take(self, path: Path, segment: Segment, now: str) -> None:
        """The next one; StoreError when the one before had been whole. ``now``: the run of the machine's kernel."""
        head = segment.head
        assert head is not None
        if self.notices or (self._segments and head.first != self._following):
            # torn in an earlier one, or that is not there: a power cut may take it and leave this
            if head.waits or head.boot == now:
                path, before = self._segments[-1]
                raise StoreError(StoreRefusal.JOURNAL_DAMAGED, str(path), offset=before.end)
            self._cut(path, 0, segment.end + segment.torn)
            self._behind.append(path)
            return
        self.heads.append(head)
        self._segments.append((path, segment))
        if segment.torn:
            self._cut(path, segment.end, segment.torn)

    @property
    def _following(self) -> int:
        """The number that comes behind what there is."""
        _, segment = self._segments[-1]
        assert segment.head is not None
        return segment.records[-1].number + 1 if segment.records else segment.head.first

    def _cut(self, path: Path, offset: int, size: int) -> None:
        self.notices.append(StoreError(StoreRefusal.JOURNAL_TORN, str(path), offset=offset, bytes=size))

    def mend(self) -> None:
        """Cut off what is torn, keep aside what is behind it."""
        for path, segment in self._segments:
            if segment.torn:
                os.truncate(path, segment.end)
        for path in self._behind:
            path.rename(f"{path}.aside")

    def batches(self, behind: int, decoder: EventDecoder) -> Iterator[Batch]:
        """In their order; StoreError where one cannot be read, or is not there."""
        expected: int | None = None
        for path, segment in self._segments:
            for record in segment.records:
                if expected is not None and record.number != expected:
                    raise StoreError(StoreRefusal.JOURNAL_DAMAGED, str(path), offset=record.end)
                expected = record.number + 1
                if record.number > behind:
                    try:
                        yield Batch(record.number, decoder.events(record), path)
                    except Damaged as damage:
                        raise StoreError(StoreRefusal.JOURNAL_DAMAGED, str(path), offset=damage.offset) from None

    def delete(self) -> None:
        for path in self.paths:
            path.unlink(missing_ok=True)

    def set_aside(self) -> None:
        for path in self.paths:
            path.rename(f"{path}.aside")


def left_at(prefix: Path, tell: Callable[[CodedError], object]) -> list[Left]:
    """Every journal that was left, cut where it is torn. StoreError for one that is damaged, or of a newer nbtwin.

    ``tell`` is told of a segment that does not even say of which journal it is.
    """
    found: dict[int, Left] = {}
    without_head: list[Path] = []
    now = boot()
    for path in segments_at(prefix):
        try:
            data = path.read_bytes()
            if (version := form.version_of(data)) > form.VERSION:
                raise StoreError(StoreRefusal.JOURNAL_NEWER, str(path), version=version, known=form.VERSION)
            segment = form.parse(data, now)
        except Damaged as damage:
            raise StoreError(StoreRefusal.JOURNAL_DAMAGED, str(path), offset=damage.offset) from None
        except OSError as error:
            raise StoreError(StoreRefusal.JOURNAL_FAILED, str(path), detail=detail_of(error)) from error
        if segment.head is None:
            without_head.append(path)
            continue
        left = found.setdefault(segment.head.journal, Left(segment.head.journal))
        left.take(path, segment, now)
    for left in found.values():
        left.mend()
    for path in without_head:
        if size := path.stat().st_size:
            tell(StoreError(StoreRefusal.JOURNAL_TORN, f"{path}.aside", offset=0, bytes=size))
        path.rename(f"{path}.aside")
    return list(found.values())
