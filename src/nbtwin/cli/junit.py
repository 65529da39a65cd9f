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
                failure.text = _printable(f"{place} {verdict.why}".strip())
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _printable(text: str) -> str:
    """XML 1.0 has no control characters but three."""
    return "".join(letter if letter >= " " or letter in "\t\n" else "�" for letter in text)
