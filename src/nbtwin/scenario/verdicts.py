"""Verdicts: what was expected and what was found, as values; in words when somebody reads them.

How a value is worded goes by the claim: numbers of ``requests`` are instants, a list of lines is what was said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from nbtwin.engine import MINUTE, Seconds
from nbtwin.scenario.model import Said, in_language
from nbtwin.scenario.phrases import ClaimPhrase, RunPhrase, ValuePhrase
from nbtwin.scenario.values import Range
from nbtwin.timeline.catalogue import Phrase, say, words
from nbtwin.timeline.catalogue.errors import shown
from nbtwin.timeline.clock import format_simulated, format_span
from nbtwin.timeline.plain import plain

_MOST_SHOWN = 40
_SPANS = (ClaimPhrase.AWAKE, ClaimPhrase.CONNECTED)
_LINES = (ClaimPhrase.SAID, ClaimPhrase.ANSWER)


@dataclass(frozen=True, slots=True)
class Refused:
    """What a device or a platform said in place of a value: a code of the catalogue, and its fields."""

    refusal: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``where`` is the expectation's or the step's place in the file, counted from one."""

    passed: bool
    at: Seconds
    source: str
    claim: ClaimPhrase
    subject: str  # of an answer: what it answers; of a device: the field
    platform: str  # of a device
    expected: Any
    found: Any
    where: str
    why: Said = ""
    resource: str = ""  # of an operation: what its definition calls the resource
    unit: str = ""  # and the unit of its value

    @property
    def code(self) -> str:
        return str(RunPhrase.MET if self.passed else RunPhrase.NOT_MET)

    @property
    def fields(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "passed": self.passed,
            "claim": str(self.claim),
            "subject": self.subject,
            "platform": self.platform,
            "expected": _plain(self.expected),
            "found": _plain(self.found),
            "where": self.where,
            "why": self.remark("en"),
            "resource": self.resource,
            "unit": self.unit,
        }

    @property
    def text(self) -> str:
        return self.words("en")

    def words(self, language: str) -> str:
        claim, found = self.about(language), self.value(self.found, language)
        if self.passed:
            return say(RunPhrase.MET, language, claim=claim, found=found)
        expected = self.value(self.expected, language)
        return say(RunPhrase.NOT_MET, language, claim=claim, found=found, expected=expected)

    def about(self, language: str) -> str:
        """The claim: ``state``, ``packets``, ``answer to AT+QDMPCFG=6``."""
        return say(self.claim, language, subject=self.subject, platform=self.platform, resource=self.resource or None)

    def remark(self, language: str) -> str:
        """The reason that the file gives."""
        return in_language(self.why, language)

    def value(self, value: Any, language: str) -> str:
        """What was expected or found, as its claim shows it."""
        if self.unit and isinstance(value, int | float) and not isinstance(value, bool):
            return f"{value:g} {self.unit}" if isinstance(value, float) else f"{value} {self.unit}"
        match value:
            case Phrase():
                return say(value, language)
            case Refused():
                return words(value.refusal, language, **shown(value.fields, language))
            case Range():
                return _range(value, language)
            case IntEnum():
                return f"{int(value)} {value.name}"
            case bool() if self.claim is ClaimPhrase.ATTACHED:
                return say(ValuePhrase.YES if value else ValuePhrase.NO, language)
            case str() if self.claim is ClaimPhrase.POWER:
                return say(ValuePhrase.POWER, language, state=value)
            case int() | float() if self.claim in _SPANS:
                return format_span(value)
            case list() | tuple() if self.claim is ClaimPhrase.REQUESTS:
                return _instants(value, language)
            case list() | tuple() if self.claim in _LINES:
                return " / ".join(value[-_MOST_SHOWN:]) or say(ValuePhrase.NOTHING, language)
            case int() | float() if self.claim is not ClaimPhrase.DEVICE and self.claim is not ClaimPhrase.OPERATION:
                return Range(value, value).show(value)
            case _:
                return _shown(value, language)


def _shown(value: Any, language: str) -> str:
    """As YAML would say it."""
    if value is None:
        return say(ValuePhrase.UNKNOWN, language)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_shown(item, language)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_shown(item, language) for item in value) or say(ValuePhrase.NONE, language)
    return f"{value:g}" if isinstance(value, float) else str(value) or '""'


def _range(wanted: Range, language: str) -> str:
    low, high = (wanted.show(end) for end in (wanted.low, wanted.high))
    match wanted.form:
        case "exact":
            return low
        case "at-least":
            return say(ValuePhrase.AT_LEAST, language, low=low)
        case "at-most":
            return say(ValuePhrase.AT_MOST, language, high=high)
        case "between":
            return say(ValuePhrase.BETWEEN, language, low=low, high=high)


def _instants(instants: Sequence[Seconds], language: str) -> str:
    if not instants:
        return say(ValuePhrase.NONE, language)
    shown = ", ".join(map(_instant, instants[:_MOST_SHOWN]))
    return say(ValuePhrase.AT, language, instants=shown, more=max(0, len(instants) - _MOST_SHOWN))


def _instant(at: Seconds) -> str:
    return f"{round(at, 3):g} s" if at < 2 * MINUTE else format_simulated(at).removesuffix(".000")


def _plain(value: Any) -> Any:
    return value.as_dict() if isinstance(value, Range) else plain(value)
