"""Commits of a live lab, in a thread of their own: the loop does not wait for the database, however slow it is.

One thread for a store: it commits what it is given in the order in which it was given, a transaction for each
`submit`, and says on the loop how it ended. Group commit is the caller's (``lab.hold``): a platform hands over
everything that has gathered while its last commit was under way.

Knows threads and the event loop; knows no database and no platform.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import NamedTuple

from nbtwin.edge.loop_gauge import LoopGauge, Work
from nbtwin.engine import Fact, Seconds
from nbtwin.lab.committer import Commit, Committer, Done

LONGEST_STOP: Seconds = 10
"""How long `close` waits for a commit that hangs."""


class _Job(NamedTuple):
    events: Sequence[Fact]
    done: Done


class CommitThread(Committer):
    """From the constructor, on the loop, to ``close``. ``measured`` is told how many seconds each commit took."""

    def __init__(
        self,
        commit: Commit,
        keeps: Callable[[Fact], bool],
        measured: Callable[[float], object] = lambda seconds: None,
        gauge: LoopGauge | None = None,
    ) -> None:
        self._commit, self._keeps, self._measured = commit, keeps, measured
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._under_way: deque[float] = deque()  # when the commits began whose end the loop has not heard of
        self._open = 0
        self._gauge = gauge or LoopGauge()
        self._idle = asyncio.Event()
        self._idle.set()
        self._thread = threading.Thread(target=self._run, name="nbtwin commits", daemon=True)
        self._thread.start()

    def keeps(self, event: Fact) -> bool:
        return self._keeps(event)

    def submit(self, events: Sequence[Fact], done: Done) -> None:
        self._open += 1
        self._idle.clear()
        self._jobs.put(_Job(events, done))

    @property
    def busy_for(self) -> Seconds:
        """How long the commit that is under way has taken so far; 0 when there is none."""
        return time.monotonic() - self._under_way[0] if self._under_way else 0.0

    async def idle(self) -> None:
        """Until nothing is under way: what was submitted has been committed, or has failed."""
        await self._idle.wait()

    async def close(self, longest: Seconds = LONGEST_STOP) -> bool:
        """End the thread when it has done what it was given; whether it did in time."""
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join, longest)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            began_at = time.monotonic()
            self._under_way.append(began_at)
            error: Exception | None = None
            try:
                self._commit(job.events)
            except Exception as raised:  # whatever the store raises: nothing leaves that is not durable
                error = raised
            try:
                self._loop.call_soon_threadsafe(self._ended, job.done, error, time.monotonic() - began_at)
            except RuntimeError:
                return  # the loop is closed: nobody waits for the answer

    def _ended(self, done: Done, error: Exception | None, seconds: float) -> None:
        self._open -= 1
        if not self._open:
            self._idle.set()
        if error is None:
            self._measured(seconds)
        began = self._gauge.begin()
        try:
            done(error)
        finally:  # not before: whoever asks in between would find neither a commit under way nor its failure
            self._under_way.popleft()
            self._gauge.end(Work.COMMITS, began)
