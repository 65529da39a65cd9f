"""The sockets of a live lab: one for each platform, one for each local port of a module that has sent something.

Knows sockets and outer addresses; knows nothing of what passes.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from nbtwin.edge.errors import EdgeError
from nbtwin.edge.udp import Batch, UdpSocket
from nbtwin.engine import Address, Datagram

LOOPBACK, ANYWHERE = "127.0.0.1", "0.0.0.0"
_WILDCARDS = {"0.0.0.0": LOOPBACK, "::": "::1", "": LOOPBACK}


class Sockets:
    """The gateway of ``lab.parts``. ``modules_on`` is the host that modules send from."""

    def __init__(self, receive: Callable[[Address, Batch], object], modules_on: str = LOOPBACK) -> None:
        self.modules_on = modules_on
        self._receive = receive
        self._sockets: dict[Address, UdpSocket] = {}
        self.sort: Callable[[Address, Batch], Batch] | None = None
        """What of a batch is for this process, where several have the port."""

    def listen(self, bind: Address, bound: socket.socket | None = None) -> Address:
        """A platform's socket; the address by which the lab reaches it (``EdgeError`` when the port is taken)."""
        udp = UdpSocket(bind, self._read, bound)
        udp.address = reached_at(udp.address)
        self._sockets[udp.address] = udp
        return udp.address

    def open(self, owner: str, port: int) -> Address:
        """A module's socket. Its number is the kernel's choice: the outer port that a NAT would give."""
        try:
            return self.listen((self.modules_on, 0))
        except EdgeError as error:
            raise OSError(str(error)) from error

    def close(self, address: Address) -> None:
        udp = self._sockets.pop(address, None)
        if udp is not None:
            udp.close()

    def addresses(self) -> list[Address]:
        return list(self._sockets)

    def close_all(self) -> None:
        for address in tuple(self._sockets):
            self.close(address)

    def send(self, source: Address, destination: Address, data: bytes) -> None:
        udp = self._sockets.get(source)
        if udp is not None:
            udp.send(destination, data)

    def send_all(self, source: Address, datagrams: Sequence[Datagram]) -> None:
        udp = self._sockets.get(source)
        if udp is not None:
            udp.send_all(datagrams)

    def read_all(self) -> None:
        """Hand over everything that has come by now, without waiting for the loop."""
        while any([udp.read() for udp in tuple(self._sockets.values())]):
            pass

    def _read(self, udp: UdpSocket, batch: Batch) -> None:
        if self.sort is not None:
            batch = self.sort(udp.address, batch)
        if batch:
            self._receive(udp.address, batch)

    def hand_over(self, local: Address, batch: Batch) -> None:
        """What another process has read from its socket of the same port."""
        self._receive(local, batch)


def reached_at(bound: Address) -> Address:
    """The address by which the lab reaches a socket."""
    return _WILDCARDS.get(bound[0], bound[0]), bound[1]
