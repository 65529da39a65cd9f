"""A shard of a fleet: `Shard(i, n, plan)` with run, stats, stop, pause and resume, free of whatever runs it.

One process may run it, a thread of one, or another machine: plan and results are data. Knows sockets and the clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from nbtwin.engine import Seconds
from nbtwin.fleet.engine import FleetEngine
from nbtwin.fleet.plan import FleetPlan
from nbtwin.fleet.tally import FleetStats
from nbtwin.fleet.transport import Transport, transport_of
from nbtwin.runtime.worlds import seed_of

if TYPE_CHECKING:
    from nbtwin.fleet.modules import ModuleFleet

_LONGEST_WAIT = 0.05
_TOLD_EVERY = 0.5


def resident() -> int:
    """Bytes of this process in memory."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096
    except OSError:
        return 0


def engine_of(plan: FleetPlan, lanes: int) -> FleetEngine | ModuleFleet:
    """Of protocol-only devices, or of whole modules."""
    if plan.modules is None:
        return FleetEngine(plan, lanes)
    from nbtwin.fleet.modules import ModuleFleet  # much code, for who wants it

    return ModuleFleet(plan, lanes)


class Wanted(msgspec.Struct):
    """What is wanted of the shards of a run, whatever was said before: so that it may be said twice."""

    stops: int = 0
    """How often a stop was asked for: the second time at once."""
    paused: bool = False


class Shard:
    """Part ``number`` of ``of``, from 0. ``run`` goes on until everything has come to its end; the other methods may be
    called from another thread or a signal handler."""

    def __init__(self, number: int, of: int, plan: FleetPlan) -> None:
        self.number, self.of = number, of
        self.plan = plan.shard(number, of, seed_of(plan.seed, number) if of > 1 else plan.seed)
        self._engine: FleetEngine | ModuleFleet | None = None
        self._now: Seconds = 0.0
        self._cpu_before = time.process_time()
        self._stopping = self._aborted = self._paused = False
        self._followed, self._following = 0, Lock()

    def run(self, tell: Callable[[FleetStats], object] = lambda stats: None) -> FleetStats:
        """``tell`` is told about twice a second. EdgeError for a socket that cannot be had."""
        transport = transport_of(self.plan)
        try:
            return self._run(transport, tell)
        finally:
            transport.close()

    def stats(self) -> FleetStats:
        if self._engine is None:
            return FleetStats(devices=self.plan.devices.count)
        found = self._engine.stats(self._now)
        found.paused = self._engine.course.paused
        found.cpu, found.memory = time.process_time() - self._cpu_before, resident()
        return found

    def stop(self) -> None:
        """Nothing new begins, what is registered leaves. A second time: at once."""
        self._aborted = self._stopping
        self._stopping = True

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def follow(self, wanted: Wanted) -> None:
        with self._following:
            while self._followed < wanted.stops:
                self._followed += 1
                self.stop()
        (self.pause if wanted.paused else self.resume)()

    def _run(self, transport: Transport, tell: Callable[[FleetStats], object]) -> FleetStats:
        self._engine = engine = engine_of(self.plan, transport.lanes)
        if isinstance(engine, FleetEngine):
            transport.routes = engine.routes
        course = engine.course
        clock, started = time.monotonic, time.monotonic()
        tell_at, ends_at = 0.0, float("inf")
        leaving = False
        while not self._aborted:
            self._now = now = clock() - started
            (course.pause if self._paused else course.resume)(now)
            if self._stopping:
                course.stop()
            if course.over:
                ends_at = min(ends_at, now + self.plan.grace)
                if not leaving and (self._stopping or not (engine.under_way or engine.coming_back) or now >= ends_at):
                    if self.plan.keep and not self._stopping:
                        break
                    leaving, ends_at = True, now + self.plan.grace
                    engine.begin_leaving()
                elif leaving and (engine.left or now >= ends_at):
                    break
            engine.handle_timer(now)
            transport.send(engine.datagrams_to_send())
            if now >= tell_at:
                tell_at = now + _TOLD_EVERY
                tell(self.stats())
            deadline = engine.next_deadline()
            until = _LONGEST_WAIT if deadline is None else max(0.0, deadline - (clock() - started))
            for key in transport.wait(min(until, _LONGEST_WAIT)):
                transport.receive(key, clock() - started, engine)
            transport.send(engine.datagrams_to_send())
        self._now = clock() - started
        engine.finish(self._now)
        if transport.unsendable:
            engine.tally.count("unsendable", transport.unsendable)
        return self.stats()
