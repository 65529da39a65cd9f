"""Faults of the network and of serial lines, on purpose: seeded, scriptable, the same names in scenario files, the API
and the tests.

A fault says *what* happens (its kind), to *which* datagrams (direction, source, destination), and *when* (a time
window, the n-th of those datagrams, a probability). One of a serial line says so of a module's line; what it does there
is in ``lab.serial_faults``. Knows names and addresses, no datagram's content and no clock.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from fnmatch import translate
from functools import partial
from typing import Any

import msgspec

from nbtwin.engine import Address, Refusal, Seconds
from nbtwin.lab.errors import RESET, error_code
from nbtwin.timeline.catalogue import Phrase, say
from nbtwin.timeline.catalogue.errors import WordedError
from nbtwin.timeline.facts import Direction as Direction
from nbtwin.timeline.span import SpanError, parse_span


class FaultRefusal(Refusal):
    """What is wrong with the description of a fault."""

    BAUD = "fault-baud"  # value
    CODE = "fault-code"  # value
    DIRECTION = "fault-direction"  # value
    FIELD_UNKNOWN = "fault-field-unknown"  # unknown, known
    GIVEN_TWICE = "fault-given-twice"  # key
    KEY_VALUE = "fault-key-value"  # value
    KIND_MISSING = "fault-kind-missing"  # known
    KIND_UNKNOWN = "fault-kind-unknown"  # value, known
    NOBODY = "fault-nobody"  # value, near, known
    NUMBER = "fault-number"  # value
    OCTETS = "fault-octets"  # value
    PACKETS = "fault-packets"  # value
    PERCENT = "fault-percent"  # value
    PINS = "fault-pins"  # value
    PLACES = "fault-places"  # value
    PROBABILITY = "fault-probability"  # value
    SPANS = "fault-spans"
    TEXT = "fault-text"  # value
    WINDOW = "fault-window"  # start, end


class FaultError(WordedError, ValueError):
    """A description of a fault that says nothing sensible."""


class FaultPhrase(Phrase):
    """What is said of a fault. The catalogue has a message for each of its members besides, ``fault-with-MEMBER``."""

    DESCRIBED = "fault-described"  # fault
    SAYS = "fault-says"  # kind: what it does


class FaultKind(StrEnum):
    LOSS = "loss"
    DELAY = "delay"
    DUPLICATION = "duplication"
    REORDERING = "reordering"
    SILENCE = "silence"  # everything from and to the destination is lost: a server that is down
    REBINDING = "rebinding"  # the NAT gives the module another outer address, just before the datagram
    DNS_FAILURE = "dns_failure"
    ERROR = "error"  # the server answers the request with an error code
    RESET = "reset"  # the server answers the request with a Reset (RFC 7252 4.2)
    TRUNCATION = "truncation"  # only the first octets arrive
    # of a serial line; what each counts as one of `packets` is in `lab.serial_faults`
    SERIAL_URC = "serial_urc"  # a line that nobody asked for, where a line may stand
    SERIAL_INTERLEAVED = "serial_interleaved"  # the same within a line, which no document allows
    SERIAL_DOUBLED = "serial_doubled"  # what the module says by itself, several times
    SERIAL_LATE = "serial_late"  # what the module says by itself, later, behind what came after it
    SERIAL_SPLIT = "serial_split"  # between two bytes the line pauses
    SERIAL_SLOW = "serial_slow"  # an answer after so much of the time that it may take
    SERIAL_SWALLOWED = "serial_swallowed"  # the first bytes of a host after a silence
    SERIAL_NOISE = "serial_noise"  # bytes that mean nothing before a start's banner
    SERIAL_BAUD = "serial_baud"  # the host speaks and listens at another speed than the module
    SERIAL_PINS = "serial_pins"  # control lines are not connected: what one end does, the other does not see

    @property
    def is_serial(self) -> bool:
        return self.value.startswith("serial_")


class Place(StrEnum):
    """Where a line may stand between a command and what follows it: each cuts no other line in two."""

    ECHO = "echo"  # right behind the echo, or the command where there is none
    LINES = "lines"  # between two lines of an answer
    FINAL = "final"  # between an answer and its final result
    AFTER = "after"  # behind the final result


class Pin(StrEnum):
    """A control line, as hosts call it (V.24)."""

    DTR = "dtr"  # the host's, on the module's wake-up pin
    RI = "ri"  # the module's: it has something to say
    DCD = "dcd"  # the module's: it is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. ``source`` and ``destination`` are patterns (``*``) of names, hosts or ``host:port``; of a serial line
    both are its module, ``up`` is what the module says and ``down`` what the host does."""

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
    octets: int = 8  # truncation: how many are left; serial_swallowed: are lost; serial_noise: come at the most
    places: tuple[Place, ...] = ()  # serial_urc; none: all of them, but within answers that look like the text
    percent: float = 110.0  # serial_slow: of the limit
    silence: Seconds = 10.0  # serial_swallowed: after which the line is asleep
    baud: int = 115200  # serial_baud: the host's
    pins: tuple[Pin, ...] = ()  # serial_pins; none: all of them
    text: str | None = None  # serial_urc, serial_interleaved; None: what the family may say. Ends a line that is parsed

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise FaultError(FaultRefusal.PROBABILITY, "probability", value=self.probability)
        if any(n < 1 for n in self.packets):
            raise FaultError(FaultRefusal.PACKETS, "packets", value="+".join(map(str, self.packets)))
        if not self.start < self.end:
            raise FaultError(FaultRefusal.WINDOW, start=self.start, end=self.end)
        if not 0 <= self.octets <= 65535:
            raise FaultError(FaultRefusal.OCTETS, "octets", value=self.octets)
        if not (0 <= self.seconds < math.inf and 0 <= self.spread < math.inf and 1 <= self.copies <= 100):
            raise FaultError(FaultRefusal.SPANS)
        if not 0 <= self.silence < math.inf:
            raise FaultError(FaultRefusal.SPANS, "silence")
        if not 0 <= self.percent <= 1000:
            raise FaultError(FaultRefusal.PERCENT, "percent", value=self.percent)
        if not 50 <= self.baud <= 4_000_000:
            raise FaultError(FaultRefusal.BAUD, "baud", value=self.baud)
        if self.text is not None and not (0 < len(self.text) <= 200 and self.text.isprintable()):
            raise FaultError(FaultRefusal.TEXT, "text", value=self.text)

    @staticmethod
    def parse(description: str | Mapping[str, Any]) -> Fault:
        """``{"kind": "loss", "packets": [1, 2]}`` or ``loss,packets=1+2,start=1h`` (spans as people write them)."""
        given = _words(description) if isinstance(description, str) else dict(description)
        known = {f.name for f in fields(Fault)}
        if unknown := given.keys() - known:
            raise FaultError(FaultRefusal.FIELD_UNKNOWN, unknown=sorted(map(str, unknown)), known=sorted(known))
        if "kind" not in given:
            raise FaultError(FaultRefusal.KIND_MISSING, known=_KINDS)
        return Fault(**{key: _converted(key, value) for key, value in given.items() if value is not None})

    def as_dict(self) -> dict[str, Any]:
        """What ``parse`` would need, in plain JSON values and without the defaults."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        plain = {f.name: values[f.name] for f in fields(self) if f.name == "kind" or values[f.name] != f.default}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}

    @property
    def spec(self) -> str:
        """What ``parse`` would need, in one line."""
        plain = self.as_dict()
        kind = str(plain.pop("kind"))
        return ",".join((kind, *(f"{key}={_parsable(value)}" for key, value in plain.items())))

    def words(self, language: str = "en") -> str:
        """What it does, in words."""
        return say(FaultPhrase.DESCRIBED, language, fault=self.as_dict())


def unmatched(fault: Fault, names: Collection[str]) -> dict[str, str]:
    """Of source and destination, those that are the name of nobody: such a fault matches nothing (D134).

    An address, and a pattern of addresses, may belong to anybody outside the lab.
    """
    given = {"source": fault.source, "destination": fault.destination}
    return {
        field: pattern
        for field, pattern in given.items()
        if pattern is not None and _ADDRESS.fullmatch(pattern) is None and not _fits(pattern)(tuple(names))
    }


def check_names(fault: Fault, names: Collection[str]) -> None:
    """FaultError for a name that nobody has. A pattern with a ``*`` may wait for whoever comes (D134)."""
    for field, value in unmatched(fault, names).items():
        if not _is_pattern(value):
            from difflib import get_close_matches  # loaded by who has made a mistake

            near = get_close_matches(value, names, 3) or None
            raise FaultError(FaultRefusal.NOBODY, field, value=value, near=near, known=sorted(names))


_ADDRESS = re.compile(r"[0-9A-Fa-f.:*?\[\]!-]*[0-9:.*][0-9A-Fa-f.:*?\[\]!-]*")


def _parsable(value: Any) -> str:
    if isinstance(value, list):
        return "+".join(map(str, value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _words(text: str) -> dict[str, Any]:
    text, behind, said = text.partition(",text=")  # it takes the rest of the line
    kind, *rest = (part.strip() for part in text.split(","))
    given: dict[str, Any] = {"kind": kind}
    if behind:
        given["text"] = said
    for part in rest:
        key, equals, value = part.partition("=")
        if not equals:
            raise FaultError(FaultRefusal.KEY_VALUE, value=part)
        if key.strip() in given:
            raise FaultError(FaultRefusal.GIVEN_TWICE, key=key.strip())
        given[key.strip()] = value.strip()
    return given


def _converted(key: str, value: Any) -> Any:
    """The value of one key; FaultError says what it should have been."""
    try:
        return _CONVERT.get(key, str)(value)
    except FaultError:
        raise
    except SpanError as error:
        raise FaultError(error.code, key, **error.fields) from None
    except (TypeError, ValueError, OverflowError):
        raise FaultError(_REFUSED.get(key, FaultRefusal.NUMBER), key, value=str(value)) from None


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


def _places(value: Any) -> tuple[Place, ...]:
    return tuple(map(Place, value.split("+") if isinstance(value, str) else value))


def _pins(value: Any) -> tuple[Pin, ...]:
    return tuple(map(Pin, value.split("+") if isinstance(value, str) else value))


def _kind(value: Any) -> FaultKind:
    try:
        return FaultKind(value)
    except ValueError:
        raise FaultError(FaultRefusal.KIND_UNKNOWN, value=str(value), known=_KINDS) from None


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
    "octets": int,
    "places": _places,
    "pins": _pins,
    "percent": float,
    "silence": _span,
    "baud": int,
}

_REFUSED = {
    "direction": FaultRefusal.DIRECTION,
    "packets": FaultRefusal.PACKETS,
    "probability": FaultRefusal.PROBABILITY,
    "code": FaultRefusal.CODE,
    "places": FaultRefusal.PLACES,
    "pins": FaultRefusal.PINS,
    "percent": FaultRefusal.PERCENT,
    "baud": FaultRefusal.BAUD,
}
"""What is said of a value that its converter does not take; of all others that they are no number."""
_KINDS = [str(kind) for kind in FaultKind]


class PacketInFlight(msgspec.Struct, frozen=True, gc=False):
    """One datagram on its way: who sends it to whom. The names are the lab's, or None for a foreign peer."""

    direction: Direction
    sender: str | None
    receiver: str | None
    source: Address
    destination: Address
    asked_for: Address | None = None  # where the module sent it, before routes
    socket: bool = False  # it leaves or reaches one of the module's, and no service


