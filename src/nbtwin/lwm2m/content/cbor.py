"""As much of CBOR (RFC 8949) as SenML needs: numbers, text, bytes, booleans, arrays and maps, to a bounded depth.

Knows bytes and plain values; knows no SenML. Tags are read over: SenML has no use for them.
"""

from __future__ import annotations

import struct
from typing import Any

from nbtwin.engine import DecodeError

DEEPEST = 8
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_FALSE, _TRUE, _NULL, _HALF, _SINGLE, _DOUBLE = 20, 21, 22, 25, 26, 27
_INDEFINITE, _BREAK = 31, object()
_FLOATS = {_HALF: ">e", _SINGLE: ">f", _DOUBLE: ">d"}


def decode(data: bytes) -> Any:
    """One value, and nothing after it."""
    reader = _Reader(data)
    value = reader.value(0)
    if value is _BREAK or reader.at != len(data):
        raise DecodeError("CBOR: not one value")
    return value


def encode(value: Any) -> bytes:
    """None, booleans, numbers, text, bytes, lists and dictionaries."""
    if value is None or isinstance(value, bool):
        return bytes((_SIMPLE << 5 | (_NULL if value is None else _TRUE if value else _FALSE),))
    if isinstance(value, int):
        return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    if isinstance(value, float):
        return bytes((_SIMPLE << 5 | _DOUBLE,)) + struct.pack(">d", value)
    if isinstance(value, bytes):
        return _head(_BYTES, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return _head(_TEXT, len(text)) + text
    if isinstance(value, dict):
        return _head(_MAP, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    return _head(_ARRAY, len(value)) + b"".join(map(encode, value))


def _head(major: int, argument: int) -> bytes:
    """RFC 8949 3: the shortest form."""
    if argument < 24:
        return bytes((major << 5 | argument,))
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << 8 * size:
            return bytes((major << 5 | info,)) + argument.to_bytes(size, "big")
    raise ValueError(f"{argument} does not fit into 64 bits")


class _Reader:
    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise DecodeError(f"CBOR: ends within a value at byte {self.at}")
        taken, self.at = self.data[self.at : end], end
        return taken

    def value(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise DecodeError(f"CBOR: deeper than {DEEPEST}")
        (first,) = self.take(1)
        major, info = first >> 5, first & 31
        if major == _SIMPLE:
            return self._simple(info)
        if info == _INDEFINITE:
            return self._indefinite(major, depth)
        argument = self._argument(info)
        match major:
            case 0:
                return argument
            case 1:
                return -1 - argument
            case 2:
                return self.take(argument)
            case 3:
                return _text(self.take(argument))
            case 4:
                return [self._item(depth) for _ in range(self._bounded(argument))]
            case 5:
                return dict(self._pair(depth) for _ in range(self._bounded(argument)))
            case _:
                return self._item(depth)  # a tag: what it marks

    def _argument(self, info: int) -> int:
        if info < 24:
            return info
        if info > 27:
            raise DecodeError(f"CBOR: additional information {info}")
        return int.from_bytes(self.take(1 << info - 24), "big")

    def _bounded(self, count: int) -> int:
        """Each item takes a byte at least: nobody makes us count to 2^64."""
        if count > len(self.data) - self.at:
            raise DecodeError(f"CBOR: {count} items, {len(self.data) - self.at} bytes are left")
        return count

    def _item(self, depth: int) -> Any:
        value = self.value(depth + 1)
        if value is _BREAK:
            raise DecodeError("CBOR: a break where an item was expected")
        return value

    def _pair(self, depth: int) -> tuple[Any, Any]:
        key = self._item(depth)
        if not isinstance(key, int | str):
            raise DecodeError("CBOR: a key that is neither a number nor text")
        return key, self._item(depth)

    def _simple(self, info: int) -> Any:
        if info in _FLOATS:
            (value,) = struct.unpack(_FLOATS[info], self.take(1 << info - 24))
            return value
        if info == _INDEFINITE:
            return _BREAK
        if info in (_FALSE, _TRUE, _NULL):
            return {_FALSE: False, _TRUE: True, _NULL: None}[info]
        raise DecodeError(f"CBOR: simple value {info}")

    def _indefinite(self, major: int, depth: int) -> Any:
        items: list[Any] = []
        while (item := self.value(depth + 1)) is not _BREAK:
            items.append(item)
        if major == _ARRAY:
            return items
        if major == _MAP and len(items) % 2 == 0 and all(isinstance(key, int | str) for key in items[::2]):
            return dict(zip(items[::2], items[1::2], strict=True))
        kind = {_BYTES: bytes, _TEXT: str}.get(major)
        if kind is not None and all(isinstance(item, kind) for item in items):
            return kind().join(items)
        raise DecodeError("CBOR: an indefinite length where there can be none")


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"CBOR: text that is not UTF-8: {error}") from None
