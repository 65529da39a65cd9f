"""Shards in processes of this machine: one aggregate while they run, and a process that is killed is noticed.

Its shard is run again in another process, from its beginning, or declared lost. Knows processes and pipes; a shard's
plan, what it tells and what it is told are data.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from threading import Thread
from typing import Any

from nbtwin.fleet.plan import FleetPlan
from nbtwin.fleet.shard import Shard, Wanted
from nbtwin.fleet.tally import FleetStats
from nbtwin.runtime.errors import Failed
from nbtwin.runtime.worlds import without_ctrl_c

AGAIN = 1
"""So often a shard whose process died is run again."""
_PATIENCE = 0.2


class ShardState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    AGAIN = "again"
    """Done, in another process than its first."""
    LOST = "lost"


class _Held:
    """A shard's process. What it told last is kept."""

    def __init__(self, number: int) -> None:
        self.number, self.tries = number, 0
        self.state = ShardState.RUNNING
        self.stats = FleetStats()
        self.error: BaseException | None = None
        self.process: SpawnProcess | None = None
        self.connection: Connection[Any, Any] | None = None

    def say(self, wanted: Wanted) -> None:
        if self.connection is not None:
            try:
                self.connection.send(wanted)
            except OSError:
                return  # it has ended, and whoever reads from it learns it


class ShardProcesses:
    """``run`` returns the sum of all shards; ``states`` says what became of each."""

    def __init__(self, plan: FleetPlan, of: int) -> None:
        self._plan = plan
        self._context = get_context("spawn")
        self._held = [_Held(number) for number in range(of)]
        self._wanted = Wanted()

    @property
    def states(self) -> list[ShardState]:
        return [held.state for held in self._held]

    @property
    def processes(self) -> list[int]:
        """Their numbers, of those that run."""
        return [held.process.pid for held in self._held if held.process is not None and held.process.pid]

    def run(self, tell: Callable[[FleetStats], object] = lambda stats: None) -> FleetStats:
        """Failed or EdgeError for what a shard fails with by itself."""
        try:
            for held in self._held:
                self._start(held)
            while busy := {held.connection: held for held in self._held if held.connection is not None}:
                for ready in wait(list(busy), _PATIENCE):
                    assert isinstance(ready, Connection)
                    self._read(busy[ready])
                tell(self.stats())
        finally:
            for held in self._held:
                self._end(held)
        for held in self._held:
            if held.error is not None:
                raise held.error
        return self.stats()

    def stats(self) -> FleetStats:
        total = FleetStats()
        for held in self._held:
            total = total.plus(held.stats)
        return total

    # from a signal handler or another thread

    def stop(self) -> None:
        self._want(Wanted(self._wanted.stops + 1, self._wanted.paused))

    def pause(self) -> None:
        self._want(Wanted(self._wanted.stops, True))

    def resume(self) -> None:
        self._want(Wanted(self._wanted.stops, False))

    def _want(self, wanted: Wanted) -> None:
        self._wanted = wanted
        for held in self._held:
            held.say(wanted)

    def _start(self, held: _Held) -> None:
        held.tries += 1
        held.stats = FleetStats(devices=self._plan.shard(held.number, len(self._held), 0).devices.count)
        held.connection, theirs = self._context.Pipe()
        held.process = self._context.Process(
            target=_live, args=(theirs, held.number, len(self._held), self._plan), daemon=True
        )
        with without_ctrl_c():
            held.process.start()
        theirs.close()
        held.say(self._wanted)  # what was said before it began

    def _read(self, held: _Held) -> None:
        assert held.connection is not None
        try:
            said = held.connection.recv()
        except (EOFError, OSError):
            self._end(held)
            if held.tries > AGAIN or self._wanted.stops:
                held.state = ShardState.LOST
            else:
                self._start(held)
            return
        if isinstance(said, FleetStats):
            held.stats = said
            return
        if isinstance(said, BaseException):
            held.error = said
        held.state = ShardState.DONE if held.tries == 1 else ShardState.AGAIN
        self._end(held)

    def _end(self, held: _Held) -> None:
        if held.process is not None and held.connection is not None:
            held.connection.close()
            held.process.join(1.0)
            if held.process.exitcode is None:
                held.process.terminate()
                held.process.join()
            held.process.close()
        held.process = held.connection = None


def _live(connection: Connection[Any, Any], number: int, of: int, plan: FleetPlan) -> None:
    """The life of a process: a shard, what it tells, and that it is done."""
    shard = Shard(number, of, plan)
    try:
        shard.follow(connection.recv())  # before anything begins
        Thread(target=_listen, args=(connection, shard), daemon=True).start()
        connection.send(shard.run(connection.send))
        connection.send(True)
    except (BrokenPipeError, ConnectionResetError, EOFError):
        return  # whoever started it has ended
    except Exception as error:
        connection.send(error if isinstance(error, Failed) else Failed.of(error))


def _listen(connection: Connection[Any, Any], shard: Shard) -> None:
    """Whoever started it has ended: so does the shard, with what it has registered."""
    try:
        while True:
            shard.follow(connection.recv())
    except (EOFError, OSError):
        shard.stop()
