"""A lab's backend in this process: one world that jumps, without sockets, threads and waiting.

Knows the simulated lab below, and hosts that are as fast as it is; knows no face.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nbtwin.api.backend import Answered, ModuleOrder
from nbtwin.api.cancelling import cancelling
from nbtwin.api.errors import LabError, LabRefused, PythonRefusal, UnknownName
from nbtwin.api.host_line import HostLine
from nbtwin.api.orders import fault_of, name_of, refusals, spec_of
from nbtwin.api.recorded import TimelineRecord
from nbtwin.api.rest import Rest
from nbtwin.api.results import AtResult, ModuleState
from nbtwin.engine import Fact, Seconds
from nbtwin.lab.faults import check_names
from nbtwin.lab.nodes import ModuleNode
from nbtwin.module.module import Module
from nbtwin.operators.device_management.management import management_of
from nbtwin.operators.inventory.devices import Device, HistoryEntry
from nbtwin.runtime.errors import SpecError, UsageRefusal
from nbtwin.runtime.simulated_lab import OPERATORS, SimulatedLab
from nbtwin.runtime.spec import module_spec
from nbtwin.timeline.ring import Timeline

if TYPE_CHECKING:
    from nbtwin.api.in_process import InProcessClient

KEPT = 100_000
"""Entries of the timeline that a lab keeps."""


class SimulatedBackend:
    """`api.backend.Backend` over `SimulatedLab`."""

    url = ""
    is_live = False

    def __init__(
        self,
        *,
        seed: int = 1,
        platforms: Iterable[str] = OPERATORS,
        latency: Seconds = 0.0,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        timeline = Timeline(KEPT)
        lab = SimulatedLab(seed=seed, latency=latency, timeline=timeline, operators=platforms, keys=keys)
        self._stand_on(lab, timeline)

    def _stand_on(self, lab: SimulatedLab, timeline: Timeline) -> None:
        """A lab in which nothing has happened yet; it may have modules."""
        self.record, self.lab = TimelineRecord(timeline), lab
        nodes, modules = lab.world.modules, lab.modules
        self._lines = {name: HostLine(lab.world, nodes[name], modules[name]) for name in modules}
        self._told: list[Fact] = []
        self.lab.takers.append(self._told.extend)
        self._timeline = timeline
        self._client: InProcessClient | None = None

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    @property
    def rest(self) -> Rest:
        """Made when it is first asked for: most tests need none of it."""
        if self._client is None:
            from nbtwin.api.in_process import InProcessClient
            from nbtwin.api.remote import RemoteBackend

            self._client = InProcessClient(self.lab, self._timeline, self._told)
            self._rest = RemoteBackend(self._client).rest
            self._told.clear()
            self.lab.takers.remove(self._told.extend)
        self._client.look()
        return self._rest

    def forgotten(self, device: str) -> None:
        self.lab.devices.pop(device, None)
        self.lab.history = [line for line in self.lab.history if line.device != device]

    # time

    @property
    def now(self) -> Seconds:
        return self.lab.world.now

    def advance(self, span: Seconds) -> None:
        waiting = cancelling()
        if waiting is None:
            self.lab.world.advance(span)
        else:
            self.lab.world.run_until(waiting.never, span)

    def wait(self, holds: Callable[[], bool], within: Seconds) -> bool:
        waiting = cancelling()
        if waiting is None:
            return self.lab.world.run_until(holds, within)
        return self.lab.world.run_until(lambda: waiting.never() or holds(), within)

    @property
    def rate(self) -> float:
        raise LabError(PythonRefusal.NOT_LIVE, what="rate")

    def set_rate(self, rate: float) -> None:
        raise LabError(PythonRefusal.NOT_LIVE, what="set_rate")

    def pause(self) -> None:
        raise LabError(PythonRefusal.NOT_LIVE, what="pause")

    def resume(self) -> None:
        raise LabError(PythonRefusal.NOT_LIVE, what="resume")

    # modules

    @refusals()
    def add_module(self, order: ModuleOrder) -> ModuleState:
        spec = spec_of(order)
        name = name_of(order, spec, self.lab.world.names)
        if name in self.lab.world.names:
            raise SpecError(UsageRefusal.NAME_TAKEN, "name", name=name)
        node = self.lab.add_module(
            name, spec.profile, spec.usim(name), imei=spec.imei, firmware=spec.firmware, settings=order.settings
        )
        self._lines[name] = HostLine(self.lab.world, node, self.lab.modules[name])
        if order.power:
            self.power(name, "on")
        return self.module(name)

    def modules(self) -> Sequence[ModuleState]:
        return [self.module(name) for name in self.lab.modules]

    def module(self, name: str) -> ModuleState:
        module, node = self._module(name), self.lab.world.modules[name]
        usim, client, deadline = module.radio.usim, module.andlink, node.deadline
        return ModuleState(
            name=name,
            model=module.profile.model,
            imei=module.identity.imei,
            firmware=module.identity.firmware,
            power=module.power_state,
            attached=module.radio.attached,
            connected=module.radio.connected,
            rssi=module.radio.signal,
            imsi=usim.imsi if usim else None,
            iccid=usim.iccid if usim else None,
            cmdmp_state=module.cmdmp_state.name,
            andlink_registered=client is not None and client.registered,
            waiting_for=str(deadline.reason) if deadline else None,
            waiting_until=deadline.at if deadline else None,
        )

    def _module(self, name: str) -> Module:
        if name not in self.lab.modules:
            raise UnknownName.of("module", name, self.lab.modules)
        return self.lab.modules[name]

    def _node(self, name: str) -> ModuleNode:
        self._module(name)
        return self.lab.world.modules[name]

    def power(self, name: str, action: str) -> None:
        module = self._module(name)
        verbs = {"on": module.power_on, "off": module.power_off, "reset": module.reset, "wake": module.wake}
        self.lab.world.perform(self._node(name), verbs[action])

    def insert_sim(self, name: str, sim: str | None) -> None:
        module = self._module(name)
        spec = module_spec(module.profile.model, sim=sim or "none")
        self.lab.world.perform(self._node(name), module.insert_usim, spec.usim(name))

    def set_coverage(self, name: str, coverage: bool) -> None:
        self.lab.world.perform(self._node(name), self._module(name).set_coverage, coverage)

    @refusals()
    def set_signal(self, name: str, rssi: int) -> None:
        if not (0 <= rssi <= 31 or rssi == 99):
            from nbtwin.web.refusals import ApiRefusal  # loaded by who has made a mistake

            raise LabRefused(ApiRefusal.RSSI, "rssi", rssi=rssi)
        self.lab.world.perform(self._node(name), self._module(name).set_signal, rssi)

    def rebind(self, name: str) -> None:
        self.lab.world.rebind(self._node(name))

    def send(self, name: str, line: str, data: bytes | None, within: Seconds) -> AtResult:
        if self._module(name).power_state == "off":
            raise LabError(PythonRefusal.MODULE_OFF, name=name)
        return self._line(name).send(line, data, within)

    def urcs(self, name: str) -> Sequence[str]:
        return self._line(name).urcs()

    def _line(self, name: str) -> HostLine:
        """Also of a module that an import has brought."""
        node = self._node(name)
        if name not in self._lines or self._lines[name].node is not node:
            self._lines[name] = HostLine(self.lab.world, node, self.lab.modules[name])
        return self._lines[name]

    # platforms

    def platforms(self) -> Sequence[str]:
        return list(self.lab.world.platforms)

    def strict(self, platform: str) -> bool:
        return self.lab.platform(platform).engine.strict

    def set_strict(self, platform: str, on: bool) -> None:
        self.lab.platform(platform).engine.strict = on

    def forget_all(self, platform: str) -> None:
        self.lab.forget(platform)

    def devices(self, platform: str) -> Sequence[Device]:
        return [device for device in self.lab.devices.values() if device.platform == platform]

    def device(self, platform: str, name: str) -> Device | None:
        return self.lab.devices.get(f"{platform}:{name}")

    def history(self, device: str) -> Sequence[HistoryEntry]:
        return [entry for entry in self.lab.history if entry.device == device]

    @refusals()
    def ask(self, device: str, verb: str, path: str, value: Any) -> int:
        platform = device.partition(":")[0]
        node = self.lab.platform(platform)
        management = management_of(node.engine)
        if management is None:
            raise LabError(PythonRefusal.REPORTS_ONLY, platform=platform)
        return self.lab.world.perform(node, management.ask, device, verb, path, value)

    def answer(self, device: str, ticket: int) -> Answered | None:
        event = self.lab.answers.get((device.partition(":")[0], ticket))
        if event is None:
            return None
        refusal = None if event.refusal is None else str(event.refusal)
        return Answered(value=event.value, response_code=event.response_code, refusal=refusal)

    # the network

    @refusals()
    def add_fault(self, fields: Mapping[str, Any]) -> int:
        fault = fault_of(fields)
        check_names(fault, self.lab.world.names)
        return self.lab.world.add_fault(fault)

    def remove_fault(self, number: int) -> None:
        try:
            self.lab.world.faults.remove(number)
        except KeyError:
            raise UnknownName.of("fault", str(number), map(str, self.faults())) from None

    def faults(self) -> Mapping[int, Mapping[str, Any]]:
        return {number: fault.as_dict() for number, fault in self.lab.world.faults.listed().items()}
