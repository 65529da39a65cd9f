"""Who listens to a world is called with what it listens to, in the order in which it came; nobody else is."""

from __future__ import annotations

from nbtwin.engine import Address, Fact, Seconds
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.nodes import Node
from nbtwin.lab.observers import LabObserver, Observers
from nbtwin.timeline.facts import Obstacle, Way


class Notes(LabObserver):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def note(self, at: Seconds, source: str, fact: Fact) -> None:
        self.heard.append(source)


class Events(LabObserver):
    def event(self, at: Seconds, node: Node, event: Fact) -> None:
        raise AssertionError("there was none")


def test_an_observer_is_called_with_what_it_listens_to_and_with_nothing_else() -> None:
    notes, more, events = Notes(), Notes(), Events()
    observers = Observers(notes, events)
    observers += [more]
    assert list(observers) == [notes, events, more]
    assert observers.note == (notes.note, more.note)
    assert observers.events == (events.events,)
    assert observers.datagrams == observers.datagram == observers.serial_in == observers.serial_out == ()


def test_who_comes_later_hears_what_happens_from_then_on() -> None:
    first, second, observers = Notes(), Notes(), Observers()
    observers.append(first)
    for observe in observers.note:
        observe(0.0, "one", Fact())
    observers.append(second)
    for observe in observers.note:
        observe(1.0, "two", Fact())
    assert (first.heard, second.heard) == (["one", "two"], ["two"])


class Datagrams(LabObserver):
    def __init__(self) -> None:
        self.heard: list[tuple[Address, Address, str | None, bytes]] = []

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: Obstacle | None
    ) -> None:
        self.heard.append((packet.source, packet.destination, packet.receiver, data))


def test_who_listens_to_datagrams_one_by_one_hears_each_of_several() -> None:
    each, peers = Datagrams(), [("198.51.100.1", 1), ("198.51.100.2", 2)]
    local = ("192.0.2.11", 5683)
    observers = Observers(each)
    for direction, way in (
        (Direction.UP, Way(local, None, "andlink")),
        (Direction.DOWN, Way(local, "andlink", None)),
    ):
        for observe in observers.datagrams:
            observe(0.0, direction, way, [(peer, b"x") for peer in peers])
    assert each.heard == [
        *[(peer, local, "andlink", b"x") for peer in peers],
        *[(local, peer, None, b"x") for peer in peers],
    ]
