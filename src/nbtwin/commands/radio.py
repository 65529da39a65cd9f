"""The network side of the everyday commands (27.007), from +CFUN to +CEER.

Knows what the radio says and how the family words it; knows no timer and no packet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from nbtwin.at.command import OK, AtError, Command, Lines, row
from nbtwin.at.refusals import CommandRefused
from nbtwin.at.values import Choice, Digits, Int
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.refusals import INCORRECT_PASSWORD, OPERATION_NOT_ALLOWED, CommandRefusal, bad_parameter
from nbtwin.commands.wording import choices, inserted, line, quoted, span_of, usim_of
from nbtwin.module.bearer import contexts
from nbtwin.module.events import APPLICATION_AT, ModuleReason
from nbtwin.module.profile import Everyday

if TYPE_CHECKING:
    from nbtwin.module.module import Module

EXTENDED_SPANS = ("(0-63,99)", "(0-7,99)", "(0-96,255)", "(0-49,255)", "(0-34,255)", "(0-97,255)")
FUNCTIONS = {
    0: CommandMeaning.FUNCTION_MINIMUM,
    1: CommandMeaning.FUNCTION_FULL,
    4: CommandMeaning.FUNCTION_FLIGHT,
}
OPERATOR_MODES = {
    0: CommandMeaning.OPERATOR_AUTOMATIC,
    1: CommandMeaning.OPERATOR_BY_NUMBER,
    2: CommandMeaning.OPERATOR_NONE,
}
OPERATOR_FORMATS = {2: CommandMeaning.OPERATOR_NUMERIC}
RSRQ = -108
"""Of the lab's one cell, in tenths of dB."""
NO_REPORT = "No report available"
"""Assumed."""
FACTORY_PIN = "1234"
"""The code of every lab USIM whose PIN is asked for; assumed."""


def radio_commands(e: Everyday) -> tuple[Command, ...]:
    return (
        Command("+CFUN", "27.007 8.2", test=lambda m: (line(m, "+CFUN", choices(e.functions), "(0,1)"),),
                read=lambda m: (line(m, "+CFUN", m.radio.function),),
                write=row(set_function, Choice("fun", e.functions, FUNCTIONS),
                          Int("rst", 0, 1, optional=True, default=0))),
        Command("+CPIN", "27.007 8.3", test=(), read=show_pin,
                write=row(enter_pin, Digits("pin", 4, 8))),
        Command("+CGATT", "27.007 10.1.9", test=lambda m: (line(m, "+CGATT", "(0,1)"),),
                read=lambda m: (line(m, "+CGATT", int(m.radio.attached)),),
                write=row(attach, Int("state", 0, 1))),
        Command("+CEREG", "27.007 10.1.22", test=lambda m: (line(m, "+CEREG", "(0,1,2,3,4,5)"),),
                read=show_registration, write=row(set_registration_urc, Int("n", 0, 5))),
        Command("+CSCON", "27.007 10.1.30", test=lambda m: (line(m, "+CSCON", "(0,1)"),),
                read=lambda m: (line(m, "+CSCON", m.radio.cscon_mode, int(m.radio.connected)),),
                write=row(set_connection_urc, Int("n", 0, 1))),
        Command("+CSQ", "27.007 8.5", test=lambda m: (line(m, "+CSQ", "(0-31,99)", "(0-7,99)"),),
                execute=show_signal),
        Command("+CESQ", "27.007 8.69", test=lambda m: (line(m, "+CESQ", *EXTENDED_SPANS),),
                execute=show_extended_signal),
        Command("+CGACT", "27.007 10.1.10", test=lambda m: (line(m, "+CGACT", "(0,1)"),),
                read=show_active,
                write=row(activate, Int("state", 0, 1), Int("cid", *span_of(e.contexts), optional=True))),
        Command("+COPS", "27.007 7.3", test=list_operators, read=show_operator,
                write=row(select_operator, Choice.of("mode", OPERATOR_MODES),
                          Choice.of("format", OPERATOR_FORMATS, optional=True), Digits("oper", 5, 6, optional=True),
                          conditions={"oper": CommandMeaning.WITH_MODE_1})),
        Command("+CGPADDR", "27.007 10.1.14", test=lambda m: (line(m, "+CGPADDR", choices(e.contexts)),),
                read=show_addresses, execute=show_addresses,
                write=row(show_address, Int("cid", *span_of(e.contexts)), alters=False)),
        Command("+CEER", "27.007 6.10", test=(), execute=lambda m: (line(m, "+CEER", NO_REPORT),)),
    )  # fmt: skip


def set_function(m: Module, function: int, restart: int) -> Lines:
    if restart:
        m.restart(APPLICATION_AT)  # D101
        return OK
    refusal = m.profile.everyday.full_without_usim
    if function == 1 and m.radio.usim is None and refusal is not None:
        raise AtError(refusal, CommandRefused(CommandRefusal.USIM_MISSING))  # D108
    m.set_function(function)
    return OK


