"""What happens at an operator's platform, in the past tense: all that the inventory, the store and the timeline learn.

Times are lab time. Knows no packet format, no database and no platform; a secret never appears in an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from nbtwin.engine import Address, Seconds

FIRMWARE_CHANGED = "firmware changed"
PAIRING_CHANGED = "pairing changed"  # the same module with another USIM
DUPLICATE_IMEI = "duplicate IMEI"  # two modules that call themselves the same


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
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
    psk_identity: str = ""  # with which it proved who it is; "" without DTLS


@dataclass(frozen=True, slots=True)
class DeviceRegistered:
    """The platform took a registration in; its answer leaves once this is durable."""

    at: Seconds
    device: str  # "<platform>:<IMEI>"
    peer: Address
    identity: DeviceIdentity
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


@dataclass(frozen=True, slots=True)
class DeviceBootstrapped:
    """It has the account that was written."""

    at: Seconds
    device: str
    peer: Address


@dataclass(frozen=True, slots=True)
class BootstrapFailed:
    """A step was refused or not answered, or the request starts nothing."""

    at: Seconds
    device: str
    peer: Address
    step: str
    why: str


@dataclass(frozen=True, slots=True)
class DeviceDescribed:
    """What it says of itself in /3/0, resource by resource: 1 model, 3 firmware, 17 device type."""

    at: Seconds
    device: str
    values: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class ObservationStarted:
    at: Seconds
    device: str
    path: str
    token: str  # hexadecimal: with it the observation outlives the platform


@dataclass(frozen=True, slots=True)
class ObservationEnded:
    at: Seconds
    device: str
    path: str
    why: str


@dataclass(frozen=True, slots=True)
class DataReceived:
    """The application's data, uplink."""

    at: Seconds
    device: str
    path: str
    way: str  # "notification" or "post"
    payload: bytes
    content_format: int | None
    confirmable: bool


@dataclass(frozen=True, slots=True)
class ResourceNotified:
    """A notification of any other observed path."""

    at: Seconds
    device: str
    path: str
    value: Any  # as in OperationAnswered


@dataclass(frozen=True, slots=True)
class OperationAnswered:
    """How a command ended: the ticket is what the verb returned."""

    at: Seconds
    ticket: int
    device: str
    operation: str  # "read", "write", …
    path: str
    code: str  # "2.05"; "" when no answer came
    value: Any = None  # plain JSON values; opaque bytes as text where they are text, else "0x…"
    payload: bytes = b""  # the answer's, as it came
    content_format: int | None = None
    why: str = ""  # it failed


DeviceEvent: TypeAlias = (
    DeviceRegistered
    | DeviceUpdated
    | DeviceDeregistered
    | DeviceExpired
    | DeviceRefused
    | InventoryRead
    | InventoryUnread
    | DeviceBootstrapped
    | BootstrapFailed
    | DeviceDescribed
    | ObservationStarted
    | ObservationEnded
    | DataReceived
    | ResourceNotified
    | OperationAnswered
)
