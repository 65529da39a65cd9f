"""A UDP socket on the event loop: read in batches of 64, at once or, when many come alone, together (`gathering`);
written at once or, when the kernel is full, a little later.

Knows sockets and the loop; knows no CoAP and no lab.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Sequence

from nbtwin.edge.errors import bind_error
from nbtwin.edge.gathering import APART, Gathering
from nbtwin.engine import Address, Datagram

try:
    from nbtwin.edge import mmsg
except ImportError:  # the pure build
    mmsg = None  # type: ignore[assignment]

Batch = list[tuple[Address, bytes]]
"""Where each datagram came from, and its bytes."""

BATCH = 64  # measured: a quarter of the cost of asyncio's datagram transport (docs/dependencies.md)
_LARGEST = 65535
_UNSENT_KEPT = 1024
_KERNEL_BUFFER = 4 * 1024 * 1024


class UdpSocket:
    """Bound when the constructor returns; ``EdgeError`` when the port cannot be had. ``bound``: a socket that is it."""

    def __init__(
        self,
        address: Address,
        receive: Callable[[UdpSocket, Batch], object],
        bound: socket.socket | None = None,
        gathering: Gathering | None = None,
    ) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._unsent: deque[tuple[Address, bytes]] = deque(maxlen=_UNSENT_KEPT)
        self.unsendable = 0
        """Datagrams that the kernel refused for good (no route, too long), or that waited too long."""
        self._socket = bound_socket(address) if bound is None else bound
        self._number, self._family = self._socket.fileno(), int(self._socket.family)
        self.address: Address = self._socket.getsockname()[:2]
        self._gathering = gathering or Gathering()
        self._interval: asyncio.Handle | None = None  # while it gathers
        self._loop.add_reader(self._socket, self._on_readable)

    def _on_readable(self) -> None:
        if self._gathering.handle_read(self.read()) and self._number >= 0:
            self._loop.remove_reader(self._socket)
            self._interval = self._loop.call_later(APART, self._on_interval)

    def _on_interval(self) -> None:
        due = self._loop.time() + APART
        count = self.read()
        if self._number < 0:
            return
        if not self._gathering.handle_read(count):
            self._interval = None
            self._loop.add_reader(self._socket, self._on_readable)
        elif count == BATCH:
            self._interval = self._loop.call_soon(self._on_interval)
        else:
            self._interval = self._loop.call_at(due, self._on_interval)

    def read(self) -> int:
        """Hand over what has come, up to one batch; how many. For whoever must not wait for it, too."""
        if mmsg is not None:
            received = mmsg.receive(self._number, BATCH)
            if received:
                self._receive(self, received)
            return len(received)
        receive_from, batch = self._socket.recvfrom, []
        try:
            for _ in range(BATCH):
                data, source = receive_from(_LARGEST)
                batch.append((source[:2], data))
        except OSError:  # EAGAIN: that was all; anything else (an ICMP error of an earlier datagram) is no datagram
            pass
        if batch:
            self._receive(self, batch)
        return len(batch)

    def send(self, destination: Address, data: bytes) -> None:
        if self._unsent:
            self._keep(destination, data)
            return
        try:
            self._socket.sendto(data, destination)
        except (BlockingIOError, InterruptedError):
            self._loop.add_writer(self._socket, self._send_unsent)
            self._keep(destination, data)
        except OSError:
            self.unsendable += 1  # UDP: a datagram may always get lost

    def send_all(self, datagrams: Sequence[Datagram]) -> None:
        """In their order."""
        position = 0
        while position < len(datagrams):
            if mmsg is not None and not self._unsent:
                position += mmsg.send(self._number, self._family, datagrams, position)
                if position == len(datagrams):
                    return
            self.send(*datagrams[position])  # which knows what to do about one that does not leave
            position += 1

    def _keep(self, destination: Address, data: bytes) -> None:
        self.unsendable += len(self._unsent) == _UNSENT_KEPT
        self._unsent.append((destination, data))

    def _send_unsent(self) -> None:
        while self._unsent:
            destination, data = self._unsent[0]
            try:
                self._socket.sendto(data, destination)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self.unsendable += 1
            self._unsent.popleft()
        self._loop.remove_writer(self._socket)

    def close(self) -> None:
        if self._number >= 0:
            self._number = -1  # the next file that is opened has it
            if self._interval is not None:
                self._interval.cancel()
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()


def bound_socket(address: Address, *, shared: bool = False) -> socket.socket:
    """``shared``: among several processes, each with a socket of its own. EdgeError when the port cannot be had."""
    host, port = address
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    except socket.gaierror as error:
        raise bind_error("UDP", host, port, error) from error
    udp = socket.socket(family, kind, protocol)
    try:
        udp.setblocking(False)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _KERNEL_BUFFER)
        if shared:
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        udp.bind(where)
    except OSError as error:
        udp.close()
        raise bind_error("UDP", host, port, error) from error
    return udp
