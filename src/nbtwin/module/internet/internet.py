"""A module's way to the internet for whoever uses it: sockets, pings, look-ups, and who hears what became of them.

Made when it is first asked for; a module without a socket has none. Knows owners by their names (`HOST` is who types
commands); knows no command and no URC. What it wants of the network is pulled: packets, orders, names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from nbtwin.engine import Address, Deadline, Seconds, soonest
from nbtwin.module.events import Packet
from nbtwin.module.internet import events as happened
from nbtwin.module.internet.connections import Connections
from nbtwin.module.internet.dialect import InternetDialect
from nbtwin.module.internet.events import InternetEvent
from nbtwin.module.internet.orders import NAME_HOLDS, NetworkAnswer, NetworkOrder, PingOrder, PingReply
from nbtwin.module.internet.sockets import SocketTable
from nbtwin.module.internet.time_client import TimeClient

Listener: TypeAlias = Callable[[Seconds, InternetEvent], None]


class InternetClient(Protocol):
    """A program of the module's own that uses sockets under its name: an MQTT client."""

    def handle_event(self, now: Seconds, event: InternetEvent) -> None:
        """Of its sockets and look-ups."""
        ...

    def handle_timer(self, now: Seconds) -> None: ...

    def next_deadline(self) -> Deadline | None: ...

    @property
    def busy(self) -> bool:
        """An answer is outstanding: no moment for deep sleep."""
        ...


class Internet:
    """Of one boot."""

    __slots__ = (
        "_asked", "_clients", "_events", "_names", "_next_ping", "_pings", "clock_ahead", "connections",
        "listeners", "sockets", "time",
    )  # fmt: skip

    def __init__(self, limits: InternetDialect, reserved: frozenset[int]) -> None:
        self.sockets = SocketTable(limits, reserved)
        self.listeners: dict[str, Listener] = {}
        """By owner: who hears of what is its own. The host's is the family's (`Profile.announces`)."""
        self._clients: dict[str, InternetClient] = {}
        self._asked: dict[str, list[str]] = {}  # a name under way, and its owners
        self._names: list[str] = []
        self._pings: dict[int, tuple[str, PingOrder]] = {}
        self._next_ping = 1
        self._events: list[InternetEvent] = []
        self.connections: Connections | None = None
        """What the RDY families keep beside their host's sockets, once there is something."""
        self.time: TimeClient | None = None
        """Once the host has asked for the time."""
        self.clock_ahead: Seconds = 0.0
        """What a time server has said beyond the network's time; the module's clock goes by it."""

    # what owners do

    def add_client(self, owner: str, client: InternetClient) -> None:
        self._clients[owner] = client
        self.listeners[owner] = client.handle_event

    def client(self, owner: str) -> InternetClient | None:
        return self._clients.get(owner)

    def report(self, event: InternetEvent) -> None:
        """What a client has to say of itself."""
        self._events.append(event)

    def look_up(self, owner: str, name: str) -> None:
        """`NameAnswered` comes, once however often the owner asks meanwhile."""
        owners = self._asked.get(name)
        if owners is None:
            owners = self._asked[name] = []
            self._names.append(name)
        if owner not in owners:
            owners.append(owner)

    def ping(self, owner: str, host: str, size: int, timeout: Seconds) -> int:
        """`PingEnded` comes, with this number."""
        number, self._next_ping = self._next_ping, self._next_ping + 1
        order = PingOrder(number, host, size, timeout)
        self._pings[number] = (owner, order)
        self.sockets.order(order)
        return number

    def pings_under_way(self) -> list[tuple[str, PingOrder]]:
        """With their owners, the oldest first."""
        return list(self._pings.values())

    def names_under_way(self) -> list[str]:
        return list(self._asked)

    # what comes

    def handle_packet(self, port: int, source: Address, data: bytes) -> None:
        self.sockets.handle_packet(port, source, data)

    def handle_lookup(self, name: str, host: str | None, others: tuple[str, ...] = (), ttl: int = NAME_HOLDS) -> None:
        for owner in self._asked.pop(name, ()):
            self._events.append(happened.NameAnswered(owner, name, host, others, ttl))

    def handle_network(self, answer: NetworkAnswer) -> None:
        if isinstance(answer, PingReply):
            asked = self._pings.pop(answer.number, None)
            if asked is not None:
                owner, order = asked
                self._events.append(
                    happened.PingEnded(owner, order.number, order.host, order.size, answer.round_trip, answer.hops)
                )
        else:
            self.sockets.handle_answer(answer)

    def handle_detached(self, closes: bool) -> None:
        """``closes``: the context is gone, and the sockets with it; else only what was under way is lost."""
        for name in list(self._asked):
            self.handle_lookup(name, None)
        self.sockets.handle_detached()
        if closes:
            self.sockets.close_all()

    def handle_timer(self, now: Seconds) -> None:
        self.sockets.handle_timer(now)
        if self.time is not None:
            self.time.handle_timer(now)
        for client in self._clients.values():
            client.handle_timer(now)

    def next_deadline(self) -> Deadline | None:
        best = self.sockets.next_deadline()
        if self.time is not None:
            best = soonest(best, self.time.next_deadline())
        for client in self._clients.values():
            best = soonest(best, client.next_deadline())
        return best

    @property
    def busy(self) -> bool:
        """Something is under way: no moment for deep sleep."""
        if self.time is not None and self.time.busy:
            return True
        if self._asked or self._pings or self.sockets.busy:
            return True
        for client in self._clients.values():  # noqa: SIM110  compiled: no generator
            if client.busy:
                return True
        return False

    # the drain

    @property
    def has_news(self) -> bool:
        answered = self.time is not None and bool(self.time.answers)
        return answered or bool(self._events) or bool(self._names) or self.sockets.has_news

    def packets(self) -> list[Packet]:
        return self.sockets.packets()

    def orders(self) -> list[NetworkOrder]:
        return self.sockets.orders()

    def lookups(self) -> list[str]:
        names, self._names = self._names, []
        return names

    def events(self) -> list[InternetEvent]:
        events, self._events = self._events, []
        if self.time is not None:
            events += self.time.take_answers()
        return self.sockets.events() + events
