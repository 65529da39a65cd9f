"""What happens in a module besides its serial line and its packets, as data: one union, one enumeration of reasons."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from nbtwin.at.session import CommandAnswered
from nbtwin.dtls.events import DtlsEvent
from nbtwin.engine import Address, Fact, Reason, Seconds
from nbtwin.lwm2m.client.events import AndlinkEvent
from nbtwin.lwm2m.client.firmware_update import FirmwareResult
from nbtwin.lwm2m.firmware.package import PackageRefusal
from nbtwin.module.internet.events import InternetEvent
from nbtwin.selfreg.cmdmp_client import CmdmpEvent
from nbtwin.selfreg.machine import SelfRegistrationEvent

APPLICATION_AT = "REBOOT_CAUSE_APPLICATION_AT"
"""The cause of every restart that a command asked for (DOC-E 7; D21, D101)."""


class ModuleReason(Reason):
    """What a module waits for, and what it wakes, detaches or starts a service for."""

    BOOT = "module-boot"
    USIM = "module-usim"
    SPEED = "module-speed"
    ATTACH = "module-attach"
    RELEASE = "module-release"
    ACTIVE_TIME = "module-active-time"
    TRACKING_AREA_UPDATE = "module-tracking-area-update"
    WAKE_UP_PIN = "module-wake-up-pin"
    HOST_WROTE = "module-host-wrote"
    SERVICE_DUE = "module-service-due"

    POWER = "module-power"
    FUNCTION = "module-function"
    ATTACH_COMMAND = "module-attach-command"
    COVERAGE = "module-coverage"
    USIM_REMOVED = "module-usim-removed"
    USIM_INSERTED = "module-usim-inserted"
    PIN_ENTERED = "module-pin-entered"

    ATTACHED = "module-attached"
    ATTACHED_AFTER_UPDATE = "module-attached-after-update"
    MOBILE_PLMN = "module-mobile-plmn"
    NEVER_REGISTERED = "module-never-registered"
    FIRMWARE_CHANGED = "module-firmware-changed"
    PAIRING_CHANGED = "module-pairing-changed"
    UPDATE_AWAITED = "module-update-awaited"


class Packet(NamedTuple):
    """A datagram as it leaves the module: from one of its UDP ports to a peer."""

    port: int
    peer: Address
    data: bytes


class PoweredOn(Fact, frozen=True):
    """Power is applied: the boot begins."""


class PoweredOff(Fact, frozen=True):
    """Power is cut."""


class Restarted(Fact, frozen=True):
    """A restart has begun; ``cause`` is DOC-E chapter 7's word, None for an external reset."""

    cause: str | None


class Booted(Fact, frozen=True):
    """The banner is out, and the radio on."""

    firmware: str


class UsimChanged(Fact, frozen=True):
    """A card was put in, taken out or changed."""

    imsi: str | None
    """None: there is no card."""


class Attached(Fact, frozen=True):
    """The network accepted it; ``operator`` is the card's, else its PLMN."""

    operator: str
    ip: str


class Detached(Fact, frozen=True):
    """Nothing reaches the module, and it reaches nobody."""

    reason: ModuleReason
    function: int = 0
    """<fun> of AT+CFUN (``FUNCTION``)."""


class ConnectionChanged(Fact, frozen=True):
    """RRC connection (27.007 +CSCON): True connected, False idle."""

    connected: bool


class FellAsleep(Fact, frozen=True):
    """Deep sleep has begun; ``until`` is the next time the module wakes by itself."""

    until: Seconds | None


class Woke(Fact, frozen=True):
    """Deep sleep is over."""

    reason: ModuleReason
    waited_for: str = ""
    """What a service waited for, a code (``SERVICE_DUE``); ``subject``, ``number`` and ``count`` as of its deadline."""
    subject: str = ""
    number: int = 0
    count: int = 0


class HostUnheard(Fact, frozen=True):
    """The host has written to a module whose serial line is off in deep sleep: the wake-up pin comes first. Told once
    a sleep."""


class ServiceStarted(Fact, frozen=True):
    """A client of this boot runs: cmdmp, telecom, unicom or andlink."""

    service: str
    reason: ModuleReason
    result: FirmwareResult | None = None
    """Of ``ATTACHED_AFTER_UPDATE``."""


class NvramWriteFailed(Fact, frozen=True):
    """What was to be saved is not; the settings are again what the storage holds."""


class FirmwareUpdated(Fact, frozen=True):
    """Another version runs from the next boot on."""

    old: str
    new: str


class FirmwareRefused(Fact, frozen=True):
    """The package that was downloaded cannot be installed."""

    refusal: PackageRefusal
    found: str = ""
    wanted: str = ""


class FlashUnreadable(Fact, frozen=True):
    """No image can be found among what is kept of updates; a delta then starts from the one that was delivered."""


RadioEvent: TypeAlias = Attached | Detached | ConnectionChanged
ServiceEvent: TypeAlias = AndlinkEvent | CmdmpEvent | SelfRegistrationEvent | DtlsEvent


class ServiceReported(Fact, frozen=True):
    """An event of one of the module's services, under the service's name."""

    service: str
    event: ServiceEvent


ModuleEvent: TypeAlias = (
    PoweredOn
    | PoweredOff
    | Restarted
    | Booted
    | UsimChanged
    | RadioEvent
    | FellAsleep
    | Woke
    | HostUnheard
    | ServiceStarted
    | ServiceReported
    | NvramWriteFailed
    | FirmwareUpdated
    | FirmwareRefused
    | FlashUnreadable
    | InternetEvent
    | CommandAnswered
)
