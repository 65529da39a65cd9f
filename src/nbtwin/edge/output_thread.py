"""Who follows a timeline and writes it somewhere, in a thread of their own: a terminal that stands still, a pipe that
nobody reads, a disk that hangs hold up no module and no platform. What entries mean is decoded there as well.

What happens is handed over a little later (`GATHER`), all of it at once. Where much waits, no time is jumped over
(`World.writing`): what falls due within an `advance` is written, however much it is. But nobody waits for who has
written nothing for `HANGS`, and of what happens by itself `WAITING` entries wait at most: then they are left out, an
entry says how many (D224), and it is among the first that are written when it goes on.

Knows the timeline's sinks and the world; knows no file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from nbtwin.edge.loop_gauge import LoopGauge, Work
from nbtwin.edge.work_thread import WorkThread
from nbtwin.engine import Seconds
from nbtwin.lab.facts import OutputBehind
from nbtwin.lab.world import World
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.ring import Sink

GATHER: Seconds = 0.02
MUCH = 10_000
"""Entries that wait while time is jumped over."""
WAITING = 100_000
"""Entries that wait at most."""
HANGS: Seconds = 5
Broken: TypeAlias = dict[str, Exception | SystemExit]
"""What was raised, by sink."""


class OutputThread:
    """From the constructor, on the loop, to `close`. ``then`` gets each entry when the sinks have had it or never will.

    A sink that raises gets nothing more. ``failed`` is told of an OSError and of a SystemExit, on the loop; anything
    else is raised there.
    """

    def __init__(
        self,
        name: str,
        sinks: Mapping[str, Sink],
        world: World,
        gauge: LoopGauge,
        failed: Callable[[str, OSError | SystemExit], object],
        then: Callable[[Entry], object] = lambda entry: None,
    ) -> None:
        self._name, self._sinks, self._world, self._failed, self._then = name, dict(sinks), world, failed, then
        self._waiting: list[Entry] = []
        self._timer: asyncio.TimerHandle | None = None
        self._holds: asyncio.TimerHandle | None = None  # time is not jumped over, until then
        self._thread = WorkThread(f"nbtwin {name}", Work.FILES, gauge)

    def put(self, entry: Entry) -> None:
        """A sink of the timeline."""
        waiting = self._waiting
        waiting.append(entry)
        if self._timer is None and not self._thread.busy:
            self._timer = asyncio.get_running_loop().call_later(GATHER, self._hand_over)
        if len(waiting) > WAITING:
            self._leave_out()
        elif len(waiting) >= MUCH and self._holds is None and self._thread.busy_for < HANGS:
            self._hold()

    async def close(self, longest: Seconds = HANGS) -> bool:
        """What waits is written, unless that takes too long; whether it was."""
        try:
            async with asyncio.timeout(longest):
                while self._waiting or self._thread.busy:
                    self._hand_over()
                    await self._thread.idle()
        except TimeoutError:
            self._release()
            await self._thread.close(0)
            return False
        return await self._thread.close(longest)

    def _hand_over(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting and not self._thread.busy:
            entries, self._waiting = self._waiting[:MUCH], self._waiting[MUCH:]
            broken: Broken = {}
            self._thread.submit(partial(self._write, entries, broken), partial(self._written, entries, broken))

    def _write(self, entries: list[Entry], broken: Broken) -> None:
        """In the thread."""
        for entry in entries:
            for name, sink in tuple(self._sinks.items()):
                try:
                    sink(entry)
                except (Exception, SystemExit) as error:  # whatever it is, the loop is told
                    broken[name] = error
                    del self._sinks[name]

    def _written(self, entries: list[Entry], broken: Broken, _: Exception | None, seconds: Seconds) -> None:
        self._release()
        for entry in entries:
            self._then(entry)
        self._hand_over()
        for name, error in broken.items():
            if not isinstance(error, OSError | SystemExit):
                raise error
            self._failed(name, error)

    def _leave_out(self) -> None:
        left_out, self._waiting = self._waiting, []
        for entry in left_out:
            self._then(entry)
        told = OutputBehind(self._name, len(left_out))
        asyncio.get_running_loop().call_soon(self._world.note, "lab", told)  # behind the entries of this moment

    # what keeps time from being jumped over

    def _hold(self) -> None:
        if self._holds is None:
            self._world.writing += 1
            self._holds = asyncio.get_running_loop().call_later(HANGS, self._release)

    def _release(self) -> None:
        if self._holds is not None:
            self._holds.cancel()
            self._holds = None
            self._world.writing -= 1
            if self._world.on_settled is not None:
                self._world.on_settled()
