"""When what begins: instants drawn from a phase's rate, whatever becomes of what began before (open loop).

Knows rates, a seed and the number of devices; knows no server, so that no answer can hold an arrival up.
"""

from __future__ import annotations

from math import inf, pi, sin
from random import Random
from typing import TypeAlias

from nbtwin.engine import Seconds
from nbtwin.fleet.plan import FleetPhase, FleetPlan

EACH_ONCE = frozenset({"register", "reboot", "rebind", "deregister"})
"""These go through the devices in their order; the others draw one."""
Arrival: TypeAlias = tuple[Seconds, FleetPhase, int]
"""When it was due, what of, and which device."""


class Arrivals:
    """``next_at`` is the next arrival; ``take`` returns what it is and goes on. inf: there are no more.

    The last of all is ``rest``, for nobody: when the last phase ends."""

    def __init__(self, plan: FleetPlan) -> None:
        self._plan = plan
        self._random = Random(f"{plan.seed}/arrivals")
        self._count = plan.devices.count
        self._number = -1
        self._phase = FleetPhase(do="rest", span=0.0)
        self._begin = self._end = self._highest = 0.0
        self._steady = True
        self._turns = 0
        self.next_at: Seconds = 0.0
        self._next_phase()

    def take(self) -> Arrival:
        due, phase = self.next_at, self._phase
        if phase.do == "rest":
            self.stop()
            return due, phase, 0
        in_order = phase.do in EACH_ONCE or phase.span is None
        device = self._turns % self._count if in_order else self._random.randrange(self._count)
        self._turns += 1
        self._advance(due)
        return due, phase, device

    def shift(self, span: Seconds) -> None:
        """Everything that is to come comes so much later."""
        self._begin += span
        self._end += span
        self.next_at += span

    def stop(self) -> None:
        self.next_at = inf
        self._number = len(self._plan.phases)

    def _advance(self, now: Seconds) -> None:
        phase = self._phase
        if phase.span is None and self._turns >= self._count:
            self._begin = now
            self._next_phase()
            return
        self.next_at = self._next(now)
        if self.next_at >= self._end:
            self._begin = self._end
            self._next_phase()

    def _next(self, now: Seconds) -> Seconds:
        """A Poisson process whose rate changes: one of its highest rate, of which so many count as the rate of their
        instant says (thinning; Lewis and Shedler 1979)."""
        highest, random = self._highest, self._random
        if self._steady:
            return now + random.expovariate(highest) if highest else now
        at = now
        while at < self._end:
            at += random.expovariate(highest)
            rate = self._rate(at)
            if rate >= highest or random.random() * highest < rate:
                return at
        return at

    def _rate(self, now: Seconds) -> float:
        phase = self._phase
        rate, since = phase.rate or 0.0, now - self._begin
        if phase.to is not None:
            share = since / (self._plan.lasts(phase) or 1.0)
            rate += (phase.to - rate) * min(1.0, share)
        if phase.wave:
            rate *= 1 + phase.depth * sin(2 * pi * since / phase.wave)
        return rate

    def _next_phase(self) -> None:
        """From ``_begin`` on. A phase of rest is its span alone."""
        while True:
            self._number += 1
            if self._number >= len(self._plan.phases) or not self._count:
                self._phase = FleetPhase(do="rest")
                self.next_at = self._begin if self._count else inf
                return
            self._phase = phase = self._plan.phases[self._number]
            self._highest, self._steady = phase.highest_rate, phase.to is None and not phase.wave
            self._turns = 0
            self._end = inf if phase.span is None else self._begin + phase.span
            if phase.do == "rest":
                self._begin = self._end
                continue
            self.next_at = self._next(self._begin)
            if self.next_at < self._end:
                return
            self._begin = self._end
