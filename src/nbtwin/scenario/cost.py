"""What self-registration costs a module: the same days twice, with it and without, and nothing else going on.

Knows which AT lines switch it (docs/spec/registration.md, Schedules) and the PSM timers; knows no table and no chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nbtwin.engine import DAY, HOUR, Refusal, Seconds
from nbtwin.lab.faults import Fault
from nbtwin.module import sleep
from nbtwin.module.identity import Usim
from nbtwin.module.profile import Profile
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.scenario.meter import Meter, Usage
from nbtwin.scenario.registration_log import RegistrationDeed, RegistrationLog
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.catalogue.errors import WordedError
from nbtwin.timeline.clock import format_span
from nbtwin.timeline.span import parse_span

NAME = "meter"
PLATFORMS = {Operator.MOBILE: "cmdmp", Operator.TELECOM: "telecom", Operator.UNICOM: "unicom"}


class CostRefusal(Refusal):
    PSM = "cost-psm"  # value
    PSM_SPAN = "cost-psm-span"  # timer, seconds
    NEVER_REGISTERS = "cost-never-registers"  # model, operator, known


class PsmError(WordedError, ValueError):
    """Timers of PSM that cannot be."""


class NeverRegisters(WordedError, ValueError):
    """The model has no schedule for this operator: there is nothing to compare."""


@dataclass(frozen=True)
class Psm:
    """Deep sleep as a host asks for it: periodic update (T3412 extended) and active time (T3324)."""

    update: Seconds
    active: Seconds

    @classmethod
    def parse(cls, text: str) -> Psm | None:
        """``30h,10s``, or ``off``. PsmError for a span that the timers of TS 24.008 10.5.7 cannot express."""
        if text == "off":
            return None
        first, comma, second = text.partition(",")
        if not comma:
            raise PsmError(CostRefusal.PSM, value=text)
        psm = cls(parse_span(first), parse_span(second))
        psm.line()
        return psm

    def line(self) -> str:
        update = next((b for b in _BITS if sleep.t3412(b) == self.update), None)
        active = next((b for b in _BITS if sleep.t3324(b) == self.active), None)
        for name, bits, span in (("T3412", update, self.update), ("T3324", active, self.active)):
            if bits is None:
                raise PsmError(CostRefusal.PSM_SPAN, timer=name, seconds=span)
        return f'AT+CPSMS=1,,,"{update}","{active}"'

    def __str__(self) -> str:
        """As one would write it: 30h, not 1d 6h."""
        hours = self.update / HOUR
        update = f"{hours:g}h" if hours == int(hours) else format_span(self.update)
        return f"T3412 {update}, T3324 {format_span(self.active)}"


_BITS = tuple(f"{number:08b}" for number in range(256))


@dataclass(frozen=True)
class Question:
    """Whose cost, over which days, under what conditions."""

    profile: Profile
    operator: Operator
    days: int = 30
    psm: Psm | None = Psm(update=30 * 3600, active=10)
    faults: Sequence[Fault] = ()
    seed: int = 1
    latency: Seconds = 0.0
    card: Usim | None = None  # None: one of the operator's


@dataclass(frozen=True)
class Bill:
    """One of the two runs: by day, and what came of it."""

    enabled: bool
    days: list[Usage]
    registrations: int
    updates: int
    deeds: list[RegistrationDeed]  # what the module's self-registration did, in order

    @property
    def total(self) -> Usage:
        total = Usage()
        for day in self.days:
            total += day
        return total


@dataclass(frozen=True)
class Comparison:
    question: Question
    on: Bill
    off: Bill


def compare(question: Question) -> Comparison:
    """Raises NeverRegisters when the model does not know the operator (D52)."""
    check(question)
    return Comparison(question, measure(question, enabled=True), measure(question, enabled=False))


def check(question: Question) -> None:
    """NeverRegisters for a model that does not know the operator."""
    profile = question.profile
    if question.operator not in profile.schedules:
        known = [str(operator) for operator in profile.schedules]
        operator = str(question.operator)
        raise NeverRegisters(CostRefusal.NEVER_REGISTERS, model=profile.model, operator=operator, known=known)


def measure(question: Question, *, enabled: bool) -> Bill:
    """Switched on at the first instant, left alone for so many days."""
    platform = PLATFORMS[question.operator]
    bench = SimulatedLab(seed=question.seed, latency=question.latency, operators=(platform,))
    meter, deeds = Meter(), RegistrationLog()
    bench.world.observers += [meter, deeds]
    for fault in question.faults:
        bench.world.add_fault(fault)
    settings = [switch_line(question.profile, question.operator, enabled)]
    if question.psm is not None:
        settings.append(question.psm.line())
    card = question.card or Usim.of(question.operator, NAME)
    bench.add_module(NAME, question.profile, card, settings=settings)
    bench.power_on(NAME)
    end = question.days * DAY
    bench.world.run(end)
    account = meter.account(NAME)
    account.settle(end)
    account.day(end - 1)
    device = bench.device(platform, NAME)
    registrations, updates = (device.registrations, device.updates) if device is not None else (0, 0)
    return Bill(enabled, account.days[: question.days], registrations, updates, deeds.done)


def switch_line(profile: Profile, operator: Operator, enabled: bool) -> str:
    """DOC-C 3.2.1, DOC-D 3.1, else the access mode of CMDMP (DOC-A 2.1, DOC-B 2.2, DOC-C 3.2.2; D10)."""
    if profile.switch is not None and operator in profile.switch.operators:
        return f"AT{profile.switch.name}={int(enabled)}"
    return f"AT{profile.cmdmp.name}=0,{int(enabled)}"
