"""Shards on many machines: each a task of Dask's scheduler, one aggregate while they run, and no part lost silently.

A worker that dies has its shard run again by the scheduler, on another worker, from its beginning; when that dies too,
or no worker is left, the shard is declared lost, with the numbers that it told last. Knows Dask (`nbtwin[cluster]`);
what a shard does it does not know.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any
from uuid import uuid4

import msgspec
from distributed import Client, Future

from nbtwin.fleet.cluster_part import TOPIC, Told, follow, room, run_part
from nbtwin.fleet.plan import FleetPlan
from nbtwin.fleet.processes import QUIET_FOR, SILENT_FOR, ShardState, state_of
from nbtwin.fleet.refusals import FleetRefusal
from nbtwin.fleet.shard import Wanted
from nbtwin.fleet.tally import FleetStats
from nbtwin.runtime.errors import Failed, WrongUsage
from nbtwin.runtime.worlds import seed_of

_PATIENCE = 0.2
_CONNECTS_WITHIN, _WORKERS_WITHIN = 10, 5
_WORKERS_ASKED_EVERY = 1.0
ALONE_FOR = 10.0
"""So many seconds without any worker: nobody runs what is left."""


class _Part:
    """A shard, as far as it is known here."""

    def __init__(self, plan: FleetPlan) -> None:
        self.plan = plan
        self.state = ShardState.RUNNING
        self.attempts: list[str] = []
        self.heard_at: float | None = None
        """None: it waits for a worker."""
        self.stats = FleetStats(devices=plan.devices.count)
        self.future: Future[Any] | None = None


class ClusterShards:
    """Like `processes.ShardProcesses`. ``of``: how many shards; 0: one for each worker that is there.

    Failed for a scheduler that cannot be reached, WrongUsage for one without workers and for a machine without room.
    """

    def __init__(self, plan: FleetPlan, scheduler: str, of: int = 0) -> None:
        self._run, self._wanted = uuid4().hex, Wanted()
        self._events: SimpleQueue[Any] = SimpleQueue()
        self._client = _connected(scheduler)
        try:
            count = of or len(self._client.nthreads())
            self._parts = [_Part(plan.shard(number, count, seed_of(plan.seed, number) if count > 1 else plan.seed))
                           for number in range(count)]  # fmt: skip
            for error in self._client.run(room, self._parts[-1].plan).values():
                if error is not None:
                    raise error
        except BaseException:
            self._client.close()
            raise

    @property
    def states(self) -> list[ShardState]:
        last = monotonic() - SILENT_FOR * QUIET_FOR
        return [
            state_of(part.state, len(part.attempts) - 1, part.heard_at is not None and part.heard_at < last)
            for part in self._parts
        ]

    def stats(self) -> FleetStats:
        total = FleetStats()
        for part in self._parts:
            total = total.plus(part.stats)
        return total

    # from a signal handler or another thread

    def stop(self) -> None:
        self._events.put(Wanted(self._wanted.stops + 1, self._wanted.paused))

    def pause(self) -> None:
        self._events.put(Wanted(self._wanted.stops, True))

    def resume(self) -> None:
        self._events.put(Wanted(self._wanted.stops, False))

    def run(self, tell: Callable[[FleetStats], object] = lambda stats: None) -> FleetStats:
        """Failed for what a shard fails with by itself."""
        try:
            self._client.subscribe_topic(TOPIC, lambda event: self._events.put(event[1]))
            for number, part in enumerate(self._parts):
                part.future = self._client.submit(
                    run_part, self._run, number, part.plan, key=f"nbtwin-fleet-{self._run}-{number}", pure=False
                )
                part.future.add_done_callback(partial(self._on_ended, number))
            self._follow(tell)
        finally:
            with suppress(Exception):
                self._client.cancel([part.future for part in self._parts if part.state is ShardState.RUNNING])
            self._client.close()
        return self.stats()

    def _on_ended(self, number: int, future: Future[Any]) -> None:
        """From a thread of Dask's."""
        self._events.put(number)

    def _follow(self, tell: Callable[[FleetStats], object]) -> None:
        asked_at = alone_since = monotonic()
        while any(part.state is ShardState.RUNNING for part in self._parts):
            try:
                event = self._events.get(timeout=_PATIENCE)
            except Empty:
                event = None
            if isinstance(event, Wanted):
                self._wanted = event
                self._say()
            elif isinstance(event, bytes):
                self._on_told(msgspec.msgpack.decode(event, type=Told))
            elif isinstance(event, int):
                self._on_done(self._parts[event])
            tell(self.stats())
            if (now := monotonic()) >= asked_at + _WORKERS_ASKED_EVERY:
                asked_at = now
                if self._workers():
                    alone_since = now
                elif now - alone_since > ALONE_FOR:
                    self._give_up()

    def _workers(self) -> int:
        try:
            return len(self._client.nthreads())
        except Exception:  # the scheduler is away
            return 0

    def _say(self) -> None:
        with suppress(Exception):  # a worker that dies meanwhile; whoever runs its shard again is told then
            self._client.run(follow, self._run, self._wanted, on_error="ignore")

    def _on_told(self, told: Told) -> None:
        if told.run == self._run and self._is_of(part := self._parts[told.number], told):
            part.stats, part.heard_at = told.stats, monotonic()

    def _is_of(self, part: _Part, told: Told) -> bool:
        """Whether it is of the newest attempt. When a fleet has been stopped nobody runs a shard again: what it had
        registered cannot leave any more."""
        if part.state is not ShardState.RUNNING:
            return False
        if told.attempt not in part.attempts:
            if part.attempts and self._wanted.stops:
                part.state = ShardState.LOST
            part.attempts.append(told.attempt)
            if self._wanted != Wanted():
                self._say()
        return part.state is ShardState.RUNNING and told.attempt == part.attempts[-1]

    def _on_done(self, part: _Part) -> None:
        if part.state is not ShardState.RUNNING:
            return
        assert part.future is not None
        if part.future.status != "finished":  # its worker died more than once, or the scheduler did
            part.state = ShardState.LOST
            return
        told = part.future.result()
        if isinstance(told, BaseException):
            raise told
        if self._is_of(part, told):
            part.stats = told.stats
            cut = told.left and not self._wanted.stops
            part.state = ShardState.LOST if cut else ShardState.AGAIN if part.attempts[1:] else ShardState.DONE

    def _give_up(self) -> None:
        for part in self._parts:
            if part.state is ShardState.RUNNING:
                part.state = ShardState.LOST


def _connected(scheduler: str) -> Client:
    """With at least one worker."""
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # who dies is told by the report
    try:
        client = Client(scheduler, timeout=_CONNECTS_WITHIN, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Failed(FleetRefusal.SCHEDULER_AWAY, scheduler) from error
    try:
        client.wait_for_workers(1, timeout=_WORKERS_WITHIN)
    except TimeoutError:
        client.close()
        raise WrongUsage(FleetRefusal.NO_WORKERS, scheduler) from None
    return client
