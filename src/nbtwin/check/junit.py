"""A run as JUnit XML: a test case for each case. Inconclusive is an error, not applicable is skipped."""

from __future__ import annotations

from xml.etree import ElementTree

from nbtwin.check.runner import Result
from nbtwin.check.verdicts import Verdict
from nbtwin.check.words import case_in_words, heard_in_words, why_in_words
from nbtwin.engine import Seconds

_KIND = {Verdict.FAIL: "failure", Verdict.INCONCLUSIVE: "error", Verdict.NOT_APPLICABLE: "skipped"}


def junit(result: Result, took: Seconds, language: str) -> bytes:
    """The whole document."""
    root = ElementTree.Element("testsuites", name="nbtwin")
    suite = ElementTree.SubElement(
        root, "testsuite", name=f"{result.model} {result.firmware}".strip(), tests=str(len(result.outcomes)),
        failures=str(result.count(Verdict.FAIL)), errors=str(result.count(Verdict.INCONCLUSIVE)),
        skipped=str(result.count(Verdict.NOT_APPLICABLE)), time=f"{took:.3f}",
    )  # fmt: skip
    for outcome in result.outcomes:
        family = outcome.case.name.partition("/")[0]
        name = _printable(f"{outcome.case.name}: {case_in_words(outcome.case, language)} [{outcome.case.known}]")
        case = ElementTree.SubElement(suite, "testcase", classname=f"{result.model}.{family}", name=name, time="0")
        if outcome.verdict in _KIND:
            found = ElementTree.SubElement(
                case, _KIND[outcome.verdict], message=_printable(why_in_words(outcome, language))
            )
            if outcome.verdict is Verdict.FAIL:
                found.set("type", str(outcome.code))
            if outcome.verdict is not Verdict.NOT_APPLICABLE:
                found.text = _printable("\n".join(heard_in_words(each) for each in outcome.evidence))
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _printable(text: str) -> str:
    """XML 1.0 has no control characters but three."""
    return "".join(letter if letter >= " " or letter in "\t\n" else "�" for letter in text)
