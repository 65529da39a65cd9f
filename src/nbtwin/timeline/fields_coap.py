"""The fields of a CoAP message, with their bytes (RFC 7252 3). Knows the layout and what options mean; no payload."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nbtwin.coap.message import Message, decode
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber, dotted
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.path import Path
from nbtwin.timeline.field import DecodedField, Fields, Undecoded, shown
from nbtwin.timeline.fields_payload import Objects, payload_fields
from nbtwin.timeline.refusals import why

O = OptionNumber  # noqa: E741  the table below is read beside the RFCs'
_SOURCES: Mapping[int, str] = {
    O.IF_MATCH: "RFC 7252 5.10.8.1", O.URI_HOST: "RFC 7252 5.10.1", O.ETAG: "RFC 7252 5.10.6",
    O.IF_NONE_MATCH: "RFC 7252 5.10.8.2", O.OBSERVE: "RFC 7641 2", O.URI_PORT: "RFC 7252 5.10.1",
    O.LOCATION_PATH: "RFC 7252 5.10.7", O.URI_PATH: "RFC 7252 5.10.1", O.CONTENT_FORMAT: "RFC 7252 5.10.3",
    O.MAX_AGE: "RFC 7252 5.10.5", O.URI_QUERY: "RFC 7252 5.10.1", O.ACCEPT: "RFC 7252 5.10.4",
    O.LOCATION_QUERY: "RFC 7252 5.10.7", O.BLOCK2: "RFC 7959 2.1", O.BLOCK1: "RFC 7959 2.1", O.SIZE2: "RFC 7959 4",
    O.PROXY_URI: "RFC 7252 5.10.2", O.PROXY_SCHEME: "RFC 7252 5.10.2", O.SIZE1: "RFC 7959 4",
    O.OSCORE: "RFC 8613 2", O.ECHO: "RFC 9175 2.2.1", O.NO_RESPONSE: "RFC 7967 2", O.REQUEST_TAG: "RFC 9175 3.2",
}  # fmt: skip
_NAMES: Mapping[int, str] = {O.ETAG: "ETag", O.OSCORE: "OSCORE"}
_FORMATS: Mapping[int, str] = {
    ContentFormat.TEXT: "text/plain", ContentFormat.LINK_FORMAT: "application/link-format",
    ContentFormat.OCTET_STREAM: "application/octet-stream", ContentFormat.JSON: "application/json",
    ContentFormat.CBOR: "application/cbor", ContentFormat.SENML_JSON: "application/senml+json",
    ContentFormat.SENML_CBOR: "application/senml+cbor", ContentFormat.OLD_LWM2M_TLV: "LwM2M TLV, number of the drafts",
    ContentFormat.OLD_LWM2M_JSON: "LwM2M JSON, number of the drafts",
    ContentFormat.LWM2M_TLV: "application/vnd.oma.lwm2m+tlv",
    ContentFormat.LWM2M_JSON: "application/vnd.oma.lwm2m+json",
}  # fmt: skip
_QUERIES: Mapping[str, tuple[str, str]] = {
    "lwm2m": ("LwM2M version", "LwM2M 1.0 TS 5.3.1"),
    "b": ("binding: U is UDP", "LwM2M 1.0 TS 5.3.1.1"),
    "lt": ("lifetime in seconds", "LwM2M 1.0 TS 5.3.1 · D56"),
    "ep": ("endpoint name", "LwM2M 1.0 TS 5.3.1 · DOC-E 6.1"),
    "epi": ("endpoint name of an update", "CMDMP v2.0"),
}
_NAME_PARTS = (
    ("terminal type", "CMDMP v2.0: I, L, A are types 0, 1, 2"),
    ("identity, encrypted", "CMDMP v2.0: AES-256-CBC, key SHA-256(password)"),
    ("appkey", "DOC-C 2.2.1 · D20"),
    ("IMEI of the terminal", "DOC-C 3.2.2"),
    ("DM version", "CMDMP v2.0"),
)  # fmt: skip
_SEPARATOR = b"@#@"


def message_fields(data: bytes, path: Path, objects: Objects) -> Fields:
    try:
        message = decode(data)
    except DecodeError as error:
        yield DecodedField(0, len(data), "", "", "RFC 7252 3", Undecoded.NOT_COAP, why(error))
        return
    yield from _head(data, message)
    at = 4 + len(message.token)
    previous = 0
    for number, value in message.options:
        end = at + _head_size(data[at]) + len(value)
        yield from _option(at, end, number, number - previous, value)
        at, previous = end, number
    if message.payload:
        yield DecodedField(at, at + 1, "payload marker", "ff", "RFC 7252 3")
        yield from payload_fields(message.payload, at + 1, message.content_format, path, objects)


def _head(data: bytes, message: Message) -> Fields:
    token = message.token
    code = message.code
    title = Code(code).name.replace("_", " ").title() if code in tuple(Code) else ""
    title = title.upper() if 0 < code < 32 else title
    yield DecodedField(0, 1, "Ver · T · TKL", f"1 · {message.type.name} · {len(token)}", "RFC 7252 3")
    yield DecodedField(1, 2, "Code", f"{dotted(code)} {title}".strip(), "RFC 7252 12.1")
    yield DecodedField(2, 4, "Message ID", str(message.message_id), "RFC 7252 4.4")
    if token:
        yield DecodedField(4, 4 + len(token), "Token", token.hex(), "RFC 7252 5.3.1")


def _head_size(first: int) -> int:
    """RFC 7252 3.1: a nibble 13 has one more byte, 14 has two."""
    return 1 + sum({13: 1, 14: 2}.get(nibble, 0) for nibble in (first >> 4, first & 15))


def _option(start: int, end: int, number: int, delta: int, value: bytes) -> Fields:
    if number not in _SOURCES:
        yield DecodedField(start, end, f"option {number}", value.hex(), "RFC 7252 5.4.1")
        return
    name = _NAMES.get(number) or O(number).name.title().replace("_", "-")
    read: Callable[[bytes], str] = _READERS.get(number, shown)
    yield DecodedField(start, end, name, read(value), f"{_SOURCES[number]} · +{delta}" if delta else _SOURCES[number])
    if number == O.URI_QUERY:
        yield from _query(end - len(value), value)


def _query(start: int, value: bytes) -> Fields:
    key, equals, content = value.partition(b"=")
    known = _QUERIES.get(shown(key))
    if not equals or known is None:
        return
    at = start + len(key) + 1
    if _SEPARATOR in content:
        yield from _cmdmp_name(at, content)
        return
    yield DecodedField(at, start + len(value), f"  {known[0]}", shown(content), known[1])


def _cmdmp_name(start: int, name: bytes) -> Fields:
    """docs/spec/wire.md, CMDMP names: type, ciphertext, appkey, IMEI, version; an update may have one part alone."""
    parts = name.split(_SEPARATOR)
    for place, part in enumerate(parts):
        title, source = _NAME_PARTS[place] if place < len(_NAME_PARTS) else ("more", "CMDMP v2.0")
        yield DecodedField(start, start + len(part), f"  {title}", shown(part), source)
        start += len(part) + len(_SEPARATOR)


def _uint(value: bytes) -> str:
    return str(int.from_bytes(value, "big"))


def _format(value: bytes) -> str:
    number = int.from_bytes(value, "big")
    return f"{number} {_FORMATS.get(number, '')}".strip()


def _block(value: bytes) -> str:
    number = int.from_bytes(value, "big")
    return f"{number >> 4} · {'more' if number >> 3 & 1 else 'last'} · {16 << (number & 7)} bytes"


_READERS: Mapping[int, Callable[[bytes], str]] = {
    **dict.fromkeys((O.OBSERVE, O.URI_PORT, O.MAX_AGE, O.SIZE1, O.SIZE2, O.NO_RESPONSE), _uint),
    **dict.fromkeys((O.ETAG, O.IF_MATCH, O.ECHO, O.REQUEST_TAG, O.OSCORE), bytes.hex),
    **dict.fromkeys((O.CONTENT_FORMAT, O.ACCEPT), _format),
    **dict.fromkeys((O.BLOCK1, O.BLOCK2), _block),
}
