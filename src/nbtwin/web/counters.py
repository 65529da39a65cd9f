"""What the console and Prometheus count: a tap on the lab's one drain. Counts and changes nothing.

Knows the shape of what passes; latencies are of the wall clock, from a request that reaches a platform to the answer
that leaves it: what lies between is its work and its commit.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from typing import Any

from nbtwin.at.session import CommandAnswered
from nbtwin.engine import Address, Seconds, code_of_name
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.nodes import Node, PlatformNode
from nbtwin.lab.observers import LabObserver
from nbtwin.operators import events as ev
from nbtwin.runtime.histogram import Histogram
from nbtwin.timeline.facts import Obstacle

_KEPT = 4096  # sendings and open requests that are remembered
_SENDINGS_FOR: Seconds = 247  # EXCHANGE_LIFETIME, RFC 7252 4.8.2

SERIES = (
    "packets_up", "packets_down", "bytes", "lost", "retransmissions", "at_commands", "at_errors", "registrations",
    "updates", "refusals", "entries",
)  # fmt: skip
"""What is counted a second, in this order."""


class Counters(LabObserver):
    """Since the lab was opened."""

    def __init__(self) -> None:
        self.totals: Counter[str] = Counter(dict.fromkeys(SERIES, 0))
        self._platform_events: Counter[tuple[str, type]] = Counter()
        self.at_results: Counter[str] = Counter()
        self.latencies: dict[str, Histogram] = {}
        self._sendings: OrderedDict[tuple[Address, Address, bytes], Seconds] = OrderedDict()  # by code and message ID
        self._asked: OrderedDict[tuple[str, Address, bytes], float] = OrderedDict()

    @property
    def platform_events(self) -> dict[tuple[str, str], int]:
        """By platform and code."""
        return {
            (platform, code_of_name(event.__name__)): count
            for (platform, event), count in self._platform_events.items()
        }

    def event(self, at: Seconds, unit: Node, event: Any) -> None:
        if isinstance(unit, PlatformNode):
            self._platform_events[unit.name, type(event)] += 1
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
        self, at: Seconds, passage: PacketInFlight, data: bytes, fate: Impairment, obstacle: Obstacle | None
    ) -> None:
        totals, up = self.totals, passage.direction is Direction.UP
        totals["packets_up" if up else "packets_down"] += 1
        totals["bytes"] += len(data)
        totals["lost"] += fate.lost or obstacle is not None
        if len(data) < 4 or data[0] >> 6 != 1:  # CoAP, RFC 7252 3
            return
        if data[0] & 0x30 == 0:
            totals["retransmissions"] += self._again(at, passage, data)
        if up and passage.receiver is not None and 0 < data[1] < 32 and not fate.lost:
            self._remember(self._asked, (passage.receiver, passage.source, data[2:4]), time.perf_counter())
        elif not up and passage.sender is not None and data[1] >= 64:
            self._answered(passage.sender, passage.destination, data[2:4])

    def _again(self, at: Seconds, passage: PacketInFlight, data: bytes) -> bool:
        """A message ID comes once within its lifetime, or it is the same message (RFC 7252 4.4)."""
        key = (passage.source, passage.destination, data[1:4])
        last = self._sendings.get(key)
        self._remember(self._sendings, key, at)
        return last is not None and at - last < _SENDINGS_FOR

    def _answered(self, platform: str, peer: Address, message_id: bytes) -> None:
        asked = self._asked.pop((platform, peer, message_id), None)
        if asked is not None:
            self.latencies.setdefault(platform, Histogram()).add(time.perf_counter() - asked)

    @staticmethod
    def _remember(memory: OrderedDict[Any, float], key: Any, value: float) -> None:
        memory[key] = value
        if len(memory) > _KEPT:
            memory.popitem(last=False)
