"""What entries of a timeline add up to: datagrams over time and by operation, what each module cost, its states.

From codes and fields alone, so that it is the same of a lab in this process and of one behind HTTP. Knows no picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbtwin.api.results import TimelineEntry
from nbtwin.engine import DAY, HOUR, MINUTE, Seconds
from nbtwin.scenario.meter import Usage, UsageAccount

_STEPS = (1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR,
          3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY)  # fmt: skip
_MOST_BUCKETS = 60
_POWERS = {
    "powered-on": "booting",
    "woke": "on",
    "restarted": "booting",
    "booted": "on",
    "fell-asleep": "asleep",
    "powered-off": "off",
}


@dataclass(slots=True)
class Bucket:
    """A stretch of time. Bytes are UDP payload as sent."""

    begins: Seconds
    ends: Seconds
    up: int = 0
    down: int = 0
    lost: int = 0
    octets_up: int = 0
    octets_down: int = 0


@dataclass(slots=True)
class OperationTally:
    """All datagrams of one operation, answers to it with it."""

    name: str
    datagrams: int = 0
    octets: int = 0
    again: int = 0
    """Retransmissions among them."""
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A module was in one state so long."""

    state: str
    begins: Seconds
    ends: Seconds


@dataclass(slots=True)
class ModuleTally:
    """What one module did and cost in the span."""

    usage: Usage = field(default_factory=Usage)
    powers: list[Stretch] = field(default_factory=list)
    connections: list[Stretch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tally:
    begins: Seconds
    ends: Seconds
    buckets: Sequence[Bucket]
    operations: Sequence[OperationTally]
    """The one with the most datagrams first."""
    modules: Mapping[str, ModuleTally]

    @property
    def datagrams(self) -> int:
        return sum(bucket.up + bucket.down for bucket in self.buckets)

    @property
    def lost(self) -> int:
        return sum(bucket.lost for bucket in self.buckets)

    @property
    def octets(self) -> int:
        return sum(bucket.octets_up + bucket.octets_down for bucket in self.buckets)


def tally(entries: Iterable[TimelineEntry], modules: Iterable[str], since: Seconds | None, now: Seconds) -> Tally:
    """Of ``entries`` from the beginning on, oldest first; what is counted begins with ``since``, or with the first."""
    told = list(entries)
    begins = since if since is not None else min(told[0].at if told else now, now)
    origin = min(told[0].at, begins) if told else begins
    counters = {name: _Counter(origin, begins) for name in modules}
    buckets, operations = _empty_buckets(begins, now), dict[str, OperationTally]()
    for entry in told:
        if entry.kind == "state" and entry.source in counters:
            counters[entry.source].state(entry)
        elif entry.kind == "datagram":
            fields = entry.fields
            for name, is_sender in ((fields["from"], True), (fields["to"], False)):
                if name in counters:
                    counters[name].datagram(entry.at, fields, is_sender)
            if entry.at >= begins:
                _count(fields, buckets[min(int((entry.at - begins) / _width(buckets)), len(buckets) - 1)], operations)
    ordered = sorted(operations.values(), key=lambda each: (-each.datagrams, each.name))
    return Tally(begins, now, buckets, ordered, {name: each.settled(now) for name, each in counters.items()})


def operation_of(fields: Mapping[str, Any]) -> tuple[str, bool]:
    """The name without a path, and whether the datagram answers it; of what is no LwM2M the protocol."""
    operation = fields.get("operation")
    if not operation:
        return str(fields.get("protocol") or "udp").upper().replace("COAP", "CoAP"), False
    name = str(operation).removeprefix("to ")
    return name.partition(" ")[0], name != operation


def _width(buckets: Sequence[Bucket]) -> Seconds:
    return buckets[0].ends - buckets[0].begins


def _empty_buckets(begins: Seconds, ends: Seconds) -> list[Bucket]:
    span = max(ends - begins, 1.0)
    step = next((step for step in _STEPS if span / step <= _MOST_BUCKETS), 365 * DAY)
    count = max(1, -int(-span // step))
    return [Bucket(begins + number * step, begins + (number + 1) * step) for number in range(count)]


def _count(fields: Mapping[str, Any], bucket: Bucket, operations: dict[str, OperationTally]) -> None:
    octets, lost = octets_of(fields), bool(fields["lost"])
    if fields["direction"] == "up":
        bucket.up += 1
        bucket.octets_up += octets
    else:
        bucket.down += 1
        bucket.octets_down += octets
    bucket.lost += lost
    name, _ = operation_of(fields)
    of = operations.setdefault(name, OperationTally(name))
    of.datagrams += 1
    of.octets += octets
    of.again += fields["sending"] > 1
    of.lost += lost


def octets_of(fields: Mapping[str, Any]) -> int:
    """Of UDP's payload."""
    return len(fields["data"]) // 2


class _Counter:
    """One module's account, and the stretches of its states."""

    def __init__(self, origin: Seconds, begins: Seconds) -> None:
        self._begins = begins
        self._account = UsageAccount(origin)
        self._before: Usage | None = None
        self._power: tuple[str, Seconds] = ("off", begins)
        self._connected: Seconds | None = None
        self._of = ModuleTally()

    def state(self, entry: TimelineEntry) -> None:
        self._look(entry.at)
        power = _POWERS.get(entry.code)
        if power is not None:
            self._account.awake(entry.at, power in ("booting", "on"))
            self._end_power(entry.at)
            self._power = power, entry.at
        elif entry.code == "connection-changed":
            connected = bool(entry.fields["connected"])
            self._account.connected(entry.at, connected)
            self._end_connection(entry.at)
            self._connected = entry.at if connected else None

    def datagram(self, at: Seconds, fields: Mapping[str, Any], is_sender: bool) -> None:
        self._look(at)
        usage, octets = self._account.day(at), octets_of(fields)
        if is_sender:
            usage.sent += 1
            usage.bytes_sent += octets
        elif not fields["lost"]:
            copies = int(fields.get("copies", 1))
            usage.received += copies
            usage.bytes_received += copies * min(octets, int(fields.get("octets", octets)))

    def settled(self, now: Seconds) -> ModuleTally:
        self._look(now)
        self._end_power(now)
        self._end_connection(now)
        self._of.usage = self._account.total(now) - (self._before or Usage())
        return self._of

    def _look(self, at: Seconds) -> None:
        """What was before the span is no part of it."""
        if self._before is None and at >= self._begins:
            self._before = self._account.total(self._begins)

    def _end_power(self, at: Seconds) -> None:
        state, since = self._power
        if at > max(since, self._begins):
            self._of.powers.append(Stretch(state, max(since, self._begins), at))

    def _end_connection(self, at: Seconds) -> None:
        if self._connected is not None and at > max(self._connected, self._begins):
            self._of.connections.append(Stretch("radio", max(self._connected, self._begins), at))
