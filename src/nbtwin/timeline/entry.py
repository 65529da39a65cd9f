"""One entry of the timeline: number, time, source, and a fact. Nothing is worded or decoded in it.

Knows what sort of thing a fact is by the floor that defines it; knows nobody who writes entries.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from nbtwin.engine import Fact, Seconds


class EntryKind(StrEnum):
    """What sort of thing happened; consoles filter by it."""

    AT_IN = "at.in"  # a line from the host
    AT_OUT = "at.out"  # a line to the host
    STATE = "state"  # a module's event
    DEADLINE = "deadline"  # what a module waits for now, and until when
    DATAGRAM = "datagram"
    LOOKUP = "lookup"
    PLATFORM = "platform"  # a platform's event
    FAULT = "fault"  # something the lab did to somebody on purpose
    LAB = "lab"  # the lab itself: power, cards, clock, sockets
    KEY = "key"  # of a DTLS session: what an entry protects is read with it, and nobody is shown it


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is kept. Numbers are given in order, from 1, and go on after a restart."""

    number: int
    at: Seconds
    source: str
    fact: Fact

    @property
    def kind(self) -> EntryKind:
        return kind_of(type(self.fact))


_OF_FLOORS = {
    "module": EntryKind.STATE,
    "at": EntryKind.AT_OUT,
    "lab": EntryKind.LAB,
    "edge": EntryKind.LAB,
    "runtime": EntryKind.LAB,
    "scenario": EntryKind.LAB,
}
_kinds: dict[type[Fact], EntryKind] = {}


def says_kind(kind: EntryKind, *facts: type[Fact]) -> None:
    """These facts are of that kind, whatever floor defines them."""
    _kinds.update(dict.fromkeys(facts, kind))


def kind_of(fact: type[Fact]) -> EntryKind:
    """Modules tell what their services do as facts of their own; what else a protocol floor tells, a platform told."""
    kind = _kinds.get(fact)
    if kind is None:
        floor = fact.__module__.split(".")[1:2]
        kind = _kinds[fact] = _OF_FLOORS.get(floor[0] if floor else "", EntryKind.PLATFORM)
    return kind
