"""What SenML packs and LwM2M CBOR maps say, reading by reading, for those who look at messages. Keys are masked.

Knows the formats that name paths and the tables of objects; knows no message.
"""

from __future__ import annotations

from io import BytesIO
from json import JSONDecodeError, JSONDecoder
from typing import NamedTuple

import cbor2

from nbtwin.coap.numbers import ContentFormat
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import composite
from nbtwin.lwm2m.content.readings import Reading
from nbtwin.lwm2m.model import Objects
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.secrets import MASK, is_key
from nbtwin.timeline.field import shown

FORMATS = composite.FORMATS
SOURCES = {
    ContentFormat.SENML_JSON: "LwM2M 1.1 7.4.5, RFC 8428 5",
    ContentFormat.SENML_CBOR: "LwM2M 1.1 7.4.6, RFC 8428 6",
    ContentFormat.LWM2M_CBOR: "LwM2M 1.2 7.4.7",
}
_INDEFINITE_ARRAY = 0x9F
_ARRAY = 4


class ShownReading(NamedTuple):
    """``start`` and ``end`` in the payload; of all of it where the record is not found."""

    start: int
    end: int
    path: Path
    name: str
    value: str
    """"" for a path alone."""


def shown_readings(content_format: int, payload: bytes, objects: Objects) -> list[ShownReading]:
    """The values, or else the paths, that a payload names. DecodeError for what is neither."""
    try:
        found = composite.readings_of(content_format, payload, objects)
    except DecodeError:
        found = [Reading(path, None) for path in composite.paths_of(content_format, payload)]
    spans = _spans(content_format, payload)
    if len(spans) != len(found):  # records of base values alone; LwM2M CBOR has no records
        spans = [(0, len(payload))] * len(found)
    return [_shown(span, reading, objects) for span, reading in zip(spans, found, strict=True)]


def _shown(span: tuple[int, int], reading: Reading, objects: Objects) -> ShownReading:
    path, value = reading.path, reading.value
    row = row_at(path, objects) if len(path) == 3 else None
    if is_key(path):
        text = MASK
    elif value is None:
        text = ""
    else:
        text = shown(value) if isinstance(value, bytes) else str(value)
    if reading.time is not None and text:
        text += f" @ {reading.time:.3f}".rstrip("0").rstrip(".")
    return ShownReading(*span, path, "" if row is None else row.name, text)


def _spans(content_format: int, payload: bytes) -> list[tuple[int, int]]:
    """Where each record of SenML stands."""
    try:
        if content_format == ContentFormat.SENML_JSON:
            return list(_json_spans(payload.decode("latin-1")))
        if content_format == ContentFormat.SENML_CBOR:
            return _cbor_spans(payload)
    except (JSONDecodeError, IndexError, RecursionError, cbor2.CBORError, ValueError):
        pass
    return []


def _json_spans(text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at, read = text.index("[") + 1, JSONDecoder().raw_decode
    while True:
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,"))
        if text[at] == "]":
            return found
        _, end = read(text, at)
        found.append((at, end))
        at = end


def _cbor_spans(payload: bytes) -> list[tuple[int, int]]:
    head = payload[0]
    if head >> 5 != _ARRAY:
        return []  # a tag stands before it
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(head & 31, 0)
    at, end = 1 + size, len(payload) - (head == _INDEFINITE_ARRAY)
    found: list[tuple[int, int]] = []
    while at < end:
        stream = BytesIO(payload[at:end])
        cbor2.CBORDecoder(stream, max_depth=8).decode()
        found.append((at, at + stream.tell()))
        at += stream.tell()
    return found
