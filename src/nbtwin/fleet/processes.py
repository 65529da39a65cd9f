"""Shards in processes of this machine: one aggregate while they run, and a process that dies or hangs is noticed.

Its shard is run again in another process, from its beginning, or declared lost. A process says that it is alive once a
second, however busy its shard is; one that says nothing for long is ended (D199). Knows processes and pipes; a shard's
plan, what it tells and what it is told are data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

from nbtwin.engine import Seconds
from nbtwin.fleet.plan import FleetPlan
from nbtwin.fleet.shard import Shard, Wanted
from nbtwin.fleet.tally import FleetStats
from nbtwin.runtime.errors import Failed
from nbtwin.runtime.worlds import without_ctrl_c

AGAIN = 1
"""So often a shard whose process died is run again."""
SILENT_FOR: Seconds = 15.0
"""So long a process says nothing before it is taken for one that hangs."""
QUIET_FOR = 1 / 3
"""After so much of that it is said."""
_ALIVE_EVERY: Seconds = 1.0
_PATIENCE = 0.2


class ShardState(StrEnum):
    RUNNING = "running"
    SILENT = "silent"
    """The same, and nothing has been heard of it for a while."""
    RESTARTED = "restarted"
    """It runs again, from its beginning: whoever ran it has ended."""
    DONE = "done"
    AGAIN = "again"
    """Done, in another process than its first."""
    LOST = "lost"


def state_of(state: ShardState, again: int, silent: bool) -> ShardState:
    """What is told of it. ``again``: how often it was begun anew."""
    if state is not ShardState.RUNNING:
        return state
    return ShardState.SILENT if silent else ShardState.RESTARTED if again > 0 else state


class _Held:
    """A shard's process. What it told last is kept."""

    def __init__(self, number: int) -> None:
        self.number, self.tries = number, 0
        self.silent: Seconds = 0.0
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

    def __init__(self, plan: FleetPlan, of: int, silent_for: Seconds = SILENT_FOR) -> None:
        self._plan, self._silent_for = plan, silent_for
        self._context = get_context("spawn")
        self._held = [_Held(number) for number in range(of)]
        self._wanted = Wanted()

    @property
    def states(self) -> list[ShardState]:
        quiet_for = self._silent_for * QUIET_FOR
        return [state_of(held.state, held.tries - 1, held.silent > quiet_for) for held in self._held]

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
                began = monotonic()
                for ready in wait(list(busy), _PATIENCE):
                    assert isinstance(ready, Connection)
                    self._read(busy.pop(ready))
                self._look_at_silent(list(busy.values()), monotonic() - began)
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
        held.silent = 0.0
        held.stats = FleetStats(devices=self._plan.shard(held.number, len(self._held), 0).devices.count)
        held.connection, theirs = self._context.Pipe()
        held.process = self._context.Process(
            target=_live, args=(theirs, held.number, len(self._held), self._plan), daemon=True
        )
        with without_ctrl_c():
            held.process.start()
        theirs.close()
        held.say(self._wanted)  # what was said before it began

    def _look_at_silent(self, silent: Sequence[_Held], waited: Seconds) -> None:
        """Only time that passed while this process looked counts: who stops all of them (Ctrl-Z) stops it, too."""
        for held in silent:
            held.silent += min(waited, 2 * _PATIENCE)
            if held.silent > self._silent_for and held.process is not None:
                held.process.kill()  # its pipe ends, and that is read as of any that dies

    def _read(self, held: _Held) -> None:
        assert held.connection is not None
        held.silent = 0.0
        try:
            said = held.connection.recv()
        except (EOFError, OSError):
            self._end(held)
            if held.tries > AGAIN or self._wanted.stops:
                held.state = ShardState.LOST
            else:
                self._start(held)
            return
        if said is None:  # it is alive
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


class _Speaker:
    """The process's end of the pipe, as its threads speak into it."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self._connection, self._lock, self._ended = connection, Lock(), Event()

    def say(self, what: Any) -> None:
        with self._lock:
            self._connection.send(what)

    def live(self) -> None:
        with suppress(OSError):  # whoever started it has ended
            while not self._ended.wait(_ALIVE_EVERY):
                self.say(None)

    def end(self) -> None:
        self._ended.set()


def _live(connection: Connection[Any, Any], number: int, of: int, plan: FleetPlan) -> None:
    """The life of a process: a shard, what it tells, and that it is done."""
    shard, speaker = Shard(number, of, plan), _Speaker(connection)
    try:
        shard.follow(connection.recv())  # before anything begins
        Thread(target=_listen, args=(connection, shard), daemon=True).start()
        Thread(target=speaker.live, daemon=True).start()
        speaker.say(shard.run(speaker.say))
        speaker.end()
        speaker.say(True)
    except (BrokenPipeError, ConnectionResetError, EOFError):
        return  # whoever started it has ended
    except Exception as error:
        speaker.say(error if isinstance(error, Failed) else Failed.of(error))


def _listen(connection: Connection[Any, Any], shard: Shard) -> None:
    """Whoever started it has ended: so does the shard, with what it has registered."""
    try:
        while True:
            shard.follow(connection.recv())
    except (EOFError, OSError):
        shard.stop()
