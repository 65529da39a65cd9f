"""What a command line means, field by field, or why it is wrong, as codes and fields: `nbtwin explain` and the console.

Works on the tables alone: no handler is called and no module is needed. The words are made by whoever shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from nbtwin.at.command import AtError, ByType, Command, ErrorTable, Form, Gate, Row, empty, missing, too_many
from nbtwin.at.grammar import Call, CommandIndex, body_start, index_of, next_call, no_such_form
from nbtwin.at.line import LONGEST_LINE, too_long, unprintable
from nbtwin.at.refusals import BadParameter, CommandRefused, ValueTaken
from nbtwin.at.values import Choice, Field, HexChoice, Meaning


@dataclass(frozen=True, slots=True)
class FieldExplained:
    """One value of the line, or one that is missing from it."""

    name: str  # as the vendor prints it
    takes: ValueTaken | None  # what it may be; None for a value beyond the last field
    text: str | None  # as written; None: left out
    value: Any = None  # what the handler gets
    meaning: Meaning | None = None  # of a value of few
    error: CommandRefused | None = None
    known: str = ""  # how what it takes is known, where the command's own chapter is not all


@dataclass(frozen=True, slots=True)
class CommandExplained:
    """One command of a `;` chain."""

    text: str
    name: str
    form: str  # test, read, write, execute
    source: str  # the chapter that gives the command
    says: str  # the code of what it is for; empty where there is no such command
    fields: tuple[FieldExplained, ...] = ()
    error: CommandRefused | None = None
    err: int | None = None  # the <err> of +CME ERROR; None: plain ERROR
    executed: bool = True  # False behind a command that fails
    answers: tuple[str, ...] = ()  # of a test form, where its document prints it
    gates: tuple[Gate, ...] = ()  # when it is refused whatever it says

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass(frozen=True, slots=True)
class LineExplained:
    """A whole line. ``error`` is what is wrong with the line as such."""

    line: str
    commands: tuple[CommandExplained, ...] = ()
    error: CommandRefused | None = None

    @property
    def ok(self) -> bool:
        return self.error is None and all(command.ok for command in self.commands)


def explain(commands: Sequence[Command] | CommandIndex, errors: ErrorTable, line: str) -> LineExplained:
    """Explain ``line`` as a module with these tables would read it. The handlers' own checks are not known here."""
    index = index_of(commands)
    line = line.rstrip("\r\n").replace("\n", "")
    fault = too_long() if len(line.encode("utf-8", "surrogatepass")) > LONGEST_LINE else unprintable(line)
    if fault is not None:
        return LineExplained(line, error=fault)
    try:
        position = body_start(line)
    except AtError as error:
        return LineExplained(line, error=error.why)
    explained: list[CommandExplained] = []
    while True:
        try:
            call = next_call(index, line, position)
        except (AtError, BadParameter) as error:
            err = None if isinstance(error, AtError) else errors.bad_parameter
            rest = line[position:].strip(" ;")
            explained.append(CommandExplained(rest, rest, "", "", "", error=error.why, err=err))
            break
        if call is None:
            break
        text = line[call.start : call.end].strip(" ")
        explained.append(_explained(call, errors, text, all(command.ok for command in explained)))
        position = call.end
    return LineExplained(line, tuple(explained))


def _explained(call: Call, errors: ErrorTable, text: str, executed: bool) -> CommandExplained:
    command = call.command
    fields: tuple[FieldExplained, ...] = ()
    error: CommandRefused | None = None
    err: int | None = None
    forms = {Form.TEST: command.test, Form.READ: command.read, Form.WRITE: command.write, Form.EXECUTE: command.execute}
    if forms[call.form] is None or call.junk:
        error, err = no_such_form(call), errors.not_supported
    elif call.form is Form.WRITE and command.write is not None:
        fields = _fields(command.write, call.values)
        error = _why_not_bound(command.write, call.values)
        err = errors.bad_parameter if error is not None else None
    printed = call.form is Form.TEST and isinstance(command.test, tuple) and error is None
    return CommandExplained(
        text,
        command.name,
        str(call.form),
        command.source,
        command.says,
        fields,
        error,
        err,
        executed,
        answers=command.test if printed and isinstance(command.test, tuple) else (),
        gates=command.gates,
    )


def _why_not_bound(write: Row | ByType, values: tuple[str, ...]) -> CommandRefused | None:
    try:
        write.bind(list(values))
    except BadParameter as error:
        return error.why
    return None


def _fields(write: Row | ByType, values: tuple[str, ...]) -> tuple[FieldExplained, ...]:
    if isinstance(write, Row):
        return _row_fields(write, values)
    first = _field(write.kind, values[0] if values else None)
    if first.error is not None:
        return (first,)
    return (first, *_row_fields(write.rows[first.value], values[1:]))


def _row_fields(row: Row, values: tuple[str, ...]) -> tuple[FieldExplained, ...]:
    fields = row.fields_for(values)
    known = [
        _field(field, values[position] if position < len(values) else None) for position, field in enumerate(fields)
    ]
    most = len(fields)
    if len(values) > most:
        error = too_many(values, most)
        return (*known, *(FieldExplained("", None, text, error=error) for text in values[most:]))
    return tuple(known)


def _field(field: Field, text: str | None) -> FieldExplained:
    found = partial(FieldExplained, field.name, field.takes(), text, known=field.known)
    if text is None:
        if field.optional:
            return found(field.default)
        return found(error=missing(field.name))
    if not text:
        return found() if field.blank else found(error=empty(field.name))
    try:
        value = field.parse(text)
    except BadParameter as error:
        return found(error=error.why)
    meanings = field.meanings if isinstance(field, Choice | HexChoice) else None
    return found(value, (meanings or {}).get(value))
