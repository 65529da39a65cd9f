"""The tap that writes the timeline: bytes become AT lines, datagrams one line each, events and deadlines words.

Knows the shape of what passes the drain; decides what is worth a line. Changes nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from typing import Any

from nbtwin.dtls.events import KeyLogged
from nbtwin.engine import Address, Deadline, Seconds
from nbtwin.lab.faults import Direction, Fate, FaultKind, Passage
from nbtwin.lab.taps import Tap
from nbtwin.lab.units import ModuleUnit, Unit
from nbtwin.timeline.clock import format_span
from nbtwin.timeline.datagrams import describe_datagram
from nbtwin.timeline.entry import Entry, Kind
from nbtwin.timeline.ring import Timeline
from nbtwin.timeline.wording import describe, printable

_LONGEST_LINE = 2048
_SENDINGS_KEPT = 1024
_SENDINGS_FOR: Seconds = 247  # EXCHANGE_LIFETIME, RFC 7252 4.8.2
_PEERS_KEPT = 4096
_SAID_BY_LINES = frozenset({"CommandAnswered"})  # the AT lines themselves are in the timeline


class Narrator(Tap):
    """Writes one timeline."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._lines: dict[str, tuple[_Lines, _Lines]] = {}
        self._echo: dict[str, str] = {}
        self._sendings: OrderedDict[tuple[Address, Address, bytes], tuple[int, Seconds]] = OrderedDict()
        self._known_as: OrderedDict[tuple[Address, Address], Address] = OrderedDict()

    def serial_in(self, at: Seconds, unit: ModuleUnit, data: bytes) -> None:
        host, module = self._lines_of(unit.name)
        for line in module.flush() if not host else ():  # within a line it is the echo, which has no end yet
            self._timeline.write(at, unit.name, Kind.AT_OUT, line)
        for line in host.feed(data):
            self._echo[unit.name] = line
            self._timeline.write(at, unit.name, Kind.AT_IN, line)

    def serial_out(self, at: Seconds, unit: ModuleUnit, data: bytes) -> None:
        host, module = self._lines_of(unit.name)
        for line in module.feed(data):
            if line == self._echo.pop(unit.name, None):
                continue
            for unfinished in host.flush():  # data mode ends without <CR>
                self._timeline.write(at, unit.name, Kind.AT_IN, unfinished)
            self._timeline.write(at, unit.name, Kind.AT_OUT, line)

    def _lines_of(self, name: str) -> tuple[_Lines, _Lines]:
        return self._lines.setdefault(name, (_Lines(), _Lines()))

    def event(self, at: Seconds, unit: Unit, event: Any) -> None:
        if type(event).__name__ in _SAID_BY_LINES:
            if why := getattr(event, "why", ""):
                self._timeline.write(at, unit.name, Kind.AT_OUT, f"({why})", line=event.line, why=why)
            return
        if isinstance(inner := _inner(event), KeyLogged):
            self._timeline.keys.add(inner.line)
            return
        kind = Kind.STATE if isinstance(unit, ModuleUnit) else Kind.PLATFORM
        self._timeline.record(partial(_event_entry, at, unit.name, kind, event))

    def deadline(self, at: Seconds, unit: Unit, deadline: Deadline | None) -> None:
        if isinstance(unit, ModuleUnit):  # a platform's deadlines are the lifetimes of its devices: no news
            self._timeline.record(partial(_deadline_entry, at, unit.name, deadline))

    def datagram(self, at: Seconds, passage: Passage, data: bytes, fate: Fate, obstacle: str | None) -> None:
        confirmable = bool(data) and data[0] & 0xF0 == 0x40  # RFC 7252 3: version 1, type CON; others never come again
        sending = self._count(at, passage, data) if confirmable else 1
        known_as = self._peer_of(passage)
        self._timeline.record(partial(_datagram_entry, at, passage, data, fate, obstacle, sending, known_as))

    def lookup(self, at: Seconds, module: str, name: str, host: str | None, why: str | None) -> None:
        text = f"{name} is {host}" if host is not None else f"{name} cannot be resolved: {why}"
        self._timeline.write(at, module, Kind.LOOKUP, text, name=name, host=host, why=why)

    def note(self, at: Seconds, source: str, kind: Kind, text: str, detail: Mapping[str, Any]) -> None:
        self._timeline.record(Entry(at, source, kind, text, dict(detail)))

    def _count(self, at: Seconds, passage: Passage, data: bytes) -> int:
        """The how-many-th time these very bytes go this way: a retransmission is the same bytes again."""
        key = (passage.source, passage.destination, data)
        count, last = self._sendings.pop(key, (0, at))
        count = count + 1 if at - last < _SENDINGS_FOR else 1
        self._sendings[key] = (count, at)
        if len(self._sendings) > _SENDINGS_KEPT:
            self._sendings.popitem(last=False)
        return count

    def _peer_of(self, passage: Passage) -> Address | None:
        """How the module knows its peer: the address it sends to, before routes and the lab's own platforms."""
        if passage.direction is Direction.DOWN:
            return self._known_as.get((passage.destination, passage.source))
        if passage.asked_for is None or passage.asked_for == passage.destination:
            return None
        self._known_as[passage.source, passage.destination] = passage.asked_for
        if len(self._known_as) > _PEERS_KEPT:
            self._known_as.popitem(last=False)
        return passage.asked_for


