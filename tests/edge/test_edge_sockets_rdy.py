"""The sockets and the time of the RDY families in a live lab: against real TCP, UDP and SNTP peers."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from free_ports import free_port
from test_edge_sockets import LOOPBACK, SERVER, Host, Writer, echo, host, tcp_server

from nbtwin.module.internet import ntp
from nbtwin.module.internet.events import SocketListening

pytestmark = pytest.mark.asyncio
EVERY = pytest.mark.parametrize(
    ("model", "context", "send", "received"),
    [
        ("BC26", 1, "QISEND", '"recv",{number},5\r\n{text}\r\n'),
        ("BC260Y-CN", 0, "QISEND", '"recv",{number},5,"{text}"\r\n'),
        ("BC25", 1, "QISEND", '"recv",{number}\r\n{text}\r\n'),
    ],
)


class Answering(asyncio.DatagramProtocol):
    """A real UDP peer that answers each datagram."""

    def __init__(self, answer: Callable[[bytes], bytes | None]) -> None:
        self.answer = answer

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if (answer := self.answer(data)) is not None:
            self.transport.sendto(answer, addr)


@asynccontextmanager
async def udp_peer(answer: Callable[[bytes], bytes | None]) -> AsyncIterator[int]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: Answering(answer), (LOOPBACK, 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


async def opened(one: Host, context: int, number: int, service: str, port: int) -> None:
    await one.live.route(f"{SERVER}:7={LOOPBACK}:{port}")
    await one.say(f'AT+QIOPEN={context},{number},"{service}","{SERVER}",7,0,1', f"+QIOPEN: {number},0")


@EVERY
async def test_a_real_tcp_peer_echoes_and_sees_the_module_close(
    model: str, context: int, send: str, received: str
) -> None:
    closed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        await echo(reader, writer)
        closed.set()

    async with tcp_server(serve) as port, host(model) as one:
        await opened(one, context, 0, "TCP", port)
        await one.say(f'AT+{send}=0,5,"hello"', "SEND OK", "+QIURC: " + received.format(number=0, text="hello"))
        await one.say("AT+QICLOSE=0", "CLOSE OK")
        async with asyncio.timeout(60):
            await closed.wait()


@EVERY
async def test_a_real_udp_peer_echoes(model: str, context: int, send: str, received: str) -> None:
    async with udp_peer(lambda data: data) as port, host(model) as one:
        await opened(one, context, 1, "UDP", port)
        await one.say(f'AT+{send}=1,5,"world"', "SEND OK", "+QIURC: " + received.format(number=1, text="world"))


@EVERY
async def test_the_time_comes_from_a_real_server(model: str, context: int, send: str, received: str) -> None:
    new_year = 1_893_456_000  # 2030-01-01 00:00:00 UTC: no clock of this computer says so
    async with udp_peer(lambda data: ntp.answer(data, new_year)) as port, host(model) as one:
        await one.live.route(f"{SERVER}:123={LOOPBACK}:{port}")
        assert '+QNTP: 0,"30/01/01,00:00:0' in await one.say(f'AT+QNTP={context},"{SERVER}"', "+QNTP: 0,", '"\r\n')
        clock = await one.say("AT+CCLK?")
        assert ('"30/01/01,08:00' in clock) == (model != "BC260Y-CN")  # that one sets its clock only when it is told to


# Listening (D209)


async def listens(one: Host, port: int = 0, *, mode: int = 1) -> tuple[int, int]:
    """The module's port, and the one of loopback at which a program reaches it, as the timeline tells."""
    port = port or free_port()
    await one.say(f'AT+QIOPEN=1,0,"TCP LISTENER","0.0.0.0",1,{port},{mode}', "+QIOPEN: 0,0")
    assert one.world.timeline is not None
    told = [entry.fact for entry in one.world.timeline.entries() if isinstance(entry.fact, SocketListening)]
    assert told[-1].address[0] == LOOPBACK
    return port, told[-1].address[1]


async def test_a_real_client_connects_to_a_listening_module() -> None:
    async with host("BC25") as one:
        port, outside = await listens(one)
        assert outside == port, "the module's own port, for it was free"
        reader, writer = await asyncio.open_connection(LOOPBACK, outside)
        source = writer.get_extra_info("sockname")[1]
        await one.until(lambda: f'+QIURC: "incoming",5,0,"{LOOPBACK}",{source}\r\n' in one.said)
        writer.write(b"to the module")
        await one.until(lambda: '+QIURC: "recv",5\r\nto the module\r\n' in one.said)
        await one.say("AT+QISEND=5,4,back", "SEND OK")
        async with asyncio.timeout(60):
            assert await reader.readexactly(4) == b"back"
            await one.say("AT+QICLOSE=5", "CLOSE OK")
            assert await reader.read() == b"", "its end, and no reset"
        writer.close()
        await writer.wait_closed()


