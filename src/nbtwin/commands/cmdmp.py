"""CMDMP access: AT+DMPCONFIG (DOC-A 2.1) and AT+QDMPCFG (DOC-B 2.2, DOC-C 3.2.2, DOC-D 3.2.1), one grammar, two names.

Knows the dialect in the profile, what is saved and what is in use; knows no platform and no packet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from nbtwin.at.command import OK, ByType, Command, Form, Gate, Handler, Lines, row
from nbtwin.at.refusals import CommandRefused
from nbtwin.at.values import Choice, Digits, Host, Int, Quoted
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.refusals import CommandRefusal, not_supported, save
from nbtwin.module.profile import Profile
from nbtwin.module.settings import Cmdmp, CmdmpInUse

if TYPE_CHECKING:
    from nbtwin.module.module import Module

SHOWING = (4, 6)
"""<type> of what only shows (D127)."""
MODE, SERVER, KEYS, PLMN, ALL = 0, 1, 2, 3, 4
"""<type> of what is written, <queryOpt> of what is shown, <eraseOpt> of what is erased."""
PARTS = {
    MODE: CommandMeaning.PART_MODE,
    SERVER: CommandMeaning.PART_SERVER,
    KEYS: CommandMeaning.PART_KEYS,
    PLMN: CommandMeaning.PART_PLMNS,
    ALL: CommandMeaning.PART_ALL,
}
KINDS = {
    0: CommandMeaning.CMDMP_MODE,
    2: CommandMeaning.CMDMP_KEYS,
    3: CommandMeaning.CMDMP_PLMNS,
    5: CommandMeaning.CMDMP_ERASE,
    6: CommandMeaning.CMDMP_STATE,
}


def dmp_config(p: Profile) -> tuple[Command, ...]:
    """The seven types. A reserved type or option is not in the table: an error as for a value out of range (D35)."""
    d = p.cmdmp
    command = Command(
        d.name,
        d.source,
        test=(d.test_line,),
        read=show_in_use,
        write=ByType(
            "type",
            {
                kind: row(handler, *fields, alters=kind not in SHOWING, meaning=_meaning(p, kind))
                for kind, (handler, fields) in sorted(_rows(p).items())
            },
        ),
        gates=(ONT_FIRMWARE,) if d.needs_ont_firmware else (),
    )
    return (command,)


def _meaning(p: Profile, kind: int) -> CommandMeaning:
    """What a <type> is for; the documents differ in what an empty or unset value is."""
    d = p.cmdmp
    if kind == 1:
        if d.period_needs_server:
            return CommandMeaning.CMDMP_SERVER_WHOLE
        if d.blank_keeps:
            return CommandMeaning.CMDMP_SERVER_KEPT
        return CommandMeaning.CMDMP_SERVER_DEFAULT if d.period_may_be_blank else CommandMeaning.CMDMP_SERVER_CLEARED
    if kind == 4:
        return CommandMeaning.CMDMP_SHOW_SPACE if d.unset_shows_as_space else CommandMeaning.CMDMP_SHOW_DEFAULT
    return KINDS[kind]


def _rows(p: Profile) -> dict[int, tuple[Handler, tuple[Any, ...]]]:
    d = p.cmdmp
    shown = (MODE, SERVER, KEYS, PLMN) if d.plmns else (MODE, SERVER, KEYS)
    may_blank = not d.period_needs_server  # D4, D31; BC95 R2.0: DOC-A 2.1 note
    may_end = d.period_may_be_blank  # brackets in brackets: the line may end before port or period, as if empty (D4)

    def named(parameter: str) -> tuple[str, str]:
        """The document's name, and how its values are known."""
        return d.parameters[parameter], p.known_by(f"cmdmp.<{parameter}>")

    (server, by_server), (port, by_port), (period, by_period) = map(named, ("server", "port", "period"))
    (appkey, by_appkey), (password, by_password) = map(named, ("appkey", "password"))
    (kind, by_kind), (imei, by_imei) = map(named, ("terminal_type", "terminal_imei"))
    (mode, by_mode), (query, by_query), (erase, by_erase) = map(named, ("mode", "query", "erase"))
    rows: dict[int, tuple[Handler, tuple[Any, ...]]] = {
        0: (save_mode, (Int(mode, 0, 1, known=by_mode),)),
        1: (save_server, (
            Host(server, domain=d.server_may_be_domain, blank=may_blank, known=by_server),
            Int(port, *d.ports, blank=may_blank, optional=may_end, known=by_port),
            Int(period, 300, 4294966, blank=d.period_may_be_blank, optional=may_end, known=by_period),  # D36
        )),
        2: (save_keys, (
            Quoted(appkey, known=by_appkey), Quoted(password, known=by_password),  # quotes required: D37
            Int(kind, 0, 2, known=by_kind), Digits(imei, 15, 17, known=by_imei),
        )),
        4: (show_saved, (Choice(query, shown, PARTS, known=by_query),)),
        5: (erase_saved, (Choice(erase, (*shown, ALL), PARTS, known=by_erase),)),
        6: (show_state, ()),
    }  # fmt: skip
    if d.plmns:
        plmn, by_plmn = named("plmn")
        more = Digits(plmn, 5, 6, optional=True, known=by_plmn)
        rows[3] = (save_plmns, (Digits(plmn, 5, 6, known=by_plmn), more, more))
    return rows


