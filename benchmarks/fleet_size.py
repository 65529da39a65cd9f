"""How simulated module-days a second change as a fleet grows from one module to a hundred thousand."""

from __future__ import annotations

import resource
import time

from benchmarks.figures import Figure
from benchmarks.module_days import fleet, rate_of
from nbtwin.engine import DAY, HOUR
from nbtwin.scenario.fleet import TOGETHER, Fleet, World, measure_world
from nbtwin.selfreg.schedule import Operator

IN_A_WORLD, DAYS = TOGETHER, 30
SIZES = (1, 10, 100, 1_000, 10_000, 100_000)
WITHIN = {10_000: 10.0, 100_000: 60.0}
"""A fleet so large takes minutes to boot: it is measured when so many seconds a figure are granted."""
WARMED_BELOW = 10_000
"""A larger fleet is measured in the hours of its first updates, which cost more: a day of it would take too long."""
BOOT_SPREAD = DAY  # all modules boot within it, one after the other: so do their updates, every day


def measure(seconds: float) -> list[Figure]:
    figures: list[Figure] = []
    for size in (size for size in SIZES if seconds >= WITHIN.get(size, 0)):
        figure = _measure(size, seconds / len(SIZES))
        if figures:
            figure.references["one module"] = figures[0].value
        figures.append(figure)
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


def _measure(size: int, seconds: float) -> Figure:
    before, began = _memory(), time.process_time()
    world = fleet(size, BOOT_SPREAD / size)
    booted = size / (time.process_time() - began)
    memory = max(0, _memory() - before) / size
    if size < WARMED_BELOW:
        world.run(world.now + DAY)  # the first update of a boot encrypts its name
    rate, _ = rate_of(world, size, seconds, step=DAY if size < 10_000 else HOUR)
    notes = ""
    if size >= 1_000:
        notes = f"booted, registered and read {booted:,.0f} a second; {memory:.0f} KiB each, on both sides of the wire"
    return Figure(f"module-days, {size:,} module{'s' if size > 1 else ''}", rate, "/s", notes=notes)


def _memory() -> int:
    """The largest resident set so far, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
