"""What the console and Prometheus count: an observer on the lab's one drain. Counts and changes nothing.

Knows the shape of what passes; latencies are of the wall clock, from a request that reaches a platform to the answer
that leaves it: what lies between is its work and its commit.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from nbtwin.at.session import CommandAnswered
from nbtwin.engine import Address, Fact, Seconds, code_of_name
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.nodes import Node, PlatformNode
from nbtwin.lab.observers import LabObserver
from nbtwin.operators import events as ev
from nbtwin.runtime.histogram import Histogram
from nbtwin.timeline.facts import Obstacle

_KEPT = 4096  # sendings and open requests that are remembered, at least
_UP = Direction.UP
_SENDINGS_FOR: Seconds = 247  # EXCHANGE_LIFETIME, RFC 7252 4.8.2

SERIES = (
    "packets_up", "packets_down", "bytes", "lost", "retransmissions", "at_commands", "at_errors", "registrations",
    "updates", "refusals", "entries",
)  # fmt: skip
"""What is counted a second, in this order."""


class Counters(LabObserver):
    """Since the lab was opened."""

    def __init__(self) -> None:
        self.totals = dict.fromkeys(SERIES, 0)
        self._platform_events: Counter[tuple[str, type]] = Counter()
        self.at_results: Counter[str] = Counter()
        self.latencies: dict[str, Histogram] = {}
        self._sendings = _Newest()  # when a message was sent, by way, code and message ID
        self._asked = _Newest()  # when a request came, by platform, peer and message ID

    @property
    def platform_events(self) -> dict[tuple[str, str], int]:
        """By platform and code."""
        return {
            (platform, code_of_name(event.__name__)): count
            for (platform, event), count in self._platform_events.items()
        }

    def event(self, at: Seconds, node: Node, event: Fact) -> None:
        if isinstance(node, PlatformNode):
            self._platform_events[node.name, type(event)] += 1
        match event:
            case CommandAnswered():
                self._count_answer(event)
            case ev.DeviceRegistered():
                self.totals["registrations"] += 1
            case ev.DeviceUpdated():
                self.totals["updates"] += 1
            case ev.DeviceRefused():
                self.totals["refusals"] += 1

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
        if data[0] & 0x30 == 0 and self._again(at, packet, data):
            totals["retransmissions"] += 1
        if up:
            if packet.receiver is not None and 0 < data[1] < 32 and not lost:
                self._asked.put((packet.receiver, packet.source, data[2:4]), time.perf_counter())
        elif data[1] >= 64 and packet.sender is not None:
            self._answered(packet.sender, packet.destination, data[2:4])

    def _again(self, at: Seconds, packet: PacketInFlight, data: bytes) -> bool:
        """A message ID comes once within its lifetime, or it is the same message (RFC 7252 4.4)."""
        key = (packet.source, packet.destination, data[1:4])
        last = self._sendings.get(key)
        self._sendings.put(key, at)
        return last is not None and at - last < _SENDINGS_FOR

    def _answered(self, platform: str, peer: Address, message_id: bytes) -> None:
        asked = self._asked.pop((platform, peer, message_id))
        if asked is not None:
            self.latencies.setdefault(platform, Histogram()).add(time.perf_counter() - asked)


class _Newest:
    """What was put in last: at least ``_KEPT`` of it, at most twice as much. The older half goes at once."""

    __slots__ = ("_new", "_old")

    def __init__(self) -> None:
        self._new: dict[Any, float] = {}
        self._old: dict[Any, float] = {}

    def put(self, key: Any, value: float) -> None:
        self._new[key] = value
        if len(self._new) >= _KEPT:
            self._old, self._new = self._new, {}

    def get(self, key: Any) -> float | None:
        found = self._new.get(key)
        return found if found is not None else self._old.get(key)

    def pop(self, key: Any) -> float | None:
        newer, older = self._new.pop(key, None), self._old.pop(key, None)
        return newer if newer is not None else older
