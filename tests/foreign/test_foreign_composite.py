"""Composite operations and Send by peers with codecs of their own: aiocoap and cbor2 as a device of LwM2M 1.2, go-coap.

The device of aiocoap is asked through the API and through Leshan's paths, in a whole lab.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiocoap
import aiocoap.resource
import cbor2
import httpx
import pytest
from foreign_go import GoPeer
from foreign_lab import KEY, platform_lab
from free_ports import free_ports

from nbtwin.operators import events as ev
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.app import create_app

pytestmark = pytest.mark.asyncio
LINKS, JSON, CBOR, LWM2M = 40, 110, 112, 11544
OBJECTS = b'</>;rt="oma.lwm2m";ct="11544",</1/0>,</3/0>,</19/0>,</33000/0>'
PATIENCE = 20
QUIET = AndlinkSettings(observe=(), read=())


class Objects(aiocoap.resource.ObservableResource):
    """The root of a device: LwM2M CBOR by cbor2, path by path."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[tuple[int, ...], Any] = {(1, 0, 1): 300, (3, 0, 0): "aiocoap", (33000, 0, 0): "x" * 3000}
        self.asked: list[aiocoap.Message] = []

    async def render_fetch(self, request: aiocoap.Message) -> aiocoap.Message:
        self.asked.append(request)
        asked = [path if isinstance(path, tuple) else (path,) for path in cbor2.loads(request.payload)]
        found = {path: value for path, value in self.values.items() if any(path[: len(a)] == a for a in asked)}
        return aiocoap.Message(payload=cbor2.dumps(found), content_format=LWM2M)

    async def render_ipatch(self, request: aiocoap.Message) -> aiocoap.Message:
        self.asked.append(request)
        for path, value in cbor2.loads(request.payload).items():
            if isinstance(value, dict):
                self.values.update({(*path, id): child for id, child in value.items()})
            else:
                self.values[path] = value
        return aiocoap.Message(code=aiocoap.CHANGED)


@asynccontextmanager
async def device(port: int, name: str, version: str = "1.2") -> AsyncIterator[tuple[Objects, aiocoap.Context]]:
    """Registered at the platform at this port."""
    site, objects = aiocoap.resource.Site(), Objects()
    site.add_resource((), objects)
    (own,) = free_ports(1)
    context = await aiocoap.Context.create_server_context(site, bind=("127.0.0.1", own), transports=["udp6"])
    try:
        query = f"/rd?lwm2m={version}&ep={name}&b=U&lt=300"
        answer = await ask(context, aiocoap.POST, port, query, payload=OBJECTS, content_format=LINKS)
        assert answer.code == aiocoap.CREATED
        yield objects, context
    finally:
        await context.shutdown()


async def ask(context: aiocoap.Context, code: Any, port: int, path: str, **more: Any) -> aiocoap.Message:
    message = aiocoap.Message(code=code, uri=f"coap://127.0.0.1:{port}{path}", **more)
    return await asyncio.wait_for(context.request(message).response, PATIENCE)


