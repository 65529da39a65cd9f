"""Handshake messages out of fragments: any order, any overlap, bounded before any work. Knows no state machine.

RFC 6347 4.2.3 and 4.2.6. A fragment that contradicts one that came before is refused, so what comes out is right or
nothing does. A receiver holds at most `MAX_AHEAD` messages of at most `MAX_MESSAGE` bytes
(`MAX_HELLO`, if it is one), twice over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nbtwin.dtls.fragment import Fragment as Fragment
from nbtwin.dtls.message_bytes import HEADER
from nbtwin.dtls.messages import HandshakeMessage
from nbtwin.dtls.numbers import HandshakeType
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal

MAX_MESSAGE = 2048
"""Nothing in a PSK handshake is near it, but for a ClientHello full of foreign extensions."""
MAX_HELLO = 8192
"""A ClientHello: with key shares of other versions and groups it has some KiB."""
MAX_AHEAD = 4
"""Messages that are kept, counted from the next one in order: no PSK flight is longer."""
MAX_FRAGMENTS = 16
"""Fragments of one record that are looked at."""


def fragments(plaintext: bytes) -> Iterable[Fragment]:
    """The handshake fragments of one record; a DtlsError ends it."""
    first, end = _fragment(plaintext, 0)
    return (first,) if end == len(plaintext) else _all(plaintext)


def _all(plaintext: bytes) -> Iterator[Fragment]:
    at, size = 0, len(plaintext)
    for _ in range(MAX_FRAGMENTS):
        if at == size:
            return
        fragment, at = _fragment(plaintext, at)
        yield fragment
    if at != size:
        raise DtlsError(DtlsRefusal.TOO_MANY_FRAGMENTS, expected=MAX_FRAGMENTS)


def _fragment(plaintext: bytes, at: int) -> tuple[Fragment, int]:
    """The one that begins here, and where it ends."""
    start, size = at + HEADER, len(plaintext)
    if size < start:
        raise DtlsError(DtlsRefusal.FRAGMENT_CUT)
    head = int.from_bytes(plaintext[at:start], "big")
    length, offset, count = head >> 64 & 0xFFFFFF, head >> 24 & 0xFFFFFF, head & 0xFFFFFF
    end = start + count
    most = MAX_HELLO if head >> 88 == HandshakeType.CLIENT_HELLO else MAX_MESSAGE
    if length > most or offset + count > length or end > size:
        raise DtlsError(DtlsRefusal.FRAGMENT_BOUNDS, offset + count, min(length, most, offset + size - start))
    if not count and length:
        raise DtlsError(DtlsRefusal.FRAGMENT_EMPTY)
    return Fragment(head >> 88, length, head >> 48 & 0xFFFF, offset, plaintext[start:end]), end


class Partial:
    """One message on its way: its bytes, and a mask of those that have come."""

    __slots__ = ("_bytes", "_mask", "missing", "type")

    def __init__(self, type_: int, length: int) -> None:
        self.type = type_
        self._bytes, self._mask = bytearray(length), bytearray(length)
        self.missing = length

    def add(self, fragment: Fragment) -> None:
        """Check the fragment against what is there, then lay it in."""
        if fragment.type != self.type or fragment.length != len(self._bytes):
            raise DtlsError(DtlsRefusal.FRAGMENT_FOREIGN)
        here = slice(fragment.offset, fragment.offset + len(fragment.data))
        differing = int.from_bytes(self._bytes[here], "big") ^ int.from_bytes(fragment.data, "big")
        if differing & int.from_bytes(self._mask[here], "big"):
            raise DtlsError(DtlsRefusal.FRAGMENT_CONTRADICTS)
        self.missing -= self._mask.count(0, here.start, here.stop)
        self._bytes[here] = fragment.data
        self._mask[here] = b"\xff" * len(fragment.data)

    def body(self) -> bytes:
        return bytes(self._bytes)


class Reassembly:
    """The receiving side of one handshake: fragments in, whole messages out in the order of their numbers."""

    __slots__ = ("_partial", "next_seq")

    def __init__(self, next_seq: int = 0) -> None:
        self.next_seq = next_seq
        self._partial: dict[int, Partial | HandshakeMessage] = {}

    def take_whole(self, plaintext: bytes) -> bool:
        """Whether a record is the next message, whole and alone, as nearly always: it is taken as it is. What is not
        goes through `fragments`, `add` and `take`."""
        size = len(plaintext) - HEADER
        if self._partial or not 0 <= size <= MAX_MESSAGE or (plaintext[4] << 8 | plaintext[5]) != self.next_seq:
            return False
        here = plaintext[9] << 16 | plaintext[10] << 8 | plaintext[11]
        if here != size or plaintext[1:4] != plaintext[9:12] or plaintext[6] or plaintext[7] or plaintext[8]:
            return False
        self.next_seq += 1
        return True

    def add(self, fragment: Fragment) -> bool:
        """False when the message was already taken: the other side is repeating itself."""
        ahead = fragment.seq - self.next_seq
        if ahead < 0:
            return False
        if ahead >= MAX_AHEAD:
            raise DtlsError(DtlsRefusal.MESSAGE_AHEAD, fragment.seq, self.next_seq)
        type_, length, seq, offset, data = fragment.type, fragment.length, fragment.seq, fragment.offset, fragment.data
        kept = self._partial.get(seq)
        if kept is None and len(data) == length:  # whole, as nearly always
            self._partial[seq] = HandshakeMessage(type_, seq, data)
        elif isinstance(kept, HandshakeMessage):
            if (type_, length, data) != (kept.type, len(kept.body), kept.body[offset : offset + len(data)]):
                raise DtlsError(DtlsRefusal.FRAGMENT_CONTRADICTS)
        else:
            if kept is None:
                kept = self._partial[seq] = Partial(type_, length)
            kept.add(fragment)
        return True

    def take(self) -> HandshakeMessage | None:
        """The next message in order, once it is whole."""
        seq = self.next_seq
        kept = self._partial.get(seq)
        if kept is None or (isinstance(kept, Partial) and kept.missing):
            return None
        del self._partial[seq]
        self.next_seq = seq + 1
        return kept if isinstance(kept, HandshakeMessage) else HandshakeMessage(kept.type, seq, kept.body())
