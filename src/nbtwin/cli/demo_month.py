"""Thirty days of one module in simulated time, with an hour in which its platform is silent: what happened, counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from nbtwin.cli.demo_phrases import MonthPhrase
from nbtwin.engine import DAY, HOUR, Fact, Seconds
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
from nbtwin.timeline.catalogue import say

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

    def rows(self, language: str = "en") -> Iterator[tuple[str, str]]:
        """Name and value."""

        def worded(phrase: MonthPhrase, **fields: object) -> str:
            return say(phrase, language, **fields)

        hours, rate = f"{self.connected / HOUR:.1f}", f"{self.days / self.wall:.0f}"
        yield (
            worded(MonthPhrase.REGISTRATIONS_NAME),
            worded(MonthPhrase.REGISTRATIONS, registrations=self.registrations, updates=self.updates, period=PERIOD),
        )
        yield worded(MonthPhrase.SILENCE_NAME, day=SILENT_ON), worded(MonthPhrase.SILENCE)
        yield (
            worded(MonthPhrase.STATES_NAME),
            ", ".join(f"{int(state)} {state.name} {n}×" for state, n in sorted(self.states.items())),
        )
        yield (
            worded(MonthPhrase.DATAGRAMS_NAME),
            worded(MonthPhrase.DATAGRAMS, packets=self.packets, kibibytes=f"{self.octets / 1024:.0f}"),
        )
        yield worded(MonthPhrase.CONNECTED_NAME), worded(MonthPhrase.CONNECTED, hours=hours, total=self.days * 24)
        yield worded(MonthPhrase.TOOK_NAME), worded(MonthPhrase.TOOK, seconds=f"{self.wall:.2f}", rate=rate)


class Counted(LabObserver):
    """Counts what passes the drain."""

    def __init__(self, month: Month) -> None:
        self._month = month
        self._connected_at: Seconds = 0.0

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: str | None
    ) -> None:
        self._month.packets += 1
        self._month.octets += len(data)

    def event(self, at: Seconds, node: Node, event: Fact) -> None:
        month = self._month
        match event:
            case DeviceRegistered():
                month.registrations += 1
            case DeviceUpdated():
                month.updates += 1
            case ServiceReported(event=CmdmpStateChanged(new=new)):
                month.states[new] += 1
            case ConnectionChanged(connected=True):
                self._connected_at = at
            case ConnectionChanged(connected=False):
                month.connected += at - self._connected_at
            case _:
                pass


def simulate(nvram: bytes | None = None, days: int = DAYS) -> Month:
    """Boot a BC260Y-CN with this NVRAM and let the days pass."""
    month = Month(days)
    world = World(seed=1)
    world.observers.append(Counted(month))
    with Store.open(":memory:") as store:
        store.keys.replace(_passwords(store, nvram))
        world.add_platform(
            "cmdmp", CmdmpPlatform(world.random("cmdmp"), store.keys), operator="cmdmp", commit=store.commit
        )
        profile = PROFILES["BC260Y-CN"]
        identity = ModuleIdentity("month", imei_of("month"), profile.firmware)
        usim, storage = Usim.of(Operator.MOBILE, "month"), MemoryStorage(nvram)
        module = Module(profile, identity, storage, world.random("month"), usim)
        node = world.add_module("month", module)
        world.add_fault(f"silence,destination=cmdmp,start={SILENT_ON - 1}d,end={(SILENT_ON - 1) * 24 + 1}h")
        began = time.perf_counter()
        world.perform(node, module.power_on)
        world.run(days * DAY)
        month.wall = time.perf_counter() - began
        month.fine = module.cmdmp_state in (DmpState.REG_SUCCESS, DmpState.UPDATE_SUCCESS) and month.updates > 0
    return month


def _passwords(store: Store, nvram: bytes | None) -> dict[str, str]:
    """The platform knows what the module was configured with."""
    cmdmp = decode(nvram).cmdmp if nvram is not None else Cmdmp()
    given = {cmdmp.appkey: cmdmp.password or ""} if cmdmp.appkey is not None else {}
    return store.keys.passwords | given
