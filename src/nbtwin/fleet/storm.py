"""A storm in simulated time: very many devices come back to a platform at once, and how it fares.

The devices are those of `nbtwin fleet`, the platform is an operator's own engine: every datagram is made, decoded and
answered. Between them is a radio network with a delay, and at the platform's door what every server has: a queue of
datagrams with a bound, and a time that each takes. Knows no clock and no socket.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from random import Random

import msgspec

from nbtwin.engine import HOUR, Seconds
from nbtwin.fleet.engine import FleetEngine
from nbtwin.fleet.plan import FleetDevices, FleetPhase, FleetPlan, FleetTarget
from nbtwin.fleet.tally import FleetStats
from nbtwin.operators.andlink.listeners import ListenerPort
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.key_store.psk import PskStore

SHARES = (0.5, 0.9, 0.99, 1.0)
TICK = 0.02
"""What is due within it is done together: far less than the radio network's delay."""
_LIFETIME = 86400


class StormPlan(msgspec.Struct, frozen=True, kw_only=True):
    """``spread``: over how long the first messages are spread, at random. ``a_second``: so many datagrams the platform
    takes in; ``room``: so many wait at its door, what comes then is dropped, as by a socket's buffer."""

    devices: int = 100_000
    spread: Seconds = 10.0
    a_second: float = 1000.0
    room: int = 4096
    again: Seconds = 60.0
    doubles: bool = True
    """The wait for the next try doubles each time up to an hour and is partly drawn; else it is always the same."""
    delay: Seconds = 0.4
    """Of the radio network, one way, about: half of it is fixed, the rest is drawn."""
    ack_timeout: Seconds = 3.0
    within: Seconds = HOUR
    step: Seconds = 10.0
    """A row of what came of it has so many seconds."""
    seed: int = 1


class StormRow(msgspec.Struct):
    """One step of it, in datagrams."""

    arrived: int = 0
    repeated: int = 0
    """Of those taken in, what had been there before."""
    taken: int = 0
    dropped: int = 0
    waiting: int = 0
    """At the door, at most."""
    registered: int = 0
    """Devices, at its end."""


class Storm(msgspec.Struct):
    """What came of it. ``back``: when which share of all devices was registered; None: not within the time."""

    plan: StormPlan
    rows: list[StormRow]
    stats: FleetStats
    back: dict[float, Seconds | None]
    sent: int
    arrived: int
    taken: int
    repeated: int
    dropped: int
    longest_queue: int
    ended: Seconds


class _Door:
    """The platform's queue, and what it costs to take one datagram in."""

    def __init__(self, plan: StormPlan) -> None:
        self.takes = 1.0 / plan.a_second
        self.queue: deque[tuple[int, bytes]] = deque()
        self.free_at: Seconds = 0.0
        self.room = plan.room

    def next_at(self) -> Seconds | None:
        return self.free_at if self.queue else None

    def arrive(self, now: Seconds, lane: int, data: bytes) -> bool:
        if len(self.queue) >= self.room:
            return False
        if not self.queue:
            self.free_at = max(now, self.free_at) + self.takes
        self.queue.append((lane, data))
        return True

    def take(self) -> tuple[int, bytes]:
        found = self.queue.popleft()
        if self.queue:
            self.free_at += self.takes
        return found


def fleet_plan(plan: StormPlan) -> FleetPlan:
    """Each device registers once, at an instant of its own within the spread."""
    rate = plan.devices / plan.spread if plan.spread else None
    return FleetPlan(
        target=FleetTarget("127.0.0.1", 5683, False, "127.0.0.1"),
        devices=FleetDevices(plan.devices), phases=(FleetPhase(do="register", rate=rate),), seed=plan.seed,
        lifetime=_LIFETIME, ack_timeout=plan.ack_timeout, again=plan.again,
        again_most=HOUR if plan.doubles else plan.again, again_spread=0.5 if plan.doubles else 0.0,
    )  # fmt: skip


def run_storm(plan: StormPlan, tell: Callable[[Seconds, int], object] = lambda now, registered: None) -> Storm:
    """Until all are back, or ``within`` has passed. ``tell``: each step."""
    return _Run(plan).run(tell)


