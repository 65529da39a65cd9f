"""Work that may wait for a disk or a server, in a thread of its own: the loop hears of its end and does not wait.

One thing after the other, in the order in which it was submitted. Knows threads and the event loop; knows nothing of
what is done.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import NamedTuple, TypeAlias

from nbtwin.edge.loop_gauge import LoopGauge, Work
from nbtwin.engine import Seconds

LONGEST_STOP: Seconds = 10
"""How long `close` waits for work that hangs."""

Ended: TypeAlias = Callable[[Exception | None, Seconds], object]
"""Called on the loop: what was raised, or None, and how long it took."""


class _Job(NamedTuple):
    work: Callable[[], object]
    ended: Ended


class WorkThread:
    """From the constructor, on the loop, to ``close``. ``measured``: as what the gauge has what follows an end."""

    def __init__(self, name: str, measured: Work, gauge: LoopGauge | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._under_way: deque[float] = deque()  # when the jobs began whose end the loop has not heard of
        self._open = 0
        self._measured, self._gauge = measured, gauge or LoopGauge()
        self._idle = asyncio.Event()
        self._idle.set()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[], object], ended: Ended) -> None:
        self._open += 1
        self._idle.clear()
        self._jobs.put(_Job(work, ended))

    @property
    def busy(self) -> bool:
        """Something was submitted whose end the loop has not heard of."""
        return self._open > 0

    @property
    def busy_for(self) -> Seconds:
        """How long the work that is under way has taken so far; 0 when there is none."""
        return time.monotonic() - self._under_way[0] if self._under_way else 0.0

    async def idle(self) -> None:
        """Until nothing is under way."""
        await self._idle.wait()

    async def flushed(self) -> None:
        """Until what was submitted before has ended."""
        ended = asyncio.Event()
        self.submit(lambda: None, lambda error, seconds: ended.set())
        await ended.wait()

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
                job.work()
            except Exception as raised:  # whatever it is, the loop is told
                error = raised
            try:
                self._loop.call_soon_threadsafe(self._ended, job.ended, error, time.monotonic() - began_at)
            except RuntimeError:
                return  # the loop is closed: nobody waits for it

    def _ended(self, ended: Ended, error: Exception | None, seconds: Seconds) -> None:
        self._open -= 1
        if not self._open:
            self._idle.set()
        began = self._gauge.begin()
        try:
            ended(error, seconds)
        finally:  # not before: whoever asks in between would find neither the work under way nor its failure
            self._under_way.popleft()
            self._gauge.end(self._measured, began)
