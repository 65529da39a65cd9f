"""The pace of a lab on an event loop: faster, slower, paused, stopped in the middle of a jump."""

import asyncio
import time

import pytest
from lab_peers import ToyModule

from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.edge.simulated_runtime import SimulatedRuntime
from nbtwin.lab.world import World
from nbtwin.timeline.ring import Timeline

pytestmark = pytest.mark.asyncio


def live() -> LiveRuntime:
    running = LiveRuntime(live_world(timeline=Timeline()))
    running.open()
    return running


async def test_a_paused_lab_stands_still_and_still_does_what_is_due_now() -> None:
    lab = live()
    lab.set_rate(0)
    at, done = lab.now(), asyncio.Event()
    lab.world.scheduler.call_at(at, done.set)
    async with asyncio.timeout(60):
        await done.wait()
    assert lab.now() == at
    lab.close()


async def test_a_fast_lab_is_done_with_an_hour_at_once() -> None:
    lab = live()
    done = asyncio.Event()
    lab.world.scheduler.call_at(lab.now() + 3600, done.set)
    lab.set_rate(1_000_000)
    async with asyncio.timeout(60):
        await done.wait()
    assert lab.world.now >= lab.world.start + 3600
    lab.close()


async def test_time_never_goes_back_when_the_rate_changes() -> None:
    lab = live()
    seen = [lab.now()]
    for rate in (1000.0, 0.0, 0.5, 1.0):
        lab.set_rate(rate)
        seen += [lab.now(), lab.now()]
    assert seen == sorted(seen)
    lab.close()


@pytest.mark.parametrize("make", [live, lambda: still()])
async def test_an_advance_ends_where_its_condition_holds(make: object) -> None:
    lab = make()  # type: ignore[operator]
    reached: list[float] = []
    for hour in range(1, 11):
        lab.world.scheduler.call_at(lab.world.now + 3600 * hour, lambda: reached.append(lab.world.now))
    await lab.advance(86400, lambda: len(reached) == 3)
    assert len(reached) == 3
    assert lab.world.now == reached[-1]
    lab.close()


@pytest.mark.parametrize("make", [live, lambda: still()])
async def test_an_advance_can_be_stopped(make: object) -> None:
    lab = make()  # type: ignore[operator]
    at = lab.world.now + 60
    lab.world.scheduler.call_at(at, lab.stop_advance)
    await lab.advance(86400)
    assert at <= lab.world.now < at + 3600
    await lab.advance(7200)  # the next one is not concerned
    assert lab.world.now >= at + 7200
    lab.close()


def still() -> SimulatedRuntime:
    lab = SimulatedRuntime(World(start=time.time(), timeline=Timeline()))
    lab.open()
    return lab


async def test_a_still_lab_runs_the_present_instant_by_itself() -> None:
    lab = still()
    module = ToyModule()
    node = lab.world.add_module("bc28", module)
    at, done = lab.world.now, asyncio.Event()
    lab.world.perform(node, module.power_on)
    lab.world.scheduler.call_at(at, done.set)
    async with asyncio.timeout(60):
        await done.wait()
    assert lab.world.now == at
    assert lab.ahead <= 0
    lab.close()
