"""The timeline as a capture file: datagrams, AT lines and DTLS keys, for Wireshark and tshark as they are installed.

Interface 0 carries the datagrams as IP packets; each module's AT lines have an interface of their own, in the form of
Wireshark's exported PDUs, which names the dissector to use. Knows pcapng (draft-ietf-opsawg-pcapng), the entries of a
timeline and a binary file that is handed in.
"""

from __future__ import annotations

import ipaddress
from collections import deque
from collections.abc import Callable, Iterable
from struct import pack
from typing import Protocol

from nbtwin.coap.numbers import COAP_PORT, COAPS_PORT
from nbtwin.dtls.events import KeyLogged
from nbtwin.engine import Address, Seconds
from nbtwin.timeline.decoder import Decoded, DecodedDatagram, Decoder
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.facts import DatagramSeen, Direction, LineReceived, LineSent, SegmentFlag, SegmentSeen

_SECTION, _INTERFACE, _PACKET, _SECRETS = 0x0A0D0D0A, 1, 6, 10
_RAW_IP, _UPPER_PDU = 101, 252
_TLS_KEY_LOG = 0x544C534B
_COMMENT, _NAME, _APPLICATION, _FLAGS = 1, 2, 4, 2
_DISSECTOR, _DIRECTION = 12, 35  # tags of an exported PDU
_INBOUND, _OUTBOUND = 1, 2  # seen from the modules
_TCP, _UDP, _HOPS = 6, 17, 64
_FIN, _SYN, _RST, _PSH, _ACK = 1, 2, 4, 8, 16  # RFC 9293 3.1
_TCP_FLAGS = {
    SegmentFlag.OPENING: _SYN,
    SegmentFlag.OPENED: _SYN | _ACK,
    SegmentFlag.ACKNOWLEDGED: _ACK,
    SegmentFlag.DATA: _PSH | _ACK,
    SegmentFlag.FINISHED: _FIN | _ACK,
    SegmentFlag.RESET: _RST | _ACK,
}
_WINDOW = 65535
_LONGEST = 65535 - 48
_STRANGERS = tuple(ipaddress.ip_network("198.51.100.0/24").hosts())  # RFC 5737
_MOST_SERVERS = 4096
_MOST_WAITING = 64
"""Entries that wait for the key of the first of them."""


class BinaryFile(Protocol):
    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> object: ...


