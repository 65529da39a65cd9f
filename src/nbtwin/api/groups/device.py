"""What a platform knows of a device beyond its row: object tree, values over time, operations, what waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from nbtwin.api.groups.inventory import DeviceOnline, Label
from nbtwin.api.rest import Cause, LabTime, Rest
from nbtwin.api.session import Session
from nbtwin.engine import Seconds


class ResourceShown(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    path: str
    name: str
    type: str
    operations: str
    """ "R", "W", "E", "RW"; empty: none, or not known."""
    multiple: bool
    mandatory: bool
    unit: str
    range: str
    value: Any
    at: LabTime | None
    """When the value was learnt; None: never, or before the lab was started."""


class InstanceShown(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    path: str
    resources: tuple[ResourceShown, ...]


class ObjectShown(msgspec.Struct, frozen=True, kw_only=True):
    """An object that a device registered, with the newest values."""

    id: int
    name: str
    version: str | None
    instances: tuple[InstanceShown, ...]


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    value: Any
    at: LabTime | None
    about: Mapping[str, Mapping[str, Any]]
    """By path, what the definition says of each resource in it."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    at: LabTime
    value: Any


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One resource over time."""

    path: str
    about: Mapping[str, Mapping[str, Any]]
    points: tuple[Point, ...]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was asked of a device, and what came of it."""

    ticket: int
    platform: str
    device: str
    operation: str
    path: str
    asked_at: LabTime
    done: bool
    code: str
    """ "2.05"; empty while it is under way, and when no answer came."""
    value: Any
    raw: Any
    """The value as it came, where it was encrypted or cannot be read."""
    refusal: Cause | None
    """It failed."""
    at: LabTime | None
    """When it was answered."""
    deadline: LabTime | None
    """Until when it is kept for a device in Queue Mode."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """When a device listens next."""

    open: bool
    until: LabTime | None
    due_at: LabTime | None
    known_from: str
    """ "now", "period", "lifetime" or "nothing"."""


class QueuedCommand(msgspec.Struct, frozen=True, kw_only=True):
    ticket: int
    operation: str
    path: str
    value: Any
    content_format: int | None
    state: str
    position: int | None
    """Among those that wait, from 1."""
    asked_at: LabTime
    asked_by: str
    deadline: LabTime
    sent_at: LabTime | None
    ended_at: LabTime | None
    code: str
    result: Any
    refusal: Cause | None


class _Queue(msgspec.Struct, frozen=True):
    window: Window
    limit: int
    commands: tuple[QueuedCommand, ...]


class Queue:
    """The commands that wait for one device in Queue Mode. Given by `Device.queue`."""

    def __init__(self, session: Session, path: Sequence[str]) -> None:
        self._session, self._path = session, (*path, "queue")

    @property
    def window(self) -> Window:
        return self._read().window

    @property
    def limit(self) -> int:
        """Commands that may wait for one device."""
        return self._read().limit

    def __iter__(self) -> Any:
        """In the order in which they are sent."""
        return iter(self._read().commands)

    def __len__(self) -> int:
        return len(self._read().commands)

    def all(self) -> tuple[QueuedCommand, ...]:
        """With the newest that have ended."""
        return self._read(ended=True).commands

    def command(self, ticket: int) -> QueuedCommand:
        return self._session.rest.get(QueuedCommand, *self._path, str(ticket))

    def move(self, command: QueuedCommand | int, position: int) -> QueuedCommand:
        """``position``: 1 is the next. LabRefused once it has been sent."""
        return self._session.rest.put(QueuedCommand, *self._path, _ticket(command), position=position)

    def cancel(self, command: QueuedCommand | int) -> None:
        """LabRefused once it has been sent."""
        self._session.rest.do("DELETE", *self._path, _ticket(command))

    def _read(self, *, ended: bool = False) -> _Queue:
        return self._session.rest.get(_Queue, *self._path, ended=str(ended).lower())


def _ticket(command: QueuedCommand | int) -> str:
    return str(command if isinstance(command, int) else command.ticket)


class MoreOfDevice:
    """`Device` is one of these."""

    _session: Session
    id: str

    @property
    def _rest(self) -> Rest:
        return self._session.rest

    @property
    def _path(self) -> tuple[str, ...]:
        platform, _, name = self.id.partition(":")
        return ("platforms", platform, "devices", name)

    @property
    def objects(self) -> list[ObjectShown]:
        """What it registered, instance by instance, with the newest value of each resource."""
        return self._rest.get(list[ObjectShown], *self._path, "objects")

    @property
    def observations(self) -> list[Observation]:
        return self._rest.get(list[Observation], *self._path, "observations")

    @property
    def queue(self) -> Queue:
        return Queue(self._session, self._path)

    @property
    def label(self) -> Label:
        """What people call it."""
        return self._rest.get(Label, *self._path)

    def relabel(self, *, name: str | None = None, group: str | None = None, tags: Sequence[str] | None = None) -> Label:
        """What is None stays as it is. LabRefused for what cannot be a name, a group or a tag."""
        given = {"name": name, "group": group, "tags": None if tags is None else list(tags)}
        return self._rest.put(Label, *self._path, "label", **given)

    @property
    def online(self) -> DeviceOnline:
        """When it was registered, and when it was heard."""
        return self._rest.get(DeviceOnline, *self._path, "online")

    def data(self, path: str, *, since: Seconds | None = None, limit: int = 1000) -> Series:
        """What this resource was over time: read, notified or sent. The newest ``limit`` points."""
        query = {"path": path, "since": self._rest.instant(since), "limit": limit}
        return self._rest.get(Series, *self._path, "data", **query)

    def data_csv(self, path: str, *, since: Seconds | None = None, limit: int = 1000) -> str:
        """The same as CSV (RFC 4180), with name, type and unit in each row. Times are the API's, since 1970."""
        query = {"path": path, "since": self._rest.instant(since), "limit": limit}
        return self._rest.content("GET", (*self._path, "data.csv"), query=query).decode()

    def values_csv(self) -> str:
        """The newest value of each resource that is known, as CSV."""
        return self._rest.content("GET", (*self._path, "values.csv")).decode()

    def operations(self, limit: int = 100) -> list[Operation]:
        """What was asked of it, the newest first."""
        return self._rest.get(list[Operation], *self._path, "operations", limit=limit)

    def operation(self, ticket: int) -> Operation:
        return self._rest.get(Operation, *self._path, "operations", str(ticket))

    def order(
        self,
        operation: str,
        path: str | None = None,
        *,
        within: Seconds | None = None,
        deadline: Seconds | None = None,
        **given: Any,
    ) -> Operation:
        """Ask something of it, and do not wait: `operation` has what came of it, and its queue what waits.

        ``given``: ``value``, ``arguments``, ``attributes``, ``paths`` or ``values``, as the operation takes it. Of a
        device in Queue Mode ``within`` (seconds) or ``deadline`` (the lab's time) says how long it is kept.
        """
        body = {"operation": operation, "path": path, "within": within, "deadline": self._rest.instant(deadline)}
        sent = {name: value for name, value in {**body, **given}.items() if value is not None}
        return self._session.rest.post(Operation, *self._path, "operations", wait=0, **sent)

    def forget(self) -> None:
        """It and its history. One that is registered finds out with its next update, and registers anew."""
        self._session.rest.do("DELETE", *self._path)
        self._session.backend.forgotten(self.id)
