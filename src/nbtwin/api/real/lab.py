"""The face of a real module: the names of `nbtwin.Lab` and `nbtwin.Module`, and a typed refusal for what it cannot do.

Its time is the wall clock's. The platforms are those of a lab that it registers with, where one is named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from nbtwin.api.backend import Answered, Backend, ModuleOrder
from nbtwin.api.conditions import Condition
from nbtwin.api.errors import NotOnRealModule, UnknownName
from nbtwin.api.lab import Lab
from nbtwin.api.module import POWERS, Module
from nbtwin.api.platform import Platform
from nbtwin.api.real.line import PortLine
from nbtwin.api.real.module import ModuleAsker, RealPort
from nbtwin.api.real.refusals import RealPortError, RealRefusal
from nbtwin.api.recorded import TimelineRecord
from nbtwin.api.rest import Rest
from nbtwin.api.results import AtResult, ModuleState, PacketSeen
from nbtwin.api.session import Session
from nbtwin.engine import Seconds
from nbtwin.lab.recorder import LineRecorder
from nbtwin.module.profile import UnknownModel
from nbtwin.operators.inventory.devices import REGISTERED, Device, HistoryEntry
from nbtwin.runtime.simulated_lab import OPERATORS
from nbtwin.runtime.spec import SIMS, profile_of
from nbtwin.selfreg.schedule import operator_of
from nbtwin.timeline.ring import Timeline

KEPT = 100_000
EVERY: Seconds = 0.5
"""How often a condition is asked while the module says nothing."""


def _never(code: RealRefusal, what: str) -> NoReturn:
    raise NotOnRealModule(code, what=what)


class _NoRest(Rest):
    """Where no lab is named. ``check`` refuses what is asked of the module."""

    def __init__(self, check: Callable[[Sequence[str]], object]) -> None:
        self._check = check

    def content(
        self,
        method: str,
        path: Sequence[str],
        body: Mapping[str, Any] | bytes | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> bytes:
        self._check(path)
        _never(RealRefusal.PLATFORM, path[0])


class RealBackend:
    """`api.backend.Backend` over a port. ``platforms``: the lab that the module registers with, as somebody runs it."""

    url = ""

    def __init__(self, port: RealPort, platforms: Backend | None = None) -> None:
        timeline = Timeline(KEPT)
        self.record = TimelineRecord(timeline)
        self.there = platforms
        self._port, self._name = port, ""
        self._began = port.module.now
        self._recorder = LineRecorder(timeline)
        self._asker: ModuleAsker | None = None

    @property
    def asker(self) -> ModuleAsker:
        """UnknownName before a test has asked for the module."""
        if self._asker is None:
            raise UnknownName.of("module", "", ())
        return self._asker

    @property
    def rest(self) -> Rest:
        """Of the lab that it registers with; the module is no part of that."""
        return _NoRest(self._check_path) if self.there is None else self.there.rest.checked(self._check_path)

    def _check_path(self, path: Sequence[str]) -> None:
        if path[0] != "modules":
            return
        if path[-1] in ("power", "usim", "firmware"):
            _never(RealRefusal.HANDS, path[-1])
        raise NotOnRealModule(RealRefusal.UNTOLD, what=path[-1], model=self._port.identity.profile.model)

    @property
    def is_live(self) -> bool:
        return self.there is None or self.there.is_live

    def forgotten(self, device: str) -> None:
        if self.there is not None:
            self.there.forgotten(device)

    def close(self) -> None:
        """The port stays open: the next test has the same."""
        if self._asker is not None:
            self._asker.line.close()

    # time

    @property
    def now(self) -> Seconds:
        return self._port.module.now - self._began

    def advance(self, span: Seconds) -> None:
        _never(RealRefusal.CLOCK, "advance")

    def wait(self, holds: Callable[[], bool], within: Seconds) -> bool:
        until = time.monotonic() + within
        while not holds():
            if time.monotonic() >= until:
                return False
            again = time.monotonic() + EVERY
            while time.monotonic() < min(again, until) and not self.asker.line.listen():
                pass
        return True

    @property
    def rate(self) -> float:
        return 1.0

    def set_rate(self, rate: float) -> None:
        _never(RealRefusal.CLOCK, "set_rate")

    def pause(self) -> None:
        _never(RealRefusal.CLOCK, "pause")

    def resume(self) -> None:
        _never(RealRefusal.CLOCK, "resume")

    # the module

    def add_module(self, order: ModuleOrder) -> ModuleState:
        """The one that there is, in a known state, when it is what is ordered."""
        if self._asker is not None:
            _never(RealRefusal.ONE_MODULE, "add_module")
        self._check_model(order)
        name = order.name or f"{self._port.identity.profile.model.lower()}-1"
        asker = ModuleAsker(PortLine(self._port.module, self._recorder, name, self._began), self._port.identity)
        if not asker.settle():
            raise RealPortError(RealRefusal.NOT_READY, self._port.url, step="AT, ATE1, AT+CMEE")
        _check(order, asker)
        self._asker, self._name = asker, name
        return asker.known(name)

    def _check_model(self, order: ModuleOrder) -> None:
        try:
            wanted = profile_of(order.model)
        except UnknownModel as error:
            raise UnknownName.of("model", order.model, error.fields["known"]) from None
        found = self._port.identity.profile
        if wanted is not found:
            raise NotOnRealModule(RealRefusal.NOT_THIS, what="model", wanted=wanted.model, found=found.model)
        if order.sim is not None and order.sim not in SIMS:
            raise UnknownName.of("sim", order.sim, SIMS)

    def modules(self) -> Sequence[ModuleState]:
        return [] if self._asker is None else [self._asker.known(self._name)]

    def module(self, name: str) -> ModuleState:
        if self._asker is None or name != self._name:
            raise UnknownName.of("module", name, [self._name] if self._asker is not None else ())
        return self._asker.state(name)

    def power(self, name: str, action: str) -> None:
        _never(RealRefusal.HANDS, {"on": "power_on", "off": "power_off"}.get(action, action))

    def insert_sim(self, name: str, sim: str | None) -> None:
        _never(RealRefusal.HANDS, "insert_sim")

    def set_coverage(self, name: str, coverage: bool) -> None:
        _never(RealRefusal.NETWORK, "set_coverage")

    def set_signal(self, name: str, rssi: int) -> None:
        _never(RealRefusal.NETWORK, "set_signal")

    def rebind(self, name: str) -> None:
        _never(RealRefusal.NETWORK, "rebind")

    def send(self, name: str, line: str, data: bytes | None, within: Seconds) -> AtResult:
        return self.asker.line.send(line, data, within)

    def urcs(self, name: str) -> Sequence[str]:
        line = self.asker.line
        while line.listen():
            pass
        return line.urcs

    # platforms: those of the lab that is named

    def _platforms(self) -> Backend:
        if self.there is None:
            _never(RealRefusal.PLATFORM, "platform")
        return self.there

    def platforms(self) -> Sequence[str]:
        return OPERATORS if self.there is None else self.there.platforms()

    def strict(self, platform: str) -> bool:
        return self._platforms().strict(platform)

    def set_strict(self, platform: str, on: bool) -> None:
        self._platforms().set_strict(platform, on)

    def forget_all(self, platform: str) -> None:
        self._platforms().forget_all(platform)

    def devices(self, platform: str) -> Sequence[Device]:
        return self._platforms().devices(platform)

    def device(self, platform: str, name: str) -> Device | None:
        return self._platforms().device(platform, name)

    def history(self, device: str) -> Sequence[HistoryEntry]:
        return self._platforms().history(device)

    def ask(self, device: str, verb: str, path: str, value: Any) -> int:
        return self._platforms().ask(device, verb, path, value)

    def answer(self, device: str, ticket: int) -> Answered | None:
        return self._platforms().answer(device, ticket)

    # the network

    def add_fault(self, fields: Mapping[str, Any]) -> int:
        _never(RealRefusal.NETWORK, "add_fault")

    def remove_fault(self, number: int) -> None:
        _never(RealRefusal.NETWORK, "remove_fault")

    def faults(self) -> Mapping[int, Mapping[str, Any]]:
        return {}


def _check(order: ModuleOrder, asker: ModuleAsker) -> None:
    """NotOnRealModule for a card, a number or a firmware that it has not, and for what is done in a factory."""
    delivered = {"settings": order.settings, "vendor": order.vendor, "power": not order.power}
    for what, asked in delivered.items():
        if asked:
            _never(RealRefusal.DELIVERED, what)
    found = {"imei": asker.identity.found.imei, "firmware": asker.firmware}
    if order.sim is not None or order.imsi is not None or order.plmn is not None:
        imsi = asker.imsi_of_card() or ""
        found |= {"imsi": imsi, "sim": str((operator_of(imsi) if imsi else None) or "none")}
        found["plmn"] = imsi[: len(order.plmn or "")]
    if order.iccid is not None:
        found["iccid"] = asker.iccid() or ""
    for what, there in found.items():
        wanted = getattr(order, what)
        if wanted is not None and wanted != there:
            raise NotOnRealModule(RealRefusal.NOT_THIS, what=what, wanted=wanted, found=there)


class RealLab(Lab):
    """Made by the pytest plugin for ``--nb-port``."""

    def __init__(self, port: RealPort, there: Lab | None = None) -> None:
        self.port = port
        self._backend = RealBackend(port, None if there is None else there._session.open_backend)
        self._stand_on(self._backend)

    def _known(self, state: ModuleState) -> Module:
        if state.name not in self._modules:
            self._modules[state.name] = RealModule(self._session, self._backend, state)
        return self._modules[state.name]

    @property
    def platforms(self) -> Mapping[str, Platform]:
        """None where no lab is named."""
        return {} if self._backend.there is None else super().platforms

    def platform(self, name: str) -> Platform:
        """NotOnRealModule where no lab is named that has it."""
        self._session.check_platform(name)
        if self._backend.there is None:
            _never(RealRefusal.PLATFORM, "platform")
        return super().platform(name)

    def packets(self, **_: Any) -> list[PacketSeen]:
        """NotOnRealModule: what goes through the air is not seen at the port."""
        _never(RealRefusal.DATAGRAMS, "packets")


class RealModule(Module):
    """What can be waited for is asked with the fewest commands."""

    def __init__(self, session: Session, backend: RealBackend, state: ModuleState) -> None:
        super().__init__(session, state.name, state.model, state.imei)
        self._backend = backend

    def registered(self, platform: str) -> Condition:
        """The module says so; and the platform, where a lab is named that has it. UnknownName; NotOnRealModule when
        neither can tell."""
        self._session.check_platform(platform)
        name, there, asker = f"{self.name}.registered({platform!r})", self._backend.there, self._backend.asker

        def holds() -> bool:
            if there is None:
                return asker.registered(platform, name)
            device = there.device(platform, self.imei)
            return device is not None and device.state == REGISTERED and asker.knows(platform)

        return Condition(name, holds, lambda: asker.shown(platform))

    def attached(self) -> Condition:
        """To the network."""
        asker = self._backend.asker
        return Condition(f"{self.name}.attached()", lambda: asker.attached, lambda: asker.shown("cmdmp"))

    def powered(self, state: str) -> Condition:
        """``"on"``: it answers. NotOnRealModule for what cannot be told from silence."""
        if state not in POWERS:
            raise UnknownName.of("power", state, POWERS)
        name, asker = f"{self.name}.powered({state!r})", self._backend.asker
        if state != "on":
            raise NotOnRealModule(RealRefusal.UNTOLD, what=name, model=self.model)
        return Condition(name, lambda: asker.awake, lambda: "silent")
