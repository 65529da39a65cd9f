"""Who each whole module of a fleet is, and how it is delivered: IMEI, card, key, and the AT lines that name them.

In ``settings``, ``script`` and ``lines`` of a plan ``{imei}``, ``{imsi}``, ``{name}``, ``{identity}``, ``{key}`` (in
hexadecimal digits) and ``{n}`` are the device's own (D200); any other brace is a brace. Knows models; knows no module
that runs.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from nbtwin.fleet.plan import FleetPlan
from nbtwin.module.identity import Usim, luhn_digit
from nbtwin.profiles.models import profile as profile_of
from nbtwin.runtime.simulated_lab import deliver
from nbtwin.scenario.cost import CostRefusal, NeverRegisters, switch_line
from nbtwin.selfreg.schedule import Operator

_OWN = re.compile(r"\{(n(?::\d{1,2}[dxX]?)?|imei|imsi|name|identity|key)\}")
_FIRST_IMEI = 86370303_000000


class Who(NamedTuple):
    """A device of a plan."""

    number: int
    name: str
    model: str
    operator: Operator
    imei: str
    imsi: str
    identity: str
    key: bytes

    def filled(self, line: str) -> str:
        """An AT line as this device's host sends it."""
        return _OWN.sub(self._own, line) if "{" in line else line

    def _own(self, match: re.Match[str]) -> str:
        name, _, form = match[1].partition(":")
        if name == "n":
            return format(self.number, form)
        return self.key.hex() if name == "key" else str(getattr(self, name))


def who_is(plan: FleetPlan, device: int) -> Who:
    """``device`` counts within the plan's shard; its number, IMEI and IMSI do not."""
    assert plan.modules is not None
    devices, number = plan.devices, plan.first + device
    row = devices.named[device] if devices.named else None
    operator = Operator((row.operator if row is not None else "") or plan.modules.operator)
    imei = (row.imei if row is not None else "") or imei_of_number(number)
    imsi = (row.imsi if row is not None else "") or f"{_home(operator)}{number:010d}"
    name = devices.name_of(device, plan.first)
    return Who(number, name, devices.model_of(device), operator, imei, imsi, *devices.secret_of(device, plan.first))


def names_keys(plan: FleetPlan) -> bool:
    """Whether any line is sent with a device's key in it."""
    assert plan.modules is not None
    lines = [*plan.modules.settings, *plan.modules.script, *(line for phase in plan.phases for line in phase.lines)]
    return any("{key}" in line for line in lines)


def delivered(plan: FleetPlan, who: Who) -> bytes | None:
    """NVRAM of that module, new: where there is a switch for self-registration, it is on.

    UnknownModel; NeverRegisters; SettingRefused for a line that it does not take.
    """
    modules = plan.modules
    assert modules is not None
    common, own = _apart(modules.settings)
    content = _common(who.model, who.operator, common, bool(modules.settings))
    if not own:
        return content
    model = profile_of(who.model)
    return deliver(model, model.firmware, [who.filled(line) for line in own], content, who.imei)


@lru_cache
def _apart(settings: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What all have, and from the first line on that names a device what each is told by itself."""
    first = next((at for at, line in enumerate(settings) if _OWN.search(line)), len(settings))
    return settings[:first], settings[first:]


@lru_cache
def _common(name: str, operator: Operator, settings: tuple[str, ...], told: bool) -> bytes | None:
    """``told``: they have settings, and so may register whatever the schedules of their model say."""
    model = profile_of(name)
    if operator not in model.schedules and not told:
        known = [str(operator) for operator in model.schedules]
        raise NeverRegisters(CostRefusal.NEVER_REGISTERS, model=model.model, operator=str(operator), known=known)
    if model.switch is not None and operator in model.switch.operators:
        settings = (switch_line(model, operator, enabled=True), *settings)
    return deliver(model, model.firmware, settings) if settings else None


def imei_of_number(number: int) -> str:
    """A valid IMEI, another one for each of a hundred million devices."""
    body = f"{_FIRST_IMEI + number:014d}"
    return body + luhn_digit(body)


@lru_cache
def _home(operator: Operator) -> str:
    return Usim.of(operator, "fleet").plmn
