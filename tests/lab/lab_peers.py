"""A module and a platform small enough to see through: the lab and the edge are tested with these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbtwin.engine import Address, Deadline, Fact, Outbox, Seconds
from nbtwin.module.events import ModuleReason
from nbtwin.selfreg.machine import SelfRegistrationReason
from nbtwin.timeline.entry import EntryKind, says_kind


@dataclass(frozen=True, slots=True)
class Packet:
    port: int
    peer: Address
    data: bytes


class ToyHeard(Fact, frozen=True):
    """A module's fact, as far as the timeline is concerned."""

    source: Address
    data: bytes


class EchoHeard(Fact, frozen=True):
    """A platform's."""

    source: Address
    data: bytes


says_kind(EntryKind.STATE, ToyHeard)


class ToyModule:
    """AT; AT+SEND=<host>,<port>,<text>; AT+EVERY=<seconds>,<host>,<port>; AT+LOOKUP=<name>. Prints what it receives."""

    line_speed = spoken_at = 9600

    def __init__(self) -> None:
        self.powered = False
        self.report = b"report"
        self.heard: list[tuple[Seconds, Address, bytes]] = []
        self.sent_at: list[Seconds] = []
        self._line = bytearray()
        self._out = bytearray()
        self._packets: list[Packet] = []
        self._lookups: list[str] = []
        self._events: list[Any] = []
        self._every: tuple[Seconds, Address] | None = None
        self._deadline: Deadline | None = None

    def power_on(self, now: Seconds) -> None:
        self.powered = True
        self._deadline = Deadline(now + 1, ModuleReason.BOOT)

    def power_off(self, now: Seconds) -> None:
        self.powered, self._deadline, self._every = False, None, None

    def reset(self, now: Seconds, cause: str | None = None) -> None:
        self.power_off(now)
        self.power_on(now)

    def wake(self, now: Seconds) -> None:
        self._out += b"woken "

    def handle_host_gone(self, now: Seconds) -> None:
        self._line.clear()

    def handle_serial(self, now: Seconds, data: bytes) -> None:
        for byte in data:
            if byte != 13:
                self._line.append(byte)
                continue
            line, self._line = self._line.decode(errors="replace"), bytearray()
            self._perform(now, line)

    def _perform(self, now: Seconds, line: str) -> None:
        name, _, text = line.partition("=")
        values = text.split(",")
        if name == "AT+SEND":
            self._send(now, (values[0], int(values[1])), values[2].encode())
        elif name == "AT+EVERY":
            self._every = (float(values[0]), (values[1], int(values[2])))
            self._deadline = Deadline(now + self._every[0], SelfRegistrationReason.NEXT_UPDATE)
        elif name == "AT+LOOKUP":
            self._lookups.append(values[0])
        elif name != "AT":
            self._out += b"\r\nERROR\r\n"
            return
        self._out += b"\r\nOK\r\n"

    def _send(self, now: Seconds, peer: Address, data: bytes) -> None:
        self.sent_at.append(now)
        self._packets.append(Packet(5683, peer, data))

    def serial_to_send(self) -> bytes:
        out, self._out = bytes(self._out), bytearray()
        return out

    def handle_packet(self, now: Seconds, port: int, source: Address, data: bytes) -> None:
        self.heard.append((now, source, data))
        self._out += b"\r\n+RECV: " + data + b"\r\n"
        self._events.append(ToyHeard(source, data))

    def has_socket(self, port: int) -> bool:
        return False

    def packets_to_send(self) -> list[Packet]:
        packets, self._packets = self._packets, []
        return packets

    reachable = True
    name_servers = ()

    @property
    def asks_network(self) -> bool:
        return bool(self._lookups)

    def network_orders(self) -> list[Any]:
        return []

    def handle_network(self, now: Seconds, answer: Any) -> None: ...

    def lookups(self) -> list[str]:
        lookups, self._lookups = self._lookups, []
        return lookups

    def handle_lookup(
        self, now: Seconds, name: str, host: str | None, others: tuple[str, ...] = (), ttl: int = 600
    ) -> None:
        self._out += f"\r\n+LOOKUP: {name},{host}\r\n".encode()

    def handle_timer(self, now: Seconds) -> None:
        if self._deadline is None or now < self._deadline.at:
            return
        if self._every is None:
            self._deadline = None
            self._out += b"\r\nRDY\r\n"
        else:
            span, peer = self._every
            self._send(now, peer, self.report)
            self._deadline = Deadline(self._deadline.at + span, SelfRegistrationReason.NEXT_UPDATE)

    def next_deadline(self) -> Deadline | None:
        return self._deadline

    def events(self) -> list[Any]:
        events, self._events = self._events, []
        return events


class EchoPlatform(Outbox[Any]):
    """Sends everything back."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[Seconds, Address, bytes]] = []

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        self.heard.append((now, source, data))
        self._outbox.append((source, b"echo " + data))
        self._events.append(EchoHeard(source, data))

    def say(self, now: Seconds, peer: Address, data: bytes) -> None:
        self._outbox.append((peer, data))

    def handle_timer(self, now: Seconds) -> None:
        """It waits for nothing."""

    def next_deadline(self) -> Deadline | None:
        return None
