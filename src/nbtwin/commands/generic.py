"""What a host needs around the documents' commands, put together for one family; the line's own.

Which they are: docs/spec/at.md, Everyday commands. Knows the session's settings; the rest is in the files
that this one gathers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import OK, Command, Lines, row
from nbtwin.at.session import LineSettings
from nbtwin.at.values import Choice, Int
from nbtwin.commands.configuration import configuration_commands
from nbtwin.commands.diagnosis import diagnosis_commands
from nbtwin.commands.identity import identity_commands
from nbtwin.commands.internet import internet_commands
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.power import power_commands
from nbtwin.commands.radio import radio_commands
from nbtwin.commands.sockets_neul import socket_commands
from nbtwin.commands.sockets_rdy import qi_commands
from nbtwin.commands.startup import startup_commands
from nbtwin.commands.wording import choices, line
from nbtwin.module.profile import Profile

if TYPE_CHECKING:
    from nbtwin.module.module import Module


ERROR_MODES = {
    0: CommandMeaning.ERRORS_PLAIN,
    1: CommandMeaning.ERRORS_NUMBER,
    2: CommandMeaning.ERRORS_TEXT,
}


def everyday_commands(p: Profile) -> tuple[Command, ...]:
    """The commands of docs/spec/at.md, Everyday commands, in an order that the families share."""
    e = p.everyday
    return (
        *line_commands(p),
        *identity_commands(e),
        *radio_commands(e),
        *power_commands(p),
        *configuration_commands(e),
        *diagnosis_commands(p),
        *startup_commands(e),
        *(socket_commands(p) if p.internet is not None and e.restarts_with_nrb else ()),
        *qi_commands(p),
        *internet_commands(p),
    )


def line_commands(p: Profile) -> tuple[Command, ...]:
    """The bare AT and A/ are the session's own."""
    errors = p.errors
    listing = Command("+CLAC", "27.007 8.37", test=(), execute=list_commands)
    return (
        Command("E", "V.250 6.2.4", execute=lambda m: set_echo(m, 0),
                write=row(set_echo, Int("value", 0, 1), alters=False)),
        Command("Q", "V.250 6.2.5", write=row(set_quiet, Int("value", 0, 1), alters=False)),
        Command("V", "V.250 6.2.6", write=row(set_verbose, Int("value", 0, 1), alters=False)),
        Command("S0", "V.250 6.3.8", read=lambda m: (f"{m.session.auto_answer:03d}",),
                write=row(set_auto_answer, Int("value", 0, 255), alters=False)),
        Command("Z", "V.250 6.1.1", write=row(set_kept, Int("value", 0, 0), alters=False)),
        Command("&F", "V.250 6.1.2", write=row(set_factory, Int("value", 0, 0), alters=False)),
        Command("&W", "V.250 6.1.1", write=row(keep, Int("value", 0, 0))),
        Command("+CMEE", "27.007 9.1", test=lambda m: (line(m, "+CMEE", choices(errors.cmee_modes)),),
                read=lambda m: (line(m, "+CMEE", m.session.cmee),),
                write=row(set_error_mode, Choice("n", errors.cmee_modes, ERROR_MODES), alters=False)),
        *((listing,) if p.everyday.lists_commands else ()),
    )  # fmt: skip


def set_echo(m: Module, value: int) -> Lines:
    m.session.echo = bool(value)
    return OK


def set_quiet(m: Module, value: int) -> Lines:
    m.session.quiet = bool(value)
    return OK


def set_verbose(m: Module, value: int) -> Lines:
    m.session.verbose = bool(value)
    return OK


def set_auto_answer(m: Module, rings: int) -> Lines:
    m.session.auto_answer = rings
    return OK


def set_kept(m: Module, value: int) -> Lines:
    return _set_line(m, m.line_settings)


def set_factory(m: Module, value: int) -> Lines:
    return _set_line(m, m.factory_line_settings)


def _set_line(m: Module, settings: LineSettings) -> Lines:
    m.session.settings = settings
    m.radio.silence()
    return OK


def keep(m: Module, value: int) -> Lines:
    """AT&W: the manuals of the vendor's other modules have it; V.250 has a stored profile, and leaves the storing
    to the manufacturer (D103)."""
    m.to_save.generic.line = m.session.settings
    m.save()
    return OK


def list_commands(m: Module) -> Lines:
    """One a line; a quoted word that is part of a name in our tables is a value to the host."""
    return tuple(dict.fromkeys(f"AT{command.name.partition('=')[0]}" for command in m.profile.commands))


def set_error_mode(m: Module, mode: int) -> Lines:
    m.session.cmee = mode
    return OK
