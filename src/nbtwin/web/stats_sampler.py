"""The heart of the running console: once a second it counts what happened, and takes down how long the loop was held.

Runs on the event loop from ``start`` to ``stop``. Keeps the last ten minutes for the charts.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from nbtwin.edge.loop_gauge import KEPT
from nbtwin.runtime.histogram import Histogram
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.counters import SERIES, Counted, Counters


class StatsSampler:
    """One lab's."""

    def __init__(self, lab: LabRuntime, counters: Counters) -> None:
        self.lag = Histogram()
        """How long the event loop was held at worst, second for second."""
        self.seconds: deque[Counted] = deque(maxlen=KEPT)
        self.listeners: list[Callable[[Counted], object]] = []
        self._lab, self._counters = lab, counters
        self._last = self._now()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._lab.gauge.start()
        self._timer = loop.call_later(1.0, self._beat, loop.time() + 1.0)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._lab.gauge.stop()

    def rates(self, seconds: int = 10) -> dict[str, float]:
        """A second, on the average of the last ones."""
        some = list(self.seconds)[-seconds:]
        return {name: sum(one.counts[index] for one in some) / max(1, len(some)) for index, name in enumerate(SERIES)}

    def _beat(self, due: float) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        self.tick(self._lab.world.scheduler.touch())
        due = max(due + 1.0, now + 0.5)  # what was missed is not made up for
        self._timer = loop.call_at(due, self._beat, due)

    def tick(self, at: float) -> None:
        """One second is over."""
        self.lag.add(self._lab.gauge.close_second().seconds)
        counts = self._now()
        more = tuple(new - old for new, old in zip(counts, self._last, strict=True))
        second = Counted(at, at, time.time(), more)
        self._last = counts
        self.seconds.append(second)
        for listen in tuple(self.listeners):
            listen(second)

    def _now(self) -> tuple[int, ...]:
        totals = self._counters.totals
        totals["entries"] = self._lab.timeline.recorded
        return tuple(totals[name] for name in SERIES)
