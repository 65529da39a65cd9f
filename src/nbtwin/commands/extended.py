"""AT+QDMPCFGEX: what a device tells CMDMP v2.0 about itself (DOC-B 2.3, DOC-C 3.2.3, DOC-D 3.2.2).

Knows the values of the profile's table; knows neither their meaning nor object 666.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbtwin.at.command import OK, ByType, Command, Handler, Lines, Row
from nbtwin.at.refusals import BadParameter, CommandRefused
from nbtwin.at.values import Choice, Field, Meaning, Text
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.refusals import CommandRefusal, save
from nbtwin.module.profile import Profile

if TYPE_CHECKING:
    from nbtwin.module.module import Module

SAVE, READ, ERASE = 0, 1, 2
ACT = Choice.of(
    "act",
    {SAVE: CommandMeaning.ACT_SAVE, READ: CommandMeaning.ACT_READ, ERASE: CommandMeaning.ACT_ERASE},
)
KINDS = {
    0: CommandMeaning.EXTENDED_APPLICATION,
    1: CommandMeaning.EXTENDED_MAC,
    2: CommandMeaning.EXTENDED_HARDWARE,
    3: CommandMeaning.EXTENDED_SOFTWARE,
    4: CommandMeaning.EXTENDED_SUBSCRIPTION,
    5: CommandMeaning.EXTENDED_LOCATION,
}
NOTHING = "NULL"
"""No information, in the documents' word: also what never was saved or was erased (D3)."""


@dataclass(frozen=True)
class ActRow(Row):
    """One <type>: all of its values with <act> 0, none with 1 and 2 (D122)."""

    def fields_for(self, values: Sequence[str]) -> tuple[Field, ...]:
        try:
            saves = bool(values) and ACT.parse(values[0]) == SAVE
        except BadParameter:
            saves = False
        return self.fields if saves else self.fields[:1]

    def condition(self, field: Field) -> Meaning | None:
        return None if field is self.fields[0] else CommandMeaning.WITH_ACT_0

    def bind(self, values: list[str]) -> list[Any]:
        (act,) = Row(self.handler, self.fields[:1]).bind(values[:1])
        fields = self.fields_for(values)
        if len(values) != len(fields):
            given, wanted = len(values) - 1, len(fields) - 1
            raise BadParameter(
                CommandRefused(CommandRefusal.ACT_VALUES, ACT.name, str(act), number=given, expected=wanted)
            )
        bound = Row(self.handler, fields).bind(values)
        return bound + [None] * (len(self.fields) - len(bound))


def dmp_config_ex(p: Profile) -> tuple[Command, ...]:
    d = p.extended
    assert d is not None, f"{p.model} has no dialect of AT+QDMPCFGEX"
    rows = {kind: ActRow(_handler(kind), (ACT, *_values(p, kind)), meaning=KINDS[kind]) for kind in d.values}
    command = Command(
        "+QDMPCFGEX",
        d.source,
        test=(d.test_line,),
        write=ByType("type", rows),
    )
    return (command,)


def _values(p: Profile, kind: int) -> tuple[Text, ...]:
    assert p.extended is not None
    values = p.extended.values[kind]
    return tuple(Text(name, longest, known=p.known_by(f"extended.values.<{name}>")) for name, longest in values)


def _handler(kind: int) -> Handler:
    def save_read_or_erase(m: Module, act: int, *values: str | None) -> Lines:
        if act == READ:  # what is saved, not what is in use (D33)
            shown = m.saved.extended.get(kind) or [NOTHING] * len(values)
            return (f"+QDMPCFGEX: {kind},{','.join(shown)}",)
        if act == SAVE:
            m.to_save.extended[kind] = [value for value in values if value is not None]
        else:
            m.to_save.extended.pop(kind, None)
        save(m)
        return OK

    return save_read_or_erase
