"""What a module says before any host has opened its port is the first host's: whole, in order, once (D176)."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
import pytest_asyncio
import serial
from lab_peers import ToyModule

from nbtwin.edge.serial_line import ModuleLine
from nbtwin.edge.serial_port import KEPT, SerialPort
from nbtwin.edge.serial_pty import PtyPort
from nbtwin.edge.serial_rfc2217 import Rfc2217Port
from nbtwin.edge.serial_tcp import TcpPort
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.filterwarnings("ignore:set(Daemon|Name)\\(\\) is deprecated:DeprecationWarning"),  # in pyserial
]


class Bench:
    def __init__(self) -> None:
        self.world = World()
        self.module = ToyModule()
        self.node: ModuleNode = self.world.add_module("bc28", self.module)

    def says(self, text: bytes) -> bytes:
        """By itself; what a host reads of it."""
        self.world.perform(self.node, self.module.handle_packet, 1, ("192.0.2.1", 1), text)
        return b"\r\n+RECV: " + text + b"\r\n"


async def _pty(bench: Bench) -> SerialPort:
    return PtyPort(ModuleLine(bench.world, bench.node))


async def _tcp(bench: Bench) -> SerialPort:
    return await TcpPort.open(ModuleLine(bench.world, bench.node))


async def _rfc2217(bench: Bench) -> SerialPort:
    return await Rfc2217Port.open(ModuleLine(bench.world, bench.node))


Opening = Callable[[Bench], Awaitable[SerialPort]]
KINDS = pytest.mark.parametrize("kind", [_pty, _tcp, _rfc2217], ids=["pty", "tcp", "rfc2217"])


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest_asyncio.fixture
async def port(kind: Opening, bench: Bench) -> AsyncIterator[SerialPort]:
    opened = await kind(bench)
    yield opened
    opened.close()


@contextmanager
def pyserial(port: SerialPort) -> Iterator[serial.SerialBase]:
    """As host programs open a port: that throws away what has been received."""
    scheme, _, address = port.where.partition(":")
    url = {"tcp": f"socket://{address}", "rfc2217": f"rfc2217://{address}"}.get(scheme, port.where)
    line = serial.serial_for_url(url, timeout=30)
    try:
        yield line
    finally:
        line.close()


@KINDS
async def test_a_host_that_opens_the_port_late_reads_the_boot_text_first(port: SerialPort, bench: Bench) -> None:
    """It says nothing; what the module says behind its opening comes behind it."""
    expected = bench.says(b"RDY") + bench.says(b"+CFUN: 1")
    reads: asyncio.Queue[bytes] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def host() -> None:
        with pyserial(port) as line:
            for length in (len(expected), len(later)):
                loop.call_soon_threadsafe(reads.put_nowait, line.read(length))

    later = b"\r\n+RECV: later\r\n"
    running = asyncio.create_task(asyncio.to_thread(host))
    async with asyncio.timeout(30):
        assert await reads.get() == expected
        assert bench.says(b"later") == later
        assert await reads.get() == later
        await running
    assert port.lost == 0


@KINDS
async def test_the_first_answer_comes_behind_what_was_kept(port: SerialPort, bench: Bench) -> None:
    kept = bench.says(b"RDY")

    def host() -> bytes:
        with pyserial(port) as line:
            line.write(b"AT\r")
            return bytes(line.read(len(kept) + 6))

    assert await asyncio.to_thread(host) == kept + b"\r\nOK\r\n"


@KINDS
async def test_the_second_host_reads_nothing_of_it(port: SerialPort, bench: Bench) -> None:
    kept = bench.says(b"RDY")

    def host(length: int) -> bytes:
        with pyserial(port) as line:
            line.write(b"AT\r")
            return bytes(line.read(length))

    await asyncio.to_thread(host, len(kept) + 6)
    assert await asyncio.to_thread(host, 6) == b"\r\nOK\r\n"


@pytest.mark.parametrize("kind", [_pty], ids=["pty"])
async def test_who_opens_a_pty_and_leaves_at_once_was_no_host(port: SerialPort, bench: Bench) -> None:
    """`stty -F`, or a look at its speed."""
    kept = bench.says(b"RDY")
    os.close(os.open(port.where, os.O_RDWR | os.O_NOCTTY))

    def host() -> bytes:
        with pyserial(port) as line:
            return bytes(line.read(len(kept)))

    assert await asyncio.to_thread(host) == kept


@pytest.mark.parametrize("kind", [_tcp, _rfc2217], ids=["tcp", "rfc2217"])
async def test_who_looks_whether_a_tcp_port_is_open_was_no_host(port: SerialPort, bench: Bench) -> None:
    kept = bench.says(b"RDY")
    assert isinstance(port, TcpPort)
    left = asyncio.Event()
    was_told, port.handle_host_gone = port.handle_host_gone, lambda host: (was_told(host), left.set())  # type: ignore
    with socket.create_connection(port.address):
        pass
    async with asyncio.timeout(30):
        await left.wait()

    def host() -> bytes:
        with pyserial(port) as line:
            return bytes(line.read(len(kept)))

    assert await asyncio.to_thread(host) == kept


@pytest.mark.parametrize("kind", [_pty], ids=["pty"])
async def test_what_waits_is_bounded_and_begins_with_a_whole_line(port: SerialPort, bench: Bench) -> None:
    for number in range(2000):
        last = bench.says(b"%06d" % number)

    def host() -> bytes:
        with pyserial(port) as line:
            return bytes(line.read_until(last))

    text = await asyncio.to_thread(host)
    assert KEPT - 64 < len(text) <= KEPT
    numbers = [int(part.removeprefix(b"+RECV: ")) for part in text.split(b"\r\n") if part]
    assert numbers == list(range(numbers[0], 2000))
    assert port.lost == 2000 * len(last) - len(text)
