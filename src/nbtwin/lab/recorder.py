"""The tap that writes the timeline: bytes become AT lines, datagrams one line each, events and deadlines words.

Knows the shape of what passes the drain; decides what is worth a line. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from nbtwin.dtls.events import KeyLogged
from nbtwin.engine import Deadline, Seconds
from nbtwin.lab.faults import Impairment, PacketInFlight
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.packet_tracer import PacketTracer
from nbtwin.lab.phrases import SAID_BY_DATAGRAMS, phrase
from nbtwin.timeline.catalogue import waiting_for, words
from nbtwin.timeline.clock import format_span
from nbtwin.timeline.entry import EntryKind, TimelineEntry
from nbtwin.timeline.ring import Timeline
from nbtwin.timeline.wording import describe, printable

_LONGEST_LINE = 2048
_SAID_BY_LINES = frozenset({"CommandAnswered"})  # the AT lines themselves are in the timeline


class TimelineRecorder(LabObserver):
    """Writes one timeline."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._lines: dict[str, tuple[_Lines, _Lines]] = {}
        self._echo: dict[str, str] = {}
        self._wire = PacketTracer(timeline.keys)

    def serial_in(self, at: Seconds, unit: ModuleNode, data: bytes) -> None:
        host, module = self._lines_of(unit.name)
        for line in module.flush() if not host else ():  # within a line it is the echo, which has no end yet
            self._timeline.write(at, unit.name, EntryKind.AT_OUT, line)
        for line in host.feed(data):
            self._echo[unit.name] = line
            self._timeline.write(at, unit.name, EntryKind.AT_IN, line)

    def serial_out(self, at: Seconds, unit: ModuleNode, data: bytes) -> None:
        host, module = self._lines_of(unit.name)
        for line in module.feed(data):
            if line == self._echo.pop(unit.name, None):
                continue
            for unfinished in host.flush():  # data mode ends without <CR>
                self._timeline.write(at, unit.name, EntryKind.AT_IN, unfinished)
            self._timeline.write(at, unit.name, EntryKind.AT_OUT, line)

    def _lines_of(self, name: str) -> tuple[_Lines, _Lines]:
        return self._lines.setdefault(name, (_Lines(), _Lines()))

    def event(self, at: Seconds, unit: Node, event: Any) -> None:
        if type(event).__name__ in _SAID_BY_LINES:
            if why := getattr(event, "why", ""):
                self._timeline.write(at, unit.name, EntryKind.AT_OUT, f"({why})", line=event.line, why=why)
            return
        inner = _inner(event)
        if isinstance(inner, KeyLogged):
            self._timeline.keys.add(inner.line)
        if isinstance(inner, (KeyLogged, *SAID_BY_DATAGRAMS)):
            return
        kind = EntryKind.STATE if isinstance(unit, ModuleNode) else EntryKind.PLATFORM
        self._timeline.record(partial(_event_entry, at, unit.name, kind, event))

    def deadline(self, at: Seconds, unit: Node, deadline: Deadline | None) -> None:
        if isinstance(unit, ModuleNode):  # a platform's deadlines are the lifetimes of its devices: no news
            self._timeline.record(partial(_deadline_entry, at, unit.name, deadline))

    def datagram(
        self, at: Seconds, passage: PacketInFlight, data: bytes, fate: Impairment, obstacle: str | None
    ) -> None:
        self._timeline.record(self._wire.see(at, passage, data, fate, obstacle).entry)

    def lookup(self, at: Seconds, module: str, name: str, host: str | None, why: str | None) -> None:
        text = f"{name} is {host}" if host is not None else f"{name} cannot be resolved: {why}"
        self._timeline.write(at, module, EntryKind.LOOKUP, text, name=name, host=host, why=why)

    def note(self, at: Seconds, source: str, kind: EntryKind, text: str, detail: Mapping[str, Any]) -> None:
        self._timeline.record(TimelineEntry(at, source, kind, text, dict(detail)))


def _inner(event: Any) -> Any:
    """An event of a service is brought by its module, one of a channel by its service."""
    while (carried := getattr(event, "event", None)) is not None:
        event = carried
    return event


def _event_entry(at: Seconds, source: str, kind: EntryKind, event: Any) -> TimelineEntry:
    text, detail = describe(event, at)
    if (better := phrase(_inner(event))) is not None:
        service = getattr(event, "service", None)
        text = printable(f"{service}: {better}" if service is not None else better)
    return TimelineEntry(at, source, kind, text, detail)


def _deadline_entry(at: Seconds, source: str, deadline: Deadline | None) -> TimelineEntry:
    if deadline is None:
        return TimelineEntry(at, source, EntryKind.DEADLINE, words("waiting-for-nothing"))
    why = waiting_for(deadline)
    text = f"waiting {format_span(max(0.0, deadline.at - at))}: {why}"
    return TimelineEntry(at, source, EntryKind.DEADLINE, text, {"until": deadline.at, "why": why})


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
