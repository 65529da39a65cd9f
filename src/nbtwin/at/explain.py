"""What a command line means, field by field, or why it is wrong: `nbtwin explain` and the timeline.

Works on the tables alone: no handler is called and no module is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from nbtwin.at.command import AtError, BadParameter, ByType, Command, ErrorTable, Form, Row
from nbtwin.at.grammar import Call, CommandIndex, body_start, index_of, next_call, no_such_form
from nbtwin.at.line import LONGEST_LINE
from nbtwin.at.values import Choice, Field


@dataclass(frozen=True, slots=True)
class FieldExplained:
    """One value of the line, or one that is missing from it."""

    name: str  # as the vendor prints it
    takes: str  # what it may be; empty for a value beyond the last field
    text: str | None  # as written; None: left out
    value: Any = None  # what the handler gets
    note: str = ""  # "left out: …", "left empty", or the meaning of a choice
    error: str = ""
    known: str = ""  # how what it takes is known, where the command's own chapter is not all


@dataclass(frozen=True, slots=True)
class CommandExplained:
    """One command of a `;` chain."""

    text: str
    name: str
    form: str  # test, read, write, execute
    source: str  # the chapter that gives the command
    says: str
    fields: tuple[FieldExplained, ...] = ()
    error: str = ""
    err: int | None = None  # the <err> of +CME ERROR; None: plain ERROR
    executed: bool = True  # False behind a command that fails
    answers: tuple[str, ...] = ()  # of a test form, where its document prints it
    gates: tuple[str, ...] = ()  # when it is refused whatever it says

    @property
    def ok(self) -> bool:
        return not self.error


@dataclass(frozen=True, slots=True)
class LineExplained:
    """A whole line. ``error`` is what is wrong with the line as such."""

    line: str
    commands: tuple[CommandExplained, ...] = ()
    error: str = ""

    @property
    def ok(self) -> bool:
        return not self.error and all(command.ok for command in self.commands)

    def lines(self) -> list[str]:
        """As text, one fact per line."""
        if self.error:
            return [f"ERROR: {self.error}"]
        if not self.commands:
            return ["no command: answers OK (DOC-E 2.2)"]
        return [text for command in self.commands for text in _lines_of(command)]


def explain(commands: Sequence[Command] | CommandIndex, errors: ErrorTable, line: str) -> LineExplained:
    """Explain ``line`` as a module with these tables would read it. The handlers' own checks are not known here."""
    index = index_of(commands)
    line = line.rstrip("\r\n").replace("\n", "")
    fault = _fault(line)
    try:
        position = body_start(line) if not fault else 0
    except AtError as error:
        fault = error.why
    if fault:
        return LineExplained(line, error=fault)
    explained: list[CommandExplained] = []
    while True:
        try:
            call = next_call(index, line, position)
        except (AtError, BadParameter) as error:
            err = None if isinstance(error, AtError) else errors.bad_parameter
            rest = line[position:].strip(" ;")
            explained.append(CommandExplained(rest, rest, "", "", "", error=str(error), err=err))
            break
        if call is None:
            break
        text = line[call.start : call.end].strip(" ")
        explained.append(_explained(call, errors, text, all(command.ok for command in explained)))
        position = call.end
    return LineExplained(line, tuple(explained))


def _fault(line: str) -> str:
    if len(line) > LONGEST_LINE:
        return f"the line is longer than {LONGEST_LINE} bytes"
    if not (line.isascii() and line.isprintable()):
        return "the line has a byte in it that is not printable ASCII"
    return ""


def _explained(call: Call, errors: ErrorTable, text: str, executed: bool) -> CommandExplained:
    command = call.command
    fields: tuple[FieldExplained, ...] = ()
    error, err = "", None
    forms = {Form.TEST: command.test, Form.READ: command.read, Form.WRITE: command.write, Form.EXECUTE: command.execute}
    if forms[call.form] is None or call.junk:
        error, err = no_such_form(call), errors.not_supported
    elif call.form is Form.WRITE and command.write is not None:
        fields = _fields(command.write, call.values)
        error = _why_not_bound(command.write, call.values)
        err = errors.bad_parameter if error else None
    printed = call.form is Form.TEST and isinstance(command.test, tuple) and not error
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
        gates=tuple(f"{gate.says} ({gate.known})" for gate in command.gates),
    )


def _why_not_bound(write: Row | ByType, values: tuple[str, ...]) -> str:
    try:
        write.bind(list(values))
    except BadParameter as error:
        return str(error)
    return ""


def _fields(write: Row | ByType, values: tuple[str, ...]) -> tuple[FieldExplained, ...]:
    if isinstance(write, Row):
        return _row_fields(write, values)
    purposes = {number: (row.handler.__doc__ or "").partition("\n")[0] for number, row in write.rows.items()}
    kind = Choice(write.name, tuple(write.rows), purposes)
    first = _field(kind, values[0] if values else None)
    if first.error:
        return (first,)
    return (first, *_row_fields(write.rows[first.value], values[1:]))


def _row_fields(row: Row, values: tuple[str, ...]) -> tuple[FieldExplained, ...]:
    known = [
        _field(field, values[position] if position < len(values) else None) for position, field in enumerate(row.fields)
    ]
    most = len(row.fields)
    if len(values) > most:
        error = f"{len(values)} values where at most {most} are allowed"
        return (*known, *(FieldExplained("", "", text, error=error) for text in values[most:]))
    return tuple(known)


def _field(field: Field, text: str | None) -> FieldExplained:
    found = partial(FieldExplained, field.name, field.describe(), text, known=field.known)
    if text is None:
        if field.optional:
            return found(field.default, _left_out(field))
        return found(error=f"<{field.name}> is missing")
    if not text:
        return found(note="left empty") if field.blank else found(error=f"<{field.name}> is empty (D36)")
    try:
        value = field.parse(text)
    except ValueError as error:
        return found(error=str(error))
    meanings = field.meanings if isinstance(field, Choice) else None
    return found(value, (meanings or {}).get(value, ""))


def _left_out(field: Field) -> str:
    return "left out" if field.default is None else f"left out: {field.default}"


def _lines_of(command: CommandExplained) -> list[str]:
    head = f"AT{command.name}  {command.form} form, {command.source}" if command.source else command.text
    lines = [head + (f": {command.says}" if command.says else "")]
    for field in command.fields:
        shown = "(left out)" if field.text is None else field.text or "(empty)"
        about = field.error or field.note or field.takes
        known = f"  [{field.known}]" if field.known else ""
        lines.append(f"  {'✗' if field.error else ' '} <{field.name}> {shown}  {about}{known}")
    lines += [f"  answers {text}" for text in command.answers]
    if not command.executed:
        lines.append("  not executed: a command before it fails (V.250 5.7)")
    elif command.error:
        code = f"+CME ERROR: {command.err} (AT+CMEE=1)" if command.err is not None else "ERROR"
        lines.append(f"  {code}: {command.error}")
    return lines + [f"  note: {gate}" for gate in command.gates]
