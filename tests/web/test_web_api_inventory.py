"""Many devices over the API: labels, batches with what became of each, tables that come and go, when who was online."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_lab import BASE, ApiLab, andlink_device, api_lab
from running import Running
from sleeping_meter import IMEI, Meter

from nbtwin.operators.inventory.labels import Label
from nbtwin.operators.store.andlink import PskRepository
from nbtwin.operators.store.labels import LabelRepository
from nbtwin.operators.store.store import Store
from nbtwin.web.devices_csv_in import ROWS_AT_MOST

pytestmark = pytest.mark.asyncio

WHERE = "/platforms/andlink"
GONE = "867724030000399"


@asynccontextmanager
async def mixed(state: Path) -> AsyncIterator[tuple[ApiLab, Meter, str]]:
    """A module that is awake, a meter that sleeps; the path of the first one's device."""
    async with api_lab(state, "BC28,name=meter", platforms=("andlink",)) as api:
        device = await andlink_device(api)
        meter = Meter(api.lab)
        meter.register()
        await api.advance("10min")
        yield api, meter, device.rpartition("/")[2]


async def over(api: ApiLab, number: int) -> Any:
    """The batch, when nobody is asked any more."""
    for _ in range(1000):
        batch = await api.get(f"{WHERE}/batches/{number}")
        if not {"waiting", "asked"} & batch["counts"].keys():
            return batch
        await asyncio.sleep(0)
    raise AssertionError(batch)


async def batch(api: ApiLab, act: str, status: int = 201, **more: Any) -> Any:
    body = {"act": act, "of": {}, **more}
    return await api.post(f"{WHERE}/batches", body, status)


async def test_an_order_to_many_is_done_waits_or_is_refused_device_by_device(tmp_path: Path) -> None:
    async with mixed(tmp_path) as (api, meter, awake):
        order = {"operation": "write", "path": "/1/0/1", "value": 300}
        begun = await batch(api, "operate", order=order, expected=2)
        assert (begun["devices"], begun["about"]) == (2, order)
        await api.advance("10s")
        found = await over(api, begun["number"])
        assert (found["state"], found["counts"]) == ("running", {"done": 1, "queued": 1})
        rows = {row["device"]: row for row in await api.get(f"{WHERE}/batches/{begun['number']}/devices")}
        assert (rows[f"andlink:{awake}"]["state"], rows[f"andlink:{awake}"]["code"]) == ("done", "2.04")
        assert rows[f"andlink:{IMEI}"]["state"] == "queued"
        meter.update()
        assert meter.answer() == "/1/0/1"
        found = await over(api, begun["number"])
        assert (found["state"], found["counts"], found["ended_at"] is None) == ("finished", {"done": 2}, False)

        refused = await batch(api, "operate", order={"operation": "read", "path": "/77/0"}, of={"devices": [awake]})
        await api.advance("10s")
        assert (await over(api, refused["number"]))["counts"] == {"refused": 1}
        (row,) = await api.get(f"{WHERE}/batches/{refused['number']}/devices", state="refused")
        assert (row["code"], row["refusal"]["fields"]["response_code"]) == ("4.04", "4.04")
        text = (await api.get(f"{WHERE}/batches/{refused['number']}/devices.csv")).decode()
        assert [line["state"] for line in csv.DictReader(io.StringIO(text))] == ["refused"]
        assert [one["number"] for one in await api.get(f"{WHERE}/batches")] == [2, 1]