def show_pin(m: Module) -> Lines:
    return (line(m, "+CPIN", usim_of(m).pin),)


def enter_pin(m: Module, pin: str) -> Lines:
    usim = usim_of(m)
    if usim.pin != "SIM PIN":
        raise AtError(OPERATION_NOT_ALLOWED, CommandRefused(CommandRefusal.PIN_NOT_ASKED))
    if pin != FACTORY_PIN:
        raise AtError(INCORRECT_PASSWORD, CommandRefused(CommandRefusal.PIN_INCORRECT))
    m.radio.usim = replace(usim, pin="READY")
    m.radio.update(m.now, ModuleReason.PIN_ENTERED)
    return OK


def attach(m: Module, state: int) -> Lines:
    if state == 1:
        inserted(m)
    m.attach(bool(state))
    return OK


def show_registration(m: Module) -> Lines:
    """Modes 2 to 5 add where; 27.007 has modes 3 and 5 add a cause, which a registered module does not have."""
    return show_registration_as(m, "+CEREG", m.radio.cereg_mode)


def show_registration_as(m: Module, name: str, mode: int) -> Lines:
    radio = m.radio
    where: tuple[object, ...] = ()
    if mode >= 2 and radio.attached:
        where = (quoted(m, f"{radio.tac:04X}"), quoted(m, f"{radio.cell_id:08X}"), m.profile.everyday.access_technology)
    psm = m.saved.generic.psm
    if where and mode >= 4 and psm and psm[0] == "1":
        where += (None, None, quoted(m, psm[2]), quoted(m, psm[1]))
    return (line(m, name, mode, radio.cereg_stat, *where),)


def set_registration_urc(m: Module, mode: int) -> Lines:
    m.radio.cereg_mode = mode
    return OK


def set_connection_urc(m: Module, mode: int) -> Lines:
    m.radio.cscon_mode = mode
    return OK


def show_signal(m: Module) -> Lines:
    signal = m.radio.signal
    return (line(m, "+CSQ", signal, 99 if signal == 99 else m.profile.everyday.bit_error_rate),)


def show_extended_signal(m: Module) -> Lines:
    """No GSM, no UTRAN; RSRQ in steps of 0.5 dB from -19.5, RSRP in steps of 1 dB from -140."""
    radio = m.radio
    quality = (255, 255) if radio.signal == 99 else ((RSRQ + 195) // 5 + 1, (radio.rsrp + 1400) // 10 + 1)
    return (line(m, "+CESQ", 99, 99, 255, 255, *quality),)


def activate(m: Module, state: int, context: int | None) -> Lines:
    """An attached module has its one context; the last one is not taken down (27.007 10.1.10)."""
    if not m.radio.attached:
        raise AtError(m.profile.everyday.no_network)
    if state == 0:
        raise AtError(OPERATION_NOT_ALLOWED)
    return OK


def show_operator(m: Module) -> Lines:
    radio = m.radio
    if not radio.attached or radio.usim is None:
        return (line(m, "+COPS", 0),)
    return (line(m, "+COPS", 0, 2, f'"{radio.usim.network}"', m.profile.everyday.access_technology),)


def list_operators(m: Module) -> Lines:
    """The one network that a lab module sees: that of its USIM's operator."""
    usim, seen = m.radio.usim, m.radio.signal != 99
    found = f'(2,,,"{usim.network}",{m.profile.everyday.access_technology})' if usim is not None and seen else None
    return (line(m, "+COPS", found, None, "(0-2)", "(2)") if found else line(m, "+COPS", "(0-2)", "(2)"),)


def select_operator(m: Module, mode: int, format: int | None, operator: str | None) -> Lines:
    if (mode == 1) != (operator is not None):
        raise bad_parameter(m, CommandRefused(CommandRefusal.OPERATOR_OUT_OF_PLACE))
    if operator is not None and operator != usim_of(m).network:
        raise AtError(m.profile.everyday.no_network, CommandRefused(CommandRefusal.NETWORK_UNKNOWN, text=operator))
    m.attach(mode != 2)
    return OK


def show_addresses(m: Module) -> Lines:
    """Every context that is defined; the one of the bearer has the address."""
    return tuple(_address(m, found.cid) for found in contexts(m.profile.everyday, m.saved.generic))


def show_address(m: Module, cid: int) -> Lines:
    """A host that asks for the other number means the one bearer (D104)."""
    return (_address(m, cid, asked=True),)


def _address(m: Module, cid: int, asked: bool = False) -> str:
    radio = m.radio
    there = radio.attached and (asked or cid == radio.cid)
    return line(m, "+CGPADDR", cid, *((quoted(m, radio.ip),) if there else ()))


def show_active(m: Module) -> Lines:
    found, radio = contexts(m.profile.everyday, m.saved.generic), m.radio
    return tuple(line(m, "+CGACT", c.cid, int(radio.attached and c.cid == radio.cid)) for c in found)
