"""A run as one page of HTML that needs nothing else: to look at, to print, to give to somebody. No script.

What failed or could not be judged is on top, with pictures of what was said; what passed is a table, with its bytes
folded away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from nbtwin.api.report.diagram import Diagram
from nbtwin.api.report.html import Markup, card, facts, pill, table
from nbtwin.api.report.style import TABLES
from nbtwin.api.report.svg import STYLE, TOKENS
from nbtwin.check.phrases import CheckPhrase
from nbtwin.check.runner import Result
from nbtwin.check.verdicts import Heard, Outcome, Verdict
from nbtwin.check.words import (
    case_in_words,
    fidelity_line,
    heard_in_words,
    otherwise_in_words,
    verdict_in_words,
    why_in_words,
)
from nbtwin.engine import Seconds
from nbtwin.runtime.explanation import known_in_words
from nbtwin.timeline.catalogue import say, words

_PAGE = f"""
:root {{ color-scheme: light dark; {TOKENS} }}
* {{ box-sizing: border-box }}
body {{ margin: 0; background: var(--page) }}
main {{ max-width: 1180px; margin: 0 auto; padding: 32px 24px 48px }}
h1 {{ font-size: 24px; margin: 0 0 6px }}
header p {{ margin: 0 0 18px; color: var(--soft) }}
.nbtwin .nb-card {{ margin: 0 0 16px }}
.nb-case {{ padding: 12px 14px; border-top: 1px solid var(--line) }}
.nb-case p {{ margin: 4px 0 }}
.nb-why {{ color: var(--bad) }}
.nb-case pre, td pre {{ margin: 6px 0; font: 11.5px/1.5 ui-monospace, monospace; white-space: pre-wrap;
  overflow-wrap: anywhere }}
