"""The gauge of the event loop: the worst of each second, and who it was (docs/operating.md)."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from starlette.types import Message, Receive, Scope, Send

from nbtwin.edge import live_runtime, simulated_runtime
from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.edge.loop_gauge import NOTHING, LoopGauge, LoopSecond, Work
from nbtwin.edge.simulated_runtime import SimulatedRuntime
from nbtwin.lab.world import World
from nbtwin.web.measured import Measured


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_longest_turn_of_a_second_is_its_worst_and_says_what_it_was() -> None:
    clock = Clock()
    gauge = LoopGauge(clock)
    for work, took in ((Work.DATAGRAMS, 0.002), (Work.PAGES, 0.030), (Work.TIMERS, 0.004)):
        began = gauge.begin()
        clock.now += took
        gauge.end(work, began, "GET /api/v1/devices" if work is Work.PAGES else "")
    gauge.handle_tick(late=0.016, worked=0.036)
    worst = gauge.close_second()
    assert (worst.work, worst.detail, round(worst.seconds, 6)) == (Work.PAGES, "GET /api/v1/devices", 0.03)
    assert gauge.long == {Work.PAGES: 1}
    assert gauge.close_second() == NOTHING
    assert gauge.worst() == worst


def test_what_is_the_better_part_of_a_turn_gives_it_its_name() -> None:
    clock = Clock()
    gauge = LoopGauge(clock)
    outer = gauge.begin()
    clock.now += 0.001
    inner = gauge.begin()
    clock.now += 0.008
    gauge.end(Work.FILES, inner)
    gauge.end(Work.SERIAL, outer)
    gauge.handle_tick(late=0.0, worked=0.001)
    assert gauge.close_second().work is Work.FILES


def test_what_nobody_measured_is_seen_by_a_tick_that_comes_late() -> None:
    gauge = LoopGauge(Clock())
    gauge.handle_tick(late=0.05, worked=0.05)
    assert gauge.close_second() == LoopSecond(0.05, Work.OTHER)


def test_a_wait_in_which_the_loop_did_not_work_is_the_processors() -> None:
    clock = Clock()
    gauge = LoopGauge(clock)
    began = gauge.begin()
    clock.now += 0.1
    gauge.end(Work.DATAGRAMS, began)
    gauge.handle_tick(late=0.1, worked=0.01)
    assert gauge.close_second().work is Work.PROCESSOR


def test_each_step_of_a_request_is_a_turn_and_what_it_waits_for_is_none() -> None:
    clock = Clock()
    gauge = LoopGauge(clock)
    said: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        clock.now += 0.002
        await asyncio.sleep(0)
        clock.now += 0.007
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0)
        except TimeoutError:
            said.append("timeout")
        clock.now += 0.003

    async def wait() -> None:
        clock.now += 1.0

    async def nothing(_: Message) -> None:
        return

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope: Scope = {"type": "http", "method": "GET"}

    async def both() -> None:
        await asyncio.gather(Measured(app, gauge)(scope, receive, nothing), wait())

    asyncio.run(both())
    gauge.handle_tick(late=0.0, worked=1.0)
    worst = gauge.close_second()
    assert said == ["timeout"]
    assert (worst.work, worst.detail, round(worst.seconds, 6)) == (Work.PAGES, "GET", 0.007)


@pytest.mark.parametrize("simulated", [False, True])
def test_an_instant_with_much_to_do_leaves_the_loop_to_others_in_between(
    simulated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_runtime, "TURN", 0.0)
    monkeypatch.setattr(simulated_runtime, "_TURN", 0.0)
    done: list[int] = []
    turns: list[int] = []  # how much was done when somebody else had one
    asked: list[int] = []

    async def others() -> None:
        while len(done) < 50:
            turns.append(len(done))
            await asyncio.sleep(0)

    async def run() -> None:
        world = World() if simulated else live_world()
        runtime = SimulatedRuntime(world) if simulated else LiveRuntime(world)
        at = world.now + 60
        for number in range(50):
            world.scheduler.call_at(at, partial(done.append, number))
        runtime.open()
        try:
            await asyncio.gather(runtime.advance(120, until=lambda: bool(asked.append(len(done)))), others())
        finally:
            runtime.close()

    asyncio.run(run())
    assert done == list(range(50))
    assert set(turns) >= set(range(1, 50))
    assert set(asked) == {0, 50}, "an instant is whole before anybody asks whether it goes on"
