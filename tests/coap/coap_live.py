"""An Endpoint on a real UDP socket of the loopback interface: a foreign peer has its own clock."""

from __future__ import annotations

import asyncio
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from free_ports import free_port

from nbtwin.engine import Address

LIBCOAP = ("-notls", "-openssl", "-gnutls", "")
PATIENCE = 30.0


def program(name: str) -> str:
    """The path of a libcoap program in one of its builds."""
    for build in LIBCOAP:
        path = shutil.which(name + build)
        if path is not None:
            return path
    pytest.skip(f"libcoap's {name} is not installed (Debian: libcoap3-bin)")


class Live:
    """The socket, the Endpoint, and all that it has told."""

    def __init__(self, endpoint: Any, react: Callable[[Live, Any], None] = lambda live, event: None) -> None:
        self.endpoint = endpoint
        self.react = react
        self.seen: list[Any] = []
        self.heard = asyncio.Event()  # something has been told since it was cleared
        self.woken = asyncio.Event()  # something went in or out, so the deadline may be another one
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *exception: object) -> None:
        self.socket.close()

    @property
    def now(self) -> float:
        return time.monotonic()

    def uri(self, path: str) -> str:
        return f"coap://127.0.0.1:{self.port}{path}"

    def receive(self) -> None:
        while True:
            try:
                data, source = self.socket.recvfrom(65536)
            except BlockingIOError:
                break
            self.endpoint.handle_datagram(self.now, source, data)
            self.drain()

    def drain(self) -> None:
        self.woken.set()
        for event in self.endpoint.events():
            self.seen.append(event)
            self.heard.set()
            self.react(self, event)
        for destination, data in self.endpoint.datagrams_to_send():
            self.socket.sendto(data, destination)

    def wait(self) -> float:
        deadline = self.endpoint.next_deadline()
        return 0.05 if deadline is None else min(max(deadline.at - self.now, 0), 0.05)

    def run(self, until: Callable[[], bool]) -> None:
        """Serve until it is so; fail when it never is."""
        end = self.now + PATIENCE
        self.drain()
        while not until():
            assert self.now < end, f"still waiting; seen last: {self.seen[-9:]}"
            select.select([self.socket], [], [], self.wait())
            self.receive()
            self.endpoint.handle_timer(self.now)
            self.drain()

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.seen if isinstance(event, kind)]

    def output_of(self, *command: str) -> str:
        """Serve while a foreign program runs, and take what it prints."""
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            try:
                self.run(lambda: process.poll() is not None)
                assert process.stdout is not None
                return process.stdout.read()
            finally:
                if process.poll() is None:
                    process.kill()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until it is so, asking again after each event; ``serve`` runs meanwhile."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await self.heard.wait()
                self.heard.clear()

    async def serve(self) -> None:
        """Let the Endpoint live in an event loop, until cancelled: it wakes for its deadlines and for what is heard."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self.socket, self.receive)
        try:
            while True:
                self.endpoint.handle_timer(self.now)
                self.drain()
                self.woken.clear()
                deadline = self.endpoint.next_deadline()
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if deadline is None else deadline.at - self.now):
                        await self.woken.wait()
        finally:
            loop.remove_reader(self.socket)


class Server:
    """A foreign server program on a free port of the loopback interface."""

    def __init__(self, *command: str) -> None:
        self.address: Address = ("127.0.0.1", free_port())
        self._process = subprocess.Popen(
            [part.format(port=self.address[1]) for part in command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Address:
        return self.address

    def __exit__(self, *exception: object) -> None:
        self._process.kill()
        self._process.wait()
