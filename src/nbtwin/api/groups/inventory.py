"""What a platform knows of many devices: names, groups, tags, tables, one thing done to all, when who was online."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from nbtwin.api.rest import Cause, LabTime
from nbtwin.api.session import Session


class Labelled(msgspec.Struct, frozen=True):
    name: str
    devices: int
    """How many have it."""


class Labels(msgspec.Struct, frozen=True):
    """What the devices of a platform are sorted by."""

    groups: tuple[Labelled, ...]
    tags: tuple[Labelled, ...]


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What people call one device; empty: nothing."""

    name: str = ""
    group: str = ""
    tags: tuple[str, ...] = ()


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What a table of devices changes, or has changed."""

    rows: int
    unknown: int
    """Devices in it that have not registered yet."""
    labels: int
    keys: int
    written: bool


class OnlinePoint(msgspec.Struct, frozen=True, kw_only=True):
    at: LabTime
    online: int
    low: int
    """The fewest since the point before."""
    high: int


class OnlineCurve(msgspec.Struct, frozen=True, kw_only=True):
    kept_since: LabTime | None
    """When the oldest line of history was written."""
    points: tuple[OnlinePoint, ...]


class RegisteredSpan(msgspec.Struct, frozen=True, kw_only=True):
    since: LabTime | None
    """None: since before what is kept."""
    until: LabTime | None
    """None: it still is."""
    ended: str
    """The code of what ended it."""


class DeviceOnline(msgspec.Struct, frozen=True, kw_only=True):
    now: LabTime
    queue_mode: bool
    awake: float
    """So many seconds it listens after it was heard, in Queue Mode."""
    spans: tuple[RegisteredSpan, ...]
    heard: tuple[LabTime, ...]


class BatchState(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    act: str
    about: Mapping[str, Any]
    by: str
    state: str
    """ "running", "stopped" or "finished"."""
    devices: int
    counts: Mapping[str, int]
    """Devices by state."""
    started_at: LabTime
    ended_at: LabTime | None
    trouble: Cause | None


class BatchRow(msgspec.Struct, frozen=True, kw_only=True):
    device: str
    state: str
    """ "waiting", "asked", "queued" (until it wakes), "done", "refused" or "cancelled"."""
    ticket: int | None
    code: str
    value: Any
    refusal: Cause | None
    at: LabTime | None


class Batch:
    """One thing done to many devices. Given by `Batches.start`."""

    def __init__(self, session: Session, platform: str, number: int) -> None:
        self._session, self.number = session, number
        self._path = ("platforms", platform, "batches", str(number))

    def __repr__(self) -> str:
        return f"<Batch {self.number}>"

    @property
    def state(self) -> BatchState:
        return self._session.rest.get(BatchState, *self._path)

    def devices(self, state: str | None = None) -> list[BatchRow]:
        """What became of each."""
        return self._session.rest.all(BatchRow, *self._path, "devices", state=state)

    def csv(self) -> str:
        return self._session.rest.content("GET", (*self._path, "devices.csv")).decode()

    def stop(self) -> BatchState:
        """Nobody further is asked, and what waits in queues is taken back. LabRefused when it is over."""
        return self._session.rest.post(BatchState, *self._path, "stop")


class Batches:
    """Of one platform. Given by `Platform.batches`."""

    def __init__(self, session: Session, platform: str) -> None:
        self._session, self._platform = session, platform
        self._path = ("platforms", platform, "batches")

    def all(self) -> list[BatchState]:
        """The newest first, of this run of the lab."""
        return self._session.rest.get(list[BatchState], *self._path)

    def get(self, number: int) -> Batch:
        self._session.rest.get(BatchState, *self._path, str(number))
        return Batch(self._session, self._platform, number)

    def start(
        self,
        act: str,
        *,
        devices: Sequence[str] | None = None,
        containing: str = "",
        state: str | None = None,
        group: str = "",
        tags: Sequence[str] = (),
        expected: int | None = None,
        **given: Any,
    ) -> Batch:
        """To these devices, or to all that fit. LabRefused when none does, or not as many as are ``expected``.

        ``act``: "operate" with ``order`` (``operation``, ``path``, ``value`` … as `Device.order` takes them), "label"
        with ``labels`` (``group``, ``add``, ``remove``), "take-back", "deregister" or "forget". ``given``: also
        ``at_once``, devices that are asked and have not answered.
        """
        of = {"devices": None if devices is None else list(devices), "containing": containing, "state": state}
        body = {"act": act, "of": {**of, "group": group, "tags": list(tags)}, "expected": expected, "wait": 60, **given}
        found = self._session.rest.post(BatchState, *self._path, **body)
        return Batch(self._session, self._platform, found.number)
