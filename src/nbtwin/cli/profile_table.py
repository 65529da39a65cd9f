"""A profile as a flat sheet of texts: what `nbtwin models show` prints, `diff` compares and docs/models holds.

Works on the fields of the dataclasses alone, so a new field of a dialect is on every sheet at once. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from nbtwin.at.command import ByType, Command, ErrorTable, Row
from nbtwin.at.values import Field
from nbtwin.module.profile import Profile
from nbtwin.selfreg.schedule import Schedule
from nbtwin.timeline.catalogue import words

Sheet = dict[str, dict[str, str]]
"""Section to rows, each a name and what the model has there."""


@dataclass(frozen=True)
class ProfileDifference:
    """One row in which two models differ; None: the model has no such row."""

    section: str
    name: str
    left: str | None
    right: str | None


def sheet_of(profile: Profile) -> Sheet:
    """Everything that the profile says, in the order of its fields."""
    sheet: Sheet = {"model": {}}
    for field in fields(profile):
        value = getattr(profile, field.name)
        if field.name in ("families", "gates", "known"):
            continue  # what the commands are made of, and how all of it is known (docs/fidelity.md)
        if field.name == "commands":
            sheet["commands"] = dict(row for command in value for row in _command_rows(command))
        elif isinstance(value, ErrorTable):
            sheet["errors"] = _errors(value)
        elif isinstance(value, Mapping) and field.name == "schedules":
            sheet["schedules"] = {str(operator): _schedule(schedule) for operator, schedule in value.items()}
        elif is_dataclass(value):
            own = (f.name for f in fields(value) if f.name != "source" or field.name == "everyday")
            sheet[field.name] = {name: _text(getattr(value, name)) for name in own}
        else:
            sheet["model"][field.name] = _text(value)
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
    return name == f"AT{command.name}" or name.rpartition("=")[0] == f"AT{command.name}"


def differences(left: Sheet, right: Sheet) -> Iterator[ProfileDifference]:
    """The rows that are not the same, in the order of the left sheet, then what only the right one has."""
    for section in {**left, **right}:
        one, other = left.get(section, {}), right.get(section, {})
        for name in {**one, **other}:
            if one.get(name) != other.get(name):
                yield ProfileDifference(section, name, one.get(name), other.get(name))


def _command_rows(command: Command) -> Iterator[tuple[str, str]]:
    name = f"AT{command.name}"
    forms = {"=?": command.test, "?": command.read, "": command.execute}
    known = [f"{name}{sign}" for sign, form in forms.items() if form is not None]
    yield name, ", ".join(known) or "write only"
    if isinstance(command.write, Row):
        yield f"{name}=", signature(command.write)
    elif isinstance(command.write, ByType):
        for number, row in command.write.rows.items():
            yield f"{name}={number}", signature(row)


def signature(row: Row) -> str:
    return "; ".join(f"<{field.name}> {field_text(field)}" for field in row.fields) or "no values"


def field_text(field: Field) -> str:
    """What a field takes, and what may be missing of it."""
    marks = [mark for mark, holds in (("may be empty", field.blank), ("may be left out", field.optional)) if holds]
    if field.optional and field.default is not None:
        marks.append(f"default {field.default}")
    return words(field.takes()) + (f" ({', '.join(marks)})" if marks else "")


def _errors(table: ErrorTable) -> dict[str, str]:
    rows = {f.name: _text(getattr(table, f.name)) for f in fields(table) if f.name != "texts"}
    return rows | {str(code): text for code, text in table.texts.items()}


def schedule_fields(schedule: Schedule) -> list[tuple[str, str]]:
    """Each field by its name, defaults too."""
    return [(field.name, _text(getattr(schedule, field.name))) for field in fields(schedule)]


def _schedule(schedule: Schedule) -> str:
    sent, at = [], 0.0
    for wait in schedule.waits:
        sent.append(f"{at:g}")
        at += wait
    parts = [f"packets at {', '.join(sent)} s, verdict at {at:g} s"]
    for field in fields(schedule):
        value = getattr(schedule, field.name)
        if field.name != "waits" and value not in (False, None):
            parts.append(field.name.replace("_", " ") + ("" if value is True else f" {_text(value)}"))
    return "; ".join(parts)


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return "; ".join(f"{_text(key)}: {_text(item)}" for key, item in value.items()) or "none"
    if is_dataclass(value) and not isinstance(value, type):
        return ", ".join(f"{f.name} {_text(getattr(value, f.name))}" for f in fields(value))
    if isinstance(value, tuple | list):
        return ", ".join(_text(item) for item in value) or "none"
    return str(value)