async def test_an_order_that_is_wrong_for_all_is_refused_once_and_nobody_is_asked(tmp_path: Path) -> None:
    async with mixed(tmp_path) as (api, _, awake):
        for order, field, code in (
            ({"operation": "write", "path": "/1/0/1", "value": "soon"}, "order.value", None),
            ({"operation": "write", "path": "/1/0/1"}, "order.value", "platform-value-missing"),
            ({"operation": "execute", "path": "/1/0"}, "order.path", "platform-path-depth"),
            ({"operation": "execute", "path": "/1/0/8", "value": 0}, "order.value", "api-operation-extra"),
            ({"operation": "read", "path": "/3/0", "arguments": "0"}, "order.arguments", "api-operation-extra"),
            ({"operation": "read", "path": "here"}, "order.path", "platform-path-malformed"),
            ({"operation": "execute", "path": "/1/0/8", "arguments": "?"}, "order.arguments", None),
            ({"operation": "write-attributes", "path": "/3", "attributes": {"pmin": -1}}, "order.attributes", None),
            ({"operation": "read", "path": "/3", "deadline": 1}, "order.deadline", "platform-deadline-past"),
        ):
            refused = await batch(api, "operate", 422, order=order)
            assert (refused["field"], code in (None, refused["code"])) == (field, True), refused
        assert await api.get(f"{WHERE}/batches") == []
        for device in (awake, IMEI):
            assert await api.get(f"{WHERE}/devices/{device}/operations") == []
        begun = await batch(api, "operate", order={"operation": "cancel", "path": "/3"})
        assert (await over(api, begun["number"]))["counts"] == {
            "refused": 2
        }  # nothing is observed there: of the device


async def test_a_batch_that_is_stopped_takes_back_what_waits(tmp_path: Path) -> None:
    async with mixed(tmp_path) as (api, _, _awake):
        begun = await batch(api, "operate", order={"operation": "read", "path": "/3/0/1"}, at_once=1)
        await asyncio.sleep(0)
        stopped = await api.post(f"{WHERE}/batches/{begun['number']}/stop")
        assert stopped["state"] == "stopped"
        await api.advance("1min")
        ended = await api.get(f"{WHERE}/batches/{begun['number']}")
        assert ended["counts"]["cancelled"] >= 1
        assert ended["ended_at"] is not None
        queue = await api.get(f"{WHERE}/devices/{IMEI}/queue")
        assert queue["commands"] == []
        refused = await api.post(f"{WHERE}/batches/{begun['number']}/stop", status=409)
        assert refused["code"] == "api-batch-over"


async def test_the_number_that_was_asked_about_is_the_number_that_it_is_done_to(tmp_path: Path) -> None:
    async with mixed(tmp_path) as (api, _, awake):
        refused = await batch(api, "forget", 409, expected=1)
        assert (refused["code"], refused["fields"]) == ("api-batch-number", {"expected": 1, "found": 2})
        assert (await batch(api, "forget", 422, of={"containing": "nobody"}))["code"] == "api-no-device-fits"
        assert (await batch(api, "operate", 422))["field"] == "order"
        assert (await batch(api, "label", 422, labels={"add": ["two words"]}))["field"] == "labels.tags"
        for nothing in ({}, {"add": []}):
            assert (await batch(api, "label", 422, labels=nothing))["field"] == "labels"
        unknown = await batch(api, "forget", 422, of={"devices": [awake, GONE]})
        assert (unknown["code"], unknown["field"]) == ("api-device-unknown", "of.devices")
        assert len(await api.get(f"{WHERE}/devices")) == 2


async def test_a_state_that_no_device_can_have_is_refused(tmp_path: Path) -> None:
    """Not found empty."""
    async with api_lab(tmp_path, platforms=("andlink",)) as api:
        for path in ("/devices", "/devices.csv"):
            refused = await api.get(WHERE + path, 422, state="registred")
            assert refused["field"] == "state"
            assert "de-registered" in refused["detail"]
        assert (await batch(api, "forget", 422, of={"state": "registred"}))["field"] == "of.state"


async def test_many_are_tagged_found_by_it_deregistered_and_forgotten(tmp_path: Path) -> None:
    async with mixed(tmp_path) as (api, _, awake):
        begun = await batch(api, "label", labels={"group": "line 2", "add": ["field"]}, of={"state": "registered"})
        assert (await over(api, begun["number"]))["counts"] == {"done": 2}
        assert await api.get(f"{WHERE}/labels") == {
            "groups": [{"name": "line 2", "devices": 2}], "tags": [{"name": "field", "devices": 2}]
        }  # fmt: skip
        named = await api.put(f"{WHERE}/devices/{awake}/label", {"name": "水表 7", "tags": ["field", "v2"]})
        assert (named["name"], named["group"], named["tags"]) == ("水表 7", "line 2", ["field", "v2"])
        found = await api.get(f"{WHERE}/devices", tag=["field", "v2"], group="line 2", containing="水表")
        assert [one["imei"] for one in found] == [awake]
        tagged = {"tags": ["v2"]}
        gone = await batch(api, "deregister", of=tagged, expected=1)
        assert (await over(api, gone["number"]))["counts"] == {"done": 1}
        assert (await api.get(f"{WHERE}/devices/{awake}"))["state"] == "de-registered"
        again = await batch(api, "deregister", of=tagged)
        (row,) = await api.get(f"{WHERE}/batches/{again['number']}/devices", state="refused")
        assert row["refusal"]["code"] == "platform-device-not-registered"
        await over(api, (await batch(api, "forget", of=tagged))["number"])
        assert [one["id"] for one in await api.get(f"{WHERE}/devices")] == [f"andlink:{IMEI}"]
        assert (await api.get(f"{WHERE}/labels"))["tags"] == [{"name": "field", "devices": 1}]


