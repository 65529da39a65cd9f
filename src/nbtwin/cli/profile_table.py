"""A profile as a flat sheet of texts: what `nbtwin models show` prints, `diff` compares and docs/models holds.

Works on the fields of the dataclasses alone, so a new field of a dialect is on every sheet at once. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from nbtwin.at.command import ByType, Command, ErrorTable, Form, Row
from nbtwin.at.explain import explain
from nbtwin.at.values import Field
from nbtwin.module.profile import Profile
from nbtwin.selfreg.schedule import Operator, Schedule
from nbtwin.timeline.catalogue import Phrase, say, words

Sheet = dict[str, dict[str, str]]
"""Section to rows, each a name and what the model has there."""


@dataclass(frozen=True)
class ProfileDifference:
    """One row in which two models differ; None: the model has no such row."""

    section: str
    name: str
    left: str | None
    right: str | None


class ProfilePhrase(Phrase):
    """What stands in a sheet besides names and values."""

    YES = "profile-yes"
    NO = "profile-no"
    NONE = "profile-none"
    ABSENT = "profile-absent"
    WRITE_ONLY = "profile-write-only"
    NO_VALUES = "profile-no-values"
    TAKES = "profile-takes"
    MAY_BE_EMPTY = "profile-may-be-empty"
    MAY_BE_LEFT_OUT = "profile-may-be-left-out"
    DEFAULT_VALUE = "profile-default-value"
    SCHEDULE = "profile-schedule"
    HEAD_MODEL = "profile-head-model"
    HEAD_DOCUMENTS = "profile-head-documents"
    HEAD_FIRMWARE = "profile-head-firmware"
    HEAD_OPERATORS = "profile-head-operators"
    HEAD_COMMANDS = "profile-head-commands"
    WHERE_FROM = "profile-where-from"
    NO_DIFFERENCE = "profile-no-difference"


def section_in_words(section: str, language: str) -> str:
    return words(f"profile-section-{section}", language)


def row_in_words(section: str, name: str, language: str) -> str:
    """The name of a row; commands and the numbers of errors are their own."""
    if section == "schedules":
        return operator_in_words(name, language)
    return name if section == "commands" or name.isdigit() else words(f"profile-field-{name}", language)


def operator_in_words(name: str, language: str) -> str:
    return words(f"profile-operator-{name}", language)


def sheet_of(profile: Profile, language: str = "en") -> Sheet:
    """Everything that the profile says, in the order of its fields. Names are the fields', values in words."""
    sheet: Sheet = {"model": {}}
    for field in fields(profile):
        value = getattr(profile, field.name)
        if field.name in ("families", "gates", "known", "announces"):
            continue  # what the commands are made of, and how all of it is known (docs/fidelity.md)
        if field.name == "commands":
            sheet["commands"] = dict(row for command in value for row in _command_rows(profile, command, language))
        elif isinstance(value, ErrorTable):
            sheet["errors"] = _errors(value, language)
        elif isinstance(value, Mapping) and field.name == "schedules":
            sheet["schedules"] = {str(operator): _schedule(each, language) for operator, each in value.items()}
        elif is_dataclass(value):
            own = (f.name for f in fields(value) if f.name != "source" or field.name == "everyday")
            sheet[field.name] = {name: _text(getattr(value, name), language) for name in own}
        else:
            sheet["model"][field.name] = _text(value, language)
    return sheet


def known_of(profile: Profile, section: str, name: str) -> str:
    """How a row of the sheet is known (nbtwin.at.known): a chapter, a decision, observed, assumed."""
    if section == "commands":
        return next((command.source for command in profile.commands if _is_of(name, command)), "")
    if section == "errors" and name.isdigit():
        name = "texts"
    if section == "schedules":
        name = f"{name}.waits"
    return profile.known_by(name if section == "model" else f"{section}.{name}")


def _is_of(name: str, command: Command) -> bool:
    write = calls_of(command)[Form.WRITE]
    return name == f"AT{command.name}" or (name.startswith(write) and name[len(write) :].isdigit()) or name == write


def differences(left: Sheet, right: Sheet) -> Iterator[ProfileDifference]:
    """The rows that are not the same, in the order of the left sheet, then what only the right one has."""
    for section in {**left, **right}:
        one, other = left.get(section, {}), right.get(section, {})
        for name in {**one, **other}:
            if one.get(name) != other.get(name):
                yield ProfileDifference(section, name, one.get(name), other.get(name))


