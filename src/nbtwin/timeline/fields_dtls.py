"""The fields of DTLS records: headers, handshake messages and what is in them, alerts, and what is protected.

RFC 6347 4.1 and 4.2.2, RFC 5246 7.4, RFC 9146 4. Knows the layout; no key, no state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nbtwin.dtls.messages import HEADER as HANDSHAKE_HEADER
from nbtwin.dtls.messages import TITLES
from nbtwin.dtls.numbers import ContentType, ExtensionType, HandshakeType, alert_name
from nbtwin.dtls.offers import suite_name
from nbtwin.dtls.parsing import ByteReader
from nbtwin.dtls.record import HEADER, is_client_hello
from nbtwin.engine import DecodeError
from nbtwin.timeline.field import DecodedField, Fields, Undecoded, shown
from nbtwin.timeline.refusals import why

CONTENT_TYPES: Mapping[int, str] = {
    20: "ChangeCipherSpec", 21: "Alert", 22: "Handshake", 23: "ApplicationData", 25: "tls12_cid",
}  # fmt: skip
VERSIONS: Mapping[bytes, str] = {b"\xfe\xff": "DTLS 1.0", b"\xfe\xfd": "DTLS 1.2"}  # RFC 6347 4.1
_LONGEST_CID = 32
_EXTENSIONS: Mapping[int, tuple[str, str]] = {
    ExtensionType.ENCRYPT_THEN_MAC: ("encrypt_then_mac", "RFC 7366 2"),
    ExtensionType.EXTENDED_MASTER_SECRET: ("extended_master_secret", "RFC 7627 5.1"),
    ExtensionType.CONNECTION_ID: ("connection_id", "RFC 9146 3"),
    ExtensionType.RENEGOTIATION_INFO: ("renegotiation_info", "RFC 5746 3.2"),
}


class _Walk:
    """Over the bytes from ``start`` on, giving a field for each part; a lack of bytes is a DecodeError."""

    def __init__(self, data: bytes, start: int) -> None:
        self._reader, self._start = ByteReader(data), start

    @property
    def at(self) -> int:
        return self._start + self._reader.at

    @property
    def left(self) -> int:
        return self._reader.left

    def fixed(self, name: str, size: int, source: str, say: Callable[[bytes], str] = bytes.hex) -> DecodedField:
        start = self.at
        return DecodedField(start, start + size, name, say(self._reader.take(size)), source)

    def vector(self, name: str, width: int, source: str, say: Callable[[bytes], str] = bytes.hex) -> DecodedField:
        """With its length in front."""
        start = self.at
        value = self._reader.vector(width)
        return DecodedField(start, self.at, name, say(value) or "empty", source)


def record_fields(data: bytes) -> Fields:
    at = 0
    while at < len(data):
        cid = _cid_length(data, at) if data[at] == ContentType.TLS12_CID else 0
        body = at + HEADER + cid
        end = body + int.from_bytes(data[body - 2 : body], "big")
        if (
            data[at] not in CONTENT_TYPES
            or not (data[at + 1 : at + 3] in VERSIONS or is_client_hello(data, at))
            or body > len(data)
            or end > len(data)
        ):
            yield DecodedField(at, len(data), "", data[at:].hex(), "RFC 6347 4.1", Undecoded.NOT_READABLE)
            return
        yield from _header(data, at, cid)
        epoch = int.from_bytes(data[at + 3 : at + 5], "big")
        if epoch or data[at] == ContentType.TLS12_CID:
            yield DecodedField(
                body, end, "protected", f"{end - body} bytes", "RFC 6655 3 · RFC 5288 3 · RFC 5487 · D16"
            )
        else:
            yield from _plain(data[at], data[body:end], body)
        at = end


def _header(data: bytes, at: int, cid: int) -> Fields:
    number = int.from_bytes(data[at + 5 : at + 11], "big")
    length = at + 11 + cid
    yield DecodedField(at, at + 1, "DTLS record", CONTENT_TYPES[data[at]], "RFC 6347 4.1")
    yield DecodedField(at + 1, at + 3, "  version", _version(data[at + 1 : at + 3]), "RFC 6347 4.1")
    yield DecodedField(at + 3, at + 5, "  epoch", str(int.from_bytes(data[at + 3 : at + 5], "big")), "RFC 6347 4.1")
    yield DecodedField(at + 5, at + 11, "  sequence number", str(number), "RFC 6347 4.1")
    if cid:
        yield DecodedField(at + 11, length, "  Connection ID", data[at + 11 : length].hex(), "RFC 9146 4")
    yield DecodedField(
        length, length + 2, "  length", str(int.from_bytes(data[length : length + 2], "big")), "RFC 6347 4.1"
    )


def _cid_length(data: bytes, at: int) -> int:
    """No record says how long its Connection ID is: the first length with which the record ends where the data do."""
    for cid in range(1, _LONGEST_CID + 1):
        body = at + HEADER + cid
        if body + int.from_bytes(data[body - 2 : body], "big") == len(data):
            return cid
    return 0


def _plain(type_: int, body: bytes, start: int) -> Fields:
    if type_ == ContentType.ALERT and len(body) == 2:
        yield DecodedField(
            start, start + 1, "  level", {1: "warning", 2: "fatal"}.get(body[0], str(body[0])), "RFC 5246 7.2"
        )
        yield DecodedField(start + 1, start + 2, "  description", alert_name(body[1]), "RFC 5246 7.2.2 · RFC 4279 2")
    elif type_ == ContentType.HANDSHAKE:
        yield from _handshakes(body, start)
    elif body:
        name = "  change_cipher_spec" if type_ == ContentType.CHANGE_CIPHER_SPEC else "  content"
        yield DecodedField(start, start + len(body), name, body.hex(), "RFC 5246 7.1")


def _handshakes(body: bytes, start: int) -> Fields:
    at = 0
    while at < len(body):
        walk = _Walk(body[at:], start + at)
        try:
            yield from _handshake_head(walk)
        except DecodeError as error:
            cut, end = Undecoded.HANDSHAKE_CUT, start + len(body)
            yield DecodedField(start + at, end, "  ", "", "RFC 6347 4.2.2", cut, why(error))
            return
        whole = int.from_bytes(body[at + 1 : at + 4], "big")
        size = int.from_bytes(body[at + 9 : at + 12], "big")
        here = at + HANDSHAKE_HEADER
        fragment = body[here : here + size]
        if len(fragment) == whole:
            yield from _message(body[at], fragment, start + here)
        elif fragment:
            yield DecodedField(
                start + here, start + here + len(fragment), "    fragment", fragment.hex(), "RFC 6347 4.2.3"
            )
        at = here + size


def _handshake_head(walk: _Walk) -> Fields:
    def number(raw: bytes) -> str:
        return str(int.from_bytes(raw, "big"))

    def title(raw: bytes) -> str:
        return TITLES.get(raw[0], f"handshake message {raw[0]}")

    yield walk.fixed("  handshake", 1, "RFC 5246 7.4", title)
    yield walk.fixed("    length", 3, "RFC 6347 4.2.2", number)
    yield walk.fixed("    message_seq", 2, "RFC 6347 4.2.2", number)
    yield walk.fixed("    fragment_offset", 3, "RFC 6347 4.2.2", number)
    yield walk.fixed("    fragment_length", 3, "RFC 6347 4.2.2", number)


def _message(type_: int, body: bytes, start: int) -> Fields:
    walk = _Walk(body, start)
    read = _BODIES.get(type_)
    try:
        if read is not None:
            yield from read(walk)
        if walk.left:
            yield walk.fixed("    content", walk.left, "RFC 5246 7.4")
    except DecodeError as error:
        end = start + len(body)
        yield DecodedField(walk.at, end, "    ", "", "RFC 5246 7.4", Undecoded.NOT_READABLE, why(error))


def _version(raw: bytes) -> str:
    return VERSIONS.get(raw, raw.hex())


def _suites(raw: bytes) -> str:
    numbers = [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
    return ", ".join(map(suite_name, numbers))


def _client_hello(walk: _Walk) -> Fields:
    yield walk.fixed("    client_version", 2, "RFC 6347 4.2.1", _version)
    yield walk.fixed("    random", 32, "RFC 5246 7.4.1.2")
    yield walk.vector("    session_id", 1, "RFC 5246 7.4.1.2")
    yield walk.vector("    cookie", 1, "RFC 6347 4.2.1")
    yield walk.vector("    cipher_suites", 2, "RFC 5246 7.4.1.2 · RFC 6655 4 · RFC 5487 2", _suites)
    yield walk.vector("    compression_methods", 1, "RFC 5246 7.4.1.2")
    yield from _extensions(walk)


def _server_hello(walk: _Walk) -> Fields:
    yield walk.fixed("    server_version", 2, "RFC 5246 7.4.1.3", _version)
    yield walk.fixed("    random", 32, "RFC 5246 7.4.1.3")
    yield walk.vector("    session_id", 1, "RFC 5246 7.4.1.3")
    yield walk.fixed("    cipher_suite", 2, "RFC 5246 7.4.1.3 · RFC 6655 4 · RFC 5487 2", _suites)
    yield walk.fixed("    compression_method", 1, "RFC 5246 7.4.1.3")
    yield from _extensions(walk)


def _extensions(walk: _Walk) -> Fields:
    if not walk.left:
        return
    yield walk.fixed("    extensions", 2, "RFC 5246 7.4.1.4", lambda raw: f"{int.from_bytes(raw, 'big')} bytes")
    while walk.left:
        number = walk.fixed("", 2, "")
        name, source = _EXTENSIONS.get(
            int(number.value, 16), (f"extension {int(number.value, 16)}", "RFC 5246 7.4.1.4")
        )
        yield walk.vector(f"      {name}", 2, source)._replace(start=number.start)


def _verify_request(walk: _Walk) -> Fields:
    yield walk.fixed("    server_version", 2, "RFC 6347 4.2.1", _version)
    yield walk.vector("    cookie", 1, "RFC 6347 4.2.1")


def _hint(walk: _Walk) -> Fields:
    yield walk.vector("    psk_identity_hint", 2, "RFC 4279 2", shown)


def _identity(walk: _Walk) -> Fields:
    yield walk.vector("    psk_identity", 2, "RFC 4279 2 · DOC-E 3.3", shown)


_BODIES: Mapping[int, Callable[[_Walk], Fields]] = {
    HandshakeType.CLIENT_HELLO: _client_hello,
    HandshakeType.HELLO_VERIFY_REQUEST: _verify_request,
    HandshakeType.SERVER_HELLO: _server_hello,
    HandshakeType.SERVER_KEY_EXCHANGE: _hint,
    HandshakeType.CLIENT_KEY_EXCHANGE: _identity,
}
