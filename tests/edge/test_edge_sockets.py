"""A module's sockets in a live lab: to real UDP and TCP peers where the user has routed, and nowhere else (D95)."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from free_ports import free_port

from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.edge.udp import Batch, UdpSocket
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World
from nbtwin.module.identity import Usim
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.modules import create_module
from nbtwin.timeline.facts import Obstacle, SegmentSeen
from nbtwin.timeline.ring import Timeline

pytestmark = pytest.mark.asyncio
LOOPBACK, SERVER = "127.0.0.1", "198.51.100.7"
"""The second is what the module believes in."""
Writer = asyncio.StreamWriter


class Host:
    """At a module of a live lab."""

    def __init__(self, world: World, live: LiveRuntime, model: str, name: str = "m") -> None:
        self.world, self.live = world, live
        card = Usim("001010123456789", "8986")
        module = create_module(name, PROFILES[model], MemoryStorage(), world.small_random(name), card)
        self.module: Module = module
        self.node: ModuleNode = world.add_module(name, module)
        self.said = ""
        self._changed = asyncio.Event()
        self.node.sinks.append(self._hear)

    def _hear(self, data: bytes) -> None:
        self.said += data.decode()
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def say(self, line: str, *awaited: str) -> str:
        """What comes until all of these have."""
        self.said = ""
        self.world.serial(self.node, line.encode() + b"\r")
        await self.until(lambda: all(each in self.said for each in awaited or ("OK\r\n",)))
        return self.said

    async def read(self, number: int, length: int) -> bytes:
        """So many bytes of a stream, as they come."""
        data = b""
        while len(data) < length:
            lines = (await self.say(f"AT+NSORF={number},1358")).split("\r\n")
            if any(line.startswith(f"{number},") for line in lines):
                data += bytes.fromhex(next(line for line in lines if line.startswith(f"{number},")).split(",")[4])
            else:
                await asyncio.sleep(0)
        return data


@asynccontextmanager
async def host(model: str = "BC28") -> AsyncIterator[Host]:
    world = live_world(timeline=Timeline())
    live = LiveRuntime(world)
    live.open()
    try:
        one = Host(world, live, model)
        world.perform(one.node, one.module.power_on)
        await live.advance(10)
        yield one
    finally:
        live.close()


@asynccontextmanager
async def tcp_server(serve: Callable[[asyncio.StreamReader, Writer], object]) -> AsyncIterator[int]:
    transports: list[asyncio.WriteTransport] = []

    async def handle(reader: asyncio.StreamReader, writer: Writer) -> None:
        transports.append(writer.transport)
        await serve(reader, writer)  # type: ignore[misc]

    server = await asyncio.start_server(handle, LOOPBACK, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for transport in transports:
            transport.abort()
        await server.wait_closed()
        await asyncio.sleep(0)  # what is aborted is closed behind this turn of the loop


async def echo(reader: asyncio.StreamReader, writer: Writer) -> None:
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    writer.close()


async def connect(one: Host, port: int, final: str = "OK\r\n") -> None:
    await one.live.route(f"{SERVER}:7={LOOPBACK}:{port}")
    await one.say("AT+NSOCR=STREAM,6,0,1")
    await one.say(f"AT+NSOCO=1,{SERVER},7", final)


async def test_a_datagram_goes_to_a_real_socket_and_the_answer_comes_from_the_servers_address() -> None:
    async with host() as one:

        def answer(udp: UdpSocket, batch: Batch) -> None:
            for source, data in batch:
                udp.send(source, data[::-1])

        peer = UdpSocket((LOOPBACK, 0), answer)
        try:
            await one.live.route(f"{SERVER}:5000={LOOPBACK}:{peer.address[1]}")
            await one.say("AT+NSONMI=2")
            await one.say("AT+NSOCR=DGRAM,17,0,1")
            await one.say(f"AT+NSOST=1,{SERVER},5000,3,414243,7", f"+NSONMI:1,{SERVER},5000,3,434241", "+NSOSTR:1,7,1")
        finally:
            peer.close()


async def test_thousands_of_bytes_go_through_the_kernels_tcp_and_back() -> None:
    data = bytes(range(256)) * 100
    async with host() as one, tcp_server(echo) as port:
        await connect(one, port)
        back = b""
        for at in range(0, len(data), 1024):
            await one.say(f"AT+NSOSD=1,1024,{data[at : at + 1024].hex()}")
            back += await one.read(1, len(data[at : at + 1024]))
        assert back == data
        await one.say("AT+NSOCL=1")


async def test_a_server_that_sends_faster_than_the_host_reads_is_slowed_down_and_loses_nothing() -> None:
    data = bytes(range(251)) * 400

    async def pour(reader: asyncio.StreamReader, writer: Writer) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    async with host() as one, tcp_server(pour) as port:
        await connect(one, port)
        await one.until(lambda: "+NSONMI:1," in one.said)
        dialect = PROFILES["BC28"].internet
        assert dialect is not None
        assert one.module.internet.sockets.of("host")[0].unread <= dialect.receive_buffer
        assert await one.read(1, len(data)) == data
        await one.until(lambda: "+NSOCLI:1" in one.said)


async def test_a_server_that_does_not_read_is_soon_noticed_and_has_all_that_was_taken_once_it_does() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        async with host() as one:
            await connect(one, server.getsockname()[1])
            taken = before = 0
            while taken < 1_000_000:  # left to itself the kernel takes megabytes
                one.said = ""
                one.world.serial(one.node, b"AT+NSOSD=1,1024," + b"5A" * 1024 + b"\r")
                await one.until(lambda: one.said.endswith(("OK\r\n", "ERROR\r\n")))
                if one.said.endswith("OK\r\n"):
                    taken += 1024
                elif taken == before:
                    break
                else:
                    before = taken
                    await one.live.advance(5)
            assert taken < 1_000_000
            there, _ = server.accept()
            reader, writer = await asyncio.open_connection(sock=there)
            assert await reader.readexactly(taken) == b"Z" * taken
            await one.say("AT+NSOCL=1")
            assert await reader.read() == b""
            writer.close()


async def test_a_port_without_a_listener_refuses() -> None:
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        async with host() as one:
            await one.say("AT+CMEE=1")
            await connect(one, free.getsockname()[1], "+CME ERROR: 516")


async def test_a_datagram_to_a_port_without_a_socket_is_not_told_and_the_socket_goes_on() -> None:
    """D211: the kernel's ICMP answer reaches no host."""
    closed = free_port()
    async with host() as one:
        await one.live.route(f"{SERVER}:5000={LOOPBACK}:{closed}")
        await one.say("AT+NSONMI=3")
        await one.say("AT+NSOCR=DGRAM,17,0,1")
        for number in range(1, 4):
            said = await one.say(f"AT+NSOST=1,{SERVER},5000,1,41,{number}", f"+NSOSTR:1,{number},1")
            assert "ERROR" not in said
        await one.say("AT+NSOST=1,192.0.2.20,7,1,42", "+NSONMI:1,1,42")


