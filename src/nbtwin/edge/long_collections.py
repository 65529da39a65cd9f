"""Python's collector without its long pauses: in a process of its own, what stays is looked through once.

A full collection goes through every object that there is: with 100,000 devices, for a tenth of a second in which nobody
is answered, and again whenever there are a quarter more. So once one has taken longer than `LONG`, what it has left
over is set aside (`gc.freeze`), and the next one goes through what is new alone. Memory is given back by counting
references all the same; only what is set aside and then is left in a ring of references waits until everything is
looked through, once in `THAW_EVERY`.

Knows the collector; knows no lab. Only for processes that are the lab's alone.
"""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Literal

from nbtwin.engine import HOUR, Seconds

LONG: Seconds = 0.003
THAW_EVERY: Seconds = 6 * HOUR
"""Of the wall clock."""


class LongCollections:
    """From `start`, on the running loop, to `stop`."""

    def __init__(self) -> None:
        self._began = 0.0
        self._is_long = False
        self._thawed_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """What has been imported and restored by now is there to stay."""
        gc.collect()
        gc.freeze()
        self._thawed_at = time.monotonic()
        gc.callbacks.append(self.handle_phase)
        self._tick_later()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            gc.callbacks.remove(self.handle_phase)
            gc.unfreeze()

    def tick(self, now: Seconds) -> None:
        """About once a second; ``now`` is the monotonic clock's."""
        if now - self._thawed_at > THAW_EVERY:
            gc.unfreeze()
            gc.collect()
            self._thawed_at, self._is_long = now, True
        if self._is_long:
            self._is_long = False
            gc.freeze()

    def _tick_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(1.0, self._tick)

    def _tick(self) -> None:
        self.tick(time.monotonic())
        self._tick_later()

    def handle_phase(self, phase: Literal["start", "stop"], about: dict[str, int]) -> None:
        """Of a collection."""
        if about["generation"] < 2:
            return
        if phase == "start":
            self._began = time.perf_counter()
        else:
            self._is_long = time.perf_counter() - self._began > LONG
