"""Fifty modules of all models and operators, half of them with things going wrong, for thirty days: and a digest of it.

Every byte on the wire and on the serial lines and every deadline goes into the digest of its module and day; only the
wording of a deadline's reason does not.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from nbtwin.engine import DAY, HOUR, MINUTE, Deadline, Seconds
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import LabObserver
from nbtwin.module.identity import Usim
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.catalogue import waiting_for
from nbtwin.timeline.clock import format_simulated

MODULES, DAYS, SEED = 50, 30, 20240
FAULTS = (  # of the second half, m25 to m49; the first half shares the servers' bad days
    "loss,probability=0.2,source=m2[5-9]",
    "loss,probability=0.2,destination=m2[5-9]",
    "delay,seconds=1.5,spread=4,source=m3[0-4]",
    "duplication,probability=0.3,copies=2,source=m3[0-4]",
    "duplication,probability=0.3,destination=m3[0-4]",
    "reordering,probability=0.3,seconds=3,source=m3[5-9]",
    "rebinding,probability=0.3,source=m3[5-9]",
    "error,probability=0.3,code=5.03,source=m4[0-4]",
    "error,probability=0.1,code=4.04,source=m4[0-4]",
    "dns_failure,probability=0.5,source=m4[5-9],seconds=2",
    "silence,destination=telecom,start=20min,end=40min",
    "silence,destination=unicom,start=30min,end=90min",
    "silence,destination=cmdmp,start=9d,end=10d",
)
DEEP_SLEEP = 'AT+CPSMS=1,,,"01000011","00000101"'


@dataclass
class Trace:
    """What one module did on one day."""

    digest: Any = field(default_factory=hashlib.sha256)
    entries: list[str] = field(default_factory=list)

    def add(self, at: Seconds, what: str, data: bytes = b"", *, why: str = "") -> None:
        self.digest.update(f"{float(at)!r} {what} ".encode() + data + b"\n")
        self.entries.append(f"{format_simulated(at)} {what} {data.hex()}{why}")


class Recorder(LabObserver):
    """By module and day."""

    def __init__(self) -> None:
        self.traces: dict[tuple[str, int], Trace] = defaultdict(Trace)
        self.counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])  # sent, heard, deadlines

    def _at(self, module: str, at: Seconds) -> Trace:
        return self.traces[module, min(int(at // DAY), DAYS - 1)]

    def serial_out(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        self._at(node.name, at).add(at, "says", data)

    def deadline(self, at: Seconds, node: Node, deadline: Deadline | None) -> None:
        if isinstance(node, ModuleNode):
            self.counts[node.name][2] += 1
            trace = self._at(node.name, at)
            if deadline is None:
                trace.add(at, "waits for nothing")
            else:
                trace.add(at, f"waits until {float(deadline.at)!r}", why=f": {waiting_for(deadline)}")

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: str | None
    ) -> None:
        up = packet.direction is Direction.UP
        module = packet.sender if up else packet.receiver
        if module is not None:
            self.counts[module][0 if up else 1] += 1
            whom = f"{'to' if up else 'from'} {packet.receiver if up else packet.sender}"
            self._at(module, at).add(at, f"{whom} {packet.source} {packet.destination} {impairment.delays}", data)


def fleet() -> Iterator[tuple[str, str, Operator, list[str]]]:
    """Name, model, card, AT lines of the factory: each model with each card that means something to it, in turn."""
    pairs = [(model, operator) for model, profile in PROFILES.items() for operator in profile.schedules]
    for number in range(MODULES):
        model, operator = pairs[number % len(pairs)]
        switch = PROFILES[model].switch
        settings = [] if switch is None else [f"AT{switch.name}=1"]
        if number % 3 == 1:
            settings.append(DEEP_SLEEP)
        if number == 30:  # whose own period is 900 s (DOC-A 2.1, note): one of these is enough
            settings.append("AT+DMPCONFIG=1,117.161.2.41,5683,14400")
        yield f"m{number:02}", model, operator, settings


def plan(bench: SimulatedLab, number: int, name: str, operator: Operator) -> None:
    """What is done to a module: switched on a minute after the one before, and a few things later."""
    world, node, module = bench.world, bench.world.modules[name], bench.modules[name]

    def at(when: Seconds, verb: Callable[..., object], *values: object) -> None:
        world.scheduler.call_at(when, partial(world.perform, node, verb, *values))

    at(number * MINUTE, module.power_on)
    if number % 5 == 0:
        at(5 * DAY + number, module.power_off)
        at(5 * DAY + 2 * HOUR, module.power_on)
    if number % 5 == 1:
        at(7 * DAY + number, module.set_coverage, False)
        at(8 * DAY + 2 * HOUR, module.set_coverage, True)
    if number % 5 == 2:
        at(11 * DAY + number, module.reset)
        at(12 * DAY + number, module.insert_usim, Usim.of(operator, "another"))
    if number % 5 == 3:
        line = f"AT{module.profile.cmdmp.name}=6\r".encode()
        for day in range(DAYS):
            world.scheduler.call_at(day * DAY + 13 * HOUR + number, partial(world.serial, node, line))
    if number % 10 == 4:
        at(15 * DAY + number, module.update_firmware, module.identity.firmware.replace("A0", "A1", 1))


def run() -> Recorder:
    bench = SimulatedLab(seed=SEED, latency=0.15)
    recorder = Recorder()
    bench.world.observers.append(recorder)
    for fault in FAULTS:
        bench.world.add_fault(fault)
    for number, (name, model, operator, settings) in enumerate(fleet()):
        bench.add_module(name, PROFILES[model], Usim.of(operator, name), settings=settings)
        plan(bench, number, name, operator)
    bench.world.run(DAYS * DAY)
    return recorder


def digests(recorder: Recorder) -> list[str]:
    """The stored form: a line for all, then one a module: counts and six digits a day."""
    whole = hashlib.sha256()
    lines = []
    for name, model, operator, settings in fleet():
        days = [recorder.traces[name, day].digest.hexdigest() for day in range(DAYS)]
        whole.update("".join(days).encode())
        sent, heard, deadlines = recorder.counts[name]
        sleeps = "asleep" if DEEP_SLEEP in settings else "awake"
        what = f"{name} {model.replace(' ', '-')} {operator} {sleeps} {sent} {heard} {deadlines}"
        lines.append(f"{what} {' '.join(day[:6] for day in days)}")
    return [f"all {whole.hexdigest()}", *lines]