def _inner(event: Any) -> Any:
    """An event of a service is brought by its module, one of a channel by its service."""
    while (carried := getattr(event, "event", None)) is not None:
        event = carried
    return event


def _event_entry(at: Seconds, source: str, kind: Kind, event: Any) -> Entry:
    text, detail = describe(event)
    return Entry(at, source, kind, text, detail)


def _deadline_entry(at: Seconds, source: str, deadline: Deadline | None) -> Entry:
    if deadline is None:
        return Entry(at, source, Kind.DEADLINE, "waiting for nothing")
    text = f"waiting {format_span(max(0.0, deadline.at - at))}: {deadline.why}"
    return Entry(at, source, Kind.DEADLINE, text, {"until": deadline.at, "why": deadline.why})


def _datagram_entry(
    at: Seconds,
    passage: Passage,
    data: bytes,
    fate: Fate,
    obstacle: str | None,
    sending: int,
    known_as: Address | None,
) -> Entry:
    text, detail = describe_datagram(data)
    sender = passage.sender or _address(passage.source)
    receiver = passage.receiver or _address(passage.destination)
    again = f" (sending {sending})" if sending > 1 else ""
    fates = _fate(fate, obstacle)
    detail |= {
        "from": sender,
        "to": receiver,
        "source": _address(passage.source),
        "destination": _address(passage.destination),
        "direction": str(passage.direction),
        "sending": sending,
        "lost": fate.lost or obstacle is not None,
        "faults": [str(fault) for fault in fate.faults],
        "fate": fates,
        "data": data.hex(),
    }
    if known_as is not None:
        detail["known_as"] = _address(known_as)
    owner = passage.sender if passage.direction is Direction.UP else passage.receiver
    sign = "✗" if fate.lost or obstacle is not None else "⚠"
    line = f"{sender} → {receiver}  {text}{again}" + (f"  {sign} {fates}" if fates else "")
    return Entry(at, owner or passage.sender or passage.receiver or "network", Kind.DATAGRAM, line, detail)


def _fate(fate: Fate, obstacle: str | None) -> str:
    if obstacle is not None:
        return obstacle
    if fate.lost:
        return "lost" + (" in silence" if fate.faults[-1].kind is FaultKind.SILENCE else "")
    words = []
    if fate.error is not None:
        words.append(f"answered {fate.error} on purpose")
    if any(fault.kind is FaultKind.DELAY for fault in fate.faults):
        words.append(f"delayed {format_span(max(fate.delays))}")
    if len(fate.delays) > 1:
        words.append(f"{len(fate.delays)} times")
    if fate.swap is not None:
        words.append("held back to be overtaken")
    if fate.rebind:
        words.append("from a new address")
    return ", ".join(words)


def _address(address: Address) -> str:
    return f"{address[0]}:{address[1]}"


class _Lines:
    """Bytes to lines, for reading: ends at <CR> or <LF>, bounded, unprintable bytes escaped."""

    __slots__ = ("_part",)

    def __init__(self) -> None:
        self._part = bytearray()

    def __bool__(self) -> bool:
        return bool(self._part)

    def feed(self, data: bytes) -> list[str]:
        self._part += data
        if b"\r" not in data and b"\n" not in data and len(self._part) <= _LONGEST_LINE:
            return []
        *whole, rest = self._part.replace(b"\n", b"\r").split(b"\r")
        self._part = rest
        lines = [_readable(line) for line in whole if line]
        return lines + self.flush() if len(rest) > _LONGEST_LINE else lines

    def flush(self) -> list[str]:
        part, self._part = self._part, bytearray()
        return [_readable(part)] if part else []


def _readable(line: bytes | bytearray) -> str:
    return printable(bytes(line[:_LONGEST_LINE]).decode("utf-8", "backslashreplace"))
