"""How simulated module-days a second, and memory, change as a fleet grows from one module to a hundred thousand.

A fleet whose memory counts is in a process of its own, in which nothing was before it.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Figure
from benchmarks.module_days import fleet, rate_of
from nbtwin.engine import DAY, HOUR
from nbtwin.scenario.fleet import TOGETHER, Fleet, World, measure_world
from nbtwin.selfreg.schedule import Operator

IN_A_WORLD, DAYS = TOGETHER, 30
SIZES = (1, 10, 100, 1_000, 10_000, 100_000)
WITHIN = {10_000: 10.0, 100_000: 60.0}
"""A fleet so large takes minutes to boot: it is measured when so many seconds a figure are granted."""
ALONE_FROM = 1_000
"""Modules, from which on their memory counts."""
REMEMBERED, MOST_MEMORY = 100_000, 1024
"""So many modules, with their platform, and MiB that they may take."""
WARMED_BELOW = 10_000
"""A larger fleet is measured in the hours of its first updates, which cost more: a day of it would take too long."""
BOOT_SPREAD = DAY  # all modules boot within it, one after the other: so do their updates, every day


def measure(seconds: float) -> list[Figure]:
    figures: list[Figure] = []
    memory: list[Figure] = []
    for size in (size for size in SIZES if seconds >= WITHIN.get(size, 0)):
        measured = _alone(size, seconds / len(SIZES)) if size >= ALONE_FROM else grown(size, seconds / len(SIZES))
        beside = {"one module": figures[0].value} if figures else {}
        figures.append(_figure(size, measured, beside))
        if size == REMEMBERED:
            name = f"memory of {size:,} modules in one world"
            memory.append(Figure(name, measured.memory, "MiB", {}, "with their platform", {}, MOST_MEMORY))
    figures += memory
    worlds = _measure_world()
    worlds.references["one module"] = figures[0].value
    return [*figures, worlds]


def _measure_world() -> Figure:
    """One world of a fleet, as `nbtwin cost --modules` runs it: worlds do not meet, and a fleet costs their sum."""
    question = World(
        0, 1, IN_A_WORLD, Fleet(IN_A_WORLD), "BC260Y-CN", Operator.MOBILE, DAYS, None, (), seed=1, latency=0.0,
        enabled=True,
    )  # fmt: skip
    began = time.process_time()
    bill = measure_world(question)
    rate = bill.total.sent and IN_A_WORLD * DAYS / (time.process_time() - began)
    minutes = 100_000 * 30 / rate / 60
    notes = (
        f"{IN_A_WORLD} a world, {DAYS} days with boot and registration, counted as by nbtwin cost; "
        f"100,000 modules for 30 days take {minutes:.1f} min of CPU"
    )
    return Figure("module-days, a fleet in worlds that do not meet", rate, "/s", notes=notes)


class Grown(NamedTuple):
    """A fleet in one world: module-days a second, modules booted a second, MiB that it takes."""

    rate: float
    booted: float
    memory: float


def grown(size: int, seconds: float) -> Grown:
    before, began = _memory(), time.process_time()
    world = fleet(size, BOOT_SPREAD / size)
    booted, memory = size / (time.process_time() - began), _memory() - before
    if size < WARMED_BELOW:
        world.run(world.now + DAY)  # the first update of a boot encrypts its name
    rate, _ = rate_of(world, size, seconds, step=DAY if size < 10_000 else HOUR)
    return Grown(rate, booted, memory)


def _alone(size: int, seconds: float) -> Grown:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(grown, size, seconds).result()


def _figure(size: int, measured: Grown, beside: dict[str, float]) -> Figure:
    notes = ""
    if size >= ALONE_FROM:
        each = measured.memory * 1024 / size
        notes = (
            f"booted, registered and read {measured.booted:,.0f} a second; {each:.1f} KiB each, {measured.memory:,.0f} "
            "MiB together, on both sides of the wire"
        )
    return Figure(f"module-days, {size:,} module{'s' if size > 1 else ''}", measured.rate, "/s", beside, notes)


def _memory() -> float:
    """In the machine's memory now, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