.nb-drawn .nb-svg {{ max-width: 100% }}
td details summary {{ cursor: pointer; color: var(--soft) }}
.nbtwin td {{ white-space: normal; overflow-wrap: anywhere; vertical-align: top }}
@media print {{
  @page {{ size: A4; margin: 12mm 10mm }}
  :root {{ color-scheme: light; --page: #fff }}
  main {{ max-width: none; padding: 0 }}
  .nb-case, tr {{ break-inside: avoid }} thead {{ display: table-header-group }}
  details:not([open]) {{ display: none }}
}}
"""
_MOST = 24
"""Rows of a picture."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """Evidence as the pictures take it (`api.results.TimelineEntry`)."""

    number: int
    at: Seconds
    source: str
    kind: str
    code: str
    fields: Mapping[str, Any]
    said: str

    def text(self, language: str = "en") -> str:
        return self.said


def entries_of(evidence: Sequence[Heard], module: str, language: str) -> Iterable[_Shown]:
    """Lines of text to and from the module, datagrams to its platform, and what was done to it."""
    for number, each in enumerate(evidence, 1):
        said = [text for text in each.data.decode("utf-8", "replace").replace("\r", "\n").split("\n") if text]
        match each.way:
            case "to" | "from":
                kind = "at.in" if each.way == "to" else "at.out"
                for text in said:
                    yield _Shown(number, each.at, module, kind, "", {}, text)
            case "sent":
                summary = say(CheckPhrase.SENT, language, number=len(each.data))
                fields = {"from": module, "to": "platform", "summary": summary, "operation": "", "direction": "up",
                          "lost": False, "sending": 1}  # fmt: skip
                yield _Shown(number, each.at, module, "datagram", "", fields, summary)
            case _:
                yield _Shown(number, each.at, module, "fault", "", {}, " ".join(said))


def page(result: Result, imei: str, language: str = "en") -> str:
    """The whole document."""
    title = say(CheckPhrase.TITLE, language, model=result.model, firmware=result.firmware)
    count = {verdict: result.count(verdict) for verdict in Verdict}
    summary = say(
        CheckPhrase.SUMMARY, language, model=result.model, passed=count[Verdict.PASS], failed=count[Verdict.FAIL],
        inconclusive=count[Verdict.INCONCLUSIVE], left=count[Verdict.NOT_APPLICABLE],
    )  # fmt: skip
    about = facts([
        (_heading("model", language), result.model),
        (_heading("firmware", language), result.firmware),
        (_heading("imei", language), imei),
    ])  # fmt: skip
    wrong = [each for each in result.outcomes if each.verdict is Verdict.FAIL]
    otherwise = [each for each in wrong if each.says_otherwise and not each.case.documents]
    failed = [each for each in wrong if each not in otherwise]
    body = [
        about,
        _ended(result, language),
        _pictured("fail", failed, result, language),
        _pictured("otherwise", otherwise, result, language),
        _unrestored(result, language),
    ]
    body += [
        _listed(verdict, [each for each in result.outcomes if each.verdict is verdict], language)
        for verdict in (Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE, Verdict.PASS)
    ]
    lang = "zh-CN" if language == "zh" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{TABLES}{STYLE}{_PAGE}</style>'
        f'</head><body class="nbtwin"><main><header><h1>{escape(title)}</h1><p>{escape(summary)}</p></header>'
        f"{''.join(body)}</main></body></html>\n"
    )


def _heading(name: str, language: str) -> str:
    return say(CheckPhrase.HEADING, language, name=name)


def _ended(result: Result, language: str) -> str:
    if result.ended is None:
        return ""
    why = words(result.ended, language, **result.fields)
    return card(_heading("fail", language), f'<div class="nb-case"><p class="nb-why">{escape(why)}</p></div>')


def _pictured(name: str, outcomes: Sequence[Outcome], result: Result, language: str) -> str:
    if not outcomes:
        return ""
    cases = "".join(_case(each, result, language) for each in outcomes)
    return card(_heading(name, language), cases, str(len(outcomes)))


def _case(outcome: Outcome, result: Result, language: str) -> str:
    entries = list(entries_of(outcome.evidence, result.model, language))
    drawn = "".join(
        f'<div class="nb-drawn">{piece}</div>' for piece in Diagram(entries, language=language, most=_MOST).pieces()
    )
    more = ""
    if outcome.says_otherwise:
        said = otherwise_in_words(outcome, result.model, language)
        line = fidelity_line(outcome, result.model, result.firmware)
        more = f"<p><b>{escape(said)}</b></p><pre>{escape(line)}</pre>"
    return (
        f'<div class="nb-case"><p><b>{escape(case_in_words(outcome.case, language))}</b></p>'
        f'<p class="nb-why">{escape(why_in_words(outcome, language))}</p>{more}'
        f'<p class="nb-soft">{escape(known_in_words(outcome.case.known, language))} · {escape(outcome.case.name)}</p>'
        f"{drawn}{_bytes(outcome)}</div>"
    )


def _bytes(outcome: Outcome) -> Markup:
    if not outcome.evidence:
        return Markup("")
    text = "\n".join(heard_in_words(each) for each in outcome.evidence)
    return Markup(f"<details><summary>{len(outcome.evidence)}</summary><pre>{escape(text)}</pre></details>")


def _listed(verdict: Verdict, outcomes: Sequence[Outcome], language: str) -> str:
    if not outcomes:
        return ""
    names = ("case", "why", "known", "evidence") if verdict is not Verdict.PASS else ("case", "known", "evidence")
    columns = [("", _heading(name, language)) for name in names]

    def cells(outcome: Outcome) -> list[object]:
        found: list[object] = [case_in_words(outcome.case, language)]
        if verdict is not Verdict.PASS:
            found.append(why_in_words(outcome, language))
        return [*found, known_in_words(outcome.case.known, language), _bytes(outcome)]

    said = pill(verdict_in_words(verdict, language))
    rows = table(columns, [cells(each) for each in outcomes])
    return card(
        _heading(str(verdict), language), f"{'' if verdict is Verdict.PASS else said}{rows}", str(len(outcomes))
    )


def _unrestored(result: Result, language: str) -> str:
    if not result.unrestored:
        return ""
    lines = "".join(
        "<p>"
        + escape(say(CheckPhrase.UNRESTORED, language, name=each.name, expected=each.expected, said=each.said))
        + "</p>"
        for each in result.unrestored
    )
    return card(_heading("unrestored", language), f'<div class="nb-case">{lines}</div>')
