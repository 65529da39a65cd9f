"""Handshake messages as bytes: the header, the bodies of the hellos, and what stands in the short ones.

RFC 5246 7.4 (bodies), RFC 6347 4.2.2 and 4.3.2 (header, cookie), RFC 4279 2 (PSK). Structures of them are in
`messages.py`, which is data; this is compiled. Knows no state, no key, no record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct, pack, unpack

from nbtwin.dtls.parsing import ByteReader, vector
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal

HEADER = 12
"""Bytes of a handshake header: type, length, message_seq, fragment_offset, fragment_length."""
MAX_EXTENSIONS = 64
MAX_IDENTITY = 128
"""RFC 4279 5.3 asks for support of identities up to 128 octets; longer ones are refused."""
_HEADER = Struct(">BBHHBHBH")  # numbers of three bytes as one and two


# the header


def whole(type_: int, seq: int, body: bytes) -> bytes:
    """As if it had been sent in one fragment: what the transcript hashes (RFC 6347 4.2.6)."""
    size = len(body)
    high, low = size >> 16, size & 0xFFFF
    return _HEADER.pack(type_, high, low, seq, 0, 0, high, low) + body


def cut(message: bytes, offset: int, length: int) -> bytes:
    """A fragment of one that is whole."""
    start = HEADER + offset
    return b"".join(
        (message[:6], offset.to_bytes(3, "big"), length.to_bytes(3, "big"), message[start : start + length])
    )


# the hellos


def client_hello(version: int, random: bytes, session_id: bytes, cookie: bytes, offer: bytes) -> bytes:
    """``offer``: what `offer_of` makes."""
    return b"".join((version.to_bytes(2, "big"), random, vector(1, session_id), vector(1, cookie), offer))


def offer_of(suites: Sequence[int], compression_methods: bytes, extensions: Mapping[int, bytes]) -> bytes:
    """What a client offers, as it stands in both of its hellos."""
    packed = pack(f">{len(suites)}H", *suites)
    return vector(2, packed) + vector(1, compression_methods) + encode_extensions(extensions)


def with_cookie(body: bytes, cookie: bytes) -> bytes:
    """A ClientHello once more, with the cookie it was answered with (RFC 6347 4.2.1)."""
    session_end = 35 + body[34]
    return body[:session_end] + vector(1, cookie) + body[session_end + 1 + body[session_end] :]


def client_hello_fields(body: bytes) -> tuple[bytes, bytes, bytes, tuple[int, ...], bytes, dict[int, bytes], int]:
    session_end, cookie_end, suites_end, end = _hello_parts(body)
    suites = body[cookie_end + 2 : suites_end]
    return (
        body[2:34],
        body[35:session_end],
        body[session_end + 1 : cookie_end],
        unpack(f">{len(suites) // 2}H", suites),
        body[suites_end + 1 : end],
        decode_extensions(body, end),
        body[0] << 8 | body[1],
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


def server_hello(
    version: int, random: bytes, session_id: bytes, suite: int, compression_method: int, extensions: Mapping[int, bytes]
) -> bytes:
    chosen = (suite << 8 | compression_method).to_bytes(3, "big")
    return b"".join((version.to_bytes(2, "big"), random, vector(1, session_id), chosen, encode_extensions(extensions)))


def server_hello_fields(body: bytes) -> tuple[bytes, bytes, int, dict[int, bytes], int, int]:
    reader = ByteReader(body)
    version, random, session_id = reader.number(2), reader.take(32), reader.vector(1, most=32)
    suite, compression = reader.number(2), reader.number(1)
    return random, session_id, suite, decode_extensions(body, reader.at), compression, version


def encode_extensions(extensions: Mapping[int, bytes]) -> bytes:
    if not extensions:
        return b""  # RFC 5246 7.4.1.2: the block may be left out
    block = b""
    for number, data in extensions.items():
        block += (number << 16 | len(data)).to_bytes(4, "big") + data
    return vector(2, block)


def decode_extensions(body: bytes, at: int) -> dict[int, bytes]:
    """From here to the end of the hello; the block may be left out (RFC 5246 7.4.1.2)."""
    extensions: dict[int, bytes] = {}
    size = len(body)
    if at == size:
        return extensions
    if at + 2 > size or at + 2 + (body[at] << 8 | body[at + 1]) != size:
        raise DtlsError(DtlsRefusal.EXTENSIONS_LENGTH)
    at += 2
    while at < size:
        start = at + 4
        if start > size:
            raise DtlsError(DtlsRefusal.EXTENSIONS_LENGTH)
        number, end = body[at] << 8 | body[at + 1], start + (body[at + 2] << 8 | body[at + 3])
        if end > size:
            raise DtlsError(DtlsRefusal.EXTENSIONS_LENGTH)
        if number in extensions:
            raise DtlsError(DtlsRefusal.EXTENSION_TWICE, number)
        if len(extensions) == MAX_EXTENSIONS:
            raise DtlsError(DtlsRefusal.TOO_MANY_EXTENSIONS, expected=MAX_EXTENSIONS)
        extensions[number] = body[start:end]
        at = end
    return extensions


# short ones


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


def decode_cookie(body: bytes) -> tuple[bytes, int]:
    """Of a HelloVerifyRequest: its cookie and its version."""
    reader = ByteReader(body)
    version, cookie = reader.number(2), reader.vector(1)
    reader.end()
    return cookie, version
