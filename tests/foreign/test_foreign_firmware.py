"""Firmware of devices that are none of ours: aiocoap (pull, push, HTTP), go-coap over CoAPS, Leshan with object 5."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiocoap
import aiocoap.resource
import pytest
from foreign_go import GoPeer
from foreign_lab import KEY, PlatformLab, platform_lab
from foreign_leshan import Clients
from free_ports import free_ports

from nbtwin.lwm2m.firmware.file import file_of
from nbtwin.operators.campaigns import records as cp
from nbtwin.operators.campaigns.records import Plan
from nbtwin.operators.campaigns.ways import Mode
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.operators.store.andlink import PackageRepository
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.app import create_app
from nbtwin.web.server import Console

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.filterwarnings(
        "ignore:coroutine 'Context._render_to_pipe' was never awaited:RuntimeWarning"
    ),  # see close
]
OLD, NEW = "1.0.7", "2.4.1"
IMAGE = bytes(range(256)) * 24
FILES = {"new": file_of(IMAGE, NEW)}
TEXT, LINKS, TLV = 0, 40, 11542
GO = "867724034000018"


class Resource(aiocoap.resource.ObservableResource):
    """One of /5/0 or /3/0, of a `Device`."""

    def __init__(self, device: Device, path: str) -> None:
        super().__init__()
        self.device, self.path = device, path

    async def render_get(self, request: aiocoap.Message) -> aiocoap.Message:
        value = self.device.values.get(self.path)
        if value is None:
            return aiocoap.Message(code=aiocoap.METHOD_NOT_ALLOWED)
        if isinstance(value, bytes):
            return aiocoap.Message(payload=value, content_format=TLV)
        return aiocoap.Message(payload=str(value).encode(), content_format=TEXT)

    async def render_put(self, request: aiocoap.Message) -> aiocoap.Message:
        return self.device.written(self.path, request.payload)

    async def render_post(self, request: aiocoap.Message) -> aiocoap.Message:
        self.device.later(self.device.install())
        return aiocoap.Message(code=aiocoap.CHANGED)


class Device:
    """Object 5 with aiocoap: it fetches with aiocoap, or with the standard library's HTTP client in ranges."""

    def __init__(self, name: str, result: int = 1, schemes: bytes | None = None, method: int = 2) -> None:
        self.name, self.result = name, result
        self.values: dict[str, Any] = {"5/0/3": 0, "5/0/5": 0, "5/0/8": schemes, "5/0/9": method, "3/0/3": OLD}
        self.site = aiocoap.resource.Site()
        self.resources = {path: Resource(self, path) for path in (*self.values, "5/0/0", "5/0/1", "5/0/2")}
        for path, resource in self.resources.items():
            self.site.add_resource(path.split("/"), resource)
        self.tasks: set[asyncio.Task[None]] = set()
        self.requests: list[str] = []

    async def open(self, port: int) -> None:
        (own,) = free_ports(1)
        self.port = port
        self.context = await aiocoap.Context.create_server_context(
            self.site, bind=("127.0.0.1", own), transports=["udp6"]
        )
        await self.register()

    async def register(self) -> None:
        path = f"/rd?lwm2m=1.0&ep={self.name}&b=U&lt=300"
        request = aiocoap.Message(code=aiocoap.POST, uri=f"coap://127.0.0.1:{self.port}{path}", content_format=LINKS)
        request.payload = b"</1/0>,</3/0>,</5/0>"
        answer = await self.context.request(request).response
        assert answer.code == aiocoap.CREATED
        self.location = answer.opt.location_path

    def later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def set(self, path: str, value: int) -> None:
        self.values[path] = value
        self.resources[path].updated_state()

    def written(self, path: str, payload: bytes) -> aiocoap.Message:
        if path == "5/0/1" and not payload:
            self.set("5/0/3", 0)
        elif self.values["5/0/3"]:
            return aiocoap.Message(code=aiocoap.METHOD_NOT_ALLOWED)
        else:
            self.set("5/0/5", 0)
            self.set("5/0/3", 1)
            self.requests.append(path)
            self.later(self.fetch(payload.decode()) if path == "5/0/1" else self.fetched(payload))
        return aiocoap.Message(code=aiocoap.CHANGED)

    async def fetch(self, uri: str) -> None:
        if uri.startswith("http:"):
            await self.fetched(await asyncio.to_thread(over_http, uri))
        else:
            request = aiocoap.Message(code=aiocoap.GET, uri=uri)
            await self.fetched((await self.context.request(request).response).payload)

    async def fetched(self, package: bytes) -> None:
        if self.result > 1 or package != IMAGE:
            self.set("5/0/5", self.result if self.result > 1 else 5)
            self.set("5/0/3", 0)
        else:
            self.set("5/0/3", 2)

    async def install(self) -> None:
        self.set("5/0/3", 3)
        self.values |= {"5/0/3": 0, "5/0/5": 1, "3/0/3": NEW}
        await self.register()  # as after a restart

    async def close(self) -> None:
        """Nothing is asked of it any more then: aiocoap drops a request that it has not begun to answer."""
        await asyncio.gather(*self.tasks)
        path = "/".join(self.location)
        request = aiocoap.Message(code=aiocoap.DELETE, uri=f"coap://127.0.0.1:{self.port}/{path}")
        await self.context.request(request).response
        await self.context.shutdown()


