"""A real module on a TCP port, registering over real UDP: with the lab's platform, and with a silent foreign server."""

import asyncio
import random
import socket
import time
from contextlib import suppress

import pytest

from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.edge.nvram_file import StateDirectory
from nbtwin.edge.serial_line import ModuleLine
from nbtwin.edge.serial_tcp import TcpPort
from nbtwin.edge.udp import Batch, UdpSocket
from nbtwin.lab.world import World
from nbtwin.module.identity import ModuleIdentity, Usim, imei_of
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage, Storage
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD, AppkeyStore
from nbtwin.profiles.models import profile
from nbtwin.selfreg.schedule import Operator

pytestmark = pytest.mark.asyncio
LOOPBACK = "127.0.0.1"


def fresh(world: World, storage: Storage | None = None) -> Module:
    data = profile("BC260Y-CN")
    identity = ModuleIdentity("one", imei_of("one"), data.firmware)
    return Module(data, identity, storage or MemoryStorage(), world.random("one"), Usim.of(Operator.MOBILE, "one"))


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: str) -> bytes:
    writer.write(line.encode() + b"\r\n")
    async with asyncio.timeout(60):
        return await reader.readuntil(b"\r\nOK\r\n")


async def test_a_module_on_a_tcp_port_registers_over_real_udp() -> None:
    world = live_world(seed=1)
    live = LiveRuntime(world)
    live.open()
    keys = AppkeyStore()
    keys.add(LAB_APPKEY, LAB_PASSWORD)
    live.add_platform("cmdmp", CmdmpPlatform(random.Random(1), keys), (LOOPBACK, 0), operator="cmdmp")
    module = fresh(world)
    node = world.add_module("one", module)
    port = await TcpPort.open(ModuleLine(world, node))
    try:
        world.perform(node, module.power_on)
        await live.advance(10)
        reader, writer = await asyncio.open_connection(*port.address)
        await ask(reader, writer, "ATE0")
        assert await ask(reader, writer, "AT+QDMPCFG=6") == b"\r\n+QDMPCFG: 6,6\r\n\r\nOK\r\n"
        await live.advance(86400)
        assert await ask(reader, writer, "AT+QDMPCFG=6") == b"\r\n+QDMPCFG: 6,11\r\n\r\nOK\r\n"
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    finally:
        port.close()
        live.close()


async def test_the_first_packets_leave_at_0_2_and_6_seconds_of_the_wall_clock() -> None:
    """DOC-C 2.2.3."""
    arrived: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    def silent(_: UdpSocket, batch: Batch) -> None:
        for _, data in batch:
            arrived.put_nowait((time.monotonic(), data))

    server = UdpSocket((LOOPBACK, 0), silent)
    world = live_world(seed=1)
    live = LiveRuntime(world)
    live.open()
    try:
        await live.route(f"117.161.2.41:5683={LOOPBACK}:{server.address[1]}")
        module = fresh(world)
        node = world.add_module("one", module)
        world.perform(node, module.power_on)
        await live.advance(3.9)  # boot and attach
        async with asyncio.timeout(60):
            got = [await arrived.get() for _ in range(3)]
    finally:
        live.close()
        server.close()
    assert [at - got[0][0] for at, _ in got] == pytest.approx([0, 2, 6], abs=0.9)  # neither 3 nor 9, on a busy machine
    assert got[0][1] == got[1][1] == got[2][1]


async def test_settings_survive_the_process(tmp_path: object) -> None:
    with StateDirectory(str(tmp_path)) as state:
        for boot in (1, 2):
            world = World(seed=1)
            module = fresh(world, state.nvram("one"))
            node = world.add_module("one", module)
            world.perform(node, module.power_on)
            world.run(5)
            if boot == 1:
                assert world.ask(node, "AT+QDMPCFG=1,117.161.2.7,5683,420") == ["OK"]
            else:
                assert world.ask(node, "AT+QDMPCFG=4,1") == ["+QDMPCFG: 1,117.161.2.7,5683,420", "OK"]


async def test_a_port_in_use_does_not_disturb_whoever_uses_it() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((LOOPBACK, 0))
        with pytest.raises(Exception, match="is in use"):
            UdpSocket(other.getsockname(), lambda *_: None)
        other.sendto(b"x", other.getsockname())
        other.settimeout(30)
        assert other.recv(10) == b"x"
