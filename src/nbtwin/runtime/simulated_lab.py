"""Real modules and the operators' real platforms in one simulated world, and what the platforms' inventory knows.

What scenarios, costs, stories and benchmarks are run on: no sockets, no files, no event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nbtwin.engine import Fact, Refusal, Seconds
from nbtwin.lab.interfaces import PlatformLike
from nbtwin.lab.nodes import ModuleNode, PlatformNode
from nbtwin.lab.world import World
from nbtwin.module.identity import ModuleIdentity, Usim, imei_of
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage, Storage, encode
from nbtwin.module.profile import Profile
from nbtwin.module.settings import Saved
from nbtwin.operators.events import OperationAnswered
from nbtwin.operators.inventory.devices import Device, HistoryEntry
from nbtwin.operators.inventory.fold import FOLDED, fold, folded
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD, AppkeyStore
from nbtwin.runtime.modules import create_module
from nbtwin.runtime.platforms import PLATFORMS, MemoryBacking
from nbtwin.timeline.catalogue.errors import WordedError
from nbtwin.timeline.ring import Timeline

OPERATORS = tuple(PLATFORMS)
_FACTORY_IMEI = imei_of("factory")


class SettingRefusal(Refusal):
    ANSWERED = "setting-answered"  # model, line, answer
    UNANSWERED = "setting-unanswered"  # model, line


class SettingRefused(WordedError, ValueError):
    """A module did not take a line that it was to be delivered with. ``where``: which part of a scenario said so."""


class SimulatedLab:
    """A world with all operators' platforms, ready for modules."""

    def __init__(
        self,
        *,
        seed: int = 1,
        latency: Seconds = 0.0,
        timeline: Timeline | None = None,
        operators: Iterable[str] = OPERATORS,
        keys: Mapping[str, str] | None = None,
        strict: Iterable[str] = (),
        keeps_history: bool = True,
    ) -> None:
        """``keeps_history``: what happened to each device stays in memory; a fleet's would be most of it."""
        self.world = World(seed=seed, latency=latency, timeline=timeline)
        self.backing = MemoryBacking(AppkeyStore({LAB_APPKEY: LAB_PASSWORD, **(keys or {})}))
        self.answers: dict[tuple[str, int], OperationAnswered] = {}  # by platform and ticket
        self.modules: dict[str, Module] = {}
        self.devices: dict[str, Device] = {}
        self.history: list[HistoryEntry] = []
        self.takers: list[Callable[[Sequence[Fact]], object]] = []
        """Given what platforms commit, as well."""
        self._delivered: dict[Any, bytes] = {}
        self._platforms_made = 0
        self._strict = frozenset(strict)
        self._keeps_history = keeps_history
        for operator in operators:
            engine = self.new_platform(operator)
            self.world.add_platform(operator, engine, operator=operator, commit=self.commit)

    # the operators' house

    def new_platform(self, operator: str) -> PlatformLike:
        """An operator's platform that knows nobody yet. None uses the message IDs of the one before."""
        self._platforms_made += 1
        engine = PLATFORMS[operator](self.world.random(f"{operator}/{self._platforms_made}"), self.backing)
        engine.strict = operator in self._strict
        return engine

    def forget(self, operator: str) -> None:
        """The platform starts anew, without its registrations; its inventory stays."""
        node = self.world.platforms[operator]
        self.answers = {asked: event for asked, event in self.answers.items() if asked[0] != operator}  # tickets anew
        node.install(self.new_platform(operator))
        self.world.drain(node)

    def commit(self, events: Sequence[Fact]) -> None:
        """The inventory in memory: what the store does in a file."""
        for take in self.takers:
            take(events)
        for event in events:
            if isinstance(event, OperationAnswered) and event.ticket:
                self.answers[event.device.partition(":")[0], event.ticket] = event
            if type(event) in FOLDED:
                self._fold(event)

    def _fold(self, event: Any) -> None:
        """One of `DeviceEvent`."""
        name = event.device
        if not name:
            return
        known = self.devices.get(name)
        if self._keeps_history:
            device, line = fold(known, event)
            if line is not None:
                self.history.append(line)
        else:
            device, _, _ = folded(known, event, event.at)
        if device is not None and known is None:
            self.devices[name] = device

    def device(self, operator: str, module: str) -> Device | None:
        return self.devices.get(f"{operator}:{self.modules[module].identity.imei}")

    def platform(self, operator: str) -> PlatformNode:
        return self.world.platforms[operator]

    # the module's house

    def add_module(
        self,
        name: str,
        profile: Profile,
        usim: Usim | None,
        *,
        imei: str | None = None,
        firmware: str | None = None,
        settings: Sequence[str] = (),
        nvram: Saved | None = None,
        storage: Storage | None = None,
        number: int | None = None,
    ) -> ModuleNode:
        """A module as delivered, switched off. ``storage``: NVRAM that is there already, instead of ``settings``.
        ``number`` gives its IP address; None: it is the next one.
        """
        if storage is None:
            delivered = self._deliver(
                profile, imei or imei_of(name), firmware or profile.firmware, tuple(settings), nvram
            )
            storage = MemoryStorage(delivered)
        number = len(self.modules) if number is None else number
        module = create_module(
            name, profile, storage, self.world.small_random(name), usim, imei=imei, firmware=firmware, number=number
        )
        self.modules[name] = module
        return self.world.add_module(name, module)

    def power_on(self, name: str) -> None:
        self.world.perform(self.world.modules[name], self.modules[name].power_on)

    def power_off(self, name: str) -> None:
        self.world.perform(self.world.modules[name], self.modules[name].power_off)

    def _deliver(
        self, profile: Profile, imei: str, firmware: str, settings: tuple[str, ...], nvram: Saved | None
    ) -> bytes | None:
        """NVRAM after the factory; the same for all modules whose lines do not name a module."""
        before = None if nvram is None else encode(nvram)
        if not settings:
            return before
        if not any(imei in line for line in settings):
            imei = _FACTORY_IMEI
        key = profile.model, imei, firmware, settings, before
        if key not in self._delivered:
            self._delivered[key] = deliver(profile, firmware, settings, before, imei)
        return self._delivered[key]


def deliver(
    profile: Profile,
    firmware: str,
    settings: Sequence[str],
    nvram: bytes | None = None,
    imei: str = _FACTORY_IMEI,
) -> bytes:
    """NVRAM of a module without a USIM after these AT lines. Raises SettingRefused for one that it does not take.

    ``imei``: some lines are accepted by the module that they name alone (DOC-E 3.3: the PSK identity is its IMEI).
    """
    world, storage = World(seed=0), MemoryStorage(nvram)
    identity = ModuleIdentity("factory", imei, firmware)
    module = Module(profile, identity, storage, world.random("factory"))
    node = world.add_module("factory", module)
    world.perform(node, module.power_on)
    world.advance(profile.boot.duration)
    for line in settings:
        answer = world.ask(node, line)
        if not answer or answer[-1] != "OK":
            if not answer:
                raise SettingRefused(SettingRefusal.UNANSWERED, model=profile.model, line=line)
            raise SettingRefused(SettingRefusal.ANSWERED, model=profile.model, line=line, answer=" / ".join(answer))
    content = storage.load()
    return content if content is not None else encode(Saved())
