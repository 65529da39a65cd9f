"""The timeline in the state directory: bounded by size, read by number, time and source without reading all.

A directory of segments, named by their first entry's number. A segment is a row of blocks, each compressed by itself
behind a header that says what is in it: numbers, times, sources. A reader goes from header to header and unpacks what
it wants. The newest entries, not yet a block, are in `tail`, one checked record for each flush.

    tail           length, CRC-32, entries as MessagePack; again and again
    000…0001.seg   header, sources, entries (zlib); again and again

An entry is appended to a list and nothing more; `flush` (once a second, and when the list is long) writes the list to
the tail, and the tail becomes a block when it is long enough. So ``kill -9`` loses what was recorded since the last
flush, at most a second; a power cut loses, too, what the system had not written yet: nothing is synced. What a kill
leaves half written at the end of a file is cut off by the next start.

A live lab writes beside the loop (`submit`), one flush after the other: what is being written is read from memory until
it is told that it has been, and a disk that hangs holds up nobody.

The oldest segment goes when all of them are larger than the bound: one file is removed, nothing is rewritten.
"""

from __future__ import annotations

import contextlib
import errno
import os
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from struct import Struct
from struct import error as StructError
from typing import NamedTuple, TypeAlias

import msgspec

from nbtwin.engine import UNDECODABLE, DecodeError, Seconds
from nbtwin.timeline import codec
from nbtwin.timeline.entry import Entry, EntryKind
from nbtwin.timeline.rows import Row, entries_of, has_context, kinds_of, last_of

DEFAULT_SIZE = 128 * 1024 * 1024
"""Bytes. A dozen modules that update every 7 minutes write 670,000 entries a month, 11 bytes each: 8 MB. Records of
DTLS do not compress: a dozen that send data by DTLS every 2 minutes write 80 MB a month."""
SMALLEST = 1024 * 1024
SEGMENTS = 32
"""Of so many pieces the whole consists: with the oldest a thirty-second of the history goes."""
BLOCK = 64 * 1024
"""Bytes of entries, before they are compressed."""
FLUSH_AT = 1024
"""Entries that wait to be written, at most, while nothing is being written."""
WAITING = 100_000
"""Entries that wait, at most, for a disk that hangs."""
Submit: TypeAlias = Callable[[Callable[[], object], Callable[[Exception | None, Seconds], object]], object]
"""Has the first done elsewhere, and tells the second here how it ended."""

_MAGIC = b"nbt1"
_HEADER = Struct("<4sIIHIQQdd")  # magic, CRC of what follows, payload, sources, flags, numbers, times
_RECORD = Struct("<II")
_KINDS = tuple(EntryKind)
_CONTEXT = 1 << len(_KINDS)
_LEVEL = 1  # a twentieth of the time of level 6, for a quarter more bytes


class Block(msgspec.Struct, frozen=True):
    """What a header says."""

    path: Path
    offset: int
    """Of its payload."""
    length: int
    first: int
    last: int
    begins: Seconds
    ends: Seconds
    sources: frozenset[str]
    flags: int

    @property
    def has_context(self) -> bool:
        """Whether there are DTLS handshakes or keys in it: what comes later is read with them."""
        return bool(self.flags & _CONTEXT)

    def has(self, kinds: frozenset[EntryKind]) -> bool:
        return not kinds or any(self.flags & 1 << index for index, kind in enumerate(_KINDS) if kind in kinds)


class _Written(NamedTuple):
    """How things are once something has been written."""

    rows: list[Row]  # the tail's, and their bytes
    encoded: list[bytes]
    size: int
    sealed: int  # the number of the last entry in a block
    segments: list[Path]
    changed: list[Path]  # among them, and those that are gone


