"""What may be listened to while a world runs: everything passes one drain, and an observer sees it there, once.

Knows what passes, not what anybody makes of it (see ``lab.recorder`` for the timeline).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from nbtwin.engine import Deadline, Fact, Seconds
from nbtwin.lab.faults import Impairment, PacketInFlight
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.timeline.facts import Obstacle


class LabObserver:
    """Override what is of interest. Observers must not change anything."""

    def serial_in(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        """Bytes from the host to the module."""

    def serial_out(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        """Bytes from the module to the host."""

    def event(self, at: Seconds, node: Node, event: Fact) -> None: ...

    def deadline(self, at: Seconds, node: Node, deadline: Deadline | None) -> None:
        """The node waits for something else now."""

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: Obstacle | None
    ) -> None:
        """A datagram leaves (or, from a foreign peer, arrives). ``obstacle``: why it goes nowhere, faults apart."""

    def lookup(self, at: Seconds, module: str, fact: Fact) -> None:
        """A name is resolved (``NameResolved``), or not (``NameUnresolved``)."""

    def note(self, at: Seconds, source: str, fact: Fact) -> None:
        """Something the lab did (``lab.facts``)."""


class Observers:
    """Those of a world, in their order. By input: only who listens to it is called, and it costs nobody else."""

    __slots__ = ("_all", "datagram", "deadline", "event", "lookup", "note", "serial_in", "serial_out")

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
        self.event = self._listening("event")
        self.deadline = self._listening("deadline")
        self.datagram = self._listening("datagram")
        self.lookup = self._listening("lookup")
        self.note = self._listening("note")

    def _listening(self, to: str) -> tuple[Callable[..., Any], ...]:
        """The method of each that has one of its own."""
        plain = getattr(LabObserver, to)
        return tuple(getattr(each, to) for each in self._all if getattr(type(each), to) is not plain)
