"""A virtual module in the hands of a test: its AT line, its switches, its surroundings, what it is in.

Knows one module of a simulated lab; knows no platform.
"""

from __future__ import annotations

from collections.abc import Callable

from nbtwin.api.conditions import Condition
from nbtwin.api.errors import LabError, PythonRefusal, UnknownName
from nbtwin.api.host_line import HostLine
from nbtwin.api.results import AtResult, ModuleState
from nbtwin.api.session import Session
from nbtwin.api.spans import Span, seconds_of
from nbtwin.operators.inventory.devices import REGISTERED
from nbtwin.runtime.spec import module_spec
from nbtwin.selfreg.cmdmp import DmpState

_REGISTERED = (DmpState.REG_SUCCESS, DmpState.UPDATE_SUCCESS)


class Module:
    """Made by `Lab.add_module`."""

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self.name = name
        """In the lab: the source of its entries in the timeline."""
        world = session.simulated.world
        self._node, self._module = world.modules[name], session.simulated.modules[name]
        self._line = HostLine(world, self._node, self._module)

    def __repr__(self) -> str:
        return f"<Module {self.name}: {self.model}, {self.imei}, {self._module.power_state}>"

    @property
    def model(self) -> str:
        return self._module.profile.model

    @property
    def imei(self) -> str:
        """15 digits."""
        return self._module.identity.imei

    @property
    def state(self) -> ModuleState:
        """At this instant."""
        module, deadline = self._module, self._node.deadline
        usim, client = module.radio.usim, module.andlink
        return ModuleState(
            name=self.name,
            model=self.model,
            imei=self.imei,
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

    # the serial line

    def at(self, line: str, *, data: bytes | None = None, within: Span = "300s") -> AtResult:
        """Send a command line as a host does, after the boot that is under way, and run the lab until its answer.

        ``data``: what is typed when the module prompts with ``>``. ``within``: of the lab's time; without an answer by
        then ``final`` is empty. LabError when the module is switched off.
        """
        self._session.check_open()
        if self._module.power_state == "off":
            raise LabError(PythonRefusal.MODULE_OFF, name=self.name)
        return self._line.send(line, data, seconds_of(within))

    @property
    def urcs(self) -> tuple[str, ...]:
        """What it has said by itself so far, the oldest first: ``+CEREG: 1``, ``+QLAEVTIND: 0`` …"""
        return self._line.urcs()

    # its switches, and what is around it

    def power_on(self) -> None:
        self._perform(self._module.power_on)

    def power_off(self) -> None:
        """As if its supply were cut: what is not in NVRAM is lost."""
        self._perform(self._module.power_off)

    def reset(self) -> None:
        """By its RESET pin."""
        self._perform(self._module.reset)

    def wake(self) -> None:
        """By its wake-up pin (PWRKEY, PSM_EINT …)."""
        self._perform(self._module.wake)

    def insert_sim(self, sim: str | None) -> None:
        """``"mobile"``, ``"telecom"`` or ``"unicom"``; None takes it out. UnknownName for another word."""
        spec = module_spec(self.model, sim=sim or "none")
        self._perform(lambda now: self._module.insert_usim(now, spec.usim(self.name)))

    def set_coverage(self, coverage: bool) -> None:
        self._perform(lambda now: self._module.set_coverage(now, coverage))

    def set_signal(self, rssi: int) -> None:
        """As ``AT+CSQ`` shows it: 0-31, or 99 for not known."""
        self._perform(lambda now: self._module.set_signal(now, rssi))

    def rebind(self) -> None:
        """The NAT before it forgets it: its next datagrams come from another address."""
        self._session.check_open()
        self._session.simulated.world.rebind(self._node)

    def _perform(self, verb: Callable[[float], object]) -> None:
        self._session.check_open()
        self._session.simulated.world.perform(self._node, verb)

    # what can be waited for

    def registered(self, platform: str) -> Condition:
        """The platform has it registered, and the module knows. UnknownName for a platform that the lab has not."""
        self._session.check_platform(platform)

        def knows() -> bool:
            if platform == "cmdmp":
                return self._module.cmdmp_state in _REGISTERED
            client = self._module.andlink
            return platform != "andlink" or (client is not None and client.registered)

        def holds() -> bool:
            device = self._session.simulated.device(platform, self.name)
            return device is not None and device.state == REGISTERED and knows()

        def found() -> str:
            device, state = self._session.simulated.device(platform, self.name), self.state
            return f"{platform}: {device.state if device else '-'}, {self.name}: {_shown(state)}"

        return Condition(f"{self.name}.registered({platform!r})", holds, found)

    def attached(self) -> Condition:
        """To the network, with an IP address."""
        return Condition(f"{self.name}.attached()", lambda: self._module.radio.attached, lambda: _shown(self.state))

    def powered(self, state: str) -> Condition:
        """``"off"``, ``"booting"``, ``"asleep"`` or ``"on"``. UnknownName for another word."""
        if state not in _POWERS:
            raise UnknownName.of("power", state, _POWERS)
        name = f"{self.name}.powered({state!r})"
        return Condition(name, lambda: self._module.power_state == state, lambda: self._module.power_state)

    def said(self, beginning: str) -> Condition:
        """A line by itself that begins so, from now on."""
        before = len(self._line.urcs())

        def holds() -> bool:
            return any(line.startswith(beginning) for line in self._line.urcs()[before:])

        return Condition(
            f"{self.name}.said({beginning!r})", holds, lambda: ", ".join(self._line.urcs()[before:]) or "-"
        )


_POWERS = ("off", "booting", "asleep", "on")


def _shown(state: ModuleState) -> str:
    """In no language: names of fields, and their values."""
    return f"power={state.power} attached={str(state.attached).lower()} cmdmp={state.cmdmp_state}"
