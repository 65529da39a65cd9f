"""One server, some clients and a network between them, on a simulated clock and a seed."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any

from nbtwin.dtls import DtlsClient, DtlsServer, HandshakeCompleted, Resumable, ServerSettings, Settings
from nbtwin.dtls.messages import ClientHello, HandshakeMessage, HelloVerifyRequest
from nbtwin.dtls.numbers import ContentType, HandshakeType
from nbtwin.dtls.record import PlainEpoch, records
from nbtwin.engine import Address

IDENTITY, KEY = b"863703030822519", bytes(range(16))
SERVER: Address = ("10.0.0.1", 5684)
CLIENT: Address = ("10.0.0.2", 40000)
LATENCY = 0.05

Fate = Callable[[int, Address, Address, bytes], tuple[float, ...]]
"""When the copies of the n-th datagram arrive, counted from now; an empty tuple: never."""


def reliable(n: int, source: Address, destination: Address, data: bytes) -> tuple[float, ...]:
    return (LATENCY,)


def losing(*lost: int) -> Fate:
    """Of all datagrams in both directions the `lost` ones, counted from 0."""
    return lambda n, source, destination, data: () if n in lost else (LATENCY,)


def noisy(random: Random, loss: float, duplication: float = 0.1, spread: float = 1.5) -> Fate:
    """Loses, doubles and reorders: every copy takes its own time."""

    def fate(n: int, source: Address, destination: Address, data: bytes) -> tuple[float, ...]:
        copies = 2 if random.random() < duplication else 1
        return tuple(random.uniform(0.01, spread) for _ in range(copies) if random.random() >= loss)

    return fate


class Link:
    """The network. Everything that was sent is in `sent`; every event of an address in `events`."""

    def __init__(self, server: DtlsServer | None = None, fate: Fate = reliable) -> None:
        self.now = 100.0
        self.fate = fate
        self.engines: dict[Address, Any] = {}
        self.events: dict[Address, list[Any]] = {}
        self.sent: list[tuple[float, Address, Address, bytes]] = []
        self._flying: list[tuple[float, int, Address, Address, bytes]] = []
        self._order = count()
        self.server = server if server is not None else a_server()
        self.add(SERVER, self.server)

    def add(self, address: Address, engine: Any) -> None:
        self.engines[address] = engine
        self.events.setdefault(address, [])

    def move(self, old: Address, new: Address) -> None:
        self.add(new, self.engines.pop(old))

    def drain(self) -> None:
        for address, engine in list(self.engines.items()):
            for destination, data in engine.datagrams_to_send():
                self.carry(address, destination, data)
            self.events[address] += engine.events()

    def carry(self, source: Address, destination: Address, data: bytes) -> None:
        for delay in self.fate(len(self.sent), source, destination, data):
            flight = (self.now + delay, next(self._order), source, destination, data)
            heapq.heappush(self._flying, flight)
        self.sent.append((self.now, source, destination, data))

    def run(self, span: float = 300.0, until: Callable[[], bool] | None = None) -> None:
        """Jump from arrival to deadline, for so long or until something has happened."""
        end = self.now + span
        self.drain()
        while until is None or not until():
            at = self._next_at()
            if at > end:
                self.now = end
                return
            self.now = max(self.now, at)
            self._step()
            self.drain()

    def _next_at(self) -> float:
        deadlines = [engine.next_deadline() for engine in self.engines.values()]
        times = [deadline.at for deadline in deadlines if deadline is not None]
        return min([*times, *(arrival[0] for arrival in self._flying[:1])], default=float("inf"))

    def _step(self) -> None:
        if self._flying and self._flying[0][0] <= self.now:
            _, _, source, destination, data = heapq.heappop(self._flying)
            if destination in self.engines:
                self.engines[destination].handle_datagram(self.now, source, data)
            return
        for engine in self.engines.values():
            deadline = engine.next_deadline()
            if deadline is not None and deadline.at <= self.now:
                engine.handle_timer(self.now)

    def of(self, address: Address, kind: type) -> list[Any]:
        return [event for event in self.events[address] if isinstance(event, kind)]

    def data(self, address: Address) -> list[bytes]:
        return [event.data for event in self.events[address] if type(event).__name__ == "ApplicationDataReceived"]


def a_server(
    settings: ServerSettings | None = None, seed: int = 1, keys: dict[bytes, bytes] | None = None
) -> DtlsServer:
    return DtlsServer((keys or {IDENTITY: KEY}).get, Random(seed).randbytes, settings=settings)


def a_client(
    settings: Settings | None = None,
    seed: int = 2,
    *,
    identity: bytes = IDENTITY,
    key: bytes = KEY,
    silence: float | None = None,
    resumable: Resumable | None = None,
) -> DtlsClient:
    random = Random(seed).randbytes
    return DtlsClient(SERVER, identity, key, random, settings=settings, silence=silence, resumable=resumable)


def connected(
    settings: Settings | None = None, server: ServerSettings | None = None, fate: Fate = reliable
) -> tuple[Link, DtlsClient]:
    """A link whose client has an established session."""
    link, client = Link(a_server(server), fate), a_client(settings)
    link.add(CLIENT, client)
    client.handshake(link.now)
    link.run(1.0)
    assert link.of(CLIENT, HandshakeCompleted)
    assert link.of(SERVER, HandshakeCompleted)
    return link, client


def hello_datagram(seed: int, cookie: bytes = b"", seq: int = 0, suites: tuple[int, ...] = (0xC0A8,)) -> bytes:
    body = ClientHello(seed.to_bytes(32, "big"), cookie=cookie, cipher_suites=suites).encode()
    return PlainEpoch(seq).protect(
        ContentType.HANDSHAKE, HandshakeMessage(HandshakeType.CLIENT_HELLO, seq, body).encode()
    )


def cookie_in(datagram: bytes) -> bytes:
    (record,) = records(datagram, 0)
    return HelloVerifyRequest.decode(record.fragment[12:]).cookie
