"""The course of a run, whatever its devices are: what begins when, held up by a pause, and who leaves at the end.

Knows arrivals and devices by number; knows nothing of what a device does.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from nbtwin.engine import Seconds
from nbtwin.fleet.arrivals import Arrival, Arrivals
from nbtwin.fleet.plan import FleetPlan

LEAVING_AT_ONCE = 256
"""Devices that de-register together at the end."""


class Course:
    """``due`` is what begins by now; ``next_to_leave`` is who is to leave next, once `begin_leaving` was said."""

    def __init__(self, plan: FleetPlan) -> None:
        self._arrivals = Arrivals(plan)
        self._count = plan.devices.count
        self._leaver: int | None = None
        self._paused_at: Seconds | None = None

    def pause(self, now: Seconds) -> None:
        """Nothing new begins; what is under way goes on."""
        if self._paused_at is None:
            self._paused_at = now

    def resume(self, now: Seconds) -> None:
        if self._paused_at is not None:
            self._arrivals.shift(now - self._paused_at)
            self._paused_at = None

    @property
    def paused(self) -> bool:
        return self._paused_at is not None

    def due(self, now: Seconds) -> Iterator[Arrival]:
        while self._paused_at is None and self._arrivals.next_at <= now:
            arrival = self._arrivals.take()
            if arrival[1].do != "rest":
                yield arrival

    def stop(self) -> None:
        """Nothing new begins any more."""
        self._arrivals.stop()

    @property
    def over(self) -> bool:
        return self._arrivals.next_at == inf

    def begin_leaving(self) -> None:
        self._arrivals.stop()
        self._leaver = 0

    @property
    def leaving(self) -> bool:
        return self._leaver is not None

    @property
    def all_asked(self) -> bool:
        """To leave."""
        return self._leaver is not None and self._leaver >= self._count

    def next_to_leave(self, leaving: int) -> int | None:
        """None: nobody, or nobody now, for so many are leaving. Who waits for something else holds nobody up."""
        leaver = self._leaver
        if leaver is None or leaver >= self._count or leaving >= LEAVING_AT_ONCE:
            return None
        self._leaver = leaver + 1
        return leaver

    def next_at(self, leaving: int) -> Seconds:
        """inf: nothing begins by itself."""
        if self._leaver is not None:
            return 0.0 if self._leaver < self._count and leaving < LEAVING_AT_ONCE else inf
        return inf if self._paused_at is not None else self._arrivals.next_at
