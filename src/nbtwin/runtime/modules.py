"""A virtual module from what was ordered: the one place, for live labs and for simulated ones."""

from __future__ import annotations

from nbtwin.engine import Randomness
from nbtwin.module.identity import ModuleIdentity, Usim, imei_of
from nbtwin.module.module import Module
from nbtwin.module.nvram import Storage
from nbtwin.module.profile import Profile


def create_module(
    name: str,
    profile: Profile,
    storage: Storage,
    random: Randomness,
    usim: Usim | None,
    *,
    imei: str | None = None,
    firmware: str | None = None,
    number: int = 0,
    flash: Storage | None = None,
) -> Module:
    """Switched off. ``number`` gives its IP address in 10.0.0.0/8; IMEI and firmware are made up where None.

    Raises DecodeError for NVRAM that is whole and that this version does not read.
    """
    identity = ModuleIdentity(name, imei or imei_of(name), firmware or profile.firmware)
    address = number % 0xFFFFFD + 2
    ip = f"10.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"
    return Module(profile, identity, storage, random, usim, ip, flash)
