"""The module's engines against aiocoap over real UDP: it sees the bytes of docs/spec/wire.md, Overview."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiocoap
import aiocoap.resource
import pytest
from free_ports import free_port
from test_selfreg_cmdmp_client import CONFIG

from nbtwin.engine import Address, Service
from nbtwin.lwm2m.content import tlv
from nbtwin.selfreg.cmdmp import DmpState, decrypt, key_of
from nbtwin.selfreg.cmdmp_client import CmdmpClient, CmdmpConfig
from nbtwin.selfreg.machine import SelfRegistration, SelfRegistrationState
from nbtwin.selfreg.payloads import SUCCESS, accepted, parse_payload, telecom_request
from nbtwin.selfreg.schedule import RoundSchedule

pytestmark = pytest.mark.asyncio


class Recorder(aiocoap.resource.Resource):
    """A resource that answers every POST with the same and keeps what came."""

    def __init__(self, **answer: Any) -> None:
        super().__init__()
        self.answer = answer
        self.received: list[aiocoap.Message] = []

    async def render_post(self, request: aiocoap.Message) -> aiocoap.Message:
        self.received.append(request)
        return aiocoap.Message(**self.answer)


class Driver(asyncio.DatagramProtocol):
    """A service on a socket of its own: inputs in, outputs drained, deadlines kept."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.loop = asyncio.get_running_loop()
        self.timer: asyncio.TimerHandle | None = None
        self.transport: asyncio.DatagramTransport | None = None
        self.moved = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.service.handle_datagram(self.loop.time(), (addr[0], addr[1]), data)
        self.drain()

    def drain(self) -> None:
        assert self.transport is not None
        for peer, data in self.service.datagrams_to_send():
            self.transport.sendto(data, peer)
        if self.timer is not None:
            self.timer.cancel()
        self.moved.set()
        deadline = self.service.next_deadline()
        self.timer = None if deadline is None else self.loop.call_at(deadline.at, self.tick)

    def tick(self) -> None:
        self.service.handle_timer(self.loop.time())
        self.drain()

    def close(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
        assert self.transport is not None
        self.transport.close()


@asynccontextmanager
async def foreign_server(site: aiocoap.resource.Site) -> AsyncIterator[tuple[aiocoap.Context, int]]:
    """On a free port of loopback."""
    port = free_port()
    context = await aiocoap.Context.create_server_context(site, bind=("127.0.0.1", port), transports=["udp6"])
    try:
        yield context, port
    finally:
        await context.shutdown()


@asynccontextmanager
async def driven(service: Service) -> AsyncIterator[tuple[Driver, int]]:
    loop = asyncio.get_running_loop()
    transport, driver = await loop.create_datagram_endpoint(lambda: Driver(service), local_addr=("127.0.0.1", 0))
    try:
        yield driver, transport.get_extra_info("sockname")[1]
    finally:
        driver.close()


async def until(driver: Driver, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            driver.moved.clear()
            await driver.moved.wait()


def config(port: int) -> CmdmpConfig:
    return replace(CONFIG, server="127.0.0.1", port=port)


async def test_a_foreign_server_takes_the_registration_and_reads_object_666() -> None:
    site, rd = aiocoap.resource.Site(), Recorder(code=aiocoap.CREATED, location_path=["rd", "77"])
    site.add_resource(["rd"], rd)
    async with foreign_server(site) as (context, port):
        client = CmdmpClient(config(port), random.Random(1))
        async with driven(client) as (driver, local_port):
            client.handle_attached(driver.loop.time())
            driver.drain()
            await until(driver, lambda: client.state is DmpState.REG_SUCCESS)
            (request,) = rd.received
            assert request.opt.uri_query[0] == "lwm2m=1.0"
            assert request.opt.uri_query[2:] == ("b=U", "lt=90000")
            assert request.opt.content_format == 40
            assert request.payload == b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</666/0>'
            reading = aiocoap.Message(code=aiocoap.GET, uri=f"coap://127.0.0.1:{local_port}/666/0")
            answer = await asyncio.wait_for(context.request(reading).response, 60)
            assert answer.code == aiocoap.CONTENT
            mac = next(entry for entry in tlv.decode(answer.payload) if entry.id == 6603)
            assert decrypt(mac.value.decode(), key_of(CONFIG.password)) == "00-01-6C-06-A6-29"


async def test_a_foreign_server_takes_the_telecom_report() -> None:
    site, nb = aiocoap.resource.Site(), Recorder(code=aiocoap.CHANGED, payload=SUCCESS)
    site.add_resource(["nb"], nb)
    async with foreign_server(site) as (_, port):
        request = telecom_request("863703030822519", "QUE-BC25", "BC25PAR01A04", "8986", "46011")
        service = SelfRegistration(
            RoundSchedule(waits=(3, 6, 12, 24, 48), rounds=3), "127.0.0.1", port, request, accepted, random.Random(1)
        )
        async with driven(service) as (driver, _):
            service.handle_attached(driver.loop.time())
            driver.drain()
            await until(driver, lambda: service.state is SelfRegistrationState.DONE)
            assert nb.received[0].opt.uri_host == "zzhc.vnet.cn"
            assert nb.received[0].opt.content_format == 50
            assert parse_payload(nb.received[0].payload).model == "QUE-BC25"
