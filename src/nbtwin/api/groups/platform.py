"""What a platform has beyond its devices one by one: its state, a search, keys, firmware packages, campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from nbtwin.api.groups.inventory import Batches, Imported, Labels, OnlineCurve
from nbtwin.api.groups.packages import Package, Packages
from nbtwin.api.rest import Cause, LabTime
from nbtwin.api.session import Session
from nbtwin.engine import Seconds


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
    bytes: int
    """Of the package that it has, as far as the platform has seen it go."""
    size: int | None
    """Of the package."""


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

    def csv(self) -> str:
        """A row for each device."""
        return self._session.rest.content("GET", (*self._path, "devices.csv")).decode()

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
        ``endpoint``, ``manufacturer``, ``model``, ``firmware``, ``device_type``, ``registered``, ``containing``,
        ``group``, ``tags``; ``expected``: LabRefused when not as many fit.
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
        group: str = "",
        tags: Sequence[str] = (),
        sort: str = "id",
        descending: bool = False,
        limit: int = 1000,
    ) -> list[str]:
        """The ids of its devices that fit. ``containing``: in anything that is known of it. ``sort``: "id", "imei",
        "state", "last_seen_at", "model", "name" or "group". ``tags``: all of them."""
        order = "desc" if descending else "asc"
        of = {"containing": containing, "state": state, "group": group, "tag": list(tags)}
        query = {**of, "sort": sort, "order": order, "limit": limit}
        rows = self._session.rest.get(list[dict[str, Any]], "platforms", self.name, "devices", **query)
        return [row["id"] for row in rows]

    def devices_csv(
        self, containing: str = "", *, state: str | None = None, group: str = "", tags: Sequence[str] = ()
    ) -> str:
        """A row each, with name, group, tags, version of LwM2M, binding, transports and Queue Mode (RFC 4180)."""
        query = {"containing": containing, "state": state, "group": group, "tag": list(tags)}
        return self._session.rest.content("GET", ("platforms", self.name, "devices.csv"), query=query).decode()

    def import_csv(self, table: str, *, check: bool = False) -> Imported:
        """Names, groups, tags and keys, all of them or, where anything is wrong, none: LabRefused, with the line and
        the column of the first thing. ``check``: only look at it."""
        query, content = {"check": str(check).lower()}, table.encode()
        return self._session.rest.ask(Imported, "PUT", ("platforms", self.name, "devices.csv"), content, query)

    @property
    def labels(self) -> Labels:
        """The groups and tags that its devices have."""
        return self._session.rest.get(Labels, "platforms", self.name, "labels")

    @property
    def batches(self) -> Batches:
        return Batches(self._session, self.name)

    def online(self, *, since: Seconds | None = None, until: Seconds | None = None, points: int = 200) -> OnlineCurve:
        """How many devices were registered, over the lab's time: of those that are in the inventory now."""
        instant = self._session.rest.instant
        query = {"since": instant(since), "until": instant(until), "points": points}
        return self._session.rest.get(OnlineCurve, "platforms", self.name, "online", **query)
