"""Thirty days of one module in simulated time, with an hour in which its platform is silent: what happened, counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nbtwin.engine import DAY, HOUR, Seconds
from nbtwin.lab.faults import Impairment, PacketInFlight
from nbtwin.lab.nodes import Node
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.world import World
from nbtwin.module.events import ConnectionChanged, ServiceReported
from nbtwin.module.identity import ModuleIdentity, Usim, imei_of
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage, decode
from nbtwin.module.settings import Cmdmp
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.events import DeviceRegistered, DeviceUpdated
from nbtwin.operators.store.store import Store
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.selfreg.cmdmp_client import CmdmpStateChanged
from nbtwin.selfreg.schedule import Operator

DAYS = 30
SILENT_ON = 12  # the day on which the platform does not answer for an hour
PERIOD = 420  # s, DOC-C's example


@dataclass
class Month:
    """The counts, and whether the module ended where it should."""

    days: int = DAYS
    registrations: int = 0
    updates: int = 0
    packets: int = 0
    octets: int = 0
    connected: Seconds = 0.0
    states: Counter[DmpState] = field(default_factory=Counter)
    wall: Seconds = 0.0
    fine: bool = False

    def rows(self) -> Iterator[tuple[str, str]]:
        yield "registrations, updates", f"{self.registrations}, {self.updates}, one every {PERIOD} s"
        yield f"day {SILENT_ON}", "the platform is silent for an hour, on purpose"
        yield "states reached", ", ".join(f"{int(state)} {state.name} {n}×" for state, n in sorted(self.states.items()))
        yield "datagrams", f"{self.packets}, {self.octets / 1024:.0f} KiB of CoAP, both ways"
        yield "radio connected", f"{self.connected / HOUR:.1f} h of {self.days * 24} h"
        yield "took", f"{self.wall:.2f} s: {self.days / self.wall:.0f} module-days a second"


class Counted(LabObserver):
    """Counts what passes the drain."""

    def __init__(self, month: Month) -> None:
        self._month = month
        self._connected_at: Seconds = 0.0

    def datagram(
        self, at: Seconds, passage: PacketInFlight, data: bytes, fate: Impairment, obstacle: str | None
    ) -> None:
        self._month.packets += 1
        self._month.octets += len(data)

    def event(self, at: Seconds, unit: Node, event: Any) -> None:
        month = self._month
        if isinstance(event, DeviceRegistered):
            month.registrations += 1
        elif isinstance(event, DeviceUpdated):
            month.updates += 1
        elif isinstance(event, ServiceReported) and isinstance(event.event, CmdmpStateChanged):
            month.states[event.event.new] += 1
        elif isinstance(event, ConnectionChanged):
            if event.connected:
                self._connected_at = at
            else:
                month.connected += at - self._connected_at


def simulate(nvram: bytes | None = None, days: int = DAYS) -> Month:
    """Boot a BC260Y-CN with this NVRAM and let the days pass."""
    month = Month(days)
    world = World(seed=1)
    world.taps.append(Counted(month))
    with Store.open(":memory:") as store:
        store.keys.replace(_passwords(store, nvram))
        world.add_platform(
            "cmdmp", CmdmpPlatform(world.random("cmdmp"), store.keys), operator="cmdmp", commit=store.commit
        )
        profile = PROFILES["BC260Y-CN"]
        identity = ModuleIdentity("month", imei_of("month"), profile.firmware)
        usim, storage = Usim.of(Operator.MOBILE, "month"), MemoryStorage(nvram)
        module = Module(profile, identity, storage, world.random("month"), usim)
        unit = world.add_module("month", module)
        world.add_fault(f"silence,destination=cmdmp,start={SILENT_ON - 1}d,end={(SILENT_ON - 1) * 24 + 1}h")
        began = time.perf_counter()
        world.perform(unit, module.power_on)
        world.run(days * DAY)
        month.wall = time.perf_counter() - began
        month.fine = module.cmdmp_state in (DmpState.REG_SUCCESS, DmpState.UPDATE_SUCCESS) and month.updates > 0
    return month


def _passwords(store: Store, nvram: bytes | None) -> dict[str, str]:
    """The platform knows what the module was configured with."""
    cmdmp = decode(nvram).cmdmp if nvram is not None else Cmdmp()
    given = {cmdmp.appkey: cmdmp.password or ""} if cmdmp.appkey is not None else {}
    return store.keys.passwords | given
