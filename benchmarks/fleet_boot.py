"""Booting a fleet of mixed models in one process: time and memory of each, beside a bare heap and a bare process."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.module_days import heap_events
from nbtwin.lab.world import World
from nbtwin.module.identity import ModuleIdentity, Usim, imei_of
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.errors import Failed, UsageRefusal
from nbtwin.selfreg.schedule import Operator

MODULES = 10_000
BOOTED_AFTER = 2.0  # s of the lab's time: every banner has been printed, the networks are being searched
_STATM = Path("/proc/self/statm")  # its second word: pages that are in memory


def measure(seconds: float) -> list[Figure]:
    """10,000 modules whatever the seconds, which are for the reference."""
    before = _resident()
    began = time.perf_counter()
    world, instants = boot(MODULES)
    each = (_resident() - before) / MODULES
    answered = sum(_answers(world, name) for name in world.modules)
    took = time.perf_counter() - began
    if answered != MODULES:
        raise Failed(
            UsageRefusal.FOREIGN,
            "bench",
            detail=f"{MODULES - answered} of {MODULES} modules do not answer after their boot",
        )
    heap = heap_events(seconds) / (instants / MODULES)
    notes = (
        f"{MODULES:,} of {len(PROFILES)} models, mixed, in {took:.1f} s: built, powered on, banner printed, AT answered"
    )
    return [
        Figure("modules booted", MODULES / took, "/s", {"bare heap, as many events (heapq)": heap}, notes),
        Figure("memory of a booted module", each, "KiB", {"a bare Python process": _bare_process()}, "resident"),
    ]


def boot(count: int) -> tuple[World, int]:
    """A world of that many modules, every one booted, and how many instants that took."""
    world = World(seed=1)
    profiles, operators = list(PROFILES.values()), list(Operator)
    for number in range(count):
        profile, operator = profiles[number % len(profiles)], operators[number % len(operators)]
        name = f"module-{number}"
        identity, usim = ModuleIdentity(name, imei_of(name), profile.firmware), Usim.of(operator, name)
        module = Module(profile, identity, MemoryStorage(), world.small_random(name), usim)
        world.perform(world.add_module(name, module), module.power_on)
    instants = 0
    while world.scheduler.step(BOOTED_AFTER):
        instants += 1
    world.run(BOOTED_AFTER)
    return world, max(instants, count)


def _answers(world: World, name: str) -> bool:
    node = world.modules[name]
    node.take_serial()
    world.serial(node, b"AT\r")
    return node.take_serial().endswith(b"\r\nOK\r\n")


def _resident() -> float:
    """KiB of this process in memory now; where the system does not say, the most there ever were."""
    try:
        return _kib(_STATM.read_text())
    except OSError:
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _bare_process() -> float:
    """KiB of a Python that has imported nothing; by its own word, for a fork begins with its parent's most."""
    said = f"print(open({str(_STATM)!r}).read())" if _STATM.exists() else "print(0)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, timeout=60, check=True)
    return _kib(done.stdout) if _STATM.exists() else _resident()


def _kib(statm: str) -> float:
    return int(statm.split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024
