"""What scripts for Eclipse Leshan's demonstration server send, and what they look at in its answers.

The shapes were observed at that server (2.0.0-M4) with the same module; `tests/foreign` drives the real one.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from api_lab import ApiLab, andlink_device, api_lab, served

pytestmark = pytest.mark.asyncio
READING = '[{"n":"19/1/0","p1":"v1"}]'  # DOC-E 6.1


class Rest:
    """As a script would use it: the whole path, the JSON of the answer."""

    def __init__(self, api: ApiLab, http: httpx.AsyncClient, imei: str) -> None:
        self.api, self.http, self.imei = api, http, imei

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200, **query: str) -> Any:
        answer = await self.http.request(method, f"/api/clients/{self.imei}{path}", json=body, params=query)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


@pytest_asyncio.fixture
async def rest(tmp_path: Path) -> AsyncIterator[Rest]:
    async with api_lab(tmp_path, "BC28,name=meter", platforms=("andlink", "cmdmp")) as api:
        imei = (await andlink_device(api)).rpartition("/")[2]
        async with served(api) as http:
            yield Rest(api, http, imei)


async def test_clients_are_listed_as_leshan_lists_them(rest: Rest) -> None:
    (listed,) = (await rest.http.get("/api/clients")).json()
    assert listed == await rest.ask("GET", "")
    links = [{"url": f"/{path}", "attributes": {}} for path in ("1/0", "3/0", "5/0", "19/0", "19/1")]
    expected = {
        "endpoint": rest.imei, "lwM2mVersion": "1.0", "lifetime": 86400, "bindingMode": "U", "rootPath": "/",
        "secure": False, "queuemode": False, "additionalRegistrationAttributes": {},
        "objectLinks": [{"url": "/", "attributes": {"rt": '"oma.lwm2m"'}}, *links],
    }  # fmt: skip
    assert {name: listed[name] for name in expected} == expected
    assert listed["registrationDate"].endswith("Z")
    assert set(listed) - set(expected) == {"registrationId", "registrationDate", "lastUpdate", "address"}


async def test_resources_are_read_as_leshan_shows_them(rest: Rest) -> None:
    device = await rest.ask("GET", "/3/0", format="TLV")
    assert (device["status"], device["valid"], device["success"], device["failure"]) == (
        "CONTENT(205)", True, True, False,
    )  # fmt: skip
    values = {
        resource["id"]: resource.get("value", resource.get("values")) for resource in device["content"]["resources"]
    }
    assert (values[0], values[2], values[11]) == ("Quectel", rest.imei, {"0": 0})
    assert (await rest.ask("GET", "/3"))["content"]["instances"][0]["id"] == 0
    one = (await rest.ask("GET", "/3/0/1", format="TEXT"))["content"]
    assert (one["id"], one["value"]) == (1, "BC28")
    assert await rest.ask("GET", "/3/0/99") == {
        "status": "NOT_FOUND(404)", "valid": True, "success": False, "failure": True,
    }  # fmt: skip
    discovered = await rest.ask("GET", "/19/discover")
    assert [link["url"] for link in discovered["objectLinks"]] == ["/19", "/19/0", "/19/0/0", "/19/1", "/19/1/0"]


async def test_resources_are_written_and_executed(rest: Rest) -> None:
    changed = {"status": "CHANGED(204)", "valid": True, "success": True, "failure": False}
    assert await rest.ask("PUT", "/1/0/1", {"id": 1, "value": 600}, format="TLV") == changed
    later = {"kind": "singleResource", "id": 1, "type": "integer", "value": "1200"}
    assert await rest.ask("PUT", "/1/0/1", later) == changed
    assert await rest.ask("PUT", "/1/0", {"id": 0, "resources": [{"id": 1, "value": 900}]}, replace="false") == changed
    assert (await rest.ask("GET", "/1/0/1"))["content"]["value"] == 900
    assert await rest.ask("PUT", "/5/0/3/attributes", pmin="10") == changed
    assert await rest.ask("POST", "/1/0/8") == changed
    assert (await rest.ask("DELETE", "/19/1"))["status"] == "METHOD_NOT_ALLOWED(405)"
    created = await rest.ask("POST", "/19", {"id": 3, "resources": [{"id": 0, "values": {"0": "00ff"}}]})
    assert created["failure"] is True


async def next_event(lines: AsyncIterator[str], wanted: str) -> Any:
    kind = ""
    async with asyncio.timeout(60):
        async for line in lines:
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data" and kind == wanted:
                return json.loads(value)


async def test_events_are_told_as_leshan_tells_them(rest: Rest) -> None:
    async with rest.http.stream("GET", "/api/event", params={"ep": rest.imei}) as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        await rest.ask("POST", "/19/1/0/observe", format="TLV")
        await rest.api.post("/modules/meter/serial", {"text": f"AT+QLASENDATA=0x0100,{len(READING)}\r", "wait": 0})
        await rest.api.post("/modules/meter/serial", {"text": READING, "wait": 0})
        notified = await next_event(lines, "NOTIFICATION")
        assert (notified["ep"], notified["res"]) == (rest.imei, "/19/1/0")
        assert notified["val"]["values"] == {"0": READING.encode().hex()}
        await rest.ask("POST", "/1/0/8")
        updated = await next_event(lines, "UPDATED")
        assert updated["registration"]["endpoint"] == rest.imei
        assert await rest.ask("DELETE", "/19/1/0/observe") is None
        await rest.api.post("/modules/meter/power", {"action": "reset"})
        await rest.api.advance("2min")
        assert (await next_event(lines, "REGISTRATION"))["lifetime"] == 86400
        await rest.api.post("/modules/meter/at", {"line": "AT+QLASREGIND=1"})
        await rest.api.post("/modules/meter/power", {"action": "off"})
        await rest.api.advance("3d")
        assert (await next_event(lines, "DEREGISTRATION"))["endpoint"] == rest.imei


async def test_devices_that_are_not_there_are_told_with_leshans_status(rest: Rest) -> None:
    for method, path in (("GET", ""), ("GET", "/3/0"), ("PUT", "/1/0/1"), ("DELETE", "/3/0")):
        answer = await rest.http.request(method, f"/api/clients/nobody{path}", json={"id": 1, "value": 1})
        assert answer.status_code == 400
        assert answer.json()["field"] == "endpoint"
        assert "no registered client with id 'nobody'" in answer.json()["detail"]
    await rest.api.post("/faults", {"kind": "silence", "destination": "andlink"}, status=201)
    assert "not answered" in (await rest.ask("GET", "/3/0", status=504, timeout="0"))["detail"]


async def test_a_wrong_request_names_the_field(rest: Rest) -> None:
    for method, path, body, field in (
        ("GET", "/3/x", None, "path"),
        ("PUT", "/1/0/1", {"nonsense": 1}, "body"),
        ("PUT", "/1/0/1", [], "body"),
        ("PUT", "/1/0", {"id": 0, "resources": [{"value": 1}]}, "body"),
        ("PUT", "/1", {"id": 1}, "body"),
        ("PUT", "/1/0/1/attributes", None, "attributes"),
        ("POST", "/19", {"resources": []}, "body"),
    ):
        assert (await rest.ask(method, path, body, status=400))["field"] == field
    assert (await rest.ask("PUT", "/1/0/1/attributes", status=400, epmin="x"))["field"] == "epmin"
    later = await rest.ask("PUT", "/1/0/1/attributes", status=422, epmin="10")
    assert (later["field"], later["code"]) == ("attributes", "attribute-version")


async def test_security_is_kept_as_leshan_keeps_it(rest: Rest) -> None:
    key, url = "00112233445566778899aabbccddeeff", "/api/security/clients"
    old = {"endpoint": "one", "psk": {"identity": "one", "key": key}}
    new = {"endpoint": "two", "tls": {"mode": "psk", "details": {"identity": "id2", "key": key}}}
    for body in (old, new):
        assert (await rest.http.put(url, json=body)).status_code == 200
    assert key not in (await rest.http.get(url)).text
    listed = (await rest.http.get(url, params={"reveal": "true"})).json()
    assert [(one["endpoint"], one["psk"]["identity"], one["psk"]["key"]) for one in listed] == [
        ("one", "one", key), ("two", "id2", key),
    ]  # fmt: skip
    for mode, other in (
        ("", {}),
        ("rpk", {"tls": {"mode": "rpk", "details": {"key": "30"}}}),
        ("x509", {"tls": {"mode": "x509"}}),
        ("rpk", {"rpk": {"key": "30"}}),
        ("x509", {"x509": True}),
        ("oscore", {"oscore": {"sid": "00"}}),
    ):
        refused = await rest.http.put(url, json={"endpoint": "x", **other})
        assert (refused.status_code, refused.json()["fields"]) == (400, {"mode": mode})  # D167
    assert (await rest.http.delete(f"{url}/one")).status_code == 200
    assert (await rest.http.delete(f"{url}/one")).status_code == 404


async def test_object_specs_describe_what_is_registered(rest: Rest) -> None:
    specs = {spec["id"]: spec for spec in (await rest.http.get(f"/api/objectspecs/{rest.imei}")).json()}
    assert list(specs) == [1, 3, 5, 19]
    assert specs[19]["instancetype"] == "multiple"
    battery = next(row for row in specs[3]["resourcedefs"] if row["id"] == 9)
    assert (battery["name"], battery["operations"], battery["type"]) == ("Battery Level", "R", "integer")
