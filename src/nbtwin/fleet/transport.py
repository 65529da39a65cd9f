"""Lanes as sockets: a port each, an address each of a range that this machine has, or some sockets for all.

With an address each there are two sockets, and packet information (IP_PKTINFO) says from which address a datagram
leaves and to which it came; the second socket is the port that a NAT gives a device later. Knows no CoAP.
"""

from __future__ import annotations

import errno
import ipaddress
import selectors
import socket
import struct
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

from nbtwin.edge.errors import bind_error
from nbtwin.engine import Address, Seconds
from nbtwin.fleet.plan import FleetPlan

BATCH = 64
_BUFFER = 8 * 1024 * 1024
_LARGEST = 65535
_PKTINFO = struct.Struct("=I4s4s")
_IP_PKTINFO = getattr(socket, "IP_PKTINFO", 8)
_IP_RECVERR = getattr(socket, "IP_RECVERR", 11)
_IPV6_RECVERR = getattr(socket, "IPV6_RECVERR", 25)
_ERRQUEUE = getattr(socket, "MSG_ERRQUEUE", 0x2000)
_BUSY = (errno.EAGAIN, errno.ENOBUFS, errno.EINTR)


class Receiver(Protocol):
    def handle_datagram(self, now: Seconds, lane: int, data: bytes) -> None: ...
    def handle_unreachable(self, lane: int, data: bytes) -> None: ...


class Transport(ABC):
    """What both kinds have."""

    lanes: int

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self.unsendable = 0
        self.routes: dict[int, Address] = {}
        """Lanes that lead elsewhere than they would."""
        self._late: list[tuple[int, bytes]] = []

    def send(self, datagrams: Sequence[tuple[int, bytes]]) -> None:
        """What the kernel has no room for leaves first the next time."""
        if self._late:
            datagrams, self._late = [*self._late, *datagrams], []
        for place, (lane, data) in enumerate(datagrams):
            try:
                self._send(lane, data)
            except OSError as error:
                if error.errno in _BUSY:
                    self._late = list(datagrams[place:])
                    return
                if error.errno == errno.ECONNREFUSED:  # of an earlier one; this one has not left
                    self._late.append((lane, data))
                else:
                    self.unsendable += 1

    def wait(self, seconds: Seconds) -> list[selectors.SelectorKey]:
        if self._late:
            seconds = min(seconds, 0.001)
        return [key for key, _ in self._selector.select(seconds)]

    @abstractmethod
    def receive(self, key: selectors.SelectorKey, now: Seconds, receiver: Receiver) -> int:
        """Up to a batch of one socket."""

    @abstractmethod
    def _send(self, lane: int, data: bytes) -> None: ...

    def close(self) -> None:
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._selector.close()

    def _opened(self, family: int, address: tuple[str, int], number: int) -> socket.socket:
        udp = socket.socket(family, socket.SOCK_DGRAM)
        try:
            udp.setblocking(False)
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
            if family == socket.AF_INET:
                udp.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
            elif sys.platform.startswith("linux"):
                udp.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
            udp.bind(address)
        except OSError as error:
            udp.close()
            raise bind_error("UDP", *address, error) from error
        self._selector.register(udp, selectors.EVENT_READ, number)
        return udp


class Sockets(Transport):
    """``count`` of them; opened when they are first sent from. ``elsewhere``: where lanes from ``first_elsewhere`` on
    lead."""

    def __init__(
        self, target: tuple[str, int], count: int, elsewhere: tuple[str, int] | None = None, first_elsewhere: int = 0
    ) -> None:
        super().__init__()
        self.lanes = count
        self._target, self._elsewhere = target, elsewhere or target
        self._first_elsewhere = first_elsewhere or count
        self._family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
        self._sockets: dict[int, socket.socket] = {}

    def _send(self, lane: int, data: bytes) -> None:
        udp = self._sockets.get(lane)
        if udp is None:
            anywhere = "::" if self._family == socket.AF_INET6 else "0.0.0.0"
            udp = self._sockets[lane] = self._opened(self._family, (anywhere, 0), lane)
        udp.sendto(data, self._to(lane))

    def _to(self, lane: int) -> Address:
        found = self.routes.get(lane) if self.routes else None
        return found or (self._target if lane < self._first_elsewhere else self._elsewhere)

    def receive(self, key: selectors.SelectorKey, now: Seconds, receiver: Receiver) -> int:
        udp, lane = key.fileobj, key.data
        assert isinstance(udp, socket.socket)
        target = self._to(lane)
        for count in range(BATCH):
            try:
                data, source = udp.recvfrom(_LARGEST)
            except OSError as error:
                _read_errors(udp, receiver, lane)
                if error.errno in _BUSY:
                    return count
                continue
            if source[1] == target[1] and source[0] == target[0]:
                receiver.handle_datagram(now, lane, data)
        return BATCH


