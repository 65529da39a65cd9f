"""The Andlink platform, its store, and modules at their serial lines in a simulated lab."""

from __future__ import annotations

import weakref
from typing import Any

from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World
from nbtwin.lwm2m.firmware.delta import factory_image, pack_image
from nbtwin.module.identity import ModuleIdentity, Usim
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.factory import create_andlink
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.campaigns.records import Plan
from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.operators.store.andlink import PackageRepository, PskRepository
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.operators.store.store import Store
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

IMEI = "867724030000225"
DEVICE = f"andlink:{IMEI}"
PLAIN, BOOTSTRAP = "192.0.2.11:5683", "112.13.96.205:5783"
BOOTSTRAP_KEY = "30313233343536373839303132336162"  # DOC-E 6.2
SERVER_KEY = "E8E19CC16CE1F388E8E19CC16CE1F388"  # DOC-E 3.3


class AndlinkBench:
    def __init__(self, *keys: DeviceKeys, store: Store | None = None, **more: Any) -> None:
        self.world = World(seed=1, latency=0.05)
        self.store = store or Store.open(":memory:")
        if store is None:
            weakref.finalize(self, self.store.close)
        self.keys = self.store.part(PskRepository).keys
        self.keys.add_all(keys)
        self.packages = self.store.part(PackageRepository)
        self.more = more
        self.log: list[Any] = []
        self.platforms = 0
        self.failing = False
        self.platform = self.new_platform()
        self.node = self.world.add_platform("andlink", self.platform, operator="andlink", commit=self.commit)

    def new_platform(self) -> AndlinkPlatform:
        self.platforms += 1
        return create_andlink(self.world.random(f"andlink {self.platforms}"), self.store, **self.more)

    def restart_platform(self) -> None:
        """As after `kill -9`: what is in the store is all that is left."""
        self.world.remove("andlink")
        self.platform = self.new_platform()
        self.platform.restore(self.store.registrations("andlink"))
        self.node = self.world.add_platform("andlink", self.platform, operator="andlink", commit=self.commit)

    def commit(self, events: Any) -> None:
        if self.failing:
            raise OSError("the disk is full")
        self.log += events
        self.store.commit(events)

    def add_module(self, imei: str = IMEI, firmware: str | None = None) -> ModuleNode:
        profile = PROFILES["BC28"]
        identity = ModuleIdentity(imei, imei, firmware or profile.firmware)
        usim = Usim.of(Operator.MOBILE, imei)
        module = Module(profile, identity, MemoryStorage(), self.world.random(imei), usim)
        node = self.world.add_module(imei, module)
        self.world.perform(node, module.power_on)
        self.world.advance(6)
        return node

    def host(self, node: ModuleNode, *lines: str) -> None:
        for line in lines:
            answer = self.world.ask(node, line)
            assert "OK" in answer or "REBOOTING" in answer, (line, answer)  # what follows at once stands behind it

    def respond(self, node: ModuleNode, asked: tuple[str, str], payload: str) -> None:
        """AT+QLASENDRSP in data mode: 2.05."""
        assert self.world.ask(node, f"AT+QLASENDRSP={asked[0]},{asked[1]},1,{len(payload)}")[-1] == ">"
        self.world.serial(node, payload.encode())
        assert self.said(node)[-1] == "OK"

    def said(self, node: ModuleNode) -> list[str]:
        """What the module has said since the last time."""
        text = node.take_serial().decode()
        return [line for line in text.replace("\r", "\n").split("\n") if line]

    def registered(self, imei: str = IMEI) -> ModuleNode:
        """A module that registers plain, without bootstrap, and all that follows."""
        node = self.add_module(imei)
        self.host(node, f'AT+QLASERVERIP="LWM2M","{PLAIN.split(":")[0]}",5683', "AT+QLASREGIND=0")
        self.world.advance(30)
        return node

    def add_package(self, name: str = "new", version: str = "BC28JAR01A11_ONT", content: bytes | None = None) -> str:
        content = pack_image("BC28", version, factory_image("BC28", version)) if content is None else content
        self.packages.add(name, content, self.world.now)
        return name

    def start(self, *imeis: str, **plan: Any) -> int:
        plan.setdefault("package", "new")
        return self.world.perform(self.node, self.platform.start_campaign, Plan(**plan), imeis)

    def steps(self, campaign: int) -> dict[str, str]:
        """Device to step, as the store has it."""
        return {entry.device: str(entry.step) for entry in self.store.part(CampaignRepository).devices(campaign)}

    def seen(self, *kinds: type) -> list[Any]:
        return [event for event in self.log if isinstance(event, kinds)]

    def perform(self, verb: Any, *args: Any, **more: Any) -> Any:
        return self.world.perform(self.node, verb, *args, **more)

    def do(self, verb: Any, *args: Any, within: float = 60, **more: Any) -> ev.OperationAnswered:
        """A command, and how it ended."""
        ticket = self.perform(verb, *args, **more)
        return self.answer(ticket, within)

    def answer(self, ticket: int, within: float = 60) -> ev.OperationAnswered:
        found: list[ev.OperationAnswered] = []

        def ended() -> bool:
            found[:] = [event for event in self.seen(ev.OperationAnswered) if event.ticket == ticket]
            return bool(found)

        assert self.world.run_until(ended, within), f"no answer to ticket {ticket}"
        return found[0]


def keys_of(imei: str = IMEI) -> DeviceKeys:
    return DeviceKeys(device=imei, bootstrap_key=BOOTSTRAP_KEY, key=SERVER_KEY)
