"""Two Endpoints, a link that can be told what to lose, and a clock that only we move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Any

from nbtwin.coap.endpoint import RequestReceived
from nbtwin.coap.message import Message, decode
from nbtwin.engine import Address

CLIENT: Address = ("192.0.2.1", 40000)
SERVER: Address = ("192.0.2.2", 5683)
STRANGER: Address = ("192.0.2.3", 5683)


@dataclass
class Bench:
    """Client and server on a link; ``fate`` gives the delays of the copies of a datagram, none for a lost one."""

    client: Any
    server: Any
    fate: Callable[[Address, bytes], list[float]] = lambda source, data: [0.0]
    now: float = 0.0
    sent: list[tuple[float, Address, bytes]] = field(default_factory=list)
    seen: dict[Address, list[Any]] = field(default_factory=lambda: {CLIENT: [], SERVER: []})
    react: Callable[[Any], None] = lambda event: None
    _under_way: list[tuple[float, int, Address, Address, bytes]] = field(default_factory=list)
    _order: Any = field(default_factory=count)

    def engine(self, address: Address) -> Any:
        return self.client if address == CLIENT else self.server

    def drain(self) -> None:
        """Datagrams onto the link, events to the list and, on the server, to its application, until all is quiet."""
        for address in (CLIENT, SERVER):
            engine = self.engine(address)
            for event in engine.events():
                self.seen[address].append(event)
                if address == SERVER and isinstance(event, RequestReceived):
                    self.react(event)
            for destination, data in engine.datagrams_to_send():
                self.sent.append((self.now, address, data))
                for delay in self.fate(address, data):
                    heappush(self._under_way, (self.now + delay, next(self._order), address, destination, data))

    def run(self, until: float) -> None:
        self.drain()
        while (at := self._next()) is not None and at <= until:
            self.now = max(self.now, at)
            if self._under_way and self._under_way[0][0] <= self.now:
                _, _, source, destination, data = heappop(self._under_way)
                if destination in (CLIENT, SERVER):
                    self.engine(destination).handle_datagram(self.now, source, data)
            else:
                self.client.handle_timer(self.now)
                self.server.handle_timer(self.now)
            self.drain()
        self.now = until

    def _next(self) -> float | None:
        times = [deadline.at for deadline in (self.client.next_deadline(), self.server.next_deadline()) if deadline]
        times += [self._under_way[0][0]] if self._under_way else []
        return min(times, default=None)

    def inject(self, destination: Address, source: Address, data: bytes) -> list[bytes]:
        """Hand over one datagram and take what it is answered."""
        engine = self.engine(destination)
        engine.handle_datagram(self.now, source, data)
        self.seen[destination] += engine.events()
        return [answer for _, answer in engine.datagrams_to_send()]

    def departures(self, source: Address) -> list[float]:
        return [at for at, sender, _ in self.sent if sender == source]

    def messages(self, source: Address) -> list[Message]:
        return [decode(data) for _, sender, data in self.sent if sender == source]

    def told(self, address: Address, kind: type) -> list[Any]:
        return [event for event in self.seen[address] if isinstance(event, kind)]


def lose_everything(source: Address, data: bytes) -> list[float]:
    return []
