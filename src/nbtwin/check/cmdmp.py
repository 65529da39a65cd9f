"""AT+DMPCONFIG and AT+QDMPCFG: what each type takes and shows, defaults, blanks, and what a start brings into force.

The lines are put together here from the profile's dialect, as the documents print them; no handler is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nbtwin.at.command import ByType
from nbtwin.at.values import unquote
from nbtwin.check.persistence import Kept, kept_scenes
from nbtwin.check.phrases import CasePhrase
from nbtwin.check.steps import (
    Answer,
    Need,
    Part,
    Restart,
    Scene,
    Script,
    Send,
    answers,
    holds,
    prepared,
    refuses,
    unanswered,
)
from nbtwin.check.tables import failing
from nbtwin.check.values import SERVER, taken, with_text
from nbtwin.check.verdicts import Case, CheckRefusal
from nbtwin.module.profile import Profile
from nbtwin.selfreg.cmdmp import DmpState

WRITES = frozenset({Need.WRITES})
LOSES = frozenset({Need.WRITES, Need.LOSES})
FRESH = frozenset({Need.FACTORY})
KEY, SECRET, TERMINAL = "M900000001", "check-secret-0123456789", "867000000000018"
PORT, PERIOD = 5000, 3600
_STATES = "|".join(str(int(state)) for state in DmpState)


class _Lines:
    """As the dialect prints them."""

    def __init__(self, p: Profile) -> None:
        self.p, self.d = p, p.cmdmp
        self.at = f"AT{p.cmdmp.name}"

    def server(self, server: str | None, port: int | None, period: int | None) -> str:
        """The answer to 4,1. None: it was never saved."""
        d = self.d
        if d.unset_shows_as_space:
            shown = (" " if value is None else str(value) for value in (server, port, period))
        else:
            shown = (str(a if a is not None else b) for a, b in zip(
                (server, port, period), (d.default_server, d.default_port, d.default_period), strict=True
            ))  # fmt: skip
        return f"{d.answer_prefix}1,{','.join(shown)}"

    def mode(self, mode: int | None) -> str:
        unset = " " if self.d.unset_shows_as_space else str(self.d.default_mode)
        return f"{self.d.answer_prefix}0,{unset if mode is None else mode}"

    def keys(self, key: str, secret: str, kind: int, imei: str) -> str:
        return f"{self.d.answer_prefix}2,{key},{secret[:4]}****,{kind},{imei}"


def cmdmp_scenes(p: Profile) -> Iterator[Scene]:
    lines = _Lines(p)
    yield _read(p, lines)
    yield _state(p, lines)
    yield _modes(p, lines)
    yield _servers(p, lines)
    yield from _blanks(p, lines)
    yield _keys(p, lines)
    if p.cmdmp.plmns:
        yield _plmns(p, lines)
    yield from _erasing(p, lines)
    yield from kept_scenes(lambda variant: _kept(p, lines, variant))
    yield _off(p, lines)
    yield _defaults(p, lines)
    if p.cmdmp.needs_ont_firmware:
        yield _without_ont(p, lines)


def _read(p: Profile, x: _Lines) -> Scene:
    """Three lines, each with its prefix and one space (D1); one alone where the access is off (D11)."""
    line = f"{x.at}?"
    case = Case("cmdmp/read", CasePhrase.LINE, f"{p.cmdmp.source}, D1, D33", {"line": line})
    name = re.escape(p.cmdmp.name)
    whole = re.compile(
        rf"{name}: 0,[01]\n{name}: 1,[^,\n]+,\d+,\d+\n{name}: 2,[^,\n]+,[^,\n ]*\*\*\*\*,[012],\d{{15,17}}"
    )
    short = re.compile(rf"{name}: 0,0")

    def play() -> Script:
        answer: Answer = yield Send(line)
        said = "\n".join(answer.lines)
        fits = whole.fullmatch(said) or (p.cmdmp.read_needs_mode_1 and short.fullmatch(said))
        expected = f"{p.cmdmp.name}: 0,… / {p.cmdmp.name}: 1,… / {p.cmdmp.name}: 2,… / OK"
        yield unanswered(case, answer) or holds(
            case, bool(fits) and answer.ok, CheckRefusal.ANSWER, line=line, expected=expected, said=answer.shown
        )

    return Scene((case,), play)


def _state(p: Profile, x: _Lines) -> Scene:
    line = f"{x.at}=6"
    case = Case("cmdmp/6/state", CasePhrase.LINE, p.cmdmp.source, {"line": line})
    form = re.compile(rf"{re.escape(p.cmdmp.answer_prefix)}6,({_STATES})")

    def play() -> Script:
        answer: Answer = yield Send(line)
        fits = len(answer.lines) == 1 and form.fullmatch(answer.lines[0]) and answer.ok
        expected = f"{p.cmdmp.answer_prefix}6,({_STATES}) / OK"
        yield unanswered(case, answer) or holds(
            case, bool(fits), CheckRefusal.ANSWER, line=line, expected=expected, said=answer.shown
        )

    return Scene((case,), play)


def _modes(p: Profile, x: _Lines) -> Scene:
    cases = [
        Case(f"takes/{p.cmdmp.name}/0/{mode}", CasePhrase.TAKES, p.cmdmp.source, {"line": f"{x.at}=0,{mode}"})
        for mode in (0, 1)
    ]

    def play() -> Script:
        for mode, case in enumerate(cases):
            if (yield from _taken(case, case.fields["line"])):
                yield from answers(case, f"{x.at}=4,0", (x.mode(mode),))

    return Scene(tuple(cases), play, WRITES)


def _taken(case: Case, line: str) -> Part:
    """A line that is taken with nothing but OK; whether it was."""
    answer: Answer = yield Send(line)
    if answer.final and not answer.ok:
        yield holds(case, False, CheckRefusal.REFUSED, line=line, said=answer.shown)
    else:
        yield unanswered(case, answer) or holds(
            case, not answer.lines, CheckRefusal.ANSWER, line=line, expected="OK", said=answer.shown
        )
    return answer.ok


def _servers(p: Profile, x: _Lines) -> Scene:
    """Every bound of every field of type 1, written and shown."""
    write = next(command for command in p.commands if command.name == p.cmdmp.name).write
    assert isinstance(write, ByType)
    row = write.rows[1]
    found: list[tuple[Case, str]] = []
    base = [SERVER, str(PORT), str(PERIOD)]
    for position, each in enumerate(row.fields):
        for text in taken(each):
            values = [*base[:position], text, *base[position + 1 :]]
            line = f"{x.at}=1,{','.join(values)}"
            server, port, period = (unquote(value) or value for value in values)
            case = Case(
                f"takes/{p.cmdmp.name}/1/{each.name}/{text}",
                CasePhrase.TAKES,
                each.known or p.cmdmp.source,
                {"line": line},
            )
            found.append((case, x.server(server, int(port), int(period))))

    def play() -> Script:
        for case, shown in found:
            if (yield from _taken(case, case.fields["line"])):
                yield from answers(case, f"{x.at}=4,1", (shown,))

    return Scene(tuple(case for case, _ in found), play, WRITES, costs=len(found))


def _blanks(p: Profile, x: _Lines) -> Iterator[Scene]:
    """What an empty field does: keeps, clears, or takes the default (D4, D31, D36)."""
    d = p.cmdmp
    keeps = d.blank_keeps
    known = p.known_by("cmdmp.blank_keeps")
    if not d.period_needs_server:
        yield _blank(x, "server", f"=1,,{PORT},{PERIOD}", x.server(SERVER if keeps else None, PORT, PERIOD), known)
        yield _blank(x, "port", f"=1,{SERVER},,{PERIOD}", x.server(SERVER, PORT + 1 if keeps else None, PERIOD), known)
        both = x.server(SERVER if keeps else None, PORT + 1 if keeps else None, PERIOD)
        yield _blank(x, "server-and-port", f"=1, , ,{PERIOD}", both, known)
    else:
        line = f"{x.at}=1, , ,{PERIOD}"
        error = failing(p.errors.bad_parameter)
        case = Case("blanks/server-and-port", CasePhrase.REFUSES, p.known_by("cmdmp.period_needs_server"),
                    {"line": line, "name": d.parameters["server"], "expected": error})  # fmt: skip
        yield Scene((case,), lambda: refuses(case, line, error), WRITES)
    if d.period_may_be_blank:
        blank = x.server(SERVER, PORT, PERIOD + 1 if keeps else None)
        known = p.known_by("cmdmp.period_may_be_blank")
        yield _blank(x, "period", f"=1,{SERVER},{PORT},", blank, known)
        yield _blank(x, "line-ends", f"=1,{SERVER},{PORT}", blank, known)


def _blank(x: _Lines, name: str, values: str, shown: str, known: str) -> Scene:
    line = x.at + values
    case = Case(f"blanks/{name}", CasePhrase.SHOWS, known, {"line": line, "expected": shown})

    def play() -> Script:
        if (yield from prepared((case,), f"{x.at}=1,{SERVER},{PORT + 1},{PERIOD + 1}")) and (
            yield from _taken(case, line)
        ):
            yield from answers(case, f"{x.at}=4,1", (shown,))

    return Scene((case,), play, WRITES)


def _keys(p: Profile, x: _Lines) -> Scene:
    """Written, and shown with four characters of the password alone (D2)."""
    found = []
    write = next(command for command in p.commands if command.name == p.cmdmp.name).write
    assert isinstance(write, ByType)
    row = write.rows[2]
    base = [f'"{KEY}"', f'"{SECRET}"', "1", TERMINAL]
    for position, each in enumerate(row.fields):
        for text in taken(each):
            values = with_text(row, position, text)
            values = [text if place == position else base[place] for place in range(len(values))]
            key, secret, kind, imei = (unquote(value) or value for value in values)
            case = Case(
                f"takes/{p.cmdmp.name}/2/{each.name}/{text[:10]}({len(text)})", CasePhrase.TAKES,
                each.known or p.cmdmp.source, {"line": f"{x.at}=2,{','.join(values)}"},
            )  # fmt: skip
            found.append((case, x.keys(key, secret, int(kind), imei)))

    def play() -> Script:
        for case, shown in found:
            if (yield from _taken(case, case.fields["line"])):
                yield from answers(case, f"{x.at}=4,2", (shown,))

    return Scene(tuple(case for case, _ in found), play, LOSES)


def _plmns(p: Profile, x: _Lines) -> Scene:
    """One to three; a second write replaces the list (D32)."""
    known = f"{p.known_by('cmdmp.<plmn>')}, D32"
    one = Case("takes/+DMPCONFIG/3/one", CasePhrase.TAKES, known, {"line": f"{x.at}=3,46004"})
    three = Case("takes/+DMPCONFIG/3/three", CasePhrase.TAKES, known, {"line": f"{x.at}=3,46005,460081,46009"})

    def play() -> Script:
        for case in (three, one):
            if (yield from _taken(case, case.fields["line"])):
                values = case.fields["line"].partition("=3,")[2]
                yield from answers(case, f"{x.at}=4,3", (f"{p.cmdmp.answer_prefix}3,{values}",))

    return Scene((one, three), play, WRITES)


def _erasing(p: Profile, x: _Lines) -> Iterator[Scene]:
    """What is erased shows as what never was saved (D20, D34)."""
    known = f"{p.cmdmp.source}, D20, D34"
    for option, shown in ((0, x.mode(None)), (1, x.server(None, None, None))):
        line = f"{x.at}=5,{option}"
        case = Case(f"erases/{option}", CasePhrase.SHOWS, known, {"line": line, "expected": shown})

        def play(case: Case = case, option: int = option, line: str = line, shown: str = shown) -> Script:
            before = f"{x.at}=0,0" if option == 0 else f"{x.at}=1,{SERVER},{PORT},{PERIOD}"
            if (yield from prepared((case,), before)) and (yield from _taken(case, line)):
                yield from answers(case, f"{x.at}=4,{option}", (shown,))

        yield Scene((case,), play, WRITES)
    whole = f"{x.at}=5,4"
    every = Case("erases/4", CasePhrase.SHOWS, known, {"line": whole, "expected": x.server(None, None, None)})

    def play_all() -> Script:
        lines = (f"{x.at}=0,0", f"{x.at}=1,{SERVER},{PORT},{PERIOD}")
        for line in lines:
            if not (yield from prepared((every,), line)):
                return
        if (yield from _taken(every, whole)):
            yield from answers(every, f"{x.at}=4,0", (x.mode(None),))
            yield from answers(every, f"{x.at}=4,1", (x.server(None, None, None),))

    yield Scene((every,), play_all, LOSES)


def _kept(p: Profile, x: _Lines, variant: int) -> Sequence[Kept]:
    d = p.cmdmp
    server, port, period = f"192.0.2.{1 + variant}", PORT + 10 + variant, PERIOD + 10 + variant
    shown, read = x.server(server, port, period), f"{x.at}?"
    secret = f"{variant}{SECRET}"
    key_line = f'{x.at}=2,"{KEY}","{secret}",{variant},{TERMINAL}'
    found = [
        Kept(
            "cmdmp-server",
            (f"{x.at}=0,1", f"{x.at}=1,{server},{port},{period}"),
            d.source,
            (f"{x.at}=4,1", (shown,)),
            (read, (f"{d.name}: 1,{server},{port},{period}",)),
        ),
        Kept(
            "cmdmp-mode",
            (f"{x.at}=1,{server},{port},{period}", f"{x.at}=0,{variant}"),
            d.source,
            (f"{x.at}=4,0", (x.mode(variant),)),
            (read, (f"{d.name}: 0,{variant}",)),
            group="mode",
        ),
        Kept(
            "cmdmp-keys",
            (f"{x.at}=0,1", f"{x.at}=1,{server},{port},{period}", key_line),
            f"{d.source}, D2",
            (f"{x.at}=4,2", (x.keys(KEY, secret, variant, TERMINAL),)),
            (read, (f"{d.name}: 2,{KEY},{secret[:4]}****,{variant},{TERMINAL}",)),
            needs=LOSES,
        ),
    ]
    if d.plmns:
        plmns = f"4600{4 + variant},46008"
        found.append(Kept("cmdmp-plmns", (f"{x.at}=3,{plmns}",), f"{d.source}, D32",
                          (f"{x.at}=4,3", (f"{d.answer_prefix}3,{plmns}",))))  # fmt: skip
    return found


def _off(p: Profile, x: _Lines) -> Scene:
    """What the read shows while the access is off: one line in DOC-D, three in the others (D11)."""
    line = f"{x.at}?"
    alone = p.cmdmp.read_needs_mode_1
    case = Case("cmdmp/read-while-off", CasePhrase.LINE, p.known_by("cmdmp.read_needs_mode_1"), {"line": line})

    def play() -> Script:
        if not (yield from prepared((case,), f"{x.at}=0,0")):
            return
        yield Restart()
        answer: Answer = yield Send(line)
        first = answer.lines[:1] == (f"{p.cmdmp.name}: 0,0",)
        expected = " / ".join((f"{p.cmdmp.name}: 0,0", *(() if alone else ("1,…", "2,…"))))
        yield unanswered(case, answer) or holds(
            case, first and len(answer.lines) == (1 if alone else 3), CheckRefusal.ANSWER,
            line=line, expected=expected, said=answer.shown,
        )  # fmt: skip

    return Scene((case,), play, WRITES | {Need.RESTARTS}, costs=15)


def _defaults(p: Profile, x: _Lines) -> Scene:
    """Of a module that was never given anything (D20, D28)."""
    d = p.cmdmp
    server = f"{d.name}: 1,{d.default_server},{d.default_port},{d.default_period}"
    by_server = f"{d.source}, {p.known_by('cmdmp.default_period')}, D39"
    lines = (
        ("mode", f"{d.name}: 0,{d.default_mode}", p.known_by("cmdmp.default_mode")),
        ("server", server, ", ".join(dict.fromkeys(by_server.split(", ")))),
    )
    cases = {
        name: Case(f"defaults/cmdmp-{name}", CasePhrase.DEFAULT, known, {"line": f"{x.at}?", "expected": shown})
        for name, shown, known in lines
    }
    saved = {
        option: Case(f"defaults/cmdmp-saved-{option}", CasePhrase.DEFAULT, p.known_by("cmdmp.unset_shows_as_space"),
                     {"line": f"{x.at}=4,{option}", "expected": shown})
        for option, shown in ((0, x.mode(None)), (1, x.server(None, None, None)))
    }  # fmt: skip

    def play() -> Script:
        answer: Answer = yield Send(f"{x.at}?")
        for case in cases.values():
            yield unanswered(case, answer) or holds(
                case, case.fields["expected"] in answer.lines, CheckRefusal.ANSWER, **case.fields, said=answer.shown
            )
        for case in saved.values():
            yield from answers(case, case.fields["line"], (case.fields["expected"],))

    return Scene((*cases.values(), *saved.values()), play, FRESH, fresh=True)


def _without_ont(p: Profile, x: _Lines) -> Scene:
    """DOC-A 1: firmware that does not end in _ONT has no such command (D30)."""
    error = failing(p.errors.not_supported)
    line = f"{x.at}?"
    case = Case("cmdmp/without-ont", CasePhrase.NO_FORM, "DOC-A 1, D30", {"line": line, "expected": error})
    return Scene((case,), lambda: refuses(case, line, error), FRESH, fresh=True,
                 firmware=p.firmware.removesuffix("_ONT"))  # fmt: skip
