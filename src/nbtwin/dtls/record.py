"""The record layer's outside: headers, Connection IDs, the replay window. Knows no key and no message.

RFC 6347 4.1 (header, replay), RFC 9146 4 and 5 (records with a Connection ID).
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import ClassVar

from nbtwin.dtls.numbers import APPLICATION_DATA, CHANGE_CIPHER_SPEC, DTLS_1_0, DTLS_1_2, TLS12_CID
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal
from nbtwin.dtls.record_struct import FIRST_EPOCH as FIRST_EPOCH
from nbtwin.dtls.record_struct import Record as Record

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
VERSION_1_0 = DTLS_1_0.to_bytes(2, "big")  # in epoch 0, while the version is not known yet
BEGINNINGS = [bytes((content_type,)) + VERSION for content_type in range(256)]
"""Of records: type and version."""
_TYPES = range(20, 27)  # with heartbeat (RFC 6520) and the acknowledgement of RFC 9147
_CID_HEAD = b"\xff" * 8 + b"\x19%c\x19" + VERSION
_OUTSIDE = Struct(">B2sQH")  # of a record without a Connection ID: type, version, epoch and number, length


def records(datagram: bytes, cid_length: int) -> Iterator[Record]:
    """The records of a datagram in turn; a DtlsError ends it. `cid_length` is that of our own Connection IDs."""
    at = count = 0
    while at < len(datagram):
        record, at = record_at(datagram, at, cid_length, count)
        count += 1
        yield record


def record_at(datagram: bytes, at: int, cid_length: int, count: int) -> tuple[Record, int]:
    """The one that begins here, behind so many others, and where it ends."""
    if count == MAX_RECORDS:
        raise DtlsError(DtlsRefusal.TOO_MANY_RECORDS, expected=MAX_RECORDS)
    content_type, start, size = datagram[at], at + HEADER, len(datagram)
    if content_type == TLS12_CID and cid_length:
        start += cid_length
    elif not CHANGE_CIPHER_SPEC <= content_type <= APPLICATION_DATA:
        raise DtlsError(DtlsRefusal.CONTENT_TYPE_UNKNOWN, content_type)
    if start > size:
        raise DtlsError(DtlsRefusal.RECORD_CUT)
    version, sequence = datagram[at + 1] << 8 | datagram[at + 2], datagram[at + 3 : at + 11]
    if version != DTLS_1_2 and not (version == DTLS_1_0 and sequence.startswith(FIRST_EPOCH)) and (
        not is_client_hello(datagram, at)
    ):  # fmt: skip
        raise DtlsError(DtlsRefusal.RECORD_VERSION, version)
    end = start + (datagram[start - 2] << 8 | datagram[start - 1])
    if end > size or end - start > MAX_FRAGMENT:
        raise DtlsError(DtlsRefusal.RECORD_LENGTH, end - start, size - start)
    return Record(content_type, sequence, datagram[at + 11 : start - 2], datagram[start:end]), end


def is_protected(record: Record) -> bool:
    """Of an epoch other than 0, or with a Connection ID, which epoch 0 has not."""
    return record.content_type == TLS12_CID or not record.sequence.startswith(FIRST_EPOCH)


def looks_like_one(datagram: bytes) -> bool:
    """Whether it begins as a record does, of whatever version of DTLS; no message of CoAP does (RFC 7983 7)."""
    return len(datagram) > 1 and datagram[0] in _TYPES and datagram[1] == VERSION[0]


def is_client_hello(datagram: bytes, at: int = 0) -> bool:
    """Whose record may have any version of DTLS: the client cannot know yet which one will be spoken (RFC 5246 E.1)."""
    head = datagram[at : at + HEADER + 1]
    return head[:2] == b"\x16\xfe" and head[3:5] == FIRST_EPOCH and head[HEADER:] == b"\x01"


def authenticated_prefix(content_type: int, sequence: bytes, connection_id: bytes) -> bytes:
    """What is authenticated before the length."""
    if content_type != TLS12_CID:
        return sequence + BEGINNINGS[content_type]  # RFC 5246 6.2.3.3
    return _CID_HEAD % len(connection_id) + sequence + connection_id  # RFC 9146 5


def encode(
    content_type: int, sequence: bytes, connection_id: bytes, fragment: bytes, version: bytes = VERSION
) -> bytes:
    head = content_type.to_bytes(1, "big") + version + sequence + connection_id
    return head + len(fragment).to_bytes(2, "big") + fragment


class PlainEpoch:
    """The sending side of epoch 0: nothing is protected, the records are counted."""

    __slots__ = ("number", "version")

    overhead: ClassVar[int] = HEADER

    def __init__(self, number: int = 0, version: int = DTLS_1_2) -> None:
        self.number = number
        self.version = version.to_bytes(2, "big")

    def protect(self, content_type: int, plaintext: bytes) -> bytes:
        number, self.number = self.number, self.number + 1
        return _OUTSIDE.pack(content_type, self.version, number & LAST_NUMBER, len(plaintext)) + plaintext

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
