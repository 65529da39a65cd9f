"""What the steps of a scenario do to modules, platforms and the network between them.

Knows the lab's inputs; knows neither when a step is due nor what is expected of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nbtwin.engine import Fact
from nbtwin.lab.facts import (
    AppkeyAdded,
    CoverageChanged,
    ModuleReset,
    ScenarioNoted,
    ServerForgot,
    ServerRecovered,
    SignalChanged,
    WakeUpPinPulled,
)
from nbtwin.lab.faults import Fault, FaultKind
from nbtwin.module.module import Module
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.scenario.model import ScenarioStep, action_of


class StepExecutor:
    """A bench, and what steps have done to its platforms so far."""

    def __init__(self, bench: SimulatedLab) -> None:
        self.bench = bench
        self._silences: dict[str, int] = {}  # platform to the number of the fault that keeps it down
        self._refusals: dict[str, int] = {}

    def perform(self, step: ScenarioStep) -> None:
        """Do it at the world's present instant. Names that are left out mean the only one there is."""
        (action,) = action_of(step)
        if action in _MODULE:
            self._to_module(step, action)
        elif action in _PLATFORM:
            name = step.platform or next(iter(self.bench.world.platforms))
            _PLATFORM[action](self, name, getattr(step, action))
        elif step.fault is not None:
            self.bench.world.add_fault(step.fault.fault)
        elif step.note is not None:
            self.bench.world.note("scenario", ScenarioNoted(step.note))

    def _to_module(self, step: ScenarioStep, action: str) -> None:
        world = self.bench.world
        name = step.module or next(iter(self.bench.modules))
        node, module = world.modules[name], self.bench.modules[name]
        value = getattr(step, action)
        if action == "send":
            world.serial(node, value.encode() + b"\r")
        elif action == "rebind":
            world.rebind(node)
        else:
            fact, verb = _MODULE[action](module, name, value)
            if fact is not None:
                world.note(name, fact)
            world.perform(node, verb)

    # platforms

    def server(self, name: str, state: str) -> None:
        """A server that is down hears nothing and says nothing; its clock runs on."""
        if state == "down" and name not in self._silences:
            self._silences[name] = self.bench.world.add_fault(Fault(kind=FaultKind.SILENCE, destination=name))
        elif state == "up":
            self._take_off(self._silences, name, ServerRecovered(refused=False))

    def refuses(self, name: str, refusal: Any) -> None:
        self._take_off(self._refusals, name, ServerRecovered(refused=True))
        if refusal.code is not None:
            fault = Fault(kind=FaultKind.ERROR, destination=name, code=refusal.code)
            self._refusals[name] = self.bench.world.add_fault(fault)

    def forgets(self, name: str, what: str) -> None:
        self.bench.world.note(name, ServerForgot(what))
        self.bench.forget(name)

    def key(self, name: str, key: Any) -> None:
        known = key.appkey in self.bench.backing.keys
        self.bench.backing.keys.add(key.appkey, key.password)
        self.bench.world.note(name, AppkeyAdded(key.appkey, replaced=known))

    def _take_off(self, faults: dict[str, int], name: str, fact: Fact) -> None:
        number = faults.pop(name, None)
        if number is not None:
            self.bench.world.faults.remove(number)
            self.bench.world.note(name, fact)


Verb = Callable[[float], object]


def _power(module: Module, name: str, on: bool) -> tuple[Fact | None, Verb]:
    return None, module.power_on if on else module.power_off


def _reset(module: Module, name: str, cause: bool | str) -> tuple[Fact | None, Verb]:
    return ModuleReset(), partial(_at, module.reset, cause if isinstance(cause, str) else None)


def _wake(module: Module, name: str, value: Any) -> tuple[Fact | None, Verb]:
    return WakeUpPinPulled(), module.wake


def _usim(module: Module, name: str, card: Any) -> tuple[Fact | None, Verb]:
    return None, partial(_at, module.insert_usim, card.usim(name))


def _coverage(module: Module, name: str, coverage: bool) -> tuple[Fact | None, Verb]:
    return CoverageChanged(coverage), partial(_at, module.set_coverage, coverage)


def _signal(module: Module, name: str, rssi: int) -> tuple[Fact | None, Verb]:
    return SignalChanged(rssi), partial(_at, module.set_signal, rssi)


def _firmware(module: Module, name: str, version: str) -> tuple[Fact | None, Verb]:
    return None, partial(_at, module.update_firmware, version)


def _at(verb: Callable[..., object], value: Any, now: float) -> object:
    return verb(now, value)


_MODULE: Mapping[str, Any] = {
    "power": _power,
    "reset": _reset,
    "wake": _wake,
    "send": None,
    "usim": _usim,
    "coverage": _coverage,
    "signal": _signal,
    "firmware": _firmware,
    "rebind": None,
}
_PLATFORM: Mapping[str, Callable[[StepExecutor, str, Any], None]] = {
    "server": StepExecutor.server,
    "forgets": StepExecutor.forgets,
    "refuses": StepExecutor.refuses,
    "key": StepExecutor.key,
}
