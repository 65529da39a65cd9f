"""Verdicts of scenarios as JUnit XML, which every CI server reads: a suite for each file, a case for each expectation.

Knows verdicts and the format that the servers have in common; knows no run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from nbtwin.engine import Seconds
from nbtwin.scenario.verdicts import Verdict
from nbtwin.timeline.clock import format_simulated


@dataclass(frozen=True, slots=True)
class Suite:
    """What came of one file. ``error``: why it could not be run, in words; it has no verdicts then."""

    file: Path
    title: str
    took: Seconds  # of the wall clock
    verdicts: Sequence[Verdict] = ()
    places: Sequence[str] = ()  # FILE:LINE of each verdict
    error: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One of a report. ``failure``: its code, and ``said`` what was found; ``skipped``: why it was not run."""

    classname: str
    name: str
    failure: str = ""
    said: str = ""
    skipped: str = ""
    took: Seconds = 0.0


def junit_of_cases(title: str, file: Path | str, cases: Sequence[Case], took: Seconds) -> bytes:
    """One suite."""
    root = ElementTree.Element("testsuites", name="nbtwin")
    failures, skipped = sum(bool(case.failure) for case in cases), sum(bool(case.skipped) for case in cases)
    suite = ElementTree.SubElement(
        root, "testsuite", name=title, file=str(file), tests=str(len(cases)), failures=str(failures), errors="0",
        skipped=str(skipped), time=f"{took:.3f}",
    )  # fmt: skip
    for case in cases:
        element = ElementTree.SubElement(
            suite, "testcase", classname=case.classname, name=_printable(case.name), time=f"{case.took:.3f}"
        )
        if case.failure:
            failure = ElementTree.SubElement(element, "failure", message=_printable(case.said), type=case.failure)
            failure.text = _printable(case.said)
        if case.skipped:
            ElementTree.SubElement(element, "skipped", message=_printable(case.skipped))
    ElementTree.indent(root)
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def junit(suites: Sequence[Suite], language: str) -> bytes:
    """The whole document."""
    root = ElementTree.Element("testsuites", name="nbtwin")
    for suite in suites:
        wrong = sum(not verdict.passed for verdict in suite.verdicts)
        element = ElementTree.SubElement(
            root, "testsuite", name=suite.title, file=str(suite.file), tests=str(len(suite.verdicts) or 1),
            failures=str(wrong), errors=str(int(bool(suite.error))), skipped="0", time=f"{suite.took:.3f}",
        )  # fmt: skip
        if suite.error:
            case = ElementTree.SubElement(element, "testcase", classname=suite.title, name=str(suite.file), time="0")
            ElementTree.SubElement(case, "error", message=_printable(suite.error))
        for verdict, place in zip(suite.verdicts, suite.places, strict=True):
            said = _printable(verdict.words(language))
            name = f"{format_simulated(verdict.at)} {verdict.source}: {said}"
            case = ElementTree.SubElement(element, "testcase", classname=suite.title, name=name, time="0")
            if not verdict.passed:
                failure = ElementTree.SubElement(case, "failure", message=said, type=verdict.code)
                failure.text = _printable(f"{place} {verdict.remark(language)}".strip())
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _printable(text: str) -> str:
    """XML 1.0 has no control characters but three."""
    return "".join(letter if letter >= " " or letter in "\t\n" else "�" for letter in text)
