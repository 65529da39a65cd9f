"""The fields of a payload: LwM2M TLV entry by entry, JSON member by member (base64 or not), links one by one,
SenML and LwM2M CBOR reading by reading.

Knows content formats and the tables of objects; knows no message. Keys in a Security object are masked.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from json import JSONDecoder
from typing import TypeAlias

from nbtwin.coap.numbers import ContentFormat
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import tlv
from nbtwin.lwm2m.content.codec import type_at
from nbtwin.lwm2m.content.tlv import TlvKind
from nbtwin.lwm2m.content.values import decode_value
from nbtwin.lwm2m.model import ObjectDefinition, ResourceType
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.secrets import MASK, has_key, is_key
from nbtwin.timeline import readings
from nbtwin.timeline.field import DecodedField, Fields, Undecoded, shown, text_of
from nbtwin.timeline.refusals import why

Objects: TypeAlias = Mapping[int, ObjectDefinition]

_TLV = (ContentFormat.LWM2M_TLV, ContentFormat.OLD_LWM2M_TLV)
_TLV_SOURCE = "LwM2M 1.0 TS 6.4.3"
_LINK = re.compile(rb'<[^>]*>(?:;[^",]*(?:"[^"]*")?)*')
_CMDMP = 666
_MOST = 1000
"""Fields of one payload; what comes after them is one field."""
REPORT: Mapping[str, tuple[str, str]] = {
    "REGVER": ("version of the report", "observed: Telecom 2, Unicom 1"),
    "MEID": ("IMEI", "DOC-C 2.1 · DOC-D 2.2"),
    "MODEL": ("vendor and model", "DOC-C 2.1"),
    "MODELSMS": ("vendor and model", "DOC-D 2.2"),
    "SWVER": ("firmware", "DOC-C 2.1 · DOC-D 2.2"),
    "SIM1ICCID": ("ICCID of the USIM", "DOC-C 2.1 · DOC-D 2.2"),
    "SIM1LTEIMSI": ("IMSI", "DOC-C 2.1 · DOC-D 2.2"),
    "resultCode": ("0 is success", "observed · D54"),
    "resultDesc": ("the result in words", "observed · D54"),
}
"""Members of Telecom's and Unicom's reports and of their answers (docs/spec/wire.md, Telecom and Unicom)."""


def payload_fields(payload: bytes, start: int, content_format: int | None, path: Path, objects: Objects) -> Fields:
    end = start + len(payload)
    if has_key(path) and content_format not in _TLV:
        yield DecodedField(start, end, "Payload", MASK, "RFC 7252 5.5")
    elif content_format in _TLV:
        try:
            yield from _entries(payload, start, tlv.decode(payload), path, objects)
        except DecodeError as error:
            yield DecodedField(start, end, "TLV, ", "", _TLV_SOURCE, Undecoded.NOT_READABLE, why(error))
    elif content_format in readings.FORMATS:
        yield from _readings(payload, start, ContentFormat(content_format), objects)
    elif content_format == ContentFormat.LINK_FORMAT and payload.startswith(b"<"):
        for link in _LINK.finditer(payload):
            yield DecodedField(start + link.start(), start + link.end(), "link", shown(link[0]), "RFC 6690 2")
    elif (opened := _base64(payload)) is not None:
        yield DecodedField(start, end, "base64 of", shown(opened), "observed: Telecom, Unicom")
        for field in _json(opened):  # three bytes are four characters (RFC 4648 4)
            yield field._replace(start=start + field.start // 3 * 4, end=start + -(-field.end // 3) * 4)
    else:
        is_json = payload[:1] in (b"{", b"[") and text_of(payload) is not None
        yield DecodedField(
            start, end, "JSON" if is_json else "Payload", shown(payload), "RFC 8259" if is_json else "RFC 7252 5.5"
        )
        for field in _json(payload) if is_json else ():
            yield field._replace(start=start + field.start, end=start + field.end)


def _readings(payload: bytes, start: int, content_format: ContentFormat, objects: Objects) -> Fields:
    end, source = start + len(payload), readings.SOURCES[content_format]
    form = "LwM2M CBOR" if content_format == ContentFormat.LWM2M_CBOR else "SenML"
    try:
        found = readings.shown_readings(content_format, payload, objects)
    except DecodeError as error:
        yield DecodedField(start, end, f"{form}, ", "", source, Undecoded.NOT_READABLE, why(error))
        return
    yield DecodedField(start, end, form, f"{len(payload)} bytes", source)
    for one in found[:_MOST]:
        name = f"  {one.path} {one.name}".rstrip()
        yield DecodedField(start + one.start, start + one.end, name, one.value, source)


def _base64(payload: bytes) -> bytes | None:
    """Of an object in JSON: ``{"`` begins with ``ey`` in base64."""
    try:
        opened = base64.b64decode(payload, validate=True) if payload.startswith(b"ey") else b""
    except binascii.Error:
        return None
    return opened if opened and text_of(opened) is not None else None


def _json(data: bytes) -> Fields:
    """Members of an object, or elements of a list, on the outermost level; as far as it can be read."""
    text = data.decode("latin-1")  # a character is a byte: places in the text are places in the data
    try:
        for start, end, name, value in _parts(text):
            what, source = REPORT.get(name, ("", "RFC 8259 4"))
            title = f"{name}: {what}" if what else name
            yield DecodedField(start, end, f"  {title}", value.encode("latin-1").decode("utf-8", "replace"), source)
    except (ValueError, IndexError, RecursionError):
        return


def _parts(text: str) -> Iterator[tuple[int, int, str, str]]:
    read: Callable[[str, int], tuple[object, int]] = JSONDecoder().raw_decode
    is_object, at = text[0] == "{", _skip(text, 1)
    for place in range(_MOST):
        if text[at] in "}]":
            return
        start, name = at, f"[{place}]"
        if is_object:
            key, at = read(text, at)
            name, at = str(key), _skip(text, _skip(text, at) + 1)
        value, end = read(text, at)
        yield start, end, name, value if isinstance(value, str) else text[at:end]
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at


def _entries(data: bytes, start: int, entries: tuple[tlv.TlvEntry, ...], path: Path, objects: Objects) -> Fields:
    """``data`` are the bytes of these entries; what is nested has a field for its head alone."""
    at = 0
    for entry in entries:
        width = data[at] >> 3 & 3  # of the length; none: it stands in the type byte
        head = 2 + (data[at] >> 5 & 1) + width
        size = int.from_bytes(data[at + head - width : at + head], "big") if width else data[at] & 7
        here = _path_of(entry, path)
        value_at = at + head
        end = value_at + size
        if entry.kind in tlv.NESTED:
            yield DecodedField(start + at, start + value_at, _name(entry, here, objects), f"{size} bytes", _TLV_SOURCE)
            yield from _entries(data[value_at:end], start + value_at, entry.entries, here, objects)
        else:
            source = _TLV_SOURCE if here[:1] != (_CMDMP,) else "CMDMP v2.0: AES-256-CBC, key SHA-256(password)"
            yield DecodedField(
                start + at, start + end, _name(entry, here, objects), _value(here, entry.value, objects), source
            )
        at = end


def _path_of(entry: tlv.TlvEntry, path: Path) -> Path:
    if entry.kind is TlvKind.OBJECT_INSTANCE:
        return Path((*path[:1], entry.id)) if path else Path()
    if entry.kind is TlvKind.RESOURCE_INSTANCE:
        return Path((*path[:3], entry.id)) if len(path) > 2 else Path()
    return Path((*path[:2], entry.id)) if len(path) > 1 else Path()


def _name(entry: tlv.TlvEntry, path: Path, objects: Objects) -> str:
    if not path:
        return f"{entry.kind.name.replace('_', ' ').lower()} {entry.id}"
    definition = objects.get(path[0])
    row = definition.resources.get(path[2]) if definition is not None and len(path) > 2 else None
    title = row.name if row is not None and len(path) == 3 else ""
    return f"{path} {title}".strip()


def _value(path: Path, data: bytes, objects: Objects) -> str:
    if is_key(path):
        return MASK
    known = type_at(Path(path[:3]), objects) if len(path) > 2 else ResourceType.NONE
    try:
        value = decode_value(known, data)
    except DecodeError:
        return shown(data)
    return shown(value) if isinstance(value, bytes) else str(value)
