"""Eclipse Leshan's demonstration server, run as its users do and driven through its REST interface, with our module."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from foreign_lab import KEY, ForeignLab, foreign_lab
from foreign_leshan import Demo

pytestmark = pytest.mark.asyncio
EVENTS = {"Accept": "text/event-stream"}
READING = '[{"n":"19/1/0","p1":"v1"}]'  # DOC-E 6.1


class Rest:
    """/api/clients of one device; answers as the interface gives them."""

    def __init__(self, demo: Demo, client: httpx.AsyncClient, imei: str) -> None:
        self._client = client
        self._api = f"{demo.url}/api/clients/{imei}"

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        answer = await self._client.request(method, self._api + path, json=body, params=query, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.content else None


async def watch(demo: Demo, client: httpx.AsyncClient, lab: ForeignLab, imei: str, seen: list[tuple[str, Any]]) -> None:
    """Its server-sent events, kept as they come."""
    kind = ""
    async with client.stream("GET", f"{demo.url}/api/event?ep={imei}", timeout=None, headers=EVENTS) as stream:
        async for line in stream.aiter_lines():
            name, _, value = line.partition(":")
            if name == "event":
                kind = value.strip()
            elif name == "data":
                seen.append((kind, json.loads(value)))
                lab.changed()


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-101", "LightweightM2M-1.0-int-104", "LightweightM2M-1.0-int-201",
    "LightweightM2M-1.0-int-203", "LightweightM2M-1.0-int-204", "LightweightM2M-1.0-int-215",
    "LightweightM2M-1.0-int-303", "LightweightM2M-1.0-int-401", role="client", peer="Leshan demo",
)  # fmt: skip
@pytest.mark.parametrize("way", ["plain", "secure"])
async def test_the_demonstration_server_drives_our_module_over_rest(demo: Demo, way: str) -> None:
    imei = {"plain": "867724033000019", "secure": "867724033000027"}[way]
    lines = [f'AT+QLASERVERIP="LWM2M","127.0.0.1",{demo.coap if way == "plain" else demo.coaps}']
    if way == "secure":
        lines += ["AT+QLASECSWT=1", f"AT+QLASETPSK={imei},{KEY.hex()}"]
    async with httpx.AsyncClient() as client, foreign_lab(demo, modules={imei: tuple(lines)}) as lab:
        if way == "secure":
            security = {"endpoint": imei, "psk": {"identity": imei, "key": KEY.hex()}}
            answer = await client.put(f"{demo.url}/api/security/clients", json=security)
            assert answer.status_code == 200, answer.text
        seen: list[tuple[str, Any]] = []
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(watch(demo, client, lab, imei, seen))
            await lab.ask(imei, "AT+QLASREGIND=0")
            await lab.heard(imei, r"^\+QLAEVTIND:0$")
            rest = Rest(demo, client, imei)
            await drive(lab, rest, imei, seen)
            watching.cancel()


async def drive(lab: ForeignLab, rest: Rest, imei: str, seen: list[tuple[str, Any]]) -> None:
    registration = await rest.ask("GET", "")
    assert (registration["lwM2mVersion"], registration["lifetime"]) == ("1.0", 86400)
    for format in ("TLV", "JSON"):
        device = await rest.ask("GET", "/3/0", format=format)
        values = {resource["id"]: resource.get("value") for resource in device["content"]["resources"]}
        assert (device["status"], values[0], values[2]) == ("CONTENT(205)", "Quectel", imei)
    text = await rest.ask("GET", "/3/0/1", format="TEXT")
    assert text["content"]["value"] == "BC28"
    discovered = await rest.ask("GET", "/19/discover")
    assert [link["url"] for link in discovered["objectLinks"]] == ["/19", "/19/0", "/19/0/0", "/19/1", "/19/1/0"]
    written = await rest.ask("PUT", "/1/0/1", {"id": 1, "value": 600}, format="TLV")
    assert written["status"] == "CHANGED(204)"
    executed = await rest.ask("POST", "/1/0/8")
    assert executed["status"] == "CHANGED(204)"
    await lab.heard(imei, r"^\+QLAEVTIND:2$", 2)

    observed = await rest.ask("POST", "/19/1/0/observe", format="TLV")
    assert observed["status"] == "CONTENT(205)"
    await lab.heard(imei, r"^\+QLAEVTIND:3$")
    assert "OK" in await lab.ask(imei, f"AT+QLASENDATA=0x0100,{len(READING)}", READING.encode())
    await lab.heard(imei, r"^\+QLADATASTATUS:4$")
    await lab.until(lambda: any(kind == "NOTIFICATION" for kind, _ in seen))
    (notification,) = [data for kind, data in seen if kind == "NOTIFICATION"]
    assert notification["res"] == "/19/1/0"
    assert READING.encode().hex() in json.dumps(notification["val"])
    await rest.ask("DELETE", "/19/1/0/observe")
