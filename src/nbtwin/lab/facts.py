"""What the lab itself does, as facts: nodes that come and go, faults, time, and what scenarios do on purpose.

Knows no node; those who do these things record them (``World.note``).
"""

from __future__ import annotations

from typing import Any

from nbtwin.engine import Address, Fact, Seconds
from nbtwin.timeline.entry import EntryKind, says_kind


class ModuleAdded(Fact, frozen=True):
    pass


class UnitRemoved(Fact, frozen=True):
    """A module or a platform, as if its plug were pulled."""


class RouteAdded(Fact, frozen=True):
    route: str
    """``REAL=TARGET``."""


class ClockAdvanced(Fact, frozen=True):
    span: Seconds


class PeerUnheard(Fact, frozen=True):
    """``advance`` waited for a peer outside the lab and jumped on: what it says later is late (D133)."""

    peer: Address
    patience: Seconds  # of the wall clock


class WaitingStopped(Fact, frozen=True):
    """So many waits in vain, one after the other: ``advance`` does not wait any more (D133)."""

    waits: int


class PlatformRestarted(Fact, frozen=True):
    """As if it had been stopped and started: it knows what the store has."""


class HostRejected(Fact, frozen=True):
    """A second host at a serial port that has one."""

    port: str


class SpeedMismatched(Fact, frozen=True):
    """A host speaks at another speed than the module: both hear garbage."""

    port: str
    host: int
    module: int


class FaultAdded(Fact, frozen=True):
    number: int
    fault: dict[str, Any]
    """As ``Fault.parse`` reads it."""


class FaultRemoved(Fact, frozen=True):
    number: int


class FaultsCleared(Fact, frozen=True):
    pass


class SerialLineDisturbed(Fact, frozen=True):
    """A fault struck on a module's serial line."""

    number: int
    """Of the fault."""
    kind: str
    place: str | None = None
    """Where a line was put in."""
    text: str = ""
    """What was put in, withheld, repeated or lost; unprintable bytes escaped."""
    count: int = 1
    """Bytes lost or garbled, pieces, repetitions."""
    span: Seconds | None = None
    """How late."""


class NoteAdded(Fact, frozen=True):
    """Somebody noted something on an entry of the timeline; what, the store knows."""

    note: int
    entry: int
    by: str


class NoteRemoved(Fact, frozen=True):
    note: int
    entry: int
    by: str


class OutputBehind(Fact, frozen=True):
    """What is printed or written beside the lab does not come along: nobody reads it, or its disk hangs (D224)."""

    output: str
    """``files`` or ``terminal``."""
    entries: int
    """That are left out in it."""


class NatRebound(Fact, frozen=True):
    """The NAT before a module forgot its translations."""

    addresses: tuple[Address, ...]


# what the steps of a scenario do


class ScenarioNoted(Fact, frozen=True):
    text: str
    """As the scenario's author wrote it."""


class ModuleReset(Fact, frozen=True):
    pass


class WakeUpPinPulled(Fact, frozen=True):
    pass


class CoverageChanged(Fact, frozen=True):
    present: bool


class SignalChanged(Fact, frozen=True):
    rssi: int


class AppkeyAdded(Fact, frozen=True):
    appkey: str
    replaced: bool
    """It was known, with another password."""


class ServerForgot(Fact, frozen=True):
    """A platform started anew without what it knew."""

    what: str


class ServerRecovered(Fact, frozen=True):
    """It was silent, or refused everything, on purpose; no longer."""

    refused: bool


says_kind(
    EntryKind.FAULT,
    FaultAdded,
    FaultRemoved,
    FaultsCleared,
    NatRebound,
    SerialLineDisturbed,
    ServerForgot,
    ServerRecovered,
)  # fmt: skip
