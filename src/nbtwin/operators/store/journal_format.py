"""The journal's records as bytes: what a segment begins with, one record a batch, and where what can be read ends.

A segment is ``MAGIC`` and records; the first one, of number 0, is the `Head`. A record is a mark, a CRC-32 of all that
comes behind it, the length of its body, its number, how much of the segment was known to be on the disk when it was
written, and the body: the batch's events as MessagePack. Sans-I/O: bytes in, bytes out.

What cannot be read is one of two things (D179). *Torn*: the process, or the machine, died while it was written, so
nobody was promised anything of it. *Damaged*: it had been whole. It is torn when no whole record follows; and, after
the machine has started anew, also when none that follows says that it was on the disk: a power cut leaves blocks in any
order.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from nbtwin.engine import UNDECODABLE, Fact, Seconds

VERSION = 1
"""Of records and of the events in them. A later version reads this one, or refuses it."""
MAGIC = b"nbtwin\x00j"
_MARK = b"\x9eFct"
_FRONT = struct.Struct("<4sI")
_ABOUT = struct.Struct("<IQQ")
OVERHEAD = _FRONT.size + _ABOUT.size
LONGEST = 1 << 30


def version_of(data: bytes) -> int:
    """What the beginning of a segment says, whatever it is; 0 when it says nothing."""
    record = _record_at(data, len(MAGIC)) if data.startswith(MAGIC) else None
    if record is None:
        return 0
    try:
        return msgspec.msgpack.decode(record.body, type=_Version).version
    except UNDECODABLE:
        return 0


class _Version(msgspec.Struct):
    version: int = 0


class Head(msgspec.Struct):
    """What a segment says of itself."""

    version: int
    journal: int  # which one: a random number, that the database knows as well
    database: str  # its name, where the journal does not lie beside it
    epoch: Seconds  # the store's: added to the events' times
    first: int  # the number of the first record that may follow
    boot: str  # which run of the machine's kernel wrote it
    waits: bool  # for the disk: a segment is on it before the next one begins


class Record(NamedTuple):
    number: int
    body: bytes
    end: int  # where the next one begins


class Damaged(Exception):
    """What had been whole is not. ``offset``: in the segment."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


@dataclass
class Segment:
    """What could be read. ``head`` None: not even that was written."""

    head: Head | None = None
    records: list[Record] = field(default_factory=list)
    end: int = 0  # what is behind it is torn
    torn: int = 0  # how many bytes that is


encode_events = msgspec.msgpack.Encoder().encode


class EventDecoder:
    """Gives back the events that were encoded, of the types that there are."""

    def __init__(self, types: frozenset[type[Fact]]) -> None:
        union: Any = None
        for kind in sorted(types, key=lambda kind: kind.__name__):
            union = kind if union is None else union | kind
        self._decode = msgspec.msgpack.Decoder(list[union]).decode

    def events(self, record: Record) -> Sequence[Fact]:
        """`Damaged` for what is whole, and of no event that this version knows."""
        try:
            events: list[Fact] = self._decode(record.body)
        except UNDECODABLE:
            raise Damaged(record.end - OVERHEAD - len(record.body)) from None
        return events


def encode_record(number: int, body: bytes, synced: int = 0) -> bytes:
    rest = _ABOUT.pack(len(body), number, synced) + body
    return _FRONT.pack(_MARK, crc32(rest)) + rest


def encode_head(head: Head) -> bytes:
    return MAGIC + encode_record(0, msgspec.msgpack.encode(head))


def parse(data: bytes, boot: str) -> Segment:
    """A segment, read to where it is torn. ``boot``: the machine's, now. `Damaged` for what had been whole."""
    found = Segment()
    if not data.startswith(MAGIC):
        if any(data[: len(MAGIC)]) and not MAGIC.startswith(data):
            raise Damaged(0)  # else its first block never came to the disk
        found.torn = len(data)
        return found
    at = len(MAGIC)
    while (record := _record_at(data, at)) is not None:
        if found.head is None:
            found.head = _head(record)
        else:
            found.records.append(record)
        at = record.end
    found.end, found.torn = at, len(data) - at
    if found.torn:
        again_whole, synced = _after(data, at + 1)
        rebooted = found.head is None or found.head.boot != boot
        if again_whole and (at < synced or not rebooted):
            raise Damaged(at)
    if found.head is None:
        found.end, found.torn = 0, len(data)
    return found


def records_from(data: bytes, at: int = 0) -> tuple[list[Record], int]:
    """The whole ones from there on, and where they end: the next one may be being written."""
    found: list[Record] = []
    while (record := _record_at(data, at)) is not None:
        found.append(record)
        at = record.end
    return found, at


def _head(record: Record) -> Head:
    try:
        return msgspec.msgpack.decode(record.body, type=Head)
    except UNDECODABLE:
        raise Damaged(len(MAGIC)) from None


def _record_at(data: bytes, at: int) -> Record | None:
    body = at + OVERHEAD
    if len(data) < body or data[at : at + 4] != _MARK:
        return None
    (crc,) = struct.unpack_from("<I", data, at + 4)
    length, number, _ = _ABOUT.unpack_from(data, at + _FRONT.size)
    end = body + length
    if length > LONGEST or len(data) < end or crc32(memoryview(data)[at + _FRONT.size : end]) != crc:
        return None
    return Record(number, data[body:end], end)


def _after(data: bytes, at: int) -> tuple[bool, int]:
    """Whether a whole record comes behind, and how much of the segment the last ones say was on the disk."""
    whole, synced = False, 0
    while (at := data.find(_MARK, at)) >= 0:
        record = _record_at(data, at)
        if record is None:
            at += 1
        else:
            whole, synced = True, max(synced, _ABOUT.unpack_from(data, at + _FRONT.size)[2])
            at = record.end
    return whole, synced