class TimelineFile:
    """One directory. The caller sees to it that no other process has it. OSError when it cannot be used."""

    def __init__(
        self, path: Path, size: int = DEFAULT_SIZE, on_error: Callable[[OSError], object] | None = None
    ) -> None:
        self.path, self.size = path, max(size, SMALLEST)
        self._tail = path / "tail"
        self.newest = 0
        self._on_error = on_error
        self._failing = False
        self.submit: Submit | None = None
        """None: what is flushed is written at once."""
        self._waiting: list[Row] = []  # neither in the tail nor in a block
        self._under_way: list[Row] = []  # being written elsewhere
        self._sealed = 1 << 63
        self._unwritten = 0  # entries in it
        self._encoded: list[bytes] = []  # the tail's, those of a flush in one piece
        self._tail_rows: list[Row] = []
        self._tail_size = 0
        self._blocks: dict[Path, list[Block]] = {}
        path.mkdir(mode=0o700, exist_ok=True)
        self._segments = sorted(path.glob("*.seg"))
        self._cut_last_segment()
        self._sealed = self.newest
        self._read_tail()

    # writing

    def append(self, row: Row, count: int = 1) -> None:
        """``count``: of the entries in it."""
        self.newest = row.number + count - 1
        self._waiting.append(row)
        self._unwritten += count
        if self._unwritten >= FLUSH_AT:
            self.flush()

    def flush(self) -> None:
        """Write what waits. What cannot be written is lost, and ``on_error`` is told once."""
        if not self._waiting:
            return
        if self._under_way:
            if self._unwritten > WAITING:
                self._waiting, self._unwritten = [], 0
                self._lost(OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)))
            return
        waiting, self._waiting, self._unwritten = self._waiting, [], 0
        if self.submit is not None:
            self._under_way, written = waiting, list[_Written]()
            self.submit(lambda: written.append(self._write(waiting)), partial(self._ended, written))
            return
        try:
            self._take(self._write(waiting))
        except OSError as error:
            self._lost(error)

    def _ended(self, written: list[_Written], error: Exception | None, seconds: Seconds) -> None:
        self._under_way = []
        if written:
            self._take(written[0])
        elif isinstance(error, OSError):
            self._lost(error)
        elif error is not None:
            raise error
        if self._unwritten >= FLUSH_AT:
            self.flush()

    def _lost(self, error: OSError) -> None:
        if not self._failing and self._on_error is not None:
            self._on_error(error)
        self._failing = True

    def _take(self, written: _Written) -> None:
        self._tail_rows, self._encoded, self._tail_size, self._sealed, self._segments, changed = written
        for path in changed:
            self._blocks.pop(path, None)
        self._failing = False

    def _write(self, rows: list[Row]) -> _Written:
        """Into the tail; or, when that makes enough for a block, with the tail into a block at once. Changes nothing in
        memory, where others read."""
        encoded = codec.encode(rows)
        if self._tail_size + len(encoded) < BLOCK:
            record = codec.pack(len(rows), (encoded,))
            with open(self._tail, "ab", buffering=0, opener=_private) as file:
                file.write(_RECORD.pack(len(record), zlib.crc32(record)) + record)
            tail, size = [*self._tail_rows, *rows], self._tail_size + len(encoded)
            return _Written(tail, [*self._encoded, encoded], size, self._sealed, self._segments, [])
        return self._seal([*self._tail_rows, *rows], [*self._encoded, encoded])

    def _seal(self, rows: list[Row], encoded: list[bytes]) -> _Written:
        """First the block is there, then the tail is empty; numbers tell what is in both."""
        payload = zlib.compress(codec.pack(len(rows), encoded), _LEVEL)
        sources = msgspec.msgpack.encode(sorted({row.source for row in rows}))
        first, last = rows[0], rows[-1]
        head = (len(payload), len(sources), _flags(rows), first.number, last_of(last), first.at, last.at)
        checked = _HEADER.pack(b"", 0, *head)[8:] + sources + payload
        segments, gone = self._segments_for(first.number)
        path = segments[-1]
        with open(path, "ab", buffering=0, opener=_private) as file:
            end = file.tell()
            try:
                file.write(_MAGIC + zlib.crc32(checked).to_bytes(4, "little") + checked)
            except OSError:
                file.truncate(end)
                raise
        if self._tail_rows:
            os.truncate(self._tail, 0)
        return _Written([], [], 0, last_of(last), segments, [path, *gone])

    def _segments_for(self, number: int) -> tuple[list[Path], list[Path]]:
        """With the last one while it is small; else with a new one, and the oldest are gone to make room."""
        segments, gone = list(self._segments), list[Path]()
        if segments and _size(segments[-1]) < self.size // SEGMENTS:
            return segments, gone
        segments.append(self.path / f"{number:020}.seg")
        sizes = [_size(path) for path in segments]
        while len(sizes) > 2 and sum(sizes) > self.size - self.size // SEGMENTS:
            gone.append(segments.pop(0))
            gone[-1].unlink(missing_ok=True)
            sizes.pop(0)
        return segments, gone

    # starting

    def _cut_last_segment(self) -> None:
        """Behind its last whole block; a segment without any goes."""
        while self._segments:
            path = self._segments[-1]
            blocks = self._blocks_of(path)
            while blocks and not self.read(blocks[-1]):
                blocks = blocks[:-1]
            if blocks:
                os.truncate(path, blocks[-1].offset + blocks[-1].length)
                self._blocks[path] = blocks
                self.newest = blocks[-1].last
                return
            path.unlink()
            self._segments.pop()
            self._blocks.pop(path, None)

    def _read_tail(self) -> None:
        try:
            data = self._tail.read_bytes()
        except FileNotFoundError:
            return
        at, entries = 0, []
        with contextlib.suppress(StructError):
            while at < len(data):
                length, crc = _RECORD.unpack_from(data, at)
                record = data[at + _RECORD.size : at + _RECORD.size + length]
                if len(record) != length or zlib.crc32(record) != crc:
                    break
                try:
                    entries += codec.decode(record if record[:1] == codec.ARRAY_32 else codec.pack(1, (record,)))
                except DecodeError:
                    break
                at += _RECORD.size + length
        new = [entry for entry in entries if entry.number > self.newest]
        os.truncate(self._tail, at if new else 0)
        if new:
            self._tail_rows, self._encoded = list(new), [codec.encode(new)]
            self._tail_size = len(self._encoded[0])
            self.newest = new[-1].number

    # reading

    @property
    def newest_at(self) -> Seconds | None:
        """The time of the newest entry; None when there is none."""
        if tail := self.tail():
            return tail[-1].at
        block = next(self.blocks_backward(), None)
        return block.ends if block is not None else None

    @property
    def oldest(self) -> int | None:
        """The number of the oldest entry; None when there is none."""
        for path in self._segments:
            if blocks := self._blocks_of(path):
                return blocks[0].first
        tail = self.tail()
        return tail[0].number if tail else None

    def tail(self) -> list[Entry]:
        """The newest, which are no block yet."""
        rows = (*self._tail_rows, *self._under_way, *self._waiting)
        return [entry for row in rows for entry in entries_of(row)]

    def blocks(self, after: int = 0, since: Seconds | None = None) -> Iterator[Block]:
        """From the one on in which the entry after that number is, or the first one of that time; oldest first."""
        first = bisect_right(self._segments, after + 1, key=_first_number) - 1
        if since is not None:
            first = max(first, bisect_left(self._segments, since, key=self._begins) - 1)
        for path in self._segments[max(0, first) :]:
            blocks = self._blocks_of(path)
            for block in blocks[bisect_left(blocks, after + 1, key=lambda block: block.last) :]:
                if since is None or block.ends >= since:
                    yield block

    def blocks_backward(self, before: int | None = None) -> Iterator[Block]:
        """From the one on in which the entry before that number is; newest first."""
        for path in reversed(self._segments):
            if before is not None and _first_number(path) >= before:
                continue
            for block in reversed(self._blocks_of(path)):
                if before is None or block.first < before:
                    yield block

    def read(self, block: Block) -> list[Entry]:
        """Its entries; none when it is broken, or gone by now."""
        try:
            with open(block.path, "rb") as file:
                head = block.offset - _HEADER.size
                sources = msgspec.msgpack.encode(sorted(block.sources))
                file.seek(head - len(sources))
                data = file.read(_HEADER.size + len(sources) + block.length)
        except OSError:
            return []
        crc, checked = int.from_bytes(data[4:8], "little"), data[8:]
        if len(data) < _HEADER.size or zlib.crc32(checked) != crc:
            return []
        try:
            return codec.decode(zlib.decompress(data[_HEADER.size + len(sources) :]))
        except (zlib.error, DecodeError):
            return []

    def _begins(self, path: Path) -> Seconds:
        blocks = self._blocks.get(path) or next(_headers(path), None)
        if isinstance(blocks, list):
            return blocks[0].begins
        return blocks.begins if blocks is not None else 0.0

    def _blocks_of(self, path: Path) -> list[Block]:
        """By their headers alone."""
        found = self._blocks.get(path)
        if found is None:
            found = self._blocks[path] = [block for block in _headers(path) if block.last <= self._sealed]
        return found


