"""Handshake messages out of fragments: any order, any overlap, bounded before any work. Knows no state machine.

RFC 6347 4.2.3 and 4.2.6. A fragment that contradicts one that came before is refused, so what comes out is right or
nothing does. A receiver holds at most `MAX_AHEAD` messages of at most `MAX_MESSAGE` bytes, twice over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nbtwin.dtls.messages import HEADER, Message
from nbtwin.engine import DecodeError

MAX_MESSAGE = 2048
"""Nothing in a PSK handshake is near it; a ClientHello full of foreign extensions is."""
MAX_AHEAD = 4
"""Messages that are kept, counted from the next one in order: no PSK flight is longer."""
MAX_FRAGMENTS = 16
"""Fragments of one record that are looked at."""


class Fragment(NamedTuple):
    type: int
    length: int  # of the whole message
    seq: int
    offset: int
    data: bytes


def fragments(plaintext: bytes) -> Iterator[Fragment]:
    """The handshake fragments of one record; a DecodeError ends it."""
    at, size = 0, len(plaintext)
    for _ in range(MAX_FRAGMENTS):
        if at == size:
            return
        if size - at < HEADER:
            raise DecodeError("a handshake header cut short")
        length = int.from_bytes(plaintext[at + 1 : at + 4], "big")
        offset = int.from_bytes(plaintext[at + 6 : at + 9], "big")
        count = int.from_bytes(plaintext[at + 9 : at + 12], "big")
        if length > MAX_MESSAGE or offset + count > length or count > size - at - HEADER:
            raise DecodeError(f"fragment {offset}+{count} of {length} bytes, {size - at - HEADER} there")
        if not count and length:
            raise DecodeError("an empty fragment")
        seq, start = int.from_bytes(plaintext[at + 4 : at + 6], "big"), at + HEADER
        yield Fragment(plaintext[at], length, seq, offset, plaintext[start : start + count])
        at = start + count
    if at != size:
        raise DecodeError(f"more than {MAX_FRAGMENTS} fragments in a record")


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
            raise DecodeError("a fragment of another message under the same number")
        here = slice(fragment.offset, fragment.offset + len(fragment.data))
        differing = int.from_bytes(self._bytes[here], "big") ^ int.from_bytes(fragment.data, "big")
        if differing & int.from_bytes(self._mask[here], "big"):
            raise DecodeError("a fragment that contradicts an earlier one")
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
        self._partial: dict[int, Partial] = {}

    def add(self, fragment: Fragment) -> bool:
        """False when the message was already taken: the other side is repeating itself."""
        ahead = fragment.seq - self.next_seq
        if ahead < 0:
            return False
        if ahead >= MAX_AHEAD:
            raise DecodeError(f"message {fragment.seq} while waiting for {self.next_seq}")
        partial = self._partial.get(fragment.seq)
        if partial is None:
            partial = self._partial[fragment.seq] = Partial(fragment.type, fragment.length)
        partial.add(fragment)
        return True

    def take(self) -> Message | None:
        """The next message in order, once it is whole."""
        partial = self._partial.get(self.next_seq)
        if partial is None or partial.missing:
            return None
        del self._partial[self.next_seq]
        self.next_seq += 1
        return Message(partial.type, self.next_seq - 1, partial.body())
