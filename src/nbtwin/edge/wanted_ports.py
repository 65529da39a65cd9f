"""Whether all ports that a lab wants can be had, before anything is opened: a start that fails has changed nothing.

Takes each for a moment and gives it back. Knows addresses, nothing of what is to listen there.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable

from nbtwin.edge.errors import bind_error
from nbtwin.engine import Address


def check(udp: Iterable[Address], tcp: Iterable[Address]) -> None:
    """EdgeError names the first that cannot be had. Port 0 is any free one, and always there."""
    with contextlib.ExitStack() as taken:
        for protocol, kind, addresses in (("UDP", socket.SOCK_DGRAM, udp), ("TCP", socket.SOCK_STREAM, tcp)):
            for host, port in addresses:
                taken.enter_context(_bound(protocol, kind, host, port))


def _bound(protocol: str, kind: socket.SocketKind, host: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    try:
        if kind is socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT of the last run is no obstacle
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise bind_error(protocol, host, port, error) from error
    return made
