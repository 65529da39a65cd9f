"""What a module's self-registration does: rounds, verdicts, registrations, updates, states of CMDMP.

An observer: listens to the services' events, changes nothing. Knows those events; knows no packet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from nbtwin.engine import Fact, Seconds
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import LabObserver
from nbtwin.lwm2m.client.registration import Updated
from nbtwin.module.events import ServiceEvent, ServiceReported
from nbtwin.scenario.phrases import CostPhrase
from nbtwin.selfreg import machine
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.selfreg.cmdmp_client import CmdmpStateChanged
from nbtwin.timeline.catalogue import say, words
from nbtwin.timeline.plain import fields_of

Deed: TypeAlias = (
    machine.RoundStarted
    | machine.RegistrationFailed
    | machine.GaveUp
    | machine.RegistrationSucceeded
    | Updated
    | CmdmpStateChanged
)


@dataclass(frozen=True, slots=True)
class RegistrationDeed:
    """``what``: its instants count from ``at``, so that the same deed at another time is equal."""

    at: Seconds
    what: Deed
    module: str = ""
    """Whose, where there are several."""

    def words(self, language: str) -> str:
        return words_of(self.what, language)


@dataclass(frozen=True, slots=True)
class RegistrationRun:
    """The same deed so many times in a row."""

    first: Seconds
    last: Seconds
    times: int
    what: Deed


class RegistrationLog(LabObserver):
    """Of all modules of a world."""

    def __init__(self) -> None:
        self.done: list[RegistrationDeed] = []

    def event(self, at: Seconds, node: Node, event: Fact) -> None:
        if isinstance(node, ModuleNode) and isinstance(event, ServiceReported):
            what = deed_of(at, event.event)
            if what is not None:
                self.done.append(RegistrationDeed(at, what))


def deed_of(at: Seconds, event: ServiceEvent) -> Deed | None:
    """What of it concerns self-registration."""
    match event:
        case machine.RegistrationSucceeded(next_due_at=due) | machine.GaveUp(next_due_at=due) if due is not None:
            return msgspec.structs.replace(event, next_due_at=round(due - at, 3))
        case machine.RoundStarted() | machine.RegistrationFailed() | machine.GaveUp() | machine.RegistrationSucceeded():
            return event
        case Updated():
            return event
        case CmdmpStateChanged(new=DmpState.UPDATE_SUCCESS):  # that is Updated, every time
            return None
        case CmdmpStateChanged(new=new):  # where it came from was told before
            return msgspec.structs.replace(event, old=new)
        case _:
            return None


def words_of(what: Deed, language: str) -> str:
    if isinstance(what, CmdmpStateChanged):
        return say(CostPhrase.STATE_REACHED, language, **fields_of(what))
    return words(what, language)


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