async def test_what_waits_in_many_queues_is_taken_back(tmp_path: Path) -> None:
    async with mixed(tmp_path) as (api, _, _awake):
        for path in ("/3/0/1", "/3/0/3"):
            body = {"operation": "read", "path": path, "wait": 0}
            await api.post(f"{WHERE}/devices/{IMEI}/operations", body, 202)
        taken = await batch(api, "take-back", of={"devices": [IMEI]})
        assert (await over(api, taken["number"]))["counts"] == {"done": 1}
        assert (await api.get(f"{WHERE}/devices/{IMEI}/queue"))["commands"] == []


async def put_csv(api: ApiLab, text: str | bytes, status: int = 200, platform: str = "andlink", **query: Any) -> Any:
    content = text.encode() if isinstance(text, str) else text
    where = f"{BASE}/platforms/{platform}/devices.csv"
    answer = await api.http.put(where, content=content, params=query, headers={"content-type": "text/csv"})
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_table_of_devices_comes_back_as_it_went(tmp_path: Path) -> None:
    async with mixed(tmp_path) as (api, _, awake):
        await put_csv(api, f'imei,name,group,tags\n{awake},=1+1,line 2,"field, v2"\n{GONE},later,,\n')
        downloaded = (await api.get(f"{WHERE}/devices.csv")).decode()
        rows = {row["imei"]: row for row in csv.DictReader(io.StringIO(downloaded))}
        assert (rows[awake]["name"], rows[awake]["tags"]) == ("'=1+1", "field v2")
        again = await put_csv(api, downloaded, check="true")
        assert again == {"rows": 2, "unknown": 0, "labels": 2, "keys": 0, "written": False}
        await put_csv(api, downloaded)
        assert (await api.get(f"{WHERE}/devices/{awake}"))["name"] == "=1+1"


async def test_keys_come_in_a_table_and_a_separator_is_recognized(tmp_path: Path) -> None:
    async with api_lab(tmp_path, platforms=("andlink", "cmdmp")) as api:
        text = f"\ufeffdevice;name;key\r\n{GONE};水表;00112233\r\n{IMEI};;AABB\r\n"
        assert await put_csv(api, text) == {"rows": 2, "unknown": 2, "labels": 2, "keys": 2, "written": True}
        ring = api.lab.store.part(PskRepository).keys
        assert {device: ring.get(device).key for device in (GONE, IMEI)} == {GONE: "00112233", IMEI: "AABB"}  # type: ignore[union-attr]
        await put_csv(api, f"imei,appkey,password\n{GONE},M300000001,a-secret-word\n", platform="cmdmp")
        assert api.lab.store.keys.passwords["M300000001"] == "a-secret-word"