def _ont_only(m: Module, command: Command, form: Form, values: Sequence[str]) -> None:
    """DOC-A chapter 1: only firmware whose version ends in _ONT has the command (D30)."""
    if not m.identity.firmware.endswith("_ONT"):
        raise not_supported(m, CommandRefused(CommandRefusal.FIRMWARE_NOT_ONT, text=m.identity.firmware))


ONT_FIRMWARE = Gate(CommandMeaning.GATE_ONT_FIRMWARE, "DOC-A 1, D30", _ont_only)


def save_mode(m: Module, mode: int) -> Lines:
    """CMDMP access off (0) or on (1)."""
    m.to_save.cmdmp.mode = mode
    save(m)
    return OK


def save_server(m: Module, server: str | None, port: int | None, period: int | None) -> Lines:
    """Server and update period; an empty field keeps what was saved, takes the default or clears (D4, D31)."""
    saved, keeps = m.to_save.cmdmp, m.profile.cmdmp.blank_keeps
    if server is not None or not keeps:
        saved.server = server
    if port is not None or not keeps:
        saved.port = port
    if period is not None or not keeps:
        saved.period = period
    save(m)
    return OK


def save_keys(m: Module, appkey: str, password: str, terminal_type: int, terminal_imei: str) -> Lines:
    """Credentials: app key, private key, terminal type and IMEI."""
    saved = m.to_save.cmdmp
    saved.appkey, saved.password = appkey, password
    saved.terminal_type, saved.terminal_imei = terminal_type, terminal_imei
    save(m)
    return OK


def save_plmns(m: Module, *plmns: str | None) -> Lines:
    """One to three PLMNs; a second write replaces the list (D32)."""
    m.to_save.cmdmp.plmns = [plmn for plmn in plmns if plmn is not None]
    save(m)
    return OK


def erase_saved(m: Module, option: int) -> Lines:
    """Erase what is saved; the defaults are in force after reboot (D20)."""
    saved = m.to_save.cmdmp
    if option in (MODE, ALL):
        saved.mode = None
    if option in (SERVER, ALL):
        saved.server = saved.port = saved.period = None
    if option in (KEYS, ALL):
        saved.appkey = saved.password = saved.terminal_type = saved.terminal_imei = None
    if option in (PLMN, ALL):
        saved.plmns = []
    save(m)
    return OK


def show_in_use(m: Module) -> Lines:
    """Types 0, 1 and 2 as the module uses them, which is what was saved at the last boot (D33)."""
    d = m.profile.cmdmp
    in_use = d.filled(m.in_use.cmdmp, m.identity.imei)
    kinds = (MODE,) if d.read_needs_mode_1 and in_use.mode != 1 else (MODE, SERVER, KEYS)  # D11
    return tuple(f"{d.name}: {LINES[kind](in_use)}" for kind in kinds)  # with a space in every example: D1


def show_saved(m: Module, option: int) -> Lines:
    """Saved values; what never was shows as its default, in DOC-A as one space a field (D31, D34)."""
    d, saved = m.profile.cmdmp, m.saved.cmdmp
    shown: Cmdmp | CmdmpInUse = saved if d.unset_shows_as_space else d.filled(saved, m.identity.imei)
    return (d.answer_prefix + LINES[option](shown),)


def show_state(m: Module) -> Lines:
    """The state of the access now: <dmstate>."""
    return (f"{m.profile.cmdmp.answer_prefix}6,{int(m.cmdmp_state)}",)


def masked(password: str | None) -> str | None:
    """The first four characters and four stars, wherever a password is shown (no space before it: D2)."""
    return None if password is None else password[:4] + "****"


def _line(kind: int, *values: int | str | None) -> str:
    return ",".join([str(kind), *(" " if value is None else str(value) for value in values)])


LINES: dict[int, Callable[[Cmdmp | CmdmpInUse], str]] = {
    MODE: lambda c: _line(MODE, c.mode),
    SERVER: lambda c: _line(SERVER, c.server, c.port, c.period),
    KEYS: lambda c: _line(KEYS, c.appkey, masked(c.password), c.terminal_type, c.terminal_imei),
    PLMN: lambda c: _line(PLMN, *(c.plmns or (None,))),
}
"""One line a type, without its prefix."""
