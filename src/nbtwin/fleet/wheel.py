"""Timers of very many devices: a list for each millisecond in which something is due. Nothing is taken out again:
whoever is woken looks whether it still means anything."""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf

from nbtwin.engine import Seconds

_TICKS = 1000


class Wheel:
    __slots__ = ("_due", "_ticks")

    def __init__(self) -> None:
        self._ticks: list[int] = []
        self._due: dict[int, list[int]] = {}

    def add(self, at: Seconds, number: int) -> None:
        tick = int(at * _TICKS) + 1
        there = self._due.get(tick)
        if there is None:
            self._due[tick] = [number]
            heappush(self._ticks, tick)
        else:
            there.append(number)

    def next_at(self) -> Seconds:
        """inf: nothing is due."""
        return self._ticks[0] / _TICKS if self._ticks else inf

    def take(self, now: Seconds) -> list[int]:
        """All that are due."""
        found: list[int] = []
        until = int(now * _TICKS + 0.001)  # a tick as a float may be a little less than it was
        while self._ticks and self._ticks[0] <= until:
            found += self._due.pop(heappop(self._ticks))
        return found
