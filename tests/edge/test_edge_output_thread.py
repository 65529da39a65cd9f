"""Who writes what happens, and stands still: nobody waits for it, and it gets all or is told what is missing (D224)."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from nbtwin.edge import output_thread
from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.edge.loop_gauge import LoopGauge
from nbtwin.edge.output_thread import MUCH, WAITING, OutputThread
from nbtwin.lab.facts import OutputBehind, ScenarioNoted
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.ring import Timeline

pytestmark = pytest.mark.asyncio


class Pipe:
    """A sink that waits until somebody reads."""

    def __init__(self, refuses: Exception | SystemExit | None = None) -> None:
        self.read, self.asked = threading.Event(), threading.Event()
        self.came: list[Entry] = []
        self.refuses = refuses

    def __call__(self, entry: Entry) -> None:
        self.asked.set()
        self.read.wait(60)
        if self.refuses is not None:
            raise self.refuses
        self.came.append(entry)


class Bench:
    def __init__(self, *sinks: Pipe) -> None:
        self.world, self.then = live_world(timeline=Timeline()), list[Entry]()
        self.failed: list[tuple[str, OSError | SystemExit]] = []
        named = {str(number): sink for number, sink in enumerate(sinks)}
        self.output = OutputThread(
            "files", named, self.world, LoopGauge(), lambda *broken: self.failed.append(broken), self.then.append
        )
        self.timeline.add_sink(self.output.put)

    @property
    def timeline(self) -> Timeline:
        assert self.world.timeline is not None
        return self.world.timeline

    def happen(self, count: int = 1) -> None:
        for _ in range(count):
            self.timeline.record(self.world.now, "test", ScenarioNoted("so"))


@asynccontextmanager
async def bench(*sinks: Pipe) -> AsyncIterator[Bench]:
    made = Bench(*sinks)
    try:
        yield made
    finally:
        for sink in sinks:
            sink.read.set()
        await made.output.close(0.1)


async def test_a_sink_that_stands_still_keeps_nobody_and_gets_everything_in_order_later() -> None:
    pipe = Pipe()
    async with bench(pipe) as it:
        it.happen()
        await asyncio.to_thread(pipe.asked.wait, 60)
        it.happen(100)
        assert (pipe.came, it.then) == ([], [])
        pipe.read.set()
        assert await it.output.close()
        assert [entry.number for entry in pipe.came] == list(range(1, 102))
        assert it.then == pipe.came


async def test_of_what_waits_too_long_is_said_how_much_is_left_out() -> None:
    pipe = Pipe()
    async with bench(pipe) as it:
        it.happen()
        await asyncio.to_thread(pipe.asked.wait, 60)
        it.happen(WAITING + 1)
        await asyncio.sleep(0)
        pipe.read.set()
        assert await it.output.close()
        assert [entry.fact for entry in pipe.came] == [ScenarioNoted("so"), OutputBehind("files", WAITING + 1)]
        assert len(it.then) == WAITING + 3, "the next one gets all of it"


async def test_no_time_is_jumped_over_while_much_waits_so_that_all_of_it_is_written() -> None:
    pipe = Pipe()
    async with bench(pipe) as it:
        live = LiveRuntime(it.world)
        live.open()
        it.happen()
        await asyncio.to_thread(pipe.asked.wait, 60)
        it.happen(MUCH)
        jump = asyncio.create_task(live.advance(1000))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not jump.done()
        pipe.read.set()
        await jump
        live.close()


async def test_nobody_waits_for_one_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_thread, "HANGS", 0.01)
    pipe = Pipe()
    async with bench(pipe) as it:
        live = LiveRuntime(it.world)
        live.open()
        it.happen()
        await asyncio.to_thread(pipe.asked.wait, 60)
        it.happen(MUCH)
        await live.advance(1000)
        it.happen()
        await live.advance(1000)
        assert not pipe.came
        live.close()
        assert not await it.output.close(0.01), "and the end does not either"


async def test_one_that_is_broken_is_told_once_and_the_others_go_on() -> None:
    whole, broken = Pipe(), Pipe(OSError(errno.ENOSPC, "full"))
    whole.read.set()
    broken.read.set()
    async with bench(broken, whole) as it:
        it.happen(3)
        await it.output.close()
        assert len(whole.came) == 3
        assert it.failed == [("0", broken.refuses)]


async def test_of_one_whose_reader_has_left_it_is_told_as_well() -> None:
    left = Pipe(SystemExit(141))
    left.read.set()
    async with bench(left) as it:
        it.happen()
        await it.output.close()
        assert it.failed == [("0", left.refuses)]
