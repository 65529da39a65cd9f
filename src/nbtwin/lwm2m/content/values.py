"""One value in each data type, as TLV bytes and as text (LwM2M 1.0 TS, appendix C). Knows no path and no format."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from typing import cast

from nbtwin.foreign import detail_of
from nbtwin.lwm2m.content.refusals import ContentError, ContentRefusal
from nbtwin.lwm2m.model import ObjectLink, ResourceType, Value

_INTEGER_SIZES = (1, 2, 4, 8)
_INTEGER = re.compile(r"[+-]?[0-9]+")
_UNSIGNED = re.compile(r"\+?[0-9]+")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
"""As appendix C writes them: Python reads more than that (1_000, digits of any script, nan)."""


def encode_value(type_: ResourceType, value: Value) -> bytes:
    """A value's bytes in TLV or opaque form (1.0 TS, appendix C)."""
    match type_:
        case ResourceType.STRING | ResourceType.CORELNK:
            return str(value).encode()
        case ResourceType.INTEGER | ResourceType.TIME:
            return _encode_integer(int(cast(int, value)))
        case ResourceType.UNSIGNED:
            return _encode_unsigned(int(cast(int, value)))
        case ResourceType.FLOAT:
            return _encode_float(float(cast(float, value)))
        case ResourceType.BOOLEAN:
            return b"\x01" if value else b"\x00"
        case ResourceType.OBJLNK:
            return struct.pack(">HH", *cast(ObjectLink, value))
        case _:
            return value.encode() if isinstance(value, str) else bytes(cast(bytes, value))


def _encode_integer(value: int) -> bytes:
    for size in _INTEGER_SIZES:
        if -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1:
            return value.to_bytes(size, "big", signed=True)
    raise ValueError(f"{value} does not fit into 64 bits")


def _encode_unsigned(value: int) -> bytes:
    """TS Core 1.1, appendix C: without a sign, in 1, 2, 4 or 8 bytes."""
    for size in _INTEGER_SIZES:
        if 0 <= value < 1 << 8 * size:
            return value.to_bytes(size, "big")
    raise ValueError(f"{value} does not fit into 64 bits without a sign")


def _encode_float(value: float) -> bytes:
    """The shorter form where it loses nothing."""
    try:
        short = struct.pack(">f", value)
    except OverflowError:
        return struct.pack(">d", value)
    return short if struct.unpack(">f", short)[0] == value else struct.pack(">d", value)


def decode_value(type_: ResourceType, data: bytes) -> Value:
    """The value of a resource's type. ContentError where the bytes are none."""
    match type_:
        case ResourceType.STRING | ResourceType.CORELNK:
            return _decode_utf8(data)
        case ResourceType.INTEGER | ResourceType.TIME | ResourceType.UNSIGNED:
            if len(data) not in _INTEGER_SIZES:
                raise ContentError(ContentRefusal.VALUE_LENGTH, type=type_.value, length=len(data))
            return int.from_bytes(data, "big", signed=type_ is not ResourceType.UNSIGNED)
        case ResourceType.FLOAT:
            if len(data) not in (4, 8):
                raise ContentError(ContentRefusal.VALUE_LENGTH, type=type_.value, length=len(data))
            return cast(float, struct.unpack(">f" if len(data) == 4 else ">d", data)[0])
        case ResourceType.BOOLEAN:
            if data not in (b"\x00", b"\x01"):
                raise ContentError(ContentRefusal.VALUE_TYPE, value=f"0x{data[:8].hex()}", type=type_.value)
            return data == b"\x01"
        case ResourceType.OBJLNK:
            if len(data) != 4:
                raise ContentError(ContentRefusal.VALUE_LENGTH, type=type_.value, length=len(data))
            return ObjectLink(*struct.unpack(">HH", data))
        case _:
            return data


def _decode_utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ContentError(ContentRefusal.NO_UTF8, detail=detail_of(error)) from None


def format_value(type_: ResourceType, value: Value) -> str:
    """As plain text; opaque values as base64."""
    match type_:
        case ResourceType.BOOLEAN:
            return "1" if value else "0"
        case ResourceType.FLOAT:
            return repr(float(cast(float, value)))
        case ResourceType.OPAQUE:
            return base64.b64encode(encode_value(type_, value)).decode()
        case _:
            return str(value)


def parse_value(type_: ResourceType, text: str) -> Value:
    """The value of a resource's type from text. ContentError where the text is none."""
    try:
        match type_:
            case ResourceType.INTEGER | ResourceType.TIME:
                return _in_64_bits(int(_of_form(_INTEGER, text)))
            case ResourceType.UNSIGNED:
                return _in_64_bits(int(_of_form(_UNSIGNED, text)), signed=False)
            case ResourceType.FLOAT:
                return float(_of_form(_FLOAT, text))
            case ResourceType.BOOLEAN:
                return {"0": False, "1": True}[text]
            case ResourceType.OBJLNK:
                object_id, instance_id = text.split(":")
                numbers = (int(_of_form(_INTEGER, part)) for part in (object_id, instance_id))
                return ObjectLink(*map(_in_16_bits, numbers))
            case ResourceType.OPAQUE:
                return base64.b64decode(text, validate=True)
            case _:
                return text
    except (ValueError, KeyError, binascii.Error):
        raise ContentError(ContentRefusal.VALUE_TYPE, value=repr(text[:40]), type=type_.value) from None


def parse_link(text: str) -> ObjectLink:
    """As SenML and LwM2M CBOR write it: "66:0"."""
    try:
        return cast(ObjectLink, parse_value(ResourceType.OBJLNK, text))
    except ContentError:
        raise ContentError(ContentRefusal.NO_LINK, value=text[:40]) from None


def _of_form(form: re.Pattern[str], text: str) -> str:
    if form.fullmatch(text) is None:
        raise ValueError(text)
    return text


def fits_64_bits(value: int | float) -> bool:
    return -(1 << 63) <= value < 1 << 63


def _in_64_bits(value: int, *, signed: bool = True) -> int:
    if not (fits_64_bits(value) if signed else 0 <= value < 1 << 64):
        raise ValueError(value)
    return value


def _in_16_bits(value: int) -> int:
    if not 0 <= value <= 0xFFFF:
        raise ValueError(value)
    return value
