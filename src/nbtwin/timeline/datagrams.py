"""One datagram as one readable line: CoAP decoded, DTLS records named, anything else as hex.

Knows the layout of CoAP messages and the first bytes of a DTLS record; knows no operator and no key.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from nbtwin.coap.message import Message, decode
from nbtwin.coap.numbers import Code, dotted
from nbtwin.engine import DecodeError
from nbtwin.timeline.wording import printable

_DTLS = {20: "ChangeCipherSpec", 21: "Alert", 22: "Handshake", 23: "ApplicationData", 25: "ConnectionID"}  # RFC 9146
_PREVIEW = 100


def describe_datagram(data: bytes) -> tuple[str, dict[str, Any]]:
    """The line and its parts; never raises."""
    if len(data) >= 13 and data[0] in _DTLS and data[1] == 0xFE:  # RFC 6347 4.1: versions are 254.255 and 254.253
        name = _DTLS[data[0]]
        return f"DTLS {name}, {len(data)} bytes", {"protocol": "dtls", "record": name, "length": len(data)}
    try:
        text, detail = _describe_coap(decode(data), len(data))
        return printable(text), detail
    except DecodeError as error:
        preview = data[:16].hex() + ("…" if len(data) > 16 else "")
        return f"{len(data)} bytes, not CoAP ({error}): {preview}", {"protocol": "unknown", "length": len(data)}


def _describe_coap(message: Message, length: int) -> tuple[str, dict[str, Any]]:
    code = _code(message.code)
    parts = [message.type.name, code if message.code else "empty", _target(message)]
    if message.location:
        parts.append("location " + "/".join(message.location))
    if message.observe is not None:
        parts.append(f"observe {message.observe}")
    parts += [_block(message, number, name) for number, name in ((27, "block1"), (23, "block2"))]
    parts += [_payload(message.payload), f"mid {message.message_id}"]
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


def _payload(payload: bytes) -> str:
    if not payload:
        return ""
    text = _text(payload)
    if text is None:
        return f"[{len(payload)} bytes]"
    return f"«{text}»" if len(text) <= _PREVIEW else f"«{text[:_PREVIEW]}…» [{len(payload)} bytes]"


def _text(payload: bytes) -> str | None:
    """Printable text; base64 of a JSON object (Telecom and Unicom, wire.md) as that JSON."""
    try:
        if payload.startswith(b"ey"):
            payload = base64.b64decode(payload, validate=True)
        text = payload.decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text if text.isprintable() else None
