"""Capture files of any tool: pcapng and classic pcap, of either byte order, read packet by packet.

Knows the two formats (draft-ietf-opsawg-pcapng, draft-ietf-opsawg-pcap); knows nothing of what is in a packet. A file
that ends in the middle of a block is read up to there.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from struct import error as StructError
from typing import NamedTuple

from nbtwin.engine import DAY, LATEST, Refusal, Seconds
from nbtwin.timeline.catalogue.errors import WordedError

_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE, _PACKET, _SECRETS = 0x0A0D0D0A, 1, 2, 3, 6, 10
_TLS_KEY_LOG = 0x544C534B
_COMMENT, _RESOLUTION, _OFFSET = 1, 9, 14
_CLASSIC = {  # magic, as it is read little-endian: byte order, and parts of a second
    0xA1B2C3D4: ("<", 10**6), 0xD4C3B2A1: (">", 10**6), 0xA1B23C4D: ("<", 10**9), 0x4D3CB2A1: (">", 10**9),
}  # fmt: skip
_LEAST_BLOCK = 12
_LONGEST_BLOCK = 1 << 28
_UNIT = 10**6


class CaptureRefusal(Refusal):
    """Why a file is no capture."""

    EMPTY = "capture-empty"
    FOREIGN = "capture-foreign"  # begins: its first bytes
    NO_PACKETS = "capture-no-packets"


class CaptureError(WordedError, ValueError):
    """A file that is no capture."""


class CapturedPacket(NamedTuple):
    """``number`` as Wireshark counts; ``length`` is what there was on the wire, ``data`` what was kept of it."""

    number: int
    at: Seconds
    link: int
    data: bytes
    length: int
    comments: tuple[str, ...]


class Capture(NamedTuple):
    packets: list[CapturedPacket]
    keys: list[str]
    """Lines of key logs that are in the file."""
    is_cut: bool
    """It ends in the middle of a block."""


class _Interface(NamedTuple):
    link: int
    resolution: float
    offset: int


def read(data: bytes) -> Capture:
    """CaptureError for what is no capture, or has no packet in it."""
    if not data:
        raise CaptureError(CaptureRefusal.EMPTY)
    magic = int.from_bytes(data[:4], "little")
    if magic == _SECTION and len(data) >= 12 and data[8:12] in (b"\x4d\x3c\x2b\x1a", b"\x1a\x2b\x3c\x4d"):
        found = _Blocks(data).read()
    elif magic in _CLASSIC and len(data) >= 24:
        found = _classic(data, *_CLASSIC[magic])
    else:
        raise CaptureError(CaptureRefusal.FOREIGN, begins=data[:8].hex(" "))
    if not found.packets:
        raise CaptureError(CaptureRefusal.NO_PACKETS)
    return found


def _classic(data: bytes, order: str, parts: int) -> Capture:
    head = Struct(order + "IIII")
    link = Struct(order + "I").unpack_from(data, 20)[0] & 0xFFFF
    packets: list[CapturedPacket] = []
    at, end = 24, len(data)
    while at + 16 <= end:
        seconds, fraction, kept, length = head.unpack_from(data, at)
        at += 16
        if at + kept > end:
            return Capture(packets, [], True)
        time = _possible(seconds + fraction / parts)
        packets.append(CapturedPacket(len(packets) + 1, time, link, data[at : at + kept], length, ()))
        at += kept
    return Capture(packets, [], at != end)


def _possible(at: Seconds) -> Seconds:
    """A time that a calendar has."""
    return min(max(at, 0.0), LATEST - 2 * DAY)


class _Blocks:
    """Of a pcapng file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._order = "<"
        self._interfaces: list[_Interface] = []
        self._packets: list[CapturedPacket] = []
        self._keys: list[str] = []
        self._last: Seconds = 0.0

    def read(self) -> Capture:
        at, end = 0, len(self._data)
        while at + _LEAST_BLOCK <= end:
            if self._data[at : at + 4] == b"\x0a\x0d\x0d\x0a":
                self._order = "<" if self._data[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
                self._interfaces = []
            kind, length = Struct(self._order + "II").unpack_from(self._data, at)
            if length < _LEAST_BLOCK or length % 4 or length > _LONGEST_BLOCK or at + length > end:
                break
            try:
                self._block(kind, self._data[at + 8 : at + length - 4])
            except StructError:
                break
            at += length
        return Capture(self._packets, self._keys, at != end)

    def _block(self, kind: int, body: bytes) -> None:
        order = self._order
        if kind == _INTERFACE:
            self._interfaces.append(self._interface(body))
        elif kind in (_PACKET, _OLD_PACKET):
            form = "IIIII" if kind == _PACKET else "HHIIII"
            fields = Struct(order + form).unpack_from(body)
            interface, (high, low, kept, length) = fields[0], fields[-4:]
            self._packet(interface, high << 32 | low, body[20 : 20 + kept], length, body[20 + kept + -kept % 4 :])
        elif kind == _SIMPLE:
            (length,) = Struct(order + "I").unpack_from(body)
            self._packet(0, None, body[4 : 4 + length], length, b"")
        elif kind == _SECRETS:
            sort, length = Struct(order + "II").unpack_from(body)
            if sort == _TLS_KEY_LOG:
                self._keys += body[8 : 8 + length].decode("ascii", "replace").splitlines()

    def _interface(self, body: bytes) -> _Interface:
        (link,) = Struct(self._order + "H").unpack_from(body)
        resolution, offset = 1 / _UNIT, 0
        for code, value in self._options(body[8:]):
            if code == _RESOLUTION and value:
                power = value[0] & 0x7F
                resolution = 2.0**-power if value[0] & 0x80 else 10.0**-power
            elif code == _OFFSET and len(value) == 8:
                (offset,) = Struct(self._order + "q").unpack(value)
        return _Interface(link, resolution, offset)

    def _packet(self, interface: int, ticks: int | None, data: bytes, length: int, options: bytes) -> None:
        there = self._interfaces[interface] if interface < len(self._interfaces) else _Interface(-1, 1 / _UNIT, 0)
        if ticks is not None:
            self._last = _possible(there.offset + round(ticks * there.resolution, 9))
        comments = tuple(value.decode("utf-8", "replace") for code, value in self._options(options) if code == _COMMENT)
        number = len(self._packets) + 1
        self._packets.append(CapturedPacket(number, self._last, there.link, data, max(length, len(data)), comments))

    def _options(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        head, at = Struct(self._order + "HH"), 0
        while at + 4 <= len(data):
            code, length = head.unpack_from(data, at)
            if code == 0:
                return
            yield code, data[at + 4 : at + 4 + length]
            at += 4 + length + -length % 4
