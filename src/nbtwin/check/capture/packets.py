"""From a captured packet to its UDP datagram: Ethernet, Linux cooked, loopback, raw IP; IPv4 and IPv6 with fragments.

Knows link layers and IP; knows no CoAP. What is no UDP is counted by what it is. A checksum is verified where all of
the datagram was kept.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass, field
from struct import error as StructError
from struct import unpack_from

from nbtwin.check.capture.files import CapturedPacket
from nbtwin.engine import Address, Seconds

_UDP, _TCP, _FRAGMENT = 17, 6, 44
_EXTENSIONS = (0, 43, 60, 51, 135)  # hop-by-hop, routing, destination, authentication, mobility
_IPV4, _IPV6, _VLANS = 0x0800, 0x86DD, (0x8100, 0x88A8, 0x9100)
_LOOPBACKS = {2: _IPV4, 10: _IPV6, 24: _IPV6, 28: _IPV6, 30: _IPV6}  # AF_INET, and AF_INET6 of five systems
_ETHERNET, _NULL, _LOOP, _COOKED, _COOKED2, _PDU = 1, 0, 108, 113, 276, 252
_RAW = (12, 14, 101, 228, 229)
_WITHOUT_CHECKSUM = 0
_MOST_FRAGMENTS = 256
_CUT = "cut"
_LOST = ("lost", "no route", "nobody there", "no socket")  # as `timeline.pcapng` comments


@dataclass(slots=True)
class UdpDatagram:
    number: int
    at: Seconds
    source: Address
    destination: Address
    data: bytes
    missing: int = 0
    """Bytes that the capture has cut off."""
    checksum_wrong: bool = False
    length_wrong: bool = False
    lost: bool = False
    """A lab's own capture says that it did not arrive."""


@dataclass(slots=True)
class Sorted:
    """What was in the file."""

    datagrams: list[UdpDatagram] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    """Packets that are no UDP: what they are, and how many."""


@dataclass(slots=True)
class _Partial:
    parts: dict[int, bytes] = field(default_factory=dict)
    total: int | None = None


def sort(packets: list[CapturedPacket]) -> Sorted:
    """In the order of the file."""
    return _Sorter().sort(packets)


class _Sorter:
    def __init__(self) -> None:
        self._sorted = Sorted()
        self._partials: dict[tuple[bytes, bytes, int], _Partial] = {}

    def sort(self, packets: list[CapturedPacket]) -> Sorted:
        for packet in packets:
            try:
                other = self._link(packet)
            except (StructError, IndexError):
                other = _CUT
            if other:
                self._sorted.others[other] += 1
        if self._partials:
            self._sorted.others["fragments"] += sum(len(partial.parts) for partial in self._partials.values())
        return self._sorted

    def _link(self, packet: CapturedPacket) -> str:
        """What it is, where it is no datagram."""
        data, link = packet.data, packet.link
        if link == _ETHERNET:
            at, kind = 12, unpack_from(">H", data, 12)[0]
            while kind in _VLANS:
                at += 4
                kind = unpack_from(">H", data, at)[0]
            return self._network(packet, kind, at + 2)
        if link == _COOKED:
            return self._network(packet, unpack_from(">H", data, 14)[0], 16)
        if link == _COOKED2:
            return self._network(packet, unpack_from(">H", data, 0)[0], 20)
        if link in (_NULL, _LOOP):
            family = min(unpack_from("<I", data)[0], unpack_from(">I", data)[0])
            return self._network(packet, _LOOPBACKS.get(family, 0), 4)
        if link in _RAW:
            return self._network(packet, _IPV6 if data[0] >> 4 == 6 else _IPV4, 0)
        return "at" if link == _PDU and packet.data[4:6] == b"at" else f"link {link}"

    def _network(self, packet: CapturedPacket, kind: int, at: int) -> str:
        if kind == _IPV4:
            return self._ipv4(packet, at)
        if kind == _IPV6:
            return self._ipv6(packet, at)
        return "arp" if kind == 0x0806 else "no-ip"

    def _ipv4(self, packet: CapturedPacket, at: int) -> str:
        data = packet.data
        if data[at] >> 4 != 4:
            return "no-ip"
        head = (data[at] & 15) * 4
        total, ident, place = unpack_from(">HHH", data, at + 2)
        protocol, here, there = data[at + 9], data[at + 12 : at + 16], data[at + 16 : at + 20]
        if len(there) < 4:
            return _CUT
        body, missing = data[at + head : at + (total or len(data))], max(0, at + total - len(data))
        if place & 0x3FFF:
            whole = self._whole((here, there, ident << 8 | protocol), (place & 0x1FFF) * 8, not place & 0x2000, body)
            if whole is None or missing:
                return ""
            body = whole
        return self._transport(packet, protocol, here, there, body, missing)

    def _ipv6(self, packet: CapturedPacket, at: int) -> str:
        data = packet.data
        length, protocol = unpack_from(">HB", data, at + 4)
        here, there = data[at + 8 : at + 24], data[at + 24 : at + 40]
        if len(there) < 16:
            return _CUT
        body, missing = data[at + 40 : at + 40 + length], max(0, at + 40 + length - len(data))
        while protocol in _EXTENSIONS:
            protocol, body = body[0], body[(body[1] + 2) * 4 if protocol == 51 else (body[1] + 1) * 8 :]
        if protocol == _FRAGMENT:
            protocol, place, ident = unpack_from(">BxHI", body)
            whole = self._whole((here, there, ident << 8 | protocol), place & 0xFFF8, not place & 1, body[8:])
            if whole is None or missing:
                return ""
            body = whole
        return self._transport(packet, protocol, here, there, body, missing)

    def _whole(self, key: tuple[bytes, bytes, int], offset: int, is_last: bool, body: bytes) -> bytes | None:
        """Once all fragments have come."""
        if len(self._partials) > _MOST_FRAGMENTS:
            self._partials.pop(next(iter(self._partials)))
        partial = self._partials.setdefault(key, _Partial())
        partial.parts[offset] = body
        if is_last:
            partial.total = offset + len(body)
        made = b""
        for begins in sorted(partial.parts):
            if begins != len(made):
                return None
            made += partial.parts[begins]
        if partial.total != len(made):
            return None
        del self._partials[key]
        return made

    def _transport(
        self, packet: CapturedPacket, protocol: int, here: bytes, there: bytes, body: bytes, missing: int
    ) -> str:
        if protocol != _UDP:
            return {_TCP: "tcp", 1: "icmp", 58: "icmp"}.get(protocol, "no-udp")
        source, destination, length, checksum = unpack_from(">HHHH", body)
        inside = body[8 : max(8, length)]
        datagram = UdpDatagram(
            packet.number, packet.at, (_text(here), source), (_text(there), destination), inside, missing,
            lost=any(comment.startswith(_LOST) for comment in packet.comments),
        )  # fmt: skip
        if not missing:
            datagram.length_wrong = not 8 <= length <= len(body)
            if checksum != _WITHOUT_CHECKSUM and not datagram.length_wrong:
                datagram.checksum_wrong = not _adds_up(here + there, body[:length])
        self._sorted.datagrams.append(datagram)
        return ""


def _text(packed: bytes) -> str:
    address = ipaddress.ip_address(packed)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _adds_up(addresses: bytes, segment: bytes) -> bool:
    """RFC 768: with the pseudo header and the checksum the sum is all ones."""
    data = addresses + bytes((0, _UDP)) + len(segment).to_bytes(2, "big") + segment
    return int.from_bytes(data + bytes(len(data) % 2), "big") % 0xFFFF == 0
