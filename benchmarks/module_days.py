"""Simulated module-days a second: all well, with faults, into SQLite; beside a bare heap that moves as many events."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from heapq import heappop, heappush

from benchmarks.figures import Figure
from nbtwin.engine import DAY, Seconds
from nbtwin.lab.world import World
from nbtwin.module.identity import Usim
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.store.store import Store
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.selfreg.schedule import Operator

MODULES = 100
MANY, A_DAY_OF_MANY = 2_000, 0.2
"""So many, and in how many seconds of CPU a day of them is to pass."""
STAGGER = 7.3  # s between two power-ons, so that no two modules do everything at the same instant
FAULTS = (
    "loss,probability=0.2",
    "delay,probability=0.2,seconds=1,spread=3",
    "duplication,probability=0.1",
    "reordering,probability=0.1,seconds=2",
    "error,probability=0.02,code=5.03",
)
FAULTY = "every fifth datagram lost, others late, twice, overtaken; every fiftieth request answered 5.03"


def measure(seconds: float) -> list[Figure]:
    heap = heap_events(seconds / 4, time.process_time)
    well = _figure("simulated module-days", seconds / 4, heap, "an update a day, the inventory in memory")
    faults = _figure("simulated module-days, with faults", seconds / 4, heap, FAULTY, FAULTS)
    with Store.open(":memory:") as store:
        stored = _figure("simulated module-days, into SQLite", seconds / 4, heap, "each event committed", store=store)
    faults.references["all well"] = stored.references["in memory"] = well.value
    return [well, faults, stored, _day_of_many(seconds / 4)]


def _day_of_many(seconds: float) -> Figure:
    """The first day is not counted: what it encrypts is kept."""
    world = fleet(MANY, DAY / MANY)
    world.run(world.now + DAY)
    rate, _ = rate_of(world, MANY, seconds)
    notes = f"BC260Y-CN in one world, booted before; {rate:,.0f} module-days/s"
    return Figure(f"a day of {MANY:,} simulated modules", MANY / rate, "s", {}, notes, to_reach=A_DAY_OF_MANY)


def _figure(
    name: str, seconds: float, heap: float, notes: str, faults: Sequence[str] = (), store: Store | None = None
) -> Figure:
    world = fleet(MODULES, STAGGER, faults, store)
    rate, each = rate_of(world, MODULES, seconds)
    notes = f"{MODULES} BC260Y-CN, a CMDMP platform; {notes}; {each:.1f} instants a module-day"
    return Figure(name, rate, "/s", {"bare heap, as many events (heapq)": heap / each}, notes)


def fleet(size: int, stagger: Seconds, faults: Sequence[str] = (), store: Store | None = None) -> World:
    """So many modules with a Mobile card, each of them registered; no timeline."""
    bench = SimulatedLab(operators=() if store is not None else ("cmdmp",), keeps_history=False)
    world = bench.world
    if store is not None:
        platform = CmdmpPlatform(world.random("cmdmp"), store.keys)
        world.add_platform("cmdmp", platform, operator="cmdmp", commit=store.commit)
    profile = PROFILES["BC260Y-CN"]
    names = [f"module-{number}" for number in range(size)]
    for name in names:
        bench.add_module(name, profile, Usim.of(Operator.MOBILE, name))
        bench.power_on(name)
        world.run(world.now + stagger)
    world.run(world.now + 60)
    for fault in faults:
        world.add_fault(fault)
    return world


def rate_of(world: World, modules: int, seconds: float, step: Seconds = DAY) -> tuple[float, float]:
    """Module-days a second of CPU, the best of three spans; how many instants there were in a module-day."""
    best, instants, days = 0.0, 0, 0.0
    for _ in range(3):
        done, began = 0.0, time.process_time()
        while (took := time.process_time() - began) < seconds / 3:
            instants += _run(world, world.now + step)
            done += modules * step / DAY
        best, days = max(best, done / took), days + done
    return best, instants / days


def _run(world: World, until: Seconds) -> int:
    done = 0
    while world.scheduler.step(until):
        done += 1
    world.run(until)
    return done


def heap_events(seconds: float, clock: Callable[[], float] = time.perf_counter) -> float:
    """Events a second of a heap that does nothing else."""
    heap: list[tuple[float, int]] = [(float(number), number) for number in range(MODULES)]
    done, began = 0, clock()
    while (took := clock() - began) < seconds:
        for _ in range(1000):
            at, number = heappop(heap)
            heappush(heap, (at + 7.5, number))
        done += 1000
    return done / took
