"""Runs the clauses of an operator's acceptance test on a virtual module, each in a lab of its own (D194, D195).

The operator's platform is strict. Knows clauses, conditions and the scenario runner; prints nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from nbtwin.api.recorded import TimelineRecord
from nbtwin.api.results import TimelineEntry
from nbtwin.check.acceptance.clauses import Clause, Subject, scenario_of, table
from nbtwin.check.acceptance.conditions import Judged, gather, judge
from nbtwin.check.capture.forms import Forms
from nbtwin.check.capture.judge import operators_of
from nbtwin.engine import CodedError, Refusal, Seconds
from nbtwin.lab.faults import Fault
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD, AppkeyStore
from nbtwin.runtime.simulated_lab import SettingRefused
from nbtwin.scenario.runner import ScenarioRunner
from nbtwin.scenario.verdicts import Verdict
from nbtwin.selfreg.schedule import operator_of
from nbtwin.timeline.catalogue import Phrase
from nbtwin.timeline.catalogue.errors import WordedError
from nbtwin.timeline.ring import Timeline

_KEPT = 20_000
SEED = 1


class AcceptRefusal(Refusal):
    NO_COLUMN = "accept-no-column"  # model, operator, known
    OTHER_CARD = "accept-other-card"  # imsi, operator
    CLAUSE_UNKNOWN = "accept-clause-unknown"  # clause, known
    NEEDS_HANDS = "accept-needs-hands"
    NEEDS_FAULT = "accept-needs-fault"
    NEEDS_TIME = "accept-needs-time"  # span
    NEEDS_SETTINGS = "accept-needs-settings"
    NEEDS_CHANGE = "accept-needs-change"
    NO_RESTART = "accept-no-restart"
    SWITCHED_OFF = "accept-switched-off"  # command, said
    STOPPED = "accept-stopped"
    FAULT_TOOK = "accept-fault-took"  # faults, count


class AcceptError(WordedError, ValueError):
    """What no acceptance test can be made of."""


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    """The user's fault kept it from being shown; without that fault it is."""
    NOT_RUN = "not-run"
    NOT_APPLICABLE = "not-applicable"


class AcceptPhrase(Phrase):
    """Headings and words of an acceptance report."""

    TITLE = "accept-title"  # operator
    SUBTITLE = "accept-subtitle"  # model, date
    SECTION = "accept-section"  # name
    COLUMN = "accept-column"  # name
    OUTCOME = "accept-outcome"  # outcome
    ENDING = "accept-ending"  # passed, failed, rest
    SOURCE = "accept-source"  # document, chapter, decision
    NOT_APPLICABLE = "accept-not-applicable"  # model, document
    NOTHING_LEFT_OUT = "accept-nothing-left-out"
    NOTHING_SHOWN = "accept-nothing-shown"


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """What came of one clause."""

    clause: Clause
    outcome: Outcome
    verdicts: Sequence[Verdict] = ()
    conditions: Sequence[Judged] = ()
    entries: Sequence[TimelineEntry] = ()
    why: CodedError | None = None
    """Why it was not shown."""
    took: Seconds = 0.0
    """Of the lab's time."""


@dataclass(slots=True)
class Acceptance:
    """The whole test."""

    operator: str
    subject: Subject
    imei: str
    firmware: str
    imsi: str
    iccid: str
    results: list[ClauseResult] = field(default_factory=list)
    is_real: bool = False
    stopped: bool = False
    """By the user, before its last clause."""

    def of(self, outcome: Outcome) -> list[ClauseResult]:
        return [each for each in self.results if each.outcome is outcome]

    @property
    def passed(self) -> bool:
        """None failed, something was shown, and nobody stopped it."""
        return bool(self.of(Outcome.PASSED)) and not self.of(Outcome.FAILED) and not self.stopped


