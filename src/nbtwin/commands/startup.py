"""What public host drivers of these families also send while they start: eDRX off, APN, baud rate, registration.

Knows what is kept of it. The lab's one network has no paging cycle and no other carriers, and the module no sockets and
no light: their values are kept and shown, and mean nothing else (fidelity page).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbtwin.at.command import OK, Command, Lines, row
from nbtwin.at.values import Choice, Host, Int, Quoted, Word
from nbtwin.commands.fields import Cycle
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.radio import show_registration_as
from nbtwin.commands.wording import choices, line, span_of
from nbtwin.module.bearer import FIRST_DNS, SECOND_DNS, Context, contexts, define, network_apn
from nbtwin.module.profile import Everyday

if TYPE_CHECKING:
    from nbtwin.module.module import Module

NB_IOT = 5
"""<AcT-type> of +CEDRXS (27.007 7.40): E-UTRAN, narrow band."""
HUAWEI_MODES = {0: CommandMeaning.HUAWEI_MANUAL, 1: CommandMeaning.HUAWEI_AUTOMATIC, 2: CommandMeaning.HUAWEI_OFF}
RATES = (4800, 9600, 14400, 19200, 28800, 38400, 57600, 115200, 230400, 460800)
EDRX, HUAWEI = "CEDRXS", "QREGSWT"
"""Where the values stand among those of +NCONFIG."""
TYPES = ("IP", "IPV6", "IPV4V6", "NONIP")
PRINTED_TYPES = "(" + ",".join(f'"{kind}"' for kind in TYPES) + ")"
APN_FIELDS = (Word("PDP_type", TYPES), Quoted("APN", 99, 0, optional=True, known="assumed (99 bytes)"))


def startup_commands(e: Everyday) -> tuple[Command, ...]:
    span = f"({NB_IOT})", '("0000"-"1111")'
    edrx = Command("+CEDRXS", "27.007 7.40", test=lambda m: (line(m, "+CEDRXS", "(0-3)", *span),), read=show_edrx,
                   write=row(set_edrx, Int("mode", 0, 3),
                             Choice.of("AcT-type", {NB_IOT: CommandMeaning.NB_IOT}, optional=True),
                             Cycle("Requested_eDRX_value", optional=True)))  # fmt: skip
    context = Command("+CGDCONT", "27.007 10.1.1", test=lambda m: tuple(
                          line(m, "+CGDCONT", choices(e.contexts), f'"{kind}"', None, None) for kind in TYPES),
                      read=show_contexts,
                      write=row(set_context, Int("cid", *span_of(e.contexts)), *APN_FIELDS))  # fmt: skip
    search = Command("+NCSEARFCN" if e.restarts_with_nrb else "+QCSEARFCN", e.source, execute=lambda m: OK)  # fmt: skip
    light = _kept("+QLEDMODE", e, 1, "0")
    default = Command("+QCGDEFCONT", e.source, test=lambda m: (line(m, "+QCGDEFCONT", PRINTED_TYPES),),
                      read=show_default_context,
                      write=row(set_default_context, *APN_FIELDS, Quoted("username", 64, 0, optional=True),
                                Quoted("password", 64, 0, optional=True)))  # fmt: skip
    names = (default,) if e.default_context_command else ()
    return (edrx, context, *names, _names(e), search, light, *(_neul(e) if e.restarts_with_nrb else _others(e)))


def _names(e: Everyday) -> Command:
    first, second = Host("pridnsaddr"), Host("secdnsaddr", optional=True)
    if e.restarts_with_nrb:
        return Command("+QIDNSCFG", e.source, read=show_name_servers, write=row(set_name_servers, first, second))
    cid = Int("contextID", *span_of(e.contexts))
    return Command(
        "+QIDNSCFG", e.source, write=row(ask_or_set_name_servers, cid, replace(first, optional=True), second)
    )


def _kept(name: str, e: Everyday, most: int, default: str) -> Command:
    """A number that is shown again until the next boot."""

    def choose(m: Module, mode: int) -> Lines:
        m.to_use.generic.config[name] = str(mode)
        return OK

    return Command(name, e.source, read=lambda m: (line(m, name, m.in_use.generic.config.get(name, default)),),
                   write=row(choose, Int("mode", 0, most)))  # fmt: skip


def _others(e: Everyday) -> tuple[Command, ...]:
    return (
        Command("+CGREG", "27.007 10.1.20", test=lambda m: (line(m, "+CGREG", "(0)"),),
                read=lambda m: show_registration_as(m, "+CGREG", 0), write=row(lambda m, n: OK, Int("n", 0, 0))),
        Command("+IPR", "V.250 6.2.10", test=lambda m: (line(m, "+IPR", choices(()), choices(RATES)),),
                read=lambda m: (line(m, "+IPR", m.line_speed),),
                write=row(set_baud, Choice("rate", RATES))),
    )  # fmt: skip


def _neul(e: Everyday) -> tuple[Command, ...]:
    return (
        Command("+NATSPEED", e.source,
                read=lambda m: (line(m, "+NATSPEED", m.line_speed, 0, 1, 2, 0),),
                write=row(set_baud_for_some_time, Choice("baud_rate", RATES), Int("timeout", 0, 30),
                          Int("store", 0, 1, optional=True, default=0), Int("sync_mode", 0, 3, optional=True),
                          Int("stopbits", 1, 2, optional=True), Int("parity", 0, 2, optional=True))),
        _kept("+NSMI", e, 1, "0"),
        _kept("+NNMI", e, 2, "0"),
        Command("+QREGSWT", e.source, read=lambda m: (line(m, "+QREGSWT", m.saved.generic.config.get(HUAWEI, "2")),),
                write=row(set_huawei_registration, Choice.of("type", HUAWEI_MODES))),
    )  # fmt: skip


def set_edrx(m: Module, mode: int, technology: int | None, cycle: str | None) -> Lines:
    config = m.to_save.generic.config
    if mode in (0, 3):
        config.pop(EDRX, None)
    else:
        config[EDRX] = cycle or config.get(EDRX, "0101")
    m.save()
    return OK


def show_edrx(m: Module) -> Lines:
    cycle = m.saved.generic.config.get(EDRX)
    return (line(m, "+CEDRXS", 0) if cycle is None else line(m, "+CEDRXS", NB_IOT, f'"{cycle}"'),)


def set_baud(m: Module, rate: int) -> Lines:
    """OK is said at the former rate (D110)."""
    m.to_save.generic.baud = rate
    m.save()
    m.set_speed(rate)
    return OK


def set_baud_for_some_time(
    m: Module, rate: int, timeout: int, store: int, sync: int | None, stopbits: int | None, parity: int | None
) -> Lines:
    if store:
        m.to_save.generic.baud = rate
        m.save()
    m.set_speed(rate, timeout)
    return OK


def set_context(m: Module, cid: int, kind: str, apn: str | None) -> Lines:
    define(m.profile.everyday, m.to_save.generic, Context(cid, kind, apn or ""))
    m.save()
    return OK


def show_contexts(m: Module) -> Lines:
    return tuple(line(m, "+CGDCONT", c.cid, f'"{c.kind}"', f'"{_apn(m, c)}"') for c in _contexts(m))


def _contexts(m: Module) -> list[Context]:
    return contexts(m.profile.everyday, m.saved.generic)


def _apn(m: Module, context: Context) -> str:
    """What the host has set; else, while attached, what the network has given (D105)."""
    radio = m.radio
    if context.apn or not radio.attached or radio.usim is None or context.cid != radio.cid:
        return context.apn
    return network_apn(radio.usim.operator)


def set_default_context(m: Module, kind: str, apn: str | None, user: str | None, password: str | None) -> Lines:
    """The lab's networks ask nobody who he is: name and password are taken, and not kept."""
    return set_context(m, m.profile.everyday.context, kind, apn)


def show_default_context(m: Module) -> Lines:
    context = _contexts(m)[0]
    return (line(m, "+QCGDEFCONT", f'"{context.kind}"', f'"{_apn(m, context)}"'),)


def set_name_servers(m: Module, first: str, second: str | None) -> Lines:
    m.to_use.generic.config |= {FIRST_DNS: first, SECOND_DNS: second or ""}
    return OK


def show_name_servers(m: Module) -> Lines:
    first, second = m.name_servers
    return (f"PrimaryDns: {first}", f"SecondaryDns: {second}")


def ask_or_set_name_servers(m: Module, cid: int, first: str | None, second: str | None) -> Lines:
    if first is not None:
        return set_name_servers(m, first, second)
    return (line(m, "+QIDNSCFG", cid, *(f'"{address}"' for address in m.name_servers)),)


def set_huawei_registration(m: Module, kind: int) -> Lines:
    """Automatic (1) as well: without a server there is nobody to register with (D106)."""
    m.to_save.generic.config[HUAWEI] = str(kind)
    m.save()
    return OK
