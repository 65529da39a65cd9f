"""Peers that every lab has inside, at names and addresses of their own: echo and sink, over UDP and TCP, the time
(NTP), on any port, and one who connects to modules.

Each costs nothing until somebody speaks to it. Knows bytes; knows no module. Addresses: RFC 5737, never a real host.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from nbtwin.engine import Seconds
from nbtwin.module import clock
from nbtwin.module.internet import ntp

BUFFER = 4096
"""Bytes that a peer keeps for a stream which is read more slowly than it is written."""


class NearEnd(Protocol):
    """What a far end sees of the stream that the lab carries to it."""

    @property
    def room(self) -> int:
        """So many bytes may be handed over now."""
        ...

    def far_wrote(self, data: bytes) -> None: ...

    def far_has_room(self) -> None:
        """It takes more than before."""

    def far_finished(self) -> None: ...


class FarEnd(Protocol):
    """The other end of a stream: inside the lab, or the kernel's (`edge.tcp`)."""

    @property
    def room(self) -> int:
        """So many bytes it takes now."""
        ...

    def write(self, data: bytes) -> None: ...

    def finish(self) -> None:
        """Nothing more is written to it."""

    def resume(self) -> None:
        """There is room again for what it has to say."""

    def close(self) -> None:
        """Both ends have finished."""

    def abort(self) -> None: ...

    def leave(self, until: float) -> None:
        """The lab ends: what it was given leaves now, as far as that is possible until then (`time.monotonic`)."""


class EchoEnd:
    """Says again what it hears, and ends when it has. ``says``: what it says before."""

    def __init__(self, near: NearEnd, says: bytes = b"") -> None:
        self._near = near
        self._waiting = bytearray(says)
        self._finishing = False

    @property
    def room(self) -> int:
        return BUFFER - len(self._waiting)

    def write(self, data: bytes) -> None:
        self._waiting += data
        self.resume()

    def resume(self) -> None:
        said = bytes(self._waiting[: self._near.room])
        if said:
            full = not self.room
            del self._waiting[: len(said)]
            self._near.far_wrote(said)
            if full:
                self._near.far_has_room()
        if self._finishing and not self._waiting:
            self._finishing = False
            self._near.far_finished()

    def finish(self) -> None:
        self._finishing = True
        self.resume()

    def close(self) -> None:
        pass

    def abort(self) -> None:
        self._waiting.clear()

    def leave(self, until: float) -> None:
        pass


class SinkEnd:
    """Takes everything, says nothing."""

    room = BUFFER

    def __init__(self, near: NearEnd) -> None:
        self._near = near

    def write(self, data: bytes) -> None:
        pass

    def finish(self) -> None:
        self._near.far_finished()

    def resume(self) -> None:
        pass

    def close(self) -> None:
        pass

    def abort(self) -> None:
        pass

    def leave(self, until: float) -> None:
        pass


def echo(now: Seconds, port: int, data: bytes) -> bytes | None:
    return data


def sink(now: Seconds, port: int, data: bytes) -> bytes | None:
    return None


def tell_time(now: Seconds, port: int, data: bytes) -> bytes | None:
    """RFC 5905: a server of stratum 2 whose time is the network's; what is no client's request is not answered."""
    if len(data) < ntp.LENGTH or data[0] & 7 != ntp.CLIENT:
        return None
    since = (clock.universal(now) - clock.UNIX_EPOCH).total_seconds() + now % 1
    return ntp.answer(data, since)


@dataclass(frozen=True)
class Peer:
    name: str
    host: str
    answer: Callable[[Seconds, int, bytes], bytes | None]
    """``answer(now, port, data)``: what it says to a datagram, if anything."""
    stream: Callable[[NearEnd], FarEnd] | None = None
    """None: it has no TCP."""


CALLER = Peer("caller.lab.test", "192.0.2.23", sink)
"""Connects to the port of a module to which that module has sent a datagram, says the datagram, then what it hears."""
LAB_PEERS: tuple[Peer, ...] = (
    Peer("echo.lab.test", "192.0.2.20", echo, EchoEnd),
    Peer("sink.lab.test", "192.0.2.21", sink, SinkEnd),
    Peer("ntp.lab.test", "192.0.2.22", tell_time),
    CALLER,
)
BY_HOST: Mapping[str, Peer] = {peer.host: peer for peer in LAB_PEERS}
