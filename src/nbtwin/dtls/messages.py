"""The handshake messages of DTLS 1.2 with PSK: bytes to dataclasses and back. Knows no state, no key, no record.

RFC 5246 7.4 (bodies), RFC 6347 4.2.2 and 4.3.2 (header, cookie), RFC 4279 2 (PSK).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import pack, unpack
from typing import NamedTuple

from nbtwin.dtls.numbers import DTLS_1_2, HandshakeType
from nbtwin.dtls.reading import Reader, vector
from nbtwin.engine import DecodeError

HEADER = 12
"""Bytes of a handshake header: type, length, message_seq, fragment_offset, fragment_length."""
MAX_EXTENSIONS = 64
TITLES = {int(each): each.title for each in HandshakeType}
MAX_IDENTITY = 128
"""RFC 4279 5.3 asks for support of identities up to 128 octets; longer ones are refused."""
MAX_KEY = 64
"""RFC 4279 5.3 asks for support of keys up to 64 octets."""


class Message(NamedTuple):
    """One whole handshake message, as it stands in the transcript and in a flight."""

    type: int
    seq: int
    body: bytes

    def encode(self) -> bytes:
        """As if it had been sent in one fragment: what the transcript hashes (RFC 6347 4.2.6)."""
        return self.fragment(0, len(self.body))

    def fragment(self, offset: int, length: int) -> bytes:
        """Type, length of the whole, message_seq, offset, length of this: 1, 3, 2, 3 and 3 bytes."""
        type_, seq, body = self
        head = type_ << 88 | len(body) << 64 | seq << 48 | offset << 24 | length
        return head.to_bytes(HEADER, "big") + body[offset : offset + length]

    @property
    def title(self) -> str:
        return TITLES[self.type]


@dataclass(frozen=True, slots=True)
class ClientHello:
    random: bytes
    session_id: bytes = b""
    cookie: bytes = b""
    cipher_suites: tuple[int, ...] = ()
    compression_methods: bytes = b"\0"
    extensions: Mapping[int, bytes] = field(default_factory=dict)
    version: int = DTLS_1_2

    def encode(self) -> bytes:
        return b"".join(
            (
                self.version.to_bytes(2, "big"),
                self.random,
                vector(1, self.session_id),
                vector(1, self.cookie),
                vector(2, pack(f">{len(self.cipher_suites)}H", *self.cipher_suites)),
                vector(1, self.compression_methods),
                _encode_extensions(self.extensions),
            )
        )

    @classmethod
    def decode(cls, body: bytes) -> ClientHello:
        reader = Reader(body)
        version, random = reader.number(2), reader.take(32)
        session_id, cookie = reader.vector(1, most=32), reader.vector(1)
        suites = reader.vector(2, least=2)
        if len(suites) % 2:
            raise DecodeError("half a cipher suite")
        compression, extensions = reader.vector(1, least=1), _decode_extensions(reader)
        numbers = unpack(f">{len(suites) // 2}H", suites)
        return cls(random, session_id, cookie, numbers, compression, extensions, version)

    def parameters(self) -> bytes:
        """What a ClientHello with a cookie must repeat (RFC 6347 4.2.1), and so what the cookie vouches for."""
        suites = pack(f">{len(self.cipher_suites)}H", *self.cipher_suites)
        head = self.version.to_bytes(2, "big") + self.random
        return head + vector(1, self.session_id) + vector(2, suites) + vector(1, self.compression_methods)


@dataclass(frozen=True, slots=True)
class HelloVerifyRequest:
    cookie: bytes
    version: int

    def encode(self) -> bytes:
        return self.version.to_bytes(2, "big") + vector(1, self.cookie)

    @classmethod
    def decode(cls, body: bytes) -> HelloVerifyRequest:
        reader = Reader(body)
        version, cookie = reader.number(2), reader.vector(1)
        reader.end()
        return cls(cookie, version)


@dataclass(frozen=True, slots=True)
class ServerHello:
    random: bytes
    session_id: bytes
    cipher_suite: int
    extensions: Mapping[int, bytes] = field(default_factory=dict)
    compression_method: int = 0
    version: int = DTLS_1_2

    def encode(self) -> bytes:
        return b"".join(
            (
                self.version.to_bytes(2, "big"),
                self.random,
                vector(1, self.session_id),
                self.cipher_suite.to_bytes(2, "big"),
                self.compression_method.to_bytes(1, "big"),
                _encode_extensions(self.extensions),
            )
        )

    @classmethod
    def decode(cls, body: bytes) -> ServerHello:
        reader = Reader(body)
        version, random, session_id = reader.number(2), reader.take(32), reader.vector(1, most=32)
        suite, compression = reader.number(2), reader.number(1)
        return cls(random, session_id, suite, _decode_extensions(reader), compression, version)


def encode_identity(identity: bytes) -> bytes:
    """The body of ClientKeyExchange, and of ServerKeyExchange where it is the hint (RFC 4279 2)."""
    return vector(2, identity)


def decode_identity(body: bytes) -> bytes:
    reader = Reader(body)
    identity = reader.vector(2, most=MAX_IDENTITY)
    reader.end()
    return identity


def decode_connection_id(extension: bytes, most: int) -> bytes:
    """The value of the connection_id extension (RFC 9146 3)."""
    reader = Reader(extension)
    connection_id = reader.vector(1, most=most)
    reader.end()
    return connection_id


def _encode_extensions(extensions: Mapping[int, bytes]) -> bytes:
    if not extensions:
        return b""  # RFC 5246 7.4.1.2: the block may be left out
    return vector(2, b"".join(_encode_extension(item) for item in extensions.items()))


def _encode_extension(item: tuple[int, bytes]) -> bytes:
    return item[0].to_bytes(2, "big") + vector(2, item[1])


def _decode_extensions(reader: Reader) -> dict[int, bytes]:
    if not reader.left:
        return {}
    block = reader.vector(2)
    reader.end()
    extensions: dict[int, bytes] = {}
    at = 0
    while at < len(block):
        head = int.from_bytes(block[at : at + 4], "big")
        number, start, at = head >> 16, at + 4, at + 4 + (head & 0xFFFF)
        if at > len(block):
            raise DecodeError(f"an extension up to {at}, {len(block)} there")
        if number in extensions:
            raise DecodeError(f"extension {number} twice")
        if len(extensions) == MAX_EXTENSIONS:
            raise DecodeError(f"more than {MAX_EXTENSIONS} extensions")
        extensions[number] = block[start:at]
    return extensions
