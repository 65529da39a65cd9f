"""What comes of a case: a verdict, why as a code with fields, and the bytes that show it. Knows no module, no port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nbtwin.at.known import Basis, Source, sources
from nbtwin.check.phrases import CasePhrase
from nbtwin.engine import Refusal, Seconds


class Verdict(StrEnum):
    """The worst last."""

    PASS = "pass"
    NOT_APPLICABLE = "not-applicable"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"


_ORDER = tuple(Verdict)


class CheckRefusal(Refusal):
    """Why a case did not pass."""

    # fail
    ANSWER = "check-answer"  # line, expected, said
    NOT_REFUSED = "check-not-refused"  # line, expected, said
    REFUSED = "check-refused"  # line, said
    SLOW = "check-slow"  # line, took, limit
    FRAMING = "check-framing"  # line, said
    TOO_EARLY = "check-too-early"  # line, said
    LOST = "check-lost"  # line, expected, said
    URC_MISSING = "check-urc-missing"  # expected, span
    START = "check-start"  # expected, said
    PACKETS = "check-packets"  # expected, said
    # inconclusive
    SILENT = "check-silent"  # line, span
    PORT_LOST = "check-port-lost"  # detail
    GARBLED = "check-garbled"  # line
    OTHER_HOST = "check-other-host"  # said
    MIXED = "check-mixed"  # line
    RESTARTED = "check-restarted"  # line
    OTHER_MODULE = "check-other-module"  # said, imei
    NOT_PREPARED = "check-not-prepared"  # line, said
    NOT_REACHED = "check-not-reached"
    STOPPED = "check-stopped"
    # not applicable
    NOT_AGREED = "check-not-agreed"  # needs
    NOT_HERE = "check-not-here"  # needs
    NOT_FACTORY = "check-not-factory"


OF_VERDICT = {
    Verdict.INCONCLUSIVE: (
        CheckRefusal.SILENT, CheckRefusal.PORT_LOST, CheckRefusal.GARBLED, CheckRefusal.OTHER_HOST,
        CheckRefusal.MIXED, CheckRefusal.RESTARTED, CheckRefusal.OTHER_MODULE, CheckRefusal.NOT_PREPARED,
        CheckRefusal.NOT_REACHED, CheckRefusal.STOPPED,
    ),
    Verdict.NOT_APPLICABLE: (CheckRefusal.NOT_AGREED, CheckRefusal.NOT_HERE, CheckRefusal.NOT_FACTORY),
}  # fmt: skip
VERDICT_OF = {code: verdict for verdict, codes in OF_VERDICT.items() for code in codes}
"""Anything else is a failure."""


@dataclass(frozen=True, slots=True)
class Case:
    """One sentence about a module, and how it is known."""

    name: str  # "bounds/+QDMPCFG/1/server_Port/65536"
    says: CasePhrase
    known: str  # nbtwin.at.known
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[Source, ...]:
        return sources(self.known)

    @property
    def documents(self) -> tuple[str, ...]:
        """`DOC-C 3.2.2`, and the sections of standards."""
        return tuple(each.what for each in self.sources if each.basis in (Basis.DOCUMENT, Basis.STANDARD))

    @property
    def decisions(self) -> tuple[str, ...]:
        return tuple(each.what for each in self.sources if each.basis is Basis.DECISION)

    @property
    def rests_on_us(self) -> bool:
        """A decision, something observed or an assumption has a part in it (D187); ``documents`` may say the rest."""
        return any(each.basis in (Basis.DECISION, Basis.OBSERVED, Basis.ASSUMED) for each in self.sources)


@dataclass(frozen=True, slots=True)
class Heard:
    """Bytes on the line, a thing that was done to the module, or a datagram that it sent."""

    at: Seconds
    way: str  # "to", "from", "done" or "sent"
    data: bytes


@dataclass(frozen=True, slots=True)
class Judged:
    """What a script says of one of its cases; no code: it holds."""

    case: Case
    code: CheckRefusal | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        return Verdict.PASS if self.code is None else VERDICT_OF.get(self.code, Verdict.FAIL)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one case."""

    case: Case
    verdict: Verdict
    code: CheckRefusal | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    evidence: Sequence[Heard] = ()

    @property
    def says_otherwise(self) -> bool:
        """A module disagrees with a decision, an observation or an assumption of ours: the fidelity page is told."""
        return self.verdict is Verdict.FAIL and self.case.rests_on_us


def worse(one: Verdict, other: Verdict) -> bool:
    return _ORDER.index(one) > _ORDER.index(other)
