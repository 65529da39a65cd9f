"""What a host needs around the documents' commands, put together for one family; ATE and +CMEE.

Which they are: docs/spec/at.md, Everyday commands. Knows the session's echo and error mode; the rest is in the files
that this one gathers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import OK, Command, ErrorTable, Lines, row
from nbtwin.at.values import Choice, Int
from nbtwin.commands.configuration import configuration_commands
from nbtwin.commands.diagnosis import diagnosis_commands
from nbtwin.commands.identity import identity_commands
from nbtwin.commands.power import power_commands
from nbtwin.commands.radio import radio_commands
from nbtwin.commands.startup import startup_commands
from nbtwin.commands.wording import choices, line
from nbtwin.module.profile import Profile

if TYPE_CHECKING:
    from nbtwin.module.module import Module


def everyday_commands(p: Profile) -> tuple[Command, ...]:
    """The commands of docs/spec/at.md, Everyday commands, in an order that the families share."""
    e = p.everyday
    return (
        *line_commands(p.errors),
        *identity_commands(e),
        *radio_commands(e),
        *power_commands(e),
        *configuration_commands(e),
        *diagnosis_commands(e),
        *startup_commands(e),
    )


def line_commands(errors: ErrorTable) -> tuple[Command, ...]:
    """The bare AT is the session's own."""
    return (
        Command("E", "V.250 6.2.4", execute=lambda m: set_echo(m, 0), write=row(set_echo, Int("value", 0, 1)),
                says="Echo off (0) or on (1)."),
        Command("Z", "V.250 6.1.1", write=row(set_defaults, Int("value", 0, 0)),
                says="Echo, error mode and URCs as after a start; what is saved stays."),
        Command("&F", "V.250 6.1.2", write=row(set_defaults, Int("value", 0, 0)), says="The same as ATZ."),
        Command("+CMEE", "27.007 9.1", test=lambda m: (line(m, "+CMEE", choices(errors.cmee_modes)),),
                read=lambda m: (line(m, "+CMEE", m.session.cmee),),
                write=row(set_error_mode, Choice("n", errors.cmee_modes)),
                says="Errors as ERROR (0), as +CME ERROR with a number (1) or with a text (2)."),
    )  # fmt: skip


def set_echo(m: Module, value: int) -> Lines:
    m.session.echo = bool(value)
    return OK


def set_defaults(m: Module, value: int) -> Lines:
    m.session.echo, m.session.cmee = m.profile.echo_default, m.profile.cmee_default
    m.radio.cereg_mode = m.radio.cscon_mode = 0
    return OK


def set_error_mode(m: Module, mode: int) -> Lines:
    m.session.cmee = mode
    return OK
