"""What a fleet costs by itself (`nbtwin fleet`), so that nobody measures the generator: registrations a second that one
core makes, a device that says something once a minute, the memory of 100,000 devices and of 100,000 whole modules.

Who answers is a server in C that does next to nothing; whole modules talk to a platform. Only the fleet's own process
counts: CPU time, and what is resident.
"""

from __future__ import annotations

import socket
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.figures import Figure
from benchmarks.generator import NoGenerator, serving
from benchmarks.processes import nbtwin
from nbtwin.fleet.plan import FleetDevices, FleetModules, FleetPhase, FleetPlan, FleetTarget
from nbtwin.fleet.shard import Shard
from nbtwin.fleet.tally import FleetStats
from nbtwin.runtime.errors import Failed, UsageRefusal

DEVICES, MODULES = 100_000, 100_000
RATE, MODULE_RATE = 20_000.0, 1_000.0
MINUTE = 60.0
ALL_FROM = 60.0
"""Seconds a figure from which on as many are measured as are to be reached; below, a part of them."""
MIB = 1 << 20


@dataclass
class Run:
    """What a fleet told while it ran, twice a second: so long, CPU seconds, registered, exchanges that have ended."""

    told: list[tuple[float, float, int, int]] = field(default_factory=list)
    memory: int = 0

    def add(self, stats: FleetStats) -> None:
        self.told.append((stats.ran, stats.cpu, stats.registered, stats.ended))
        self.memory = max(self.memory, stats.memory)

    @property
    def registered(self) -> int:
        return max(registered for _, _, registered, _ in self.told)

    def until(self, devices: int) -> tuple[float, float, int, int]:
        """When all were registered."""
        return next((told for told in self.told if told[2] >= devices), self.told[-1])


def measure(seconds: float) -> list[Figure]:
    share = min(1.0, seconds / ALL_FROM)
    devices, modules = max(1_000, int(DEVICES * min(1.0, 5 * share))), max(200, int(MODULES * share))
    try:
        with serving("created") as (port, _):
            plain = run(_plan(port, devices, seconds))
            bare = _bare(port, min(0.5, seconds / 4))
    except NoGenerator as why:
        raise Failed(UsageRefusal.FOREIGN, "bench", detail=str(why)) from None
    _all_there(plain, devices)
    with tempfile.TemporaryDirectory() as state, nbtwin("platform", "--ports", "cmdmp=0", "--state", state) as server:
        whole = run(_module_plan(server.udp, modules))
    _all_there(whole, modules)
    return [*_plain_figures(plain, devices, bare), _module_figure(whole, modules)]


def run(plan: FleetPlan) -> Run:
    """In a process of its own, where nothing else is resident."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs, plan), daemon=True)
    process.start()
    theirs.close()
    try:
        found: Run = ours.recv()
        return found
    except EOFError:
        raise Failed(UsageRefusal.FOREIGN, "bench", detail="the fleet's process has died") from None
    finally:
        ours.close()
        process.join(10)


def _run(connection: Connection[Any, Any], plan: FleetPlan) -> None:
    found = Run()
    found.add(Shard(0, 1, plan).run(found.add))
    connection.send(found)


def _plan(port: int, devices: int, seconds: float) -> FleetPlan:
    phases = (
        FleetPhase(do="register", rate=RATE),
        FleetPhase(do="rest", span=1.0 + 2 * devices / RATE),  # on a busy machine they take longer
        FleetPhase(do="update", rate=devices / MINUTE, span=max(2.0, seconds / 3)),
    )
    return FleetPlan(target=_target(port), devices=FleetDevices(devices), phases=phases, keep=True)


def _module_plan(port: int, modules: int) -> FleetPlan:
    phases = (FleetPhase(do="register", rate=MODULE_RATE),)
    whole = FleetModules(operator="mobile")
    return FleetPlan(target=_target(port), devices=FleetDevices(modules), phases=phases, keep=True, modules=whole)


def _target(port: int) -> FleetTarget:
    return FleetTarget("127.0.0.1", port, False, "127.0.0.1")


def _all_there(found: Run, devices: int) -> None:
    if found.registered < devices:
        raise Failed(UsageRefusal.FOREIGN, "bench", detail=f"{found.registered:,} of {devices:,} have registered")


def _bare(port: int, seconds: float) -> float:
    """Datagrams a second of CPU that Python sends one by one and reads the answers of, and does nothing else."""
    request = bytes((0x45, 2, 0, 0)) + bytes(5) + bytes(80)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(2)
        udp.connect(("127.0.0.1", port))
        done, began = 0, time.process_time()
        while (took := time.process_time() - began) < seconds:
            for _ in range(32):
                udp.send(request)
            for _ in range(32):
                udp.recv(2048)
            done += 32
        return done / took


def _plain_figures(found: Run, devices: int, bare: float) -> list[Figure]:
    begun, cpu, registered, ended = found.until(devices)
    ran, whole_cpu, _, all_ended = found.told[-1]
    each, idle = whole_cpu - cpu, ran - begun
    notes = f"{devices:,} devices, an address each, {RATE:,.0f} a second wanted; the fleet's own CPU"
    later = f"{all_ended - ended:,} updates in {idle:.1f} s: each device once a minute"
    return [
        Figure("registrations that a fleet makes, one core", registered / cpu, "/s",
               {"bare sockets in Python, one by one": bare}, notes, to_reach=20_000),
        Figure("a fleet's CPU for a device and a second", each / devices / idle * 1e6, "µs", {}, later),
        Figure(f"memory of a fleet of {devices:,} devices", found.memory / MIB, "MiB", {}, "registered; the process",
               to_reach=512 if devices == DEVICES else None),
    ]  # fmt: skip


def _module_figure(found: Run, modules: int) -> Figure:
    _, cpu, registered, _ = found.until(modules)
    notes = f"BC260Y-CN, booted and registered at a CMDMP platform; {cpu / registered * 1e3:.2f} ms of CPU each"
    goal = 1024 if modules == MODULES else None
    return Figure(
        f"memory of a fleet of {modules:,} whole modules", found.memory / MIB, "MiB", {}, notes, to_reach=goal
    )
