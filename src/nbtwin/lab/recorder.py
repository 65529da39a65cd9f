"""The observer that writes the timeline: bytes become AT lines, everything else the fact that it is.

Decides what is worth an entry. Words and decodes nothing: whoever reads does. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from nbtwin.at.session import CommandAnswered
from nbtwin.coap.events import ResponseReceived
from nbtwin.dtls.events import AlertSent, FlightSent, KeyLogged, MessageReceived
from nbtwin.engine import Datagram, Deadline, Fact, Seconds
from nbtwin.lab.faults import Direction, FaultKind, Impairment, PacketInFlight
from nbtwin.lab.hold import CommitFailed, CommitRecovered
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import LabObserver
from nbtwin.module.events import ServiceReported
from nbtwin.timeline.entry import EntryKind, says_kind
from nbtwin.timeline.facts import (
    DatagramSeen,
    LineReceived,
    LineSent,
    Obstacle,
    SegmentSeen,
    Waiting,
    WaitingForNothing,
    Way,
)
from nbtwin.timeline.plain import printable
from nbtwin.timeline.ring import Timeline

_LONGEST_LINE = 2048
_NOTHING = WaitingForNothing()
_UP = Direction.UP
_ELSEWHERE = frozenset({FlightSent, MessageReceived, AlertSent, ResponseReceived})
"""What the datagrams in the timeline say already; lines say it of a ``CommandAnswered``."""
_LOOKED_AT = _ELSEWHERE | {CommandAnswered, KeyLogged, ServiceReported}
says_kind(EntryKind.PLATFORM, CommitFailed, CommitRecovered)


class LineRecorder:
    """Writes what hosts and modules say to each other, line by line. A module's echo is no line of its own."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._lines: dict[str, tuple[_Lines, _Lines]] = {}
        self._echo: dict[str, str] = {}

    def handle_host_bytes(self, at: Seconds, name: str, data: bytes) -> None:
        host, module = self._lines_of(name)
        for line in module.flush() if not host else ():  # within a line it is the echo, which has no end yet
            self._timeline.record(at, name, LineSent(line))
        for line in host.feed(data):
            self._echo[name] = line
            self._timeline.record(at, name, LineReceived(line))

    def handle_module_bytes(self, at: Seconds, name: str, data: bytes) -> None:
        host, module = self._lines_of(name)
        for line in module.feed(data):
            if line == self._echo.pop(name, None):
                continue
            for unfinished in host.flush():  # data mode ends without <CR>
                self._timeline.record(at, name, LineReceived(unfinished))
            self._timeline.record(at, name, LineSent(line))

    def _lines_of(self, name: str) -> tuple[_Lines, _Lines]:
        lines = self._lines.get(name)
        if lines is None:
            lines = self._lines[name] = (_Lines(), _Lines())
        return lines


class TimelineRecorder(LabObserver):
    """Writes one timeline."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._spoken = LineRecorder(timeline)

    def serial_in(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        self._spoken.handle_host_bytes(at, node.name, data)

    def serial_out(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        self._spoken.handle_module_bytes(at, node.name, data)

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        facts = list(events)
        if not _LOOKED_AT.isdisjoint(map(type, events)):
            facts = []
            for event in events:
                if type(event) in _LOOKED_AT:
                    self._look_at(innermost(event), event, facts)
                else:
                    facts.append(event)
        self._timeline.record_all(at, node.name, facts)

    def _look_at(self, told: Fact, event: Fact, facts: list[Fact]) -> None:
        if type(told) in _ELSEWHERE or (isinstance(told, CommandAnswered) and told.why is None):
            return
        if not isinstance(told, KeyLogged):
            facts.append(event)
        elif self._timeline.keys.add(told.line):
            facts.append(told)

    def deadline(self, at: Seconds, node: Node, deadline: Deadline | None) -> None:
        if not isinstance(node, ModuleNode):  # a platform's deadlines are the lifetimes of its devices: no news
            return
        if deadline is None:
            self._timeline.record(at, node.name, _NOTHING)
        else:
            until, reason = deadline.at, deadline.reason
            waiting = Waiting(until, reason, deadline.subject, deadline.number, deadline.count)
            self._timeline.record(at, node.name, waiting)

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: Obstacle | None
    ) -> None:
        owner = packet.sender if packet.direction is _UP else packet.receiver
        source = owner or packet.sender or packet.receiver or "network"
        if impairment.faults or obstacle is not None:
            fact = _impaired(packet, data, impairment, obstacle)
        else:
            fact = DatagramSeen(
                packet.direction,
                packet.source,
                packet.destination,
                data,
                packet.sender,
                packet.receiver,
                packet.asked_for,
                socket=packet.socket,
            )
        self._timeline.record(at, source, fact)

    def datagrams(self, at: Seconds, direction: Direction, way: Way, datagrams: Sequence[Datagram]) -> None:
        owner = way.sender if direction is _UP else way.receiver
        source = owner or way.sender or way.receiver or "network"
        self._timeline.record_datagrams(at, source, direction, way, datagrams)

    def lookup(self, at: Seconds, module: str, fact: Fact) -> None:
        self._timeline.record(at, module, fact)

    def segment(self, at: Seconds, module: str, fact: SegmentSeen) -> None:
        self._timeline.record(at, module, fact)

    def note(self, at: Seconds, source: str, fact: Fact) -> None:
        self._timeline.record(at, source, fact)


def innermost(event: Fact) -> Fact:
    """An event of a service is brought by its module."""
    return event.event if isinstance(event, ServiceReported) else event


def _impaired(packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: Obstacle | None) -> DatagramSeen:
    kinds = {fault.kind for fault in impairment.faults}
    return DatagramSeen(
        direction=packet.direction,
        source=packet.source,
        destination=packet.destination,
        data=data,
        sender=packet.sender,
        receiver=packet.receiver,
        asked_for=packet.asked_for,
        obstacle=obstacle,
        lost=impairment.lost,
        silenced=impairment.lost and bool(impairment.faults) and impairment.faults[-1].kind is FaultKind.SILENCE,
        error=impairment.error,
        octets=impairment.octets,
        delay=max(impairment.delays, default=0.0) if FaultKind.DELAY in kinds else None,
        copies=max(1, len(impairment.delays)),
        overtaken=impairment.swap is not None,
        rebound=impairment.rebind,
        faults=tuple(fault.spec for fault in impairment.faults),
        socket=packet.socket,
    )


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