def format_of(segment: Path) -> int | None:
    """Of this and of versions to come: the number in its first four bytes. None where they are none of ours."""
    try:
        with open(segment, "rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError:
        return None
    return int(magic[3:]) if magic[:3] == _MAGIC[:3] and magic[3:].isdigit() else None


def _headers(path: Path) -> Iterator[Block]:
    try:
        file = open(path, "rb")  # noqa: SIM115 - closed below
    except OSError:
        return
    with file:
        end, at = os.fstat(file.fileno()).st_size, 0
        while at + _HEADER.size <= end:
            file.seek(at)
            magic, _, length, named, flags, first, last, begins, ends = _HEADER.unpack(file.read(_HEADER.size))
            offset = at + _HEADER.size + named
            if magic != _MAGIC or offset + length > end:
                return
            try:
                sources = msgspec.msgpack.decode(file.read(named), type=frozenset[str])
            except UNDECODABLE:
                return
            yield Block(path, offset, length, first, last, begins, ends, sources, flags)
            at = offset + length


def _flags(rows: list[Row]) -> int:
    flags = sum(1 << _KINDS.index(kind) for kind in {kind for row in rows for kind in kinds_of(row)})
    return flags | _CONTEXT if any(map(has_context, rows)) else flags


def _first_number(path: Path) -> int:
    return int(path.stem)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
