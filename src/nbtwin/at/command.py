"""Commands as rows: a name, its four forms (V.250: test, read, write, execute), and how text binds to a row.

Knows fields and error tables; knows no module (handlers take one as their first argument and this file never
looks at it) and no serial line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from nbtwin.at.refusals import AtRefusal, BadParameter, CommandRefused
from nbtwin.at.values import Choice, Field, Meaning, Rest


class Form(StrEnum):
    """The four forms of a command, in our words and V.250's."""

    TEST = "test"
    READ = "read"
    WRITE = "write"
    EXECUTE = "execute"


Lines: TypeAlias = tuple[str, ...]
"""Information text, one string per line, without <CR><LF>; the final result code OK follows."""
OK: Lines = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """The handler wants data mode: print the prompt, take exactly ``length`` bytes, then call ``complete``."""

    length: int  # 1 or more
    complete: Callable[[bytes], Answer]
    ends: bool = False
    """Ctrl-Z ends the data and <ESC> cancels, wherever they stand (27.005 3.5.1); what is too long for ``length`` is
    cut to one byte more, and ``complete`` has to refuse it (D128)."""
    cancelled: Callable[[], Answer] | None = None  # what <ESC> answers; without: the table's error (D22)


@dataclass(frozen=True, slots=True)
class WithoutResult:
    """An answer that ends without a final result code, such as REBOOTING (D21)."""

    lines: Lines = ()


@dataclass(frozen=True, slots=True)
class Later:
    """The final result code comes later: the module calls ``Session.finish`` (AT+NPING, AT+COPS=?)."""

    lines: Lines = ()


Answer: TypeAlias = Lines | Prompt | WithoutResult | Later
Handler: TypeAlias = Callable[..., Answer]
"""``handler(module, *values)``; raises AtError."""


class AtError(Exception):
    """A command failed. ``err`` is the <err> code of +CME ERROR; None answers plain ERROR whatever +CMEE says."""

    def __init__(self, err: int | None = None, why: CommandRefused | None = None) -> None:
        self.err = err
        self.why = why or CommandRefused(AtRefusal.ERROR, number=err)
        """For the timeline and `nbtwin explain`; the host never sees it."""
        super().__init__(err, self.why)


@dataclass(frozen=True)
class ErrorTable:
    """The <err> codes of one document and the ones the line itself needs (D30)."""

    texts: Mapping[int, str]
    bad_parameter: int | None  # 50 or 53; None where every error is plain ERROR
    not_supported: int | None  # a form that does not exist: 4
    aborted: int | None  # data mode left with <ESC> or by silence (D22): 52, or 50 in DOC-D
    cmee_modes: tuple[int, ...] = (0, 1)  # DOC-D takes 2 as well: the text


@dataclass(frozen=True)
class Row:
    """One write layout: the handler and the fields it takes."""

    handler: Handler
    fields: tuple[Field, ...] = ()
    alters: bool = True  # False: it only shows, or sets the serial line alone (D127)
    meaning: Meaning | None = None  # of its <type>, where it is a row of `ByType`
    conditions: tuple[tuple[str, Meaning], ...] = ()  # of a field by its name: what its neighbours ask of it

    def __post_init__(self) -> None:
        seen_optional = False
        for position, field in enumerate(self.fields):
            if seen_optional and not field.optional:
                raise ValueError(f"<{field.name}> follows an optional field and must be optional")
            if isinstance(field, Rest) and position != len(self.fields) - 1:
                raise ValueError(f"<{field.name}> takes the rest of the line and must come last")
            seen_optional = seen_optional or field.optional

    def fields_for(self, values: Sequence[str]) -> tuple[Field, ...]:
        """Those that a line with these values has."""
        return self.fields

    def condition(self, field: Field) -> Meaning | None:
        """What else is to be said of this field; None where it stands for itself."""
        return dict(self.conditions).get(field.name)

    def bind(self, values: list[str]) -> list[Any]:
        """Turn the texts between the commas into the handler's values. Raises BadParameter."""
        if len(values) > len(self.fields):
            raise BadParameter(too_many(values, len(self.fields)))
        bound: list[Any] = []
        for position, field in enumerate(self.fields):
            if position >= len(values):
                if not field.optional:
                    raise BadParameter(missing(field.name))
                bound.append(field.default)
            elif not values[position]:
                if not field.blank:
                    raise BadParameter(empty(field.name))
                bound.append(None)
            else:
                bound.append(field.parse(values[position]))
        return bound


