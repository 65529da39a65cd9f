"""Runs a scenario: a world is built, its agenda of steps and expectations is gone through in order of time.

At one instant the world's own events come first, then the steps in the order of the file, then the expectations.
Knows the model and the bench; prints nothing.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any

from nbtwin.engine import Seconds
from nbtwin.module.identity import imei_of
from nbtwin.module.profile import Profile
from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.runtime.simulated_lab import SettingRefused, SimulatedLab
from nbtwin.runtime.spec import profile_of
from nbtwin.scenario.expectations import Observed, judge
from nbtwin.scenario.host_recorder import HostRecorder
from nbtwin.scenario.loading import module_names
from nbtwin.scenario.meter import Meter, Usage
from nbtwin.scenario.model import (
    OPERATIONS,
    Expectation,
    Scenario,
    ScenarioModule,
    ScenarioPlatform,
    ScenarioStep,
    action_of,
    in_language,
)
from nbtwin.scenario.operations import CannotAsk, ask, row_of, verdict_of
from nbtwin.scenario.phrases import ClaimPhrase, ValuePhrase
from nbtwin.scenario.step_executor import StepExecutor
from nbtwin.scenario.values import SwitchedOn
from nbtwin.scenario.verdicts import Verdict
from nbtwin.timeline.ring import Timeline

_log = logging.getLogger("nbtwin.scenario")

ANSWER_WITHIN: Seconds = 10.0
_FINAL = ("OK", "ERROR", "+CME ERROR:")
_BEFORE, _STEP, _EXPECTATION = range(3)  # what comes first at one instant


@dataclass(frozen=True)
class ScenarioResult:
    """What came of it. The bench is left as it was at the end."""

    scenario: Scenario
    seed: int
    verdicts: list[Verdict]
    bench: SimulatedLab
    meter: Meter

    @property
    def passed(self) -> bool:
        return all(verdict.passed for verdict in self.verdicts)


def run(scenario: Scenario, *, seed: int | None = None, timeline: Timeline | None = None) -> ScenarioResult:
    """From the first instant to the last. Raises SettingRefused for a module that cannot be delivered as described."""
    return ScenarioRunner(scenario, scenario.seed if seed is None else seed, timeline).run()


class ScenarioRunner:
    """One run of one scenario."""

    def __init__(
        self, scenario: Scenario, seed: int, timeline: Timeline | None = None, profile: Profile | None = None
    ) -> None:
        """``profile``: in the place of the one that has its model's name, for modules that are not as ours."""
        self.scenario, self.seed, self._profile = scenario, seed, profile
        network = scenario.network
        self.bench = SimulatedLab(
            seed=seed,
            latency=network.latency.seconds if network.latency is not None else 0.0,
            timeline=timeline,
            operators=[spec.operator for spec in scenario.platform_specs()],
            strict=[spec.operator for spec in scenario.platform_specs() if spec.strict],
            keys={appkey: word for spec in scenario.platform_specs() for appkey, word in spec.keys.items()},
        )
        self.stage = StepExecutor(self.bench)
        self.meter, self.journal = Meter(), HostRecorder()
        self.bench.world.observers += [self.meter, self.journal]
        for name, host in network.names.items():
            self.bench.world.network.add_name(name, host)
        for line in scenario.faults:
            self.bench.world.add_fault(line.fault)
        self.verdicts: list[Verdict] = []
        self._agenda: list[tuple[Seconds, int, int, Callable[[], object]]] = []
        self._order = count()
        self._snapshots: dict[tuple[str, Seconds], Usage] = {}
        self._is_set_up = False

    def set_up(self) -> None:
        """The lab before any step: modules delivered, and switched on where they are from the start. For `run`, or for
        whoever does something else with it."""
        self._deliver()
        self._is_set_up = True
        while self._agenda and self._agenda[0][0] <= 0:
            heappop(self._agenda)[3]()

    def run(self) -> ScenarioResult:
        _log.info("scenario started: %s, seed %d", in_language(self.scenario.title, "en"), self.seed)
        if not self._is_set_up:
            self._deliver()
        last = max(0.0, self._plan_steps(), *(e.at.seconds for e in self.scenario.expect if e.at is not None))
        end = self.scenario.until.seconds if self.scenario.until is not None else last
        for number, expectation in enumerate(self.scenario.expect, 1):
            self._plan_expectation(expectation, f"expect[{number}]", end)
        world = self.bench.world
        while self._agenda and self._agenda[0][0] <= max(end, last):
            at, when, _, action = heappop(self._agenda)
            world.run(math.nextafter(at, 0.0) if when == _BEFORE and at > 0 else at)
            action()
            world.run(max(at, world.now) if when != _BEFORE else world.now)
        world.run(max(end, world.now))
        for _, when, _, action in sorted(self._agenda, key=lambda entry: entry[:3]):
            if when == _EXPECTATION:
                action()  # an answer that might still have come: the scenario is over before it did
        for account in self.meter.accounts.values():
            account.settle(world.now)
        passed = sum(verdict.passed for verdict in self.verdicts)
        title = in_language(self.scenario.title, "en")
        _log.info("scenario ended: %s, %d of %d as expected", title, passed, len(self.verdicts))
        return ScenarioResult(self.scenario, self.seed, self.verdicts, self.bench, self.meter)

    # the modules

    def _deliver(self) -> None:
        for platform in self.scenario.platform_specs():
            self._add_keys(platform)
        for number, (name, spec) in enumerate(zip(module_names(self.scenario), self.scenario.modules, strict=True), 1):
            try:
                self._add_module(name, spec)
            except SettingRefused as error:
                raise SettingRefused(error.code, f"modules[{number}]", **error.fields) from None
            switched_on = spec.power or SwitchedOn(0.0)
            if switched_on.at is not None:
                self._plan(switched_on.at, _STEP, partial(self.bench.power_on, name))

    def _add_keys(self, platform: ScenarioPlatform) -> None:
        modules = dict(zip(module_names(self.scenario), self.scenario.modules, strict=True))
        for name, psk in platform.psk.items():
            imei = modules[name].imei
            device = imei.digits if imei is not None else imei_of(name)
            self.bench.backing.psk.add(DeviceKeys(device=device, bootstrap_key=psk.bootstrap, key=psk.server))

    def _add_module(self, name: str, spec: ScenarioModule) -> None:
        self.bench.add_module(
            name,
            self._profile_of(spec),
            spec.card.usim(name),
            imei=spec.imei.digits if spec.imei is not None else None,
            firmware=spec.firmware,
            settings=spec.settings,
            nvram=spec.nvram.saved if spec.nvram is not None else None,
        )
        if spec.attach is not None:
            self.bench.modules[name].radio.attach_delay = spec.attach.seconds

    def _profile_of(self, spec: ScenarioModule) -> Profile:
        given = self._profile
        if given is None or given.model != spec.model:
            return profile_of(spec.model, spec.vendor)
        return given if spec.vendor is None else replace(given, vendor_code=spec.vendor)

    # the agenda

    def _plan(self, at: Seconds, when: int, action: Callable[[], object]) -> None:
        heappush(self._agenda, (at, when, next(self._order), action))

    def _plan_steps(self) -> Seconds:
        """When the last of them is over."""
        at = last = 0.0
        for number, step in enumerate(self.scenario.steps, 1):
            at = step.at.seconds if step.at is not None else at + (step.after.seconds if step.after is not None else 0)
            self._plan(at, _STEP, partial(self._take_step, step, f"steps[{number}]"))
            at += step.advance.seconds if step.advance is not None else 0.0
            last = max(last, at)
        return last

    def _take_step(self, step: ScenarioStep, where: str) -> None:
        name = step.module or next(iter(self.bench.modules))
        (action,) = action_of(step)
        check: Callable[..., bool]
        if action in OPERATIONS:
            platform = step.platform or next(iter(self.bench.world.platforms))
            try:
                ticket = ask(self.bench, step, action, platform, name)
            except CannotAsk as error:
                self._report(False, platform, ClaimPhrase.OPERATION, action, ValuePhrase.ANSWER, error.why, where)
                return
            check = partial(self._check_operation, step, where, platform, ticket)
        else:
            check = partial(self._check_answer, step, where, name, len(self.journal.said.get(name, ())))
            self.stage.perform(step)
        if step.answer is not None:
            self.bench.world.run(self.bench.world.now)
            within = step.within.seconds if step.within is not None else ANSWER_WITHIN
            if not check(final=False):
                self._plan(self.bench.world.now + within, _EXPECTATION, partial(check, final=True))

    def _report(
        self, passed: bool, source: str, claim: ClaimPhrase, subject: str, wanted: Any, found: Any, where: str
    ) -> None:
        self.verdicts.append(Verdict(passed, self.bench.world.now, source, claim, subject, "", wanted, found, where))

    def _check_operation(self, step: ScenarioStep, where: str, platform: str, ticket: int, *, final: bool) -> bool:
        answered = self.bench.answers.get((platform, ticket))
        (action,) = action_of(step)
        if answered is not None:
            passed, found = verdict_of(answered, step.answer)
            subject, row = f"{action} {answered.path}", row_of(answered.path)
            name, unit = ("", "") if row is None else (row.name, row.unit if action == "read" else "")
            self.verdicts.append(
                Verdict(
                    passed, self.bench.world.now, platform, ClaimPhrase.OPERATION, subject, "", step.answer, found,
                    where, resource=name, unit=unit,
                )
            )  # fmt: skip
        elif final:
            self._report(False, platform, ClaimPhrase.OPERATION, action, step.answer, ValuePhrase.NOTHING, where)
        return answered is not None

    def _check_answer(self, step: ScenarioStep, where: str, name: str, said_before: int, *, final: bool) -> bool:
        """Whether there is a verdict by now: the answer is complete, or there was time enough."""
        assert step.answer is not None
        wanted = step.answer if isinstance(step.answer, list) else [str(step.answer)]
        found = [said.line for said in self.journal.said.get(name, ())[said_before:]]
        if found and found[0] == step.send:
            found = found[1:]  # the echo
        ends = [index for index, line in enumerate(found, 1) if line.startswith(_FINAL)]
        complete = bool(ends) or len(found) >= len(wanted)
        if complete or final:
            found = found[: max(ends[0] if ends else 0, len(wanted))]
            self._report(found == wanted, name, ClaimPhrase.ANSWER, step.send or "", wanted, found, where)
        return complete

    # expectations

    def _plan_expectation(self, expectation: Expectation, where: str, end: Seconds) -> None:
        at = expectation.at.seconds if expectation.at is not None else end
        since = expectation.since.seconds if expectation.since is not None else 0.0
        name = expectation.module or next(iter(self.bench.modules))
        if since > 0:
            self._plan(since, _BEFORE, partial(self._snapshot, name, since))
        self._plan(at, _EXPECTATION, partial(self._judge, expectation, where, name, since))

    def _snapshot(self, name: str, since: Seconds) -> None:
        self._snapshots[name, since] = self.meter.account(name).total(since)

    def _judge(self, expectation: Expectation, where: str, name: str, since: Seconds) -> None:
        now = self.bench.world.now
        used = self.meter.account(name).total(now) - self._snapshots.get((name, since), Usage())
        observed = Observed(self.bench, self.journal, now, since, used, name, expectation.platform)
        self.verdicts += judge(expectation, observed, where)
