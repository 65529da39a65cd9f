"""Who the module and its USIM are: ATI, +CGMI, +CGMM, +CGMR, +CGSN, +CIMI and the ICCID (27.007 5, V.250 6.1).

Knows the family's wording; the texts themselves are data of the profile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import Command, Lines, row
from nbtwin.at.values import Int
from nbtwin.commands.wording import line, usim_of
from nbtwin.module.profile import Everyday

if TYPE_CHECKING:
    from nbtwin.module.module import Module


def identity_commands(e: Everyday) -> tuple[Command, ...]:
    return (
        Command("I", "V.250 6.1.3", execute=show_all, write=row(show_all_of, Int("value", 0, 0), alters=False)),
        Command("+CGMI", "27.007 5.1", test=(), execute=show_manufacturer),
        Command("+CGMM", "27.007 5.2", test=(), execute=show_model),
        Command("+CGMR", "27.007 5.3", test=(), execute=show_revision),
        Command("+GMI", "V.250 6.1.4", test=(), execute=show_manufacturer),
        Command("+GMM", "V.250 6.1.5", test=(), execute=show_model),
        Command("+GMR", "V.250 6.1.6", test=(), execute=show_revision),
        Command("+GSN", "V.250 6.1.7", test=(), execute=lambda m: (m.identity.imei,)),
        Command("+CGSN", "27.007 5.4", test=lambda m: (line(m, "+CGSN", "(0,1,2,3)"),),
                execute=lambda m: show_serial(m, 0), write=row(show_serial, Int("snt", 0, 3), alters=False)),
        Command("+CIMI", "27.007 5.6", test=(), execute=lambda m: (usim_of(m).imsi,)),
        *(_iccid(name, e) for name in e.iccid_commands),
    )  # fmt: skip


def show_all(m: Module) -> Lines:
    e = m.profile.everyday
    return (e.manufacturer, *show_model(m), e.identity_revision.format(firmware=m.identity.firmware))


def show_all_of(m: Module, value: int) -> Lines:
    return show_all(m)


def show_manufacturer(m: Module) -> Lines:
    return (m.profile.everyday.manufacturer,)


def show_model(m: Module) -> Lines:
    return (m.profile.everyday.model.format(model=m.profile.model),)


def show_revision(m: Module) -> Lines:
    return (m.profile.everyday.revision.format(firmware=m.identity.firmware),)


def show_serial(m: Module, kind: int) -> Lines:
    imei, e = m.identity.imei, m.profile.everyday
    if kind == 0:
        return (m.identity.serial_number or e.serial_number.format(tail=imei[5:]) or imei,)
    value = (imei, imei[:14] + e.software_version, e.software_version)[kind - 1]
    return (line(m, "+CGSN", value),)


def _iccid(name: str, e: Everyday) -> Command:
    def show(m: Module) -> Lines:
        return (line(m, name, usim_of(m).iccid),)

    return Command(name, e.source, test=(), read=show, execute=show)
