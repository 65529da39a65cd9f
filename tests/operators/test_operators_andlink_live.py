"""Andlink over real sockets: three ports of one platform, a module bootstrapped, registered, updated behind DTLS."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from andlink_bench import BOOTSTRAP_KEY, DEVICE, IMEI, keys_of

from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.lwm2m.firmware.delta import factory_image, pack_image
from nbtwin.module.identity import ModuleIdentity, Usim
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.factory import create_andlink
from nbtwin.operators.campaigns.records import CampaignChanged, Plan
from nbtwin.operators.store.andlink import PackageRepository, PskRepository
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.operators.store.store import Store
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

pytestmark = pytest.mark.asyncio
NEW = "BC28JAR01A11_ONT"
LINES = (
    "AT+QLAREGSWT=0",
    'AT+QLASERVERIP="BS","lwm.home.komect.com",5684',
    f"AT+QLASETBSPSK=0,{BOOTSTRAP_KEY}",
    "AT+QLABSSECSWT=1,0",
    "AT+NRB",
)


class Committed:
    """The events of a platform, as they become durable."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.log: list[Any] = []
        self._changed = asyncio.Event()

    def __call__(self, events: Sequence[Any]) -> None:
        self.store.commit(events)
        self.log += events
        self._changed.set()

    async def until(self, condition: Callable[[Any], bool]) -> None:
        async with asyncio.timeout(60):
            while not any(map(condition, self.log)):
                self._changed.clear()
                await self._changed.wait()


async def test_a_module_is_bootstrapped_registered_and_updated_over_real_udp(tmp_path: Path) -> None:
    world = live_world(seed=1)
    profile = PROFILES["BC28"]
    identity = ModuleIdentity("one", IMEI, profile.firmware)
    module = Module(profile, identity, MemoryStorage(), world.random("one"), Usim.of(Operator.MOBILE, "one"))
    node = world.add_module("one", module)
    world.perform(node, module.power_on)
    world.advance(6)  # until the lab is alive, time jumps
    for line in LINES:
        world.ask(node, line)
    world.advance(10)
    live = LiveRuntime(world)
    live.open()
    with Store.open(tmp_path / "inventory.sqlite") as store:
        committed = Committed(store)
        store.part(PskRepository).keys.add(keys_of())
        store.part(PackageRepository).add("new", pack_image("BC28", NEW, factory_image("BC28", NEW)), 0.0)
        platform = create_andlink(world.random("andlink"), store)
        there = live.add_platform("andlink", platform, ("127.0.0.1", 0), operator="andlink", commit=committed)
        try:
            assert len({port for _, port in there.addresses}) == 3
            world.serial(node, b"AT+QLAREGSWT=1;+QLASREGIND=0\r")
            await committed.until(lambda event: isinstance(event, ev.DeviceDescribed))
            assert any(isinstance(event, ev.DeviceBootstrapped) for event in committed.log)
            ticket = world.perform(there, platform.devices.ask, IMEI, "read", "/3/0/3")
            await committed.until(lambda event: getattr(event, "ticket", 0) == ticket)
            campaign = world.perform(there, platform.start_campaign, Plan(package="new"), [IMEI])
            await committed.until(lambda event: isinstance(event, CampaignChanged))
        finally:
            live.close()
        (device,) = store.part(CampaignRepository).devices(campaign)
        assert (device.step, device.version) == ("succeeded", NEW)
        found = store.device(DEVICE)
        assert found is not None
        assert (found.psk_identity, found.firmware) == (IMEI, NEW)
