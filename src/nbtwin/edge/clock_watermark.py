"""How far ahead of the wall clock the lab may have come, kept where `kill -9` does not reach it: time never goes back.

Written before the time passes, not after: what a platform has committed at some instant is never in the future of the
lab that comes after. A long `advance` is reserved in steps, so that a lab that dies in the middle of it has skipped a
twentieth of it at most. Knows the wall clock; where the figure is kept is its caller's affair.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from nbtwin.engine import MINUTE, Seconds

STEPS = 20
TICK: Seconds = 1.0  # `tick` is called at least so often
_SLACK: Seconds = MINUTE  # so much too far ahead is left as it is: a lab that is paused writes seldom


class ClockWatermark:
    """``keep`` gets the seconds that the lab may be ahead, and returns when they are durable."""

    def __init__(self) -> None:
        self.keep: Callable[[Seconds], object] | None = None
        self._until = float("-inf")  # of the lab's time, within an advance
        self._target = self._step = 0.0
        self._kept: Seconds | None = None

    def begin(self, now: Seconds, target: Seconds) -> None:
        """An advance starts."""
        self._until, self._target, self._step = now, target, max((target - now) / STEPS, MINUTE)

    def before(self, at: Seconds) -> None:
        """The lab is about to come to that instant."""
        if at > self._until:
            self._until = min(self._target, at + self._step)
            self._save(self._until - time.time())

    def settle(self, ahead: Seconds) -> None:
        """An advance is over."""
        self._save(ahead)

    def tick(self, ahead: Seconds, rate: float) -> None:
        """Once a second: a lab whose time passes faster than the wall clock's is reserved beforehand."""
        ahead += max(0.0, rate - 1.0) * 2 * TICK
        if self._kept is None:
            self._kept = ahead
        if rate > 1 or ahead > self._kept + 0.001 or ahead < self._kept - _SLACK:
            self._save(ahead)

    def _save(self, ahead: Seconds) -> None:
        if self.keep is not None:
            self.keep(max(0.0, ahead))
        self._kept = ahead
