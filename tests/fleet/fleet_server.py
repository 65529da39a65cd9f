"""A small LwM2M server in memory, and a clock that jumps: what an engine is driven by in these tests."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.fleet.plan import FleetDevices, FleetPhase, FleetPlan, FleetTarget
from nbtwin.fleet.shard import engine_of
from nbtwin.fleet.tally import FleetStats

DELAY = 0.01
Reply = tuple[float, bytes]


def plan(*phases: FleetPhase, devices: int = 20, **more: Any) -> FleetPlan:
    target = FleetTarget("127.0.0.1", 5683, False, "127.0.0.1")
    register = FleetPhase(do="register", rate=100)
    return FleetPlan(target=target, devices=FleetDevices(devices), phases=phases or (register,), **more)


def piggybacked(asked: Message, code: int, **more: Any) -> bytes:
    return encode(Message(Type.ACK, Code(code), asked.message_id, asked.token, options(**more)))


class Server:
    """Answers as it should, after ``DELAY``; ``answer`` of a test says otherwise."""

    def __init__(self, answer: Callable[[float, int, bytes], list[Reply]] | None = None) -> None:
        self._answer = answer or self.properly
        self.got: list[tuple[float, int, bytes]] = []
        self.registered: dict[str, int] = {}
        self._seen: set[tuple[int, int]] = set()

    def take(self, now: float, lane: int, data: bytes) -> list[Reply]:
        self.got.append((now, lane, data))
        return self._answer(now, lane, data)

    def properly(self, now: float, lane: int, data: bytes) -> list[Reply]:
        asked = decode(data)
        if not 1 <= asked.code < 32:
            return []
        path = asked.texts(11)
        if path == ("rd",):
            name = next(query[3:] for query in asked.texts(15) if query.startswith("ep="))
            self.registered[name] = lane
            return [(DELAY, piggybacked(asked, Code.CREATED, location_path=("rd", name)))]
        if asked.code == Code.DELETE:
            self.registered.pop(path[1], None)
            return [(DELAY, piggybacked(asked, Code.DELETED))]
        return [(DELAY, piggybacked(asked, Code.CHANGED))]


class Drive:
    """An engine and a server: time jumps to whatever is next."""

    def __init__(self, made: FleetPlan, server: Server, lanes: int | None = None) -> None:
        self.engine = engine_of(made, 2 * made.devices.count if lanes is None else lanes)
        self.server = server
        self.now = 0.0
        self._coming: list[tuple[float, int, int, bytes]] = []
        self._number = 0

    def deliver(self, after: float, lane: int, data: bytes) -> None:
        self._number += 1
        heapq.heappush(self._coming, (self.now + after, self._number, lane, data))

    def step(self, until: float = float("inf")) -> bool:
        """To the next instant; False when there is none by then."""
        deadline = self.engine.next_deadline()
        instants = [at for at in (deadline, self._coming[0][0] if self._coming else None) if at is not None]
        if not instants or min(instants) > until:
            return False
        self.now = max(self.now, min(instants))
        self.engine.handle_timer(self.now)
        while self._coming and self._coming[0][0] <= self.now:
            _, _, lane, data = heapq.heappop(self._coming)
            self.engine.handle_datagram(self.now, lane, data)
        for lane, data in self.engine.datagrams_to_send():
            for after, said in self.server.take(self.now, lane, data):
                self.deliver(after, lane, said)
        return True

    def run(self, until: float = float("inf")) -> FleetStats:
        while self.now < until and self.step(until):
            pass
        return self.engine.stats(self.now)
