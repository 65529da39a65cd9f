"""A live world: whole modules on real UDP sockets of the loopback interface, and peers that share no code with us."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiocoap
import aiocoap.resource
import pytest
from aiocoap.message import Direction
from free_ports import free_port

from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.edge.udp import Batch, UdpSocket
from nbtwin.engine import Address, Seconds
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World
from nbtwin.module.identity import ModuleIdentity, Usim, imei_of
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import deliver
from nbtwin.selfreg.schedule import Operator

LOOPBACK = "127.0.0.1"
PATIENCE = 30.0
PUBLIC = {Operator.MOBILE: "117.161.2.41", Operator.TELECOM: "192.0.2.10", Operator.UNICOM: "114.255.193.236"}
"""Where modules of each operator go (docs/spec/wire.md, Names and addresses)."""


class LiveLab:
    """Modules of any model, in one world on the wall clock."""

    def __init__(self) -> None:
        self.world: World = live_world(seed=1)
        self.live = LiveRuntime(self.world)

    def add(self, name: str, model: str, operator: Operator, *settings: str) -> ModuleNode:
        profile = PROFILES[model]
        identity = ModuleIdentity(name, imei_of(name), profile.firmware)
        storage = MemoryStorage(deliver(profile, profile.firmware, settings))
        module = Module(profile, identity, storage, self.world.random(name), Usim.of(operator, name))
        return self.world.add_module(name, module)

    async def route(self, operator: Operator, port: int) -> None:
        await self.live.route(f"{PUBLIC[operator]}:5683={LOOPBACK}:{port}")

    def power_on(self) -> None:
        for node in self.world.modules.values():
            self.world.perform(node, node.module.power_on)

    def name_of(self, source: Address) -> str:
        """Which module's socket a datagram came from."""
        owner = self.world.network.owner(source)
        assert owner is not None, f"{source} is nobody's"
        return owner[0]


@asynccontextmanager
async def live_lab() -> AsyncIterator[LiveLab]:
    lab = LiveLab()
    lab.live.open()
    try:
        yield lab
    finally:
        lab.live.close()


class Arrived(NamedTuple):
    at: Seconds  # of the machine's monotonic clock
    source: Address
    data: bytes


class SilentServer:
    """A UDP socket that hears everything and says nothing."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[Arrived] = asyncio.Queue()
        self.udp = UdpSocket((LOOPBACK, 0), self._hear)

    def _hear(self, udp: UdpSocket, batch: Batch) -> None:
        now = time.monotonic()
        for source, data in batch:
            self.arrived.put_nowait(Arrived(now, source, data))

    async def take(self, count: int) -> list[Arrived]:
        async with asyncio.timeout(PATIENCE):
            return [await self.arrived.get() for _ in range(count)]


class Answering(aiocoap.resource.Resource):
    """A resource of aiocoap's server that answers every POST with the same."""

    def __init__(self, **answer: Any) -> None:
        super().__init__()
        self.answer = answer

    async def render_post(self, request: aiocoap.Message) -> aiocoap.Message:
        return aiocoap.Message(**self.answer)


class ForeignSite(aiocoap.resource.Site):
    """aiocoap's server, and each request that came, as aiocoap encodes what it has understood."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: asyncio.Queue[tuple[aiocoap.Message, bytes]] = asyncio.Queue()

    async def render_to_pipe(self, pipe: Any) -> None:
        request = pipe.request
        request.direction = Direction.OUTGOING  # it encodes nothing else
        self.heard.put_nowait((request, request.encode()))
        request.direction = Direction.INCOMING
        await super().render_to_pipe(pipe)

    async def next(self) -> tuple[aiocoap.Message, bytes]:
        async with asyncio.timeout(PATIENCE):
            return await self.heard.get()


@asynccontextmanager
async def aiocoap_server(site: aiocoap.resource.Site) -> AsyncIterator[tuple[aiocoap.Context, int]]:
    port = free_port()
    context = await aiocoap.Context.create_server_context(site, bind=(LOOPBACK, port), transports=["udp6"])
    try:
        yield context, port
    finally:
        await context.shutdown()


class LibcoapServer:
    """libcoap's own server, which takes a POST to any path and prints each message that it hears."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process, self.port = process, port
        self.lines: list[str] = []

    async def until(self, condition: Callable[[str], bool]) -> str:
        """The first line, of those that came or will come, that is meant."""
        assert self.process.stdout is not None
        seen = 0
        async with asyncio.timeout(PATIENCE):
            while True:
                for line in self.lines[seen:]:
                    if condition(line):
                        return line
                seen = len(self.lines)
                line = (await self.process.stdout.readline()).decode(errors="replace").rstrip()
                if not line and self.process.stdout.at_eof():
                    raise AssertionError("libcoap's server has ended:\n" + "\n".join(self.lines))
                self.lines.append(line)


@asynccontextmanager
async def libcoap_server() -> AsyncIterator[LibcoapServer]:
    program = next(filter(None, (shutil.which(f"coap-server{build}") for build in ("-notls", "-openssl", ""))), None)
    if program is None:
        pytest.skip("libcoap's coap-server is not installed (Debian: libcoap3-bin)")
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        program, "-A", LOOPBACK, "-p", str(port), "-v", "8", "-d", "10",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    server = LibcoapServer(process, port)
    try:
        await server.until(lambda line: "created UDP" in line)
        yield server
    finally:
        process.kill()
        await process.communicate()
