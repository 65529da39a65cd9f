"""What lint found, as it is shown: words in the reader's language, data for ``--json``, SARIF 2.1.0 for editors and CI.

Prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from nbtwin.check.lint.findings import Finding, FindingKind, Linted
from nbtwin.check.lint.sources import HOLE
from nbtwin.timeline.catalogue import Phrase, say, words

SHOWN = "…"
"""In place of what only the running program knows."""


class LintPhrase(Phrase):
    """What is said of findings."""

    REBOOT = "lint-reboot"  # settings
    DIFFERS = "lint-differs"  # parameter, left, right, takes, other
    LEFT_OUT = "lint-left-out"  # files
    SUMMARY = "lint-summary"  # commands, files, untold
    MODEL = "lint-model"  # model, unknown, wrong, reboot
    ALIKE = "lint-differences"  # count


def text_of(finding: Finding) -> str:
    """The command as a host writes it."""
    command = finding.command.replace(HOLE, SHOWN)
    return command if command[:2].upper() == "AT" or finding.kind is FindingKind.LINE else f"AT{command}"


def why(finding: Finding, language: str) -> str:
    """What is found, without the place."""
    if finding.kind is FindingKind.REBOOT:
        return say(LintPhrase.REBOOT, language, settings=list(finding.settings))
    if finding.kind is FindingKind.DIFFERS:
        left, right = (words(each, language) if each is not None else "" for each in finding.takes)
        about = {"left": finding.models[0], "right": finding.models[1], "takes": left, "other": right}
        return say(LintPhrase.DIFFERS, language, parameter=finding.parameter, **about)
    return words(finding.why, language) if finding.why is not None else ""


def merged(findings: Sequence[Finding], language: str) -> Iterator[tuple[Finding, list[str], str]]:
    """What is the same for several models, once: the first of them, the models, the words."""
    for _, alike in groupby(findings, lambda each: (each.found, each.command)):
        by_words: dict[tuple[FindingKind, str], list[Finding]] = {}
        for finding in alike:
            by_words.setdefault((finding.kind, why(finding, language)), []).append(finding)
        for (_, said), same in by_words.items():
            yield same[0], list(dict.fromkeys(model for each in same for model in each.models)), said


def summary(linted: Linted, language: str) -> list[str]:
    """One line of everything, one a model."""
    about = {"commands": linted.commands, "files": linted.with_lines, "untold": linted.untold}
    lines = [say(LintPhrase.SUMMARY, language, **about)]
    if linted.left_out:
        lines.append(say(LintPhrase.LEFT_OUT, language, files=linted.left_out))
    for model in linted.models:
        wrong = sum(linted.count(kind, model) for kind in (FindingKind.FORM, FindingKind.VALUE, FindingKind.LINE))
        unknown, reboot = linted.count(FindingKind.UNKNOWN, model), linted.count(FindingKind.REBOOT, model)
        lines.append(say(LintPhrase.MODEL, language, model=model, unknown=unknown, wrong=wrong, reboot=reboot))
    if len(linted.models) > 1:
        differ = sum(finding.kind is FindingKind.DIFFERS for finding in linted.findings)
        lines.append(say(LintPhrase.ALIKE, language, count=differ))
    return lines


def as_data(linted: Linted, language: str) -> Iterator[dict[str, Any]]:
    """For ``--json``."""
    for finding, models, said in merged(linted.findings, language):
        yield {
            "path": finding.found.path,
            "line": finding.found.line,
            "column": finding.found.column,
            "kind": finding.kind.value,
            "wrong": finding.is_wrong,
            "command": text_of(finding),
            "models": models,
            "refusal": finding.why.refusal if finding.why is not None else None,
            "parameter": (finding.why.parameter if finding.why is not None else finding.parameter) or None,
            "source": finding.source or None,
            "settings": list(finding.settings),
            "text": said,
        }


def as_sarif(linted: Linted, version: str, language: str) -> dict[str, Any]:
    """A run of one tool; columns are characters."""
    results = [
        {
            "ruleId": finding.kind.value,
            "level": "error" if finding.is_wrong else "note",
            "message": {"text": f"{text_of(finding)}: {', '.join(models)}: {said}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": finding.found.path.replace("\\", "/")},
                        "region": {"startLine": finding.found.line, "startColumn": finding.found.column},
                    }
                }
            ],
        }
        for finding, models, said in merged(linted.findings, language)
    ]
    rules = [{"id": kind.value} for kind in FindingKind]
    driver = {"name": "nbtwin lint", "version": version, "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }
