"""What nbtwin costs a test suite: to import it, the first simulated lab of a process, and every further one.

CPU time, because the machine is shared; each of the first two in processes of its own, the best of several, with the
bytecode that pip writes when it installs (some environments write none: then the first lab compiles all of it). Knows
the public API alone.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time

import nbtwin
from benchmarks.figures import Figure

LAB = """
import nbtwin
lab = nbtwin.Lab(seed=7)
module = lab.add_module("BC260Y-CN", sim="mobile")
lab.run_until(module.registered("cmdmp"), within="2min")
"""
PROGRAMS = {
    "nothing": "pass",
    "json": "import json",
    "asyncio": "import asyncio",
    "nbtwin": "import nbtwin",
    "lab": LAB,
}
FEWEST = 3


def measure(seconds: float) -> list[Figure]:
    cpu, wall = _processes(seconds)
    bare = cpu["nothing"]
    over = {name: 1000 * (each - bare) for name, each in cpu.items()}
    imported = Figure(
        "import nbtwin", over["nbtwin"], "ms", {"import json": over["json"]},
        f"over a bare process of {1000 * bare:.0f} ms; {1000 * wall['nbtwin']:.0f} ms of wall clock with it",
    )  # fmt: skip
    first = Figure(
        "the first simulated lab of a process", over["lab"], "ms", {"import asyncio": over["asyncio"]},
        "imported, built, a module booted and registered",
    )  # fmt: skip
    value, times = _further(seconds / 3)
    further = Figure(
        "every further simulated lab", value, "ms", {"import json": over["json"]},
        f"built, a module booted and registered; the median of {times}",
    )  # fmt: skip
    return [imported, first, further]


def _processes(seconds: float) -> tuple[dict[str, float], dict[str, float]]:
    """CPU and wall seconds of each program, by turns; the best of at least three, after one that writes bytecode."""
    cpu: dict[str, float] = {}
    wall: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="nbtwin-bench-") as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        subprocess.run([sys.executable, "-c", LAB], env=environment, check=True)
        began, rounds = time.perf_counter(), 0
        while rounds < FEWEST or time.perf_counter() - began < seconds:
            for name, program in PROGRAMS.items():
                used, took = _run(program, environment)
                cpu[name], wall[name] = min(used, cpu.get(name, used)), min(took, wall.get(name, took))
            rounds += 1
    return cpu, wall


def _run(program: str, environment: dict[str, str]) -> tuple[float, float]:
    before, at = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    took, after = time.perf_counter() - at, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, took


def _further(seconds: float) -> tuple[float, int]:
    """Milliseconds of CPU, the median, and of how many. One goes before and is not counted."""
    times: list[float] = []
    began = time.perf_counter()
    while len(times) < FEWEST or time.perf_counter() - began < seconds:
        at = time.process_time()
        lab = nbtwin.Lab(seed=7)
        module = lab.add_module("BC260Y-CN", sim="mobile")
        lab.run_until(module.registered("cmdmp"), within="2min")
        times.append(1000 * (time.process_time() - at))
    counted = sorted(times[1:])
    return counted[len(counted) // 2], len(counted)
