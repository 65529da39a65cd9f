"""Our engines on a real loopback socket, beside another project's program. Waits for readiness, never for time."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any

import pytest

from nbtwin.dtls import DtlsClient, DtlsServer, ServerSettings, Settings

IDENTITY, KEY = b"863703030822519", bytes.fromhex("000102030405060708090a0b0c0d0e0f")
PATIENCE = 30.0
QUICK = (0.5, 1, 2, 4)


def program(*names: str) -> str:
    """The first of the programs that is there; without one the test is skipped and says so."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    pytest.skip(f"{' or '.join(names)} is not installed")


class Child:
    """A program with its output read as it comes."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "LC_ALL": "C"},
        )
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        self.output = b""

    def say(self, text: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def read(self) -> bool:
        """Take what is there; False at the end of the output."""
        assert self.process.stdout is not None
        taken = self.process.stdout.read()
        self.output += taken or b""
        return taken != b""

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


@contextmanager
def running(*arguments: str) -> Iterator[Child]:
    child = Child(*arguments)
    try:
        yield child
    finally:
        child.kill()


class Pump:
    """One engine, one socket, one child: carries datagrams and output until something has happened."""

    def __init__(self, engine: DtlsClient | DtlsServer) -> None:
        self.engine = engine
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.events: list[Any] = []
        self.wire: list[tuple[bool, int, bytes]] = []  # sent by us, the peer's port, bytes

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def __enter__(self) -> Pump:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def drain(self) -> None:
        for peer, datagram in self.engine.datagrams_to_send():
            self.wire.append((True, peer[1], datagram))
            self.socket.sendto(datagram, peer)
        self.events += self.engine.events()

    def until(
        self, happened: Callable[[], bool], child: Child | None = None, react: Callable[[Any], None] | None = None
    ) -> None:
        """Run until `happened()`; what was seen so far is the message when it does not."""
        end = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            if child is not None and child.process.stdout is not None:
                selector.register(child.process.stdout, selectors.EVENT_READ)
            self.drain()
            while not happened():
                now = time.monotonic()
                assert now < end, f"nothing after {PATIENCE} s: {self.events} {child.output if child else b''!r}"
                self._step(selector, now, end, child)
                fresh = len(self.events)
                self.drain()
                for event in self.events[fresh:]:
                    if react is not None:
                        react(event)
                self.drain()

    def _step(self, selector: selectors.BaseSelector, now: float, end: float, child: Child | None) -> None:
        deadline = self.engine.next_deadline()
        until = min(end, deadline.at) if deadline else end
        for key, _ in selector.select(max(0.0, until - now)):
            if key.fileobj is self.socket:
                data, source = self.socket.recvfrom(65535)
                self.wire.append((False, source[1], data))
                self.engine.handle_datagram(time.monotonic(), source, data)
            elif child is not None and not child.read():
                selector.unregister(key.fileobj)
        if deadline and time.monotonic() >= deadline.at:
            self.engine.handle_timer(time.monotonic())


def our_client(port: int, settings: Settings | None = None, **more: Any) -> DtlsClient:
    return DtlsClient(("127.0.0.1", port), IDENTITY, KEY, Random(7).randbytes, settings=settings, **more)


def our_server(settings: ServerSettings | None = None) -> DtlsServer:
    return DtlsServer({IDENTITY: KEY}.get, Random(8).randbytes, settings=settings)


def now() -> float:
    return time.monotonic()
