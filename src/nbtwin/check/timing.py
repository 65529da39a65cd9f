"""Whether every answer of a run came in its time (DOC-B to DOC-E: 300 ms, 2 s where keys are set)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nbtwin.check.phrases import CasePhrase
from nbtwin.check.steps import Answer
from nbtwin.check.verdicts import Case, CheckRefusal, Heard, Outcome, Verdict
from nbtwin.engine import Seconds
from nbtwin.module.profile import Profile

LIMITS = {"+QLASETPSK": 2.0, "+QLASETBSPSK": 2.0, "+QSETBSPSK": 2.0}
LIMIT: Seconds = 0.3
FREE = ("+COPS", "+CFUN", "+NPING", "+QPING", "+NRB", "+QRST", "+CGATT")
"""Of the network, or of a start: 27.007 lets them take their time."""
_KNOWN = {"DOC-B": "DOC-B 2.2", "DOC-C": "DOC-C 3.2.2", "DOC-D": "DOC-D 3.2.1", "DOC-E": "DOC-E 3.1"}
BITS = 10
"""Of a byte on the line: start, eight, stop."""


def time_cases(profile: Profile) -> tuple[Case, ...]:
    """DOC-A prints no time: its siblings' is assumed (D186)."""
    known = ", ".join(_KNOWN[name] for name in profile.documents if name in _KNOWN) or "D186"
    return tuple(
        Case(f"time/{limit:g}s", CasePhrase.IN_TIME, known, {"limit": limit})
        for limit in ((LIMIT, 2.0) if profile.andlink else (LIMIT,))
    )


def limit_of(line: str) -> Seconds | None:
    """None: there is none."""
    name = line.upper().removeprefix("AT").partition("=")[0].partition("?")[0]
    if name in FREE or not name.startswith("+"):
        return None
    return LIMITS.get(name, LIMIT)


def slow_answers(
    profile: Profile, answers: Sequence[tuple[Answer, tuple[Heard, ...]]], slack: Seconds
) -> Iterator[Outcome]:
    """The line's own time is no answer's: what both sides wrote, at the model's speed, is taken off (D186)."""
    for case in time_cases(profile):
        limit = case.fields["limit"]
        mine = [(answer, heard) for answer, heard in answers if limit_of(answer.line) == limit]
        late = [
            (answer, heard)
            for answer, heard in mine
            if answer.took > limit + slack + (len(answer.line) + len(answer.raw)) * BITS / profile.everyday.baud
        ]
        if late:
            answer, heard = late[0]
            fields = {"line": answer.line, "took": round(answer.took, 3), "limit": limit}
            yield Outcome(case, Verdict.FAIL, CheckRefusal.SLOW, fields, heard)
        elif mine:
            yield Outcome(case, Verdict.PASS)
