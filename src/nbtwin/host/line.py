"""The line that a driver is played over: bytes out, bytes in, and a clock. A real port, or a simulated module's end.

Knows ports and worlds; knows no AT command.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.engine import Seconds
from nbtwin.foreign import SystemRefusal
from nbtwin.host.driver import HostEvent
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World


@dataclass(frozen=True, slots=True)
class BytesSent:
    """To the module."""

    at: Seconds
    data: bytes


@dataclass(frozen=True, slots=True)
class BytesReceived:
    """From the module, in the pieces in which they came."""

    at: Seconds
    data: bytes


LineEvent: TypeAlias = "BytesSent | BytesReceived | HostEvent"
"""Everything that is seen at a line, in its order. Times are the line's."""
Listener: TypeAlias = Callable[[Seconds, LineEvent], None]


class Transport(Protocol):
    """One end of a serial line. EdgeError SERIAL_LOST or SERIAL_TAKEN from `read` and `write` when the other
    end has gone."""

    @property
    def name(self) -> str:
        """As errors name it: the port's URL, the module's name."""
        ...

    @property
    def now(self) -> Seconds:
        """The line's clock: never goes back, begins anywhere."""
        ...

    @property
    def is_live(self) -> bool:
        """Whether its time passes by itself. One whose time is simulated is read only for somebody who waits."""
        ...

    @property
    def baud(self) -> int | None:
        """None: the line has no speed."""
        ...

    def set_baud(self, baud: int) -> None: ...

    def write(self, data: bytes) -> None: ...

    def read(self, until: Seconds) -> bytes:
        """What has come. When nothing has, waits until something does, and not beyond ``until``: then it is empty."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class HasWakePin(Protocol):
    """A line with DTR, which a board may have at the module's wake-up pin (D109)."""

    def pull_wake_pin(self) -> None:
        """Off and on again."""
        ...


class BytePort(Protocol):
    """A port of the machine: pyserial's, or serialx's."""

    @property
    def url(self) -> str: ...
    @property
    def baud(self) -> int: ...
    def set_baud(self, baud: int) -> None: ...
    def pull_dtr(self) -> None: ...
    def read(self) -> bytes: ...
    def write(self, data: bytes) -> None: ...
    def close(self) -> None: ...


class PortTransport:
    """A real port."""

    is_live = True

    def __init__(self, port: BytePort, *, has_speed: bool = True) -> None:
        self._port, self._has_speed = port, has_speed
        self._began = time.monotonic()
        self.name = port.url
        self._closed = False

    @property
    def now(self) -> Seconds:
        return time.monotonic() - self._began

    @property
    def baud(self) -> int | None:
        return self._port.baud if self._has_speed else None

    def set_baud(self, baud: int) -> None:
        self._port.set_baud(baud)

    def pull_wake_pin(self) -> None:
        self._check()
        self._port.pull_dtr()

    def write(self, data: bytes) -> None:
        self._check()
        self._port.write(data)

    def read(self, until: Seconds) -> bytes:
        self._check()
        while True:
            data = self._port.read()
            if data or self.now >= until:
                return data

    def _check(self) -> None:
        if self._closed:
            raise EdgeError(EdgeRefusal.SERIAL_LOST, self.name, detail={"code": str(SystemRefusal.EBADF)})

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._port.close()


class WorldTransport:
    """A module's end of the line in a simulated world, whose time passes while somebody reads."""

    is_live = False
    baud = None

    def __init__(self, world: World, node: ModuleNode) -> None:
        self._world, self._node = world, node
        self._come = bytearray()
        self.name = node.name
        node.sinks.append(self._take)

    def _take(self, data: bytes) -> None:
        self._come += data

    @property
    def now(self) -> Seconds:
        return self._world.now

    def set_baud(self, baud: int) -> None:
        """The line has the module's speed."""

    def pull_wake_pin(self) -> None:
        self._world.pull_wake_up_pin(self._node)

    def write(self, data: bytes) -> None:
        self._world.serial(self._node, data)

    def read(self, until: Seconds) -> bytes:
        if not self._come:
            self._world.run_until(lambda: bool(self._come), max(0.0, until - self._world.now))
        data = bytes(self._come)
        self._come.clear()
        return data

    def close(self) -> None:
        """What the module says from now on is lost, as on any line that nobody listens to."""
        if self._take in self._node.sinks:
            self._node.sinks.remove(self._take)


def url_of(port: str) -> str:
    """A port as `nbtwin up` prints it (``tcp:HOST:PORT``, ``rfc2217:HOST:PORT``), as pyserial's URL has it."""
    for scheme, url in (("tcp:", "socket://"), ("rfc2217:", "rfc2217://")):
        if port.startswith(scheme) and not port.startswith(f"{scheme}//"):
            return url + port[len(scheme) :]
    return port.replace("tcp://", "socket://", 1) if port.startswith("tcp://") else port


def has_speed(url: str) -> bool:
    """Whether a baud rate means anything there: on raw TCP and in a loop it does not."""
    return not url.startswith(("socket://", "loop://"))


def listed(bauds: Sequence[int]) -> list[int]:
    """Each once, in their order."""
    return list(dict.fromkeys(bauds))