def calls_of(command: Command) -> dict[Form, str]:
    """The line that asks for each form. Of AT+QCFG="LWM2M/DeviceType" the bare line is the read (DOC-E 3.13), and of a
    basic command the number follows at once (V.250 5.3.1)."""
    name = f"AT{command.name}"
    if '="' in name:
        return {Form.READ: name, Form.WRITE: f"{name},"}
    write = f"{name}<n>" if name[-1].isalpha() and not command.name.startswith("+") else f"{name}="  # ATE0, ATS0=3
    return {Form.TEST: f"{name}=?", Form.READ: f"{name}?", Form.WRITE: write, Form.EXECUTE: name}


def has(profile: Profile, command: Command, form: Form) -> bool:
    """Whether the module takes its line for this form and answers it; V.250's missing number is 0."""
    if form is Form.WRITE:
        return command.write is not None
    (explained,) = explain(profile.commands, profile.errors, calls_of(command)[form]).commands
    return explained.ok


def _command_rows(profile: Profile, command: Command, language: str) -> Iterator[tuple[str, str]]:
    calls = calls_of(command)
    taken = [calls[form] for form in calls if form is not Form.WRITE and has(profile, command, form)]
    yield f"AT{command.name}", ", ".join(taken) or say(ProfilePhrase.WRITE_ONLY, language)
    if isinstance(command.write, Row):
        yield calls[Form.WRITE], signature(command.write, language)
    elif isinstance(command.write, ByType):
        for number, row in command.write.rows.items():
            yield f"{calls[Form.WRITE]}{number}", signature(row, language)


def signature(row: Row, language: str = "en") -> str:
    shown = (f"<{field.name}> {field_text(field, row, language)}" for field in row.fields)
    return "; ".join(shown) or say(ProfilePhrase.NO_VALUES, language)


def field_text(field: Field, row: Row, language: str = "en") -> str:
    """What a field takes, when a line has it, and what may be missing of it."""
    marks = {ProfilePhrase.MAY_BE_EMPTY: field.blank, ProfilePhrase.MAY_BE_LEFT_OUT: field.optional}
    said = [say(mark, language) for mark, holds in marks.items() if holds]
    if field.optional and field.default is not None:
        said.append(say(ProfilePhrase.DEFAULT_VALUE, language, value=field.default))
    condition = row.condition(field)
    if condition is not None:
        said.append(words(condition, language))
    takes = words(field.takes(), language)
    return say(ProfilePhrase.TAKES, language, takes=takes, marks=_listed(said, language)) if said else takes


def _errors(table: ErrorTable, language: str) -> dict[str, str]:
    rows = {f.name: _text(getattr(table, f.name), language) for f in fields(table) if f.name != "texts"}
    return rows | {str(code): text for code, text in table.texts.items()}


def schedule_fields(schedule: Schedule, language: str = "en") -> list[tuple[str, str]]:
    """Each field by its name, defaults too."""
    return [(field.name, _text(getattr(schedule, field.name), language)) for field in fields(schedule)]


def _schedule(schedule: Schedule, language: str) -> str:
    sent, at = [], 0.0
    for wait in schedule.waits:
        sent.append(f"{at:g}")
        at += wait
    parts = [say(ProfilePhrase.SCHEDULE, language, packets=_listed(sent, language), verdict=f"{at:g}")]
    for field in fields(schedule):
        value = getattr(schedule, field.name)
        if field.name != "waits" and value not in (False, None):
            name = words(f"profile-schedule-{field.name}", language)
            parts.append(name + ("" if value is True else f" {_text(value, language)}"))
    return "; ".join(parts)


def _text(value: Any, language: str) -> str:
    if value is None:
        return say(ProfilePhrase.ABSENT, language)
    if isinstance(value, bool):
        return say(ProfilePhrase.YES if value else ProfilePhrase.NO, language)
    if isinstance(value, float):
        return f"{value:g}"
    none = say(ProfilePhrase.NONE, language)
    if isinstance(value, Operator):
        return operator_in_words(value, language)
    if isinstance(value, Mapping):
        return "; ".join(f"{_part(key, language)}: {_text(item, language)}" for key, item in value.items()) or none
    if is_dataclass(value) and not isinstance(value, type):
        shown = [f"{_part(f.name, language)} {_text(getattr(value, f.name), language)}" for f in fields(value)]
        return _listed(shown, language)
    if isinstance(value, tuple | list):
        return _listed([_text(item, language) for item in value], language) or none
    return str(value)


def _part(key: Any, language: str) -> str:
    return words(f"profile-part-{key}", language) if isinstance(key, str) else str(key)


def _listed(texts: list[str], language: str) -> str:
    return words("list-separator", language).join(texts)
