"""What expectations ask about: when a module's requests left and to whom, and what it said to its host.

An observer: remembers what passes the drain, changes nothing. Knows the first bytes of a CoAP message, no operator.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from nbtwin.engine import Seconds
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.observers import LabObserver

_END = re.compile(rb"[\r\n]+")


class SentRequest(NamedTuple):
    """A sending of a request: a retransmission is one more."""

    at: Seconds
    to: str | None  # the platform's name in the lab


class Said(NamedTuple):
    at: Seconds
    line: str


class HostRecorder(LabObserver):
    """One world's."""

    def __init__(self) -> None:
        self.requests: dict[str, list[SentRequest]] = {}
        self.said: dict[str, list[Said]] = {}
        self._part: dict[str, bytes] = {}

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: str | None
    ) -> None:
        if packet.direction is Direction.UP and packet.sender is not None and is_request(data):
            self.requests.setdefault(packet.sender, []).append(SentRequest(at, packet.receiver))

    def serial_out(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        *lines, rest = _END.split(self._part.pop(node.name, b"") + data)
        if rest:
            self._part[node.name] = rest
        said = self.said.setdefault(node.name, [])
        said += [Said(at, line.decode("utf-8", "backslashreplace")) for line in lines if line]

    def requests_of(self, module: str, since: Seconds, until: Seconds, to: str | None = None) -> list[Seconds]:
        sent = self.requests.get(module, ())
        return [r.at for r in sent if since <= r.at <= until and to in (None, r.to)]

    def lines_of(self, module: str, since: Seconds, until: Seconds) -> list[str]:
        return [said.line for said in self.said.get(module, ()) if since <= said.at <= until]


def is_request(data: bytes) -> bool:
    """CoAP version 1 with a code of class 0 that is not Empty (RFC 7252 3, 12.1.1)."""
    return len(data) >= 4 and data[0] >> 6 == 1 and 0 < data[1] < 32