def over_http(uri: str) -> bytes:
    """In two ranges, as a device does whose connection breaks off."""
    parts = urlsplit(uri)
    found, etag = b"", ""
    for wanted in ("bytes=0-2999", "bytes=3000-"):
        connection = HTTPConnection(parts.netloc, timeout=20)
        connection.request("GET", parts.path, headers={"Range": wanted, **({"If-Range": etag} if etag else {})})
        answer = connection.getresponse()
        assert answer.status == 206
        etag = answer.getheader("ETag") or ""
        found += answer.read()
        connection.close()
    return found


@asynccontextmanager
async def devices(port: int, *made: Device) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for device in made:
            await device.open(port)
            stack.push_async_callback(device.close)
        yield


async def ended(lab: PlatformLab, plan: Plan, *names: str) -> dict[str, cp.CampaignProgressed]:
    lab.world.perform(lab.node, lab.platform.start_campaign, plan, names)
    await lab.happened(cp.CampaignChanged, state=cp.CampaignState.FINISHED)
    await lab.until(lambda: not lab.platform.devices.open)
    return {event.device: event for event in lab.seen(cp.CampaignProgressed) if event.step in cp.ENDED}


@pytest.mark.parametrize("mode", ["pull", "push"])
async def test_a_device_made_of_aiocoap_is_updated(mode: Any) -> None:
    device = Device("meter-1")
    async with platform_lab(keys=PskStore(), package_of=FILES.get) as lab, devices(lab.port, device):
        verdict = (await ended(lab, Plan(package="new", mode=mode), "meter-1"))["meter-1"]
        assert (verdict.step, verdict.cause, verdict.result, verdict.version) == ("succeeded", None, 1, NEW)
        assert device.requests == ["5/0/1" if mode == "pull" else "5/0/0"]


async def test_each_device_of_a_campaign_has_its_own_verdict() -> None:
    """Left to the devices: one that pulls, one that takes a push alone, and one for each result of a failure."""
    good, pushed = Device("pulls"), Device("pushed", method=1)
    failing = [Device(f"fails-{result}", result) for result in (2, 3, 5, 6, 7, 8, 9, 10)]
    made = [good, pushed, *failing]
    async with platform_lab(keys=PskStore(), package_of=FILES.get) as lab, devices(lab.port, *made):
        plan = Plan(package="new", mode=Mode.AUTO)
        found = await ended(lab, plan, *(device.name for device in made))
        assert {name: (verdict.step, verdict.result) for name, verdict in found.items()} == {
            "pulls": ("succeeded", 1),
            "pushed": ("succeeded", 1),
            **{device.name: ("failed", device.result) for device in failing},
        }
        assert (good.requests, pushed.requests) == (["5/0/1"], ["5/0/0"])


