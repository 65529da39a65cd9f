"""The record layer's outside: headers, Connection IDs, the replay window. Knows no key and no message.

RFC 6347 4.1 (header, replay), RFC 9146 4 and 5 (records with a Connection ID).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nbtwin.dtls.numbers import DTLS_1_0, DTLS_1_2, ContentType
from nbtwin.engine import DecodeError

HEADER = 13
MAX_PLAINTEXT = 1 << 14
MAX_FRAGMENT = MAX_PLAINTEXT + 2048
"""RFC 5246 6.2.3."""
MAX_RECORDS = 32
"""Records of one datagram that are looked at."""
WINDOW = 64
"""Records behind the newest one that may still arrive (RFC 6347 4.1.2.6)."""
LAST_NUMBER = (1 << 48) - 1

VERSION = DTLS_1_2.to_bytes(2, "big")
_VERSION_1_0 = DTLS_1_0.to_bytes(2, "big")  # in epoch 0, while the version is not known yet
_PLAIN_TYPES = frozenset(
    (ContentType.CHANGE_CIPHER_SPEC, ContentType.ALERT, ContentType.HANDSHAKE, ContentType.APPLICATION_DATA)
)


class Record(NamedTuple):
    """One record as it arrived; of a protected one nothing is known to be true yet."""

    content_type: int
    sequence: bytes  # epoch and sequence number, 8 bytes
    connection_id: bytes
    fragment: bytes

    @property
    def epoch(self) -> int:
        return int.from_bytes(self.sequence[:2], "big")

    @property
    def number(self) -> int:
        return int.from_bytes(self.sequence[2:], "big")

    def prefix(self) -> bytes:
        """What is authenticated before the length."""
        return authenticated_prefix(self.content_type, self.sequence, self.connection_id)


def records(datagram: bytes, cid_length: int) -> Iterator[Record]:
    """The records of a datagram in turn; a DecodeError ends it. `cid_length` is that of our own Connection IDs."""
    at, size = 0, len(datagram)
    for _ in range(MAX_RECORDS):
        if at == size:
            return
        content_type = datagram[at]
        with_cid = content_type == ContentType.TLS12_CID
        if not (with_cid and cid_length) and content_type not in _PLAIN_TYPES:
            raise DecodeError(f"content type {content_type}")
        start = at + HEADER + (cid_length if with_cid else 0)
        if start > size:
            raise DecodeError("a record header cut short")
        version = datagram[at + 1 : at + 3]
        if version != VERSION and (version != _VERSION_1_0 or datagram[at + 3 : at + 5] != b"\0\0"):
            raise DecodeError(f"record version {version.hex()}")
        length = int.from_bytes(datagram[start - 2 : start], "big")
        if length > MAX_FRAGMENT or start + length > size:
            raise DecodeError(f"a record of {length} bytes, {size - start} left")
        yield Record(
            content_type, datagram[at + 3 : at + 11], datagram[at + 11 : start - 2], datagram[start : start + length]
        )
        at = start + length
    if at != size:
        raise DecodeError(f"more than {MAX_RECORDS} records")


def authenticated_prefix(content_type: int, sequence: bytes, connection_id: bytes) -> bytes:
    if content_type != ContentType.TLS12_CID:
        return sequence + bytes((content_type,)) + VERSION  # RFC 5246 6.2.3.3
    return b"".join(  # RFC 9146 5
        (b"\xff" * 8, b"\x19", bytes((len(connection_id),)), b"\x19", VERSION, sequence, connection_id)
    )


def encode(
    content_type: int, sequence: bytes, connection_id: bytes, fragment: bytes, version: bytes = VERSION
) -> bytes:
    return b"".join(
        (bytes((content_type,)), version, sequence, connection_id, len(fragment).to_bytes(2, "big"), fragment)
    )


class PlainEpoch:
    """The sending side of epoch 0: nothing is protected, the records are counted."""

    __slots__ = ("number", "version")

    overhead = HEADER

    def __init__(self, number: int = 0, version: int = DTLS_1_2) -> None:
        self.number = number
        self.version = version.to_bytes(2, "big")

    def protect(self, content_type: int, plaintext: bytes) -> bytes:
        number, self.number = self.number, self.number + 1
        return encode(content_type, (number & LAST_NUMBER).to_bytes(8, "big"), b"", plaintext, self.version)

    def room(self, size: int) -> int:
        return size - HEADER


def fresh(newest: int, seen: int, number: int) -> bool:
    """Whether a record number is neither too old nor already taken; bit 0 of `seen` stands for `newest`."""
    behind = newest - number
    return behind < 0 or (behind < WINDOW and not seen >> behind & 1)


def taken(newest: int, seen: int, number: int) -> tuple[int, int]:
    """The window after `number` was authenticated."""
    ahead = number - newest
    if ahead <= 0:
        return newest, seen | 1 << -ahead
    return number, (seen << ahead | 1) & ((1 << WINDOW) - 1) if ahead < WINDOW else 1