async def test_a_server_that_goes_away_is_told() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: Writer) -> None:
        await reader.read(1)
        writer.transport.abort()

    async with host() as one, tcp_server(hang_up) as port:
        await connect(one, port)
        await one.say("AT+NSOSD=1,1,41", "+NSOCLI:1")


async def test_a_close_finishes_the_connection_and_the_server_has_everything() -> None:
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: Writer) -> None:
        heard.set_result(await reader.read())
        writer.close()

    async with host() as one, tcp_server(listen) as port:
        await connect(one, port)
        await one.say("AT+NSOSD=1,3,414243")
        await one.say("AT+NSOCL=1")
        async with asyncio.timeout(60):
            assert await heard == b"ABC"


async def test_nothing_leaves_the_machine_that_was_not_routed() -> None:
    """The other side of the boundary: with a route it does, above."""
    async with host() as one:
        await one.say("AT+CMEE=1")
        await one.say("AT+NSOCR=STREAM,6,0,1")
        await one.say(f"AT+NSOCO=1,{SERVER},7", "+CME ERROR: 516")
        await one.say("AT+NSOCR=DGRAM,17,0,1")
        await one.say(f"AT+NSOST=2,{SERVER},7,1,41")
        await one.say(f"AT+NSOST=2,{LOOPBACK},7,1,41")
        assert one.world.timeline is not None
        facts = [entry.fact for entry in one.world.timeline.entries()]
        segments = [fact for fact in facts if isinstance(fact, SegmentSeen)]
        assert [fact.obstacle for fact in segments] == [Obstacle.NO_ROUTE]
        left = [fact for fact in facts if getattr(fact, "destination", ("", 0))[1] == 7]
        assert {getattr(fact, "obstacle", None) for fact in left} == {Obstacle.NO_ROUTE}