class Impairment(msgspec.Struct):
    """What becomes of a datagram: how many copies arrive, each how much later, and why (the faults that did it)."""

    delays: list[Seconds]
    faults: list[Fault]
    rebind: bool = False
    swap: Seconds | None = None  # wait for the next one that passes, at most so long
    error: str | None = None  # instead of delivering it, answer it with this code, or with a Reset ("RST")
    octets: int | None = None  # so much of it arrives

    @property
    def lost(self) -> bool:
        return not self.delays


UNIMPAIRED = Impairment([0.0], [])
"""It arrives at once, as it is. Nobody changes it."""

Names = tuple[str, ...]
Fits = Callable[[Names], bool]


class Rule:
    """A fault made ready for judging many datagrams: its window in the lab's time, its patterns compiled, its count."""

    __slots__ = (
        "both_ways", "direction", "end", "fault", "fits_destination", "fits_source", "origin", "seen", "start",
    )  # fmt: skip

    def __init__(self, fault: Fault, origin: Seconds) -> None:
        self.fault = fault
        self.seen, self.origin = 0, origin
        self.start, self.end = origin + fault.start, origin + fault.end
        only_up = fault.kind in (FaultKind.REBINDING, FaultKind.ERROR, FaultKind.RESET)
        self.direction = Direction.UP if only_up and fault.direction is None else fault.direction
        self.both_ways = fault.kind is FaultKind.SILENCE and fault.direction is None
        if only_up and fault.direction is Direction.DOWN:
            self.end = self.start  # never
        self.fits_source, self.fits_destination = _fits(fault.source), _fits(fault.destination)

    def strikes(self, random_: random.Random) -> bool:
        """Of what it matches: whether this time. Counts it."""
        self.seen += 1
        fault = self.fault
        if fault.packets and self.seen not in fault.packets:
            return False
        return fault.probability >= 1 or random_.random() < fault.probability

    def concerns(self, direction: Direction, here: Names, there: Names) -> bool:
        if self.direction is not None and self.direction is not direction:
            return False
        if self.fits_source(here) and self.fits_destination(there):
            return True
        return self.both_ways and self.fits_source(there) and self.fits_destination(here)


