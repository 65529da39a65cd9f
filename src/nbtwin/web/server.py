"""The HTTP server on the lab's own event loop. Knows uvicorn, nothing of what is served.

Connections are bounded in number, so that descriptors are left for serial lines, platforms and the store, and in how
long a request may take to arrive: one too many takes the place of the one that has been silent longest.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from collections.abc import Generator
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from nbtwin.edge.errors import bind_error
from nbtwin.engine import Address, Seconds

MOST_CONNECTIONS = 512
BACKLOG = 64
"""asyncio accepts so many at once, before it lets any of them be counted."""
REQUEST_TIMEOUT: Seconds = 20
"""A request whose head has not arrived in it, or of whose body nothing did, is given up."""


class _Connection(H11Protocol):
    _made_at = 0.0
    _received = _seen = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._made_at = self.loop.time()
        self._timer = self.loop.call_later(REQUEST_TIMEOUT, self._give_up_if_late, None)
        if len(self.connections) > _most_connections():
            silent = [one for one in self.connections if isinstance(one, _Connection) and one.cycle is None]
            min(silent, key=lambda one: one._made_at).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)

    def _give_up_if_late(self, before: Any) -> None:
        """``before``: the request that was last heard of one timeout ago."""
        cycle = self.cycle
        between = cycle is before and (cycle is None or cycle.response_complete)
        if between or (cycle is not None and cycle.more_body and self._received == self._seen):
            self.transport.abort()
            return
        self._seen = self._received
        self._timer = self.loop.call_later(REQUEST_TIMEOUT, self._give_up_if_late, cycle)


def _most_connections() -> int:
    """Half of the descriptors that the process may have."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if allowed == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, allowed // 2)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Signals are the lab's affair."""
        yield


class Console:
    """Listens from the constructor on (``EdgeError`` when the port is taken), serves from ``start`` to ``close``."""

    def __init__(self, address: Address) -> None:
        self._socket = _listening(address)
        host, port = self._socket.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, app: Any) -> None:
        """Returns when requests are answered."""
        config = uvicorn.Config(
            app,
            http=_Connection,
            backlog=BACKLOG,
            lifespan="on",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._task = asyncio.get_running_loop().create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started and not self._task.done():
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        self._socket.close()


def _listening(address: Address) -> socket.socket:
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # with its protocol: else asyncio does not see TCP in what it accepts, and small answers wait 40 ms (Nagle)
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise bind_error("TCP", host, port, error) from error
    return listener
