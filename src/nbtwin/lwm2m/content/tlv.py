"""The TLV format (LwM2M 1.0 TS, 6.4.3): bytes to nested entries and back. Knows no object and no data type."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from nbtwin.lwm2m.content.refusals import ContentError, ContentRefusal


class TlvKind(IntEnum):
    """Bits 7-6 of the type byte."""

    OBJECT_INSTANCE = 0
    RESOURCE_INSTANCE = 1
    MULTIPLE_RESOURCE = 2
    RESOURCE = 3


NESTED = {
    TlvKind.OBJECT_INSTANCE: (TlvKind.RESOURCE, TlvKind.MULTIPLE_RESOURCE),
    TlvKind.MULTIPLE_RESOURCE: (TlvKind.RESOURCE_INSTANCE,),
}
"""What may stand inside what: two levels at most, so decoding cannot run deep."""


class TlvEntry(NamedTuple):
    kind: TlvKind
    id: int
    value: bytes = b""  # of a resource or resource instance
    entries: tuple[TlvEntry, ...] = ()  # of an object instance or multiple resource


def encode(entries: Iterable[TlvEntry]) -> bytes:
    return b"".join(map(_encode_entry, entries))


def _encode_entry(entry: TlvEntry) -> bytes:
    value = encode(entry.entries) if entry.kind in NESTED else entry.value
    length = len(value)
    wide_id = entry.id > 0xFF
    type_ = entry.kind << 6 | wide_id << 5
    if length <= 7:
        type_, length_bytes = type_ | length, b""
    else:
        size = 1 if length <= 0xFF else 2 if length <= 0xFFFF else 3
        type_, length_bytes = type_ | size << 3, length.to_bytes(size, "big")
    return bytes((type_,)) + entry.id.to_bytes(1 + wide_id, "big") + length_bytes + value


def decode(data: bytes) -> tuple[TlvEntry, ...]:
    """All entries, those of an object instance and of a multiple resource opened."""
    return _decode(data, tuple(TlvKind))


def _decode(data: bytes, allowed: tuple[TlvKind, ...]) -> tuple[TlvEntry, ...]:
    entries, at, end = [], 0, len(data)
    while at < end:
        type_ = data[at]
        kind = TlvKind(type_ >> 6)
        if kind not in allowed:
            raise ContentError(ContentRefusal.TLV_KIND, kind=kind.name, at=at)
        id_size, length_size = 1 + (type_ >> 5 & 1), type_ >> 3 & 3
        value_at = at + 1 + id_size + length_size
        if value_at > end:
            raise ContentError(ContentRefusal.TLV_HEAD_CUT, at=at)
        identifier = int.from_bytes(data[at + 1 : at + 1 + id_size], "big")
        length = int.from_bytes(data[at + 1 + id_size : value_at], "big") if length_size else type_ & 7
        at = value_at + length
        if at > end:
            raise ContentError(ContentRefusal.TLV_VALUE_CUT, length=length, left=end - value_at)
        value, inside = data[value_at:at], NESTED.get(kind)
        entries.append(
            TlvEntry(kind, identifier, entries=_decode(value, inside)) if inside else TlvEntry(kind, identifier, value)
        )
    return tuple(entries)
