"""Which peers outside the lab have been sent something and have not answered: whom a lab that jumps has to wait for.

Knows the first two bytes of CoAP (RFC 7252 3); knows no socket and no clock.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from nbtwin.engine import Address


class Expected(IntEnum):
    """What a peer owes for what it was sent."""

    NOTHING = 0  # it was an acknowledgement or a reset, but it may have more to say
    SOMETHING = 1  # anything: it was a notification, or a record of DTLS
    RESPONSE = 2  # it was a request


class Debt(NamedTuple):
    number: int
    expected: Expected


class AwaitedPeers:
    """By peer, what it was sent last. A response that comes by itself is announced by an empty acknowledgement (RFC
    7252 5.2.2), which is not the answer yet; nor is a request of the peer's own."""

    def __init__(self) -> None:
        self._debts: dict[Address, Debt] = {}
        self._sent = 0

    def __bool__(self) -> bool:
        return bool(self._debts)

    def handle_sent(self, peer: Address, data: bytes) -> None:
        self._sent += 1
        self._debts[peer] = Debt(self._sent, _expected(data))

    def handle_heard(self, peer: Address, data: bytes) -> None:
        debt = self._debts.get(peer)
        if debt is not None and not (debt.expected is Expected.RESPONSE and _is_coap(data) and _is_none(data)):
            del self._debts[peer]

    def open(self) -> dict[Address, Debt]:
        """At this instant."""
        return dict(self._debts)

    def give_up(self, debts: dict[Address, Debt]) -> list[Address]:
        """Those that are as they were then; whoever owes something of them."""
        gone = [peer for peer, debt in debts.items() if self._debts.get(peer) == debt]
        for peer in gone:
            del self._debts[peer]
        return [peer for peer in gone if debts[peer].expected]

    def clear(self) -> None:
        self._debts.clear()


def _is_coap(data: bytes) -> bool:
    return len(data) >= 4 and data[0] >> 6 == 1


def _is_none(data: bytes) -> bool:
    """No response and no reset: an empty acknowledgement, or a request."""
    return data[1] < 32 and data[0] & 0x30 != 0x30


def _expected(data: bytes) -> Expected:
    if not _is_coap(data):
        return Expected.SOMETHING
    if data[0] & 0x20:
        return Expected.NOTHING
    return Expected.RESPONSE if 0 < data[1] < 32 else Expected.SOMETHING