@pytest.mark.conformance(
    "LightweightM2M-1.1-int-229", "LightweightM2M-1.1-int-230", "LightweightM2M-1.1-int-236",
    "LightweightM2M-1.1-int-257", "LightweightM2M-1.1-int-304", "LightweightM2M-1.1-int-310",
    "LightweightM2M-1.1-int-306", "LightweightM2M-1.1-int-311", role="server", peer="aiocoap",
)  # fmt: skip
async def test_a_device_made_of_aiocoap_speaks_lwm2m_cbor_both_ways() -> None:
    name, paths = "867724036000040", "/1/0/1,/3/0,/33000/0/0,/33000/0/9"
    async with platform_lab(keys=PskStore(), settings=QUIET) as lab, device(lab.port, name) as (objects, context):
        read = await lab.operate("read-composite", name, paths)
        whole = {
            "/1/0/1": 300,
            "/3/0": {"0": "aiocoap"},
            "/33000/0/0": "x" * 3000,
        }  # in blocks; /33000/0/9 is not there
        assert (read.response_code, read.content_format, read.value) == ("2.05", LWM2M, whole)
        assert cbor2.loads(objects.asked[0].payload) == dict.fromkeys([(1, 0, 1), (3, 0), (33000, 0, 0), (33000, 0, 9)])
        values = {"/1/0": {"1": 600}, "/33000/0/0": {"type": "string", "value": "y" * 2000}}
        assert (await lab.operate("write-composite", name, "", values)).response_code == "2.04"
        assert (objects.values[1, 0, 1], objects.values[33000, 0, 0]) == (600, "y" * 2000)

        observed = await lab.operate("observe-composite", name, paths)
        assert observed.value["/1/0/1"] == 600
        objects.values[1, 0, 1] = 700
        objects.updated_state()
        await lab.happened(ev.ResourceNotified, path="/1/0/1", value=700)
        await lab.happened(ev.ResourceNotified, 2, path="/33000/0/0", value="y" * 2000)
        assert (await lab.operate("cancel-composite", name, paths)).response_code == "2.05"

        sent = cbor2.dumps({(33000, 0): {0: "z" * 2000, 1: 5}, 3: {0: {9: 77}}, (19, 0, 0, 0): b"\xff"})
        answer = await ask(context, aiocoap.POST, lab.port, "/dp", payload=sent, content_format=LWM2M)
        assert answer.code == aiocoap.CHANGED
        found = {event.path: event.value for event in lab.seen(ev.ResourceNotified) if event.is_sent}
        assert found == {"/33000/0/0": "z" * 2000, "/33000/0/1": 5, "/3/0/9": 77}
        assert (await lab.happened(ev.DataReceived, path="/19/0/0/0", way="send")).payload == b"\xff"
        for payload, form, code in ((sent, JSON, aiocoap.BAD_REQUEST), (b"\xa1\x05\xf6", LWM2M, aiocoap.BAD_REQUEST),
                                    (cbor2.dumps({(5, 0, 3): 1}), LWM2M, aiocoap.NOT_FOUND),
                                    (b"x", 0, aiocoap.UNSUPPORTED_CONTENT_FORMAT)):  # fmt: skip
            refused = await ask(context, aiocoap.POST, lab.port, "/dp", payload=payload, content_format=form)
            assert refused.code == code, payload[:20]
        assert (await ask(context, aiocoap.FETCH, lab.port, "/rd", payload=b"", content_format=60)).code == (
            aiocoap.METHOD_NOT_ALLOWED
        )


@pytest.mark.conformance("LightweightM2M-1.1-int-308", "LightweightM2M-1.1-int-309", role="server", peer="aiocoap")
async def test_an_instance_that_comes_or_goes_is_told_to_who_observes_its_object() -> None:
    name = "867724036000057"
    async with platform_lab(keys=PskStore(), settings=QUIET) as lab, device(lab.port, name) as (objects, _):
        objects.values[33000, 0, 0] = "old"
        observed = await lab.operate("observe-composite", name, "/33000,/1/0/1")
        assert observed.value == {"/33000": {"0": {"0": "old"}}, "/1/0/1": 300}
        objects.values[33000, 1, 0] = "new"
        objects.updated_state()
        await lab.happened(ev.ResourceNotified, path="/33000", value={"0": {"0": "old"}, "1": {"0": "new"}})
        del objects.values[33000, 1, 0]
        objects.updated_state()
        await lab.happened(ev.ResourceNotified, 2, path="/33000", value={"0": {"0": "old"}})


