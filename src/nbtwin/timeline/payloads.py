"""What a CoAP message carries, in few words: text, base64 of JSON, LwM2M TLV and SenML with names and values, else its
length.

Knows content formats and the object tables; knows no message.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from nbtwin.coap.numbers import ContentFormat
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import tlv
from nbtwin.lwm2m.content.codec import type_at
from nbtwin.lwm2m.content.tlv import TlvKind
from nbtwin.lwm2m.content.values import decode_value
from nbtwin.lwm2m.model import ResourceType, Value
from nbtwin.lwm2m.objects.registry import KNOWN
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.secrets import MASK, has_key, is_key
from nbtwin.timeline import readings

_PREVIEW = 100
_TLV = (ContentFormat.LWM2M_TLV, ContentFormat.OLD_LWM2M_TLV)
_NOWHERE = Path()


def describe_payload(payload: bytes, content_format: int | None = None, path: Path | None = None) -> str:
    """Nothing for nothing; a long one is cut and says how long it was."""
    if not payload:
        return ""
    if has_key(path or _NOWHERE) and content_format not in _TLV:
        return f"«{MASK}»"
    if content_format in readings.FORMATS:
        text = _readings(content_format, payload)
    else:
        text = _tlv(payload, path or _NOWHERE) if content_format in _TLV else _text(payload)
    if text is None:
        return f"[{len(payload)} bytes]"
    return f"«{text}»" if len(text) <= _PREVIEW else f"«{text[:_PREVIEW]}…» [{len(payload)} bytes]"


def _text(payload: bytes) -> str | None:
    """Printable text; base64 of a JSON object (docs/spec/wire.md, Telecom and Unicom) as that JSON."""
    try:
        if payload.startswith(b"ey"):
            payload = base64.b64decode(payload, validate=True)
        text = payload.decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text if text.isprintable() else None


def _readings(content_format: int, payload: bytes) -> str | None:
    """``/3/0/9 Battery Level=95``, or the paths alone; as text where it is a part of something longer."""
    try:
        found = readings.shown_readings(content_format, payload, KNOWN)
    except DecodeError:
        return _text(payload)
    return " ".join(f"{one.path} {one.name}".rstrip() + (f"={one.value}" if one.value else "") for one in found)


def _tlv(payload: bytes, path: Path) -> str | None:
    try:
        return " ".join(_entries(tlv.decode(payload), path))
    except DecodeError:
        return None


def _entries(entries: tuple[tlv.TlvEntry, ...], path: Path) -> Iterator[str]:
    """``Manufacturer=Quectel``, ``Available Power Sources[0]=1``, ``/1/0 Lifetime=86400``."""
    for entry in entries:
        if entry.kind is TlvKind.OBJECT_INSTANCE:
            here = Path((*path[:1], entry.id))
            yield f"{here}:"
            yield from _entries(entry.entries, here)
        elif entry.kind is TlvKind.RESOURCE_INSTANCE:
            yield f"[{entry.id}]={_value(path, entry.value)}"
        else:
            here = Path((*path[:2], entry.id)) if len(path) > 1 else Path((entry.id,))
            values = entry.entries or (entry,)
            shown = "+".join(_value(here, each.value) for each in values if each.value or not entry.entries)
            yield f"{_name(here)}={shown}"


def _name(path: Path) -> str:
    row = row_at(path, KNOWN) if len(path) == 3 else None
    return row.name if row is not None else str(path[-1])


def _value(path: Path, data: bytes) -> str:
    if is_key(path):
        return MASK
    known = type_at(path, KNOWN)
    try:
        value: Value = decode_value(known, data)
    except DecodeError:
        value = data
    if isinstance(value, bytes):
        text = _text(value) if known in (ResourceType.OPAQUE, ResourceType.NONE) else None
        return text if text is not None else f"0x{value.hex()}"
    return str(value)
