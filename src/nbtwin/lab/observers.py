"""What may be listened to while a world runs: everything passes one drain, and an observer sees it there, once.

Knows what passes, not what anybody makes of it (see ``lab.recorder`` for the timeline).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from nbtwin.engine import Datagram, Deadline, Fact, Seconds
from nbtwin.lab.faults import UNIMPAIRED, Direction, Impairment, PacketInFlight
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.timeline.facts import Obstacle, SegmentSeen, Way


class LabObserver:
    """Override what is of interest. Observers must not change anything."""

    def serial_in(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        """Bytes from the host to the module."""

    def serial_out(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        """Bytes from the module to the host."""

    def event(self, at: Seconds, node: Node, event: Fact) -> None: ...

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        """All of one drain, in their order: for who has something to do once for all of them."""
        for event in events:
            self.event(at, node, event)

    def deadline(self, at: Seconds, node: Node, deadline: Deadline | None) -> None:
        """The node waits for something else now."""

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: Obstacle | None
    ) -> None:
        """A datagram leaves (or, from a foreign peer, arrives). ``obstacle``: why it goes nowhere, faults apart."""

    def datagrams(self, at: Seconds, direction: Direction, way: Way, datagrams: Sequence[Datagram]) -> None:
        """Several that went the same way, each with its peer, and to which nothing happened: once for all of them."""
        for peer, data in datagrams:
            source, destination = (peer, way.local) if direction is Direction.UP else (way.local, peer)
            packet = PacketInFlight(direction, way.sender, way.receiver, source, destination, None, way.socket)
            self.datagram(at, packet, data, UNIMPAIRED, None)

    def lookup(self, at: Seconds, module: str, fact: Fact) -> None:
        """A name is resolved (``NameResolved``), or not (``NameUnresolved``)."""

    def segment(self, at: Seconds, module: str, fact: SegmentSeen) -> None:
        """A piece of one of the module's TCP streams leaves, from either end."""

    def note(self, at: Seconds, source: str, fact: Fact) -> None:
        """Something the lab did (``lab.facts``)."""


class Observers:
    """Those of a world, in their order. By input: only who listens to it is called, and it costs nobody else."""

    __slots__ = (
        "_all",
        "datagram",
        "datagrams",
        "deadline",
        "events",
        "lookup",
        "note",
        "segment",
        "serial_in",
        "serial_out",
    )

    def __init__(self, *observers: LabObserver) -> None:
        self._all: tuple[LabObserver, ...] = ()
        self._set(observers)

    def __iter__(self) -> Iterator[LabObserver]:
        return iter(self._all)

    def append(self, observer: LabObserver) -> None:
        self._set((*self._all, observer))

    def remove(self, observer: LabObserver) -> None:
        self._set(tuple(each for each in self._all if each is not observer))

    def __iadd__(self, observers: Iterable[LabObserver]) -> Observers:
        self._set((*self._all, *observers))
        return self

    def _set(self, observers: tuple[LabObserver, ...]) -> None:
        self._all = observers
        self.serial_in = self._listening("serial_in")
        self.serial_out = self._listening("serial_out")
        self.events = self._listening("events", "event")
        self.deadline = self._listening("deadline")
        self.datagram = self._listening("datagram")
        self.datagrams = self._listening("datagrams", "datagram")
        self.lookup = self._listening("lookup")
        self.note = self._listening("note")
        self.segment = self._listening("segment")

    def _listening(self, to: str, one: str = "") -> tuple[Callable[..., Any], ...]:
        """The method of each that has one of its own, or, for several at once, one for each."""
        names = [to, one] if one else [to]
        return tuple(
            getattr(each, to)
            for each in self._all
            if any(getattr(type(each), name) is not getattr(LabObserver, name) for name in names)
        )
