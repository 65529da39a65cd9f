"""Restart, sleep and time: +NRB (DOC-A/E family, D21), +QRST, +QSCLK, +CPSMS, +CCLK.

Knows what is saved of sleep; knows no timer of the network.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nbtwin.at.command import OK, Command, Lines, WithoutResult, row
from nbtwin.at.values import Choice, Int
from nbtwin.commands.fields import Bits
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.wording import line, quoted
from nbtwin.module.events import APPLICATION_AT
from nbtwin.module.profile import Everyday
from nbtwin.module.sleep import DEFAULT_T3324, DEFAULT_T3412

if TYPE_CHECKING:
    from nbtwin.module.module import Module

PSM_TIMERS = ("Periodic-RAU", "GPRS-READY-timer", "Periodic-TAU", "Active-Time")
"""The <Requested_…> fields of +CPSMS; the first two mean nothing to NB-IoT."""
PSM_MODES = {0: CommandMeaning.PSM_OFF, 1: CommandMeaning.PSM_ON, 2: CommandMeaning.PSM_FORGOTTEN}
CLOCK_FORM = "%y/%m/%d,%H:%M:%S"
UNIX_EPOCH = datetime(1970, 1, 1)
LAB_EPOCH = datetime(2020, 1, 1)
"""What the network's time is where the lab's time begins at 0 (UTC), as in a scenario; the lab's own choice. A lab that
counts from 1970, as a live one does, has the real time."""
LAB_ZONE = 32
"""Quarters of an hour ahead of UTC: Beijing."""


def power_commands(e: Everyday) -> tuple[Command, ...]:
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
    return (restart, sleep, psm, clock)


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
    m.saved.generic.sleep_mode = mode
    m.save()
    return OK


def show_psm(m: Module) -> Lines:
    mode, periodic, active = m.saved.generic.psm or ["0", "", ""]
    timers = (quoted(m, periodic or DEFAULT_T3412), quoted(m, active or DEFAULT_T3324))
    return (line(m, "+CPSMS", mode, None, None, *timers),)


def set_psm(m: Module, mode: int, rau: str | None, ready: str | None, tau: str | None, active: str | None) -> Lines:
    """Mode 2 disables and forgets the timers; a timer that is left out stays as it was."""
    _, old_tau, old_active = m.saved.generic.psm or ["0", "", ""]
    m.saved.generic.psm = None if mode == 2 else [str(mode), tau or old_tau, active or old_active]
    m.save()
    return OK


def show_clock(m: Module) -> Lines:
    since = timedelta(seconds=int(m.now))
    epoch = UNIX_EPOCH if since >= LAB_EPOCH - UNIX_EPOCH else LAB_EPOCH
    local = epoch + since + timedelta(minutes=15 * LAB_ZONE)
    return (line(m, "+CCLK", quoted(m, f"{local.strftime(CLOCK_FORM)}{LAB_ZONE:+03d}")),)
