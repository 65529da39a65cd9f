"""How a method becomes a line: which command of the model, in which form, and its values as the fields write them.

Knows tables and an asker; knows no command in particular.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from nbtwin.at.command import ByType, Command, Form, Row
from nbtwin.at.refusals import BadParameter
from nbtwin.at.values import Field, HexChoice, Host, Quoted, Rest, Word
from nbtwin.engine import Seconds
from nbtwin.host.driver import AnswerReceived
from nbtwin.host.errors import HostError, HostRefusal
from nbtwin.module.profile import Profile
from nbtwin.timeline.plain import fields_of

F = TypeVar("F", bound=Callable[..., Any])
NOTHING = ("", " ", "NULL")
"""What was never set, as the documents show it (D3, D31, D34)."""


class Asker(Protocol):
    """A module that answers commands."""

    @property
    def name(self) -> str: ...
    @property
    def profile(self) -> Profile | None: ...
    def ask(self, line: str, *, data: bytes | None = None, within: Seconds | None = None) -> AnswerReceived: ...


@dataclass(frozen=True, slots=True)
class Asks:
    """What a method asks: the command by each of its spellings, its form, and its <type> and <act> where it has any."""

    names: tuple[str, ...]
    form: Form
    kind: int | None = None
    act: int | None = None


def asks(*names: str, form: Form, kind: int | None = None, act: int | None = None) -> Callable[[F], F]:
    """Says so of a method, for whoever compares methods with tables."""

    def said(method: F) -> F:
        vars(method).setdefault("asks", []).append(Asks(names, form, kind, act))
        return method

    return said


class Commands:
    """Base of the groups."""

    def __init__(self, module: Asker) -> None:
        self._module = module

    def _ask(
        self, names: Sequence[str], form: Form, *values: Any, data: bytes | None = None, spelling: str | None = None
    ) -> AnswerReceived:
        """The first of these that the model has, or the spelling that is chosen. HostError for a value that the command
        does not take, or a command that the model has not; CommandError when the module refuses it."""
        profile = self._module.profile
        if profile is None:
            raise HostError(HostRefusal.MODEL_UNNAMED, self._module.name, command=f"AT{names[0]}")
        wanted = names if spelling is None else [spelling]
        command = next((each for name in wanted for each in profile.commands if each.name == name), None)
        if command is None:
            raise HostError(HostRefusal.NO_COMMAND, self._module.name, command=f"AT{wanted[0]}", model=profile.model)
        return self._module.ask(line_of(self._module.name, profile, command, form, values), data=data)

    def _told(self, answer: AnswerReceived, names: Sequence[str]) -> list[list[str | None]]:
        """Each line of an answer at its commas, without the name in front (D1); None: it was never set."""
        return [values_of(line, names) for line in answer.lines if line]


def line_of(where: str, profile: Profile, command: Command, form: Form, values: Sequence[Any]) -> str:
    """The command line. HostError, VALUE, for what the command does not take."""
    name = f"AT{command.name}"
    split = '="' in command.name  # of AT+QCFG="LWM2M/DeviceType" the bare line is the read (DOC-E 3.13)
    if form is not Form.WRITE:
        return name + ("" if split else {Form.TEST: "=?", Form.READ: "?", Form.EXECUTE: ""}[form])
    write = command.write
    if write is None:
        raise HostError(HostRefusal.NO_COMMAND, where, command=f"{name}=", model=profile.model)
    texts = _written(write, list(values))
    try:
        write.bind(list(texts))
    except BadParameter as error:
        why = fields_of(error.why)
        code = why.pop("refusal")
        raise HostError(
            HostRefusal.VALUE, where, command=name, model=profile.model, source=command.source,
            why={"code": code, **why},
        ) from None  # fmt: skip
    return f"{name}{',' if split else '='}{','.join(texts)}"


def _written(write: Row | ByType, values: list[Any]) -> list[str]:
    head: list[str] = []
    row: Row | None
    if isinstance(write, ByType):
        kind = values.pop(0)
        head, row = [str(int(kind))], write.rows.get(int(kind))
    else:
        row = write
    texts = [_text(value) for value in values]
    if row is not None:
        fields = row.fields_for(texts)
        while (
            len(values) > 0 and values[-1] is None and (len(values) > len(fields) or fields[len(values) - 1].optional)
        ):
            values.pop()
        texts = [_in_field(value, fields[at]) if at < len(fields) else _text(value) for at, value in enumerate(values)]
    return [*head, *texts]


def _in_field(value: Any, field: Field) -> str:
    """As a host writes it there; None: empty."""
    if value is None:
        return ""
    if isinstance(field, HexChoice):
        return field.written(int(value))
    if isinstance(field, Quoted | Word) or (isinstance(field, Host) and field.quoted):
        return f'"{value}"'
    return str(value) if isinstance(field, Rest) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex().upper() or '""'
    return "" if value is None else str(int(value)) if isinstance(value, bool | int) else str(value)


def values_of(line: str, names: Sequence[str]) -> list[str | None]:
    """The values of a line of an answer; None: it was never set."""
    for name in names:
        if line.startswith(f"{name}:"):
            line = line[len(name) + 1 :].lstrip(" ")
            break
    return [None if value in NOTHING else value.strip('"') for value in line.split(",")]


def number(value: str | None) -> int | None:
    return int(value) if value is not None else None


def required(answer: AnswerReceived, values: Sequence[str | None], at: int = 0) -> str:
    """A value without which the answer is none. HostError, UNREADABLE."""
    value = values[at] if at < len(values) else None
    if value is None:
        raise unreadable(answer)
    return value


def unreadable(answer: AnswerReceived) -> HostError:
    return HostError(HostRefusal.UNREADABLE, command=answer.command, said=list(answer.lines))


def last(answer: AnswerReceived, told: Sequence[list[str | None]]) -> list[str | None]:
    """The values of its only line."""
    if not told:
        raise unreadable(answer)
    return told[-1]
