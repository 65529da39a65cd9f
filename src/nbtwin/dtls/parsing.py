"""A cursor over received bytes that cannot run past their end. Knows no message."""

from __future__ import annotations

from nbtwin.engine import DecodeError


class ByteReader:
    """Numbers and vectors (RFC 5246 4.3) in the order they stand; every lack of bytes is a DecodeError."""

    __slots__ = ("_data", "at")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def take(self, length: int) -> bytes:
        end = self.at + length
        if end > len(self._data):
            raise DecodeError(f"{length} bytes wanted at {self.at}, {len(self._data) - self.at} left")
        taken = self._data[self.at : end]
        self.at = end
        return taken

    def number(self, width: int) -> int:
        end = self.at + width
        if end > len(self._data):
            raise DecodeError(f"{width} bytes wanted at {self.at}, {len(self._data) - self.at} left")
        number = int.from_bytes(self._data[self.at : end], "big")
        self.at = end
        return number

    def vector(self, width: int, least: int = 0, most: int = 65535) -> bytes:
        """A length of `width` bytes and so many bytes, between `least` and `most`."""
        length = self.number(width)
        if not least <= length <= most:
            raise DecodeError(f"a vector of {length} bytes, not {least} to {most}")
        return self.take(length)

    @property
    def left(self) -> int:
        return len(self._data) - self.at

    def end(self) -> None:
        if self.left:
            raise DecodeError(f"{self.left} bytes too many")


def vector(width: int, data: bytes) -> bytes:
    """The other way round: length and bytes."""
    return len(data).to_bytes(width, "big") + data
