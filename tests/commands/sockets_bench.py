"""A module in a network of few hosts, in the test's hands: names, an echo, a time server, streams and pings."""

from __future__ import annotations

from player import Bench, _answer

from nbtwin.engine import Address
from nbtwin.module.internet.ntp import UNIX_EPOCH
from nbtwin.module.internet.orders import (
    PingOrder,
    PingReply,
    StreamAccept,
    StreamClose,
    StreamEnd,
    StreamEnded,
    StreamIncoming,
    StreamListen,
    StreamListening,
    StreamOpen,
    StreamOpened,
    StreamReceived,
    StreamTaken,
    StreamWindow,
    StreamWrite,
)

ECHO, NOBODY, CLOCK = "192.0.2.20", "192.0.2.99", "192.0.2.22"
NAMES = {"echo.lab.test": ECHO, "ntp.lab.test": CLOCK}
NOON = 1_796_040_000
"""2026-11-30 12:00:00 UTC."""


def time_answer(request: bytes, seconds: int, *, stratum: int = 2) -> bytes:
    """What a server of RFC 5905 says."""
    stamp = (seconds + UNIX_EPOCH).to_bytes(4, "big") + bytes(4)
    return bytes((request[0] & 0x38 | 4, stratum, 0, 0xEC)) + bytes(12) + bytes(8) + request[40:48] + stamp + stamp


class Net(Bench):
    """Attached; each host answers at once unless the test holds it back."""

    def __init__(self, model: str) -> None:
        self.streams: dict[int, Address] = {}  # that are open
        self.sent: list[tuple[Address, bytes]] = []  # datagrams, and bytes of streams
        self.listeners: dict[int, int] = {}  # the number of each, by its port
        self.unlistenable = False
        self.closed: list[StreamClose] = []
        self.windows: list[int] = []
        self.silent = False
        self.pings_lost = False
        super().__init__(model)
        self.happen("attached")
        self.module.serial_to_send()

    def carry(self) -> None:
        module = self.module
        for name in module.lookups():
            host = "117.161.2.41" if name.endswith(("fxlttsbl.com", "zzjs.com")) else NAMES.get(name)
            module.handle_lookup(self.now, name, host)
        for packet in module.packets_to_send():
            self.sent.append((packet.peer, packet.data))
            answer = self._answer(packet.peer, packet.data)
            if answer:
                module.handle_packet(self.now, packet.port, packet.peer, answer)
        orders = module.network_orders()
        for order in orders:
            self._obey(order)
        if orders:
            self.carry()

    def _answer(self, peer: Address, data: bytes) -> bytes:
        if self.silent or peer[0] == NOBODY:
            return b""
        if peer[0] == CLOCK:
            return time_answer(data, NOON)
        return data if peer[0] == ECHO else _answer(data)

    def _obey(self, order: object) -> None:
        module, now = self.module, self.now
        match order:
            case StreamOpen(number=number, peer=peer):
                if peer[0] == ECHO:
                    self.streams[number] = peer
                    module.handle_network(now, StreamOpened(number))
                else:
                    module.handle_network(now, StreamEnded(number, StreamEnd.REFUSED))
            case StreamWrite(number=number, data=data):
                self.sent.append((self.streams[number], data))
                if not self.silent:
                    module.handle_network(now, StreamTaken(number, len(data)))
                    module.handle_network(now, StreamReceived(number, data))
            case StreamWindow(bytes=size):
                self.windows.append(size)
            case StreamListen(number=number, port=port):
                if self.unlistenable:
                    module.handle_network(now, StreamEnded(number, StreamEnd.UNREACHABLE))
                else:
                    self.listeners[port] = number
                    module.handle_network(now, StreamListening(number, ("127.0.0.1", port)))
            case StreamAccept(number=number):
                self.streams[number] = (NOBODY, 40000 - number)
            case StreamClose(number=number):
                self.closed.append(order)
                self.streams.pop(number, None)
            case PingOrder(number=number):
                module.handle_network(now, PingReply(number, None if self.pings_lost else 0.42, 54))

    def call(self, port: int, number: int) -> str:
        """Somebody connects to a listening port; what the host gets."""
        self.module.handle_network(self.now, StreamIncoming(number, self.listeners[port], (NOBODY, 40000 - number)))
        return self.heard()

    def ask(self, line: str) -> str:
        """What the host gets, as it comes."""
        return self.write(line.encode() + b"\r").decode()

    def heard(self) -> str:
        """What it has got since by itself."""
        self.carry()
        return self.module.serial_to_send().decode()

    def datagram(self, source: Address, data: bytes, port: int) -> None:
        self.module.handle_packet(self.now, port, source, data)
