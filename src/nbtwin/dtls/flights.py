"""Flights: what one side says before it listens again, cut into fragments, records and datagrams of any MTU.

RFC 6347 4.2.3 and 4.2.4. Every sending takes new record numbers. Knows no timer; the handshake counts its waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from nbtwin.dtls.flight_item import Item as Item
from nbtwin.dtls.message_bytes import HEADER, cut
from nbtwin.dtls.numbers import CHANGE_CIPHER_SPEC, HANDSHAKE
from nbtwin.engine import Seconds

SMALLEST_FRAGMENT = 12
"""Of a message: below, headers are all one sends. It is a whole Finished."""


class Writer(Protocol):
    """The sending side of an epoch."""

    def protect(self, content_type: int, plaintext: bytes) -> bytes: ...

    def room(self, size: int) -> int: ...


CCS = Item("ChangeCipherSpec", b"\x01", is_message=False)


class Flight:
    """The flight that is out: kept until the next one of the other side is complete."""

    __slots__ = ("items", "number", "sendings", "sent_at")

    def __init__(self, number: int, items: Sequence[Item]) -> None:
        self.number, self.items = number, tuple(items)
        self.sendings = 0
        self.sent_at: Seconds = 0.0

    def titles(self) -> tuple[str, ...]:
        return tuple([item.title for item in self.items])


def datagrams(items: Sequence[Item], epochs: Sequence[Writer], mtu: int) -> list[bytes]:
    """The items as datagrams of at most `mtu` bytes, as few as do."""
    full: list[bytes] = []
    pending = b""
    for item in items:
        writer, encoded = epochs[item.epoch], item.encoded
        if not item.is_message:
            records = [writer.protect(CHANGE_CIPHER_SPEC, encoded)]
        elif len(encoded) <= (room := writer.room(mtu)):
            records = [writer.protect(HANDSHAKE, encoded)]
        else:
            records = _cut(writer, encoded, room)
        for record in records:
            if pending and len(pending) + len(record) > mtu:
                full.append(pending)
                pending = record
            else:
                pending += record
    if pending:
        full.append(pending)
    return full


def _cut(writer: Writer, message: bytes, room: int) -> list[bytes]:
    step, size = max(SMALLEST_FRAGMENT, room - HEADER), len(message) - HEADER
    return [
        writer.protect(HANDSHAKE, cut(message, offset, min(step, size - offset)))
        for offset in range(0, size or 1, step)
    ]