class _Run:
    def __init__(self, plan: StormPlan) -> None:
        self.plan = plan
        self._fleet = FleetEngine(fleet_plan(plan), 2 * plan.devices)
        self._random = Random(f"{plan.seed}/network")
        self._platform = AndlinkPlatform(Random(f"{plan.seed}/platform"), PskStore())
        self._door = _Door(plan)
        self._air: list[tuple[Seconds, int, bool, int, bytes]] = []
        self._number = 0
        self._seen: set[tuple[int, bytes]] = set()
        self._now: Seconds = 0.0
        self._platform_at: Seconds | None = None
        self._rows: list[StormRow] = []
        self._back: dict[float, Seconds | None] = dict.fromkeys(SHARES)
        self._sent = self._noted = 0

    def run(self, tell: Callable[[Seconds, int], object]) -> Storm:
        plan, fleet = self.plan, self._fleet
        while self._now < plan.within:
            instants = (
                fleet.next_deadline(), self._door.next_at(), self._air[0][0] if self._air else None,
                self._platform_at,
            )  # fmt: skip
            nearest = min((at for at in instants if at is not None), default=plan.within)
            self._now = min(max(self._now + TICK, (int(nearest / TICK) + 1) * TICK), plan.within)
            row = self._row(tell)
            self._step(row)
            row.registered = fleet.tally.registered
            self._note_back()
            if self._back[1.0] is not None and not (fleet.under_way or self._door.queue):
                break
        rows = self._rows
        return Storm(
            plan=plan, rows=rows, stats=fleet.stats(self._now), back=self._back, sent=self._sent,
            arrived=sum(row.arrived for row in rows), taken=sum(row.taken for row in rows),
            repeated=sum(row.repeated for row in rows), dropped=sum(row.dropped for row in rows),
            longest_queue=max(row.waiting for row in rows), ended=self._now,
        )  # fmt: skip

    def _step(self, row: StormRow) -> None:
        """Everything that is due by this instant."""
        now, fleet, door = self._now, self._fleet, self._door
        fleet.handle_timer(now)
        while self._air and self._air[0][0] <= now:
            _, _, to_platform, lane, data = heappop(self._air)
            if not to_platform:
                fleet.handle_datagram(now, lane, data)
                continue
            row.arrived += 1
            self._take(now, row)
            if not door.arrive(now, lane, data):
                row.dropped += 1
            row.waiting = max(row.waiting, len(door.queue))
        self._take(now, row)
        if self._platform_at is not None and self._platform_at <= now:
            self._platform.handle_timer(now)
        self._platform.events()
        for _, to, data in self._platform.datagrams_by_listener():
            self._fly(False, _lane(to), data)
        for lane, data in fleet.datagrams_to_send():
            self._sent += 1
            self._fly(True, lane, data)

        deadline = self._platform.next_deadline()
        self._platform_at = None if deadline is None else deadline.at

    def _take(self, now: Seconds, row: StormRow) -> None:
        """What the platform has had the time for."""
        door = self._door
        while door.queue and door.free_at <= now:
            lane, data = door.take()
            row.taken += 1
            if (lane, data[:4]) in self._seen:
                row.repeated += 1
            self._seen.add((lane, data[:4]))
            self._platform.handle_datagram(now, _address(lane), data, ListenerPort.PLAIN)

    def _fly(self, to_platform: bool, lane: int, data: bytes) -> None:
        self._number += 1
        delay = self.plan.delay * (0.5 + self._random.expovariate(2.0))
        heappush(self._air, (self._now + delay, self._number, to_platform, lane, data))

    def _row(self, tell: Callable[[Seconds, int], object]) -> StormRow:
        number = int(self._now / self.plan.step)
        while len(self._rows) <= number:
            self._rows.append(StormRow(registered=self._fleet.tally.registered, waiting=len(self._door.queue)))
            tell(self._now, self._fleet.tally.registered)
        return self._rows[number]

    def _note_back(self) -> None:
        registered = self._fleet.tally.registered
        if registered == self._noted:
            return
        self._noted = registered
        for share, at in self._back.items():
            if at is None and registered >= share * self.plan.devices:
                self._back[share] = self._now


def _address(lane: int) -> tuple[str, int]:
    return f"10.{lane >> 16}.{lane >> 8 & 255}.{lane & 255}", 5683


def _lane(address: tuple[str, int]) -> int:
    _, high, middle, low = address[0].split(".")
    return int(high) << 16 | int(middle) << 8 | int(low)
