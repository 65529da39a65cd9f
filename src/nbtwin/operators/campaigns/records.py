"""Firmware campaigns: what is planned, which devices it is for, and what became of each. Records, choice and events.

Knows no transfer and no database: `scheduler` does the work, `store.campaigns` keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TypeAlias

import msgspec

from nbtwin.engine import HOUR, Fact, Seconds
from nbtwin.operators.campaigns.ways import Mode
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.refusals import CampaignCause, PlatformError


class CampaignState(StrEnum):
    """Of a campaign as a whole."""

    RUNNING = "running"
    STOPPING = "stopping"  # devices that were restarting already are still waited for
    STOPPED = "stopped"
    FINISHED = "finished"


class CampaignStep(StrEnum):
    """How far one device is."""

    WAITING = "waiting"  # for its turn, or until it is registered
    STARTING = "starting"
    DOWNLOADING = "downloading"
    DOWNLOADED = "downloaded"
    UPDATING = "updating"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"


MOST_AT_ONCE = 10_000
"""Devices that may be under way."""
ACTIVE = frozenset((CampaignStep.STARTING, CampaignStep.DOWNLOADING, CampaignStep.DOWNLOADED, CampaignStep.UPDATING))
MANUFACTURER = 0
"""Of /3/0."""
ENDED = frozenset((CampaignStep.SUCCEEDED, CampaignStep.FAILED, CampaignStep.STOPPED))


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator asks for."""

    package: str
    name: str = ""
    mode: Mode = Mode.PULL
    updates: bool = True  # False: the download is the end, somebody else executes /5/0/2
    per_minute: float = 0  # devices that begin in a minute; 0: as fast as it goes
    at_once: int = 50  # devices between their beginning and their end
    patience: Seconds = HOUR  # a device that shows no progress for so long has failed
    within: Seconds = 0  # after so long whoever is not registered is not waited for; 0: for ever
    severity: int | None = None  # /5/0/11 of LwM2M 1.1: 0 critical, 1 mandatory, 2 optional; None: not written
    defer: Seconds | None = None  # /5/0/13: how long a device's user may put it off; None: not written

    def __post_init__(self) -> None:
        if self.mode not in tuple(Mode):
            raise PlatformError(CampaignCause.MODE_UNKNOWN, mode=str(self.mode)[:40])
        if not self.package:
            raise PlatformError(CampaignCause.PACKAGE_MISSING)
        for name, value in (("per_minute", self.per_minute), ("within", self.within)):
            if value < 0:
                raise PlatformError(CampaignCause.NUMBER_NEGATIVE, name=name, value=value)
        if self.patience <= 0:
            raise PlatformError(CampaignCause.NO_PATIENCE, value=self.patience)
        if self.severity not in (None, 0, 1, 2):
            raise PlatformError(CampaignCause.SEVERITY, value=self.severity)
        if self.defer is not None and self.defer < 0:
            raise PlatformError(CampaignCause.NUMBER_NEGATIVE, name="defer", value=self.defer)
        if not 1 <= self.at_once <= MOST_AT_ONCE:
            raise PlatformError(CampaignCause.AT_ONCE, value=self.at_once, limit=MOST_AT_ONCE)


class Campaign(msgspec.Struct, kw_only=True):
    """A plan that was begun. Times are stored times when read from a store, else lab time."""

    id: int
    plan: Plan
    version: str  # what its devices run afterwards
    devices: int
    state: CampaignState = CampaignState.RUNNING
    started_at: Seconds = 0
    ended_at: Seconds | None = None
    key: str = ""  # in the address of its package over HTTP (D163)


class Progress(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One device of one campaign."""

    device: str
    step: CampaignStep = CampaignStep.WAITING
    at: Seconds = 0
    result: int | None = None  # /5/0/5
    version: str = ""  # that it runs, as far as it has said
    cause: str = ""  # `CampaignCause`: why its part has ended
    response_code: str = ""  # with which it refused a package or an update; "" when it did not answer
    during: CampaignStep | None = None  # at which step its part ended
    found: str = ""  # what the device says of itself, where that is the cause
    way: Mode | None = None  # how the package got to it
    text: str = ""  # in place of a cause: a sentence of nbtwin 0.1
    attempts: int = 0
    bytes: int = 0  # of the package that it has, as far as the platform has seen it go


class DeviceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which devices; what is left empty does not matter. ``devices`` are names, with or without the platform's."""

    devices: tuple[str, ...] = ()
    endpoint: str = ""  # a pattern of endpoint names: * for any letters, ? for one
    manufacturer: str = ""  # /3/0/0
    model: str = ""
    firmware: str = ""
    device_type: str = ""
    registered: bool = True

    def takes(self, device: Device) -> bool:
        names = {device.id, device.endpoint}
        return (
            (not self.devices or not names.isdisjoint(self.devices))
            and (not self.endpoint or fnmatchcase(device.endpoint, self.endpoint))
            and self.manufacturer in ("", device.values.get(MANUFACTURER))
            and self.model in ("", device.model)
            and self.firmware in ("", device.firmware)
            and self.device_type in ("", device.device_type)
            and (not self.registered or device.state == "registered")
        )


def choose(devices: Iterable[Device], choice: DeviceFilter) -> list[str]:
    """The endpoint names of the devices that are meant, in their order."""
    return [device.endpoint for device in devices if choice.takes(device)]


class CampaignStarted(Fact, frozen=True):
    """The plan is being carried out."""

    at: Seconds
    platform: str
    campaign: int
    plan: Plan
    version: str
    devices: tuple[str, ...]
    key: str = ""  # in the address of its package over HTTP


class CampaignProgressed(Fact, frozen=True):
    """A device took a step; the last one has a cause unless it succeeded as planned."""

    at: Seconds
    campaign: int
    device: str  # its endpoint name
    step: CampaignStep
    attempts: int
    result: int | None = None  # /5/0/5, where it is known
    version: str = ""  # that it runs, as far as it has said
    cause: CampaignCause | None = None
    response_code: str = ""  # with which it refused a package or an update; "" when it did not answer
    during: CampaignStep | None = None  # at which step its part ended
    found: str = ""  # what the device says of itself, where that is the cause
    way: Mode | None = None  # how the package gets to it, once that is known
    bytes: int = 0  # of the package that it has, as far as the platform has seen it go


class CampaignChanged(Fact, frozen=True):
    """It is stopping, stopped or finished."""

    at: Seconds
    campaign: int
    state: CampaignState


CampaignEvent: TypeAlias = CampaignStarted | CampaignProgressed | CampaignChanged
