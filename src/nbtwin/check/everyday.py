"""The everyday commands: who the module says it is, how values are spaced and quoted, which URCs the radio has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nbtwin.check.phrases import CasePhrase
from nbtwin.check.steps import Answer, Listen, Need, Scene, Script, Send, answers, holds, prepared, unanswered
from nbtwin.check.verdicts import Case, CheckRefusal
from nbtwin.module.profile import Profile

ATTACH = 30.0
"""Within which a module in coverage says that it is registered, in a simulated lab."""


def everyday_scenes(p: Profile) -> Iterator[Scene]:
    e = p.everyday
    c, q = re.escape(e.colon), '"' if e.quoted else ""
    exact = {
        "AT+CGMI": (e.manufacturer,),
        "AT+CGMM": (e.model.format(model=p.model),),
    }
    for line, lines in exact.items():
        case = Case(f"everyday/{line}", CasePhrase.PRINTS, "observed", {"line": line, "expected": " / ".join(lines)})
        yield Scene((case,), _exactly(case, line, lines))
    forms = {
        "AT+CGMR": e.revision.format(firmware="FIRMWARE").replace("FIRMWARE", r"[\w.-]+"),
        "AT+CGSN=1": rf"\+CGSN{c}\d{{15}}",
        "AT+CSQ": rf"\+CSQ{c}([12]?\d|3[01]|99),(99|{e.bit_error_rate})",
        "AT+CFUN?": rf"\+CFUN{c}({'|'.join(map(str, e.functions))})",
        "AT+CGATT?": rf"\+CGATT{c}[01]",
        "AT+CEREG?": rf"\+CEREG{c}[0-5],[0-5]\b.*",
        "AT+CSCON?": rf"\+CSCON{c}[01],[01]",
        "AT+CPSMS?": rf"\+CPSMS{c}[01],,,{q}[01]{{8}}{q},{q}[01]{{8}}{q}",
        "AT+QSCLK?": rf"\+QSCLK{c}[012]",
    }
    for line, form in forms.items():
        known = "observed" if line in ("AT+QSCLK?", "AT+CGMR") else "27.007, observed (spacing and quotes)"
        case = Case(f"everyday/{line}", CasePhrase.LINE, known, {"line": line})
        yield Scene((case,), _like(case, line, form))
    if e.configuration:
        yield _configuration(p)
    yield _radio(p)


def _exactly(case: Case, line: str, lines: tuple[str, ...]) -> Callable[[], Script]:
    def play() -> Script:
        yield from answers(case, line, lines)

    return play


def _like(case: Case, line: str, form: str) -> Callable[[], Script]:
    def play() -> Script:
        answer: Answer = yield Send(line)
        fits = re.fullmatch(form, "\n".join(answer.lines)) and answer.ok
        yield unanswered(case, answer) or holds(
            case, bool(fits), CheckRefusal.ANSWER, line=line, expected=form.replace("\\", ""), said=answer.shown
        )

    return play


def _radio(p: Profile) -> Scene:
    """Off and on again: what the network says by itself (27.007 10.1.22, 10.1.30)."""
    u = p.radio_urcs
    texts = {"+CEREG": u.cereg.format(stat=1), "+CSCON": u.cscon.format(mode=1)}
    cases = {
        name: Case(f"urc/{name}", CasePhrase.URC, p.known_by("radio_urcs"), {"line": "AT+CFUN=1", "expected": text})
        for name, text in texts.items()
    }
    address = Case(
        "urc/address", CasePhrase.URC, "observed", {"line": "AT+CFUN=1", "expected": u.address.format(ip="…")}
    )
    every = (*cases.values(), *([address] if u.address else []))

    def play() -> Script:
        for line in ("AT+CEREG=1", "AT+CSCON=1", "AT+CFUN=0"):
            if not (yield from prepared(every, line)):
                return
        yield Listen(5)
        if not (yield from prepared(every, "AT+CFUN=1")):
            return
        said: tuple[str, ...] = yield Listen(ATTACH)
        for name, case in cases.items():
            yield holds(case, texts[name] in said, CheckRefusal.URC_MISSING, expected=texts[name], span=ATTACH)
        if u.address:
            start = u.address.partition("{")[0]
            there = any(line.startswith(start) for line in said)
            yield holds(address, there, CheckRefusal.URC_MISSING, expected=address.fields["expected"], span=ATTACH)

    return Scene(every, play, frozenset({Need.PLATFORM, Need.RADIO}), fresh=False, costs=ATTACH)


def _configuration(p: Profile) -> Scene:
    e = p.everyday
    line = "AT+NCONFIG=?"
    lines = tuple(f"+NCONFIG{e.colon}({item.name},({item.takes}))" for item in e.configuration)
    case = Case("everyday/+NCONFIG", CasePhrase.LINE, "observed", {"line": line})

    def play() -> Script:
        yield from answers(case, line, lines)

    return Scene((case,), play)
