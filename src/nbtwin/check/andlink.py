"""Andlink's settings (DOC-E 3): what each takes, shows and keeps; what is refused before a registration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nbtwin.check.persistence import Kept, kept_scenes
from nbtwin.check.phrases import CasePhrase
from nbtwin.check.steps import Answer, Need, Scene, Script, Send, answers, holds, refuses, unanswered
from nbtwin.check.tables import failing
from nbtwin.check.values import SERVER
from nbtwin.check.verdicts import Case, CheckRefusal
from nbtwin.module.profile import Profile

WRITES = frozenset({Need.WRITES})
LOSES = frozenset({Need.WRITES, Need.LOSES})
"""Of keys, and of the device type: there is no way back to none."""
TYPE = "LWM2M/DeviceType"
NOT_REGISTERED, NOT_CONFIGURED = 513, 512
"""DOC-E 5 table 5."""
KEY = "E8E19CC16CE1F388E8E19CC16CE1F388"
_SHOWN = {
    "+QLASTATUS": ("DOC-E 3.10", r"\+QLASTATUS:[A-Z_]+"),
    "+QLADTLSSTAT": ("DOC-E 3.12", r"\+QLADTLSSTAT:\d+"),
    "+QLADATASTATUS": ("DOC-E 3.7, D6", r"\+QLADATASTATUS:\d+"),
    "+QLASERVERIP": ("DOC-E 3.1", r"\+QLASERVERIP:(\n(LWM2M|BS),[^,\n]+,\d+)*"),
}


def andlink_scenes(p: Profile) -> Iterator[Scene]:
    if not p.andlink:
        return
    for name, (known, form) in _SHOWN.items():
        yield _shown(name, known, form)
    for name, known in (("+QLASECSWT", "DOC-E 3.2, D1"), ("+QLABSSECSWT", "DOC-E 3.16, D1")):
        for kind in (0, 1):
            write, read = f"AT{name}={kind},{1 - kind}", f"AT{name}?"
            yield _taken(f"takes/{name}/{kind}", known, write, read, f"{name}:{kind},{1 - kind}")
    for kind in (0, 1):
        yield _taken(
            f"takes/+QLAREGSWT/{kind}", "DOC-E 3.9", f"AT+QLAREGSWT={kind}", "AT+QLAREGSWT?", f"+QLAREGSWT:{kind}"
        )
    yield _taken(f"takes/{TYPE}", "DOC-E 3.13, D9", f'AT+QCFG="{TYPE}","meter"', f'AT+QCFG="{TYPE}"',
                 f'+QCFG: "{TYPE}",meter', LOSES)  # fmt: skip
    yield _servers()
    yield _key("+QLASETPSK", "+QSETPSK", "DOC-E 3.3, D8, D124")
    yield _key("+QLASETBSPSK", "+QSETBSPSK", "DOC-E 3.15, D8, D124")
    yield from kept_scenes(_kept)
    yield _unregistered()


def _shown(name: str, known: str, form: str) -> Scene:
    line = f"AT{name}?"
    case = Case(f"andlink/{name}", CasePhrase.LINE, known, {"line": line})

    def play() -> Script:
        answer: Answer = yield Send(line)
        fits = re.fullmatch(form, "\n".join(answer.lines)) and answer.ok
        yield unanswered(case, answer) or holds(
            case, bool(fits), CheckRefusal.ANSWER, line=line, expected=form.replace("\\", ""), said=answer.shown
        )

    return Scene((case,), play)


def _taken(name: str, known: str, write: str, read: str, shown: str, needs: frozenset[Need] = WRITES) -> Scene:
    case = Case(name, CasePhrase.TAKES, known, {"line": write})

    def play() -> Script:
        answer = yield from answers(case, write, ())
        if answer.ok:
            yield from answers(case, read, (shown,))

    return Scene((case,), play, needs)


def _servers() -> Scene:
    """Added at the end, the same one once; deleted by address (D49)."""
    case = Case(
        "andlink/servers", CasePhrase.TAKES, "DOC-E 3.1, D5, D49", {"line": f'AT+QLASERVERIP="LWM2M","{SERVER}",5683'}
    )
    gone = Case(
        "andlink/servers-deleted", CasePhrase.TAKES, "DOC-E 3.1, D49", {"line": f'AT+QLASERVERIP="DEL","{SERVER}",5683'}
    )
    shown = f"LWM2M,{SERVER},5683"

    def play() -> Script:
        for _ in range(2):
            yield from answers(case, case.fields["line"], ())
        answer: Answer = yield Send("AT+QLASERVERIP?")
        yield holds(case, answer.lines.count(shown) == 1 and answer.lines[-1] == shown, CheckRefusal.ANSWER,
                    line=answer.line, expected=f"… / {shown} / OK", said=answer.shown)  # fmt: skip
        yield from answers(gone, gone.fields["line"], ())
        after: Answer = yield Send("AT+QLASERVERIP?")
        yield holds(gone, shown not in after.lines, CheckRefusal.ANSWER,
                    line=after.line, expected="OK", said=after.shown)  # fmt: skip

    return Scene((case, gone), play, WRITES)


def _key(name: str, shows: str, known: str) -> Scene:
    """The key is never shown; 0 stands for the module's IMEI."""
    write = f"AT{name}=0,{KEY}"
    case = Case(f"takes/{name}", CasePhrase.TAKES, known, {"line": write})

    def play() -> Script:
        imei: Answer = yield Send("AT+CGSN=1")
        answer = yield from answers(case, write, ())
        if answer.ok:
            yield from answers(case, f"AT{name}?", (f"{shows}:{imei.value('+CGSN')},***",))

    return Scene((case,), play, LOSES)


def _kept(variant: int) -> Sequence[Kept]:
    security, mode = f"{variant},{1 - variant}", variant
    kind = f"meter{variant}"
    return (
        Kept("+QLASECSWT", (f"AT+QLASECSWT={security}",), "DOC-E 3.2, D5",
             ("AT+QLASECSWT?", (f"+QLASECSWT:{security}",))),
        Kept("+QLAREGSWT", (f"AT+QLAREGSWT={mode}",), "DOC-E 3.9", ("AT+QLAREGSWT?", (f"+QLAREGSWT:{mode}",))),
        Kept(TYPE, (f'AT+QCFG="{TYPE}","{kind}"',), "DOC-E 3.13, D5",
             (f'AT+QCFG="{TYPE}"', (f'+QCFG: "{TYPE}",{kind}',)), needs=LOSES),
    )  # fmt: skip


def _unregistered() -> Scene:
    """Nothing is sent before a registration (DOC-E 3.5, D61)."""
    line, error = "AT+QLASENDDATA=0x0000,3,abc", failing(NOT_REGISTERED)
    case = Case("andlink/unregistered", CasePhrase.SHOWS, "DOC-E 3.5, D61", {"line": line, "expected": error})
    unset = Case(
        "andlink/no-key",
        CasePhrase.DEFAULT,
        "DOC-E 3.3",
        {"line": "AT+QLASETPSK?", "expected": failing(NOT_CONFIGURED)},
    )

    def play() -> Script:
        yield from refuses(case, line, error)
        yield from refuses(unset, "AT+QLASETPSK?", failing(NOT_CONFIGURED))

    return Scene((case, unset), play, frozenset({Need.FACTORY, Need.PLATFORM}), fresh=True)
