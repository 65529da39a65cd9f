"""What a module's self-registration does, as sentences: rounds, verdicts, registrations, updates, states of CMDMP.

A tap: listens to the services' events, changes nothing. Knows those events; knows no packet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbtwin.engine import Seconds
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import LabObserver
from nbtwin.lwm2m.client.registration import Updated
from nbtwin.module.events import ServiceReported
from nbtwin.selfreg import machine
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.selfreg.cmdmp_client import CmdmpStateChanged
from nbtwin.timeline.clock import format_span


@dataclass(frozen=True, slots=True)
class RegistrationDeed:
    at: Seconds
    what: str


@dataclass(frozen=True, slots=True)
class RegistrationRun:
    """The same deed so many times in a row."""

    first: Seconds
    last: Seconds
    times: int
    what: str


class RegistrationLog(LabObserver):
    """Of all modules of a world."""

    def __init__(self) -> None:
        self.done: list[RegistrationDeed] = []

    def event(self, at: Seconds, unit: Node, event: Any) -> None:
        if isinstance(unit, ModuleNode) and isinstance(event, ServiceReported):
            what = _sentence(at, event.event)
            if what is not None:
                self.done.append(RegistrationDeed(at, what))


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
        case CmdmpStateChanged(new=new, why=why) if new is not DmpState.UPDATE_SUCCESS:  # that is Updated, every time
            return f"state {int(new)}, {new.name.lower().replace('_', ' ')}: {why.partition(', location ')[0]}"
    return None


def _next(at: Seconds, due_at: Seconds | None, else_: str) -> str:
    return else_ if due_at is None else f"the next is due in {format_span(due_at - at)}"


def runs(deeds: list[RegistrationDeed]) -> list[RegistrationRun]:
    """What was done again and again, alone or in the same order with two others, becomes a line of its own each."""
    found: list[RegistrationRun] = []
    at = 0
    while at < len(deeds):
        length, times = max(((n, _repeated(deeds, at, n)) for n in _CYCLES), key=lambda cycle: cycle[0] * cycle[1])
        if times == 1:
            length = 1
        last = at + (times - 1) * length
        found += [
            RegistrationRun(deeds[at + n].at, deeds[last + n].at, times, deeds[at + n].what) for n in range(length)
        ]
        at = last + length
    return found


_CYCLES = (1, 2, 3)  # the first of equals


def _repeated(deeds: list[RegistrationDeed], start: int, length: int) -> int:
    """How often the next so many deeds come one after the other."""
    times = 1
    while _same(deeds, start, start + times * length, length):
        times += 1
    return times


def _same(deeds: list[RegistrationDeed], one: int, other: int, length: int) -> bool:
    return other + length <= len(deeds) and all(deeds[one + n].what == deeds[other + n].what for n in range(length))
