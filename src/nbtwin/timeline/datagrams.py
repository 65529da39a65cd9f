"""One datagram as one readable line: LwM2M and CoAP decoded, DTLS flights named, anything else as hex.

Names are those of the standards in every language; what is said beside them is in the reader's.

Knows how messages are put into words; knows no operator, and of keys only what a trace has made of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any

from nbtwin.coap.message import Message, decode
from nbtwin.coap.numbers import COAP_PORT, COAPS_PORT, Code, dotted
from nbtwin.engine import Address, DecodeError
from nbtwin.lwm2m.path import Path
from nbtwin.timeline.catalogue import Phrase, words
from nbtwin.timeline.dtls_trace import DtlsTrace, Seen
from nbtwin.timeline.field import text_of
from nbtwin.timeline.host_data import preview
from nbtwin.timeline.keylog import KeyLog
from nbtwin.timeline.operations import Context, name
from nbtwin.timeline.payloads import describe_payload
from nbtwin.timeline.plain import printable
from nbtwin.timeline.refusals import why

_NOWHERE: Address = ("", 0)
_CODES = frozenset(map(int, Code))


class Said(Phrase):
    ANSWER = "datagram-answer"  # operation
    NOT_COAP = "datagram-not-coap"  # length, why, preview
    OF_SOCKET = "datagram-of-socket"  # length, preview
    OF_STREAM = "segment-of-stream"  # length, preview
    REST = "datagram-rest-not-readable"  # why


def describe_datagram(data: bytes, language: str = "en") -> tuple[str, dict[str, Any]]:
    """The line and its parts, of a datagram out of any context; never raises."""
    if (seen := DtlsTrace(KeyLog()).read(_NOWHERE, _NOWHERE, data)) is not None:
        return describe_dtls(seen, (), len(data), language)
    return describe_message(data, None, language)


def speaks_coap(data: bytes, peer_port: int) -> bool:
    """Whether a host's own datagram is to be read as CoAP: at its ports whatever it is, elsewhere where it is nothing
    that may be text, which often has the bits of a CoAP message."""
    if peer_port in (COAP_PORT, COAPS_PORT):
        return True
    if text_of(data.rstrip(b"\r\n")) is not None:
        return False
    try:
        return decode(data).code in _CODES
    except DecodeError:
        return False


def describe_host_data(data: bytes, language: str = "en") -> tuple[str, dict[str, Any]]:
    """A datagram of a socket that a host has opened, with a protocol of its own."""
    said = words(Said.OF_SOCKET, language, length=len(data), preview=preview(data))
    return said, {"protocol": "udp", "length": len(data)}


def describe_message(data: bytes, context: Context | None = None, language: str = "en") -> tuple[str, dict[str, Any]]:
    """A CoAP message, after the name of the LwM2M operation that it serves."""
    try:
        message = decode(data)
    except DecodeError as error:
        preview = data[:16].hex() + ("…" if len(data) > 16 else "")
        fields = {"length": len(data), "why": why(error), "preview": preview}
        return words(Said.NOT_COAP, language, **fields), {"protocol": "unknown", "length": len(data)}
    operation = name(message, context)
    text, detail = _describe_coap(message, len(data), operation.path if operation is not None else None)
    if operation is not None:
        title = _answer(language, operation.answers) if operation.answers else operation.name
        text, detail["operation"] = f"{title}: {text}", operation.name
    return printable(text), detail


@cache
def _answer_title(language: str) -> tuple[str, str]:
    """What stands before the operation and behind it: thousands of answers are worded."""
    before, _, after = words(Said.ANSWER, language, operation="@").partition("@")
    return before, after


def _answer(language: str, operation: str) -> str:
    before, after = _answer_title(language)
    return f"{before}{operation}{after}"


def describe_dtls(
    seen: Seen, inside: Sequence[tuple[str, dict[str, Any]]], length: int, language: str = "en"
) -> tuple[str, dict[str, Any]]:
    """What is inside, where it could be read; else flight and messages by name, or the records' kinds."""
    dtls: dict[str, Any] = {
        "records": seen.titles,
        "flight": seen.flight,
        "decrypted": not seen.unread,
        "length": length,
    }
    if seen.trouble is not None:
        dtls["trouble"] = seen.trouble
    if inside and not seen.unread and seen.trouble is None:
        text = " + ".join(text for text, _ in inside)
        return f"DTLS  {text}", inside[0][1] | {"dtls": dtls}
    detail = {"protocol": "dtls", "record": seen.titles[0] if seen.titles else "", "length": length, "dtls": dtls}
    said = [title for title, _ in groupby(seen.titles)]
    if seen.trouble is not None:
        said.append(words(Said.REST, language, why=seen.trouble))
    titles = printable(", ".join(said))
    if seen.flight is None:
        return f"DTLS {titles}, {length} bytes", detail
    return f"DTLS flight {seen.flight}: {titles}", detail


def _describe_coap(message: Message, length: int, path: Path | None) -> tuple[str, dict[str, Any]]:
    code = _code(message.code)
    parts = [message.type.name, code if message.code else "empty", _target(message)]
    if location := message.location:
        parts.append("location " + "/".join(location))
    if (observe := message.observe) is not None:
        parts.append(f"observe {observe}")
    parts += [_block(message, number, name) for number, name in ((27, "block1"), (23, "block2"))]
    parts += [describe_payload(message.payload, message.content_format, path), f"mid {message.message_id}"]
    if message.token:
        parts.append(f"token {message.token.hex()}")
    detail: dict[str, Any] = {
        "protocol": "coap",
        "type": message.type.name,
        "code": dotted(message.code),
        "message_id": message.message_id,
        "token": message.token.hex(),
        "path": list(message.path),
        "query": list(message.query),
        "length": length,
    }
    return " ".join(part for part in parts if part), detail


@cache
def _code(code: int) -> str:
    if 0 < code < 32:
        return Code(code).name if code in tuple(Code) else dotted(code)
    return f"{dotted(code)} {Code(code).name}" if code in tuple(Code) else dotted(code)


def _target(message: Message) -> str:
    if not 0 < message.code < 32:
        return ""
    query = "?" + "&".join(message.query) if message.query else ""
    return f"{message.host or ''}/{'/'.join(message.path)}{query}"


def _block(message: Message, number: int, name: str) -> str:
    value = message.uint(number)
    return "" if value is None else f"{name} {value >> 4}/{value >> 3 & 1}/{16 << (value & 7)}"  # RFC 7959 2.2
