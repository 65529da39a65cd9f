"""Who listens to a world is called with what it listens to, in the order in which it came; nobody else is."""

from __future__ import annotations

from nbtwin.engine import Fact, Seconds
from nbtwin.lab.nodes import Node
from nbtwin.lab.observers import LabObserver, Observers


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
    assert observers.event == (events.event,)
    assert observers.datagram == observers.serial_in == observers.serial_out == ()


def test_who_comes_later_hears_what_happens_from_then_on() -> None:
    first, second, observers = Notes(), Notes(), Observers()
    observers.append(first)
    for observe in observers.note:
        observe(0.0, "one", Fact())
    observers.append(second)
    for observe in observers.note:
        observe(1.0, "two", Fact())
    assert (first.heard, second.heard) == (["one", "two"], ["two"])
