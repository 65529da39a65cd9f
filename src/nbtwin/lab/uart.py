"""What the far end of a serial line hears: bits that are sent at one speed and sampled at another (V.24, 8N1).

Knows bits and speeds; knows no port and no module. Speeds that are a few percent apart understand one another, as
UARTs do; beyond that the bytes are others, more or fewer.
"""

from __future__ import annotations

_FRAME = 10  # bits of a byte: start, eight of data from the lowest on, stop


def heard(data: bytes, sent_at: int, read_at: int) -> bytes:
    """``data``, one byte behind the other, as it arrives. A frame without its stop bit is a byte like any other."""
    if sent_at == read_at:
        return data
    line = [level for byte in data for level in (0, *(byte >> bit & 1 for bit in range(8)), 1)]
    found, position, step = bytearray(), 0, sent_at / read_at
    while (start := _falling(line, position)) is not None:
        samples = [_level(line, start + (bit + 0.5) * step) for bit in range(1, _FRAME)]
        found.append(sum(level << bit for bit, level in enumerate(samples[:8])))
        position = max(start + 1, int(start + (_FRAME - 0.5) * step))
        while position < len(line) and not line[position] and not samples[8]:
            position += 1  # a break: nothing begins before the line is idle
    return bytes(found)


def _falling(line: list[int], position: int) -> int | None:
    """Where the next start bit begins."""
    while position < len(line) and line[position]:
        position += 1
    return position if position < len(line) else None


def _level(line: list[int], at: float) -> int:
    return line[int(at)] if at < len(line) else 1
