"""What the operator knows of its devices: a device, and the lines of its history (`inventory.fold` makes them).

Knows no packet, no event and no database.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from nbtwin.engine import Seconds
from nbtwin.operators.remarks import Remark

BOOTSTRAPPED = "bootstrapped"  # and has not registered yet
REGISTERED = "registered"
DEREGISTERED = "de-registered"
EXPIRED = "expired"

Change: TypeAlias = int
"""How much of a device an event has changed: the greatest of these."""
SEEN: Change = 0  # at most what `Device` calls fleeting
CHANGED: Change = 1
WORDED: Change = 2  # what a search looks through as well

Kept: TypeAlias = dict[str, Any] | None
"""What history keeps of an event; None: it is no news."""


class Pairing(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A USIM in the device, and when it was last reported."""

    iccid: str
    imsi: str
    at: Seconds


class Device(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """One device, as one platform knows it. Times are in the store's time when read from a store, else lab time.

    Fleeting: the times but the first, registrations, updates, refusals, port, location, observations, and when the last
    USIM was last seen. A list or dict is replaced, never changed.
    """

    id: str
    platform: str
    imei: str
    imei2: str = ""
    imsi: str = ""
    iccid: str = ""
    model: str = ""
    firmware: str = ""
    appkey: str = ""
    terminal_type: str = ""
    version: str = ""
    endpoint: str = ""
    lwm2m_version: str = ""  # "" where it does not register with LwM2M
    binding: str = ""  # letters of transports, and "Q" in Queue Mode
    sms: str = ""
    objects: str = ""
    state: str = REGISTERED
    host: str = ""
    port: int = 0
    location: str = ""
    lifetime: Seconds = 0
    first_seen_at: Seconds = 0
    registered_at: Seconds = 0
    refreshed_at: Seconds = 0  # the last registration or update: the lifetime runs from here
    last_seen_at: Seconds = 0  # the last sign of life
    period: Seconds = 0  # of a device in Queue Mode: between its last two registrations or updates
    registrations: int = 0
    updates: int = 0
    refusals: int = 0
    values: dict[int, str] = {}
    flags: list[str] = []
    remarks: list[Remark] = []  # about its last registration (D138)
    pairings: list[Pairing] = []  # the last four, the newest last
    psk_identity: str = ""  # it came over DTLS
    device_type: str = ""  # /3/0/17 of Andlink
    observations: dict[str, str] = {}  # path to token, hexadecimal
    resources: dict[str, Any] = {}  # the newest value of every path that was observed


_NONE_BY_NAME: dict[Any, Any] = {}
_NONE: list[Any] = []


def lighten(device: Device) -> None:
    """What is empty is the same in all devices: half of the memory of one that says little. Nothing changes a list."""
    if not device.values:
        device.values = _NONE_BY_NAME
    if not device.observations:
        device.observations = _NONE_BY_NAME
    if not device.resources:
        device.resources = _NONE_BY_NAME
    if not device.flags:
        device.flags = _NONE
    if not device.remarks:
        device.remarks = _NONE
    if not device.pairings:
        device.pairings = _NONE


class HistoryEntry(msgspec.Struct, frozen=True):
    """One line of a device's history: the code of a fact, and the fields that are kept of it.

    Lines of nbtwin 0.1 have sentences in the field ``text``, where later ones have ``refusal`` or ``cause``.
    """

    device: str
    at: Seconds
    code: str
    fields: dict[str, Any]


def paired(pairings: list[Pairing], iccid: str, imsi: str, at: Seconds) -> list[Pairing]:
    """The last USIMs of a device, the newest last, each with the time it was last seen."""
    if pairings:
        last = pairings[-1]
        if last.iccid == iccid and last.imsi == imsi:
            seen = Pairing(last.iccid, last.imsi, at)  # the texts that are in memory already
            return [*pairings[:-1], seen] if len(pairings) > 1 else [seen]
    return [*pairings[-3:], Pairing(iccid, imsi, at)]
