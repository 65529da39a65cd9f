"""What came of a fleet, as data: outcomes of each kind of exchange, how long answers took, what a second had.

Every exchange that has begun ends in one outcome or is still under way, so that the numbers add up. Tallies of shards
are added. Knows no device and no clock; `counting.py` counts.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from heapq import nlargest
from math import exp, log

import msgspec

from nbtwin.engine import Seconds
from nbtwin.runtime.histogram import Histogram

_SHORTEST, _LONGEST, _STEP = 20e-6, 1000.0, 0.01
WORST = 10


class Outcome(StrEnum):
    """How an exchange ends. Only the first is no error, and SLOW is one that was answered."""

    OK = "ok"
    SLOW = "slow"
    """As it should be, but late (`FleetPlan.slow`)."""
    REFUSED = "refused"
    """A code of class 4 or 5."""
    WRONG = "wrong"
    """A code of success that answers another question, or a registration without a location."""
    RUBBISH = "rubbish"
    """An answer that is no message."""
    RESET = "reset"
    SILENT = "silent"
    """Nothing came, whatever was sent again."""
    AWAY = "away"
    """The same, and the network said that nobody is there."""
    HANDSHAKE = "handshake"
    """No session came about."""
    UNREGISTERED = "unregistered"
    """The device had no registration to do it with: it was not sent."""
    OPEN = "open"
    """Not answered when the run ended."""
    CUT = "cut"
    """The device itself was restarted meanwhile: no error of the server's."""


GOOD = frozenset({Outcome.OK, Outcome.SLOW})
HARMLESS = GOOD | {Outcome.CUT}


@cache
def bounds() -> tuple[float, ...]:
    """20 µs to 1,000 s in steps of 1 %: an HDR histogram's promise, a relative error that is the same everywhere."""
    steps = int(log(_LONGEST / _SHORTEST) / log(1 + _STEP)) + 1
    return tuple(_SHORTEST * exp(step * log(1 + _STEP)) for step in range(steps + 1))


class Waits(msgspec.Struct):
    """A histogram as data: the buckets that have something."""

    counts: dict[int, int] = {}
    longest: Seconds = 0.0
    sum: Seconds = 0.0

    def histogram(self) -> Histogram:
        found = Histogram(bounds())
        for bucket, count in self.counts.items():
            found.counts[bucket] += count
            found.count += count
        found.sum = self.sum
        return found

    def plus(self, other: Waits) -> Waits:
        counts = dict(self.counts)
        for bucket, count in other.counts.items():
            counts[bucket] = counts.get(bucket, 0) + count
        return Waits(counts, max(self.longest, other.longest), self.sum + other.sum)

    def percentile(self, share: float) -> float | None:
        found = self.histogram().percentile(share)
        return None if found is None else min(found, self.longest)

    @property
    def count(self) -> int:
        return sum(self.counts.values())


class SecondRow(msgspec.Struct, array_like=True):
    """One second of a run."""

    begun: int = 0
    good: int = 0
    errors: int = 0
    registered: int = 0
    """At most, in it."""


class FleetStats(msgspec.Struct, kw_only=True):
    """Of a shard, or of all of them."""

    devices: int = 0
    registered: int = 0
    ran: Seconds = 0.0
    outcomes: dict[str, dict[str, int]] = {}
    """By kind of exchange."""
    begun: dict[str, int] = {}
    under_way: int = 0
    waits: dict[str, Waits] = {}
    codes: dict[str, int] = {}
    """Of refusals."""
    asked: dict[str, int] = {}
    """What the server asked of devices."""
    counts: dict[str, int] = {}
    """Datagrams, bytes, retransmissions and the like."""
    seconds: list[SecondRow] = []
    worst: list[tuple[float, str, str]] = []
    """Longest waits: seconds, device, kind."""
    failing: dict[str, int] = {}
    """Devices with errors, the worst of them."""
    cpu: Seconds = 0.0
    """Of the generator's processes."""
    memory: int = 0
    """Bytes resident, of the processes together."""
    paused: bool = False

    def plus(self, other: FleetStats) -> FleetStats:
        rows = [_sum_of(self.seconds, other.seconds, at) for at in range(max(len(self.seconds), len(other.seconds)))]
        return FleetStats(
            devices=self.devices + other.devices,
            registered=self.registered + other.registered,
            ran=max(self.ran, other.ran),
            outcomes={
                kind: _added(self.outcomes.get(kind, {}), other.outcomes.get(kind, {}))
                for kind in {**self.outcomes, **other.outcomes}
            },
            begun=_added(self.begun, other.begun),
            under_way=self.under_way + other.under_way,
            waits={
                kind: self.waits.get(kind, Waits()).plus(other.waits.get(kind, Waits()))
                for kind in {**self.waits, **other.waits}
            },
            codes=_added(self.codes, other.codes),
            asked=_added(self.asked, other.asked),
            counts=_added(self.counts, other.counts),
            seconds=rows,
            worst=nlargest(WORST, [*self.worst, *other.worst]),
            failing=dict(nlargest(WORST, _added(self.failing, other.failing).items(), key=lambda one: one[1])),
            cpu=self.cpu + other.cpu,
            memory=self.memory + other.memory,
            paused=self.paused or other.paused,
        )

    def total(self, *outcomes: str) -> int:
        return sum(there.get(one, 0) for there in self.outcomes.values() for one in outcomes)

    @property
    def ended(self) -> int:
        return sum(sum(there.values()) for there in self.outcomes.values())

    @property
    def good(self) -> int:
        return self.total(*GOOD)

    @property
    def errors(self) -> int:
        return self.ended - self.total(*HARMLESS)

    @property
    def own_cost(self) -> Seconds | None:
        """CPU of the generator for an exchange, whoever asked: a server that observes and reads gives it more to do."""
        exchanges = sum(self.begun.values()) + sum(self.asked.values())
        return self.cpu / exchanges if exchanges else None

    def of_all(self) -> Waits:
        found = Waits()
        for kind, waits in self.waits.items():
            if kind != "handshake":  # part of whatever it was made for
                found = found.plus(waits)
        return found


def _added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    found = dict(one)
    for name, count in other.items():
        found[name] = found.get(name, 0) + count
    return found


def _sum_of(one: list[SecondRow], other: list[SecondRow], at: int) -> SecondRow:
    """A shard that has ended keeps what it had registered."""
    a, b = (rows[at] if at < len(rows) else SecondRow(0, 0, 0, rows[-1].registered if rows else 0)
            for rows in (one, other))  # fmt: skip
    return SecondRow(a.begun + b.begun, a.good + b.good, a.errors + b.errors, a.registered + b.registered)
