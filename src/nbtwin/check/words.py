"""A case, an outcome and a line for the fidelity page in the reader's language. Knows the catalogue."""

from __future__ import annotations

from nbtwin.check.phrases import CheckPhrase
from nbtwin.check.steps import Need
from nbtwin.check.verdicts import Case, Heard, Outcome, Verdict
from nbtwin.timeline.catalogue import say, words


def case_in_words(case: Case, language: str) -> str:
    return words(case.says, language, **case.fields)


def verdict_in_words(verdict: Verdict, language: str) -> str:
    return say(CheckPhrase.VERDICT, language, name=str(verdict))


def why_in_words(outcome: Outcome, language: str) -> str:
    """Empty for a pass."""
    if outcome.code is None:
        return ""
    fields = dict(outcome.fields)
    if "needs" in fields:
        fields["needs"] = needs_in_words([Need(each) for each in fields["needs"]], language)
    return words(outcome.code, language, **fields)


def needs_in_words(needs: list[Need], language: str) -> list[str]:
    return [say(CheckPhrase.NEED, language, name=str(need)) for need in needs]


def otherwise_in_words(outcome: Outcome, model: str, language: str) -> str:
    """A module that disagrees with us (D187)."""
    decisions = outcome.case.decisions or tuple(dict.fromkeys(str(each.basis) for each in outcome.case.sources))
    return say(CheckPhrase.OTHERWISE, language, model=model, decisions=list(decisions))


def fidelity_line(outcome: Outcome, model: str, firmware: str) -> str:
    """As a row of the fidelity pages, in English as they are (D187)."""
    against = ", ".join(f"against {each}" for each in outcome.case.decisions) or f"against {outcome.case.known}"
    line, said = outcome.fields.get("line"), outcome.fields.get("said")
    found = f"{line} answers {said}" if line and said else f"{outcome.case.name}: {why_in_words(outcome, 'en')}"
    what = f"{model} {firmware}: {found}".replace("|", "\\|").replace("\n", " ")
    return f"| rule | {what} | observed ({against}) |"


def heard_in_words(heard: Heard) -> str:
    """``12.345 > AT\\r``: bytes as they were, controls escaped."""
    sign = {"to": ">", "from": "<", "done": "!", "sent": "~"}[heard.way]
    if heard.way == "sent":
        return f"{heard.at:.3f} {sign} {heard.data.hex()}"
    return f"{heard.at:.3f} {sign} {heard.data.decode('utf-8', 'backslashreplace')!r}"
