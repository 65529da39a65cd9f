"""A cursor over received bytes that cannot run past their end. Knows no message."""

from __future__ import annotations

from nbtwin.dtls.reasons import DtlsError, DtlsRefusal


class ByteReader:
    """Numbers and vectors (RFC 5246 4.3) in the order they stand; every lack of bytes is a DtlsError."""

    __slots__ = ("_data", "at")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def take(self, length: int) -> bytes:
        end = self.at + length
        if end > len(self._data):
            raise DtlsError(DtlsRefusal.BYTES_MISSING, length, len(self._data) - self.at)
        taken = self._data[self.at : end]
        self.at = end
        return taken

    def number(self, width: int) -> int:
        end = self.at + width
        if end > len(self._data):
            raise DtlsError(DtlsRefusal.BYTES_MISSING, width, len(self._data) - self.at)
        number = int.from_bytes(self._data[self.at : end], "big")
        self.at = end
        return number

    def vector(self, width: int, least: int = 0, most: int = 65535) -> bytes:
        """A length of `width` bytes and so many bytes, between `least` and `most`."""
        length = self.number(width)
        if not least <= length <= most:
            raise DtlsError(DtlsRefusal.VECTOR_LENGTH, length, most)
        return self.take(length)

    @property
    def left(self) -> int:
        return len(self._data) - self.at

    def end(self) -> None:
        if self.left:
            raise DtlsError(DtlsRefusal.BYTES_LEFT_OVER, self.left)


def vector(width: int, data: bytes) -> bytes:
    """The other way round: length and bytes."""
    return len(data).to_bytes(width, "big") + data