async def test_a_device_that_has_http_alone_fetches_from_the_labs_own_listener(tmp_path: Path) -> None:
    """D163: /5/0/8 is 2; the standard library's client fetches in ranges, without a token."""
    lab = LabRuntime(tmp_path, seed=1)
    try:
        (port, *_) = free_ports(3)
        node = lab.add_platform("andlink", ("127.0.0.1", port))
        console = Console(("127.0.0.1", 0))
        lab.serve_packages(console.url)
        await console.start(create_app(lab))
        lab.store.part(PackageRepository).add("new", IMAGE, 0.0, version=NEW)
        device = Device("meter-1", schemes=bytes.fromhex("8308410002"))
        async with devices(port, device):
            changed = asyncio.Event()
            lab.timeline.add_sink(lambda _: changed.set())
            lab.world.perform(node, node.engine.start_campaign, Plan(package="new"), ["meter-1"])  # type: ignore[union-attr]
            async with asyncio.timeout(30):
                while not (found := lab.store.part(CampaignRepository).devices(1)) or found[0].step not in cp.ENDED:
                    await changed.wait()
                    changed.clear()
        (verdict,) = found
        assert (verdict.step, verdict.result, verdict.version, verdict.way) == ("succeeded", 1, NEW, "pull")
        await console.close()
    finally:
        await lab.close()


@pytest.fixture(scope="module")
def leshan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    made = Clients(tmp_path_factory.mktemp("leshan"), "v2")
    yield made
    made.close()


@pytest.fixture
def go() -> Iterator[GoPeer]:
    made = GoPeer()
    yield made
    made.close()


async def test_a_device_of_go_coap_pulls_its_package_over_coaps(go: GoPeer) -> None:
    """pion's session, go-coap's blocks of 64 bytes."""
    keys = PskStore([DeviceKeys(device=GO, key=KEY.hex())])
    async with platform_lab(go, keys=keys, package_of=FILES.get) as lab:
        await go.device(lab, "d", lab.secure_port, GO, KEY.hex())

        def keep(**values: object) -> None:
            for path, value in values.items():
                go.say("set", "d", "/" + path.strip("_").replace("_", "/"), str(value).encode().hex())

        keep(_5_0_3=0, _5_0_5=0, _5_0_9=2, _3_0_3=OLD)
        query = f"lwm2m=1.0&ep={GO}&b=U&lt=300"
        assert (await go.request(lab, "d", "POST", "/rd", query, LINKS, b"</1/0>,</5/0>"))[0] == "2.01"
        lab.world.perform(lab.node, lab.platform.start_campaign, Plan(package="new"), [GO])
        await lab.until(lambda: go.all("asked", "d", "PUT", "/5/0/1"))
        uri = bytes.fromhex(go.all("asked", "d", "PUT", "/5/0/1")[0][1]).decode()
        assert uri == f"coaps://127.0.0.1:{lab.secure_port}/fw/new"
        code, _, body = await go.request(lab, "d", "GET", "/fw/new")
        assert (code, bytes.fromhex(body)) == ("2.05", IMAGE)
        token = go.all("observed", "d", "/5/0/3")[-1][0]
        keep(_5_0_3=2)
        go.say("notify", "d", token, 3, b"2".hex())
        await lab.until(lambda: go.all("asked", "d", "POST", "/5/0/2"))
        keep(_5_0_3=0, _5_0_5=1, _3_0_3=NEW)
        go.say("notify", "d", token, 4, b"0".hex())
        await lab.happened(cp.CampaignProgressed, step=cp.CampaignStep.SUCCEEDED, version=NEW, result=1)


@pytest.mark.parametrize("mode", ["pull", "push"])
async def test_a_client_of_leshan_with_a_firmware_object_is_updated(leshan: Clients, mode: Any) -> None:
    """LwM2M 1.1 with Leshan's own formats; its version is told by /5/0/7, for its Device object has none."""
    name = f"leshan-{mode}"
    async with platform_lab(leshan, keys=PskStore(), package_of=FILES.get) as lab:
        leshan.start(name, f"coap://127.0.0.1:{lab.port}", 300, "-", b"", "-", "-", "firmware")
        await lab.told(leshan, "registered", name)
        verdict = (await ended(lab, Plan(package="new", mode=mode), name))[name]
        assert (verdict.step, verdict.cause, verdict.result, verdict.version) == ("succeeded", None, 1, NEW)
        assert leshan.all("package", name) == [(str(len(IMAGE)),)]
        leshan.say("stop", name)
        await lab.told(leshan, "stopped", name)
