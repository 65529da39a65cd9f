"""What the lab sees of the things it drives: a module, a platform, and the sockets of a live lab.

Only shapes live here, so that the lab and its tests need no real module and no real platform. Knows no socket.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from nbtwin.engine import Address, Datagram, Deadline, Engine, Fact, Seconds
from nbtwin.lab.faults import Pin
from nbtwin.module.internet.orders import NAME_HOLDS, NetworkAnswer, NetworkOrder
from nbtwin.module.profile import Profile


class PacketLike(Protocol):
    """One datagram of a module: the local UDP port it leaves from, where to, and the bytes."""

    @property
    def port(self) -> int: ...

    @property
    def peer(self) -> Address: ...

    @property
    def data(self) -> bytes: ...


class ModuleLike(Protocol):
    """A virtual module from outside: a serial line, a radio, and a power switch."""

    @property
    def line_speed(self) -> int:
        """At which it listens, in bits per second."""
        ...

    @property
    def spoken_at(self) -> int:
        """The speed of what `serial_to_send` gave last."""
        ...

    def power_on(self, now: Seconds) -> None: ...

    def power_off(self, now: Seconds) -> None: ...

    def reset(self, now: Seconds, cause: str | None = None) -> None: ...

    def wake(self, now: Seconds) -> None: ...

    def handle_serial(self, now: Seconds, data: bytes) -> None: ...

    def handle_host_gone(self, now: Seconds) -> None: ...

    def serial_to_send(self) -> bytes: ...

    def handle_packet(self, now: Seconds, port: int, source: Address, data: bytes) -> None: ...

    def packets_to_send(self) -> Sequence[PacketLike]: ...

    def has_socket(self, port: int) -> bool:
        """Whether a UDP socket, and no service, has this port of the module."""
        ...

    @property
    def reachable(self) -> bool:
        """Whether the network can bring it anything now."""
        ...

    @property
    def asks_network(self) -> bool:
        """There are `lookups` or `network_orders`."""
        ...

    def network_orders(self) -> list[NetworkOrder]: ...

    def handle_network(self, now: Seconds, answer: NetworkAnswer) -> None: ...

    def lookups(self) -> list[str]: ...

    @property
    def name_servers(self) -> Sequence[str]:
        """Whom it would ask, the first one first."""
        ...

    def handle_lookup(
        self, now: Seconds, name: str, host: str | None, others: tuple[str, ...] = (), ttl: int = NAME_HOLDS
    ) -> None: ...

    def handle_timer(self, now: Seconds) -> None: ...

    def next_deadline(self) -> Deadline | None: ...

    def events(self) -> Sequence[Fact]: ...


class HostLine(Protocol):
    """What is between a module and its host while faults of serial lines are in force (`lab.serial_faults`)."""

    @property
    def is_idle(self) -> bool:
        """Nothing is on its way."""
        ...

    def handle_host_bytes(self, now: Seconds, data: bytes) -> None: ...

    def handle_module_bytes(self, now: Seconds, data: bytes) -> None: ...

    def handle_wake_up_pin(self, now: Seconds) -> None: ...

    def pin_works(self, now: Seconds, pin: Pin) -> bool: ...


@runtime_checkable
class Profiled(Protocol):
    """A module of a model, whose tables say what may be on its line."""

    profile: Profile


class PlatformLike(Engine, Protocol):
    """An operator's platform: an engine like any other. Its answers are held by whoever drives it (`lab.hold`)."""

    strict: bool
    """What it has a remark about is refused (D138)."""


class ListeningPort(NamedTuple):
    """One of the ports of a platform that has several."""

    name: str
    ports: tuple[int, ...]  # under which the operator's hosts have it; a simulated lab listens at the first


@runtime_checkable
class MultiPortPlatform(PlatformLike, Protocol):
    """A platform with several ports, told apart by their place in ``listening_ports``."""

    @property
    def listening_ports(self) -> Sequence[ListeningPort]: ...

    def handle_datagram(self, now: Seconds, source: Address, data: bytes, listener: int = 0) -> None: ...

    def datagrams_by_listener(self) -> list[tuple[int, Address, bytes]]: ...


class Gateway(Protocol):
    """The sockets of a live lab, as the network sees them."""

    def open(self, owner: str, port: int) -> Address:
        """A socket for one local port of a module; the address by which others see it."""
        ...

    def close(self, address: Address) -> None: ...

    def send(self, source: Address, destination: Address, data: bytes) -> None:
        """Send from the socket that others see as ``source``."""
        ...

    def send_all(self, source: Address, datagrams: Sequence[Datagram]) -> None:
        """The same for several, in their order."""
        ...
