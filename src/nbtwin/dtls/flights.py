"""Flights: what one side says before it listens again, cut into fragments, records and datagrams of any MTU.

RFC 6347 4.2.3 and 4.2.4. Every sending takes new record numbers. Knows no timer; the handshake counts its waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from nbtwin.dtls.messages import HEADER, Message
from nbtwin.dtls.numbers import ContentType
from nbtwin.engine import Seconds

CHANGE_CIPHER_SPEC = b"\x01"
SMALLEST_FRAGMENT = 12
"""Of a message: below, headers are all one sends. It is a whole Finished."""


class Writer(Protocol):
    """The sending side of an epoch."""

    def protect(self, content_type: int, plaintext: bytes) -> bytes: ...

    def room(self, size: int) -> int: ...


class Item(NamedTuple):
    """A handshake message in its epoch, or, with None, a ChangeCipherSpec."""

    message: Message | None
    epoch: int = 0

    @property
    def title(self) -> str:
        return self.message.title if self.message else "ChangeCipherSpec"


class Flight:
    """The flight that is out: kept until the next one of the other side is complete."""

    __slots__ = ("items", "number", "sendings", "sent_at")

    def __init__(self, number: int, items: Sequence[Item]) -> None:
        self.number, self.items = number, tuple(items)
        self.sendings = 0
        self.sent_at: Seconds = 0.0

    def titles(self) -> tuple[str, ...]:
        return tuple(item.title for item in self.items)


def datagrams(items: Sequence[Item], epochs: Sequence[Writer], mtu: int) -> Iterator[bytes]:
    """The items as datagrams of at most `mtu` bytes, as few as do."""
    pending = b""
    for record in _records(items, epochs, mtu):
        if pending and len(pending) + len(record) > mtu:
            yield pending
            pending = b""
        pending += record
    if pending:
        yield pending


def _records(items: Sequence[Item], epochs: Sequence[Writer], mtu: int) -> Iterator[bytes]:
    for message, epoch in items:
        writer = epochs[epoch]
        if message is None:
            yield writer.protect(ContentType.CHANGE_CIPHER_SPEC, CHANGE_CIPHER_SPEC)
            continue
        step = max(SMALLEST_FRAGMENT, writer.room(mtu) - HEADER)
        for offset in range(0, len(message.body) or 1, step):
            length = min(step, len(message.body) - offset)
            yield writer.protect(ContentType.HANDSHAKE, message.fragment(offset, length))
