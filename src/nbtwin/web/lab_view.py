"""What the API needs of a running lab, and nothing more: whoever starts the lab hands one of these over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from nbtwin.edge.serial_port import SerialPort
from nbtwin.engine import Seconds
from nbtwin.lab.world import World
from nbtwin.module.module import Module
from nbtwin.operators.store.store import Store
from nbtwin.timeline.ring import Timeline
from nbtwin.web.access.tokens import Access
from nbtwin.web.histogram import Histogram


@dataclass(frozen=True)
class NewModule:
    """A module as it is ordered; None: left to the default. ``serial`` as in a SPEC: pty, tcp:HOST:PORT, …"""

    model: str
    sim: str = "mobile"
    serial: str = "pty"
    name: str | None = None
    imei: str | None = None
    firmware: str | None = None
    power_on: bool = True


class Runtime(Protocol):
    """The time of the lab: ``edge.live.Live`` or ``edge.still.Still``."""

    rate: float
    advancing: bool

    @property
    def ahead(self) -> Seconds:
        """By how much the lab's time is ahead of the wall clock."""
        ...

    async def advance(self, span: Seconds, until: Callable[[], bool] | None = None) -> None: ...

    def stop_advance(self) -> None: ...


class Control(Protocol):
    """What only the one who put the lab together can do. Each raises ValueError with a sentence for the user."""

    async def add_module(self, wish: NewModule) -> str:
        """Its name."""
        ...

    def remove_module(self, name: str, *, keep_nvram: bool) -> None: ...

    def set_rate(self, rate: float) -> None: ...

    def restart_platforms(self) -> None:
        """As if each had been stopped and started: it knows what the store has."""
        ...

    def export(self) -> bytes:
        """Everything, as one archive that ``bring_back`` takes, here or in another lab."""
        ...

    async def bring_back(self, archive: bytes) -> None:
        """In place of everything that is here."""
        ...


@dataclass
class LabView:
    """One live lab, as the API sees it."""

    world: World
    timeline: Timeline
    store: Store
    runtime: Runtime
    control: Control
    commits: Histogram
    """How long the store's transactions took, in seconds of the wall clock."""
    modules: Mapping[str, Module] = field(default_factory=dict)
    ports: Mapping[str, SerialPort] = field(default_factory=dict)  # by module
    access: Access | None = None
    """Who may come in; None: whoever is on this machine."""

    def serial_of(self, module: str) -> str:
        """Where the module's serial line comes out, as `up` prints it; "" when nowhere."""
        return self.ports[module].where if module in self.ports else ""