async def test_a_device_is_asked_through_the_api_and_through_leshans_paths(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    lab = LabRuntime(tmp_path, seed=1, simulated=False)
    try:
        lab.add_platform("andlink", ("127.0.0.1", port))
        name, app = "meter-12", create_app(lab)
        base = "http://127.0.0.1"
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base, timeout=PATIENCE) as http:
            async with device(port, name) as (objects, context):
                await by_api(http, f"/api/v1/platforms/andlink/devices/{name}")
                await by_leshans_paths(http, f"/api/clients/{name}")
                assert objects.values[1, 0, 1] == 900
                payload = cbor2.dumps({(33000, 0, 1): 5})
                await ask(context, aiocoap.POST, port, "/dp", payload=payload, content_format=LWM2M)
            lines = (await http.get(f"/api/v1/platforms/andlink/devices/{name}/history")).json()
            sent = [line["fields"] for line in lines if line["fields"].get("way") == "send"]
            assert sent == [{"path": "/33000/0/1", "value": 5, "way": "send"}]
            data = await http.get(f"/api/v1/platforms/andlink/devices/{name}/data", params={"path": "/1/0/1"})
            assert [point["value"] for point in data.json()["points"]][:2] == [300, 600]
    finally:
        await lab.close()


async def by_api(http: httpx.AsyncClient, where: str) -> None:
    async def operate(status: int = 200, **order: Any) -> Any:
        answer = await http.post(f"{where}/operations", json=order)
        assert answer.status_code == status, answer.text
        return answer.json()

    read = await operate(operation="read-composite", paths=["/1/0/1", "/3/0/0"])
    assert (read["code"], read["value"]) == ("2.05", {"/1/0/1": 300, "/3/0/0": "aiocoap"})
    assert (await operate(operation="write-composite", values={"/1/0/1": 600}))["code"] == "2.04"
    observed = await operate(operation="observe-composite", paths=["/3/0/0", "/1/0/1"])
    assert (observed["path"], observed["value"]["/1/0/1"]) == ("/1/0/1,/3/0/0", 600)
    assert "/1/0/1,/3/0/0" in [one["path"] for one in (await http.get(f"{where}/observations")).json()]
    tree = (await http.get(f"{where}/objects")).json()
    (lifetime,) = [row for item in tree if item["id"] == 1 for row in item["instances"][0]["resources"]
                   if row["path"] == "/1/0/1"]  # fmt: skip
    assert lifetime["value"] == 600
    assert (await operate(operation="cancel-composite", paths=["/1/0/1", "/3/0/0"]))["code"] == "2.05"
    for order, field in (
        ({"operation": "read-composite"}, "paths"),
        ({"operation": "read-composite", "paths": []}, "paths"),
        ({"operation": "read-composite", "paths": ["/1/0", "/x"]}, "paths"),
        ({"operation": "read-composite", "paths": ["/1"] * 101}, "paths"),
        ({"operation": "cancel-composite", "paths": ["/1/0"]}, "paths"),
        ({"operation": "write-composite"}, "values"),
        ({"operation": "write-composite", "values": {"/1/0/1": "soon"}}, "values"),
        ({"operation": "write-composite", "values": {"/33000/0/1": 1}}, "values"),
        ({"operation": "read"}, "path"),
    ):
        assert (await operate(422, **order))["field"] == field, order


async def by_leshans_paths(http: httpx.AsyncClient, where: str) -> None:
    lifetime = {"kind": "singleResource", "id": 1, "type": "INTEGER", "value": 600}
    several = {"paths": "/1/0/1,/3/0", "pathformat": "SENML_CBOR", "nodeformat": "SENML_CBOR"}
    read = (await http.get(f"{where}/composite", params=several)).json()
    assert (read["status"], read["success"]) == ("CONTENT(205)", True)
    assert read["content"]["/1/0/1"] == lifetime
    assert [row["value"] for row in read["content"]["/3/0"]["resources"]] == ["aiocoap"]
    body = {"/1/0/1": {**lifetime, "value": 900}}
    assert (await http.put(f"{where}/composite", json=body)).json()["status"] == "CHANGED(204)"
    observed = (await http.post(f"{where}/composite/observe", params=several)).json()
    assert observed["content"]["/1/0/1"]["value"] == 900
    assert (await http.delete(f"{where}/composite/observe", params=several)).status_code == 200
    for wrong in ("/1/x", "1/0/1/2/3", ","):
        assert (await http.get(f"{where}/composite", params={"paths": wrong})).status_code in (400, 422), wrong
    assert (await http.put(f"{where}/composite", json=[1])).status_code == 400


