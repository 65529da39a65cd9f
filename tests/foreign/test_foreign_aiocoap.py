"""aiocoap on either side: an LwM2M client made of it at our Andlink platform, and an LwM2M server made of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiocoap
import aiocoap.resource
import pytest
from aiocoap.numbers.codes import Code
from foreign_lab import foreign_lab, free_ports, platform_lab

from nbtwin.lwm2m.content import tlv
from nbtwin.lwm2m.firmware.package import pack
from nbtwin.operators import events as ev
from nbtwin.operators.key_store.psk import PskStore

pytestmark = pytest.mark.asyncio
TEXT, LINKS, OPAQUE, TLV = 0, 40, 42, 11542
READING = b'[{"n":"19/1/0","p1":"v1"}]'  # DOC-E 6.1
LARGE = "".join(f"{number:05d}\n" for number in range(600))


class Value(aiocoap.resource.ObservableResource):
    """Something to read, write and observe."""

    def __init__(self, value: bytes, content_format: int = TEXT) -> None:
        super().__init__()
        self.value, self.format = value, content_format

    async def render_get(self, request: aiocoap.Message) -> aiocoap.Message:
        return aiocoap.Message(payload=self.value, content_format=self.format)

    async def render_put(self, request: aiocoap.Message) -> aiocoap.Message:
        self.value = request.payload
        return aiocoap.Message(code=aiocoap.CHANGED)


class Recorder(aiocoap.resource.Resource):
    """Answers every POST and DELETE with the same, and keeps what came."""

    def __init__(self, **answer: Any) -> None:
        super().__init__()
        self.answer = answer
        self.received: list[aiocoap.Message] = []

    async def render_post(self, request: aiocoap.Message) -> aiocoap.Message:
        self.received.append(request)
        return aiocoap.Message(**self.answer)

    async def render_delete(self, request: aiocoap.Message) -> aiocoap.Message:
        self.received.append(request)
        return aiocoap.Message(code=aiocoap.DELETED)


class Peer:
    """A server and a client on one port of the loopback interface."""

    def __init__(self, context: aiocoap.Context, port: int) -> None:
        self.context, self.port = context, port

    def request(self, code: Code, port: int, path: str, **more: Any) -> Any:
        message = aiocoap.Message(code=code, uri=f"coap://127.0.0.1:{port}{path}", **more)
        return self.context.request(message)

    async def ask(self, code: Code, port: int, path: str, **more: Any) -> aiocoap.Message:
        return await asyncio.wait_for(self.request(code, port, path, **more).response, 60)


@asynccontextmanager
async def peer(**resources: aiocoap.resource.Resource) -> AsyncIterator[Peer]:
    """``rd__a1`` is /rd/a1."""
    site = aiocoap.resource.Site()
    for path, resource in resources.items():
        site.add_resource(path.removeprefix("_").split("__"), resource)
    (port,) = free_ports(1)
    context = await aiocoap.Context.create_server_context(site, bind=("127.0.0.1", port), transports=["udp6"])
    try:
        yield Peer(context, port)
    finally:
        await context.shutdown()


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-101", "LightweightM2M-1.0-int-102", "LightweightM2M-1.0-int-103",
    "LightweightM2M-1.0-int-201", "LightweightM2M-1.0-int-303", role="server", peer="aiocoap",
)  # fmt: skip
async def test_a_client_made_of_aiocoap_registers_and_is_driven_by_the_platform() -> None:
    name = "867724036000016"
    manufacturer, data = Value(b"aiocoap"), Value(b"first", OPAQUE)
    async with platform_lab(keys=PskStore()) as lab, peer(_3__0__0=manufacturer, _19__1__0=data) as client:
        path = f"/rd?lwm2m=1.0&ep={name}&b=U&lt=300"
        answer = await client.ask(aiocoap.POST, lab.port, path, payload=b"</3/0>,</19/1>", content_format=LINKS)
        assert answer.code == aiocoap.CREATED
        location = "/" + "/".join(answer.opt.location_path)
        await lab.happened(ev.ObservationStarted, path="/19/1/0")

        assert (await lab.operate("read", name, "/3/0/0")).value == "aiocoap"
        assert (await lab.operate("write", name, "/3/0/0", LARGE)).response_code == "2.04"  # in blocks
        assert manufacturer.value == LARGE.encode()
        assert (await lab.operate("read", name, "/3/0/0")).value == LARGE
        assert (await lab.operate("read", name, "/3/0/1")).response_code == "4.04"

        data.value = b"second"
        data.updated_state()
        received = await lab.happened(ev.DataReceived)
        assert (received.payload, received.way) == (b"second", "notification")
        assert (await lab.operate("cancel", name, "/19/1/0")).response_code == "2.05"

        posted = await client.ask(aiocoap.POST, lab.port, f"/dp?ep={name}", payload=LARGE.encode(), content_format=TEXT)
        assert posted.code == aiocoap.CHANGED
        assert (await lab.happened(ev.DataReceived, way="post")).payload == LARGE.encode()
        assert (await client.ask(aiocoap.POST, lab.port, f"{location}?lt=600")).code == aiocoap.CHANGED
        assert (await client.ask(aiocoap.DELETE, lab.port, location)).code == aiocoap.DELETED
        assert (await client.ask(aiocoap.POST, lab.port, location)).code == aiocoap.NOT_FOUND


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-101", "LightweightM2M-1.0-int-103", "LightweightM2M-1.0-int-201",
    "LightweightM2M-1.0-int-203", "LightweightM2M-1.0-int-205", "LightweightM2M-1.0-int-755", role="client",
    peer="aiocoap",
)  # fmt: skip
async def test_the_module_is_driven_by_a_server_made_of_aiocoap() -> None:
    imei = "867724036000024"
    created = Recorder(code=aiocoap.CREATED, location_path=("rd", "a1"))
    changed, data = Recorder(code=aiocoap.CHANGED), Recorder(code=aiocoap.CHANGED)
    async with peer(rd=created, rd__a1=changed, dp=data) as server:
        lines = (f'AT+QLASERVERIP="LWM2M","127.0.0.1",{server.port}',)
        async with foreign_lab(modules={imei: lines}) as lab:
            await lab.ask(imei, "AT+QLASREGIND=0")
            await lab.heard(imei, r"^\+QLAEVTIND:0$")
            (register,) = created.received
            assert register.opt.uri_query == ("lwm2m=1.0", f"ep={imei}", "b=U", "lt=86400")
            module = register.remote.sockaddr[1]

            await lab.ask(imei, f"AT+QLASENDDATA=0x0100,{len(READING)}", READING)  # nobody observes: POST
            await lab.heard(imei, r"^\+QLADATASTATUS:4$")
            assert [request.payload for request in data.received] == [READING]

            assert (await server.ask(aiocoap.GET, module, "/3/0/0", accept=TEXT)).payload == b"Quectel"
            device = tlv.decode((await server.ask(aiocoap.GET, module, "/3/0")).payload)
            assert device[1].value == b"BC28"
            assert (await server.ask(aiocoap.GET, module, "/3/0/99")).code == aiocoap.NOT_FOUND
            lifetime = await server.ask(aiocoap.PUT, module, "/1/0/1", payload=b"600", content_format=TEXT)
            assert lifetime.code == aiocoap.CHANGED
            await lab.heard(imei, r"^\+QLAEVTIND:2$")
            assert changed.received[0].opt.uri_query == ("lt=600",)

            observing = server.request(aiocoap.GET, module, "/19/1/0", observe=0)
            assert (await asyncio.wait_for(observing.response, 60)).opt.observe is not None
            await lab.heard(imei, r"^\+QLAEVTIND:3$")
            notifications = observing.observation.__aiter__()
            await lab.ask(imei, f"AT+QLASENDDATA=0x0100,{len(READING)}", READING)
            assert (await asyncio.wait_for(anext(notifications), 60)).payload == READING
            observing.observation.cancel()

            package = pack("BC28", "BC28JAR01A11_ONT", bytes(range(256)) * 40)
            answer = await server.ask(aiocoap.PUT, module, "/5/0/0", payload=package, content_format=OPAQUE)
            assert answer.code == aiocoap.CHANGED
            await lab.heard(imei, r"^FIRMWARE DOWNLOADED$")
            await server.ask(aiocoap.PUT, module, "/5/0/1", payload=b"", content_format=TEXT)  # taken back
            await lab.heard(imei, r"^FIRMWARE UPDATE OVER$")
            await lab.ask(imei, "AT+QLASREGIND=1")
            await lab.heard(imei, r"^\+QLAEVTIND:1$")
            assert changed.received[-1].code == aiocoap.DELETE


@pytest.mark.conformance("LightweightM2M-1.0-int-0", role="client", peer="aiocoap")
async def test_the_module_bootstraps_at_a_server_made_of_aiocoap() -> None:
    """One step after the other, each one answered: Delete, two Writes, Finish."""
    imei = "867724036000032"
    asked, created = Recorder(code=aiocoap.CHANGED), Recorder(code=aiocoap.CREATED, location_path=("rd", "a1"))
    async with peer(bs=asked, rd=created) as server:
        lines = (f'AT+QLASERVERIP="BS","127.0.0.1",{server.port}', "AT+QLABSSECSWT=0")
        async with foreign_lab(modules={imei: lines}) as lab:
            await lab.ask(imei, "AT+QLASREGIND=0")
            await lab.until(lambda: asked.received)
            assert asked.received[0].opt.uri_query == (f"ep={imei}",)
            module = asked.received[0].remote.sockaddr[1]
            uri = f"coap://127.0.0.1:{server.port}".encode()
            security = bytes((0xC8, 0, len(uri))) + uri + bytes.fromhex("c10100c10203c10a7b")
            account = bytes.fromhex("c1007bc2010258c10600c10755")
            assert (await server.ask(aiocoap.DELETE, module, "/0")).code == aiocoap.DELETED
            for path, payload in (("/0/1", security), ("/1/0", account)):
                answer = await server.ask(aiocoap.PUT, module, path, payload=payload, content_format=TLV)
                assert answer.code == aiocoap.CHANGED, path
            assert (await server.ask(aiocoap.POST, module, "/bs")).code == aiocoap.CHANGED
            await lab.heard(imei, r"^\+QLAEVTIND:4$")
            await lab.heard(imei, r"^\+QLAEVTIND:0$")
            assert created.received[0].opt.uri_query[3] == "lt=600"
