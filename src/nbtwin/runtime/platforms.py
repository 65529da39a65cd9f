"""The operators' platforms by name, and how each is made: the one place, for live labs and for simulated ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from nbtwin.dtls.settings import ServerSettings
from nbtwin.lwm2m.firmware.file import FirmwareFile
from nbtwin.lwm2m.objects.registry import ObjectRegistry
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD, AppkeyStore
from nbtwin.operators.key_store.psk import PskStore
from nbtwin.operators.self_registration import SelfRegistrationPlatform
from nbtwin.operators.telecom import TelecomPlatform
from nbtwin.operators.unicom import UnicomPlatform

if TYPE_CHECKING:  # loaded where there is a database
    from nbtwin.operators.store.store import Store

OperatorPlatform: TypeAlias = CmdmpPlatform | SelfRegistrationPlatform | AndlinkPlatform


@dataclass(frozen=True)
class MemoryBacking:
    """What platforms need of a store when there is none: keys and packages in memory."""

    keys: AppkeyStore = field(default_factory=lambda: AppkeyStore({LAB_APPKEY: LAB_PASSWORD}))
    psk: PskStore = field(default_factory=PskStore)
    packages: dict[str, FirmwareFile] = field(default_factory=dict)
    """Firmware that the Andlink platform serves, by name."""
    definitions: ObjectRegistry = field(default_factory=ObjectRegistry)
    sources: list[Callable[[str], FirmwareFile | None]] = field(default_factory=list)
    """Where else packages may be."""

    def package(self, name: str) -> FirmwareFile | None:
        """Of that name; None when there is none."""
        found = self.packages.get(name)
        return found or next((file for source in self.sources if (file := source(name)) is not None), None)


Backing: TypeAlias = "Store | MemoryBacking"


def create_share(operator: str, random: random.Random, store: Store) -> OperatorPlatform:
    """The platform in one process of several, which runs no campaigns."""
    if operator != "andlink":
        return PLATFORMS[operator](random, store)
    from nbtwin.operators.andlink.factory import create_andlink

    return create_andlink(random, store, has_campaigns=False, dtls=ServerSettings(key_log=True))


def _andlink(random: random.Random, backing: Backing) -> AndlinkPlatform:
    if isinstance(backing, MemoryBacking):
        return AndlinkPlatform(random, backing.psk, package_of=backing.package, definitions=backing.definitions)
    from nbtwin.operators.andlink.factory import create_andlink

    return create_andlink(random, backing, dtls=ServerSettings(key_log=True))


PLATFORMS: Mapping[str, Callable[[random.Random, Backing], OperatorPlatform]] = {
    "cmdmp": lambda random, backing: CmdmpPlatform(random, backing.keys, definitions=backing.definitions),
    "telecom": lambda random, _: TelecomPlatform(random),
    "unicom": lambda random, _: UnicomPlatform(random),
    "andlink": _andlink,
}
"""One that knows nobody yet. The randomness makes its message IDs and locations: another one for each start."""
