"""An acceptance test as text, JSON and the report: words for clauses, conditions and what was not shown. Decides
nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nbtwin.api.report.diagram import Diagram
from nbtwin.api.report.html import Markup, card, facts, none, pill, table
from nbtwin.check.acceptance.acceptance import Acceptance, AcceptPhrase, ClauseResult, Outcome
from nbtwin.check.acceptance.clauses import Clause
from nbtwin.check.acceptance.conditions import Judged
from nbtwin.check.document import document, drawn
from nbtwin.timeline.catalogue import say, words
from nbtwin.timeline.catalogue.errors import worded
from nbtwin.timeline.clock import format_simulated, format_span

_PILLS = {
    Outcome.PASSED: "nb-good",
    Outcome.FAILED: "nb-bad",
    Outcome.NOT_RUN: "nb-warm",
    Outcome.INCONCLUSIVE: "nb-warm",
}
_MOST_ROWS = 40
"""Of a clause's sequence."""
_HIDDEN = frozenset(("deadline", "state"))


def title_of(clause: Clause, language: str) -> str:
    return clause.title.zh if language == "zh" else clause.title.en


def source_of(clause: Clause, language: str) -> str:
    """Document, chapter, decision. Where no document says it, the page that does."""
    document = "" if clause.chapter.startswith("docs/") else clause.document
    return say(AcceptPhrase.SOURCE, language, document=document, chapter=clause.chapter, decision=clause.decision)


def outcome_of(result: ClauseResult, language: str) -> str:
    return say(AcceptPhrase.OUTCOME, language, outcome=result.outcome)


def condition_of(judged: Judged, language: str) -> str:
    """What was asked and what was found, in one line."""
    fields = dict(judged.fields)
    for name in ("remarks", "wrong"):
        if name in fields:
            said = [
                words(one, language) if isinstance(one, str) else words(one["code"], language, **_said(one, language))
                for one in fields[name]
            ]
            fields[name] = "; ".join(said)
    return words(str(judged.phrase), language, **fields)


def _said(one: dict[str, Any], language: str) -> dict[str, Any]:
    fields = {name: value for name, value in one.items() if name != "code"}
    if "what" in fields:
        fields["what"] = words(fields["what"], language)
    return fields


def evidence_of(result: ClauseResult, language: str) -> Iterator[tuple[bool, str]]:
    """Each condition and each expectation: whether it holds, and in words."""
    for judged in result.conditions:
        yield judged.passed, condition_of(judged, language)
    for verdict in result.verdicts:
        yield verdict.passed, verdict.words(language)
    if result.why is not None:
        yield False, worded(result.why, language)


def why_of(acceptance: Acceptance, result: ClauseResult, language: str) -> str:
    """Why it was not shown."""
    model = acceptance.subject.profile.model
    if result.outcome is Outcome.NOT_APPLICABLE:
        return say(AcceptPhrase.NOT_APPLICABLE, language, model=model, document=result.clause.document)
    return worded(result.why, language) if result.why is not None else ""


def ending(acceptance: Acceptance, language: str) -> str:
    passed, failed = len(acceptance.of(Outcome.PASSED)), len(acceptance.of(Outcome.FAILED))
    rest = len(acceptance.results) - passed - failed
    return say(AcceptPhrase.ENDING, language, passed=passed, failed=failed, rest=rest)


def as_json(acceptance: Acceptance, language: str) -> Iterator[dict[str, Any]]:
    """An item for each clause."""
    for result in acceptance.results:
        clause = result.clause
        yield {
            "clause": clause.id,
            "title": title_of(clause, language),
            "document": clause.document,
            "chapter": clause.chapter,
            "decision": clause.decision or None,
            "outcome": str(result.outcome),
            "took": result.took,
            "conditions": [
                {
                    "code": str(judged.phrase), "passed": judged.passed, "fields": judged.fields,
                    "text": condition_of(judged, language),
                }
                for judged in result.conditions
            ],
            "expectations": [
                {"code": verdict.code, "text": verdict.words(language), **verdict.fields} for verdict in result.verdicts
            ],
            "why": why_of(acceptance, result, language) or None,
        }  # fmt: skip


