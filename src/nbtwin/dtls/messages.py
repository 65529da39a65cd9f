"""The handshake messages of DTLS 1.2 with PSK: bytes to structures and back. Knows no state, no key, no record.

RFC 5246 7.4 (bodies), RFC 6347 4.2.2 and 4.3.2 (header, cookie), RFC 4279 2 (PSK).
"""

from __future__ import annotations

from collections.abc import Mapping
from struct import pack, unpack

import msgspec

from nbtwin.dtls.numbers import DTLS_1_2, HandshakeType
from nbtwin.dtls.parsing import ByteReader, vector
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal

HEADER = 12
"""Bytes of a handshake header: type, length, message_seq, fragment_offset, fragment_length."""
MAX_EXTENSIONS = 64
TITLES = {int(each): each.title for each in HandshakeType}
MAX_IDENTITY = 128
"""RFC 4279 5.3 asks for support of identities up to 128 octets; longer ones are refused."""
MAX_KEY = 64
"""RFC 4279 5.3 asks for support of keys up to 64 octets."""


class HandshakeMessage(msgspec.Struct, frozen=True, gc=False):
    """One whole handshake message, as it stands in the transcript and in a flight."""

    type: int
    seq: int
    body: bytes

    def encode(self) -> bytes:
        """As if it had been sent in one fragment: what the transcript hashes (RFC 6347 4.2.6)."""
        return self.fragment(0, len(self.body))

    def fragment(self, offset: int, length: int) -> bytes:
        """Type, length of the whole, message_seq, offset, length of this: 1, 3, 2, 3 and 3 bytes."""
        body = self.body
        head = self.type << 88 | len(body) << 64 | self.seq << 48 | offset << 24 | length
        return head.to_bytes(HEADER, "big") + body[offset : offset + length]

    @property
    def title(self) -> str:
        return TITLES[self.type]


class ClientHello(msgspec.Struct, frozen=True, gc=False):
    random: bytes
    session_id: bytes = b""
    cookie: bytes = b""
    cipher_suites: tuple[int, ...] = ()
    compression_methods: bytes = b"\0"
    extensions: Mapping[int, bytes] = msgspec.field(default_factory=dict)
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
        session_end, cookie_end, suites_end, end = _hello_parts(body)
        suites = body[cookie_end + 2 : suites_end]
        return cls(
            body[2:34],
            body[35:session_end],
            body[session_end + 1 : cookie_end],
            unpack(f">{len(suites) // 2}H", suites),
            body[suites_end + 1 : end],
            _decode_extensions(body, end),
            int.from_bytes(body[:2], "big"),
        )


def cookie_and_parameters(body: bytes) -> tuple[bytes, bytes]:
    """Of a ClientHello: its cookie, and what one with a cookie must repeat, so what it vouches for (RFC 6347 4.2.1).

    Where things end is looked at, and nothing more: a stranger has shown nothing yet.
    """
    session_end, cookie_end, _, end = _hello_parts(body)
    return body[session_end + 1 : cookie_end], body[:session_end] + body[cookie_end:end]


def _hello_parts(body: bytes) -> tuple[int, int, int, int]:
    """Where session id, cookie, cipher suites and compression methods of a ClientHello end (RFC 6347 4.3.2)."""
    try:
        session_end = 35 + body[34]
        cookie_end = session_end + 1 + body[session_end]
        suites = body[cookie_end] << 8 | body[cookie_end + 1]
        suites_end = cookie_end + 2 + suites
        end = suites_end + 1 + body[suites_end]
    except IndexError:
        raise DtlsError(DtlsRefusal.HELLO_CUT) from None
    if end > len(body) or session_end > 67 or suites < 2 or suites % 2 or end == suites_end + 1:
        raise DtlsError(DtlsRefusal.HELLO_VECTORS)
    return session_end, cookie_end, suites_end, end


class HelloVerifyRequest(msgspec.Struct, frozen=True, gc=False):
    cookie: bytes
    version: int

    def encode(self) -> bytes:
        return self.version.to_bytes(2, "big") + vector(1, self.cookie)

    @classmethod
    def decode(cls, body: bytes) -> HelloVerifyRequest:
        reader = ByteReader(body)
        version, cookie = reader.number(2), reader.vector(1)
        reader.end()
        return cls(cookie, version)


class ServerHello(msgspec.Struct, frozen=True, gc=False):
    random: bytes
    session_id: bytes
    cipher_suite: int
    extensions: Mapping[int, bytes] = msgspec.field(default_factory=dict)
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
        reader = ByteReader(body)
        version, random, session_id = reader.number(2), reader.take(32), reader.vector(1, most=32)
        suite, compression = reader.number(2), reader.number(1)
        return cls(random, session_id, suite, _decode_extensions(body, reader.at), compression, version)


def encode_identity(identity: bytes) -> bytes:
    """The body of ClientKeyExchange, and of ServerKeyExchange where it is the hint (RFC 4279 2)."""
    return vector(2, identity)


def decode_identity(body: bytes) -> bytes:
    reader = ByteReader(body)
    identity = reader.vector(2, most=MAX_IDENTITY)
    reader.end()
    return identity


def decode_connection_id(extension: bytes, most: int) -> bytes:
    """The value of the connection_id extension (RFC 9146 3)."""
    reader = ByteReader(extension)
    connection_id = reader.vector(1, most=most)
    reader.end()
    return connection_id


def _encode_extensions(extensions: Mapping[int, bytes]) -> bytes:
    if not extensions:
        return b""  # RFC 5246 7.4.1.2: the block may be left out
    return vector(2, b"".join(_encode_extension(item) for item in extensions.items()))


def _encode_extension(item: tuple[int, bytes]) -> bytes:
    return item[0].to_bytes(2, "big") + vector(2, item[1])


def _decode_extensions(body: bytes, at: int) -> dict[int, bytes]:
    """From here to the end of the hello; the block may be left out (RFC 5246 7.4.1.2)."""
    extensions: dict[int, bytes] = {}
    size = len(body)
    if at == size:
        return extensions
    if at + 2 + int.from_bytes(body[at : at + 2], "big") != size:
        raise DtlsError(DtlsRefusal.EXTENSIONS_LENGTH)
    at += 2
    while at < size:
        head = int.from_bytes(body[at : at + 4], "big")
        number, start, at = head >> 16, at + 4, at + 4 + (head & 0xFFFF)
        if at > size:
            raise DtlsError(DtlsRefusal.EXTENSIONS_LENGTH)
        if number in extensions:
            raise DtlsError(DtlsRefusal.EXTENSION_TWICE, number)
        if len(extensions) == MAX_EXTENSIONS:
            raise DtlsError(DtlsRefusal.TOO_MANY_EXTENSIONS, expected=MAX_EXTENSIONS)
        extensions[number] = body[start:at]
    return extensions
