"""What the console and Prometheus count: an observer on the lab's one drain. Counts and changes nothing.

Knows the shape of what passes; latencies are of the wall clock, from a request that reaches a platform to the answer
that leaves it: what lies between is its work and its commit.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from nbtwin.at.session import CommandAnswered
from nbtwin.engine import Address, Datagram, Fact, Seconds, code_of_name
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.nodes import Node, PlatformNode
from nbtwin.lab.observers import LabObserver
from nbtwin.operators import events as ev
from nbtwin.runtime.histogram import Histogram
from nbtwin.timeline.facts import Obstacle, Way

_Sending: TypeAlias = tuple[Address, bytes]
_KEPT = 4096  # sendings that are remembered, at least
_UP = Direction.UP
_ERRORS = 0x80  # 4.00, RFC 7252 12.1: from here on responses that refuse
_SENDINGS_FOR: Seconds = 247  # EXCHANGE_LIFETIME, RFC 7252 4.8.2

SERIES = (
    "packets_up", "packets_down", "bytes", "lost", "retransmissions", "at_commands", "at_errors", "registrations",
    "updates", "refusals", "errors", "entries",
)  # fmt: skip
"""What is counted a second, in this order."""
_OF_PLATFORMS: dict[type, str] = {
    ev.DeviceRegistered: "registrations",
    ev.DeviceUpdated: "updates",
    ev.DeviceRefused: "refusals",
}


class Counted(NamedTuple):
    """How many of each of SERIES within a step of time: the lab's time when it began and up to which it is counted,
    and the wall clock's then."""

    begin: Seconds
    last: Seconds
    wall: float
    counts: tuple[int, ...]


class Counters(LabObserver):
    """Since the lab was opened."""

    def __init__(self) -> None:
        self.totals = dict.fromkeys(SERIES, 0)
        self._platform_events: Counter[tuple[str, type]] = Counter()
        self.at_results: Counter[str] = Counter()
        self.latencies: dict[str, Histogram] = {}
        self._traffic: dict[Address, _Traffic] = {}

    @property
    def platform_events(self) -> dict[tuple[str, str], int]:
        """By platform and code."""
        return {
            (platform, code_of_name(event.__name__)): count
            for (platform, event), count in self._platform_events.items()
        }

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        if isinstance(node, PlatformNode):
            for kind, count in Counter(map(type, events)).items():
                self._platform_events[node.name, kind] += count
                if (name := _OF_PLATFORMS.get(kind)) is not None:
                    self.totals[name] += count
            return
        for event in events:
            if isinstance(event, CommandAnswered):
                self._count_answer(event)

    def _count_answer(self, event: CommandAnswered) -> None:
        result = event.answer[-1] if event.answer else "none"
        kind = "OK" if result == "OK" else "error" if "ERROR" in result else "other"
        self.at_results[kind] += 1
        self.totals["at_commands"] += 1
        self.totals["at_errors"] += kind == "error"

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: Obstacle | None
    ) -> None:
        lost = not impairment.delays
        if lost or obstacle is not None:
            self.totals["lost"] += 1
        up = packet.direction is _UP
        local, peer = (packet.destination, packet.source) if up else (packet.source, packet.destination)
        way = Way(local, packet.sender, None if up and lost else packet.receiver)  # what is lost asks nobody
        self.datagrams(at, packet.direction, way, ((peer, data),))

    def datagrams(self, at: Seconds, direction: Direction, way: Way, datagrams: Sequence[Datagram]) -> None:
        self.totals["packets_up" if direction is _UP else "packets_down"] += len(datagrams)
        self.totals["bytes"] += sum([len(data) for _, data in datagrams])
        coap = [one for one in datagrams if len(one[1]) >= 4 and one[1][0] >> 6 == 1]  # RFC 7252 3
        traffic = self._traffic.get(way.local)
        if traffic is None:
            traffic = self._traffic[way.local] = _Traffic()
        self.totals["errors"] += sum([data[1] >= _ERRORS for _, data in coap])
        if direction is _UP:
            self._count_again(at, traffic.up, coap)
            if way.receiver is not None:
                now = time.perf_counter()
                for peer, data in coap:
                    if 0 < data[1] < 32:
                        traffic.asked.put((peer, data[2:4]), now)
        else:
            self._count_again(at, traffic.down, coap)
            if way.sender is not None:
                self._measure(way.sender, traffic.asked, coap)

    def _count_again(self, at: Seconds, sent: _Newest, coap: Sequence[Datagram]) -> None:
        again = 0
        for peer, data in coap:
            if not data[0] & 0x30:  # confirmable
                before = sent.put((peer, data[1:4]), at)
                if before is not None:
                    again += at - before < _SENDINGS_FOR  # or the message ID is in use again: 4.4
        self.totals["retransmissions"] += again

    def _measure(self, platform: str, asked: _Newest, coap: Sequence[Datagram]) -> None:
        answered: dict[float, int] = {}  # what came in one batch has waited as long
        for peer, data in coap:
            if data[1] >= 64:
                asked_at = asked.take((peer, data[2:4]))
                if asked_at is not None:
                    answered[asked_at] = answered.get(asked_at, 0) + 1
        if answered:
            histogram, now = self._latency_of(platform), time.perf_counter()
            for asked_at, count in answered.items():
                histogram.add(now - asked_at, count)

    def _latency_of(self, platform: str) -> Histogram:
        histogram = self.latencies.get(platform)
        if histogram is None:
            histogram = self.latencies[platform] = Histogram()
        return histogram


class _Newest:
    """When the newest messages were sent: at least ``_KEPT``, at most twice as many. The older half goes at once."""

    __slots__ = ("_new", "_old")

    def __init__(self) -> None:
        self._new: dict[_Sending, float] = {}
        self._old: dict[_Sending, float] = {}

    def put(self, sending: _Sending, at: float) -> float | None:
        """When it was sent before."""
        new = self._new
        before = new.get(sending)
        if before is None and self._old:
            before = self._old.get(sending)
        new[sending] = at
        if len(new) >= _KEPT:
            self._old, self._new = new, {}
        return before

    def take(self, sending: _Sending) -> float | None:
        """When it was sent, once."""
        at = self._new.pop(sending, None)
        before = self._old.pop(sending, None) if self._old else None
        return before if at is None else at


class _Traffic:
    """Of one address of the lab's."""

    __slots__ = ("asked", "down", "up")

    def __init__(self) -> None:
        self.up, self.down = _Newest(), _Newest()  # confirmable messages: peer, code and message ID
        self.asked = _Newest()  # requests that wait for their answer: peer and message ID, by the wall clock


def percentiles_of(histogram: Histogram) -> dict[str, float | None]:
    """How many were measured, and below what half, 95 and 99 of 100 of them are; None: none was."""
    return {"count": histogram.count} | {f"p{n}": histogram.percentile(n / 100) for n in (50, 95, 99)}
