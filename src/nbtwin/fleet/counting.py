"""What a shard counts while it runs. What comes of it is in `tally.py`, which is data; this is compiled."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush, heapreplace, nlargest
from typing import TypeAlias

from nbtwin.engine import Seconds
from nbtwin.fleet.tally import GOOD, HARMLESS, WORST, FleetStats, Outcome, SecondRow, Waits, bounds
from nbtwin.runtime.histogram import Histogram

Names: TypeAlias = Callable[[int], str]


class FleetTally:
    """What a shard writes into."""

    def __init__(self, devices: int) -> None:
        self.devices = devices
        self.outcomes: dict[str, dict[str, int]] = {}
        self.begun: dict[str, int] = {}
        self.codes: dict[str, int] = {}
        self.asked: dict[str, int] = {}
        self.counts: dict[str, int] = {}
        self.registered = 0
        self._waits: dict[str, Histogram] = {}
        self._longest: dict[str, Seconds] = {}
        self._worst: list[tuple[float, int, str]] = []
        self._failing: dict[int, int] = {}
        self._sent = self._received = self._bytes_sent = self._bytes_received = 0
        self._seconds: list[SecondRow] = []

    def count(self, what: str, by: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + by

    def sent(self, size: int) -> None:
        """A datagram of so many bytes."""
        self._sent += 1
        self._bytes_sent += size

    def received(self, size: int) -> None:
        self._received += 1
        self._bytes_received += size

    def begin(self, now: Seconds, kind: str) -> None:
        self.begun[kind] = self.begun.get(kind, 0) + 1
        self._row(now).begun += 1

    def end(self, now: Seconds, kind: str, outcome: Outcome, device: int, wait: Seconds | None) -> None:
        """``wait``: since it was due; None for what was not answered."""
        there = self.outcomes.setdefault(kind, {})
        there[outcome] = there.get(outcome, 0) + 1
        row = self._row(now)
        if outcome in GOOD:
            row.good += 1
        elif outcome not in HARMLESS:
            row.errors += 1
            self._failing[device] = self._failing.get(device, 0) + 1
        if wait is not None:
            self.waited(kind, wait)
            worst = self._worst
            if len(worst) < WORST:
                heappush(worst, (wait, device, kind))
            elif wait > worst[0][0]:
                heapreplace(worst, (wait, device, kind))

    def waited(self, kind: str, wait: Seconds) -> None:
        found = self._waits.get(kind)
        if found is None:
            found = self._waits[kind] = Histogram(bounds())
            self._longest[kind] = 0.0
        found.add(wait)
        if wait > self._longest[kind]:
            self._longest[kind] = wait

    def _row(self, now: Seconds) -> SecondRow:
        rows, number = self._seconds, int(now)
        while len(rows) <= number:
            rows.append(SecondRow(registered=self.registered))
        row = rows[number]
        if self.registered > row.registered:
            row.registered = self.registered
        return row

    def stats(self, now: Seconds, name_of: Names) -> FleetStats:
        self._row(now)
        failing = nlargest(WORST, self._failing.items(), key=lambda one: one[1])
        return FleetStats(
            devices=self.devices,
            registered=self.registered,
            ran=now,
            outcomes={kind: dict(there) for kind, there in self.outcomes.items()},
            begun=dict(self.begun),
            waits={kind: self._as_data(kind) for kind in self._waits},
            codes=dict(self.codes),
            asked=dict(self.asked),
            counts={**self._traffic(), **self.counts},
            seconds=list(self._seconds),
            worst=[(wait, name_of(device), kind) for wait, device, kind in sorted(self._worst, reverse=True)],
            failing={name_of(device): count for device, count in failing},
        )

    def _traffic(self) -> dict[str, int]:
        sent = {"sent": self._sent, "bytes-sent": self._bytes_sent} if self._sent else {}
        received = {"received": self._received, "bytes-received": self._bytes_received} if self._received else {}
        return sent | received

    def _as_data(self, kind: str) -> Waits:
        found = self._waits[kind]
        counts = {bucket: count for bucket, count in enumerate(found.counts) if count}
        return Waits(counts, self._longest[kind], found.sum)
