"""What a module costs: datagrams, bytes, time awake, time with an RRC connection, by day of the lab.

An observer: counts what passes the drain, changes nothing. Knows the module's events, no operator and no content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from nbtwin.engine import DAY, Fact, Seconds
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import LabObserver
from nbtwin.module import events as happened
from nbtwin.timeline.facts import SegmentSeen

HEADERS = 20 + 8
"""Octets before the payload: IPv4 without options (RFC 791 3.1) and UDP (RFC 768)."""

_AWAKE = (happened.PoweredOn, happened.Woke, happened.Restarted)
_NOT_AWAKE = (happened.FellAsleep, happened.PoweredOff)


@dataclass(slots=True)
class Usage:
    """Counts of a span. Bytes are payload of UDP and TCP. ``sent``: what left, arrived or not; ``received``: what
    arrived."""

    sent: int = 0
    received: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    awake: Seconds = 0.0
    connected: Seconds = 0.0

    @property
    def datagrams(self) -> int:
        return self.sent + self.received

    def octets(self, headers: int = 0) -> int:
        """Bytes both ways, with so many octets of headers before each datagram."""
        return self.bytes_sent + self.bytes_received + headers * self.datagrams

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.sent + other.sent, self.received + other.received,
            self.bytes_sent + other.bytes_sent, self.bytes_received + other.bytes_received,
            self.awake + other.awake, self.connected + other.connected,
        )  # fmt: skip

    def __sub__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))


class UsageAccount:
    """One module's usage, day by day. Awake is everything but off and deep sleep: the boot too."""

    __slots__ = ("_awake_since", "_connected_since", "_start", "days")

    def __init__(self, start: Seconds) -> None:
        self.days: list[Usage] = [Usage()]
        self._start = start
        self._awake_since: Seconds | None = None
        self._connected_since: Seconds | None = None

    def day(self, at: Seconds) -> Usage:
        number = int((at - self._start) // DAY)
        while len(self.days) <= number:
            self.days.append(Usage())
        return self.days[number]

    def settle(self, now: Seconds) -> None:
        """Book the spans that are still open."""
        self.awake(now, self._awake_since is not None)
        self.connected(now, self._connected_since is not None)

    def total(self, now: Seconds) -> Usage:
        self.settle(now)
        total = Usage()
        for usage in self.days:
            total += usage
        return total

    def awake(self, now: Seconds, awake: bool) -> None:
        if self._awake_since is not None:
            self._book("awake", self._awake_since, now)
        self._awake_since = now if awake else None

    def connected(self, now: Seconds, connected: bool) -> None:
        if self._connected_since is not None:
            self._book("connected", self._connected_since, now)
        self._connected_since = now if connected else None

    def _book(self, name: str, since: Seconds, until: Seconds) -> None:
        """Split at midnight, lab time."""
        while since < until:
            midnight = self._start + ((since - self._start) // DAY + 1) * DAY
            end = min(until, midnight)
            usage = self.day(since)
            setattr(usage, name, getattr(usage, name) + end - since)
            since = end


class Meter(LabObserver):
    """Accounts of all modules of a world."""

    def __init__(self, start: Seconds = 0.0) -> None:
        self._start = start
        self.accounts: dict[str, UsageAccount] = {}

    def account(self, module: str) -> UsageAccount:
        account = self.accounts.get(module)
        if account is None:
            account = self.accounts[module] = UsageAccount(self._start)
        return account

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: str | None
    ) -> None:
        if packet.direction is Direction.UP:
            if packet.sender is not None:
                usage = self.account(packet.sender).day(at)
                usage.sent += 1
                usage.bytes_sent += len(data)
        elif packet.receiver is not None and obstacle is None:
            usage = self.account(packet.receiver).day(at)
            usage.received += len(impairment.delays)
            usage.bytes_received += len(impairment.delays) * len(
                data if impairment.octets is None else data[: impairment.octets]
            )

    def segment(self, at: Seconds, module: str, fact: SegmentSeen) -> None:
        """Each piece of a stream counts as one; what the peer has acknowledged is not counted apart."""
        usage = self.account(module).day(at)
        if fact.direction is Direction.UP:
            usage.sent += 1
            usage.bytes_sent += len(fact.data)
        elif not fact.lost:
            usage.received += 1
            usage.bytes_received += len(fact.data)

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        if not isinstance(node, ModuleNode):
            return
        for event in events:
            if isinstance(event, happened.ServiceReported):
                continue  # most of them
            if isinstance(event, happened.ConnectionChanged):
                self.account(node.name).connected(at, event.connected)
            elif isinstance(event, _AWAKE):
                self.account(node.name).awake(at, True)
            elif isinstance(event, _NOT_AWAKE):
                self.account(node.name).awake(at, False)
