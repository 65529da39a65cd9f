"""One module and its operator's platform in a simulated lab: what the stories about the module are told with."""

from __future__ import annotations

from typing import Any

from nbtwin.coap.message import Message, decode
from nbtwin.engine import Address, Deadline, Outbox, Seconds
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.world import World
from nbtwin.module.events import ServiceReported
from nbtwin.module.identity import ModuleIdentity, Usim
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage, Storage
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.key_store.appkeys import AppkeyStore
from nbtwin.operators.telecom import TelecomPlatform
from nbtwin.operators.unicom import UnicomPlatform
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

IMEI = "863703030822519"
BOOT = 4.0  # from power-on to the first packet: one second to boot, three to attach


class Ear(Outbox[Any]):
    """A server that hears everything and answers nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[Seconds, Message]] = []

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        self.heard.append((now, decode(data)))

    def handle_timer(self, now: Seconds) -> None:
        pass

    def next_deadline(self) -> Deadline | None:
        return None


class ModuleBench:
    """``platform``: the real CMDMP platform, or an ear."""

    def __init__(
        self,
        model: str = "BC260Y-CN",
        operator: Operator | None = Operator.MOBILE,
        *,
        answers: bool = True,
        firmware: str | None = None,
        storage: Storage | None = None,
    ) -> None:
        self.world = World(seed=1)
        self.profile = PROFILES[model]
        self.usim = Usim.of(operator, "bench") if operator else None
        self.storage = storage if storage is not None else MemoryStorage()
        identity = ModuleIdentity("bench", IMEI, firmware or self.profile.firmware)
        self.module = Module(self.profile, identity, self.storage, self.world.random("bench"), self.usim)
        self.node: ModuleNode = self.world.add_module("bench", self.module)
        self.ear = Ear()
        credentials = self.profile.cmdmp.credentials
        keys = AppkeyStore({credentials.appkey: credentials.password})
        random = self.world.random("platform")
        engines: dict[Operator | None, Any] = {
            Operator.TELECOM: TelecomPlatform(random),
            Operator.UNICOM: UnicomPlatform(random),
        }
        self.platform: Any = engines.get(operator, CmdmpPlatform(random, keys)) if answers else self.ear
        name = str(operator) if operator in engines else "cmdmp"
        self.world.add_platform("platform", self.platform, operator=name)
        self.facts: list[Any] = []
        self.world.observers.append(_Facts(self.facts))

    def power_on(self) -> None:
        self.world.perform(self.node, self.module.power_on)

    def power_off(self) -> None:
        self.world.perform(self.node, self.module.power_off)

    def boot(self) -> None:
        """Power on and run until the first packet has left."""
        self.power_on()
        self.world.advance(BOOT)

    def restart(self) -> None:
        self.power_off()
        self.boot()

    def ask(self, line: str) -> list[str]:
        return self.world.ask(self.node, line)

    def departures(self) -> list[Seconds]:
        """When packets reached the ear, counted from the first."""
        return [at - self.ear.heard[0][0] for at, _ in self.ear.heard]

    def reported(self, kind: type) -> list[Any]:
        """What the services said, of one kind of event."""
        return [f.event for f in self.facts if isinstance(f, ServiceReported) and isinstance(f.event, kind)]


class _Facts(LabObserver):
    """An observer that keeps events."""

    def __init__(self, facts: list[Any]) -> None:
        self._facts = facts

    def event(self, at: Seconds, node: Any, event: Any) -> None:
        self._facts.append(event)