async def test_a_client_that_ends_first_and_a_listener_that_is_closed() -> None:
    async with host("BC25") as one:
        _, outside = await listens(one)
        _, writer = await asyncio.open_connection(LOOPBACK, outside)
        writer.write(b"short")
        writer.write_eof()
        await one.until(lambda: "short" in one.said and '+QIURC: "closed",5' in one.said)
        await one.say("AT+QICLOSE=0", "CLOSE OK")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(LOOPBACK, outside)
        writer.close()
        await writer.wait_closed()


async def test_one_client_too_many_is_taken_and_ended() -> None:
    async with host("BC25") as one:
        _, outside = await listens(one)
        writers = []
        for number in (5, 4, 3, 2, 1):
            _, writer = await asyncio.open_connection(LOOPBACK, outside)
            writers.append(writer)
            await one.until(lambda number=number: f'"incoming",{number},0' in one.said)  # type: ignore[misc]
        reader, writer = await asyncio.open_connection(LOOPBACK, outside)
        await one.until(lambda: '"incoming full"' in one.said)
        async with asyncio.timeout(60):
            assert await reader.read() == b""
        for each in (*writers, writer):
            each.close()
            await each.wait_closed()


async def test_a_port_that_another_program_has_is_replaced_and_told() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        async with host("BC25") as one:
            port, outside = await listens(one, taken.getsockname()[1])
            assert outside != port
            _, writer = await asyncio.open_connection(LOOPBACK, outside)
            await one.until(lambda: '"incoming",5,0' in one.said)
            writer.close()
            await writer.wait_closed()


async def test_a_client_that_floods_waits_for_the_host_and_nothing_is_lost() -> None:
    """In buffer mode the module keeps what it has room for; the kernel's window does the rest."""
    data = bytes(range(97, 123)) * 4000
    async with host("BC25") as one:
        _, outside = await listens(one, mode=0)
        _, writer = await asyncio.open_connection(LOOPBACK, outside)
        writer.write(data)
        writer.write_eof()
        await one.until(lambda: '"recv",5' in one.said)
        dialect, read = one.module.profile.internet, ""
        assert dialect is not None
        while len(read) < len(data):
            assert all(each.unread <= dialect.receive_buffer for each in one.module.internet.sockets.of("host"))
            lines = (await one.say("AT+QIRD=5,1024")).split("\r\n")
            head = next(place for place, line in enumerate(lines) if line.startswith("+QIRD: "))
            if lines[head] != "+QIRD: 0":
                read += lines[head + 1]
            else:
                await asyncio.sleep(0)
        assert read.encode() == data
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("how", ["reset", "power_off", "remove"])
async def test_a_module_that_stops_gives_its_port_back_and_resets_who_has_come(how: str) -> None:
    async with host("BC25") as one:
        _, outside = await listens(one)
        reader, writer = await asyncio.open_connection(LOOPBACK, outside)
        await one.until(lambda: '"incoming",5,0' in one.said)
        if how == "remove":
            one.world.remove("m")
        else:
            one.world.perform(one.node, getattr(one.module, how))
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(LOOPBACK, outside)
        async with asyncio.timeout(60):
            with pytest.raises(ConnectionResetError):
                await reader.read()
        writer.close()
        with suppress(ConnectionResetError):
            await writer.wait_closed()
        assert len(one.world.carrier.streams) == 0


async def test_a_flood_of_clients_that_never_close_fills_nothing() -> None:
    """Five have a number; the others are ended at once, and reset ten seconds later."""
    async with host("BC25") as one:
        _, outside = await listens(one)
        one.said, writers = "", []
        for _ in range(60):
            _, writer = await asyncio.open_connection(LOOPBACK, outside)
            writers.append(writer)
        await one.until(lambda: one.said.count('"incoming",') == 5 and one.said.count('"incoming full"') == 55)
        assert await one.say("AT")
        await one.live.advance(11)
        assert len(one.world.carrier.streams) == 5
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)
