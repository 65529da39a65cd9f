"""What the far end of a serial line hears: bits that are sent at one speed and sampled at another (V.24, 8N1).

Knows bits and speeds; knows no port and no module. Speeds that are a few percent apart understand one another, as
UARTs do; beyond that the bytes are others, more or fewer.
"""

from __future__ import annotations

import os
import re

try:
    import termios
except ModuleNotFoundError:  # Windows, where no terminal has its speed from us
    termios = None  # type: ignore[assignment]

_FRAME = 10  # bits of a byte: start, eight of data from the lowest on, stop
SPEEDS: dict[int, int] = {
    getattr(termios, name): int(name[1:]) for name in dir(termios) if re.fullmatch(r"B[1-9]\d*", name)
}
"""The speed codes of termios in bits per second."""
CODES = {speed: code for code, speed in SPEEDS.items()}


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


def speed_of(fd: int) -> int | None:
    """Of a terminal, in bits per second; None for one that has no code."""
    return SPEEDS.get(termios.tcgetattr(fd)[5])


def set_speed(fd: int, speed: int) -> None:
    """Of a terminal, where there is a code for it."""
    if speed in CODES:
        attributes = termios.tcgetattr(fd)
        attributes[4] = attributes[5] = CODES[speed]
        termios.tcsetattr(fd, termios.TCSANOW, attributes)


def present_speed(port: str) -> int:
    """At which a host that sets none of its own speaks: that of a pseudo-terminal, which is the module's until a host
    sets another; 115200 for any other port. OSError when it cannot be opened."""
    if not os.path.realpath(port).startswith("/dev/pts/"):
        return 115200
    terminal = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        return speed_of(terminal) or 115200
    finally:
        os.close(terminal)
