"""A virtual module in the hands of a test: its AT line, its switches, its surroundings, what it is in.

Knows one module of a lab, whatever stands behind that; knows no platform.
"""

from __future__ import annotations

from nbtwin.api.conditions import Condition
from nbtwin.api.errors import UnknownName
from nbtwin.api.groups.module import MoreOfModule
from nbtwin.api.orders import command_line, text
from nbtwin.api.results import AtResult, ModuleState
from nbtwin.api.session import Session
from nbtwin.api.spans import Span, seconds_of
from nbtwin.operators.inventory.devices import REGISTERED
from nbtwin.runtime.spec import SIMS
from nbtwin.selfreg.cmdmp import DmpState

_REGISTERED = (DmpState.REG_SUCCESS.name, DmpState.UPDATE_SUCCESS.name)


class Module(MoreOfModule):
    """Made by `Lab.add_module`."""

    def __init__(self, session: Session, name: str, model: str, imei: str) -> None:
        self._session = session
        self.name = name
        """In the lab: the source of its entries in the timeline."""
        self.model = model
        """ "BC260Y-CN"."""
        self.imei = imei
        """15 digits."""

    def __repr__(self) -> str:
        return f"<Module {self.name}: {self.model}, {self.imei}>"

    def _repr_html_(self) -> str:
        from nbtwin.api.report.cards import module_card

        return module_card(self.state)

    @property
    def state(self) -> ModuleState:
        """At this instant."""
        return self._session.backend.module(self.name)

    # the serial line

    @property
    def serial(self) -> str:
        """Where its serial line comes out: the name of a PTY, "tcp:127.0.0.1:41149"; empty in a simulated lab."""
        return self.state.serial

    def at(self, line: str, *, data: bytes | None = None, within: Span = "300s") -> AtResult:
        """Send a command line as a host does, after the boot that is under way, and run the lab until its answer.

        ``data``: what is typed when the module prompts with ``>``. ``within``: of the lab's time; without an answer by
        then ``final`` is empty. LabError when the module is switched off.
        """
        return self._session.open_backend.send(self.name, command_line(line), data, seconds_of(within))

    @property
    def urcs(self) -> tuple[str, ...]:
        """What it has said by itself so far, the oldest first: ``+CEREG: 1``, ``+QLAEVTIND: 0`` …"""
        return tuple(self._session.backend.urcs(self.name))

    # its switches, and what is around it

    def power_on(self) -> None:
        self._session.open_backend.power(self.name, "on")

    def power_off(self) -> None:
        """As if its supply were cut: what is not in NVRAM is lost."""
        self._session.open_backend.power(self.name, "off")

    def reset(self) -> None:
        """By its RESET pin."""
        self._session.open_backend.power(self.name, "reset")

    def wake(self) -> None:
        """By its wake-up pin (PWRKEY, PSM_EINT …)."""
        self._session.open_backend.power(self.name, "wake")

    def insert_sim(self, sim: str | None) -> None:
        """``"mobile"``, ``"telecom"`` or ``"unicom"``; None takes it out. UnknownName for another word."""
        cards = [one for one in SIMS if one != "none"]
        if sim is not None and sim not in cards:
            raise UnknownName.of("sim", sim, cards)
        self._session.open_backend.insert_sim(self.name, sim)

    def set_coverage(self, coverage: bool) -> None:
        self._session.open_backend.set_coverage(self.name, coverage)

    def set_signal(self, rssi: int) -> None:
        """As ``AT+CSQ`` shows it: 0-31, or 99 for not known."""
        self._session.open_backend.set_signal(self.name, rssi)

    def rebind(self) -> None:
        """The NAT before it forgets it: its next datagrams come from another address."""
        self._session.open_backend.rebind(self.name)

    # what can be waited for

    def registered(self, platform: str) -> Condition:
        """The platform has it registered, and the module knows. UnknownName for a platform that the lab has not."""
        self._session.check_platform(platform)

        backend = self._session.backend

        def knows() -> bool:
            if platform == "cmdmp":
                return self.state.cmdmp_state in _REGISTERED
            return platform != "andlink" or self.state.andlink_registered

        def holds() -> bool:
            device = backend.device(platform, self.imei)
            return device is not None and device.state == REGISTERED and knows()

        def found() -> str:
            device = backend.device(platform, self.imei)
            return f"{platform}: {device.state if device else '-'}, {self.name}: {_shown(self.state)}"

        return Condition(f"{self.name}.registered({platform!r})", holds, found)

    def attached(self) -> Condition:
        """To the network, with an IP address."""
        return Condition(f"{self.name}.attached()", lambda: self.state.attached, lambda: _shown(self.state))

    def powered(self, state: str) -> Condition:
        """``"off"``, ``"booting"``, ``"asleep"`` or ``"on"``. UnknownName for another word."""
        if state not in POWERS:
            raise UnknownName.of("power", state, POWERS)
        name = f"{self.name}.powered({state!r})"
        return Condition(name, lambda: self.state.power == state, lambda: self.state.power)

    def said(self, beginning: str) -> Condition:
        """A line by itself that begins so, from now on."""
        before, said = len(self.urcs), text("beginning", beginning)

        def holds() -> bool:
            return any(line.startswith(said) for line in self.urcs[before:])

        return Condition(f"{self.name}.said({beginning!r})", holds, lambda: ", ".join(self.urcs[before:]) or "-")


POWERS = ("off", "booting", "asleep", "on")


def _shown(state: ModuleState) -> str:
    """In no language: names of fields, and their values."""
    return f"power={state.power} attached={str(state.attached).lower()} cmdmp={state.cmdmp_state}"
