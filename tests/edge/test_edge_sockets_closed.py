"""What becomes of a real TCP peer that goes on when a module has closed its socket, and of a flood of nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.module.identity import Usim
from nbtwin.module.internet.dialect import InternetDialect
from nbtwin.module.internet.events import HOST, Transport
from nbtwin.module.internet.sockets import SocketTable
from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.modules import create_module
from nbtwin.timeline.ring import Timeline

LOOPBACK, SERVER = "127.0.0.1", "198.51.100.7"


@asynccontextmanager
async def closed_towards(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object], *lines: str
) -> AsyncIterator[LiveRuntime]:
    """A live lab whose module has connected to this server, has said this, and has closed its socket again."""
    server = await asyncio.start_server(serve, LOOPBACK, 0)  # type: ignore[arg-type]
    live = LiveRuntime(live_world(timeline=Timeline()))
    live.open()
    try:
        world = live.world
        card = Usim("001010123456789", "8986")
        module = create_module("m", PROFILES["BC28"], MemoryStorage(), world.small_random("m"), card)
        node = world.add_module("m", module)
        world.perform(node, module.power_on)
        await live.advance(10)
        await live.route(f"{SERVER}:7={LOOPBACK}:{server.sockets[0].getsockname()[1]}")
        for line in ("AT+NSOCR=STREAM,6,0,1", f"AT+NSOCO=1,{SERVER},7"):
            world.serial(node, line.encode() + b"\r")
        async with asyncio.timeout(60):
            while not any(socket.connected for socket in module.internet.sockets.of(HOST)):
                await asyncio.sleep(0)
        for line in (*lines, "AT+NSOCL=1"):
            world.serial(node, line.encode() + b"\r")
        yield live
    finally:
        live.close()
        server.close()
        await server.wait_closed()


@pytest.mark.asyncio
async def test_a_server_that_writes_on_and_on_to_a_closed_socket_is_reset() -> None:
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def write_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(bytes(10_000))
                await writer.drain()
        except OSError as error:
            ended.set_result(type(error).__name__)
        writer.close()

    async with closed_towards(write_on) as live, asyncio.timeout(60):
        assert await ended in ("ConnectionResetError", "BrokenPipeError")
        assert len(live.world.carrier.streams) == 0


@pytest.mark.asyncio
async def test_a_server_that_never_closes_keeps_no_connection_of_a_closed_socket() -> None:
    over = asyncio.Event()

    async def stay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()  # the module's end
            await over.wait()
        finally:
            writer.close()

    async with closed_towards(stay) as live:
        assert len(live.world.carrier.streams) == 1
        await live.advance(700)
        assert len(live.world.carrier.streams) == 0
        over.set()  # from 3.12 on a server that is closed waits for its connections


@pytest.mark.asyncio
@pytest.mark.parametrize("length", [3, 1358])
async def test_a_lab_that_ends_right_behind_a_close_ends_the_connection_in_order(length: int) -> None:
    """The server has everything, and then the end; no reset."""
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"unread")
        try:
            heard.set_result(await reader.read())
        except OSError as error:
            heard.set_exception(error)
        writer.close()

    async with closed_towards(listen, f"AT+NSOSD=1,{length},{'41' * length}"):
        pass
    async with asyncio.timeout(60):
        assert await heard == b"A" * length


def test_empty_datagrams_fill_a_socket_too() -> None:
    """They take no byte of its buffer, and none may wait without end."""
    table = SocketTable(InternetDialect(), frozenset())
    socket = table.open(HOST, 1, Transport.UDP, 4000)
    for _ in range(10_000):
        table.handle_packet(4000, (LOOPBACK, 9), b"")
    reads = 0
    while table.read(socket, 100) is not None:
        reads += 1
    assert 0 < reads < 1000
