"""The terminal's port in a thread of its own: read as it comes, opened again by itself when it has gone.

Knows ports and asyncio; knows no AT command. Everything is told on the loop.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Protocol

from nbtwin.edge.errors import EdgeError
from nbtwin.edge.host_port import HostPort
from nbtwin.engine import Seconds

AGAIN: Seconds = 0.5
"""Between two attempts to open a port that has gone."""


class Listener(Protocol):
    """Who is told."""

    def handle_bytes(self, data: bytes) -> None: ...

    def handle_lost(self, error: EdgeError) -> None: ...

    def handle_back(self, gone: Seconds) -> None:
        """``gone``: how long."""
        ...


class Wire:
    """Open from `open` to `close`."""

    def __init__(self, url: str, baud: int) -> None:
        self.url, self.baud = url, baud
        self._port: HostPort | None = None
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        """EdgeError for a port that cannot be had. What comes is told from then on."""
        self._port = HostPort(self.url, self.baud)
        self._thread = threading.Thread(target=self._run, args=(self._port, listener, loop), daemon=True)
        self._thread.start()

    @property
    def connected(self) -> bool:
        return self._port is not None

    def write(self, data: bytes) -> bool:
        """False when the port is not there."""
        port = self._port
        if port is None:
            return False
        try:
            port.write(data)
        except EdgeError:
            return False  # the reader finds it as well
        return True

    def set_baud(self, baud: int) -> None:
        self.baud = baud
        if self._port is not None:
            self._port.set_baud(baud)

    def close(self) -> None:
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    # In the thread

    def _run(self, port: HostPort, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        def tell(what: Callable[..., None], *arguments: object) -> None:
            if not self._closing.is_set() and not loop.is_closed():
                loop.call_soon_threadsafe(what, *arguments)

        here: HostPort | None = port
        since: Seconds | None = None  # gone, and not told to be back
        while here is not None:
            try:
                while not self._closing.is_set():
                    data = here.read()
                    if since is not None and not here.beginning.is_fresh:
                        tell(listener.handle_back, time.monotonic() - since)
                        since = None
                    if data:
                        tell(listener.handle_bytes, data)
                here.close()
                return
            except EdgeError as error:
                self._port = None
                here.close()
                if since is None:  # else it was turned away again
                    since = time.monotonic()
                    tell(listener.handle_lost, error)
            here = self._open_again()
            self._port = here

    def _open_again(self) -> HostPort | None:
        while not self._closing.wait(AGAIN):
            try:
                return HostPort(self.url, self.baud)
            except EdgeError:
                continue
        return None
