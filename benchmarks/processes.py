"""Processes for benchmarks: `nbtwin` itself and the bare echoes it is compared with. All on loopback.

`NBTWIN_BENCH_TREE` names another tree of sources that servers are started from: an older one, or a compiled one.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbtwin.engine import Address
from nbtwin.runtime.errors import Failed, UsageRefusal

_TICKS = os.sysconf("SC_CLK_TCK")
SERVER_CPU = 0
"""The core of a server under load, where there are two: the generator has the last one."""

TCP_ECHO = """
import asyncio, sys
class Echo(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write(data)
async def main():
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


class Server:
    """A process that serves, from its `ready` line on; the CPU time it has used."""

    def __init__(
        self,
        command: list[str],
        *,
        pinned: bool = False,
        attended: bool = False,
        announced: bool = True,
        quiet: bool = False,
    ) -> None:
        """``pinned``: on one core. ``attended``: it ends when its standard input does. Not ``announced``: it says
        nothing when it is ready. ``quiet``: what it complains of is not shown."""
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if tree := os.environ.get("NBTWIN_BENCH_TREE"):
            environment["PYTHONPATH"] = str(Path(tree) / "src")
        command = ["taskset", "-c", str(SERVER_CPU), *command] if pinned and shutil.which("taskset") else command
        stdin = subprocess.PIPE if attended else subprocess.DEVNULL
        stderr = subprocess.DEVNULL if quiet else None
        self._process = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment
        )
        assert self._process.stdout is not None
        self.lines: list[str] = []
        self.pid = self._process.pid
        if not announced:
            return
        for line in self._process.stdout:
            self.lines.append(line.strip())
            if line.startswith("ready"):
                return
        raise Failed(UsageRefusal.FOREIGN, "bench", detail=f"{' '.join(command[:4])} did not start")

    def value(self, key: str) -> str:
        """Of `key=value` in one of the lines."""
        return next(
            word.partition("=")[2] for line in self.lines for word in line.split() if word.startswith(f"{key}=")
        )

    @property
    def udp(self) -> int:
        """The first UDP port of a platform."""
        return int(self.value("udp").rpartition(":")[2])

    @property
    def port(self) -> int:
        return int(self.lines[-1].split()[1])

    @property
    def cpu(self) -> float:
        """Seconds of CPU, user and system."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def cpu_together(self) -> float:
        """The same with the processes that it has, as long as they run."""
        stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self._pids]
        return sum(int(fields[11]) + int(fields[12]) for fields in stats) / _TICKS

    @property
    def _pids(self) -> list[str]:
        found = [str(self.pid)]
        for pid in found:  # and theirs: each worker of a platform has one that folds
            found += [
                child for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()
            ]
        return found

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def resident(self) -> float:
        """MiB, with the processes that it has."""
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in self._pids]
        lines = [line for status in statuses for line in status.splitlines() if line.startswith("VmRSS")]
        return sum(int(line.split()[1]) for line in lines) / 1024

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)
        if self._process.stdin is not None:
            self._process.stdin.close()
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def nbtwin(*arguments: str, pinned: bool = False) -> Iterator[Server]:
    server = Server([sys.executable, "-m", "nbtwin", *arguments], pinned=pinned)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def echo(source: str) -> Iterator[Address]:
    server = Server([sys.executable, "-c", source])
    try:
        yield "127.0.0.1", server.port
    finally:
        server.stop()


def connect(address: Address) -> socket.socket:
    connection = socket.create_connection(address, 10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
