"""What happens at an operator's platform, in the past tense: all that the inventory, the store and the timeline learn.

Times are lab time. Knows no packet format, no database and no platform; a secret never appears in an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from nbtwin.engine import Address, Seconds

FIRMWARE_CHANGED = "firmware changed"
PAIRING_CHANGED = "pairing changed"  # the same module with another USIM
DUPLICATE_IMEI = "duplicate IMEI"  # two modules that call themselves the same


@dataclass(frozen=True, slots=True)
class Identity:
    """What a device says of itself when it registers; "" where it says nothing."""

    imei: str
    imei2: str = ""
    imsi: str = ""
    iccid: str = ""
    model: str = ""
    firmware: str = ""
    appkey: str = ""
    terminal_type: str = ""
    version: str = ""  # of the operator's own format: "v2.0", REGVER "2"
    endpoint: str = ""  # the endpoint client name, letter for letter
    binding: str = ""
    objects: str = ""  # the link list as it came


@dataclass(frozen=True, slots=True)
class DeviceRegistered:
    """The platform took a registration in; its answer leaves once this is durable."""

    at: Seconds
    device: str  # "<platform>:<IMEI>"
    peer: Address
    identity: Identity
    location: str = ""  # "rd/<id>"; "" where the platform gives none
    lifetime: Seconds = 0  # 0: for ever
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceUpdated:
    at: Seconds
    device: str
    peer: Address
    lifetime: Seconds
    address_changed: bool = False


@dataclass(frozen=True, slots=True)
class DeviceDeregistered:
    at: Seconds
    device: str


@dataclass(frozen=True, slots=True)
class DeviceExpired:
    """No update within lifetime and give-up time (D56)."""

    at: Seconds
    device: str


@dataclass(frozen=True, slots=True)
class DeviceRefused:
    """A registration or update that was answered with an error."""

    at: Seconds
    device: str  # "" when the request does not even say who it is
    peer: Address
    code: str  # "4.01"
    why: str


@dataclass(frozen=True, slots=True)
class InventoryRead:
    """The device's own account of itself (/666/0 of CMDMP), decrypted."""

    at: Seconds
    device: str
    values: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class InventoryUnread:
    at: Seconds
    device: str
    why: str


DeviceEvent: TypeAlias = (
    DeviceRegistered
    | DeviceUpdated
    | DeviceDeregistered
    | DeviceExpired
    | DeviceRefused
    | InventoryRead
    | InventoryUnread
)
