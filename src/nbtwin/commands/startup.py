"""What public host drivers of these families also send while they start: eDRX off, APN, baud rate, registration.

Knows what is kept of it. A virtual serial line has no baud rate, the lab's one network no paging cycle, APN or other
carriers, and the module no sockets and no light: the values are kept and shown, and mean nothing else (fidelity page).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import OK, Command, Lines, row
from nbtwin.at.values import Choice, Int, Quoted, Word
from nbtwin.commands.fields import Cycle
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.radio import show_registration_as
from nbtwin.commands.wording import choices, line
from nbtwin.module.profile import Everyday

if TYPE_CHECKING:
    from nbtwin.module.module import Module

NB_IOT = 5
"""<AcT-type> of +CEDRXS (27.007 7.40): E-UTRAN, narrow band."""
HUAWEI_MODES = {0: CommandMeaning.HUAWEI_MANUAL, 2: CommandMeaning.HUAWEI_OFF}
RATES = (4800, 9600, 14400, 19200, 28800, 38400, 57600, 115200, 230400, 460800)
EDRX, HUAWEI, PDP_TYPE, APN = "CEDRXS", "QREGSWT", "PDP_type", "APN"
"""Where the values stand among those of +NCONFIG."""


def startup_commands(e: Everyday) -> tuple[Command, ...]:
    span = f"({NB_IOT})", '("0000"-"1111")'
    edrx = Command("+CEDRXS", "27.007 7.40", test=lambda m: (line(m, "+CEDRXS", "(0-3)", *span),), read=show_edrx,
                   write=row(set_edrx, Int("mode", 0, 3),
                             Choice.of("AcT-type", {NB_IOT: CommandMeaning.NB_IOT}, optional=True),
                             Cycle("Requested_eDRX_value", optional=True)))  # fmt: skip
    types = ("IP", "IPV6", "IPV4V6", "NONIP")
    context = Command("+CGDCONT", "27.007 10.1.1", test=lambda m: tuple(
                          line(m, "+CGDCONT", f"({e.context})", f'"{kind}"', None, None) for kind in types),
                      read=show_context, write=row(set_context, Int("cid", e.context, e.context),
                          Word("PDP_type", types),
                          Quoted("APN", 99, 0, optional=True, known="assumed (99 bytes)")))  # fmt: skip
    search = Command("+NCSEARFCN" if e.restarts_with_nrb else "+QCSEARFCN", e.source, execute=lambda m: OK)  # fmt: skip
    light = _kept("+QLEDMODE", e, 1, "0")
    return (edrx, context, search, light, *(_neul(e) if e.restarts_with_nrb else _others(e)))


def _kept(name: str, e: Everyday, most: int, default: str) -> Command:
    """A number that is shown again until the next boot."""

    def choose(m: Module, mode: int) -> Lines:
        m.in_use.generic.config[name] = str(mode)
        return OK

    return Command(name, e.source, read=lambda m: (line(m, name, m.in_use.generic.config.get(name, default)),),
                   write=row(choose, Int("mode", 0, most)))  # fmt: skip


def _others(e: Everyday) -> tuple[Command, ...]:
    return (
        Command("+CGREG", "27.007 10.1.20", test=lambda m: (line(m, "+CGREG", "(0)"),),
                read=lambda m: show_registration_as(m, "+CGREG", 0), write=row(lambda m, n: OK, Int("n", 0, 0))),
        Command("+IPR", "V.250 6.2.10", test=lambda m: (line(m, "+IPR", choices(()), choices(RATES)),),
                read=lambda m: (line(m, "+IPR", m.saved.generic.baud or e.baud),),
                write=row(set_baud, Choice("rate", RATES))),
    )  # fmt: skip


def _neul(e: Everyday) -> tuple[Command, ...]:
    return (
        Command("+NATSPEED", e.source,
                read=lambda m: (line(m, "+NATSPEED", m.saved.generic.baud or e.baud, 0, 1, 2, 0),),
                write=row(set_baud_for_some_time, Choice("baud_rate", RATES), Int("timeout", 0, 30),
                          Int("store", 0, 1, optional=True, default=0), Int("sync_mode", 0, 3, optional=True),
                          Int("stopbits", 1, 2, optional=True), Int("parity", 0, 2, optional=True))),
        _kept("+NSONMI", e, 3, "1"),
        _kept("+NSMI", e, 1, "0"),
        _kept("+NNMI", e, 2, "0"),
        Command("+QREGSWT", e.source, read=lambda m: (line(m, "+QREGSWT", m.saved.generic.config.get(HUAWEI, "2")),),
                write=row(set_huawei_registration, Choice.of("type", HUAWEI_MODES))),
    )  # fmt: skip


def set_edrx(m: Module, mode: int, technology: int | None, cycle: str | None) -> Lines:
    config = m.saved.generic.config
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
    m.saved.generic.baud = rate
    m.save()
    return OK


def set_baud_for_some_time(
    m: Module, rate: int, timeout: int, store: int, sync: int | None, stopbits: int | None, parity: int | None
) -> Lines:
    return set_baud(m, rate) if store else OK


def set_context(m: Module, cid: int, kind: str, apn: str | None) -> Lines:
    m.saved.generic.config |= {PDP_TYPE: kind, APN: apn or ""}
    m.save()
    return OK


def show_context(m: Module) -> Lines:
    config, cid = m.saved.generic.config, m.profile.everyday.context
    return (line(m, "+CGDCONT", cid, f'"{config.get(PDP_TYPE, "IP")}"', f'"{config.get(APN, "")}"'),)


def set_huawei_registration(m: Module, kind: int) -> Lines:
    m.saved.generic.config[HUAWEI] = str(kind)
    m.save()
    return OK