def clauses_for(operator: str, subject: Subject, only: Sequence[str] = ()) -> list[Clause]:
    """Those of the table; AcceptError for a model or a card of others, or a clause that is not."""
    known = operators_of(subject.profile)
    if operator not in known:
        raise AcceptError(AcceptRefusal.NO_COLUMN, model=subject.profile.model, operator=operator, known=known)
    wanted_card = "mobile" if operator == "andlink" else operator
    if (imsi := subject.imsi or subject.plmn) and operator_of(imsi) != wanted_card:
        raise AcceptError(AcceptRefusal.OTHER_CARD, imsi=imsi, operator=wanted_card)
    clauses = table(operator, subject).clauses
    names = [clause.id for clause in clauses]
    for wanted in only:
        if wanted not in names:
            raise AcceptError(AcceptRefusal.CLAUSE_UNKNOWN, clause=wanted, known=names)
    return [clause for clause in clauses if not only or clause.id in only]


def accept(
    operator: str,
    subject: Subject,
    only: Sequence[str] = (),
    faults: Sequence[str] = (),
    progress: Callable[[int, int, Clause], object] | None = None,
) -> Acceptance:
    """Clause by clause. ``faults``: of the network, in every clause; the module is not blamed for them.
    ``progress`` is told before each: how many are done, of how many."""
    clauses = clauses_for(operator, subject, only)
    told = table(operator, subject)
    made = Acceptance(operator, subject, "", "", "", "")
    for number, clause in enumerate(clauses):
        if progress is not None:
            progress(number, len(clauses), clause)
        result = _run(clause, told.platform, operator, subject, made, faults)
        if faults and result.outcome is Outcome.FAILED:
            result = _without(result, _run(clause, told.platform, operator, subject, made), faults)
        made.results.append(result)
    return made


def _without(result: ClauseResult, plain: ClauseResult, faults: Sequence[str]) -> ClauseResult:
    """What has failed under the user's faults, beside the same without them: that decides on the module."""
    if plain.outcome is Outcome.FAILED:
        return plain
    specs = {Fault.parse(each).spec for each in faults}
    count = sum(not specs.isdisjoint(entry.fields.get("faults") or ()) for entry in result.entries)
    why = AcceptError(AcceptRefusal.FAULT_TOOK, faults=list(faults), count=count)
    return replace(result, outcome=Outcome.INCONCLUSIVE, why=why)


def _run(
    clause: Clause, platform: str, operator: str, subject: Subject, made: Acceptance, faults: Sequence[str] = ()
) -> ClauseResult:
    if not clause.applies:
        return ClauseResult(clause, Outcome.NOT_APPLICABLE)
    timeline = Timeline(_KEPT)
    runner = ScenarioRunner(scenario_of(clause, faults), SEED, timeline, subject.profile)
    try:
        result = runner.run()
    except SettingRefused as error:
        return ClauseResult(clause, Outcome.FAILED, why=error)
    _remember(made, runner)
    entries = list(TimelineRecord(timeline).entries())
    evidence = gather(entries, platform)
    forms = Forms(
        operator, subject.profile, AppkeyStore({LAB_APPKEY: LAB_PASSWORD}), vendor=subject.vendor,
        firmware=subject.firmware,
    )  # fmt: skip
    conditions = [judged for holds in clause.holds for judged in judge(holds, evidence, forms)]
    passed = result.passed and all(judged.passed for judged in conditions)
    return ClauseResult(
        clause, Outcome.PASSED if passed else Outcome.FAILED, result.verdicts, conditions, entries,
        took=runner.bench.world.now,
    )  # fmt: skip


def _remember(made: Acceptance, runner: ScenarioRunner) -> None:
    """Who the module is, once."""
    if made.imei:
        return
    ((name, module),) = runner.bench.modules.items()
    made.imei, made.firmware = module.identity.imei, module.identity.firmware
    usim = runner.scenario.modules[0].card.usim(name)
    if usim is not None:
        made.imsi, made.iccid = usim.imsi, usim.iccid


def now() -> str:
    """The day of the report."""
    return time.strftime("%Y-%m-%d")
