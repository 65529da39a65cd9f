"""The speeds of terminals, as termios has them. What a wrong one makes of bytes is in ``lab.uart``. Knows no module."""

from __future__ import annotations

import os
import re

try:
    import termios
except ModuleNotFoundError:  # Windows, where no terminal has its speed from us
    termios = None  # type: ignore[assignment]

SPEEDS: dict[int, int] = {
    getattr(termios, name): int(name[1:]) for name in dir(termios) if re.fullmatch(r"B[1-9]\d*", name)
}
"""The speed codes of termios in bits per second."""
CODES = {speed: code for code, speed in SPEEDS.items()}


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
