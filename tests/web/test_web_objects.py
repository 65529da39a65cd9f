"""Object definitions over the API: brought, listed, replaced, removed; and what they say of the values of devices."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from api_lab import BASE, ApiLab, andlink_device, api_lab
from guarded_lab import guarded

from nbtwin.lwm2m.objects.registry import KNOWN
from nbtwin.web.access.roles import Role
from nbtwin.web.values_csv import as_csv

pytestmark = pytest.mark.asyncio

ITEM = (
    '<Item ID="1"><Name>Level</Name><Operations>RW</Operations><MultipleInstances>Single</MultipleInstances>'
    "<Mandatory>Mandatory</Mandatory><Type>Float</Type><RangeEnumeration>0..100</RangeEnumeration><Units>%</Units></Item>"
)


def tank(name: str = "Tank", id: int = 33001, version: str = "1.0", item: str = ITEM) -> bytes:
    return (
        f"<LWM2M>\n<Object><Name>{name}</Name><ObjectID>{id}</ObjectID><ObjectVersion>{version}</ObjectVersion>"
        f"<MultipleInstances>Multiple</MultipleInstances><Mandatory>Optional</Mandatory>\n<Resources>{item}</Resources>"
        "</Object></LWM2M>"
    ).encode()


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiLab]:
    async with api_lab(tmp_path, "BC28,name=meter", platforms=("andlink",)) as lab:
        yield lab


async def bring(api: ApiLab, content: bytes, status: int = 201, query: str = "") -> Any:
    answer = await api.http.post(f"{BASE}/objects{query}", content=content, headers={"Content-Type": "application/xml"})
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_definition_is_brought_shown_replaced_and_removed(api: ApiLab) -> None:
    (made,) = (await bring(api, tank()))["objects"]
    assert (made["id"], made["version"], made["source"]) == (33001, "1.0", "added")
    assert made["resources"] == [
        {
            "id": 1, "name": "Level", "type": "Float", "operations": "RW", "multiple": False, "mandatory": True,
            "unit": "%", "range": "0..100",
        }
    ]  # fmt: skip
    assert await api.get("/objects/33001") == made
    assert [one["id"] for one in await api.get("/objects", source="added")] == [33001]
    again = await bring(api, tank("Other"), 409)
    assert (again["code"], again["fields"]) == ("definition-taken", {"object": 33001, "version": "1.0"})
    await bring(api, tank("Other"), query="?replace=true")
    await bring(api, tank("Newer", version="1.10"))
    assert (await api.get("/objects/33001"))["name"] == "Newer"
    assert (await api.get("/objects/33001", version="1.0"))["name"] == "Other"
    await api.delete("/objects/33001/1.10")
    await api.delete("/objects/33001/1.10", status=404)
    assert (await api.get("/objects/33001"))["name"] == "Other"


async def test_what_is_built_in_stays(api: ApiLab) -> None:
    builtin = await api.get("/objects/3303", version="1.0")
    assert (builtin["name"], builtin["source"], builtin["added_at"]) == ("Temperature", "built-in", None)
    for query in ("", "?replace=true"):
        refused = await bring(api, tank("Mine", id=3303), 409, query)
        assert (refused["code"], refused["field"]) == ("definition-built-in", "body")
    assert (await api.delete("/objects/3303/1.0", status=409))["code"] == "definition-built-in"
    await bring(api, tank("Mine", id=3303, version="7.0"))
    assert (await api.get("/objects/3303"))["name"] == "Mine"
    assert await api.get("/objects/3303", version="1.0") == builtin


async def test_what_is_no_definition_is_refused_with_its_line_in_the_language_of_the_reader(api: ApiLab) -> None:
    refused = await bring(api, tank(item=ITEM.replace("Float", "Double")), 422, "?lang=zh")
    assert (refused["code"], refused["field"], refused["fields"]["line"]) == ("definition-word", "body", 3)
    assert refused["detail"].startswith("第 3 行：<Type> 的“Double”不是")
    bomb = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><LWM2M>&b;</LWM2M>'
    assert (await bring(api, bomb, 422))["code"] == "definition-declaration"
    assert (await bring(api, b" " * (1024 * 1024 + 1), 413))["code"] == "api-too-large"
    assert await api.get("/objects", source="added") == []
    await api.get("/objects/33001", status=404)
    await api.get("/objects/3303", status=404, version="9.9")


async def test_a_value_out_of_its_range_or_type_is_422_with_the_field_and_nothing_is_asked(api: ApiLab) -> None:
    device = await andlink_device(api)
    for order, code, path in (
        ({"path": "/1/0/1", "value": "soon"}, "write-no-value", "/1/0/1"),
        ({"path": "/12/0", "value": {"20": 5}}, "write-out-of-range", "/12/0/20"),
        ({"path": "/3311/0/5851", "value": 101}, "write-out-of-range", "/3311/0/5851"),
    ):
        refused = await api.post(f"{device}/operations", {"operation": "write", **order}, status=422)
        assert (refused["code"], refused["field"], refused["fields"]["path"]) == (code, "value", path)
    assert await api.get(f"{device}/operations") == []


async def test_names_types_and_units_stand_beside_the_values(api: ApiLab) -> None:
    device = await andlink_device(api)
    read = await api.post(f"{device}/operations", {"operation": "read", "path": "/1/0/1", "wait": 10})
    assert read["about"] == {"/1/0/1": {"name": "Lifetime", "type": "Integer", "unit": "s"}}
    read = await api.post(f"{device}/operations", {"operation": "read", "path": "/1/0", "wait": 10})
    assert read["about"]["/1/0/6"]["name"] == "Notification Storing When Disabled or Offline"
    assert set(read["about"]) == {f"/1/0/{number}" for number in read["value"]}
    rows = {
        row["path"]: row
        for one in await api.get(f"{device}/objects")
        for instance in one["instances"]
        for row in instance["resources"]
    }
    assert (rows["/1/0/1"]["unit"], rows["/1/0/0"]["range"]) == ("s", "1..65534")
    assert "/1/0/23" not in rows  # of version 1.1; the module registers 1.0
    series = (await api.http.get(f"{BASE}{device}/data", params={"path": "/1/0/1"})).json()
    assert series["about"]["/1/0/1"]["unit"] == "s"


async def test_values_are_csv_with_name_type_and_unit_in_each_row(api: ApiLab) -> None:
    device = await andlink_device(api)
    await api.post(f"{device}/operations", {"operation": "read", "path": "/1/0", "wait": 10})
    for value in (86400, 600):
        await api.post(f"{device}/operations", {"operation": "write", "path": "/1/0/1", "value": value, "wait": 10})
        await api.post(f"{device}/operations", {"operation": "read", "path": "/1/0/1", "wait": 10})
    values = list(csv.DictReader(io.StringIO((await api.get(f"{device}/values.csv")).decode(), newline="")))
    rows = {row["path"]: row for row in values}
    lifetime = {"path": "/1/0/1", "name": "Lifetime", "type": "Integer", "unit": "s", "value": "600"}
    assert {name: rows["/1/0/1"][name] for name in lifetime} == lifetime
    assert rows["/3/0/0"]["value"] == "Quectel"
    assert rows["/1/0/6"]["value"] == "false"
    answer = await api.http.get(f"{BASE}{device}/data.csv", params={"path": "/1/0/1"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    series = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["unit"], row["value"]) for row in series] == [("s", "86400"), ("s", "86400"), ("s", "600")]


async def test_no_text_of_a_device_is_a_formula_and_instances_have_a_row_each() -> None:
    rows = [("/3/0/0", "=1+1", 5.0), ("/3/0/7", {"0": -3800, "1": 5}, None), ("/9999/0/1", 'a"b\n', 1.0)]
    assert as_csv(rows, KNOWN).split("\r\n")[1:] == [
        "/3/0/0,Manufacturer,String,,'=1+1,5.000",
        "/3/0/7/0,Power Source Voltage,Integer,mV,-3800,",
        "/3/0/7/1,Power Source Voltage,Integer,mV,5,",
        '/9999/0/1,,,,"a""b\n",1.000',
        "",
    ]


async def test_definitions_go_with_the_lab(api: ApiLab) -> None:
    await bring(api, tank())
    archive = await api.get("/lab/export")
    await api.delete("/objects/33001/1.0")
    answer = await api.http.put(f"{BASE}/lab/import", content=archive)
    assert answer.is_success, answer.text
    assert (await api.get("/objects/33001"))["name"] == "Tank"


async def test_a_viewer_looks_and_an_operator_changes_and_that_is_in_the_audit_log(tmp_path: Path) -> None:
    async with guarded(tmp_path) as lab:
        path = "/api/v1/objects"
        assert (await lab.ask("GET", path, role=Role.VIEWER)).status_code == 200
        assert (await lab.ask("POST", path, tank(), Role.VIEWER)).status_code == 403
        assert (await lab.ask("POST", path, tank(), Role.OPERATOR)).status_code == 201
        assert (await lab.ask("DELETE", f"{path}/33001/1.0", role=Role.OPERATOR)).status_code == 204
        log = (await lab.ask("GET", "/api/v1/access/audit")).text
        assert "/api/v1/objects/33001/1.0" in log
