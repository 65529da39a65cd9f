"""Simulated module-days a second, beside a bare heap that pushes and pops as many events."""

from __future__ import annotations

import time
from heapq import heappop, heappush

from nbtwin.cli.benchmarks.figures import Figure
from nbtwin.engine import DAY, Seconds
from nbtwin.lab.world import World
from nbtwin.module.identity import Identity, Usim, imei_of
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.operators.cmdmp import CmdmpPlatform
from nbtwin.operators.store import Store
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

MODULES = 100
STAGGER = 7.3  # s between two power-ons, so that no two modules do everything at the same instant


def measure(seconds: float) -> list[Figure]:
    best, events, days = 0.0, 0, 0
    for _ in range(3):
        rate, events, days = _simulate(seconds / 3)
        best = max(best, rate)
    each = events / days  # a module-day
    heap = heap_events(seconds / 3) / each
    notes = f"{MODULES} BC260Y-CN, a CMDMP platform, SQLite; an update a day, {each:.1f} instants a module-day"
    return [Figure("simulated module-days", best, "/s", {"bare heap, as many events (heapq)": heap}, notes)]


def _simulate(seconds: float) -> tuple[float, int, int]:
    """The rate; how many instants there were; in how many module-days."""
    world = World(seed=1)
    with Store.open(":memory:") as store:
        platform = CmdmpPlatform(world.random("cmdmp"), store.keys)
        world.add_platform("cmdmp", platform, operator="cmdmp", commit=store.commit)
        profile = PROFILES["BC260Y-CN"]
        for number in range(MODULES):
            name = f"module-{number}"
            usim, identity = Usim.of(Operator.MOBILE, name), Identity(name, imei_of(name), profile.firmware)
            module = Module(profile, identity, MemoryStorage(), world.random(name), usim)
            world.perform(world.add_module(name, module), module.power_on)
            world.run(world.now + STAGGER)
        world.run(60.0)
        days, woken, began = 0, 0, time.perf_counter()
        while (took := time.perf_counter() - began) < seconds:
            woken += _run(world, world.now + DAY)
            days += 1
    return days * MODULES / took, woken, days * MODULES


def _run(world: World, until: Seconds) -> int:
    count = 0
    while world.scheduler.step(until):
        count += 1
    world.run(until)
    return count


def heap_events(seconds: float) -> float:
    """Events a second of a heap that does nothing else."""
    heap: list[tuple[float, int]] = [(float(number), number) for number in range(MODULES)]
    done, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        for _ in range(1000):
            at, number = heappop(heap)
            heappush(heap, (at + 7.5, number))
        done += 1000
    return done / took
