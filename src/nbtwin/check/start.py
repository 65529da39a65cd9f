"""Starts: banner, cause, what is said behind it, echo and error mode after it (DOC-E 2 and 7; D21, D62, D100)."""

from __future__ import annotations

from collections.abc import Iterator

from nbtwin.check.phrases import CasePhrase
from nbtwin.check.steps import Answer, CutPower, Need, Restart, Scene, Script, Send, Settle, Started, holds, unanswered
from nbtwin.check.tables import failing
from nbtwin.check.verdicts import Case, CheckRefusal
from nbtwin.host.tables import dialect_of
from nbtwin.module.profile import Profile

CAUSE = "REBOOT_CAUSE_APPLICATION_AT"
"""DOC-E 7, of a restart by command."""


def start_scenes(p: Profile) -> Iterator[Scene]:
    yield _start(p, cut=False)
    yield _start(p, cut=True)


def _start(p: Profile, *, cut: bool) -> Scene:
    b = p.boot
    way = "cut" if cut else "restart"
    before = () if cut else ("REBOOTING",) if p.everyday.restarts_with_nrb else ("OK",)
    cause = (CAUSE,) if b.reports_cause and not cut else ()
    expected = (*before, *cause, *b.banner)
    known = p.known_by("boot") if cut else f"{p.known_by('boot')}, D21"
    known = ", ".join(dict.fromkeys(known.split(", ")))
    is_urc = dialect_of(p).is_urc  # a module that leaves the network may say so in between
    shown = " / ".join(expected)
    banner = Case(f"start/{way}", CasePhrase.START_CUT if cut else CasePhrase.START, known, {"expected": shown})
    said_after = [*b.urcs, *([b.usim_urc.format(pin="READY")] if b.usim_urc else [])]
    urcs = [
        Case(f"start/{way}/{urc}", CasePhrase.START_URC, p.known_by("boot.urcs"), {"expected": urc})
        for urc in said_after
    ]
    echo = Case(f"start/{way}/echo", CasePhrase.ECHO_AFTER_START, p.known_by("echo_default"),
                {"echo": int(p.echo_default)})  # fmt: skip
    plain = Case(f"start/{way}/errors", CasePhrase.ERROR_MODE, p.known_by("cmee_default"),
                 {"line": "AT+CMEE?", "mode": p.cmee_default, "expected": "ERROR"})  # fmt: skip

    def play() -> Script:
        started: Started = yield CutPower(settle=False) if cut else Restart(settle=False)
        heard = tuple(line for line in started.lines if line in expected or not is_urc(line))[: len(expected)]
        yield holds(banner, heard == expected, CheckRefusal.START, expected=shown, said=" / ".join(started.lines))
        for case in urcs:
            there = case.fields["expected"] in started.lines
            span = b.duration + b.usim_delay
            yield holds(case, there, CheckRefusal.URC_MISSING, expected=case.fields["expected"], span=span)
        answer: Answer = yield Send("AT")
        echoed = answer.raw.startswith(b"AT\r")
        yield unanswered(echo, answer) or holds(
            echo, echoed == p.echo_default, CheckRefusal.FRAMING, line="AT", said=repr(answer.raw)[2:-1]
        )
        mode: Answer = yield Send("AT+CMEE?")
        wanted = f"+CMEE{p.everyday.colon}{p.cmee_default}"
        yield unanswered(plain, mode) or holds(
            plain, mode.lines == (wanted,), CheckRefusal.ANSWER, line="AT+CMEE?", expected=wanted, said=mode.shown
        )
        yield Settle()

    needs = frozenset({Need.POWER if cut else Need.RESTARTS})
    return Scene((banner, *urcs, echo, plain), play, needs, costs=15)


def line_scenes(p: Profile) -> Iterator[Scene]:
    """The line itself (DOC-E 2.1 to 2.3; D61, D62)."""
    said = {
        "AT": (), "at": (), "AT+CMEE=1;+CMEE?": (f"+CMEE{p.everyday.colon}1",), "AT + C": None, "ATE1;+CMEE=1": (),
    }  # fmt: skip
    for line, expected in said.items():
        case = Case(f"line/{line}", CasePhrase.LINE, "DOC-E 2.2, D62", {"line": line})

        def play(case: Case = case, line: str = line, expected: tuple[str, ...] | None = expected) -> Script:
            answer: Answer = yield Send(line)
            fits = answer.final == "ERROR" if expected is None else (answer.lines == expected and answer.ok)
            wanted = "ERROR" if expected is None else " / ".join((*expected, "OK"))
            yield unanswered(case, answer) or holds(
                case, fits, CheckRefusal.ANSWER, line=line, expected=wanted, said=answer.shown
            )

        yield Scene((case,), play)
    yield _framed(p)
    yield _unknown()


def _framed(p: Profile) -> Scene:
    """<CR><LF>, text, <CR><LF>, then <CR><LF>OK<CR><LF> (DOC-E 2.3, V.250 5.7.1)."""
    line = "AT+CMEE?"
    case = Case("line/framing", CasePhrase.FRAMED, "DOC-E 2.3, D62", {"line": line})

    def play() -> Script:
        answer: Answer = yield Send(line)
        text = f"+CMEE{p.everyday.colon}1"
        expected = f"\r\n{text}\r\n\r\nOK\r\n".encode()
        body = answer.raw.removeprefix(f"{line}\r".encode())
        yield unanswered(case, answer) or holds(
            case, body == expected, CheckRefusal.FRAMING, line=line, said=repr(answer.raw)[2:-1]
        )

    return Scene((case,), play)


def _unknown() -> Scene:
    line = "AT+NOSUCHCOMMAND?"
    case = Case("line/unknown", CasePhrase.UNKNOWN_COMMAND, "DOC-E 2.2, D61", {"line": line})

    def play() -> Script:
        answer: Answer = yield Send(line)
        yield unanswered(case, answer) or holds(
            case, answer.final == failing(None) and not answer.lines, CheckRefusal.NOT_REFUSED,
            line=line, expected="ERROR", said=answer.shown,
        )  # fmt: skip

    return Scene((case,), play)
