"""What the console and Prometheus count: an observer on the lab's one drain. Counts and changes nothing.

Knows the shape of what passes; latencies are of the wall clock, from a request that reaches a platform to the answer
that leaves it: what lies between is its work and its commit.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from nbtwin.at.session import CommandAnswered
from nbtwin.coap.traffic import Traffic
from nbtwin.engine import Address, Datagram, Fact, Seconds, code_of_name
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.nodes import Node, PlatformNode
from nbtwin.lab.observers import LabObserver
from nbtwin.operators import events as ev
from nbtwin.runtime.histogram import Histogram
from nbtwin.timeline.facts import Obstacle, Way

_UP = Direction.UP
_DATA = itemgetter(1)

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
        self._traffic: dict[Address, Traffic] = {}

    @property
    def platform_events(self) -> dict[tuple[str, str], int]:
        """By platform and code."""
        return {
            (platform, code_of_name(event.__name__)): count
            for (platform, event), count in self._platform_events.items()
        }

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        if isinstance(node, PlatformNode):
            kinds = set(map(type, events))
            counts = {kind: len(events) for kind in kinds} if len(kinds) == 1 else Counter(map(type, events))
            for kind, count in counts.items():
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
        self.totals["bytes"] += sum(map(len, map(_DATA, datagrams)))
        traffic = self._traffic.get(way.local)
        if traffic is None:
            traffic = self._traffic[way.local] = Traffic()
        up = direction is _UP
        platform = way.receiver if up else way.sender
        now = time.perf_counter()
        seen = traffic.look(at, now, datagrams, up=up, timed=platform is not None)
        self.totals["errors"] += seen.errors
        self.totals["retransmissions"] += seen.again
        if platform is not None:
            for waited, count in seen.waits:
                self._latency_of(platform).add(waited, count)

    def _latency_of(self, platform: str) -> Histogram:
        histogram = self.latencies.get(platform)
        if histogram is None:
            histogram = self.latencies[platform] = Histogram()
        return histogram


def percentiles_of(histogram: Histogram) -> dict[str, float | None]:
    """How many were measured, and below what half, 95 and 99 of 100 of them are; None: none was."""
    return {"count": histogram.count} | {f"p{n}": histogram.percentile(n / 100) for n in (50, 95, 99)}