class Faults:
    """The faults of one lab and what they have counted so far; the order of adding is the order of judging."""

    def __init__(self, random_: random.Random, start: Seconds = 0.0) -> None:
        self._random = random_
        self._start = start
        self.on_the_way: dict[int, Rule] = {}
        """Of datagrams, by number. To be read only."""
        self._on_lookups: dict[int, Rule] = {}
        self.on_lines: dict[int, Rule] = {}
        """Of serial lines, by number. To be read only."""
        self._last = 0

    def add(self, fault: Fault) -> int:
        """From now on; returns the number to take it off again by."""
        self._last += 1
        self._like(fault)[self._last] = Rule(fault, self._start)
        return self._last

    def kept(self) -> list[tuple[int, Fault, Seconds, int]]:
        """By number: the fault, what its window counts from, how many datagrams it has matched."""
        rules = self._all
        return [(number, rules[number].fault, rules[number].origin, rules[number].seen) for number in sorted(rules)]

    def take_back(self, number: int, fault: Fault, origin: Seconds, seen: int) -> None:
        """One from before a restart, as it was."""
        self._like(fault)[number] = rule = Rule(fault, origin)
        rule.seen = seen
        self._last = max(self._last, number)

    def remove(self, number: int) -> None:
        """``KeyError`` when there is no such fault."""
        del self._like(self._all[number].fault)[number]

    def clear(self) -> None:
        self.on_the_way.clear()
        self._on_lookups.clear()
        self.on_lines.clear()

    @property
    def _all(self) -> dict[int, Rule]:
        return self.on_the_way | self._on_lookups | self.on_lines

    def _like(self, fault: Fault) -> dict[int, Rule]:
        """Those among which it stands."""
        if fault.kind.is_serial:
            return self.on_lines
        return self._on_lookups if fault.kind is FaultKind.DNS_FAILURE else self.on_the_way

    def listed(self) -> dict[int, Fault]:
        rules = self._all
        return {number: rules[number].fault for number in sorted(rules)}

    def judge(self, now: Seconds, packet: PacketInFlight, latency: Seconds = 0.0) -> Impairment:
        """What becomes of this datagram. Each fault counts what it matches, whatever the others do."""
        impairment = Impairment([latency], [])
        if not self.on_the_way:
            return impairment
        here = _names(packet.sender, packet.source)
        there = (*_names(packet.receiver, packet.destination), *_names(None, packet.asked_for))
        for rule in self.on_the_way.values():
            if not rule.start <= now < rule.end or not rule.concerns(packet.direction, here, there):
                continue
            if self._strikes(rule) and not impairment.lost:
                impairment.faults.append(rule.fault)
                self._apply(rule.fault, impairment)
        return impairment

    def on_line(self, now: Seconds, module: str) -> list[tuple[int, Rule]]:
        """What goes wrong on a module's serial line now, by number."""
        names = (module,)
        return [
            (number, rule)
            for number, rule in self.on_lines.items()
            if rule.start <= now < rule.end and rule.fits_source(names) and rule.fits_destination(names)
        ]

    def judge_lookup(self, now: Seconds, module: str, name: str) -> Fault | None:
        """The fault that makes this look-up fail, if any."""
        for rule in self._on_lookups.values():
            if not rule.start <= now < rule.end:
                continue
            if rule.fits_source((module,)) and _fits(rule.fault.name)((name,)) and self._strikes(rule):
                return rule.fault
        return None

    def _strikes(self, rule: Rule) -> bool:
        return rule.strikes(self._random)

    def _apply(self, fault: Fault, impairment: Impairment) -> None:
        match fault.kind:
            case FaultKind.LOSS | FaultKind.SILENCE:
                impairment.delays.clear()
            case FaultKind.DELAY:
                more = fault.seconds + (self._random.random() * fault.spread if fault.spread else 0.0)
                impairment.delays = [delay + more for delay in impairment.delays]
            case FaultKind.DUPLICATION:
                impairment.delays += [impairment.delays[0]] * fault.copies
            case FaultKind.REORDERING:
                impairment.swap = fault.seconds
            case FaultKind.REBINDING:
                impairment.rebind = True
            case FaultKind.ERROR:
                impairment.error = fault.code
            case FaultKind.RESET:
                impairment.error = RESET
            case FaultKind.TRUNCATION:
                impairment.octets = fault.octets


def _names(name: str | None, address: Address | None) -> Names:
    named = (name,) if name is not None else ()
    return (*named, address[0], f"{address[0]}:{address[1]}") if address is not None else named


def _fits(pattern: str | None) -> Fits:
    """Whether one of the names is meant: by itself, or by a pattern of the shell."""
    if pattern is None:
        return _anything
    if not _is_pattern(pattern):
        return partial(_among, pattern)
    return partial(_one_matches, re.compile(translate(pattern)).match)


def _is_pattern(text: str) -> bool:
    return any(sign in text for sign in "*?[")


def _anything(names: Names) -> bool:
    return True


def _among(name: str, names: Names) -> bool:
    return name in names


def _one_matches(match: Callable[[str], object], names: Names) -> bool:
    return any(match(name) for name in names)
