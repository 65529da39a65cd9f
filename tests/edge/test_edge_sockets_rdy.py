"""The sockets and the time of the RDY families in a live lab: against real TCP, UDP and SNTP peers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from test_edge_sockets import LOOPBACK, SERVER, Host, Writer, echo, host, tcp_server

from nbtwin.module.internet import ntp

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
        async with asyncio.timeout(20):
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
