"""What services, flash and rules see of the module they belong to: settings, radio, and what they may ask of it."""

from __future__ import annotations

from typing import Protocol

from nbtwin.engine import Seconds
from nbtwin.lwm2m.client.client import AndlinkClient
from nbtwin.module.events import ModuleEvent
from nbtwin.module.identity import ModuleIdentity
from nbtwin.module.nvram import Nvram, Storage
from nbtwin.module.profile import Profile
from nbtwin.module.radio import Radio
from nbtwin.module.services import Services
from nbtwin.module.settings import Saved


class ModuleContext(Protocol):
    """`module.Module` is the one that is."""

    profile: Profile
    now: Seconds
    nvram: Nvram
    flash: Storage
    in_use: Saved
    radio: Radio
    services: Services

    @property
    def identity(self) -> ModuleIdentity: ...

    @property
    def saved(self) -> Saved:
        """In NVRAM with the next ``nvram.save()``. To be read only."""
        ...

    @property
    def to_save(self) -> Saved:
        """The same, to be changed."""
        ...

    @property
    def andlink(self) -> AndlinkClient | None: ...

    def report(self, event: ModuleEvent) -> None: ...

    def urc(self, text: str) -> None: ...

    def restart(self, cause: str) -> None: ...

    def release_early(self) -> None: ...
