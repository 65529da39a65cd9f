"""Where the password of a CONNECT is in a stream that is seen in pieces of any size: its last field (MQTT 3.1.1, 3.1).

Knows the layout of that packet; keeps nothing of what passes.
"""

from __future__ import annotations

from collections.abc import Generator

from nbtwin.mqtt.packets import PacketType

CONNECT_BEGINS = PacketType.CONNECT << 4
"""Its first byte."""
_LONGEST_NAME = len(b"MQIsdp")
_WILL, _PASSWORD, _USER = 0x04, 0x40, 0x80
_MASK = b"*"


class PasswordFinder:
    """Of one direction of a stream, from a CONNECT's first byte on."""

    def __init__(self) -> None:
        self.begin = self.end = 0
        """The password's place; the same as long as it is not known."""
        self.is_connect = False
        """What has been seen can only be one."""
        self.seen = 0
        """Bytes, from its first one."""
        self._reader: Generator[None, int, None] | None = self._fields()
        next(self._reader)

    @property
    def reads(self) -> bool:
        """More has to be seen."""
        return self._reader is not None or self.seen < self.end

    def masked(self, at: int, data: bytes) -> bytes:
        """The piece that is at this place, but for the password: that is asterisks. It may have come before."""
        self._see(data[max(0, self.seen - at) :] if at <= self.seen else b"")
        begin, end = (min(max(0, place - at), len(data)) for place in (self.begin, self.end))
        return data[:begin] + _MASK * (end - begin) + data[end:]

    def _see(self, data: bytes) -> None:
        before = self.seen
        if (reader := self._reader) is not None:
            try:
                for byte in data:
                    self.seen += 1
                    reader.send(byte)
            except StopIteration:
                self._reader = None
        self.seen = before + len(data)

    def _fields(self) -> Generator[None, int, None]:
        """Takes byte after byte."""
        if (yield) != CONNECT_BEGINS:
            return
        for _ in range(4):  # 2.2.3
            if (yield) < 0x80:
                break
        size = ((yield) << 8) + (yield)
        name = bytearray()
        for _ in range(size if size <= _LONGEST_NAME else 0):
            name.append((yield))
        if bytes(name) not in (b"MQTT", b"MQIsdp"):
            return
        self.is_connect = True
        yield
        flags = yield
        yield
        yield
        for there in (True, flags & _WILL, flags & _WILL, flags & _USER):
            for _ in range(((yield) << 8) + (yield) if there else 0):
                yield
        if flags & _PASSWORD:
            size = ((yield) << 8) + (yield)
            self.begin, self.end = self.seen, self.seen + size
