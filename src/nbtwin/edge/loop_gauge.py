"""How long the event loop kept others waiting: the worst of each second, and by what.

Two measures, of which the longer one counts. What works on the loop says so: `begin` and `end` around a *turn*, such as
a batch of datagrams. And a tick, `TICK` after the last one, sees how late it comes: that shows what nobody measures,
and a machine that is busy with something else. A tick costs a few microseconds; turns are cheap enough for every batch.

Knows the loop and the names of work; knows no lab.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import Counter, deque
from collections.abc import Callable
from enum import StrEnum
from typing import Literal, NamedTuple

from nbtwin.engine import Seconds

TICK: Seconds = 0.02
LONG: Seconds = 0.005
"""A turn that takes longer keeps AT ports and devices waiting."""
KEPT = 600
"""Seconds."""


class Work(StrEnum):
    """What keeps a loop busy."""

    DATAGRAMS = "datagrams"
    TIMERS = "timers"
    COMMITS = "commits"  # what follows when one has ended
    SERIAL = "serial"  # what hosts say
    PAGES = "pages"  # and whatever asks the API
    READERS = "readers"  # what happens is decoded for those who follow it
    FILES = "files"
    GARBAGE = "garbage"  # Python's collector
    PROCESSOR = "processor"  # another process, or a thread of this one, had it
    OTHER = "other"


class LoopSecond(NamedTuple):
    """The worst of one second."""

    seconds: Seconds
    work: Work
    detail: str = ""
    """Which page, for example."""


NOTHING = LoopSecond(0.0, Work.OTHER)


def waited_for_core() -> Seconds:
    """How long this thread has been ready to run and another one had the core; 0 where the system does not say."""
    try:
        with open("/proc/thread-self/schedstat", "rb", buffering=0) as file:
            return int(file.read(100).split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


class LoopGauge:
    """Of one loop. Without `start` turns are measured and no ticks."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.begin = clock
        """When a turn begins, for `end`."""
        self.seconds: deque[LoopSecond] = deque(maxlen=KEPT)
        """Oldest first."""
        self.long: Counter[Work] = Counter()
        """How many turns took longer than `LONG`."""
        self._turn = NOTHING  # the longest since the last tick
        self._turn_began = 0.0
        self._worst = NOTHING  # of this second
        self._collecting = 0.0
        self._due = 0.0
        self._worked = 0.0  # CPU seconds of the loop's thread at the last tick
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """On the running loop."""
        self._loop = asyncio.get_running_loop()
        self._turn = self._worst = NOTHING
        self._worked, self._due = time.thread_time(), self._loop.time() + TICK
        self._timer = self._loop.call_at(self._due, self._tick)
        gc.callbacks.append(self._collected)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            gc.callbacks.remove(self._collected)

    # turns

    def end(self, work: Work, began: float, detail: str = "") -> None:
        """Of a turn that began then. Its name is that of the better part of it, where that was measured itself."""
        took = self.begin() - began
        turn = self._turn
        if took <= turn.seconds:
            return
        if began <= self._turn_began and turn.seconds * 2 > took:
            self._turn = LoopSecond(took, turn.work, turn.detail)
        else:
            self._turn = LoopSecond(took, work, detail)
        self._turn_began = began

    def _collected(self, phase: Literal["start", "stop"], about: dict[str, int]) -> None:
        if phase == "start":
            self._collecting = self.begin()
        elif about["generation"] == 2:
            self.end(Work.GARBAGE, self._collecting)

    # ticks and seconds

    def _tick(self) -> None:
        assert self._loop is not None
        now, worked = self._loop.time(), time.thread_time()
        self.handle_tick(max(0.0, now - self._due), worked - self._worked)
        self._due, self._worked = now + TICK, worked
        self._timer = self._loop.call_at(self._due, self._tick)

    def handle_tick(self, late: Seconds, worked: Seconds) -> None:
        """So late, after so much of CPU time in the loop's thread since the last one."""
        turn, self._turn, self._turn_began = self._turn, NOTHING, 0.0
        if turn.seconds * 2 < late:  # nothing that was measured
            turn = LoopSecond(late, Work.OTHER)
        elif turn.seconds < late:
            turn = turn._replace(seconds=late)
        if turn.seconds <= LONG and turn.seconds <= self._worst.seconds:
            return
        if turn.work is not Work.FILES and worked * 2 < turn.seconds:
            turn = LoopSecond(turn.seconds, Work.PROCESSOR, turn.detail)
        if turn.seconds > LONG:
            self.long[turn.work] += 1
        if turn.seconds > self._worst.seconds:
            self._worst = turn

    def close_second(self) -> LoopSecond:
        """A second is over: its worst."""
        worst, self._worst = self._worst, NOTHING
        self.seconds.append(worst)
        return worst

    def worst(self, seconds: int = 60) -> LoopSecond:
        """Of the last ones."""
        some = list(self.seconds)[-seconds:]
        return max(some, key=lambda second: second.seconds, default=NOTHING)
