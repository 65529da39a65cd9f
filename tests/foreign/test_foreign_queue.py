"""Devices in Queue Mode, of aiocoap and of Leshan: what was ordered while they slept arrives, also after `kill -9`."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import aiocoap
import httpx
import pytest
from foreign_leshan import Clients
from free_ports import free_ports
from running import Running
from test_foreign_aiocoap import LINKS, Recorder, Value, peer

pytestmark = pytest.mark.asyncio
NAME = "867724036000040"


class Written(Value):
    """Tells of each write in the order in which they come."""

    def __init__(self, order: list[str], name: str) -> None:
        super().__init__(b"")
        self.order, self.name = order, name

    async def render_put(self, request: aiocoap.Message) -> aiocoap.Message:
        self.order.append(f"{self.name} {request.payload.decode()}")
        return await super().render_put(request)


class Platform:
    """`nbtwin up` with Andlink's platform alone, and its API."""

    def __init__(self, state: Path, ports: tuple[int, ...]) -> None:
        self.port = ports[0]
        self.running = Running("up", "--ports", f"andlink={self.port}", "--http", "127.0.0.1:0", state=state)
        device = f"/api/v1/platforms/andlink/devices/{NAME}"
        self.api = httpx.AsyncClient(base_url=self.running.console(), timeout=60)
        self.device = device

    async def call(self, method: str, where: str, status: int, **body: Any) -> Any:
        answer = await self.api.request(method, where, json=body if method != "GET" else None)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def order(self, **order: Any) -> int:
        asked = await self.call("POST", f"{self.device}/operations", 202, wait=0, **order)
        assert not asked["done"]
        return int(asked["ticket"])

    async def states(self) -> dict[int, str]:
        queue = await self.call("GET", f"{self.device}/queue?ended=true", 200)
        return {each["ticket"]: each["state"] for each in queue["commands"]}

    async def history(self) -> list[str]:
        return [line["code"] for line in await self.call("GET", f"{self.device}/history", 200)]

    async def kill(self) -> None:
        await self.api.aclose()
        with self.running:
            self.running.kill()
        assert self.running.process.returncode == -signal.SIGKILL


async def test_commands_that_were_acknowledged_arrive_in_order_after_the_platform_was_killed(tmp_path: Path) -> None:
    """RFC 7252 5.1 decides what is asked again (D161)."""
    order: list[str] = []
    reboot = Recorder(code=aiocoap.CHANGED)
    ports = free_ports(3)
    async with peer(_1__0__1=Written(order, "lifetime"), _1__0__3=Written(order, "pmax"), _3__0__4=reboot) as client:
        platform = Platform(tmp_path, ports)
        path = f"/rd?lwm2m=1.0&ep={NAME}&b=UQ&lt=86400"
        answer = await client.ask(aiocoap.POST, platform.port, path, payload=b"</1/0>", content_format=LINKS)
        assert answer.code == aiocoap.CREATED
        location = "/" + "/".join(answer.opt.location_path)
        await platform.call("POST", "/api/v1/clock/advance", 200, span="10min")
        tickets = [
            await platform.order(operation="write", path="/1/0/1", value=300),
            await platform.order(operation="execute", path="/3/0/4"),
            await platform.order(operation="write", path="/1/0/3", value=60),
        ]
        await platform.call("PUT", f"{platform.device}/queue/{tickets[2]}", 200, position=1)
        await platform.kill()
        assert order == []

        platform = Platform(tmp_path, ports)
        assert await platform.states() == dict.fromkeys(tickets, "waiting")
        assert (await client.ask(aiocoap.POST, platform.port, location)).code == aiocoap.CHANGED
        async with asyncio.timeout(60):
            while set((await platform.states()).values()) != {"answered"}:
                pass
        assert order == ["pmax 60", "lifetime 300"]
        assert len(reboot.received) == 1
        await platform.kill()


async def test_a_client_of_leshan_in_queue_mode_gets_what_was_kept(tmp_path: Path) -> None:
    clients, ports = Clients(tmp_path, "v2"), free_ports(3)
    try:
        platform = Platform(tmp_path / "state", ports)
        clients.start(NAME, f"coap://127.0.0.1:{platform.port}", "86400Q")
        clients.wait_for("registered")
        async with asyncio.timeout(60):
            while "device-described" not in await platform.history():
                pass
        await platform.call("POST", "/api/v1/clock/advance", 200, span="10min")
        device = await platform.call("GET", platform.device, 200)
        assert (device["queue_mode"], device["lwm2m_version"]) == (True, "1.1")
        tickets = [
            await platform.order(operation="write", path="/1/0/6", value=True),
            await platform.order(operation="read", path="/3/0/0"),
        ]
        await platform.kill()
        platform = Platform(tmp_path / "state", ports)
        assert await platform.states() == dict.fromkeys(tickets, "waiting")
        clients.say("update", NAME)
        async with asyncio.timeout(60):
            while set((await platform.states()).values()) != {"answered"}:
                pass
        sent = [line for line in await platform.history() if line == "command-sent"]
        assert len(sent) == 2
        await platform.kill()
    finally:
        clients.close()
