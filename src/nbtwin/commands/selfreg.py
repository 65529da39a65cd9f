"""The self-registration switches: AT+QSREGENABLE (DOC-C 3.2.1), AT+QSELFREGISTER (DOC-D 3.1).

Knows the switch in the profile and what is saved; knows no operator's packets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import OK, Command, Lines, row
from nbtwin.at.values import Int
from nbtwin.commands.refusals import save
from nbtwin.module.profile import Profile, Switch
from nbtwin.module.switches import default_of, not_after

if TYPE_CHECKING:
    from nbtwin.module.module import Module

ENABLED_BEFORE_UPDATE = 3
"""What AT+QSREGENABLE? answers after the firmware update of DOC-C's note; the function stays enabled."""


def sreg_enable(p: Profile) -> tuple[Command, ...]:
    """For China Telecom only. Both forms show or change what is saved (D33); in force after reboot."""
    d = _switch_of(p)

    def show(m: Module) -> Lines:
        enabled = m.saved.telecom_enabled or 0  # D29
        return (f"{d.name}: {ENABLED_BEFORE_UPDATE if enabled and _survived_update(m, d) else enabled}",)

    def choose(m: Module, mode: int) -> Lines:
        m.to_save.telecom_enabled = mode
        m.to_save.updated_from = None  # a new setting is not one that survived an update
        save(m)
        return OK

    return (Command(d.name, d.source, read=show, write=row(choose, Int("mode", 0, 1))),)


def _switch_of(p: Profile) -> Switch:
    assert p.switch is not None, f"{p.model} has no self-registration switch"
    return p.switch


def _survived_update(m: Module, d: Switch) -> bool:
    before, after = m.saved.updated_from, m.identity.firmware
    if d.quirk_from is None or before is None:
        return False
    last_before, first_after = d.quirk_from
    return not_after(before, last_before) and not_after(first_after, after)


def self_register(p: Profile) -> tuple[Command, ...]:
    """The master switch of all three operators (D10), saved (D33); default by firmware version (D40)."""
    d = _switch_of(p)

    def show(m: Module) -> Lines:
        chosen = m.saved.self_register
        return (f"{d.name}: {default_of(d, m.identity.firmware) if chosen is None else chosen}",)

    def choose(m: Module, mode: int) -> Lines:
        m.to_save.self_register = mode
        save(m)
        return OK

    return (Command(d.name, d.source, read=show, write=row(choose, Int("mode", 0, 1))),)
