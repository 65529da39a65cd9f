"""What a world drives: modules and platforms behind one narrow face, so that there is one drain for both.

Knows the outward API of either, nothing of what happens inside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from nbtwin.engine import Address, Deadline, Seconds
from nbtwin.lab.interfaces import Commit, ModuleLike, MultiPortPlatform, PlatformLike

SerialSink = Callable[[bytes], object]
Packet = tuple[int, Address, bytes]
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

    def serial(self) -> bytes:
        return b""

    def settle(self, now: Seconds) -> Sequence[Any]:
        """Events; what must be durable before anything is sent is durable when this returns."""
        raise NotImplementedError

    def lookups(self) -> list[str]:
        return []

    def packets(self) -> list[Packet]:
        raise NotImplementedError


class ModuleNode(Node):
    """A module with its serial line."""

    __slots__ = ("_unread", "module", "sinks")

    def __init__(self, name: str, module: ModuleLike) -> None:
        super().__init__(name)
        self.module = module
        self.sinks: list[SerialSink] = []  # serial ports; without any, the bytes wait for take_serial
        self._unread = bytearray()

    def handle_timer(self, now: Seconds) -> None:
        self.module.handle_timer(now)

    def next_deadline(self) -> Deadline | None:
        return self.module.next_deadline()

    def serial(self) -> bytes:
        return self.module.serial_to_send()

    def settle(self, now: Seconds) -> Sequence[Any]:
        return self.module.events()

    def lookups(self) -> list[str]:
        return self.module.lookups()

    def packets(self) -> list[Packet]:
        return [(packet.port, packet.peer, packet.data) for packet in self.module.packets_to_send()]

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
    """A platform and the commit that comes before its answers."""

    __slots__ = ("_commit", "_pending", "_take_packets", "addresses", "commit_error", "engine", "inputs", "operator")

    def __init__(
        self, name: str, engine: PlatformLike, addresses: Sequence[Address], operator: str, commit: Commit | None
    ) -> None:
        """``addresses``: one for each of its doors."""
        super().__init__(name)
        self.addresses = tuple(addresses)
        self.inputs: dict[Address, Callable[[Seconds, Address, bytes], None]] = {}
        """What takes in a datagram, by the address that it came to."""
        self.install(engine)
        self.operator = operator
        self._commit = commit
        self._pending: list[Any] = []
        self.commit_error: Exception | None = None
        """Why the last commit failed; the answers wait until one succeeds."""

    def install(self, engine: PlatformLike) -> None:
        """Another engine behind the same addresses: the platform was started anew. It has as many doors."""
        self.engine = engine
        self._take_packets: Callable[[], list[Packet]]
        if isinstance(engine, MultiPortPlatform):
            self._take_packets = partial(self._packets_by_door, engine)
            self.inputs = {
                address: partial(engine.handle_datagram, door=door) for door, address in enumerate(self.addresses)
            }
        else:
            self._take_packets = self._packets_of_one_door
            self.inputs = {self.addresses[0]: engine.handle_datagram}

    @property
    def address(self) -> Address:
        """Where it listens, or its first door."""
        return self.addresses[0]

    def address_at(self, port: int) -> Address:
        """Which of its addresses has this port."""
        return next((address for address in self.addresses if address[1] == port), self.addresses[0])

    def handle_timer(self, now: Seconds) -> None:
        self.engine.handle_timer(now)

    def next_deadline(self) -> Deadline | None:
        return self.engine.next_deadline()

    def settle(self, now: Seconds) -> Sequence[Any]:
        """Group commit: what is acknowledged has been made durable before (docs/architecture.md, How data flows)."""
        happened: list[Any] = []
        while True:
            new = self.engine.events()
            happened += new
            self._pending += new
            try:
                if self._pending and self._commit is not None:
                    self._commit(self._pending)
            except Exception as error:  # whatever the store raises: no answer leaves that is not durable
                self.commit_error = error
                return happened
            self._pending = []
            self.commit_error = None
            self.engine.handle_committed(now)
            if not new:
                return happened

    def packets(self) -> list[Packet]:
        return self._take_packets()

    def _packets_by_door(self, engine: MultiPortPlatform) -> list[Packet]:
        addresses = self.addresses
        return [(addresses[door][1], to, data) for door, to, data in engine.datagrams_by_door()]

    def _packets_of_one_door(self) -> list[Packet]:
        return [(self.addresses[0][1], to, data) for to, data in self.engine.datagrams_to_send()]