WRONG = {
    "id,nmae\nx,y\n": [(1, "nmae", "api-csv-column")],
    "id,name,name\nx,y,z\n": [(1, "name", "api-csv-column-twice")],
    "name\nx\n": [(1, "", "api-csv-no-device")],
    "id,name\n": [(1, "", "api-csv-empty")],
    "id,name\na,b\n\nc\nd,e,f\n": [(4, "", "api-csv-cells"), (5, "", "api-csv-cells")],
    'id,name\n"a\nb",x\nb,y\nb,z\n': [(2, "id", "api-csv-device"), (5, "id", "api-csv-device-twice")],
    f"id,tags,group\n,t,g\na,{'t' * 41},{'g' * 41}\n": [
        (2, "id", "api-csv-device"), (3, "group", "label-text"), (3, "tags", "label-tag"),
    ],
    "id,key\na,12G4\nb,00\n": [(2, "key", "key-digits")],
    "id,key,identity\na,00,b\nb,01,\n": [(2, "identity", "key-identity-taken")],
    'id,name\n"a,b\nc,d\n': [(2, "", "api-csv-damaged")],
    f"id,tags\na,t\nb,{' '.join(map(str, range(33)))}\n": [(3, "tags", "label-too-many")],
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
async def test_every_error_of_a_table_has_its_line_and_column_and_nothing_is_changed(tmp_path: Path, text: str) -> None:
    async with api_lab(tmp_path, platforms=("andlink",)) as api:
        refused = await put_csv(api, text, 422)
        told = [(one["fields"]["line"], one["fields"]["column"], one["code"]) for one in refused["errors"]]
        assert told == WRONG[text]
        assert all(one["detail"] for one in refused["errors"])
        for table in ("device_labels", "device_tags", "psk"):
            assert api.lab.store.database.rows(f"SELECT count(*) FROM {table}") == [(0,)]


async def test_a_table_of_as_many_devices_as_the_limit_is_taken_and_one_more_is_not(tmp_path: Path) -> None:
    async with api_lab(tmp_path, platforms=("andlink",)) as api:
        full = "id\n" + "".join([f"{number}\n" for number in range(ROWS_AT_MOST)])
        assert (await put_csv(api, full, check="true"))["rows"] == ROWS_AT_MOST
        refused = await put_csv(api, f"{full}one more\n", 422)
        assert (refused["code"], refused["fields"]["line"]) == ("api-csv-rows", ROWS_AT_MOST + 2)


async def test_what_is_no_name_of_a_group_is_said_of_the_group(tmp_path: Path) -> None:
    async with mixed(tmp_path) as (api, _, awake):
        refused = await api.put(f"{WHERE}/devices/{awake}/label", {"group": "a\0b"}, 422)
        assert refused["field"] == "group"


async def test_a_table_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    async with api_lab(tmp_path, platforms=("andlink",)) as api:
        refused = await put_csv(api, "id,name\na,b\nc,水表\n".encode("gb18030"), 422)
        assert (refused["code"], refused["fields"]["line"]) == ("api-csv-text", 3)


async def test_how_many_were_online_and_when_one_of_them(tmp_path: Path) -> None:
    async with mixed(tmp_path) as (api, _, _awake):
        now = api.lab.world.now
        curve = await api.get(f"{WHERE}/online", points=4)
        assert curve["points"][-1] == {"at": now, "online": 2, "low": 2, "high": 2}
        assert curve["points"][0]["at"] == curve["kept_since"]
        await api.advance("2h")  # the meter's registration was for an hour
        expired = await api.get(f"{WHERE}/devices/{IMEI}/online")
        (span,) = expired["spans"]
        assert (span["ended"], expired["queue_mode"], expired["awake"]) == ("device-expired", True, 93.0)
        assert span["until"] > span["since"]
        assert expired["heard"] == [span["since"]]
        assert (await api.get(f"{WHERE}/online"))["points"][-1]["online"] == 1
        refused = await api.get(f"{WHERE}/online", 422, since=now * 2)
        assert refused["field"] == "since"


async def test_what_was_answered_is_there_after_kill_9(tmp_path: Path) -> None:
    """The process dies behind the answer."""
    table = f"imei,name,group,tags\n{IMEI},水表 7,line 2,field v2\n"
    with (
        Running("up", "--ports", "cmdmp=0", "--http", "127.0.0.1:0", state=tmp_path) as lab,
        httpx.Client(base_url=lab.console(), timeout=30) as http,
    ):
        assert http.put("/api/v1/platforms/cmdmp/devices.csv", content=table.encode()).json()["written"]
        lab.kill()
    with Store.open(tmp_path / "inventory.sqlite") as store:
        device = f"cmdmp:{IMEI}"
        assert store.part(LabelRepository).of([device]) == {device: Label("水表 7", "line 2", ("field", "v2"))}