class Capture:
    """Writes one file: `add` is a sink of a timeline. Whole blocks, each flushed, so that a kill leaves a file that can
    be read. A key of a DTLS session stands before the first record that needs it: a reader goes through it once. Where
    our end is the server, it tells the key because of the very datagram that needs it first, so that datagram waits for
    the end of its moment; `close` writes what still waits."""

    def __init__(self, file: BinaryFile, keys: Iterable[str] = ()) -> None:
        self._file = file
        self._lines: dict[str, int] = {}  # module -> the interface of its AT lines
        self._servers = Servers()
        self._decoder = Decoder()
        self._keys: set[str] = set()
        self._told: set[str] = set()  # the clients' randoms in them
        self._waiting: deque[Decoded] = deque()
        self._put(_section() + _interface(_RAW_IP, "datagrams"))
        for line in keys:
            self._add_key(line)

    def add(self, entry: Entry) -> None:
        self.add_decoded(self._decoder.read(entry))

    def add_decoded(self, decoded: Decoded) -> None:
        """Entries that are neither a datagram, a piece of a stream, a line nor a key leave no trace."""
        if isinstance(decoded.entry.fact, KeyLogged):
            self._add_key(decoded.entry.fact.line)
            self._write_waiting(decoded.at)
            return
        self._write_waiting(decoded.at)
        if self._waiting or self._lacks_key(decoded):
            self._waiting.append(decoded)
        else:
            self._write(decoded)

    def close(self) -> None:
        """The file itself stays its owner's."""
        while self._waiting:
            self._write(self._waiting.popleft())

    def _write_waiting(self, at: Seconds) -> None:
        waiting = self._waiting
        while waiting and (waiting[0].at != at or len(waiting) > _MOST_WAITING or not self._lacks_key(waiting[0])):
            self._write(waiting.popleft())

    def _lacks_key(self, decoded: Decoded) -> bool:
        seen = decoded.dtls if isinstance(decoded, DecodedDatagram) else None
        return seen is not None and bool(seen.lacks) and seen.lacks.hex() not in self._told

    def _write(self, decoded: Decoded) -> None:
        match decoded.entry.fact:
            case DatagramSeen():
                assert isinstance(decoded, DecodedDatagram)
                self._add_datagram(decoded)
            case SegmentSeen() as segment:
                self._put(_segment_packet(decoded.at, segment))
            case LineReceived(line=line):
                self._add_line(decoded, line + "\r", sent=True)
            case LineSent(line=line):
                self._add_line(decoded, line + "\r\n", sent=False)

    def _add_key(self, line: str) -> None:
        if line not in self._keys:
            self._keys.add(line)
            self._told.add(line.split(" ")[1] if " " in line else "")
            data = line.encode() + b"\n"
            self._put(_block(_SECRETS, pack("<II", _TLS_KEY_LOG, len(data)) + data))

    def _add_datagram(self, decoded: DecodedDatagram) -> None:
        fact, up = decoded.fact, decoded.fact.direction is Direction.UP
        client, server = (fact.source, fact.destination) if up else (fact.destination, fact.source)
        data = fact.data[:_LONGEST]
        shown, comment = self._servers.shown(decoded.known_as or server, _usual_port(decoded, data))
        here, there = (client, shown) if up else (shown, client)
        comments = [comment] * bool(comment) + _comments(decoded)
        packet = _packet(0, decoded.at, _ip_packet(here, there, data), _OUTBOUND if up else _INBOUND, comments)
        self._put(packet)

    def _add_line(self, decoded: Decoded, line: str, *, sent: bool) -> None:
        interface = self._lines.get(decoded.source)
        if interface is None:
            interface = self._lines[decoded.source] = 1 + len(self._lines)
            self._put(_interface(_UPPER_PDU, f"AT {decoded.source}"))
        pdu = _at_line(line, sent)
        self._put(_packet(interface, decoded.at, pdu, _INBOUND if sent else _OUTBOUND, []))

    def _put(self, blocks: bytes) -> None:
        self._file.write(blocks)
        self._file.flush()


class Servers:
    """Where servers are shown: tshark knows CoAP by its port, and finds it inside DTLS by that of CoAPS. One at another
    port is shown at the usual one, and when a second server would then be there, at a host of documentation's own."""

    def __init__(self) -> None:
        self._shown: dict[Address, Address] = {}
        self._taken: set[Address] = set()

    def shown(self, server: Address, port: int | None) -> tuple[Address, str]:
        """The address, and what to say about it the first time."""
        if port is None:
            return server, ""
        known = self._shown.get(server)
        if known is not None:
            return known, ""
        free = ((host, port) for host in (server[0], *map(str, _STRANGERS)) if (host, port) not in self._taken)
        shown = next(free, server)
        if len(self._shown) < _MOST_SERVERS:
            self._shown[server] = shown
            self._taken.add(shown)
        return shown, "" if shown == server else f"{_text(server)} is shown as {_text(shown)}"


def export(entries: Iterable[Decoded], keys: Iterable[str]) -> bytes:
    """The entries as one file."""
    memory = Memory()
    capture = Capture(memory, keys)
    for decoded in entries:
        capture.add_decoded(decoded)
    capture.close()
    return bytes(memory.data)


