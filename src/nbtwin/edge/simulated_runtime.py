"""A lab on an event loop whose time stands still but for ``advance``: `--clock simulated`, with real serial ports.

The face of ``edge.live.Live`` as far as time is concerned. Knows the loop; opens no socket.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from nbtwin.edge.clock_watermark import ClockWatermark
from nbtwin.engine import Seconds
from nbtwin.lab.world import World

_TURN: Seconds = 0.004  # of computing, before the loop may look after serial ports and consoles


class SimulatedRuntime:
    """Runs what is due at the present instant as soon as it is; the rest by ``advance``."""

    rate = pace = 0.0
    patience = None

    def __init__(self, world: World) -> None:
        self.world = world
        self.advancing = False
        self.reserve = ClockWatermark()
        self._loop = asyncio.get_running_loop()
        self._advance = asyncio.Lock()
        self._stop = False

    def open(self) -> None:
        self.world.scheduler.on_sooner = lambda: self._loop.call_soon(self._run_present)

    def close(self) -> None:
        self.world.scheduler.on_sooner = None

    @property
    def ahead(self) -> Seconds:
        return self.world.now - time.time()

    def stop_advance(self) -> None:
        self._stop = True

    async def advance(
        self, span: Seconds, until: Callable[[], bool] | None = None, patience: Seconds | None = None
    ) -> None:
        """Everything that falls due within the span, in order; ends early as ``Live.advance`` does.

        There is nobody outside whom to be patient with.
        """
        async with self._advance:
            scheduler = self.world.scheduler
            target, goes_on, at = scheduler.now + span, self._turn(), None  # the instant of which there may be more
            self._stop, self.advancing = False, True
            self.reserve.begin(scheduler.now, target)
            try:
                while not self._stop and (
                    until is None or (at is not None and scheduler.next_at() == at) or not until()
                ):
                    at = scheduler.next_at()
                    self.reserve.before(target if at is None else min(at, target))
                    if not scheduler.step(target, goes_on):
                        scheduler.run(target)
                        return
                    if not goes_on():
                        await asyncio.sleep(0)
                        goes_on = self._turn()
            finally:
                self.advancing = False
                self.reserve.settle(self.ahead)

    def _turn(self) -> Callable[[], bool]:
        """Whether the turn that begins now goes on."""
        now, end = self._loop.time, self._loop.time() + _TURN
        return lambda: now() < end

    def _run_present(self) -> None:
        self.world.run(self.world.now)
