"""+NCONFIG: the switches of the DOC-A and DOC-E family's protocol stack (the vendor's AT manual).

Knows their names, defaults and values as the profile gives them; saved at once, in force after reboot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import OK, Command, Lines, row
from nbtwin.at.refusals import CommandRefused, ValueKind, ValueTaken
from nbtwin.commands.fields import Bare, NameField
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.refusals import CommandRefusal, bad_parameter
from nbtwin.commands.wording import line
from nbtwin.module.profile import ConfigItem, Everyday

if TYPE_CHECKING:
    from nbtwin.module.module import Module


def configuration_commands(e: Everyday) -> tuple[Command, ...]:
    if not e.configuration:
        return ()
    items = {item.name: item for item in e.configuration}

    def list_values(m: Module) -> Lines:
        return tuple(line(m, "+NCONFIG", f"({item.name},({item.takes}))") for item in e.configuration)

    def show(m: Module) -> Lines:
        saved = m.saved.generic.config
        return tuple(line(m, "+NCONFIG", item.name, saved.get(item.name, item.default)) for item in e.configuration)

    def change(m: Module, name: str, value: str) -> Lines:
        value = value.upper()
        if not items[name].allows(value):
            raise bad_parameter(m, CommandRefused(CommandRefusal.SWITCH_VALUE, name, value, takes=_taken(items[name])))
        m.to_save.generic.config[name] = value
        m.save()
        return OK

    fields = (NameField("function", tuple(items)), Bare("value"))
    changing = row(change, *fields, conditions={"value": CommandMeaning.AS_LISTED})
    return (Command("+NCONFIG", e.source, test=list_values, read=show, write=changing),)


def _taken(item: ConfigItem) -> ValueTaken:
    if item.span is None:
        return ValueTaken(ValueKind.ONE_OF, allowed=("FALSE", "TRUE"))
    return ValueTaken(ValueKind.INTEGER, *item.span)
