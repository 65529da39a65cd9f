"""Ports of loopback for whoever must be told which one to take, and ports at which nobody is.

A port that the system gave and that was closed again is soon given to another: of some thousand sockets, one was. These
lie below those that it gives (`ip_local_port_range`), and each process that tests has some of its own.
"""

from __future__ import annotations

import os
import random
import socket
from contextlib import ExitStack, suppress

_LOWEST, _OWN, _PROCESSES = 12_000, 1_250, 16
_first = _LOWEST + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % _PROCESSES * _OWN
_next = random.randrange(_OWN)


def free_ports(count: int = 1) -> tuple[int, ...]:
    """So many in a row, free for UDP and for TCP."""
    global _next
    while True:
        if _next + count > _OWN:
            _next = 0
        ports = tuple(range(_first + _next, _first + _next + count))
        _next += count
        with suppress(OSError), ExitStack() as stack:
            for port in ports:
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    stack.enter_context(socket.socket(socket.AF_INET, kind)).bind(("127.0.0.1", port))
            return ports


def free_port() -> int:
    return free_ports()[0]
