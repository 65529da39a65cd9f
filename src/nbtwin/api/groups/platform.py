"""What a platform has beyond its devices one by one: its state, a search, keys, firmware packages, campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from nbtwin.api.groups.packages import Package, Packages
from nbtwin.api.rest import Cause, LabTime
from nbtwin.api.session import Session


class PlatformState(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    operator: str
    udp: str
    addresses: tuple[str, ...]
    """One for each port it listens at, "HOST:PORT"."""
    devices: int
    registered: int
    expired: int
    strict: bool
    operations: tuple[str, ...]
    """What may be asked of its devices."""


class DeviceKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The pre-shared keys of a device, hexadecimal; masked, unless they were asked for in clear."""

    device: str
    bootstrap_key: str = ""
    key: str = ""
    bootstrap_identity: str = ""
    """Empty: the device's own name."""
    identity: str = ""


class Keys:
    """Of an Andlink platform's devices. Given by `Platform.keys`."""

    def __init__(self, session: Session, platform: str) -> None:
        self._session, self._path = session, ("platforms", platform, "keys")

    def all(self, containing: str = "", *, reveal: bool = False) -> list[DeviceKeys]:
        """``reveal``: in clear; for an admin."""
        return self._session.rest.all(DeviceKeys, *self._path, containing=containing, reveal=str(reveal).lower())

    def of(self, device: str, *, reveal: bool = False) -> DeviceKeys:
        return self._session.rest.get(DeviceKeys, *self._path, device, reveal=str(reveal).lower())

    def set(
        self,
        device: str,
        key: str | bytes = "",
        *,
        bootstrap_key: str | bytes = "",
        identity: str = "",
        bootstrap_identity: str = "",
    ) -> DeviceKeys:
        """In place of those that it had. LabRefused for what is no key, and for another device's identity."""
        given = {
            "key": _hex(key), "bootstrap_key": _hex(bootstrap_key), "identity": identity,
            "bootstrap_identity": bootstrap_identity,
        }  # fmt: skip
        return self._session.rest.put(DeviceKeys, *self._path, device, **given)

    def remove(self, device: str) -> None:
        self._session.rest.do("DELETE", *self._path, device)


def _hex(key: str | bytes) -> str:
    return key.hex() if isinstance(key, bytes) else key


class CampaignState(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str
    package: str
    version: str
    """What its devices run afterwards."""
    mode: str
    state: str
    """ "running", "stopping", "stopped" or "finished"."""
    devices: int
    counts: Mapping[str, int]
    """Devices by step."""
    started_at: LabTime
    ended_at: LabTime | None


class DeviceProgress(msgspec.Struct, frozen=True, kw_only=True):
    device: str
    step: str
    at: LabTime
    result: int | None
    """Of the firmware object: /5/0/5."""
    version: str
    way: str | None
    cause: Cause | None
    text: str
    attempts: int


class Campaign:
    """Firmware for many devices. Given by `Campaigns.start`."""

    def __init__(self, session: Session, platform: str, id: int) -> None:
        self._session, self.id = session, id
        self._path = ("platforms", platform, "campaigns", str(id))

    def __repr__(self) -> str:
        return f"<Campaign {self.id}>"

    @property
    def state(self) -> CampaignState:
        return self._session.rest.get(CampaignState, *self._path)

    def devices(self, step: str | None = None) -> list[DeviceProgress]:
        """How far each of them is; ``step``: "starting", "downloading", "succeeded", "failed" …"""
        return self._session.rest.all(DeviceProgress, *self._path, "devices", step=step)

    def stop(self) -> CampaignState:
        """No further device begins; those that restart already are waited for. LabRefused when it is over."""
        return self._session.rest.post(CampaignState, *self._path, "stop")


class Campaigns:
    """Of one platform. Given by `Platform.campaigns`."""

    def __init__(self, session: Session, platform: str) -> None:
        self._session, self._platform = session, platform
        self._path = ("platforms", platform, "campaigns")

    def all(self) -> list[CampaignState]:
        """The newest first."""
        return self._session.rest.all(CampaignState, *self._path)

    def get(self, id: int) -> Campaign:
        self._session.rest.get(CampaignState, *self._path, str(id))
        return Campaign(self._session, self._platform, id)

    def start(self, package: Package | str, *, devices: Sequence[str] = (), **plan: Any) -> Campaign:
        """Begin at once with the devices that fit now. LabRefused when none does.

        ``devices``: by name; none: all that fit. ``plan``: ``name``, ``mode`` ("pull", "push", "auto" …), ``updates``,
        ``per_minute``, ``at_once``, ``patience``, ``within`` (seconds), ``severity``, ``defer``; of the choice
        ``endpoint``, ``manufacturer``, ``model``, ``firmware``, ``device_type``, ``registered``.
        """
        name = package if isinstance(package, str) else package.name
        body = {"package": name, "devices": list(devices), **plan}
        state = self._session.rest.post(CampaignState, *self._path, **body)
        return Campaign(self._session, self._platform, state.id)


class MoreOfPlatform:
    """`Platform` is one of these."""

    _session: Session
    name: str

    @property
    def state(self) -> PlatformState:
        return self._session.rest.get(PlatformState, "platforms", self.name)

    @property
    def keys(self) -> Keys:
        return Keys(self._session, self.name)

    @property
    def packages(self) -> Packages:
        """The lab's: every platform serves the same ones."""
        return Packages(self._session)

    @property
    def campaigns(self) -> Campaigns:
        return Campaigns(self._session, self.name)

    def find(
        self,
        containing: str = "",
        *,
        state: str | None = None,
        sort: str = "id",
        descending: bool = False,
        limit: int = 1000,
    ) -> list[str]:
        """The ids of its devices that fit. ``containing``: in anything that is known of it. ``sort``: "id", "imei",
        "state" or "last_seen_at"."""
        order = "desc" if descending else "asc"
        query = {"containing": containing, "state": state, "sort": sort, "order": order, "limit": limit}
        rows = self._session.rest.get(list[dict[str, Any]], "platforms", self.name, "devices", **query)
        return [row["id"] for row in rows]

    def devices_csv(self, containing: str = "", *, state: str | None = None) -> str:
        """A row each, with version of LwM2M, binding, transports and Queue Mode (RFC 4180)."""
        query = {"containing": containing, "state": state}
        return self._session.rest.content("GET", ("platforms", self.name, "devices.csv"), query=query).decode()
