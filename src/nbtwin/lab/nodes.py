"""What a world drives: modules and platforms behind one narrow face, so that there is one drain for both.

Knows the outward API of either, nothing of what happens inside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from nbtwin.engine import Address, Datagram, Deadline, Fact, Seconds, soonest
from nbtwin.lab.hold import Committer, Hold, Packet
from nbtwin.lab.interfaces import HostLine, ModuleLike, MultiPortPlatform, PlatformLike

SerialSink = Callable[[bytes], object]
Input = Callable[[Seconds, Address, bytes], None]
_HOST_BUFFER = 65536


class Node:
    """One thing with a name and a deadline."""

    __slots__ = ("deadline", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.deadline: Deadline | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def handle_timer(self, now: Seconds) -> None:
        raise NotImplementedError

    def next_deadline(self) -> Deadline | None:
        raise NotImplementedError

    def settle(self, now: Seconds) -> Sequence[Fact]:
        """Take what has happened inside; the events that may be told now. What may be sent now `packets` has."""
        raise NotImplementedError

    def packets(self) -> list[Packet]:
        raise NotImplementedError


class ModuleNode(Node):
    """A module with its serial line."""

    __slots__ = ("_unread", "line", "module", "sinks")

    def __init__(self, name: str, module: ModuleLike) -> None:
        super().__init__(name)
        self.module = module
        self.sinks: list[SerialSink] = []  # serial ports; without any, the bytes wait for take_serial
        self.line: HostLine | None = None  # while faults of lines are in force
        self._unread = bytearray()

    def handle_timer(self, now: Seconds) -> None:
        self.module.handle_timer(now)

    def next_deadline(self) -> Deadline | None:
        return self.module.next_deadline()

    def settle(self, now: Seconds) -> Sequence[Fact]:
        return self.module.events()

    def packets(self) -> list[Packet]:
        packets = self.module.packets_to_send()
        return [(packet.port, packet.peer, packet.data) for packet in packets] if packets else []

    def to_host(self, data: bytes) -> None:
        if not self.sinks:
            self._unread += data
            del self._unread[:-_HOST_BUFFER]
        for sink in tuple(self.sinks):
            sink(data)

    def take_serial(self) -> bytes:
        """What the module has said since the last time, when no port is plugged in."""
        said = bytes(self._unread)
        self._unread.clear()
        return said


class PlatformNode(Node):
    """A platform behind the hold (`lab.hold`): nothing of it leaves before the commit of what it was drained with."""

    __slots__ = (
        "_engine_waits", "_of_port", "_ports", "_take_packets", "_takes", "addresses", "engine", "hold", "inputs",
        "operator", "running",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        engine: PlatformLike,
        addresses: Sequence[Address],
        operator: str,
        committer: Committer | None,
        settled: Callable[[PlatformNode], object] = lambda node: None,
    ) -> None:
        """``addresses``: one for each of its ports. ``settled``: a commit has ended, the node is to be drained."""
        super().__init__(name)
        self.addresses = tuple(addresses)
        self._ports = [port for _, port in self.addresses]
        self._of_port = {address[1]: address for address in reversed(self.addresses)}
        self.hold = Hold(committer, partial(settled, self))
        self.inputs: dict[Address, Input] = {}
        """What takes in a datagram, by the address that it came to."""
        self._takes: dict[Address, Input] = {}  # the engine's own, behind them
        self._engine_waits: Deadline | None = None
        self.install(engine)
        self.operator = operator

    def install(self, engine: PlatformLike) -> None:
        """Another engine behind the same addresses: the platform was started anew. It has as many ports."""
        self.hold.clear()
        self.running = True
        self.engine = engine
        self._engine_waits = None
        self._take_packets: Callable[[], list[Packet]]
        if isinstance(engine, MultiPortPlatform):
            self._take_packets = partial(self._packets_of_ports, engine)
            for number, address in enumerate(self.addresses):
                take: Input = engine.handle_datagram  # the first listener's, without a hand in between
                self._takes[address] = partial(engine.handle_datagram, listener=number) if number else take
        else:
            self._take_packets = self._packets_of_one_port
            self._takes[self.addresses[0]] = engine.handle_datagram
        for address, take in self._takes.items():
            self.inputs[address] = partial(self._handle_datagram, address[1], take)

    def handle_batch(self, now: Seconds, local: Address, batch: Sequence[Datagram]) -> None:
        """Datagrams that came to one of its addresses, in their order; nothing is drained in between."""
        take = self._takes[local] if self.running and not self.hold.is_full else self.inputs[local]
        for source, data in batch:
            take(now, source, data)

    def _handle_datagram(self, port: int, take: Input, now: Seconds, source: Address, data: bytes) -> None:
        if self.running and not self.hold.refuse(port, source, data):
            take(now, source, data)

    @property
    def address(self) -> Address:
        """Where it listens, or the first of its addresses."""
        return self.addresses[0]

    def address_at(self, port: int) -> Address:
        """Which of its addresses has this port."""
        return self._of_port.get(port, self.addresses[0])

    def handle_timer(self, now: Seconds) -> None:
        if self.running:
            self.engine.handle_timer(now)

    def next_deadline(self) -> Deadline | None:
        self._engine_waits = self.engine.next_deadline() if self.running else None
        return self.deadline_as_drained()

    def deadline_as_drained(self) -> Deadline | None:
        """The same, where the engine has had no input since it was asked."""
        if not self.running:
            return None
        retry = self.hold.next_deadline()
        return self._engine_waits if retry is None else soonest(self._engine_waits, retry)

    def settle(self, now: Seconds) -> Sequence[Fact]:
        if not self.running:
            return ()
        events = self.engine.events()
        self.hold.handle_drained(now, events, self._take_packets())
        return self.hold.take_events()

    def release(self, now: Seconds) -> Sequence[Fact]:
        """A commit has ended: the events that it lets go."""
        if not self.running:
            return ()
        self.hold.handle_drained(now, (), [])
        return self.hold.take_events()

    def packets(self) -> list[Packet]:
        return self.hold.take_packets()

    def stop(self) -> None:
        """As if its process had ended: what is held is gone, and nobody is there until `install` or `resume`."""
        self.hold.clear()
        self.running = False

    def resume(self) -> None:
        """The same engine goes on."""
        self.running = True

    def _packets_of_ports(self, engine: MultiPortPlatform) -> list[Packet]:
        ports = self._ports
        return [(ports[listener], to, data) for listener, to, data in engine.datagrams_by_listener()]

    def _packets_of_one_port(self) -> list[Packet]:
        port = self._ports[0]
        return [(port, to, data) for to, data in self.engine.datagrams_to_send()]