def page(acceptance: Acceptance, version: str, day: str, language: str) -> str:
    """The report: a cover, the table of clauses, each clause with its evidence, and what was not shown."""
    title = say(AcceptPhrase.TITLE, language, operator=acceptance.operator)
    model = acceptance.subject.profile.model
    below = say(AcceptPhrase.SUBTITLE, language, model=model, date=day)
    cards: list[str] = [_cover(acceptance, version, day, language), _clauses(acceptance, language)]
    cards += [_clause(acceptance, result, language) for result in acceptance.results if result.conditions or result.why]
    cards.append(_left_out(acceptance, language))
    return document(title, below, cards, language)


def _cover(acceptance: Acceptance, version: str, day: str, language: str) -> Markup:
    subject, kind = (
        acceptance.subject,
        say(AcceptPhrase.SECTION, language, name="real" if acceptance.is_real else "virtual"),
    )
    told = (
        ("model", subject.profile.model), ("firmware", acceptance.firmware), ("imei", acceptance.imei),
        ("imsi", acceptance.imsi), ("iccid", acceptance.iccid),
        ("vendor", subject.vendor or subject.profile.vendor_code), ("operator", acceptance.operator),
        ("documents", ", ".join(subject.profile.documents)), ("module", kind),
        ("date", day), ("version", version), ("verdict", ending(acceptance, language)),
    )  # fmt: skip
    body = facts((say(AcceptPhrase.COLUMN, language, name=name), value) for name, value in told)
    return card(say(AcceptPhrase.SECTION, language, name="cover"), body, name="nb-cover")


def _clauses(acceptance: Acceptance, language: str) -> Markup:
    names = ("clause", "title", "source", "verdict")
    columns = [("nb-words" if name == "title" else "", say(AcceptPhrase.COLUMN, language, name=name)) for name in names]
    rows = [
        [
            result.clause.id,
            title_of(result.clause, language),
            source_of(result.clause, language),
            _pill(result, language),
        ]
        for result in acceptance.results
    ]
    return card(say(AcceptPhrase.SECTION, language, name="clauses"), table(columns, rows))


def _pill(result: ClauseResult, language: str) -> Markup:
    return pill(outcome_of(result, language), _PILLS.get(result.outcome, ""))


def _clause(acceptance: Acceptance, result: ClauseResult, language: str) -> Markup:
    clause = result.clause
    rows = [
        [pill("✓" if passed else "✗", "nb-good" if passed else "nb-bad"), said]
        for passed, said in evidence_of(result, language)
    ]
    about = facts(
        (
            (say(AcceptPhrase.COLUMN, language, name="source"), source_of(clause, language)),
            (say(AcceptPhrase.COLUMN, language, name="verdict"), _pill(result, language)),
            (say(AcceptPhrase.COLUMN, language, name="took"), format_span(round(result.took, 3))),
        )
    )
    columns = [("", ""), ("nb-words", say(AcceptPhrase.COLUMN, language, name="evidence"))]
    shown = [entry for entry in result.entries if entry.kind not in _HIDDEN]
    pieces = Diagram(shown, language=language, time=format_simulated, most=_MOST_ROWS).pieces()
    body = about + table(columns, rows) + "".join(map(drawn, pieces))
    return card(f"{clause.id}  {title_of(clause, language)}", body, name="nb-clause")


def _left_out(acceptance: Acceptance, language: str) -> Markup:
    left = [each for each in acceptance.results if each.outcome not in (Outcome.PASSED, Outcome.FAILED)]
    title = say(AcceptPhrase.SECTION, language, name="left-out")
    if not left:
        return card(title, none(say(AcceptPhrase.NOTHING_LEFT_OUT, language)))
    columns = [("", say(AcceptPhrase.COLUMN, language, name=name)) for name in ("clause", "title", "why")]
    rows = [[each.clause.id, title_of(each.clause, language), why_of(acceptance, each, language)] for each in left]
    return card(title, table(columns, rows))
