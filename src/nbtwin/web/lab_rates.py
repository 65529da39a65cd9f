"""What is counted by the lab's time, for charts: in its last seconds, minutes and hours in which something happened.

A day that passes at once is a day of figures, each at its hour. Each step also knows when on the wall clock it was
counted: that clock is the second axis of a chart. Looks at the counters when the lab's second is another one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from nbtwin.engine import DAY, HOUR, MINUTE, Datagram, Deadline, Fact, Seconds
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.nodes import Node
from nbtwin.lab.observers import LabObserver
from nbtwin.timeline.facts import Obstacle, Way
from nbtwin.timeline.ring import Timeline
from nbtwin.web.counters import SERIES, Counted

Step: TypeAlias = Literal["1", "60", "3600"]
KEPT: Mapping[int, int] = {1: 600, 60: int(DAY / MINUTE), 3600: int(31 * DAY / HOUR)}
"""So many steps with something in them, by their length in seconds."""
_TOLD_AT_ONCE = 600


class LabRates(LabObserver):
    """One lab's, from when it was opened. Stands before the counters: what it hears of is not counted yet."""

    def __init__(self, at: Seconds, totals: Mapping[str, int], timeline: Timeline) -> None:
        self.since, self.since_wall = at, time.time()
        self._totals, self._timeline = totals, timeline
        self._steps: dict[int, dict[int, Counted]] = {step: {} for step in KEPT}
        self._changed: dict[tuple[int, int], None] = {}
        self._all_told = True
        self._second = int(at)
        self._last = self._now()

    def steps(self, step: int, begin: Seconds) -> list[Counted]:
        """Those that are not over at that time of the lab, oldest first."""
        return [counted for counted in self._steps[step].values() if counted.begin + step > begin]

    def news(self) -> tuple[list[tuple[int, Counted]], bool]:
        """What has changed since this was asked the last time, and whether that is all of it."""
        found = [(step, self._steps[step][begin]) for step, begin in self._changed if begin in self._steps[step]]
        whole, self._all_told = self._all_told, True
        self._changed.clear()
        return found, whole

    def turn(self, at: Seconds) -> None:
        """It is this time now: what was counted since the last time was of the second of then."""
        if (counts := self._now()) != self._last:
            more = tuple(new - old for new, old in zip(counts, self._last, strict=True))
            self._last, wall = counts, time.time()
            for step in KEPT:
                self._add(step, wall, more)
        self._second = int(at)

    def _add(self, step: int, wall: float, more: Sequence[int]) -> None:
        begin, steps = self._second // step * step, self._steps[step]
        before = steps.get(begin)
        counts = tuple(more) if before is None else tuple(a + b for a, b in zip(before.counts, more, strict=True))
        steps[begin] = Counted(begin, self._second, wall, counts)
        if len(steps) > KEPT[step]:
            del steps[next(iter(steps))]
        self._changed[step, begin] = None
        if len(self._changed) > _TOLD_AT_ONCE:
            del self._changed[next(iter(self._changed))]
            self._all_told = False

    def _now(self) -> tuple[int, ...]:
        return tuple(self._timeline.recorded if name == "entries" else self._totals[name] for name in SERIES)

    # whatever happens may be the first of a new second

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        if at >= self._second + 1:
            self.turn(at)

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: Obstacle | None
    ) -> None:
        if at >= self._second + 1:
            self.turn(at)

    def datagrams(self, at: Seconds, direction: Direction, way: Way, datagrams: Sequence[Datagram]) -> None:
        if at >= self._second + 1:
            self.turn(at)

    def deadline(self, at: Seconds, node: Node, deadline: Deadline | None) -> None:
        if at >= self._second + 1:
            self.turn(at)
