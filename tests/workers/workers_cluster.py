"""A PostgreSQL and a NATS server of one's own, and nodes over them that share one port (SO_REUSEPORT)."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from free_ports import free_port, free_ports
from running import Running

from benchmarks.postgres import NoServer, PrivateServer, private_server

PATIENCE = 30.0


class Nats:
    """A server on loopback, at one port for all of its lives."""

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"nats://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """If it does not run."""
        if self._process is not None:
            return
        command = ["nats-server", "-a", "127.0.0.1", "-p", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
        raise AssertionError("nats-server does not answer")

    def freeze(self) -> None:
        """Whoever is connected, or connects, hears nothing until `thaw`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def cut(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class Cluster:
    """Nodes by name, all at the same four ports: CMDMP's and Andlink's three, of which DTLS has the last."""

    def __init__(self, folder: Path, database: PrivateServer, nats: Nats) -> None:
        self.folder, self.database, self.nats = folder, database, nats
        self.port = free_ports(4)[0]
        self.plain, self.secure = self.port + 1, self.port + 3
        self.nodes: dict[str, Running] = {}

    def start(self, name: str, *more: str) -> Running:
        node = Running(
            "platform", "--ports", f"cmdmp={self.port},andlink={self.plain}", "--http", "127.0.0.1:0", "--node", name,
            "--nats", self.nats.url, "--database", self.database.url, *more, state=self.folder / name,
        )  # fmt: skip
        self.nodes[name] = node
        return node

    def kill(self, name: str) -> None:
        with self.nodes.pop(name) as node:
            node.kill()

    def stop(self, name: str) -> int:
        with self.nodes.pop(name) as node:
            return node.stop()

    def close(self) -> None:
        for name in tuple(self.nodes):
            self.kill(name)


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Without a node yet. PostgreSQL waits for the disk: tests crash it."""
    if shutil.which("nats-server") is None:
        pytest.skip("no nats-server here (Debian: apt-get install nats-server)")
    nats = Nats()
    with ExitStack() as closing_all:
        try:
            database = closing_all.enter_context(private_server(durable=True))
        except NoServer as reason:
            pytest.skip(str(reason))
        closing_all.callback(nats.cut)
        nats.start()
        made = Cluster(folder, database, nats)
        closing_all.callback(made.close)
        yield made


def get(node: Running, path: str, **asked: object) -> httpx.Response:
    return httpx.get(f"{node.console()}/api/v1/{path}", params=asked, timeout=60)


@contextmanager
def stream(node: Running, *types: str) -> Iterator[Iterator[tuple[str, Any]]]:
    """What a page hears of these types: each with its data."""
    where, asked = f"{node.console()}/api/v1/events", {"types": types}
    with httpx.stream("GET", where, params=asked, timeout=PATIENCE) as answer:
        lines = answer.iter_lines()
        while not next(lines).startswith("id:"):
            """It has not begun."""
        yield _events(lines)


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)


def wait_until_ready(node: Running, wanted: bool = True) -> dict[str, Any]:
    """What it says of itself then."""
    while (answer := get(node, "ready")).status_code != (200 if wanted else 503):
        """Not yet."""
    said: dict[str, Any] = answer.json()
    return said


def read(node: Running, device: str, path: str = "/3/0/0", wait: float = 0) -> httpx.Response:
    """Ask a device for a resource, through this node."""
    where = f"{node.console()}/api/v1/platforms/cmdmp/devices/{device}/operations"
    return httpx.post(where, json={"operation": "read", "path": path, "wait": wait}, timeout=60)