@pytest.fixture
def go() -> Iterator[GoPeer]:
    made = GoPeer()
    yield made
    made.close()


@pytest.mark.conformance(
    "LightweightM2M-1.1-int-229", "LightweightM2M-1.1-int-304", "LightweightM2M-1.1-int-305",
    "LightweightM2M-1.1-int-306", role="server", peer="go-coap",
)  # fmt: skip
@pytest.mark.parametrize("way", ["plain", "secure"])
async def test_what_go_coap_reads_of_a_fetch_and_what_it_answers(go: GoPeer, way: str) -> None:
    """Message by message: FETCH 0.05 without a path, its answers repeated, separate, in another session."""
    name = "867724034000034"
    keys = PskStore([DeviceKeys(device=name, key=KEY.hex())] if way == "secure" else ())
    async with platform_lab(go, keys=keys, settings=QUIET) as lab:
        if way == "secure":
            await go.dial(lab, "d", lab.secure_port, name, KEY.hex())
        else:
            await go.dial(lab, "d", lab.port)
        query = " ".join(f"15={part.encode().hex()}" for part in ("lwm2m=1.1", f"ep={name}", "b=U", "lt=300"))
        links = b'</>;ct="110",</1/0>,</3/0>'
        go.send("d", "CON", "0.02", 1, "0001", f"11={b'rd'.hex()} 12=28 {query}", links)
        await lab.happened(ev.DeviceRegistered)

        ticket = lab.world.perform(lab.node, lab.platform.devices.ask, name, "observe-composite", "/3/0/9,/1/0/1")
        await lab.until(lambda: [got for got in go.got("d") if got.code == "0.05"])
        (asked,) = [got for got in go.got("d") if got.code == "0.05"]
        assert (asked.path, asked.payload) == ("/", b'[{"n":"/1/0/1"},{"n":"/3/0/9"}]')
        assert {number: asked.options[number] for number in (6, 12, 17)} == {6: [b""], 12: [b"\x6e"], 17: [b"\x6e"]}
        content = "6=01 12=6e"
        go.send("d", "ACK", "0.00", asked.id, "", "")
        for _ in range(2):  # the answer on its own, and once more: one value
            go.send("d", "CON", "2.05", 900, asked.token, content, b'[{"n":"/3/0/9","v":90}]')
        answered = await lab.happened(ev.OperationAnswered, ticket=ticket)
        assert answered.value == {"/3/0/9": 90}
        for order in (2, 3, 3):
            values = b'[{"bn":"/3/0/9","bt":%d,"v":%d}]' % (1700000000 + order, 90 - order)
            go.send("d", "CON", "2.05", 900 + order, asked.token, f"6={order:02x} 12=6e", values)
        await lab.happened(ev.ResourceNotified, path="/3/0/9", value=87)
        told = [(e.value, e.taken_at) for e in lab.seen(ev.ResourceNotified) if not e.is_answer]
        assert told == [(88, 1700000002), (87, 1700000003)]
        go.send("d", "CON", "2.05", 950, asked.token, "12=6e", b"[]")  # without Observe: its end (RFC 7641 3.2)
        assert (await lab.happened(ev.ObservationEnded)).path == "/1/0/1,/3/0/9"

        go.send("d", "CON", "0.02", 20, "0020", f"11={b'dp'.hex()} 12=6e", b'[{"n":"/3/0/9","v":50}]')
        await lab.until(lambda: [got for got in go.got("d") if got.token == "0020" and got.code == "2.04"])
        assert [e.value for e in lab.seen(ev.ResourceNotified) if e.is_sent] == [50]