class Addresses(Transport):
    """Device n has address n of the network (its first is left out), from port to port; a port more leads to
    ``elsewhere``."""

    def __init__(
        self, target: tuple[str, int], network: str, first: int, devices: int, elsewhere: tuple[str, int] | None = None
    ) -> None:
        super().__init__()
        self._targets = [target, target, *(() if elsewhere is None else (elsewhere,))]
        self.lanes = len(self._targets) * devices
        self._devices = devices
        self._base = int(ipaddress.ip_network(network).network_address) + 1 + first
        self._sockets = []
        for number in range(len(self._targets)):
            udp = self._opened(socket.AF_INET, ("0.0.0.0", 0), number)
            udp.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
            self._sockets.append(udp)

    def _send(self, lane: int, data: bytes) -> None:
        number, device = divmod(lane, self._devices)
        source = (self._base + device).to_bytes(4, "big")
        target = self.routes.get(lane, self._targets[number]) if self.routes else self._targets[number]
        self._sockets[number].sendmsg(
            (data,), ((socket.IPPROTO_IP, _IP_PKTINFO, _PKTINFO.pack(0, source, bytes(4))),), 0, target
        )

    def receive(self, key: selectors.SelectorKey, now: Seconds, receiver: Receiver) -> int:
        udp, number = key.fileobj, key.data
        assert isinstance(udp, socket.socket)
        receive, devices, base, target = udp.recvmsg, self._devices, self._base, self._targets[number]
        routes = self.routes

        def lane_at(address: int) -> int:
            device = address - base
            return number * devices + device if 0 <= device < devices else -1

        for count in range(BATCH):
            try:
                data, ancillary, _, source = receive(_LARGEST, 64)
            except OSError as error:
                _read_errors(udp, receiver, -1, lane_at)
                if error.errno in _BUSY:
                    return count
                continue
            if not ancillary:
                continue
            device = int.from_bytes(ancillary[0][2][8:12], "big") - base
            lane = number * devices + device
            if 0 <= device < devices and source == (routes.get(lane, target) if routes else target):
                receiver.handle_datagram(now, lane, data)
        return BATCH


def _read_errors(
    udp: socket.socket, receiver: Receiver, lane: int, lane_at: Callable[[int], int] | None = None
) -> None:
    """What the kernel kept of ICMP messages: the datagrams that they are about. Until they are read, it wakes us.

    ``lane_at``: of the address of ours to which the message came."""
    for _ in range(BATCH):
        try:
            data, ancillary, _, _ = udp.recvmsg(_LARGEST, 512, _ERRQUEUE)
        except OSError:
            return
        for level, kind, value in ancillary:
            if lane_at is not None and (level, kind) == (socket.IPPROTO_IP, _IP_PKTINFO):
                lane = lane_at(int.from_bytes(value[8:12], "big"))
        receiver.handle_unreachable(lane, data)


def transport_of(plan: FleetPlan) -> Transport:
    """EdgeError for a socket that cannot be had."""
    target, count, at = (plan.target.address, plan.target.port), plan.devices.count, plan.bootstraps
    elsewhere = None if at is None else (at.address, at.port)
    if plan.sockets == 0:
        return Addresses(target, plan.network, plan.first, count, elsewhere)
    if plan.sockets > 0:
        return Sockets(target, plan.sockets)
    return Sockets(target, (2 + (at is not None)) * count, elsewhere, 2 * count)
