"""What `nbtwin models` and `nbtwin explain` say, as data: names, codes, numbers; words beside them. Prints nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nbtwin.cli.language import chosen

if TYPE_CHECKING:
    from nbtwin.at.explain import LineExplained
    from nbtwin.at.refusals import CommandRefused
    from nbtwin.cli.profile_table import Sheet
    from nbtwin.module.profile import Profile

Item = dict[str, Any]


def models_as_data() -> Iterator[Item]:
    from nbtwin.profiles.models import PROFILES

    for profile in PROFILES.values():
        yield {
            "model": profile.model,
            "documents": list(profile.documents),
            "firmware": profile.firmware,
            "operators": [*map(str, profile.schedules), *(["andlink"] if profile.andlink else [])],
            "commands": len(profile.commands),
        }


def profile_as_data(profile: Profile) -> Iterator[Item]:
    """A row of the sheet each: ``value`` does not depend on the language, ``text`` does."""
    from nbtwin.cli.profile_table import sheet_of

    sheet, worded = sheet_of(profile), sheet_of(profile, chosen())
    for section, rows in sheet.items():
        for name in rows:
            yield {"section": section, "name": name, **_cell(profile, sheet, worded, section, name)}


def differences_as_data(left: Profile, right: Profile) -> Iterator[Item]:
    from nbtwin.cli.profile_table import differences, sheet_of

    one, other = sheet_of(left), sheet_of(right)
    in_words = sheet_of(left, chosen()), sheet_of(right, chosen())
    for found in differences(one, other):
        yield {
            "section": found.section,
            "name": found.name,
            "left": None if found.left is None else _cell(left, one, in_words[0], found.section, found.name),
            "right": None if found.right is None else _cell(right, other, in_words[1], found.section, found.name),
        }


def _cell(profile: Profile, sheet: Sheet, worded: Sheet, section: str, name: str) -> Item:
    from nbtwin.cli.profile_table import known_of

    raw = getattr(profile if section == "model" else getattr(profile, section, None), name, None)
    value = raw if isinstance(raw, str | int | float) else sheet[section][name]
    return {"value": value, "text": worded[section][name], "known": known_of(profile, section, name)}


def explanation_as_data(explained: LineExplained) -> Iterator[Item]:
    """A command of the line each."""
    for command in explained.commands:
        yield {
            "name": command.name,
            "form": command.form,
            "source": command.source,
            "code": command.says,
            "executed": command.executed,
            "err": command.err,
            "error": refused_as_data(command.error),
            "answers": list(command.answers),
            "gates": [{"code": str(gate.meaning), "known": gate.known} for gate in command.gates],
            "fields": [
                {
                    "name": field.name,
                    "text": field.text,
                    "value": field.value,
                    "meaning": None if field.meaning is None else str(field.meaning),
                    "known": field.known,
                    "error": refused_as_data(field.error),
                }
                for field in command.fields
            ],
        }


def refused_as_data(error: CommandRefused | None) -> Item | None:
    from nbtwin.timeline.plain import fields_of

    if error is None:
        return None
    fields = fields_of(error)
    return {
        "code": fields.pop("refusal"),
        "fields": {name: value for name, value in fields.items() if value is not None},
    }
