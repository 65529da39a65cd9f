"""Processes for benchmarks: `nbtwin` itself and the bare echoes it is compared with. All on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbtwin.engine import Address
from nbtwin.runtime.errors import Failed, UsageRefusal

_TICKS = os.sysconf("SC_CLK_TCK")

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
UDP_ECHO = """
import asyncio, socket
async def main():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    udp.bind(("127.0.0.1", 0))
    udp.setblocking(False)
    def read():
        try:
            for _ in range(64):
                udp.sendto(*udp.recvfrom(65535))
        except BlockingIOError:
            pass
    asyncio.get_running_loop().add_reader(udp, read)
    print("ready", udp.getsockname()[1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


class Server:
    """A process that serves, from its `ready` line on; the CPU time it has used."""

    def __init__(self, command: list[str]) -> None:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self._process.stdout is not None
        self.lines: list[str] = []
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
    def port(self) -> int:
        return int(self.lines[-1].split()[1])

    @property
    def cpu(self) -> float:
        """Seconds of CPU, user and system."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def nbtwin(*arguments: str) -> Iterator[Server]:
    server = Server([sys.executable, "-m", "nbtwin", *arguments])
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