def missing(parameter: str) -> CommandRefused:
    return CommandRefused(AtRefusal.VALUE_MISSING, parameter)


def empty(parameter: str) -> CommandRefused:
    return CommandRefused(AtRefusal.VALUE_EMPTY, parameter)


def too_many(values: Sequence[str], most: int) -> CommandRefused:
    return CommandRefused(AtRefusal.TOO_MANY_VALUES, number=len(values), expected=most)


@dataclass(frozen=True)
class ByType:
    """Several write layouts told apart by the first value, one row per <type> of the vendor's table.

    The handler of a row gets the values after the type. A reserved type is simply not in ``rows`` (D35).
    """

    name: str  # of the first field, as printed
    rows: Mapping[int, Row]

    def __post_init__(self) -> None:
        for kind, row in self.rows.items():
            if any(isinstance(field, Rest) for field in row.fields):
                raise ValueError(f"<{self.name}> {kind}: only a plain row may take the rest of the line")

    @property
    def kind(self) -> Choice:
        """The first field: which <type> there are, and what each stands for."""
        meanings = {kind: row.meaning for kind, row in self.rows.items() if row.meaning is not None}
        return Choice(self.name, tuple(self.rows), meanings)

    def row_of(self, values: Sequence[str]) -> Row:
        """The layout that the first value names. Raises BadParameter."""
        if not values or not values[0]:
            raise BadParameter(missing(self.name))
        return self.rows[Choice(self.name, tuple(self.rows)).parse(values[0])]

    def bind(self, values: list[str]) -> tuple[Row, list[Any]]:
        row = self.row_of(values)
        return row, row.bind(values[1:])


def row(
    handler: Handler,
    *fields: Field,
    alters: bool = True,
    meaning: Meaning | None = None,
    conditions: Mapping[str, Meaning] | None = None,
) -> Row:
    """A row as it reads best in a table: the handler, then its fields."""
    return Row(handler, fields, alters, meaning, tuple((conditions or {}).items()))


@dataclass(frozen=True)
class Gate:
    """What must hold before a command is looked at any closer: its values are not bound.

    ``check(module, command, form, values)`` raises AtError when it does not hold.
    """

    meaning: Meaning  # when the command is refused and with what, for `nbtwin explain` and the generated reference
    known: str  # how that is known (nbtwin.at.known)
    check: Callable[[Any, Command, Form, Sequence[str]], None]


@dataclass(frozen=True)
class Command:
    """One command and the forms its document gives it. A form that is None does not exist (D30, D60)."""

    name: str  # with its sign: "+QDMPCFG"; without one for basic commands: "E", "I"
    source: str  # "DOC-C 3.2.2", "27.007 7.1", "V.250 6.2.4"
    test: Lines | Handler | None = None  # the document's own line(s), letter for letter, or who makes them
    read: Handler | None = None
    write: Row | ByType | None = None
    execute: Handler | None = None
    gates: tuple[Gate, ...] = ()  # asked in this order

    def alters(self, values: Sequence[str]) -> bool:
        """Whether a write with these values may change more than the serial line; malformed ones may (D127)."""
        row = self.write
        if isinstance(row, ByType):
            try:
                row = row.row_of(values)
            except BadParameter:
                return True
        return row is None or row.alters

    @property
    def says(self) -> str:
        """The code of what the command is for: ``command-says-qcfg-lwm2m-devicetype``. The catalogue has the words."""
        return "command-says-" + "-".join(re.findall("[a-z0-9]+", self.name.lower()))

    @property
    def takes_rest_of_line(self) -> bool:
        """Whether `;` and quotes mean nothing once this command's last field has begun (D25)."""
        return isinstance(self.write, Row) and any(isinstance(field, Rest) for field in self.write.fields)


def split_values(text: str, most: int | None = None) -> list[str]:
    """Split at commas outside double quotes and drop the spaces around each value.

    With ``most``, at most that many values are split off and the last keeps the text as it stands.
    """
    if most == 1:
        return [text]
    if '"' not in text and most is None:
        return [value.strip(" ") for value in text.split(",")]
    values: list[str] = []
    start, quoted = 0, False
    for position, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            values.append(text[start:position].strip(" "))
            start = position + 1
            if most is not None and len(values) == most - 1:
                values.append(text[start:])
                return values
    values.append(text[start:].strip(" "))
    return values
