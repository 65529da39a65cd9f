"""The line to a real module: what it is for who uses it when it ends."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from nbtwin.edge.errors import EdgeError
from nbtwin.edge.host_port import HostPort


@pytest.mark.parametrize("use", [lambda port: port.write(b"AT\r"), lambda port: port.read()])
def test_a_line_that_another_thread_has_just_closed_has_ended(use: Callable[[HostPort], object]) -> None:
    """pyserial takes the socket away first, and says only then that the port is closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = HostPort(f"socket://127.0.0.1:{server.getsockname()[1]}", 115200)
        with server.accept()[0], port.lent(0.0) as line:
            kept, line._socket = line._socket, None
            with pytest.raises(EdgeError):
                use(port)
            line._socket = kept
        port.close()
