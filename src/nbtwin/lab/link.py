"""How datagrams and look-ups get from one unit to another: translation, faults, latency, then over the scheduler or,
in a live lab, over the gateway's real sockets. Knows no socket and no datagram's content (but for error answers).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from nbtwin.engine import Address, Fact, Seconds
from nbtwin.lab.errors import error_answer
from nbtwin.lab.facts import NatRebound
from nbtwin.lab.faults import Direction, Faults, Impairment, PacketInFlight
from nbtwin.lab.interfaces import Gateway
from nbtwin.lab.network import Network
from nbtwin.lab.nodes import ModuleNode, Node, PlatformNode
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.scheduler import Scheduler
from nbtwin.timeline.facts import LookupRefusal, NameResolved, NameUnresolved, Obstacle

P = ParamSpec("P")
R = TypeVar("R")


class LinkedWorld(Protocol):
    """What a link needs of the world that it is in (`nbtwin.lab.world.World`)."""

    scheduler: Scheduler[Node]
    network: Network
    faults: Faults
    taps: list[LabObserver]
    modules: dict[str, ModuleNode]

    @property
    def now(self) -> Seconds: ...

    def note(self, source: str, fact: Fact) -> None: ...

    def drain(self, unit: Node) -> None: ...

    def perform(self, unit: Node, verb: Callable[Concatenate[Seconds, P], R], *args: P.args, **kw: P.kwargs) -> R: ...


class Latency:
    """How long a datagram takes one way, if nothing goes wrong."""

    __slots__ = ("_random", "jitter", "least")

    def __init__(self, random_: random.Random, least: Seconds, jitter: Seconds) -> None:
        self._random, self.least, self.jitter = random_, least, jitter

    def __bool__(self) -> bool:
        return bool(self.least or self.jitter)

    def of_one(self) -> Seconds:
        return self.least + self._random.random() * self.jitter if self.jitter else self.least


class Link:
    """Carries for one world. While ``jumping`` (simulated, or ``advance`` in a live lab) the scheduler carries what
    stays inside the lab, else the gateway does."""

    def __init__(self, world: LinkedWorld, latency: Latency) -> None:
        self.latency = latency
        self.gateway: Gateway | None = None
        self.jumping = True
        self.went_abroad = 0
        """Datagrams given to the gateway for peers outside the lab."""
        self._world = world
        self._platforms: dict[Address, PlatformNode] = {}
        self._held: list[_Held] = []

    def listen(self, unit: PlatformNode) -> None:
        for address in unit.addresses:
            self._platforms[address] = unit

    def close(self, unit: PlatformNode) -> None:
        for address in unit.addresses:
            self._platforms.pop(address, None)

    def rebind(self, module: str) -> None:
        gone = self._forget(module)
        if gone:
            self._world.note(module, NatRebound(tuple(gone)))

    def unplug(self, unit: ModuleNode) -> None:
        self._forget(unit.name)

    def _forget(self, module: str) -> list[Address]:
        gone = self._world.network.forget(module)
        for address in gone if self.gateway is not None else ():
            assert self.gateway is not None
            self.gateway.close(address)
        return gone

    # look-ups

    def look_up(self, unit: Node, name: str) -> None:
        world = self._world
        fault = world.faults.judge_lookup(world.now, unit.name, name)
        host = world.network.resolve(name) if fault is None else None
        told: Fact
        if host is not None:
            told = NameResolved(name, host)
        elif fault is not None:
            told = NameUnresolved(name, LookupRefusal.FAULT, fault.spec)
        else:
            told = NameUnresolved(name, LookupRefusal.UNKNOWN_NAME)
        for tap in world.taps:
            tap.lookup(world.now, unit.name, told)
        delay = self.latency.of_one() + self.latency.of_one() if fault is None else fault.seconds
        world.scheduler.call_at(world.now + delay, partial(self._looked_up, unit, name, host))

    def _looked_up(self, unit: Node, name: str, host: str | None) -> None:
        if isinstance(unit, ModuleNode) and self._world.modules.get(unit.name) is unit:
            self._world.perform(unit, unit.module.handle_lookup, name, host)

    # from a unit of the lab

    def _nobody_watches(self) -> bool:
        return not (self._world.taps or self._world.faults or self.latency)

    def send(self, unit: Node, port: int, peer: Address, data: bytes) -> None:
        if self._nobody_watches() and not self.jumping and isinstance(unit, PlatformNode) and self.gateway is not None:
            self.gateway.send(unit.address_at(port), peer, data)  # the same in a quarter of the time
            return
        passage, obstacle = self._up(unit, port, peer) if isinstance(unit, ModuleNode) else self._down(unit, port, peer)
        fate = self._world.faults.judge(self._world.now, passage, self.latency.of_one())
        if fate.rebind:
            self.rebind(unit.name)
            passage, obstacle = self._up(unit, port, peer)
        self._tap(passage, data, fate, obstacle)
        if obstacle is None:
            self._release(passage, data, fate)

    def _up(self, unit: Node, port: int, peer: Address) -> tuple[PacketInFlight, Obstacle | None]:
        network = self._world.network
        source = network.outer(unit.name, port)
        if source is None:
            try:
                source = self.gateway.open(unit.name, port) if self.gateway else network.invent_outer(unit.name)
            except OSError:
                return PacketInFlight(Direction.UP, unit.name, None, peer, peer, peer), Obstacle.NO_SOCKET
            network.bind(unit.name, port, source)
        target = network.target(peer)
        if target is None:
            return PacketInFlight(Direction.UP, unit.name, None, source, peer, peer), Obstacle.NO_ROUTE
        network.remember(unit.name, port, target, peer)
        platform = self._platforms.get(target)
        receiver = platform.name if platform is not None else None
        obstacle = Obstacle.NOBODY_THERE if platform is None and self.gateway is None else None
        return PacketInFlight(Direction.UP, unit.name, receiver, source, target, peer), obstacle

    def _down(self, unit: Node, port: int, peer: Address) -> tuple[PacketInFlight, Obstacle | None]:
        assert isinstance(unit, PlatformNode)
        owner = self._world.network.owner(peer)
        receiver = owner[0] if owner is not None else None
        obstacle = Obstacle.NOBODY_THERE if owner is None and self.gateway is None else None
        return PacketInFlight(Direction.DOWN, unit.name, receiver, unit.address_at(port), peer), obstacle

    def _tap(self, passage: PacketInFlight, data: bytes, fate: Impairment, obstacle: Obstacle | None) -> None:
        for tap in self._world.taps:
            tap.datagram(self._world.now, passage, data, fate, obstacle)

    def _release(self, passage: PacketInFlight, data: bytes, fate: Impairment) -> None:
        scheduler, now = self._world.scheduler, self._world.now
        if fate.error is not None and fate.delays:
            self._refuse(passage, data, fate)
            return
        if fate.octets is not None:
            data = data[: fate.octets]
        if fate.swap is not None and fate.delays:
            self._hold(passage, data, fate)
            return
        for delay in fate.delays:
            if delay > 0 or self.jumping:
                scheduler.call_at(now + delay, partial(self._transmit, passage, data))
            else:
                self._transmit(passage, data)
        if self._held and fate.delays:
            self._pass_by(passage)

    def _refuse(self, passage: PacketInFlight, data: bytes, fate: Impairment) -> None:
        assert fate.error is not None
        answer = error_answer(data, fate.error)
        if answer is None:
            return  # not a request: it gets lost on a server that is in trouble
        back = PacketInFlight(Direction.DOWN, passage.receiver, passage.sender, passage.destination, passage.source)
        self._tap(back, answer, Impairment([0.0], fate.faults), None)
        at = self._world.now + fate.delays[0] + self.latency.of_one()
        self._world.scheduler.call_at(at, partial(self._answer, passage, answer))

    # reordering: one waits until the next one of the same way has passed

    def _hold(self, passage: PacketInFlight, data: bytes, fate: Impairment) -> None:
        assert fate.swap is not None
        held = _Held(passage, data, fate)
        self._held.append(held)
        self._world.scheduler.call_at(self._world.now + fate.swap, partial(self._let_go, held))

    def _pass_by(self, passage: PacketInFlight) -> None:
        way = passage.source, passage.destination
        for held in [h for h in self._held if (h.passage.source, h.passage.destination) == way]:
            self._let_go(held)

    def _let_go(self, held: _Held) -> None:
        if held in self._held:
            self._held.remove(held)
            for delay in held.fate.delays:
                self._world.scheduler.call_at(self._world.now + delay, partial(self._transmit, held.passage, held.data))

    # arrival

    def _transmit(self, passage: PacketInFlight, data: bytes) -> None:
        """The end of the lab's own part of the way: into a socket, or to the unit at the other end."""
        to = passage.destination
        inside = to in self._platforms or self._world.network.owner(to) is not None
        if self.gateway is None or passage.sender is None or (inside and self.jumping):
            self._arrive(to, ((passage.source, data),))
        else:
            self.went_abroad += not inside
            self.gateway.send(passage.source, to, data)

    def _answer(self, passage: PacketInFlight, answer: bytes) -> None:
        """An error answer in the name of whoever was asked."""
        if passage.sender is None and self.gateway is not None:
            self.gateway.send(passage.destination, passage.source, answer)
        else:
            self._arrive(passage.source, ((passage.destination, answer),))

    def receive(self, local: Address, batch: Sequence[tuple[Address, bytes]]) -> None:
        """What a gateway's socket got. Datagrams of the lab's own units were judged and recorded when they left."""
        self._world.scheduler.touch()
        if self._nobody_watches():
            self._arrive(local, batch)
            return
        network, at_once = self._world.network, []
        for source, data in batch:
            if network.owner(source) is not None or source in self._platforms or self._from_abroad(local, source, data):
                at_once.append((source, data))
        if at_once:
            self._arrive(local, at_once)

    def _from_abroad(self, local: Address, source: Address, data: bytes) -> bool:
        """Judge and record a foreign peer's datagram; whether it arrives at once."""
        platform, owner = self._platforms.get(local), self._world.network.owner(local)
        receiver = platform.name if platform is not None else owner[0] if owner is not None else None
        direction = Direction.UP if platform is not None else Direction.DOWN
        passage = PacketInFlight(direction, None, receiver, source, local)
        fate = self._world.faults.judge(self._world.now, passage)
        self._tap(passage, data, fate, None)
        if not fate.faults:
            return True
        self._release(passage, data, fate)
        return False

    def _arrive(self, local: Address, batch: Sequence[tuple[Address, bytes]]) -> None:
        world, now = self._world, self._world.scheduler.now
        platform = self._platforms.get(local)
        if platform is not None:
            take = platform.inputs[local]
            for source, data in batch:
                take(now, source, data)
            world.drain(platform)
            return
        owner = world.network.owner(local)
        if owner is None:
            return  # rebound, or gone, while it was on its way
        unit = world.modules[owner[0]]
        for source, data in batch:
            unit.module.handle_packet(now, owner[1], world.network.seen_as(*owner, source), data)
            world.drain(unit)


class _Held:
    """A datagram that waits to be overtaken."""

    __slots__ = ("data", "fate", "passage")

    def __init__(self, passage: PacketInFlight, data: bytes, fate: Impairment) -> None:
        self.passage, self.data, self.fate = passage, data, fate