class Memory:
    """A file for a capture that stays in memory."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.write: Callable[[bytes], object] = self.data.extend

    def flush(self) -> None:
        pass


# blocks


def _block(type_: int, body: bytes) -> bytes:
    body = _padded(body)
    length = pack("<I", len(body) + 12)
    return pack("<I", type_) + length + body + length


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _option(code: int, value: bytes) -> bytes:
    return pack("<HH", code, len(value)) + _padded(value)


def _options(*options: bytes) -> bytes:
    return b"".join(options) + bytes(4)


def _section() -> bytes:
    unknown_length = -1
    return _block(
        _SECTION, pack("<IHHq", 0x1A2B3C4D, 1, 0, unknown_length) + _options(_option(_APPLICATION, b"nbtwin"))
    )


def _interface(link_type: int, name: str) -> bytes:
    return _block(_INTERFACE, pack("<HHI", link_type, 0, 0) + _options(_option(_NAME, name.encode())))


def _packet(interface: int, at: Seconds, data: bytes, direction: int, comments: list[str]) -> bytes:
    """Lab time as Unix time, in microseconds: the resolution of an interface that names none."""
    micros = max(0, round(at * 1e6))
    head = pack("<IIIII", interface, micros >> 32, micros & 0xFFFFFFFF, len(data), len(data))
    flags = _option(_FLAGS, pack("<I", direction))
    return _block(_PACKET, head + _padded(data) + _options(*(_option(_COMMENT, c.encode()) for c in comments), flags))


def _usual_port(decoded: DecodedDatagram, data: bytes) -> int | None:
    """Of what is in the datagram, if that is known."""
    if len(data) > 1 and 20 <= data[0] <= 25 and data[1] == 0xFE:  # RFC 6347 4.1
        return COAPS_PORT
    return COAP_PORT if decoded.fields.get("protocol") == "coap" else None


def _comments(decoded: DecodedDatagram) -> list[str]:
    """What the bytes alone do not say."""
    comments = []
    if decoded.sending > 1:
        comments.append(f"retransmission: sending {decoded.sending}")
    if impairment := decoded.impairment():
        comments.append(impairment)
    return comments


# packets


def _ip_packet(source: Address, destination: Address, data: bytes) -> bytes:
    ports = pack(">HHH", source[1], destination[1], 8 + len(data))
    return _ip(source, destination, _UDP, ports, b"", data)


def _segment_packet(at: Seconds, segment: SegmentSeen) -> bytes:
    """A piece of a stream as the TCP segment that it would be."""
    up = segment.direction is Direction.UP
    here, there = segment.source, segment.destination
    if segment.asked_for is not None:  # the server as the module knows it
        here, there = (here, segment.asked_for) if up else (segment.asked_for, there)
    opening = segment.flag is SegmentFlag.OPENING
    head = pack(
        ">HHIIBBH",
        here[1],
        there[1],
        segment.sequence & 0xFFFFFFFF,
        0 if opening else segment.acknowledged & 0xFFFFFFFF,
        5 << 4,
        _TCP_FLAGS[segment.flag],
        _WINDOW,
    )
    comments = ["lost"] * segment.lost + ["retransmission"] * segment.again + list(segment.faults)
    packet = _ip(here, there, _TCP, head, b"\0\0", segment.data)
    return _packet(0, at, packet, _OUTBOUND if up else _INBOUND, comments)


def _ip(source: Address, destination: Address, protocol: int, before: bytes, behind: bytes, data: bytes) -> bytes:
    """Around a UDP datagram or a TCP segment, whose checksum stands between ``before`` and ``behind``."""
    here, there = ipaddress.ip_address(source[0]), ipaddress.ip_address(destination[0])
    if here.version != there.version:
        here, there = _mapped(here), _mapped(there)
    addresses, length = here.packed + there.packed, len(before) + 2 + len(behind) + len(data)
    six = here.version == 6
    pseudo = addresses + (pack(">IHBB", length, 0, 0, protocol) if six else pack(">HH", protocol, length))
    checksum = _checksum(pseudo + before + b"\0\0" + behind + data) or 0xFFFF
    inside = before + pack(">H", checksum) + behind + data
    if six:
        return pack(">IHBB", 6 << 28, length, protocol, _HOPS) + addresses + inside
    head = pack(">BBHHHBB", 0x45, 0, 20 + length, 0, 0, _HOPS, protocol)
    return head + pack(">H", _checksum(head + addresses)) + addresses + inside


def _mapped(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv6Address:
    """RFC 4291 2.5.5.2, where a route leads from one family into the other."""
    return address if isinstance(address, ipaddress.IPv6Address) else ipaddress.IPv6Address(f"::ffff:{address}")


def _checksum(data: bytes) -> int:
    """RFC 1071: the sum of 16-bit words is the number modulo 0xFFFF."""
    total = int.from_bytes(data + bytes(len(data) % 2), "big")
    return 0xFFFF - (total % 0xFFFF or (0xFFFF if total else 0))


def _text(address: Address) -> str:
    return f"{address[0]}:{address[1]}"


def _at_line(line: str, from_host: bool) -> bytes:
    """An exported PDU for Wireshark's own dissector of AT commands."""
    direction = pack(">HHI", _DIRECTION, 4, 0 if from_host else 1)
    return pack(">HH", _DISSECTOR, 4) + _padded(b"at") + direction + bytes(4) + line.encode()
