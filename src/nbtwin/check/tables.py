"""Cases from the command tables: each form, each bound, each error (D30, D60), for every command alike.

What is written is read back by the scenes of its own subject; here is what is refused, and what a test form prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from nbtwin.at.command import ByType, Command, ErrorTable, Form, Row
from nbtwin.check.phrases import CasePhrase
from nbtwin.check.safety import ACTING, needs
from nbtwin.check.steps import Need, Scene, Script, answers, refuses
from nbtwin.check.values import everyday, refused, rows_of, with_text
from nbtwin.check.verdicts import Case
from nbtwin.module.profile import Profile

BASIC = {"E", "I", "Q", "V", "S0", "Z", "&F", "&W"}
"""V.250's own have no `=` and no `?`."""
_SHORT = 40


def failing(number: int | None) -> str:
    """The final result code under AT+CMEE=1."""
    return "ERROR" if number is None else f"+CME ERROR: {number}"


def table_scenes(profile: Profile) -> Iterator[Scene]:
    for command in profile.commands:
        if command.name not in BASIC:
            yield from _forms(profile, command)
            yield from _bounds(profile, command)


def _known(profile: Profile, *parts: str) -> str:
    """All of them, each once."""
    found = dict.fromkeys(piece for part in parts if part for piece in [part])
    return ", ".join(found)


def _forms(profile: Profile, command: Command) -> Iterator[Scene]:
    gone = failing(profile.errors.not_supported)
    by_decision = _known(profile, command.source if _citable(command.source) else "observed", "D30")
    lines: dict[Form, str] = {
        Form.TEST: f"AT{command.name}=?",
        Form.READ: f"AT{command.name}" if '"' in command.name else f"AT{command.name}?",
        Form.EXECUTE: f"AT{command.name}",
    }
    there = {Form.TEST: command.test, Form.READ: command.read, Form.EXECUTE: command.execute}
    required: frozenset[Need] = frozenset({Need.PLATFORM}) if command.name in ACTING else frozenset()
    for form, line in lines.items():
        if '"' in command.name and form is not Form.READ:  # the quoted word is a value to the line
            continue
        if there[form] is None:
            case = Case(f"forms/{command.name}/{form}", CasePhrase.NO_FORM, by_decision, _of(line, gone))
            yield Scene((case,), _script(partial(refuses, case, line, gone)), required)
        elif form is Form.TEST and isinstance(command.test, tuple):
            known = profile.known_by(_test_path(profile, command)) or command.source
            printed = " / ".join(command.test)
            says = CasePhrase.PRINTS if printed else CasePhrase.ONLY_OK
            case = Case(f"forms/{command.name}/{form}", says, _or_observed(known), _of(line, printed))
            yield Scene((case,), _script(partial(answers, case, line, command.test)), required)


def _citable(source: str) -> bool:
    return source.startswith(("DOC-", "27.007", "V.250"))


def _or_observed(known: str) -> str:
    return known if _citable(known) or known.startswith(("D", "observed", "assumed")) else "observed"


def _test_path(profile: Profile, command: Command) -> str:
    if command.name == profile.cmdmp.name:
        return "cmdmp.test_line"
    return "extended.test_line" if command.name == "+QDMPCFGEX" else "nowhere"


def _of(line: str, expected: str) -> dict[str, str]:
    return {"line": line, "expected": expected}


def _script(part: Callable[[], Script]) -> Callable[[], Script]:
    return part


def _bounds(profile: Profile, command: Command) -> Iterator[Scene]:
    error = failing(profile.errors.bad_parameter)
    if isinstance(command.write, ByType):
        reserved = next(number for number in range(1000) if number not in command.write.rows)
        lines = [(command.write.name, text, f"AT{command.name}={text}") for text in (str(reserved), "x", "")]
        known = _known(profile, command.source, "D35", "D30")
        yield _refusing(command.name, "type", lines, known, error, frozenset({Need.WRITES}))
    for kind, before, row in rows_of(command):
        required = needs(command, kind, profile.cmdmp.name)
        where = command.name if kind is None else f"{command.name}/{kind}"
        known = command.source if _citable(command.source) else "observed"
        for position, each in enumerate(row.fields):
            found = [
                (each.name, text, before + ",".join(with_text(row, position, text)))
                for text in refused(each)
                if not _reads_as_less(row, position, text)
            ]
            if found:
                of_field = each.known or known
                same = sum(other.name == each.name for other in row.fields) > 1
                name = f"{each.name}-{position + 1}" if same else each.name
                yield _refusing(where, name, found, _known(profile, of_field, "D30"), error, required)
        values = [*everyday(row), *("1" for _ in range(len(row.fields) - len(everyday(row)) + 1))]
        if not any(field.__class__.__name__ == "Rest" for field in row.fields) and row.fields:
            line = [("", "too many", before + ",".join(values))]
            yield _refusing(where, "too-many", line, _known(profile, known, "D30"), error, required)


def _reads_as_less(row: Row, position: int, text: str) -> bool:
    """An empty text at the end of the line, where it may as well be left out, or where it is another form."""
    return text == "" and position == 0 and len(row.fields) == 1


def _refusing(
    where: str,
    name: str,
    lines: list[tuple[str, str, str]],
    known: str,
    error: str,
    required: frozenset[Need],
) -> Scene:
    cases = tuple(
        Case(
            f"bounds/{where}/{name}/{_shortened(text)}",
            CasePhrase.REFUSES if field else CasePhrase.REFUSES_MANY,
            known,
            {"line": line, **({"name": field} if field else {}), "expected": error},
        )
        for field, text, line in lines
    )

    def play() -> Script:
        for case in cases:
            yield from refuses(case, case.fields["line"], error)

    return Scene(cases, play, required, costs=0.3 * len(cases))


def _shortened(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[:8]}…({len(text.encode())})"


def errors_in_modes(profile: Profile, line: str) -> Iterator[Scene]:
    """The same refusal under each AT+CMEE: nothing, the number, and where the family has it the text."""
    errors: ErrorTable = profile.errors
    number = errors.bad_parameter
    expected = {0: "ERROR", 1: failing(number), 2: failing(number)}
    if number is not None:
        expected[2] = f"+CME ERROR: {errors.texts[number]}"
    for mode in errors.cmee_modes:
        case = Case(
            f"errors/mode-{mode}",
            CasePhrase.ERROR_MODE,
            profile.known_by("errors.cmee_modes"),
            {"line": line, "mode": mode, "expected": expected[mode]},
        )

        def play(case: Case = case, mode: int = mode) -> Script:
            yield from answers(case, f"AT+CMEE={mode}", ())
            yield from refuses(case, line, expected[mode])
            yield from answers(case, "AT+CMEE=1", ())

        yield Scene((case,), play, frozenset({Need.WRITES}))
