"""What is recorded at once: an entry, or several of one time and source in a row, which become entries when they are
read. A platform under load has hundreds of thousands of them that nobody ever looks at.

Numbers are given here and are the entries' own, so nobody who reads sees a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import TypeAlias

import msgspec

from nbtwin.dtls.events import KeyLogged
from nbtwin.engine import Datagram, Fact, Seconds
from nbtwin.timeline.entry import Entry, EntryKind, kind_of
from nbtwin.timeline.facts import DatagramSeen, Direction, Way

HANDSHAKES = frozenset({b"\x16", b"\x14"})  # Handshake, ChangeCipherSpec; RFC 5246 6.2.1
_COAP = b"\x40"  # the first byte of a message of version 1 (RFC 7252 3) is not below, that of a record of DTLS is
_DATA = itemgetter(1)


class FactRow(msgspec.Struct, frozen=True, array_like=True):
    """Facts of one source."""

    number: int
    """Of the first one."""
    at: Seconds
    source: str
    facts: list[Fact]


class DatagramRow(msgspec.Struct, frozen=True, array_like=True):
    """Datagrams that went the same way, and to which nothing happened on it."""

    number: int
    at: Seconds
    source: str
    passed: Passed


class Passed(msgspec.Struct, frozen=True, array_like=True, tag="datagrams"):
    direction: Direction
    way: Way
    datagrams: Sequence[Datagram]
    """Each with the peer at the other end."""


Row: TypeAlias = Entry | FactRow | DatagramRow


def length_of(row: Row) -> int:
    if isinstance(row, DatagramRow):
        return len(row.passed.datagrams)
    return len(row.facts) if isinstance(row, FactRow) else 1


def last_of(row: Row) -> int:
    """The number of its last entry."""
    return row.number + length_of(row) - 1


def entries_of(row: Row) -> Iterator[Entry]:
    if isinstance(row, Entry):
        yield row
    elif isinstance(row, FactRow):
        for number, fact in enumerate(row.facts, row.number):
            yield Entry(number, row.at, row.source, fact)
    else:
        passed = row.passed
        for number, (peer, data) in enumerate(passed.datagrams, row.number):
            yield Entry(number, row.at, row.source, seen(passed.direction, passed.way, peer, data))


def seen(direction: Direction, way: Way, peer: tuple[str, int], data: bytes) -> DatagramSeen:
    """One of several that went this way."""
    source, destination = (peer, way.local) if direction is Direction.UP else (way.local, peer)
    return DatagramSeen(direction, source, destination, data, way.sender, way.receiver, socket=way.socket)


def kinds_of(row: Row) -> set[EntryKind]:
    if isinstance(row, DatagramRow):
        return {EntryKind.DATAGRAM}
    return {row.kind} if isinstance(row, Entry) else {kind_of(fact) for fact in set(map(type, row.facts))}


def is_context(entry: Entry) -> bool:
    """DTLS handshakes and keys: without them nothing of a session can be read, however much later."""
    fact = entry.fact
    if isinstance(fact, DatagramSeen):
        return fact.data[:1] in HANDSHAKES
    return isinstance(fact, KeyLogged)


def has_context(row: Row) -> bool:
    """Whether one of its entries is such."""
    if isinstance(row, DatagramRow):
        datagrams = row.passed.datagrams
        return min(map(_DATA, datagrams)) < _COAP and not HANDSHAKES.isdisjoint([data[:1] for _, data in datagrams])
    return is_context(row) if isinstance(row, Entry) else KeyLogged in set(map(type, row.facts))