async def test_the_labs_own_peers_are_there_in_a_live_lab_too() -> None:
    async with host() as one:
        await one.say("AT+NSONMI=3")
        await one.say("AT+NSOCR=DGRAM,17,0,1")
        await one.say("AT+NSOST=1,192.0.2.20,7,2,4142", "+NSONMI:1,2,4142")
        await one.say("AT+NSOCR=STREAM,6,0,1")
        await one.say("AT+NSOCO=2,192.0.2.20,7")
        await one.say("AT+NSOSD=2,2,4344", "+NSONMI:2,2,4344")
        await one.say("AT+NPING=192.0.2.20", "+NPING:192.0.2.20,54,420")


async def test_a_lab_that_closes_leaves_no_connection_open() -> None:
    ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def wait(reader: asyncio.StreamReader, writer: Writer) -> None:
        with suppress(ConnectionResetError):
            await reader.read()
        ended.set_result(True)
        writer.close()

    async with tcp_server(wait) as port:
        async with host() as one:
            await connect(one, port)
        async with asyncio.timeout(60):
            assert await ended


async def test_faults_strike_live_sockets_as_they_do_simulated_ones() -> None:
    """D208: a datagram is lost, a piece of a stream is late, and the real server sees neither twice."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        while data := await reader.read(4096):
            heard.append(data)
            writer.write(data)

    def answer(udp: UdpSocket, batch: Batch) -> None:
        for source, data in batch:
            udp.send(source, data)

    peer = UdpSocket((LOOPBACK, 0), answer)
    try:
        async with host() as one, tcp_server(serve) as port:
            await connect(one, port)
            await one.live.route(f"{SERVER}:5000={LOOPBACK}:{peer.address[1]}")
            await one.say("AT+NSOCR=DGRAM,17,0,1")
            await one.say("AT+NSONMI=3")
            one.world.add_fault("loss,direction=up,packets=1")
            await one.say(f"AT+NSOST=2,{SERVER},5000,1,41")
            await one.say(f"AT+NSOST=2,{SERVER},5000,1,42", "+NSONMI:2,1,42")
            one.world.faults.clear()
            for fault in ("loss", "truncation", "error", "duplication", "reordering"):
                one.world.add_fault(f"{fault},direction=up,packets=1")
            await one.say("AT+NSOSD=1,2,4142")
            await one.live.advance(60)
            await one.until(lambda: "+NSONMI:1,2,4142" in one.said)
            one.world.faults.clear()
            await one.say("AT+NSOSD=1,2,4344", "+NSONMI:1,2,4344")
            assert heard == [b"AB", b"CD"]
    finally:
        peer.close()


async def test_sixty_six_connections_of_eleven_modules_and_none_is_mixed_up() -> None:
    async with host("BC25") as first, tcp_server(echo) as port:
        world, hosts = first.world, [first]
        for number in range(1, 11):
            hosts.append(one := Host(world, first.live, "BC25", f"m{number}"))
            world.perform(one.node, one.module.power_on)
        await first.live.advance(10)
        await first.live.route(f"{SERVER}:7={LOOPBACK}:{port}")
        for one in hosts:
            one.said = ""
            for label in range(6):
                world.serial(one.node, f'AT+QIOPEN=1,{label},"TCP","{SERVER}",7,0,1\r'.encode())
        for one in hosts:
            await one.until(lambda one=one: one.said.count(",0\r\n") == 6)  # type: ignore[misc]
        assert len(world.carrier.streams) == 66
        for at, one in enumerate(hosts):
            one.said = ""
            for label in range(6):
                text = f"<{at}.{label}>" * 50
                world.serial(one.node, f'AT+QISEND={label},{len(text)},"{text}"\r'.encode())
        for at, one in enumerate(hosts):
            for label in range(6):
                echoed = f'"recv",{label}\r\n' + f"<{at}.{label}>" * 50
                await one.until(lambda one=one, echoed=echoed: echoed in one.said)  # type: ignore[misc]
        for one in hosts:
            for label in range(6):
                world.serial(one.node, f"AT+QICLOSE={label}\r".encode())
        async with asyncio.timeout(60):
            while len(world.carrier.streams):
                await asyncio.sleep(0)
