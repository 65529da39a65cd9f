"""What a module tells the world besides its serial line and its packets: past-tense facts for the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbtwin.engine import Address, Reason, Seconds


class ModuleReason(Reason):
    """What a module waits for, and what takes it out of deep sleep."""

    BOOT = "module-boot"
    ATTACH = "module-attach"
    RELEASE = "module-release"
    ACTIVE_TIME = "module-active-time"
    TRACKING_AREA_UPDATE = "module-tracking-area-update"
    WAKE_UP_PIN = "module-wake-up-pin"
    HOST_WROTE = "module-host-wrote"


@dataclass(frozen=True, slots=True)
class Packet:
    """A datagram as it leaves the module: from one of its UDP ports to a peer."""

    port: int
    peer: Address
    data: bytes


@dataclass(frozen=True, slots=True)
class PoweredOn:
    pass


@dataclass(frozen=True, slots=True)
class PoweredOff:
    pass


@dataclass(frozen=True, slots=True)
class Restarted:
    """A restart has begun; ``cause`` is DOC-E chapter 7's word, None for an external reset."""

    cause: str | None


@dataclass(frozen=True, slots=True)
class Booted:
    firmware: str


@dataclass(frozen=True, slots=True)
class UsimChanged:
    imsi: str | None


@dataclass(frozen=True, slots=True)
class Attached:
    operator: str
    ip: str


@dataclass(frozen=True, slots=True)
class Detached:
    why: str


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """RRC connection (27.007 +CSCON): True connected, False idle."""

    connected: bool


@dataclass(frozen=True, slots=True)
class FellAsleep:
    """Deep sleep has begun; ``until`` is the next time the module wakes by itself."""

    until: Seconds | None


@dataclass(frozen=True, slots=True)
class Woke:
    why: str


@dataclass(frozen=True, slots=True)
class ServiceStarted:
    service: str
    why: str


@dataclass(frozen=True, slots=True)
class ServiceReported:
    """An event of one of the module's services, under the service's name."""

    service: str
    event: Any


@dataclass(frozen=True, slots=True)
class NvramWriteFailed:
    pass


@dataclass(frozen=True, slots=True)
class FirmwareUpdated:
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class FirmwareRefused:
    """The package that was downloaded cannot be installed."""

    why: str


@dataclass(frozen=True, slots=True)
class FlashUnreadable:
    """No image can be found among what is kept of updates; a delta then starts from the one that was delivered."""

    why: str
