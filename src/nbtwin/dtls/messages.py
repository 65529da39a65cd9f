"""The handshake messages of DTLS 1.2 with PSK as structures: data. Their bytes are in `message_bytes.py`, which is
compiled.

RFC 5246 7.4, RFC 6347 4.2.2 and 4.3.2, RFC 4279 2.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from nbtwin.dtls import message_bytes
from nbtwin.dtls.message_bytes import HEADER as HEADER
from nbtwin.dtls.message_bytes import MAX_IDENTITY as MAX_IDENTITY
from nbtwin.dtls.message_bytes import decode_connection_id as decode_connection_id
from nbtwin.dtls.message_bytes import decode_identity as decode_identity
from nbtwin.dtls.numbers import DTLS_1_2, HandshakeType
from nbtwin.dtls.parsing import vector

TITLES = {int(each): each.title for each in HandshakeType}
MAX_KEY = 64
"""RFC 4279 5.3 asks for support of keys up to 64 octets."""


class HandshakeMessage(msgspec.Struct, frozen=True, gc=False):
    """One whole handshake message, as it was put together or stands at its beginning."""

    type: int
    seq: int
    body: bytes

    def encode(self) -> bytes:
        return message_bytes.whole(self.type, self.seq, self.body)

    def fragment(self, offset: int, length: int) -> bytes:
        return message_bytes.cut(self.encode(), offset, length)

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
        offer = message_bytes.offer_of(self.cipher_suites, self.compression_methods, self.extensions)
        return message_bytes.client_hello(self.version, self.random, self.session_id, self.cookie, offer)

    @classmethod
    def decode(cls, body: bytes) -> ClientHello:
        return cls(*message_bytes.client_hello_fields(body))


class HelloVerifyRequest(msgspec.Struct, frozen=True, gc=False):
    cookie: bytes
    version: int

    def encode(self) -> bytes:
        return self.version.to_bytes(2, "big") + vector(1, self.cookie)

    @classmethod
    def decode(cls, body: bytes) -> HelloVerifyRequest:
        return cls(*message_bytes.decode_cookie(body))


class ServerHello(msgspec.Struct, frozen=True, gc=False):
    random: bytes
    session_id: bytes
    cipher_suite: int
    extensions: Mapping[int, bytes] = msgspec.field(default_factory=dict)
    compression_method: int = 0
    version: int = DTLS_1_2

    def encode(self) -> bytes:
        return message_bytes.server_hello(
            self.version, self.random, self.session_id, self.cipher_suite, self.compression_method, self.extensions
        )

    @classmethod
    def decode(cls, body: bytes) -> ServerHello:
        return cls(*message_bytes.server_hello_fields(body))
