"""What may follow on a command line: names, forms, and the values of a field that has few.

Works on a model's tables alone. Knows no module and no request.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nbtwin.at.command import ByType, Command, Form, Row, split_values
from nbtwin.at.values import Choice, Field, HexChoice, Int, Meaning
from nbtwin.timeline.catalogue import words

_FEW = 10


class Completion(NamedTuple):
    text: str  # what the list shows
    insert: str  # the whole line with it
    says: str
    source: str


def forms_of(command: Command) -> list[Form]:
    """The forms the command has, as its document gives them."""
    has = {Form.TEST: command.test, Form.READ: command.read, Form.WRITE: command.write, Form.EXECUTE: command.execute}
    return [form for form, row in has.items() if row is not None]


def complete(commands: Sequence[Command], line: str, limit: int, language: str = "en") -> list[Completion]:
    """The first suggestions for the end of the line, best first."""
    before, part = _last_command(line)
    found: list[Completion] = []
    for completion in _suggestions(commands, before, part, language):
        if len(found) == limit:
            break
        if completion.insert != line or completion.text.startswith("<"):  # what is written is no suggestion, a hint is
            found.append(completion)
    return found


def _last_command(line: str) -> tuple[str, str]:
    """What stands before the command that is being written, and as much of it as there is."""
    if not line.upper().startswith("AT"):
        return "AT", "" if "AT".startswith(line.upper()) else line
    before, semicolon, part = line.rpartition(";")
    return (before + semicolon, part) if semicolon else (line[:2], line[2:])


def _suggestions(commands: Sequence[Command], before: str, part: str, language: str) -> Iterator[Completion]:
    name, equals, values = part.partition("=")
    if equals:
        command = next((c for c in commands if c.name.upper() == name.upper()), None)
        if command is not None and command.write is not None:
            yield from _values(command, f"{before}{name}=", values, language)
        return
    wanted = part.upper()
    fitting = [command for command in commands if command.name.upper().startswith(wanted)]
    for command in sorted(fitting, key=lambda c: (c.name.upper() != wanted, c.name)):
        for form in forms_of(command):
            yield _form(command, form, before, language)


def _form(command: Command, form: Form, before: str, language: str) -> Completion:
    end = {Form.TEST: "=?", Form.READ: "?", Form.WRITE: "=", Form.EXECUTE: ""}[form]
    text = f"AT{command.name}{end}"
    says = words("explain-suggested", language, form=form, says=command.says)
    return Completion(text, f"{before}{command.name}{end}", says, command.source)


def _values(command: Command, before: str, text: str, language: str) -> Iterator[Completion]:
    """The values of the field in which the line ends."""
    *done, last = split_values(text)
    field = _field_at(command.write, done)
    start = before + "".join(f"{value}," for value in done)
    if field is None:
        return
    choices = _choices(field)
    for choice, meaning in choices.items():
        if choice.startswith(last):
            says = "" if meaning is None else words(meaning, language)
            yield Completion(f"<{field.name}> {choice}", f"{start}{choice}", says, command.source)
    if not choices and not last:
        yield Completion(f"<{field.name}>", start, words(field.takes(), language), command.source)


def _choices(field: Field) -> dict[str, Meaning | None]:
    """Each value as it is written and what it means, where there are few."""
    if isinstance(field, Choice | HexChoice):
        meanings = field.meanings or {}
        return {field.written(choice): meanings.get(choice) for choice in field.choices}
    if isinstance(field, Int) and field.high - field.low < _FEW:
        return dict.fromkeys(map(str, range(field.low, field.high + 1)))
    return {}


def _field_at(write: Row | ByType | None, done: Sequence[str]) -> Field | None:
    if isinstance(write, ByType):
        if not done:
            return write.kind
        kind, done = done[0], done[1:]
        write = write.rows.get(int(kind)) if kind.isascii() and kind.isdigit() and len(kind) < 10 else None
    if write is None or len(done) >= len(write.fields):
        return None
    return write.fields[len(done)]
