"""What the console and Prometheus count: an observer on the lab's one drain. Counts and changes nothing.

Knows the shape of what passes; latencies are of the wall clock, from a request that reaches a platform to the answer
that leaves it: what lies between is its work and its commit.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TypeAlias

import msgspec

from nbtwin.at.session import CommandAnswered
from nbtwin.engine import Address, Fact, Seconds, code_of_name
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.nodes import Node, PlatformNode
from nbtwin.lab.observers import LabObserver
from nbtwin.operators import events as ev
from nbtwin.runtime.histogram import Histogram
from nbtwin.timeline.facts import Obstacle

_Way: TypeAlias = tuple[Address, Address, bytes]
"""Source, destination, message ID."""
_KEPT = 4096  # sendings that are remembered, at least
_UP = Direction.UP
_SENDINGS_FOR: Seconds = 247  # EXCHANGE_LIFETIME, RFC 7252 4.8.2

SERIES = (
    "packets_up", "packets_down", "bytes", "lost", "retransmissions", "at_commands", "at_errors", "registrations",
    "updates", "refusals", "entries",
)  # fmt: skip
"""What is counted a second, in this order."""
_OF_PLATFORMS = {
    ev.DeviceRegistered: "registrations",
    ev.DeviceUpdated: "updates",
    ev.DeviceRefused: "refusals",
}


class Counters(LabObserver):
    """Since the lab was opened."""

    def __init__(self) -> None:
        self.totals = dict.fromkeys(SERIES, 0)
        self._platform_events: Counter[tuple[str, type]] = Counter()
        self.at_results: Counter[str] = Counter()
        self.latencies: dict[str, Histogram] = {}
        self._sendings = _Newest()

    @property
    def platform_events(self) -> dict[tuple[str, str], int]:
        """By platform and code."""
        return {
            (platform, code_of_name(event.__name__)): count
            for (platform, event), count in self._platform_events.items()
        }

    def event(self, at: Seconds, node: Node, event: Fact) -> None:
        if isinstance(node, PlatformNode):
            kind = type(event)
            self._platform_events[node.name, kind] += 1
            if (name := _OF_PLATFORMS.get(kind)) is not None:
                self.totals[name] += 1
        elif isinstance(event, CommandAnswered):
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
        totals, up, lost = self.totals, packet.direction is _UP, not impairment.delays
        totals["packets_up" if up else "packets_down"] += 1
        totals["bytes"] += len(data)
        if lost or obstacle is not None:
            totals["lost"] += 1
        if len(data) < 4 or data[0] >> 6 != 1:  # CoAP, RFC 7252 3
            return
        code, confirmable = data[1], not data[0] & 0x30
        asks = up and 0 < code < 32 and packet.receiver is not None and not lost
        if confirmable or asks:
            sendings, way = self._sendings, (packet.source, packet.destination, data[2:4])
            if confirmable and (last := sendings.get(way)) is not None and last.code == code:
                totals["retransmissions"] += at - last.at < _SENDINGS_FOR  # or the message ID is in use again: 4.4
            sendings.put(way, _Sending(code, at, time.perf_counter() if asks else None))
        if code >= 64 and not up and packet.sender is not None:
            asked = self._sendings.get((packet.destination, packet.source, data[2:4]))
            if asked is not None and asked.asked_at is not None:
                self.latencies.setdefault(packet.sender, Histogram()).add(time.perf_counter() - asked.asked_at)
                asked.asked_at = None


class _Sending(msgspec.Struct, gc=False):
    """A message that was sent; ``asked_at``: a request that is not answered yet, by the wall clock."""

    code: int
    at: Seconds
    asked_at: float | None


class _Newest:
    """The newest message of each way and message ID: at least ``_KEPT``, at most twice as many. The older half goes at
    once."""

    __slots__ = ("_new", "_old")

    def __init__(self) -> None:
        self._new: dict[_Way, _Sending] = {}
        self._old: dict[_Way, _Sending] = {}

    def put(self, way: _Way, sending: _Sending) -> None:
        self._new[way] = sending
        if len(self._new) >= _KEPT:
            self._old, self._new = self._new, {}

    def get(self, way: _Way) -> _Sending | None:
        found = self._new.get(way)
        return found if found is not None else self._old.get(way)
