"""What a server observes at a client, and when it is notified (LwM2M 1.0 TS, 5.5 and 5.1.2: pmin, pmax, gt, lt, st).

Knows paths and values; knows no object and no registration. Notifications are Confirmable: one that is not acknowledged
ends its observation (RFC 7641 4.5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from nbtwin.coap.endpoint import CoapEndpoint
from nbtwin.coap.events import CoapEvent, NotificationReset, NotificationUnanswered, Response
from nbtwin.coap.message import Message, in_order, uint_value
from nbtwin.coap.numbers import Code, OptionNumber, is_success
from nbtwin.coap.observe import Observer, Observers
from nbtwin.engine import Address, Deadline, Seconds
from nbtwin.lwm2m.attributes import (
    NUMERICAL,
    AttributeRefusal,
    AttributeRefused,
    check_together,
    parse_number,
)
from nbtwin.lwm2m.client.events import AndlinkReason
from nbtwin.lwm2m.model import OBJECTS
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path

_NUMERICAL = ("gt", "lt", "st")
_WHOLE = ("pmin", "pmax")
READERS = 64
"""Observations at once, at most."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """Notification attributes of one path (5.1.2). Those of later versions are unknown to a Client of LwM2M 1.0."""

    pmin: Seconds | None = None
    pmax: Seconds | None = None
    gt: float | None = None
    lt: float | None = None
    st: float | None = None

    def changed(self, queries: tuple[str, ...]) -> Attributes:
        """Write-Attributes; a name without a value takes the attribute away."""
        values: dict[str, Any] = {}
        for query in queries:
            name, given, text = query.partition("=")
            if name not in _NAMES:
                raise AttributeRefused(AttributeRefusal.UNKNOWN, name=name)
            values[name] = parse_number(query, text, whole=name in _WHOLE) if given else None
        check_together(values)
        new = replace(self, **values)
        if (new.pmin or 0) < 0 or (new.pmax is not None and new.pmax < 1) or (new.st or 0) < 0:
            raise AttributeRefused(AttributeRefusal.RANGE)
        return new

    @property
    def longest(self) -> Seconds | None:
        """pmax; below pmin it is ignored (LwM2M 1.0.2, 5.1.2)."""
        return self.pmax if self.pmax is not None and self.pmax >= (self.pmin or 0) else None

    def under(self, outer: Attributes) -> Attributes:
        """These, and what is missing from the level above."""
        return Attributes(
            *(getattr(outer, name) if getattr(self, name) is None else getattr(self, name) for name in _NAMES)
        )

    def wants(self, old: object, new: object) -> bool:
        """Whether this change is one to notify of."""
        if old == new:
            return False
        if not (isinstance(old, int | float) and isinstance(new, int | float)):
            return True
        if self.gt is None and self.lt is None and self.st is None:
            return True
        before, after = float(old), float(new)
        crossed = any(limit is not None and (before <= limit) != (after <= limit) for limit in (self.gt, self.lt))
        return crossed or (self.st is not None and abs(after - before) >= self.st)

    def format(self) -> str:
        """As Discover shows them (5.4.2)."""
        shown = ((name, getattr(self, name)) for name in _NAMES)
        return "".join(f";{name}={value:g}" for name, value in shown if value is not None)


NONE = Attributes()
_NAMES = ("pmin", "pmax", "gt", "lt", "st")


@dataclass(slots=True)
class _Observation:
    """How it is read, what was notified last, and when."""

    observer: Observer
    path: Path
    accept: int | None
    at: Seconds
    value: object = None
    changed: bool = False  # and held back by pmin
    attributes: Attributes = field(default=NONE)


class Observations:
    """``read`` gives the response to a Read, ``value`` what changes are judged by."""

    def __init__(
        self,
        endpoint: CoapEndpoint,
        read: Callable[[Path, int | None], Response],
        value: Callable[[Path], object],
    ) -> None:
        self._endpoint = endpoint
        self._read = read
        self._value = value
        self._observers = Observers(READERS)
        self._by_token: dict[tuple[Address, bytes], _Observation] = {}
        self._attributes: dict[Path, Attributes] = {}

    def clear(self) -> None:
        """They end with the registration (5.5)."""
        self._observers = Observers(READERS)
        self._by_token.clear()

    def write_attributes(self, now: Seconds, path: Path, queries: tuple[str, ...]) -> None:
        """Write-Attributes (5.1.2): who should have been notified by them is. AttributeRefused for what is none.

        ``gt``, ``lt`` and ``st`` are of numerical resources alone; one may be taken away anywhere.
        """
        for query in queries:
            name, given, _ = query.partition("=")
            if given and name in _NUMERICAL and not is_numerical(path):
                raise AttributeRefused(AttributeRefusal.NOT_NUMERICAL, name=name)
        self._attributes[path] = self._attributes.get(path, NONE).changed(queries)
        self.handle_timer(now)

    def attributes(self, path: Path) -> Attributes:
        """What holds for a path: its own and those of the instance and object above."""
        found = NONE
        for depth in range(1, len(path) + 1):
            found = self._attributes.get(Path(path[:depth]), NONE).under(found)
        return found

    def shown(self, path: Path) -> str:
        """Its own attributes as link attributes."""
        return self._attributes.get(path, NONE).format()

    def observe(self, now: Seconds, peer: Address, message: Message, path: Path, response: Response) -> Response:
        """Follow the Observe option of a Read that was answered with ``response``."""
        if not is_success(response.code):
            return response
        observer = self._observers.handle_request(now, peer, message, path)
        if observer is None:
            left = self._observers.of(path)
            ended = [key for key, one in self._by_token.items() if one.path == path and one.observer not in left]
            for key in {*ended, (peer, message.token)}:
                self._by_token.pop(key, None)
            return response
        self._by_token[peer, message.token] = _Observation(observer, path, message.accept, now, self._value(path))
        return with_order(response, observer)

    def of(self, path: Path) -> Observer | None:
        """The newest observer of exactly this path."""
        observers = self._observers.of(path)
        return observers[-1] if observers else None

    def accept_of(self, observer: Observer) -> int | None:
        """The Accept of the observing Read; None: TLV, or the bytes as they are."""
        return self._by_token[observer.peer, observer.token].accept

    def changed(self, now: Seconds, path: Path) -> None:
        """A value at the path is new: notify those who observe it, as far as their attributes want it."""
        for observation in list(self._by_token.values()):
            if not (observation.path.covers(path) or path.covers(observation.path)):
                continue
            attributes, value = self.attributes(observation.path), self._value(observation.path)
            if attributes.wants(observation.value, value):
                observation.changed = True
                if now >= observation.at + (attributes.pmin or 0):
                    self._notify(now, observation)

    def _notify(self, now: Seconds, observation: _Observation) -> None:
        observation.at, observation.value, observation.changed = now, self._value(observation.path), False
        response = self._read(observation.path, observation.accept)
        observer = observation.observer
        self._endpoint.notify(now, observer.peer, observer.token, with_order(response, observer), True)

    def handle_event(self, now: Seconds, event: CoapEvent) -> None:
        """A notification that was reset or not acknowledged ends its observation (RFC 7641 4.5)."""
        self._observers.handle_event(now, event)
        if isinstance(event, NotificationReset | NotificationUnanswered):
            self._by_token.pop((event.peer, event.token), None)

    def handle_timer(self, now: Seconds) -> None:
        for observation in list(self._by_token.values()):
            due = self._due_at(observation)
            if due is not None and now >= due:
                self._notify(now, observation)

    def _due_at(self, observation: _Observation) -> Seconds | None:
        attributes = self.attributes(observation.path)
        if observation.changed:
            return observation.at + (attributes.pmin or 0)
        longest = attributes.longest
        return None if longest is None else observation.at + longest

    def next_deadline(self) -> Deadline | None:
        due = [at for observation in self._by_token.values() if (at := self._due_at(observation)) is not None]
        return Deadline(min(due), AndlinkReason.NEXT_NOTIFICATION) if due else None


def is_numerical(path: Path) -> bool:
    """Whether this is a resource (or an instance of one) whose values are numbers (LwM2M 1.0 TS, appendix C)."""
    row = row_at(path, OBJECTS)
    return row is not None and row.type in NUMERICAL


def with_order(response: Response, observer: Observer) -> Response:
    """The response as the next notification of this observer."""
    order = (int(OptionNumber.OBSERVE), uint_value(observer.next_order()))
    return Response(response.code, in_order([*response.options, order]), response.payload)


def is_write_attributes(message: Message) -> bool:
    """PUT with queries and without a body (5.1.2)."""
    return message.code == Code.PUT and message.content_format is None and not message.payload and bool(message.query)
