"""How simulated module-days a second change as a fleet grows from one module to a hundred thousand."""

from __future__ import annotations

import resource
import time

from benchmarks.figures import Figure
from benchmarks.module_days import fleet, rate_of
from nbtwin.engine import DAY, HOUR

SIZES = (1, 10, 100, 1_000, 10_000, 100_000)
WITHIN = {10_000: 10.0, 100_000: 60.0}
"""A fleet so large takes minutes to boot: it is measured when so many seconds a figure are granted."""
BOOT_SPREAD = DAY  # all modules boot within it, one after the other: so do their updates, every day


def measure(seconds: float) -> list[Figure]:
    figures: list[Figure] = []
    for size in (size for size in SIZES if seconds >= WITHIN.get(size, 0)):
        figure = _measure(size, seconds / len(SIZES))
        if figures:
            figure.references["one module"] = figures[0].value
        figures.append(figure)
    return figures


def _measure(size: int, seconds: float) -> Figure:
    before, began = _memory(), time.process_time()
    world = fleet(size, BOOT_SPREAD / size)
    booted = size / (time.process_time() - began)
    memory = max(0, _memory() - before) / size
    rate, _ = rate_of(world, size, seconds, step=DAY if size < 10_000 else HOUR)
    notes = ""
    if size >= 1_000:
        notes = f"booted, registered and read {booted:,.0f} a second; {memory:.0f} KiB each, on both sides of the wire"
    return Figure(f"module-days, {size:,} module{'s' if size > 1 else ''}", rate, "/s", notes=notes)


def _memory() -> int:
    """The largest resident set so far, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
