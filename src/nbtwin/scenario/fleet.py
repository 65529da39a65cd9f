"""What self-registration costs a fleet: the days of `scenario.cost`, of very many modules.

The modules share nothing but a platform, so they live in worlds of at most `TOGETHER`, each with its own platform and
its own seed. What came of the worlds is added up in their order, and told in the order of time, then of the modules:
it is the same with one process and with several. Knows no table and no chart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import merge
from itertools import islice

from nbtwin.engine import DAY, Fact, Seconds
from nbtwin.lab.faults import Fault
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.module.events import ServiceReported
from nbtwin.module.identity import Usim
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.runtime.worlds import in_order, seed_of
from nbtwin.scenario.cost import PLATFORMS, Bill, Comparison, Psm, Question, check, switch_line
from nbtwin.scenario.meter import Meter, Usage
from nbtwin.scenario.registration_log import RegistrationDeed, RegistrationLog, deed_of
from nbtwin.selfreg.schedule import Operator

TOGETHER = 200
"""So many modules share a world and its platform: as many as a core's cache has room for."""
DEEDS_TOLD = 1000
"""The first so many deeds of a fleet are told; all are counted in what they cost."""


@dataclass(frozen=True)
class Fleet:
    """How many modules, and how long it takes until all of them are switched on, one after the other."""

    modules: int
    spread: Seconds = DAY

    @property
    def worlds(self) -> int:
        return -(-self.modules // TOGETHER)


@dataclass(frozen=True)
class World:
    """One world's part of a fleet, as data: it is handed to another process."""

    number: int
    first: int
    count: int
    fleet: Fleet
    model: str
    operator: Operator
    days: int
    psm: Psm | None
    faults: tuple[Fault, ...]
    seed: int
    latency: Seconds
    enabled: bool


def name_of(number: int) -> str:
    """Of a module of the fleet, from 1."""
    return f"meter-{number}"


def compare_fleet(
    question: Question, fleet: Fleet, jobs: int = 1, *, on_done: Callable[[int], object] = lambda done: None
) -> Comparison:
    """Both bills, the sums of all modules. ``on_done`` is told how many of twice as many worlds have been run.

    Raises NeverRegisters as `cost.compare`, and Failed for a process that ended by itself.
    """
    check(question)
    worlds = [
        World(
            number, number * TOGETHER + 1, min(TOGETHER, fleet.modules - number * TOGETHER), fleet,
            question.profile.model, question.operator, question.days, question.psm, tuple(question.faults),
            seed_of(question.seed, number), question.latency, enabled,
        )
        for enabled in (True, False)
        for number in range(fleet.worlds)
    ]  # fmt: skip
    bills = list(in_order(measure_world, worlds, jobs, on_done=on_done))
    on, off = bills[: fleet.worlds], bills[fleet.worlds :]
    return Comparison(question, _together(on), _together(off))


def measure_world(world: World) -> Bill:
    """The days of one world, in this process."""
    profile, platform = PROFILES[world.model], PLATFORMS[world.operator]
    bench = SimulatedLab(seed=world.seed, latency=world.latency, operators=(platform,), keeps_history=False)
    meter, deeds = Meter(), NamedLog()
    bench.world.observers += [meter, deeds]
    for fault in world.faults:
        bench.world.add_fault(fault)
    settings = [switch_line(profile, world.operator, world.enabled)]
    if world.psm is not None:
        settings.append(world.psm.line())
    names = [name_of(number) for number in range(world.first, world.first + world.count)]
    for number, name in enumerate(names, world.first - 1):
        bench.add_module(name, profile, Usim.of(world.operator, name), settings=settings, number=number)
        at = world.fleet.spread * number / world.fleet.modules
        bench.world.scheduler.call_at(at, partial(bench.power_on, name))
    end = world.days * DAY
    bench.world.run(end)
    days = [Usage() for _ in range(world.days)]
    for name in names:
        account = meter.account(name)
        account.settle(end)
        for day, usage in enumerate(account.days[: world.days]):
            days[day] += usage
    devices = [device for name in names if (device := bench.device(platform, name)) is not None]
    return Bill(
        world.enabled,
        days,
        sum(device.registrations for device in devices),
        sum(device.updates for device in devices),
        deeds.first(),
    )


class NamedLog(RegistrationLog):
    """With whose each deed is; the first ones alone."""

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        if not isinstance(node, ModuleNode) or (len(self.done) >= DEEDS_TOLD and at > self.done[-1].at):
            return
        for event in events:
            if isinstance(event, ServiceReported):
                what = deed_of(at, event.event)
                if what is not None:
                    self.done.append(RegistrationDeed(at, what, node.name))

    def first(self) -> list[RegistrationDeed]:
        """In order of time, then of the modules' names."""
        return sorted(self.done, key=_place)[:DEEDS_TOLD]


def _place(deed: RegistrationDeed) -> tuple[Seconds, int, str]:
    return deed.at, len(deed.module), deed.module


def _together(bills: Sequence[Bill]) -> Bill:
    days = bills[0].days
    for bill in bills[1:]:
        days = [day + more for day, more in zip(days, bill.days, strict=True)]
    deeds = list(islice(merge(*(bill.deeds for bill in bills), key=_place), DEEDS_TOLD))
    return Bill(
        bills[0].enabled,
        days,
        sum(bill.registrations for bill in bills),
        sum(bill.updates for bill in bills),
        deeds,
    )
