"""A whole module, its serial line, its radio and the operators' real platforms, and what passed between them.

What the stories are told with. Instants are counted from the first attach: a module boots for one second and is
attached three seconds later (assumed, docs/fidelity.md), so its first packet leaves at instant 0 of a story.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from nbtwin.coap.message import Message, decode
from nbtwin.engine import DecodeError, Fact, Seconds
from nbtwin.lab.faults import Direction, Fault, FaultKind, Impairment, PacketInFlight
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import LabObserver
from nbtwin.module import events as happened
from nbtwin.module.identity import Usim
from nbtwin.module.module import Module
from nbtwin.module.nvram import Storage
from nbtwin.operators.inventory.devices import Device
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.scenario.host_recorder import is_request
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.selfreg.cmdmp_client import CmdmpStateChanged
from nbtwin.selfreg.machine import GaveUp, RegistrationFailed, RegistrationSucceeded, RoundStarted
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.facts import NameResolved, NameUnresolved

NAME = "meter"
ATTACHED: Seconds = 4.0
PLATFORMS = {Operator.MOBILE: "cmdmp", Operator.TELECOM: "telecom", Operator.UNICOM: "unicom"}
DEEP_SLEEP = 'AT+CPSMS=1,,,"01000011","00000101"'
"""Periodic tracking area update (T3412) 30 h, active time (T3324) 10 s."""


@dataclass(frozen=True)
class Sent:
    """One datagram of the module."""

    at: Seconds
    to: str | None  # the platform's name
    message: Message
    data: bytes


class Heard(NamedTuple):
    """One datagram for the module."""

    at: Seconds
    data: bytes
    arrived: bool


class _Notes(LabObserver):
    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.heard: list[Heard] = []
        self.facts: list[tuple[Seconds, Any]] = []
        self.lookups: list[tuple[Seconds, str, str | None]] = []
        self.said: list[tuple[Seconds, bytes]] = []

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: str | None
    ) -> None:
        if packet.direction is Direction.DOWN:
            self.heard.append(Heard(at - ATTACHED, data, bool(impairment.delays) and obstacle is None))
            return
        try:
            self.sent.append(Sent(at - ATTACHED, packet.receiver, decode(data), data))
        except DecodeError as error:  # pragma: no cover - a module sends CoAP
            raise AssertionError(f"the module sent {data.hex()}: {error}") from None

    def event(self, at: Seconds, node: Node, event: Any) -> None:
        if isinstance(node, ModuleNode):
            self.facts.append((at - ATTACHED, event))

    def lookup(self, at: Seconds, module: str, fact: Fact) -> None:
        match fact:
            case NameResolved(name=name, host=host):
                self.lookups.append((at - ATTACHED, name, host))
            case NameUnresolved(name=name):
                self.lookups.append((at - ATTACHED, name, None))

    def serial_out(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        self.said.append((at - ATTACHED, data))


class Story:
    """One module. ``settings`` are given in the factory; the firmware is the model's own unless another is named."""

    def __init__(
        self,
        model: str,
        operator: Operator | None,
        *settings: str,
        silent: bool = False,
        faults: Iterable[str] = (),
        firmware: str | None = None,
        storage: Storage | None = None,
        imei: str | None = None,
        keys: Mapping[str, str] | None = None,
        latency: Seconds = 0.0,
        seed: int = 1,
    ) -> None:
        self.bench = SimulatedLab(seed=seed, latency=latency, keys=keys)
        self.world = self.bench.world
        self.operator = operator
        self.platform = PLATFORMS[operator] if operator is not None else "cmdmp"
        usim = Usim.of(operator, NAME) if operator is not None else None
        profile = PROFILES[model]
        self.node = self.bench.add_module(
            NAME, profile, usim, settings=settings, firmware=firmware, storage=storage, imei=imei
        )
        self.module: Module = self.bench.modules[NAME]
        self.notes = _Notes()
        self.world.observers.append(self.notes)
        self._silence: int | None = None
        if silent:
            self.server_down()
        for fault in faults:
            self.world.add_fault(fault)

    # what is done to them

    def start(self) -> Story:
        """Power is applied; the story stands at its instant 0."""
        self.bench.power_on(NAME)
        self.until(0)
        return self

    def until(self, at: Seconds) -> None:
        self.world.run(ATTACHED + at)

    def power_off(self) -> None:
        self.bench.power_off(NAME)

    def power_on(self) -> None:
        self.bench.power_on(NAME)

    def restart(self) -> None:
        """The power is off for a moment; instant ``now + 4`` is the next attach."""
        self.power_off()
        self.power_on()

    def update_firmware(self, version: str) -> None:
        self.world.perform(self.node, self.module.update_firmware, version)

    def insert(self, usim: Usim | None) -> None:
        self.world.perform(self.node, self.module.insert_usim, usim)

    def coverage(self, there: bool) -> None:
        self.world.perform(self.node, self.module.set_coverage, there)

    def wake(self) -> None:
        self.world.perform(self.node, self.module.wake)

    def ask(self, line: str) -> list[str]:
        return self.world.ask(self.node, line)

    def dmp_state(self) -> int:
        """What a host sees: AT+DMPCONFIG=6 or AT+QDMPCFG=6."""
        dialect = self.module.profile.cmdmp
        state, ok = self.ask(f"AT{dialect.name}=6")
        assert ok == "OK"
        return int(state.removeprefix(dialect.answer_prefix).removeprefix("6,"))

    def server_down(self) -> None:
        self._silence = self.world.add_fault(Fault(kind=FaultKind.SILENCE, destination=self.platform))

    def server_up(self) -> None:
        assert self._silence is not None
        self.world.faults.remove(self._silence)

    def fault(self, description: str) -> int:
        return self.world.add_fault(description)

    # what came of it

    @property
    def now(self) -> Seconds:
        return self.world.now - ATTACHED

    def packets(self, since: Seconds = -ATTACHED) -> list[Seconds]:
        """When requests of the module left, each sending counted."""
        return [_clean(sent.at) for sent in self.notes.sent if is_request(sent.data) and sent.at >= since]

    def requests(self) -> list[Sent]:
        """The same with their messages."""
        return [sent for sent in self.notes.sent if is_request(sent.data)]

    def happened(self, kind: type[Any]) -> list[tuple[Seconds, Any]]:
        """Events of one kind, the services' own among them."""
        facts = ((at, f.event if isinstance(f, happened.ServiceReported) else f) for at, f in self.notes.facts)
        return [(_clean(at), fact) for at, fact in facts if isinstance(fact, kind)]

    def rounds(self) -> list[tuple[Seconds, int]]:
        return [(at, event.number) for at, event in self.happened(RoundStarted)]

    def verdicts(self) -> list[Seconds]:
        return [at for at, _ in self.happened(RegistrationFailed)]

    def successes(self) -> list[tuple[Seconds, str]]:
        """Telecom and Unicom: when, and whether it was the registration or an update."""
        return [(at, "update" if s.update else "registration") for at, s in self.happened(RegistrationSucceeded)]

    def gave_up(self) -> list[tuple[Seconds, Seconds | None]]:
        """When, and when it tries again by itself."""
        return [
            (at, None if g.next_due_at is None else _clean(g.next_due_at - ATTACHED)) for at, g in self.happened(GaveUp)
        ]

    def states(self) -> list[tuple[Seconds, int]]:
        """CMDMP: each change of state."""
        return [(at, int(event.new)) for at, event in self.happened(CmdmpStateChanged)]

    def asleep(self) -> bool:
        return self.module.power_state == "asleep"

    def slept(self) -> list[Seconds]:
        return [at for at, _ in self.happened(happened.FellAsleep)]

    def woke(self) -> list[tuple[Seconds, str]]:
        """When, and what for: the code of what a service waited for, or of the module's own reason."""
        return [(at, event.waited_for or event.reason) for at, event in self.happened(happened.Woke)]

    @property
    def state(self) -> DmpState:
        return self.module.cmdmp_state

    @property
    def device(self) -> Device:
        """What the operator knows of it."""
        device = self.bench.device(self.platform, NAME)
        assert device is not None, f"{self.platform} has never heard of it"
        return device


def _clean(at: Seconds) -> Seconds:
    """Without the dust of floating point, so that lists can be compared."""
    return round(at, 6)
