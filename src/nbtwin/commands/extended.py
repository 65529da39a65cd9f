"""AT+QDMPCFGEX: what a device tells CMDMP v2.0 about itself (DOC-B 2.3, DOC-C 3.2.3, DOC-D 3.2.2).

Knows the values of the profile's table; knows neither their meaning nor object 666.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import OK, ByType, Command, Handler, Lines, row
from nbtwin.at.values import Choice, Quoted
from nbtwin.commands.refusals import bad_parameter, save
from nbtwin.module.profile import ExtendedDialect

if TYPE_CHECKING:
    from nbtwin.module.module import Module

SAVE, READ, ERASE = 0, 1, 2
ACTS = Choice("act", (SAVE, READ, ERASE), {SAVE: "save", READ: "read", ERASE: "erase"})
NOTHING = "NULL"
"""No information, in the documents' word: also what never was saved or was erased (D3)."""


def dmp_config_ex(d: ExtendedDialect) -> Command:
    rows = {
        kind: row(
            _handler(kind, len(values)), ACTS, *(Quoted(name, longest, optional=True) for name, longest in values)
        )
        for kind, values in d.values.items()
    }
    return Command(
        "+QDMPCFGEX",
        d.source,
        test=(d.test_line,),
        write=ByType("type", rows),
        says="What the device tells CMDMP about itself: applications, MAC, hardware, software, network, location.",
    )


def _handler(kind: int, count: int) -> Handler:
    def save_read_or_erase(m: Module, act: int, *values: str | None) -> Lines:
        given = [value for value in values if value is not None]
        if len(given) != (count if act == SAVE else 0):
            raise bad_parameter(m, f"<act> {act} takes {count if act == SAVE else 'no'} values, {len(given)} given")
        if act == READ:  # what is saved, not what is in use (D33)
            return (f"+QDMPCFGEX: {kind},{','.join(m.saved.extended.get(kind) or [NOTHING] * count)}",)
        if act == SAVE:
            m.saved.extended[kind] = given
        else:
            m.saved.extended.pop(kind, None)
        save(m)
        return OK

    return save_read_or_erase
