"""How datagrams and look-ups get from one node to another: translation, faults, latency, then over the scheduler or,
in a live lab, over the gateway's real sockets. Knows no socket and no datagram's content (but for error answers).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter

import msgspec

from nbtwin.engine import Address, Datagram, Fact
from nbtwin.lab.awaited import AwaitedPeers
from nbtwin.lab.errors import error_answer
from nbtwin.lab.facts import NatRebound
from nbtwin.lab.faults import UNIMPAIRED, Direction, Impairment, PacketInFlight
from nbtwin.lab.hold import Packet
from nbtwin.lab.interfaces import Gateway
from nbtwin.lab.linked_world import Latency as Latency
from nbtwin.lab.linked_world import LinkedWorld
from nbtwin.lab.nodes import ModuleNode, Node, PlatformNode
from nbtwin.lab.peers import BY_HOST, CALLER
from nbtwin.lab.streams import Streams
from nbtwin.module.internet.orders import NAME_HOLDS
from nbtwin.timeline.facts import LookupRefusal, NameResolved, NameUnresolved, Obstacle, Way

DNS = 53
_PORT_OF = itemgetter(0)


class ServerAnswer(msgspec.Struct, frozen=True, gc=False):
    """What a real name server has said: addresses, and for how many seconds they hold; or why there are none."""

    hosts: tuple[str, ...] = ()
    ttl: int = 0
    refusal: LookupRefusal = LookupRefusal.UNKNOWN_NAME


AskServers = Callable[[Sequence[Address], str, Callable[[ServerAnswer], object]], None]


class Link:
    """Carries for one world. While ``jumping`` (simulated, or ``advance`` in a live lab) the scheduler carries what
    stays inside the lab, else the gateway does."""

    def __init__(self, world: LinkedWorld, latency: Latency) -> None:
        self.latency = latency
        self.gateway: Gateway | None = None
        self.jumping = True
        self.awaited = AwaitedPeers()
        """Outside the lab, of what left while it jumped."""
        self._world = world
        self._platforms: dict[Address, PlatformNode] = {}
        self._held: list[_Held] = []
        self.streams = Streams(world, self)
        self.ask_servers: AskServers | None = None
        """Of a live lab: for names that the lab does not know, where the user has routed a module's name server
        (D210)."""

    def listen(self, node: PlatformNode) -> None:
        for address in node.addresses:
            self._platforms[address] = node

    def close(self, node: PlatformNode) -> None:
        for address in node.addresses:
            self._platforms.pop(address, None)

    def rebind(self, module: str) -> None:
        self.streams.forget(module)
        gone = self._forget(module)
        if gone:
            self._world.note(module, NatRebound(tuple(gone)))

    def unplug(self, node: ModuleNode) -> None:
        self.streams.unplug(node.name)
        self._forget(node.name)

    def _forget(self, module: str) -> list[Address]:
        gone = self._world.network.forget(module)
        for address in gone if self.gateway is not None else ():
            assert self.gateway is not None
            self.gateway.close(address)
        return gone

    # streams

    def translate_stream(self, node: ModuleNode, peer: Address) -> tuple[Address, Address | None]:
        """How others see a new stream of the module, and where it goes: nowhere without a route."""
        return self._world.network.invent_outer(node.name), self._world.network.target(peer)

    def translate_caller(self) -> int:
        """A port for who connects to a module."""
        return self._world.network.next_port()

    def host_of(self, module: str) -> str:
        return self._world.network.host_of(module)

    def is_platform(self, address: Address) -> bool:
        return address in self._platforms

    def reaches(self, host: str) -> bool:
        return self._world.network.reaches(host)

    # look-ups

    def look_up(self, node: Node, name: str) -> None:
        world = self._world
        fault = world.faults.judge_lookup(world.now, node.name, name)
        host = world.network.resolve(name) if fault is None else None
        if fault is None and host is None and self._ask_servers(node, name):
            return
        told: Fact
        if host is not None:
            told = NameResolved(name, host)
        elif fault is not None:
            told = NameUnresolved(name, LookupRefusal.FAULT, fault.spec)
        else:
            told = NameUnresolved(name, LookupRefusal.UNKNOWN_NAME)
        for observe in world.observers.lookup:
            observe(world.now, node.name, told)
        delay = self.latency.of_one() + self.latency.of_one() if fault is None else fault.seconds
        world.scheduler.call_at(world.now + delay, partial(self._looked_up, node, name, host))

    def _ask_servers(self, node: Node, name: str) -> bool:
        """Whether those of the module are asked, the first one first."""
        if self.ask_servers is None or not isinstance(node, ModuleNode):
            return False
        reached = [self._world.network.target((host, DNS)) for host in node.module.name_servers]
        servers = [server for server in reached if server is not None]
        if not servers:
            return False
        self.awaited.handle_sent(servers[0], b"")
        self.ask_servers(servers, name, partial(self._server_answered, node, name, servers[0]))
        return True

    def _server_answered(self, node: Node, name: str, server: Address, answer: ServerAnswer) -> None:
        world, hosts = self._world, answer.hosts
        world.scheduler.touch()
        self.awaited.handle_heard(server, b"")
        told = NameResolved(name, hosts[0], " ".join(hosts[1:])) if hosts else NameUnresolved(name, answer.refusal)
        for observe in world.observers.lookup:
            observe(world.now, node.name, told)
        host = hosts[0] if hosts else None
        delay = self.latency.of_one() + self.latency.of_one()
        world.scheduler.call_at(
            world.now + delay, partial(self._looked_up, node, name, host, others=hosts[1:], ttl=answer.ttl)
        )

    def _looked_up(
        self, node: Node, name: str, host: str | None, others: tuple[str, ...] = (), ttl: int = NAME_HOLDS
    ) -> None:
        if isinstance(node, ModuleNode) and self._world.modules.get(node.name) is node:
            self._world.perform(node, node.module.handle_lookup, name, host, others, ttl)

    # from a node of the lab

    def _nothing_happens(self) -> bool:
        """What is sent arrives at once, as it is."""
        latency = self.latency
        return not (latency.least or latency.jitter or self._world.faults.on_the_way)

    def send_all(self, node: Node, packets: Sequence[Packet]) -> None:
        """What a node has been drained of, in its order."""
        if not self.jumping and isinstance(node, PlatformNode) and self.gateway is not None and self._nothing_happens():
            self._send_at_once(node, packets, self.gateway)  # the same in a quarter of the time
            return
        for port, peer, data in packets:
            self.send(node, port, peer, data)

    def _send_at_once(self, node: PlatformNode, packets: Sequence[Packet], gateway: Gateway) -> None:
        port, peer, data = packets[0]
        if len(packets) == 1:
            self._leave_at_once(node, port, [(peer, data)], gateway)
            return
        leaving = [(peer, data) for at, peer, data in packets if at == port]
        if len(leaving) == len(packets):  # the usual case
            self._leave_at_once(node, port, leaving, gateway)
            return
        for port, some in groupby(packets, _PORT_OF):
            self._leave_at_once(node, port, [(peer, data) for _, peer, data in some], gateway)

    def _leave_at_once(self, node: PlatformNode, port: int, leaving: list[Datagram], gateway: Gateway) -> None:
        address = node.address_at(port)
        if self._world.observers.datagrams:
            self._observe_leaving(node.name, address, leaving)
        gateway.send_all(address, leaving)

    def send(self, node: Node, port: int, peer: Address, data: bytes) -> None:
        packet, obstacle = self._way(node, port, peer)
        if obstacle is None and self.jumping and self._nothing_happens() and not self._held:
            scheduler = self._world.scheduler
            for observe in self._world.observers.datagram:
                observe(scheduler.now, packet, data, UNIMPAIRED, None)
            scheduler.call_at(scheduler.now, partial(self._transmit, packet, data))
            return
        impairment = self._world.faults.judge(self._world.now, packet, self.latency.of_one())
        if impairment.rebind:
            self.rebind(node.name)
            packet, obstacle = self._way(node, port, peer)
        self._observe(packet, data, impairment, obstacle)
        if obstacle is None:
            self._release(packet, data, impairment)

    def _way(self, node: Node, port: int, peer: Address) -> tuple[PacketInFlight, Obstacle | None]:
        return self._up(node, port, peer) if isinstance(node, ModuleNode) else self._down(node, port, peer)

    def _up(self, node: ModuleNode, port: int, peer: Address) -> tuple[PacketInFlight, Obstacle | None]:
        network = self._world.network
        source = network.outer(node.name, port)
        if source is None:
            try:
                source = self.gateway.open(node.name, port) if self.gateway else network.invent_outer(node.name)
            except OSError:
                return PacketInFlight(Direction.UP, node.name, None, peer, peer, peer), Obstacle.NO_SOCKET
            network.bind(node.name, port, source)
        target = network.target(peer)
        if target is None:
            return PacketInFlight(Direction.UP, node.name, None, source, peer, peer), Obstacle.NO_ROUTE
        network.remember(node.name, port, target, peer)
        platform = self._platforms.get(target)
        receiver = platform.name if platform is not None else None
        somebody = platform is not None or self.gateway is not None or target[0] in BY_HOST
        obstacle = None if somebody else Obstacle.NOBODY_THERE
        socket = node.module.has_socket(port)
        return PacketInFlight(Direction.UP, node.name, receiver, source, target, peer, socket), obstacle

    def _down(self, node: Node, port: int, peer: Address) -> tuple[PacketInFlight, Obstacle | None]:
        assert isinstance(node, PlatformNode)
        owner = self._world.network.owner(peer)
        receiver = owner[0] if owner is not None else None
        obstacle = Obstacle.NOBODY_THERE if owner is None and self.gateway is None else None
        return PacketInFlight(Direction.DOWN, node.name, receiver, node.address_at(port), peer), obstacle

    def _observe(self, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: Obstacle | None) -> None:
        now = self._world.now
        for observe in self._world.observers.datagram:
            observe(now, packet, data, impairment, obstacle)

    def _release(self, packet: PacketInFlight, data: bytes, impairment: Impairment) -> None:
        scheduler, now = self._world.scheduler, self._world.now
        if impairment.error is not None and impairment.delays:
            self._refuse(packet, data, impairment)
            return
        if impairment.octets is not None:
            data = data[: impairment.octets]
        if impairment.swap is not None and impairment.delays:
            self._hold(packet, data, impairment)
            return
        for delay in impairment.delays:
            if delay > 0 or self.jumping:
                scheduler.call_at(now + delay, partial(self._transmit, packet, data))
            else:
                self._transmit(packet, data)
        if self._held and impairment.delays:
            self._pass_by(packet)

    def _refuse(self, packet: PacketInFlight, data: bytes, impairment: Impairment) -> None:
        assert impairment.error is not None
        answer = error_answer(data, impairment.error)
        if answer is None:
            return  # not a request: it gets lost on a server that is in trouble
        back = PacketInFlight(Direction.DOWN, packet.receiver, packet.sender, packet.destination, packet.source)
        self._observe(back, answer, Impairment([0.0], impairment.faults), None)
        at = self._world.now + impairment.delays[0] + self.latency.of_one()
        self._world.scheduler.call_at(at, partial(self._answer, packet, answer))

    # reordering: one waits until the next one of the same way has passed

    def _hold(self, packet: PacketInFlight, data: bytes, impairment: Impairment) -> None:
        assert impairment.swap is not None
        held = _Held(packet, data, impairment)
        self._held.append(held)
        self._world.scheduler.call_at(self._world.now + impairment.swap, partial(self._let_go, held))

    def _pass_by(self, packet: PacketInFlight) -> None:
        way = packet.source, packet.destination
        for held in [h for h in self._held if (h.packet.source, h.packet.destination) == way]:
            self._let_go(held)

    def _let_go(self, held: _Held) -> None:
        if held in self._held:
            self._held.remove(held)
            for delay in held.impairment.delays:
                self._world.scheduler.call_at(self._world.now + delay, partial(self._transmit, held.packet, held.data))

    # arrival

    def _transmit(self, packet: PacketInFlight, data: bytes) -> None:
        """The end of the lab's own part of the way: into a socket, or to the node at the other end."""
        to = packet.destination
        if to[0] in BY_HOST:
            self._answer_from_peer(packet, data)
            return
        if self.gateway is not None and packet.sender is not None:
            inside = to in self._platforms or self._world.network.owner(to) is not None
            if not (inside and self.jumping):
                if self.jumping:  # then it does not stay inside
                    self.awaited.handle_sent(to, data)
                self.gateway.send(packet.source, to, data)
                return
        self._arrive(to, ((packet.source, data),))

    def _answer_from_peer(self, packet: PacketInFlight, data: bytes) -> None:
        """What a peer of the lab says goes back over the same network."""
        host, port = packet.destination
        if host == CALLER.host and packet.sender is not None:
            self.streams.call(packet.sender, port, data)
            return
        answer = BY_HOST[host].answer(self._world.now, port, data)
        if answer is None:
            return
        way = packet.sender, packet.destination, packet.source
        back = PacketInFlight(Direction.DOWN, None, *way, socket=packet.socket)
        impairment = self._world.faults.judge(self._world.now, back, self.latency.of_one())
        self._observe(back, answer, impairment, None)
        self._release(back, answer, impairment)

    def _answer(self, packet: PacketInFlight, answer: bytes) -> None:
        """An error answer in the name of whoever was asked."""
        if packet.sender is None and self.gateway is not None:
            self.gateway.send(packet.destination, packet.source, answer)
        else:
            self._arrive(packet.source, ((packet.destination, answer),))

    def receive(self, local: Address, batch: Sequence[tuple[Address, bytes]]) -> None:
        """What a gateway's socket got. Datagrams of the lab's own nodes were judged and recorded when they left."""
        self._world.scheduler.touch()
        for source, data in batch if self.awaited else ():
            self.awaited.handle_heard(source, data)
        if self._nothing_happens():
            if self._world.observers.datagrams:
                self._observe_from_abroad(local, batch)
            self._arrive(local, batch)
            return
        network, at_once = self._world.network, []
        for source, data in batch:
            if network.owner(source) is not None or source in self._platforms or self._from_abroad(local, source, data):
                at_once.append((source, data))
        if at_once:
            self._arrive(local, at_once)

    def _observe_from_abroad(self, local: Address, batch: Sequence[tuple[Address, bytes]]) -> None:
        platforms, network = self._platforms, self._world.network
        direction, receiver, socket = self._end_of(local)
        foreign = batch
        if not (network.owns_none(batch) and platforms.keys().isdisjoint([source for source, _ in batch])):
            foreign = [one for one in batch if network.owner(one[0]) is None and one[0] not in platforms]
        if foreign:
            self._observe_all(direction, Way(local, None, receiver, socket), foreign)

    def _observe_leaving(self, sender: str, address: Address, leaving: Sequence[Datagram]) -> None:
        """Those in a row that leave for one receiver are told at once."""
        network = self._world.network
        if network.owns_none(leaving):
            self._observe_all(Direction.DOWN, Way(address, sender, None), leaving)
            return
        for receiver, some in groupby(leaving, self._receiver_of):
            self._observe_all(Direction.DOWN, Way(address, sender, receiver), list(some))

    def _receiver_of(self, leaving: Datagram) -> str | None:
        owner = self._world.network.owner(leaving[0])
        return None if owner is None else owner[0]

    def _observe_all(self, direction: Direction, way: Way, datagrams: Sequence[Datagram]) -> None:
        now = self._world.now
        for observe in self._world.observers.datagrams:
            observe(now, direction, way, datagrams)

    def _end_of(self, local: Address) -> tuple[Direction, str | None, bool]:
        """Which way a foreign peer's datagram goes that came there, to whom, and whether to a socket of a host."""
        platform, owner = self._platforms.get(local), self._world.network.owner(local)
        if platform is not None:
            return Direction.UP, platform.name, False
        if owner is None:
            return Direction.DOWN, None, False
        name, port = owner
        return Direction.DOWN, name, self._world.modules[name].module.has_socket(port)

    def _from_abroad(self, local: Address, source: Address, data: bytes) -> bool:
        """Judge and record a foreign peer's datagram; whether it arrives at once."""
        direction, receiver, socket = self._end_of(local)
        packet = PacketInFlight(direction, None, receiver, source, local, socket=socket)
        impairment = self._world.faults.judge(self._world.now, packet)
        self._observe(packet, data, impairment, None)
        if not impairment.faults:
            return True
        self._release(packet, data, impairment)
        return False

    def _arrive(self, local: Address, batch: Sequence[tuple[Address, bytes]]) -> None:
        world, now = self._world, self._world.scheduler.now
        platform = self._platforms.get(local)
        if platform is not None:
            platform.handle_batch(now, local, batch)
            world.drain(platform)
            return
        owner = world.network.owner(local)
        if owner is None:
            return  # rebound, or gone, while it was on its way
        node = world.modules[owner[0]]
        for source, data in batch:
            node.module.handle_packet(now, owner[1], world.network.seen_as(*owner, source), data)
            world.drain(node)


class _Held:
    """A datagram that waits to be overtaken."""

    __slots__ = ("data", "impairment", "packet")

    def __init__(self, packet: PacketInFlight, data: bytes, impairment: Impairment) -> None:
        self.packet, self.data, self.impairment = packet, data, impairment
