"""A run as JSON: what `--save` writes as it goes, `--resume` goes on from, and `--compare` reads two of.

Knows the format; what stands there in words is made by whoever shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from nbtwin.check.refusals import RunRefusal
from nbtwin.check.runner import Result, Unrestored
from nbtwin.check.settings import Snapshot
from nbtwin.check.verdicts import Case, CheckRefusal, Heard, Outcome, Verdict
from nbtwin.engine import CodedError, DecodeError
from nbtwin.foreign import detail_of

FORMAT = 1


class SavedRunError(CodedError, DecodeError):
    """Bytes that are no run of this version's."""


class SavedHeard(msgspec.Struct):
    """``data``: hexadecimal digits."""

    at: float
    way: str
    data: str


class SavedOutcome(msgspec.Struct):
    case: str
    verdict: Verdict
    code: str | None = None
    fields: dict[str, Any] = {}
    known: str = ""
    says: str = ""
    of_case: dict[str, Any] = {}
    evidence: list[SavedHeard] = []


class SavedUnrestored(msgspec.Struct):
    name: str
    expected: str
    said: str


class SavedRun(msgspec.Struct):
    """Of one module."""

    nbtwin_check: int
    model: str
    firmware: str
    imei: str
    outcomes: list[SavedOutcome] = []
    before: dict[str, list[str]] | None = None
    unrestored: list[SavedUnrestored] = []
    ended: str | None = None
    ended_fields: dict[str, Any] = {}


def saved_outcome(outcome: Outcome) -> SavedOutcome:
    case = outcome.case
    return SavedOutcome(
        case.name, outcome.verdict, outcome.code, dict(outcome.fields), case.known, case.says, dict(case.fields),
        [SavedHeard(round(each.at, 6), each.way, each.data.hex()) for each in outcome.evidence],
    )  # fmt: skip


def encode(result: Result, imei: str, before: Snapshot | None, others: Iterable[SavedOutcome] = ()) -> bytes:
    """``others``: of the same file earlier, about cases that were not chosen this time; they stay in it."""
    ours = [saved_outcome(each) for each in result.outcomes]
    told = {each.case for each in ours}
    run = SavedRun(
        FORMAT,
        result.model,
        result.firmware,
        imei,
        [*ours, *(each for each in others if each.case not in told)],
        None if before is None else {name: list(lines) for name, lines in before.items()},
        [SavedUnrestored(each.name, each.expected, each.said) for each in result.unrestored],
        result.ended,
        dict(result.fields),
    )
    return msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n"


def decode(data: bytes) -> SavedRun:
    """Raises SavedRunError for what is none."""
    try:
        run = msgspec.json.decode(data, type=SavedRun)
    except msgspec.MsgspecError as error:
        raise SavedRunError(RunRefusal.NO_RUN, detail=detail_of(error)) from None
    if run.nbtwin_check != FORMAT:
        raise SavedRunError(RunRefusal.FORMAT, format=run.nbtwin_check, known=FORMAT)
    return run


_NOT_TRIED = frozenset((CheckRefusal.NOT_AGREED, CheckRefusal.NOT_HERE, CheckRefusal.NOT_FACTORY))
"""What the user did not allow, or was not there: it may be this time."""


def outcomes_again(run: SavedRun, cases: Iterable[Case]) -> list[Outcome]:
    """Those of cases that there still are, but for those that nothing is known of: they are played anew."""
    known: Mapping[str, Case] = {case.name: case for case in cases}
    return [
        Outcome(
            known[each.case], each.verdict, None if each.code is None else CheckRefusal(each.code), each.fields,
            tuple(Heard(heard.at, heard.way, bytes.fromhex(heard.data)) for heard in each.evidence),
        )
        for each in run.outcomes
        if each.case in known and each.verdict is not Verdict.INCONCLUSIVE and each.code not in _NOT_TRIED
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """None: the run has no such case."""

    case: str
    before: Verdict | None
    after: Verdict | None


def differences(one: SavedRun, other: SavedRun) -> Sequence[Difference]:
    """Of two runs: cases whose verdicts are not the same, in the order of the first."""
    before = {each.case: each.verdict for each in one.outcomes}
    after = {each.case: each.verdict for each in other.outcomes}
    names = dict.fromkeys((*before, *after))
    return [
        Difference(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    ]


__all__ = ["Unrestored", "decode", "differences", "encode", "outcomes_again", "saved_outcome"]
