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
QUIET, QUIET_RATE, MINUTE = 10_000, 2_000.0, 60.0
"""Devices that say something once a minute, and how they come: slowly, so that all are there before the first does."""
ALL_FROM = 60.0
"""Seconds a figure from which on as many are measured as are to be reached; below, a part of them."""
GRACE = 120.0
"""Seconds that a busy machine may be late."""
MIB = 1 << 20


@dataclass
class Run:
    """What a fleet told while it ran, twice a second: so long, CPU seconds, registered, exchanges that have ended."""

    devices: int
    told: list[tuple[float, float, int, int]] = field(default_factory=list)
    memory: int = 0

    def add(self, stats: FleetStats) -> None:
        self.told.append((stats.ran, stats.cpu, stats.registered, stats.ended))
        self.memory = max(self.memory, stats.memory)

    @property
    def registered(self) -> int:
        return max(registered for _, _, registered, _ in self.told)

    @property
    def all_there(self) -> tuple[float, float, int, int]:
        """The first that told of all of them."""
        return next((told for told in self.told if told[2] >= self.devices), self.told[-1])


def measure(seconds: float) -> list[Figure]:
    share = min(1.0, seconds / ALL_FROM)
    devices, modules = max(1_000, int(DEVICES * min(1.0, 5 * share))), max(200, int(MODULES * share))
    try:
        with serving("created") as (port, _):
            plain = run(_plan(port, devices, FleetPhase(do="register", rate=RATE)))
            quiet = run(_quiet_plan(port, max(500, int(QUIET * share)), seconds))
            bare = _bare(port, min(0.5, seconds / 4))
    except NoGenerator as why:
        raise Failed(UsageRefusal.FOREIGN, "bench", detail=str(why)) from None
    _all_there(plain, devices)
    _all_there(quiet, quiet.devices)
    with tempfile.TemporaryDirectory() as state, nbtwin("platform", "--ports", "cmdmp=0", "--state", state) as server:
        register = FleetPhase(do="register", rate=MODULE_RATE)
        whole = run(_plan(server.udp, modules, register, modules=FleetModules(operator="mobile")))
    _all_there(whole, modules)
    return [*_plain_figures(plain, bare), _quiet_figure(quiet), _module_figure(whole)]


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
    found = Run(plan.devices.count)
    found.add(Shard(0, 1, plan).run(found.add))
    connection.send(found)


def _plan(port: int, devices: int, *phases: FleetPhase, modules: FleetModules | None = None) -> FleetPlan:
    target = FleetTarget("127.0.0.1", port, False, "127.0.0.1")
    return FleetPlan(
        target=target, devices=FleetDevices(devices), phases=phases, keep=True, modules=modules, grace=GRACE
    )


def _quiet_plan(port: int, devices: int, seconds: float) -> FleetPlan:
    return _plan(
        port,
        devices,
        FleetPhase(do="register", rate=QUIET_RATE),
        FleetPhase(do="rest", span=3.0),
        FleetPhase(do="update", rate=devices / MINUTE, span=max(2.0, seconds / 3)),
    )


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


def _plain_figures(found: Run, bare: float) -> list[Figure]:
    notes = f"{found.devices:,} devices, an address each, {RATE:,.0f} a second wanted; the fleet's own CPU"
    return [
        Figure("registrations that a fleet makes, one core", found.devices / found.all_there[1], "/s",
               {"bare sockets in Python, one by one": bare}, notes, to_reach=20_000),
        Figure(f"memory of a fleet of {found.devices:,} devices", found.memory / MIB, "MiB", {},
               "registered; the process", to_reach=512 if found.devices == DEVICES else None),
    ]  # fmt: skip


def _quiet_figure(found: Run) -> Figure:
    begun, cpu, _, ended = found.all_there
    ran, whole_cpu, _, all_ended = found.told[-1]
    notes = (
        f"{all_ended - ended:,} updates in {ran - begun:.1f} s: each device once a minute; {found.devices:,} devices"
    )
    each = (whole_cpu - cpu) / found.devices / (ran - begun) if ran > begun else 0.0
    return Figure("a fleet's CPU for a device and a second", each * 1e6, "µs", {}, notes)


def _module_figure(found: Run) -> Figure:
    each = found.all_there[1] / found.devices * 1e3
    notes = f"BC260Y-CN, booted and registered at a CMDMP platform; {each:.2f} ms of CPU each"
    goal = 1024 if found.devices == MODULES else None
    name = f"memory of a fleet of {found.devices:,} whole modules"
    return Figure(name, found.memory / MIB, "MiB", {}, notes, to_reach=goal)
