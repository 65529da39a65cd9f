"""Faults of the network, on purpose: seeded, scriptable, the same names in scenario files, the API and the tests.

A fault says *what* happens (its kind), to *which* datagrams (direction, source, destination), and *when* (a time
window, the n-th of those datagrams, a probability). Knows names and addresses, no datagram's content and no clock.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from nbtwin.engine import Address, Seconds
from nbtwin.lab.errors import error_code
from nbtwin.timeline.clock import format_span, parse_span


class FaultError(ValueError):
    """A description of a fault that says nothing sensible."""


class FaultKind(StrEnum):
    LOSS = "loss"
    DELAY = "delay"
    DUPLICATION = "duplication"
    REORDERING = "reordering"
    SILENCE = "silence"  # everything from and to the destination is lost: a server that is down
    REBINDING = "rebinding"  # the NAT gives the module another outer address, just before the datagram
    DNS_FAILURE = "dns_failure"
    ERROR = "error"  # the server answers the request with an error code


class Direction(StrEnum):
    UP = "up"  # from a module, or from a foreign client to a platform
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. ``source`` and ``destination`` are patterns (``*``) of names, hosts or ``host:port``."""

    kind: FaultKind
    direction: Direction | None = None
    source: str | None = None
    destination: str | None = None
    name: str | None = None  # dns_failure: a pattern of the names that cannot be resolved
    packets: tuple[int, ...] = ()  # of the datagrams that match: only the n-th, counted from 1
    probability: float = 1.0
    start: Seconds = 0.0  # since the start of the lab
    end: Seconds = math.inf
    seconds: Seconds = 1.0  # delay: how long; reordering: at most how long; dns_failure: until the failure is known
    spread: Seconds = 0.0  # delay: up to so much more, by chance
    copies: int = 1  # duplication: how many more
    code: str = "5.03"  # error: the answer's code

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise FaultError(f"probability is {self.probability}, not between 0 and 1")
        if any(n < 1 for n in self.packets):
            raise FaultError("packets are counted from 1")
        if self.end <= self.start:
            raise FaultError(f"the window ends ({self.end:g} s) before it starts ({self.start:g} s)")
        if not (0 <= self.seconds < math.inf and 0 <= self.spread < math.inf and 1 <= self.copies <= 100):
            raise FaultError("seconds and spread are finite and not negative, copies are 1 to 100")

    @staticmethod
    def parse(description: str | Mapping[str, Any]) -> Fault:
        """``{"kind": "loss", "packets": [1, 2]}`` or ``loss,packets=1+2,start=1h`` (spans as people write them)."""
        given = _words(description) if isinstance(description, str) else dict(description)
        known = {f.name for f in fields(Fault)}
        if unknown := given.keys() - known:
            raise FaultError(f"a fault has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
        if "kind" not in given:
            raise FaultError("a fault needs its kind: " + ", ".join(FaultKind))
        try:
            return Fault(**{key: _CONVERT.get(key, str)(value) for key, value in given.items() if value is not None})
        except FaultError:
            raise
        except (TypeError, ValueError) as error:
            raise FaultError(f"not a fault: {error}") from error

    def as_dict(self) -> dict[str, Any]:
        """What ``parse`` would need, in plain JSON values and without the defaults."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        plain = {f.name: values[f.name] for f in fields(self) if f.name == "kind" or values[f.name] != f.default}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}

    def __str__(self) -> str:
        return ", ".join(_phrase(key, value) for key, value in self.as_dict().items())


def _words(text: str) -> dict[str, Any]:
    kind, *rest = (part.strip() for part in text.split(","))
    given: dict[str, Any] = {"kind": kind}
    for part in rest:
        key, equals, value = part.partition("=")
        if not equals:
            raise FaultError(f"{part!r} is not key=value")
        given[key.strip()] = value.strip()
    return given


def _span(value: Any) -> Seconds:
    if isinstance(value, str):
        return math.inf if value == "inf" else parse_span(value)
    return float(value)


def _numbers(value: Any) -> tuple[int, ...]:
    if isinstance(value, int):
        return (value,)
    return tuple(int(n) for n in (value.split("+") if isinstance(value, str) else value))


def _code(value: Any) -> str:
    error_code(str(value))
    return str(value)


def _kind(value: Any) -> FaultKind:
    try:
        return FaultKind(value)
    except ValueError:
        raise FaultError(f"{value!r} is not a kind of fault: {', '.join(FaultKind)}") from None


_CONVERT: Mapping[str, Any] = {
    "kind": _kind,
    "direction": Direction,
    "packets": _numbers,
    "probability": float,
    "start": _span,
    "end": _span,
    "seconds": _span,
    "spread": _span,
    "copies": int,
    "code": _code,
}


def _phrase(key: str, value: Any) -> str:
    if key == "kind":
        return str(value)
    if key in ("start", "end", "seconds", "spread"):
        return f"{key} {format_span(value)}"
    return f"{key} {'+'.join(map(str, value))}" if isinstance(value, list) else f"{key} {value}"


@dataclass(frozen=True, slots=True)
class Passage:
    """One datagram on its way: who sends it to whom. The names are the lab's, or None for a foreign peer."""

    direction: Direction
    sender: str | None
    receiver: str | None
    source: Address
    destination: Address
    asked_for: Address | None = None  # where the module sent it, before routes


@dataclass(slots=True)
class Fate:
    """What becomes of a datagram: how many copies arrive, each how much later, and why (the faults that did it)."""

    delays: list[Seconds]
    faults: list[Fault]
    rebind: bool = False
    swap: Seconds | None = None  # wait for the next one that passes, at most so long
    error: str | None = None  # instead of delivering it, answer it with this code

    @property
    def lost(self) -> bool:
        return not self.delays


class Faults:
    """The faults of one lab and what they have counted so far; the order of adding is the order of judging."""

    def __init__(self, random_: random.Random, start: Seconds = 0.0) -> None:
        self._random = random_
        self._start = start
        self._faults: dict[int, Fault] = {}
        self._seen: dict[int, int] = {}
        self._last = 0

    def add(self, fault: Fault) -> int:
        """From now on; returns the number to take it off again by."""
        self._last += 1
        self._faults[self._last], self._seen[self._last] = fault, 0
        return self._last

    def remove(self, number: int) -> None:
        """``KeyError`` when there is no such fault."""
        del self._faults[number], self._seen[number]

    def clear(self) -> None:
        self._faults.clear()
        self._seen.clear()

    def __bool__(self) -> bool:
        return bool(self._faults)

    def listed(self) -> dict[int, Fault]:
        return dict(self._faults)

    def judge(self, now: Seconds, passage: Passage, latency: Seconds = 0.0) -> Fate:
        """What becomes of this datagram. Each fault counts what it matches, whatever the others do."""
        fate = Fate([latency], [])
        for number, fault in self._faults.items():
            if fault.kind is FaultKind.DNS_FAILURE or not self._in_window(now, fault) or not _concerns(fault, passage):
                continue
            if self._strikes(number, fault) and not fate.lost:
                fate.faults.append(fault)
                self._apply(fault, fate)
        return fate

    def judge_lookup(self, now: Seconds, module: str, name: str) -> Fault | None:
        """The fault that makes this look-up fail, if any."""
        for number, fault in self._faults.items():
            if fault.kind is not FaultKind.DNS_FAILURE or not self._in_window(now, fault):
                continue
            if _fits(fault.source, (module,)) and _fits(fault.name, (name,)) and self._strikes(number, fault):
                return fault
        return None

    def _in_window(self, now: Seconds, fault: Fault) -> bool:
        return fault.start <= now - self._start < fault.end

    def _strikes(self, number: int, fault: Fault) -> bool:
        self._seen[number] += 1
        if fault.packets and self._seen[number] not in fault.packets:
            return False
        return fault.probability >= 1 or self._random.random() < fault.probability

    def _apply(self, fault: Fault, fate: Fate) -> None:
        match fault.kind:
            case FaultKind.LOSS | FaultKind.SILENCE:
                fate.delays.clear()
            case FaultKind.DELAY:
                more = fault.seconds + (self._random.random() * fault.spread if fault.spread else 0.0)
                fate.delays = [delay + more for delay in fate.delays]
            case FaultKind.DUPLICATION:
                fate.delays += [fate.delays[0]] * fault.copies
            case FaultKind.REORDERING:
                fate.swap = fault.seconds
            case FaultKind.REBINDING:
                fate.rebind = True
            case FaultKind.ERROR:
                fate.error = fault.code


def _concerns(fault: Fault, passage: Passage) -> bool:
    if fault.kind in (FaultKind.REBINDING, FaultKind.ERROR) and passage.direction is not Direction.UP:
        return False
    if fault.direction not in (None, passage.direction):
        return False
    here = _names(passage.sender, passage.source)
    there = (*_names(passage.receiver, passage.destination), *_names(None, passage.asked_for))
    if _fits(fault.source, here) and _fits(fault.destination, there):
        return True
    both_ways = fault.kind is FaultKind.SILENCE and fault.direction is None
    return both_ways and _fits(fault.source, there) and _fits(fault.destination, here)


def _names(name: str | None, address: Address | None) -> tuple[str, ...]:
    named = (name,) if name is not None else ()
    return (*named, address[0], f"{address[0]}:{address[1]}") if address is not None else named


def _fits(pattern: str | None, names: Iterable[str]) -> bool:
    return pattern is None or any(fnmatchcase(name, pattern) for name in names)
