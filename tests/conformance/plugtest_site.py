"""The resources that the CoAP plugtests ask of a server, and a codec of the tests' own: it shares no code with ours."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

CON, NON, ACK, RST = range(4)
GET, POST, PUT, DELETE = 1, 2, 3, 4
CREATED, DELETED, VALID, CHANGED, CONTENT, CONTINUE = 65, 66, 67, 68, 69, 95
BAD_OPTION, NOT_FOUND, NOT_ALLOWED, NOT_ACCEPTABLE, PRECONDITION_FAILED = 130, 132, 133, 134, 140
IF_MATCH, ETAG, IF_NONE_MATCH, OBSERVE, LOCATION_PATH, URI_PATH = 1, 4, 5, 6, 8, 11
CONTENT_FORMAT, URI_QUERY, ACCEPT, LOCATION_QUERY, BLOCK2, BLOCK1 = 12, 15, 17, 20, 23, 27
TEXT, LINKS, XML = 0, 40, 41

LARGE = b"".join(b"%04d" % number for number in range(400))  # 1600 bytes
Options = tuple[tuple[int, bytes], ...]


@dataclass(frozen=True)
class Raw:
    """A message as RFC 7252 3 has it."""

    type: int
    code: int
    id: int
    token: bytes = b""
    options: Options = ()
    payload: bytes = b""

    def all(self, number: int) -> list[bytes]:
        return [value for found, value in self.options if found == number]

    def uint(self, number: int) -> int | None:
        values = self.all(number)
        return int.from_bytes(values[0], "big") if values else None

    def block(self, number: int) -> tuple[int, bool, int] | None:
        """Number, more, size."""
        value = self.uint(number)
        return None if value is None else (value >> 4, bool(value & 8), 16 << (value & 7))


def uint(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def block(number: int, more: bool, size: int) -> bytes:
    return uint(number << 4 | more << 3 | size.bit_length() - 5)


def path(text: str) -> Options:
    return tuple((URI_PATH, part.encode()) for part in text.strip("/").split("/"))


def write(message: Raw) -> bytes:
    out = bytearray(struct.pack("!BBH", 0x40 | message.type << 4 | len(message.token), message.code, message.id))
    out += message.token
    last = 0
    for number, value in sorted(message.options, key=lambda option: option[0]):
        delta, length = _nibble(number - last), _nibble(len(value))
        out.append(delta[0] << 4 | length[0])
        out += delta[1] + length[1] + value
        last = number
    return bytes(out) + (b"\xff" + message.payload if message.payload else b"")


def _nibble(value: int) -> tuple[int, bytes]:
    if value < 13:
        return value, b""
    return (13, bytes([value - 13])) if value < 269 else (14, struct.pack("!H", value - 269))


def read(data: bytes) -> Raw:
    first, code, id = struct.unpack_from("!BBH", data)
    assert first >> 6 == 1
    at, number, found = 4 + (first & 15), 0, []
    token = data[4:at]
    while at < len(data) and data[at] != 255:
        delta, length = data[at] >> 4, data[at] & 15
        delta, at = _extended(data, at + 1, delta)
        length, at = _extended(data, at, length)
        number += delta
        found.append((number, data[at : at + length]))
        at += length
    return Raw(first >> 4 & 3, code, id, token, tuple(found), data[at + 1 :])


def _extended(data: bytes, at: int, nibble: int) -> tuple[int, int]:
    if nibble == 13:
        return data[at] + 13, at + 1
    return (struct.unpack_from("!H", data, at)[0] + 269, at + 2) if nibble == 14 else (nibble, at)


@dataclass
class Site:
    """What is answered to a request: code, options, body. ``written`` says what arrived."""

    written: dict[str, bytes] = field(default_factory=dict)
    value: bytes = b"first"
    links: bytes = b""

    def answer(
        self, code: int, where: str, options: Iterable[tuple[int, bytes]], body: bytes
    ) -> tuple[int, Options, bytes]:
        found = list(options)
        text = ((CONTENT_FORMAT, uint(TEXT)),)
        if code == GET and where in ("test", "seg1/seg2/seg3", "separate"):
            return CONTENT, text, b"found " + where.encode()
        if code == GET and where == "query":
            return CONTENT, text, b"&".join(value for number, value in found if number == URI_QUERY)
        if code == GET and where in ("large", "large-update"):
            return CONTENT, text, self.written.get(where, LARGE)
        if code == GET and where == "multi-format":
            return self._in_format([value for number, value in found if number == ACCEPT])
        if where in ("validate", "create1"):
            return self._conditional(where, code, found, body)
        if code in (PUT, POST) and where in ("test", "large-update", "large-create", "large-post", "location-query"):
            self.written[where] = body
            return self._written(where, code, body)
        if code == DELETE and where == "test":
            self.written[where] = b""
            return DELETED, (), b""
        return NOT_FOUND, (), b""

    @staticmethod
    def _in_format(accept: list[bytes]) -> tuple[int, Options, bytes]:
        if accept in ([], [b""]):
            return CONTENT, ((CONTENT_FORMAT, uint(TEXT)),), b"text"
        if accept == [uint(XML)]:
            return CONTENT, ((CONTENT_FORMAT, uint(XML)),), b"<text/>"
        return NOT_ACCEPTABLE, (), b""

    def _conditional(
        self, where: str, code: int, found: list[tuple[int, bytes]], body: bytes
    ) -> tuple[int, Options, bytes]:
        if where == "create1":
            exists = where in self.written
            if exists and any(number == IF_NONE_MATCH for number, _ in found):
                return PRECONDITION_FAILED, (), b""
            self.written[where] = body
            return CHANGED if exists else CREATED, (), b""
        tag = b"e" + self.value[:7]
        if code == GET and (ETAG, tag) in found:
            return VALID, ((ETAG, tag),), b""
        if code == GET:
            return CONTENT, ((ETAG, tag),), self.value
        wanted = [value for number, value in found if number == IF_MATCH]
        if wanted and tag not in wanted:
            return PRECONDITION_FAILED, (), b""
        self.value = body
        return CHANGED, (), b""

    @staticmethod
    def _written(where: str, code: int, body: bytes) -> tuple[int, Options, bytes]:
        if code == PUT or where == "large-post":
            return CHANGED, (), body[::-1] if where == "large-post" else b""
        if where == "location-query":
            return CREATED, ((LOCATION_QUERY, b"first=1"), (LOCATION_QUERY, b"second=2")), b""
        made = (b"large-create", b"1") if where == "large-create" else (b"location1", b"location2", b"location3")
        return CREATED, tuple((LOCATION_PATH, part) for part in made), b""
