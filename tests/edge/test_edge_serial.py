"""A module's serial line as a PTY and as a TCP port: hosts come, talk, go, and come back."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import serial
from lab_peers import ToyModule

from nbtwin.edge import serial_tcp
from nbtwin.edge.errors import EdgeError
from nbtwin.edge.serial_line import ModuleLine
from nbtwin.edge.serial_pty import PtyPort
from nbtwin.edge.serial_tcp import TcpPort
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World
from nbtwin.timeline.ring import Timeline

pytestmark = pytest.mark.asyncio


class Bench:
    def __init__(self) -> None:
        self.world = World(timeline=Timeline())
        self.module = ToyModule()
        self.node: ModuleNode = self.world.add_module("bc28", self.module)

    def prints(self, text: bytes) -> None:
        """The module says something by itself."""
        self.world.perform(self.node, self.module.handle_packet, 1, ("192.0.2.1", 1), text)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def dialogue(path: str, line: bytes, expected: bytes) -> bytes:
    """In a thread of its own, as a host program would: blocking, with a time limit."""
    with serial.Serial(path, timeout=30) as port:
        port.write(line)
        return bytes(port.read(len(expected)))


async def test_pyserial_talks_to_the_pty_again_and_again(bench: Bench) -> None:
    port = PtyPort(ModuleLine(bench.world, bench.node))
    try:
        for _ in range(3):
            assert await asyncio.to_thread(dialogue, port.where, b"AT\r", b"\r\nOK\r\n") == b"\r\nOK\r\n"
    finally:
        port.close()
    assert bench.node.sinks == []


async def test_a_host_that_sets_nothing_finds_the_line_raw(bench: Bench) -> None:
    port = PtyPort(ModuleLine(bench.world, bench.node))
    host = os.open(port.where, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(host, b"AT\r")
        assert await read_from(host, 6) == b"\r\nOK\r\n", "no echo, no line buffering, no CR to LF"
        bench.prints(bytes(range(256)))
        assert await read_from(host, 9 + 256 + 2) == b"\r\n+RECV: " + bytes(range(256)) + b"\r\n"
    finally:
        os.close(host)
        port.close()


async def read_from(fd: int, length: int) -> bytes:
    loop, got, changed = asyncio.get_running_loop(), bytearray(), asyncio.Event()

    def take() -> None:
        got.extend(os.read(fd, 4096))
        changed.set()

    loop.add_reader(fd, take)
    try:
        async with asyncio.timeout(60):
            while len(got) < length:
                changed.clear()
                await changed.wait()
    finally:
        loop.remove_reader(fd)
    return bytes(got)


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
async def test_what_the_module_says_between_two_hosts_is_lost_as_on_a_real_line(bench: Bench) -> None:
    port = PtyPort(ModuleLine(bench.world, bench.node))
    try:
        host = os.open(port.where, os.O_RDWR | os.O_NOCTTY)
        bench.prints(b"one")
        assert await read_from(host, 14) == b"\r\n+RECV: one\r\n"
        os.close(host)
        bench.prints(b"nor this")
        host = os.open(port.where, os.O_RDWR | os.O_NOCTTY)
        bench.prints(b"two")
        assert await read_from(host, 14) == b"\r\n+RECV: two\r\n"
        os.close(host)
        assert port.lost == len(b"\r\n+RECV: nor this\r\n")
    finally:
        port.close()


async def test_a_host_that_does_not_read_costs_bounded_memory(bench: Bench) -> None:
    port = PtyPort(ModuleLine(bench.world, bench.node))
    host = os.open(port.where, os.O_RDWR | os.O_NOCTTY)
    try:
        for _ in range(1000):
            bench.prints(b"x" * 1000)
        assert len(port._unread) <= 65536
        assert port.lost > 800_000
    finally:
        os.close(host)
        port.close()


async def test_a_stable_link_names_the_pty_and_goes_with_it(bench: Bench, tmp_path: Path) -> None:
    link = tmp_path / "bc28"
    link.symlink_to("/dev/null")  # left over by a process that was killed
    port = PtyPort(ModuleLine(bench.world, bench.node), link=str(link))
    assert os.readlink(link) == port.where
    assert await asyncio.to_thread(dialogue, port.where, b"AT\r", b"\r\nOK\r\n") == b"\r\nOK\r\n"
    port.close()
    assert not link.is_symlink()


async def test_a_link_never_replaces_a_file(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "bc28").write_text("precious")
    with pytest.raises(EdgeError, match="something that is not a link"):
        PtyPort(ModuleLine(bench.world, bench.node), link=str(tmp_path / "bc28"))
    assert (tmp_path / "bc28").read_text() == "precious"


async def test_a_host_process_that_dies_leaves_the_port_usable(bench: Bench) -> None:
    port = PtyPort(ModuleLine(bench.world, bench.node))
    code = "import os,sys; f=os.open(sys.argv[1],os.O_RDWR|os.O_NOCTTY); os.write(f,b'A'); os.kill(os.getpid(),9)"
    try:
        done = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", code, port.where], timeout=30, check=False
        )
        assert done.returncode == -9
        assert await asyncio.to_thread(dialogue, port.where, b"T\r", b"\r\nOK\r\n") == b"\r\nOK\r\n"
    finally:
        port.close()


# TCP


@asynccontextmanager
async def host(port: TcpPort) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(*port.address)
    try:
        async with asyncio.timeout(60):
            yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def test_a_tcp_host_talks_byte_by_byte_and_comes_back(bench: Bench) -> None:
    port = await TcpPort.open(ModuleLine(bench.world, bench.node))
    try:
        for _ in range(20):  # at once after closing: the line must be free again
            async with host(port) as (reader, writer):
                for byte in b"AT\r":
                    writer.write(bytes([byte]))
                assert await reader.readexactly(6) == b"\r\nOK\r\n"
    finally:
        port.close()


async def test_what_a_host_began_ends_with_its_connection(bench: Bench) -> None:
    """D140."""
    port = await TcpPort.open(ModuleLine(bench.world, bench.node))
    try:
        async with host(port) as (reader, writer):
            writer.write(b"AT+NONSE")
            await writer.drain()
        async with host(port) as (reader, writer):
            writer.write(b"AT\r")
            assert await reader.readexactly(6) == b"\r\nOK\r\n"
    finally:
        port.close()


async def test_pyserial_opens_the_tcp_port_by_url(bench: Bench) -> None:
    port = await TcpPort.open(ModuleLine(bench.world, bench.node))

    def talk() -> bytes:
        host, number = port.address
        with serial.serial_for_url(f"socket://{host}:{number}", timeout=30) as line:
            line.write(b"AT\r")
            return bytes(line.read(6))

    try:
        assert await asyncio.to_thread(talk) == b"\r\nOK\r\n"
    finally:
        port.close()


async def test_a_second_host_is_turned_away_and_the_first_one_is_not_disturbed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serial_tcp, "PATIENCE", 0.01)
    port = await TcpPort.open(ModuleLine(bench.world, bench.node))
    try:
        async with host(port) as (reader, writer):
            writer.write(b"AT\r")
            assert await reader.readexactly(6) == b"\r\nOK\r\n"
            async with host(port) as (other, other_writer):
                other_writer.write(b"AT+NONSENSE\r")
                with suppress(ConnectionResetError):
                    assert await other.read() == b""
            writer.write(b"AT\r")
            assert await reader.readexactly(6) == b"\r\nOK\r\n"
        assert bench.world.timeline is not None
        said = [entry.text() for entry in bench.world.timeline.reader.after()]
        assert f"a second host at {port.where} was refused" in said
        assert "AT+NONSENSE" not in said
    finally:
        port.close()


async def test_the_next_host_gets_the_line_as_soon_as_the_first_one_leaves(bench: Bench) -> None:
    port = await TcpPort.open(ModuleLine(bench.world, bench.node))
    try:
        async with host(port) as (_, first), host(port) as (reader, second):
            second.write(b"AT\r")
            first.close()
            assert await reader.readexactly(6) == b"\r\nOK\r\n"
    finally:
        port.close()


async def test_a_tcp_host_that_does_not_read_costs_bounded_memory(bench: Bench) -> None:
    port = await TcpPort.open(ModuleLine(bench.world, bench.node))
    try:
        async with host(port) as (reader, writer):
            writer.write(b"AT\r")
            assert await reader.readexactly(6) == b"\r\nOK\r\n"
            writer.transport.pause_reading()
            for _ in range(400):
                bench.prints(b"x" * 60_000)
            assert port._host is not None
            assert port._host.buffered < 400_000
            assert port.lost > 0
    finally:
        port.close()


async def test_a_busy_tcp_port_is_one_clear_line(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        number = busy.getsockname()[1]
        with pytest.raises(EdgeError, match=rf"^TCP port {number} on 127\.0\.0\.1 is in use$"):
            await TcpPort.open(ModuleLine(bench.world, bench.node), "127.0.0.1", number)
    assert bench.node.sinks == []


async def test_a_host_that_sends_thousands_of_lines_at_once_does_not_stop_the_lab(bench: Bench) -> None:
    port = await TcpPort.open(ModuleLine(bench.world, bench.node))
    turns, loop = 0, asyncio.get_running_loop()

    def count() -> None:
        nonlocal turns
        turns += 1
        loop.call_soon(count)

    reader, writer = await asyncio.open_connection(*port.address)
    try:
        writer.write(b"AT\r" * 10_000)
        await writer.drain()
        loop.call_soon(count)
        async with asyncio.timeout(60):
            assert await reader.readexactly(60_000) == b"\r\nOK\r\n" * 10_000
        assert turns >= 20, "whoever else waits has its turn between the lines"
    finally:
        writer.close()
        port.close()
