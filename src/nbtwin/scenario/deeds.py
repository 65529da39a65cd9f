"""What a module's self-registration does, as sentences: rounds, verdicts, registrations, updates, states of CMDMP.

A tap: listens to the services' events, changes nothing. Knows those events; knows no packet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbtwin.engine import Seconds
from nbtwin.lab.taps import Tap
from nbtwin.lab.units import ModuleUnit, Unit
from nbtwin.lwm2m.registration import Updated
from nbtwin.module.events import ServiceReported
from nbtwin.selfreg import machine
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.selfreg.cmdmp_client import StateChanged
from nbtwin.timeline.clock import format_span


@dataclass(frozen=True, slots=True)
class Deed:
    at: Seconds
    what: str


@dataclass(frozen=True, slots=True)
class Run:
    """The same deed so many times in a row."""

    first: Seconds
    last: Seconds
    times: int
    what: str


class Deeds(Tap):
    """Of all modules of a world."""

    def __init__(self) -> None:
        self.done: list[Deed] = []

    def event(self, at: Seconds, unit: Unit, event: Any) -> None:
        if isinstance(unit, ModuleUnit) and isinstance(event, ServiceReported):
            what = _sentence(at, event.event)
            if what is not None:
                self.done.append(Deed(at, what))


def _sentence(at: Seconds, event: Any) -> str | None:
    match event:
        case machine.RoundStarted(number=number):
            return f"round {number} begins"
        case machine.RegistrationFailed(round=number, why=why):
            return f"round {number} has failed: {why}"
        case machine.GaveUp(why=why, next_due_at=due_at):
            return f"gives up: {why}; {_next(at, due_at, 'nothing more before the next boot')}"
        case machine.RegistrationSucceeded(update=update, next_due_at=due_at):
            return f"{'updated' if update else 'registered'}; {_next(at, due_at, 'nothing more to do')}"
        case Updated():
            return "updated"
        case StateChanged(new=new, why=why) if new is not DmpState.UPDATE_SUCCESS:  # that is Updated, every time
            return f"state {int(new)}, {new.name.lower().replace('_', ' ')}: {why}"
    return None


def _next(at: Seconds, due_at: Seconds | None, else_: str) -> str:
    return else_ if due_at is None else f"the next is due in {format_span(due_at - at)}"


def runs(deeds: list[Deed]) -> list[Run]:
    """What was done again and again becomes one line."""
    found: list[Run] = []
    for deed in deeds:
        if found and found[-1].what == deed.what:
            found[-1] = Run(found[-1].first, deed.at, found[-1].times + 1, deed.what)
        else:
            found.append(Run(deed.at, deed.at, 1, deed.what))
    return found
