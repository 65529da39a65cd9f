"""Restart, sleep and time: +NRB (DOC-A/E family, D21), +QRST, +QSCLK, +QRELLOCK, +CPSMS, +NPSMR, +CCLK, +CTZR.

Knows what is saved of sleep; knows no timer of the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import OK, Command, Lines, WithoutResult, row
from nbtwin.at.values import Choice, Int
from nbtwin.commands.fields import Bits
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.wording import choices, line, quoted
from nbtwin.module.clock import ZONE_TEXT, local
from nbtwin.module.events import APPLICATION_AT
from nbtwin.module.profile import Profile
from nbtwin.module.sleep import DEFAULT_T3324, DEFAULT_T3412

if TYPE_CHECKING:
    from nbtwin.module.module import Module

PSM_TIMERS = ("Periodic-RAU", "GPRS-READY-timer", "Periodic-TAU", "Active-Time")
"""The <Requested_…> fields of +CPSMS; the first two mean nothing to NB-IoT."""
PSM_MODES = {0: CommandMeaning.PSM_OFF, 1: CommandMeaning.PSM_ON, 2: CommandMeaning.PSM_FORGOTTEN}
CLOCK_FORM = "%y/%m/%d,%H:%M:%S"


def power_commands(p: Profile) -> tuple[Command, ...]:
    e = p.everyday
    restart = (
        Command("+NRB", "DOC-E 6.1", execute=reboot)
        if e.restarts_with_nrb
        else Command("+QRST", e.source, test=lambda m: (line(m, "+QRST", "(1)"),), write=row(reset, Int("mode", 1, 1)))
    )  # fmt: skip
    sleep = Command(
        "+QSCLK",
        e.source,
        test=lambda m: (line(m, "+QSCLK", "(0,1,2)"),),
        read=lambda m: (line(m, "+QSCLK", _sleep_mode(m)),),
        write=row(set_sleep, Int("n", 0, 2)),
    )
    psm = Command(
        "+CPSMS",
        "27.007 7.38",
        test=lambda m: (line(m, "+CPSMS", "(0,1,2)", None, None, "(00000000-11111111)", "(00000000-11111111)"),),
        read=show_psm,
        write=row(
            set_psm,
            Choice.of("mode", PSM_MODES),
            *(Bits(name, blank=True, optional=True) for name in PSM_TIMERS),
        ),
    )
    clock = Command("+CCLK", "27.007 8.15", test=(), read=show_clock)
    modes = range(1 + len(p.radio_urcs.time_zone))
    zone = Command("+CTZR", "27.007 8.41", test=lambda m: (line(m, "+CTZR", choices(tuple(modes))),),
                   read=lambda m: (line(m, "+CTZR", m.radio.ctzr_mode),),
                   write=row(set_time_zone_urc, Int("reporting", modes[0], modes[-1])))  # fmt: skip
    saving = Command("+NPSMR", e.source, test=lambda m: (line(m, "+NPSMR", "(0,1)"),), read=show_saving,
                     write=row(set_saving_urc, Int("n", 0, 1)))  # fmt: skip
    lock = Command("+QRELLOCK", e.source, test=(), execute=release_lock)
    asked = ((saving, p.radio_urcs.power_saving), (lock, e.sleep_lock))
    return (restart, sleep, psm, clock, zone, *(command for command, there in asked if there))


def reboot(m: Module) -> WithoutResult:
    m.restart(APPLICATION_AT)
    return WithoutResult(("REBOOTING",))


def reset(m: Module, mode: int) -> Lines:
    m.restart(APPLICATION_AT)
    return OK


def _sleep_mode(m: Module) -> int:
    saved = m.saved.generic.sleep_mode
    return m.profile.sleep_default if saved is None else saved


def set_sleep(m: Module, mode: int) -> Lines:
    m.to_save.generic.sleep_mode = mode
    m.save()
    return OK


def show_psm(m: Module) -> Lines:
    mode, periodic, active = m.saved.generic.psm or ["0", "", ""]
    timers = (quoted(m, periodic or DEFAULT_T3412), quoted(m, active or DEFAULT_T3324))
    return (line(m, "+CPSMS", mode, None, None, *timers),)


def set_psm(m: Module, mode: int, rau: str | None, ready: str | None, tau: str | None, active: str | None) -> Lines:
    """Mode 2 disables and forgets the timers; a timer that is left out stays as it was."""
    _, old_tau, old_active = m.saved.generic.psm or ["0", "", ""]
    m.to_save.generic.psm = None if mode == 2 else [str(mode), tau or old_tau, active or old_active]
    m.save()
    return OK


def show_clock(m: Module) -> Lines:
    ahead = m.internet.clock_ahead if m.has_internet else 0.0  # what +QNTP has set
    return (line(m, "+CCLK", quoted(m, f"{local(m.now + ahead).strftime(CLOCK_FORM)}{ZONE_TEXT}")),)


def set_time_zone_urc(m: Module, mode: int) -> Lines:
    m.radio.ctzr_mode = mode
    return OK


def show_saving(m: Module) -> Lines:
    """<mode> only where it is reported; a module that reads this is awake."""
    return (line(m, "+NPSMR", *((1, 0) if m.radio.npsmr_mode else (0,))),)


def set_saving_urc(m: Module, mode: int) -> Lines:
    m.radio.npsmr_mode = mode
    return OK


def release_lock(m: Module) -> Lines:
    m.release_sleep_lock()
    return OK
