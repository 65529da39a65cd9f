"""The platforms' devices over the API: found, asked, observed, forgotten; and the keys with which they come."""

import csv
import dataclasses
from collections.abc import AsyncIterator
from csv import DictReader
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from api_lab import ApiLab, andlink_device, api_lab

from nbtwin.operators.device_management.verbs import VERBS
from nbtwin.operators.key_store.appkeys import LAB_PASSWORD
from nbtwin.selfreg.cmdmp import decrypt, key_of
from nbtwin.web.devices_csv import HEAD, as_csv

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiLab]:
    async with api_lab(tmp_path, "BC260Y-CN,name=meter", platforms=("cmdmp", "telecom")) as lab:
        yield lab


@pytest_asyncio.fixture
async def andlink(tmp_path: Path) -> AsyncIterator[tuple[ApiLab, str]]:
    """A BC28 that is registered with Andlink, and where its device is."""
    async with api_lab(tmp_path, "BC28,name=meter", platforms=("andlink",)) as lab:
        yield lab, await andlink_device(lab)


async def ask(api: ApiLab, where: str, status: int = 200, /, **order: Any) -> Any:
    return await api.post(f"{where}/operations", {"wait": 10, **order}, status=status)


async def test_platforms_say_what_may_be_asked_of_their_devices(api: ApiLab) -> None:
    cmdmp, telecom = await api.get("/platforms")
    assert (cmdmp["devices"], cmdmp["registered"]) == (1, 1)
    assert "observe" in cmdmp["operations"]
    assert telecom["operations"] == []
    assert await api.get("/platforms/cmdmp") == cmdmp
    await api.get("/platforms/none", status=404)


async def test_devices_are_sorted_and_paged(api: ApiLab) -> None:
    for number in range(3):
        await api.post("/modules", {"model": "BC260Y-CN", "name": f"m{number}"}, status=201)
    await api.advance("1min")
    answer = await api.http.get("http://127.0.0.1/api/v1/platforms/cmdmp/devices?sort=last_seen_at&order=desc&limit=2")
    assert answer.headers["x-total-count"] == "4"
    seen = [device["last_seen_at"] for device in answer.json()]
    assert len(seen) == 2
    assert seen == sorted(seen, reverse=True)
    for device, label in zip(answer.json(), ({"name": "b", "group": "x"}, {"name": "A", "group": "y"}), strict=True):
        await api.put(f"/platforms/cmdmp/devices/{device['id']}/label", label)
    for way, names in (("asc", ["A", "b", "", ""]), ("desc", ["b", "A", "", ""])):
        found = await api.get("/platforms/cmdmp/devices", sort="name", order=way)
        assert [device["name"] for device in found] == names
        found = await api.get("/platforms/cmdmp/devices", sort="group", order=way)
        assert [bool(device["group"]) for device in found] == [True, True, False, False]
    models = [device["model"] for device in await api.get("/platforms/cmdmp/devices", sort="model", order="desc")]
    assert models == sorted(models, reverse=True)
    refused = await api.get("/platforms/cmdmp/devices", status=422, sort="colour")
    assert refused["field"] == "sort"


async def test_a_device_is_known_by_its_name_or_its_id_and_can_be_forgotten(api: ApiLab) -> None:
    (device,) = await api.get("/platforms/cmdmp/devices")
    where = f"/platforms/cmdmp/devices/{device['imei']}"
    assert await api.get(where) == device == await api.get(f"/platforms/cmdmp/devices/{device['id']}")
    answer = await api.http.get(f"http://127.0.0.1/api/v1{where}/history?limit=1")
    assert (answer.headers["x-total-count"], len(answer.json())) == ("2", 1)
    await api.delete(where)
    await api.get(where, status=404)
    await api.advance("25h")
    again = await api.get(where)
    assert (again["state"], again["registrations"], again["updates"]) == ("registered", 1, 0)


async def test_cmdmp_devices_are_asked_too(api: ApiLab) -> None:
    imei = (await api.get("/modules/meter"))["imei"]
    where = f"/platforms/cmdmp/devices/{imei}"
    read = await ask(api, where, operation="read", path="/3/0")
    assert (read["done"], read["code"], read["value"]["1"]) == (True, "2.05", "BC260Y-CN")
    discovered = await ask(api, where, operation="discover", path="/666")
    assert {"path": "/666/0/6603"} in discovered["value"]
    observed = await ask(api, where, operation="observe", path="/666/0/6603")
    assert observed["code"] == "2.05"  # its answer, but these modules notify nothing (RFC 7641 4.1)
    assert await api.get(f"{where}/observations") == []
    assert (await ask(api, where, operation="read", path="/9/9"))["code"] == "4.04"
    assert [done["ticket"] for done in await api.get(f"{where}/operations")] == [4, 3, 2, 1]
    assert await api.get(f"{where}/operations/3") == observed
    await api.get(f"{where}/operations/99", status=404)


async def test_what_cmdmp_devices_encrypt_is_read_in_clear_and_kept_as_it_came(api: ApiLab) -> None:
    imei = (await api.get("/modules/meter"))["imei"]
    where = f"/platforms/cmdmp/devices/{imei}"
    key = key_of(LAB_PASSWORD)
    one = await ask(api, where, operation="read", path="/666/0/6603")
    assert one["value"] == "NULL"
    assert decrypt(one["raw"], key) == "NULL"
    whole = await ask(api, where, operation="read", path="/666/0")
    stored = (await api.get(where))["values"]
    assert whole["value"] == stored
    assert {number: decrypt(value, key) for number, value in whole["raw"].items()} == stored
    line = (await api.get(f"{where}/history"))[-1]
    assert (line["fields"]["value"], line["fields"]["raw"]) == (whole["value"], whole["raw"])
    await api.delete("/appkeys/M100000089")
    locked = await ask(api, where, operation="read", path="/666/0/6603")
    assert (locked["value"], locked["raw"]) == (one["raw"], None)  # nobody can open it any more
    assert (await ask(api, where, operation="read", path="/3/0/1"))["raw"] is None


async def test_a_verb_is_added_in_one_place(andlink: tuple[ApiLab, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A row in the table of verbs is an operation of the REST API and of the platform at once."""
    api, where = andlink
    fetch = dataclasses.replace(VERBS["read"], name="fetch", answer=lambda path, message, objects: f"{path} fetched")
    assert (await ask(api, where, 422, operation="fetch", path="/3/0/1"))["field"] == "operation"
    monkeypatch.setitem(VERBS, "fetch", fetch)
    fetched = await ask(api, where, operation="fetch", path="/3/0/1")
    assert (fetched["operation"], fetched["code"], fetched["value"]) == ("fetch", "2.05", "/3/0/1 fetched")
    assert "fetch" in (await api.get("/platforms/andlink"))["operations"]


async def test_the_object_tree_has_names_and_the_newest_values(andlink: tuple[ApiLab, str]) -> None:
    api, where = andlink
    await ask(api, where, operation="read", path="/1/0")
    tree = {item["id"]: item for item in await api.get(f"{where}/objects")}
    assert list(tree) == [1, 3, 5, 19]
    lifetime = tree[1]["instances"][0]["resources"][1]
    assert (lifetime["name"], lifetime["operations"], lifetime["value"]) == ("Lifetime", "RW", 86400)
    assert lifetime["at"] is not None
    model = tree[3]["instances"][0]["resources"][1]
    assert (model["path"], model["value"]) == ("/3/0/1", "BC28")
    assert [instance["id"] for instance in tree[19]["instances"]] == [0, 1]


async def test_a_value_is_written_read_and_plotted(andlink: tuple[ApiLab, str]) -> None:
    api, where = andlink
    for lifetime in (600, 1200):
        assert (await ask(api, where, operation="write", path="/1/0/1", value=lifetime))["code"] == "2.04"
        await ask(api, where, operation="read", path="/1/0/1")
        await api.advance("10s")
    points = (await api.http.get(f"http://127.0.0.1/api/v1{where}/data?path=/1/0/1")).json()["points"]
    assert [point["value"] for point in points] == [600, 1200]
    late = (await api.http.get(f"http://127.0.0.1/api/v1{where}/data?path=/1/0/1&since={points[1]['at']}")).json()
    assert late["points"] == points[1:]
    partly = await ask(api, where, operation="write-partly", path="/1/0", value={"1": 86400})
    assert (partly["operation"], partly["code"]) == ("write-partly", "2.04")


async def test_what_the_host_sends_arrives_as_data(andlink: tuple[ApiLab, str]) -> None:
    api, where = andlink
    await api.post("/modules/meter/serial", {"text": "AT+QLASENDATA=0x0100,5\r", "wait": 0})
    await api.post("/modules/meter/serial", {"text": "hello", "wait": 0})
    await api.advance("10s")
    points = (await api.http.get(f"http://127.0.0.1/api/v1{where}/data?path=/19/1/0")).json()["points"]
    assert [point["value"] for point in points] == ["hello"]


async def test_execute_attributes_delete_and_cancel(andlink: tuple[ApiLab, str]) -> None:
    api, where = andlink
    assert (await ask(api, where, operation="execute", path="/1/0/8"))["code"] == "2.04"
    attributes = await ask(api, where, operation="write-attributes", path="/5/0/3", attributes={"pmin": 10})
    assert (attributes["operation"], attributes["code"]) == ("write-attributes", "2.04")
    assert (await ask(api, where, operation="delete", path="/3/0"))["code"] == "4.05"
    assert (await ask(api, where, operation="cancel", path="/5/0/3"))["code"] == "2.05"
    assert [line["path"] for line in await api.get(f"{where}/observations")] == ["/19/1/0"]


async def test_an_answer_that_has_not_come_is_fetched_with_its_ticket(andlink: tuple[ApiLab, str]) -> None:
    api, where = andlink
    await api.post("/faults", {"kind": "silence", "destination": "andlink"}, status=201)
    asked = await ask(api, where, 202, operation="read", path="/3/0", wait=0)
    assert (asked["done"], asked["code"]) == (False, "")
    await api.advance("5min")
    failed = await api.get(f"{where}/operations/{asked['ticket']}")
    assert (failed["done"], failed["code"], failed["refusal"]["code"]) == (True, "", "lwm2m-server-client-unanswered")


async def test_a_wrong_question_names_the_field(andlink: tuple[ApiLab, str]) -> None:
    for order, field in (
        ({"operation": "sing", "path": "/3/0"}, "operation"),
        ({"operation": "read", "path": "/3/x"}, "path"),
        ({"operation": "read", "path": "/3/0/1/2/3"}, "path"),
        ({"operation": "write", "path": "/1/0/1"}, "value"),
        ({"operation": "write", "path": "/1/0/1", "value": "soon"}, "value"),
        ({"operation": "write", "path": "/1/0", "value": 3}, "value"),
        ({"operation": "write-attributes", "path": "/3/0"}, "attributes"),
        ({"operation": "write-attributes", "path": "/3/0/9", "attributes": {"pmid": 1}}, "attributes.pmid"),
        ({"operation": "write-attributes", "path": "/3/0/9", "attributes": {"pmin": "soon"}}, "attributes.pmin"),
        ({"operation": "write-attributes", "path": "/3/0/0", "attributes": {"gt": 1}}, "attributes"),
        ({"operation": "write-attributes", "path": "/3/0/9", "attributes": {"con": 1}}, "attributes"),  # of 1.2
        ({"operation": "observe", "path": "/3/0/9", "attributes": {"pmin": 1}}, "attributes"),  # so is that
        ({"operation": "cancel", "path": "/1/0"}, "path"),
        ({"operation": "read", "path": "/3/0", "wait": -1}, "wait"),
    ):
        api, where = andlink
        assert (await api.post(f"{where}/operations", order, status=422))["field"] == field


async def test_a_module_of_lwm2m_1_0_is_not_asked_for_what_came_later(andlink: tuple[ApiLab, str]) -> None:
    """D157."""
    api, where = andlink
    refused = await ask(api, where, 409, operation="read", path="/19/1/0/0")
    assert (refused["code"], refused["fields"]["version"], refused["fields"]["since"]) == (
        "platform-version-lacks", "1.0", "1.1"
    )  # fmt: skip
    device = await api.get(where)
    shown = {name: device[name] for name in ("lwm2m_version", "binding", "transports", "queue_mode", "object_versions")}
    assert shown == {
        "lwm2m_version": "1.0", "binding": "U", "transports": ["UDP"], "queue_mode": False, "object_versions": {}
    }  # fmt: skip


async def test_devices_are_a_file_for_a_spreadsheet(andlink: tuple[ApiLab, str]) -> None:
    api, where = andlink
    answer = await api.http.get("http://127.0.0.1/api/v1/platforms/andlink/devices.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(answer.text.splitlines())
    device = await api.get(where)
    assert (row["id"], row["state"], row["lwm2m_version"]) == (device["id"], "registered", "1.0")
    assert (row["binding"], row["transports"], row["queue_mode"]) == ("U", "UDP", "false")
    empty = await api.http.get("http://127.0.0.1/api/v1/platforms/andlink/devices.csv?state=expired")
    assert empty.text.count("\r\n") == 1
    await api.get("/platforms/none/devices.csv", status=404)


async def test_what_devices_say_is_no_formula_in_a_spreadsheet() -> None:
    shown = {name: "" for name in HEAD} | {
        "id": "andlink:=1+1", "endpoint": "=cmd()", "transports": ["UDP", "SMS"], "queue_mode": True,
        "object_versions": {"3": "1.1", "5": "1.0"}, "port": 5683,
    }  # fmt: skip
    (row,) = csv.DictReader(as_csv([shown]).splitlines())
    assert (row["id"], row["endpoint"], row["transports"]) == ("andlink:=1+1", "'=cmd()", "UDP SMS")
    assert (row["queue_mode"], row["object_versions"], row["port"]) == ("true", "3:1.1 5:1.0", "5683")


async def test_a_device_that_has_left_cannot_be_asked(andlink: tuple[ApiLab, str]) -> None:
    api, where = andlink
    await api.post("/modules/meter/at", {"line": "AT+QLASREGIND=1"})
    await api.post("/modules/meter/power", {"action": "off"})
    await api.advance("3d")
    refused = await ask(api, where, 409, operation="read", path="/3/0")
    assert "not registered" in refused["detail"]


async def test_reports_have_no_devices_to_ask(tmp_path: Path) -> None:
    async with api_lab(tmp_path, "BC28,name=meter,sim=unicom", platforms=("unicom",)) as api:
        await api.advance("1h")
        devices = await api.get("/platforms/unicom/devices")
        for device in devices:
            refused = await ask(api, f"/platforms/unicom/devices/{device['imei']}", 409, operation="read", path="/3")
            assert "only takes reports" in refused["detail"]


async def test_keys_of_devices_are_kept_and_masked(andlink: tuple[ApiLab, str]) -> None:
    api, _ = andlink
    keys = "/platforms/andlink/keys"
    made = await api.put(f"{keys}/867724033000019", {"key": "00112233445566778899aabbccddeeff"})
    assert (made["key"], made["bootstrap_key"]) == ("***", "")
    assert "0011" not in str(await api.get(keys)) + str(await api.get(f"{keys}/867724033000019"))
    assert (await api.get(keys, reveal="true"))[0]["key"].startswith("0011")
    assert (await api.put(f"{keys}/other", {"key": "0x"}, status=422))["field"] == "key"
    assert (await api.put(f"{keys}/other", {}, status=422))["field"] == "key"
    taken = {"key": "00", "identity": "867724033000019"}
    assert (await api.put(f"{keys}/other", taken, status=422))["field"] == "identity"
    await api.delete(f"{keys}/867724033000019")
    await api.delete(f"{keys}/867724033000019", status=404)
    await api.get("/platforms/telecom/keys", status=422)


async def test_appkeys_are_seen_in_clear_by_those_who_ask(api: ApiLab) -> None:
    await api.post("/appkeys", {"appkey": "M300000001", "password": "a-secret-password"}, status=201)
    assert "a-secret-password" not in str(await api.get("/appkeys"))
    assert {"appkey": "M300000001", "password": "a-secret-password"} in await api.get("/appkeys", reveal="true")
    assert (await api.post("/appkeys", {"appkey": "M3", "password": "a\x00b"}, status=422))["field"] == "password"


async def test_a_package_is_made_downloaded_given_to_devices_and_runs_there(andlink: tuple[ApiLab, str]) -> None:
    api, _ = andlink
    made = await api.post("/firmware/made", {"name": "new", "model": "bc28", "version": "BC28JAR01A11_ONT"}, status=201)
    assert (made["model"], made["version"], made["base"]) == ("BC28", "BC28JAR01A11_ONT", "")
    content = await api.get("/firmware/new/content")
    again = await api.http.post("http://127.0.0.1/api/v1/firmware?name=again", content=content)
    assert (again.status_code, again.json()["size"]) == (201, made["size"])
    asked = await api.post("/platforms/andlink/campaigns", {"package": "new", "expected": 0}, status=409)
    plan = {"package": "new", "containing": "bc28", "expected": asked["fields"]["found"]}
    await api.post("/faults", {"kind": "delay", "direction": "up", "seconds": 1}, status=201)
    campaign = await api.post("/platforms/andlink/campaigns", plan, status=201)
    where = f"/platforms/andlink/campaigns/{campaign['id']}/devices"
    await api.advance("10s")
    (halfway,) = await api.get(where, step="downloading")
    assert 0 < halfway["bytes"] < halfway["size"]
    await api.delete("/faults")
    await api.advance("30min")
    text = (await api.get(f"{where}.csv")).decode()
    assert [(row["step"], row["bytes"]) for row in DictReader(text.splitlines())] == [("succeeded", str(made["size"]))]
    done = await api.get(f"/platforms/andlink/campaigns/{campaign['id']}")
    assert (done["state"], done["counts"]) == ("finished", {"succeeded": 1})
    (progress,) = await api.get(f"/platforms/andlink/campaigns/{campaign['id']}/devices")
    assert (progress["version"], progress["result"]) == ("BC28JAR01A11_ONT", 1)
    assert progress["bytes"] == progress["size"] == made["size"]
    assert (await api.get("/modules/meter"))["firmware"] == "BC28JAR01A11_ONT"
    await api.post(f"/platforms/andlink/campaigns/{campaign['id']}/stop", status=409)
    await api.delete("/firmware/again")
    assert [package["name"] for package in await api.get("/firmware")] == ["new"]
    for path, body, field in (
        ("/firmware/made", {"name": "new", "model": "BC28", "version": "X"}, "name"),
        ("/firmware/made", {"name": "x", "model": "BC999", "version": "X"}, "model"),
        ("/platforms/andlink/campaigns", {"package": "none"}, "package"),
        ("/platforms/andlink/campaigns", {"package": "new", "model": "BC35-G"}, "devices"),
        ("/platforms/andlink/campaigns", {"package": "new", "mode": "throw"}, "mode"),
        ("/platforms/andlink/campaigns", {"package": "new", "device": ["8"]}, "device"),  # misspelt: not all of them
    ):
        assert (await api.post(path, body, status=422))["field"] == field
    broken = await api.http.post("http://127.0.0.1/api/v1/firmware?name=broken", content=content[:-1])
    assert (broken.status_code, broken.json()["field"]) == (422, "body")


async def test_a_file_of_any_format_is_uploaded_with_what_is_said_of_it(andlink: tuple[ApiLab, str]) -> None:
    """D164: version, models, checksum and notes are given beside it; a checksum that differs is 422."""
    api, _ = andlink
    url, image = "http://127.0.0.1/api/v1/firmware", b"any bytes"
    said = {"name": "meter", "version": "2.4.1", "models": ["MTR-10", "MTR-20"], "notes": "from the vendor"}
    for field, wrong in {
        "checksum": {"checksum": "00" * 32},
        "models": {"models": ["a,b"]},
        "version": {"version": "a\x00b"},
    }.items():
        refused = await api.http.post(url, params={**said, **wrong}, content=image)
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert (await api.http.post(url, params=said, content=b"")).json()["field"] == "body"
    checksum = sha256(image).hexdigest()
    made = (await api.http.post(url, params={**said, "checksum": checksum.upper()}, content=image)).json()
    assert (made["kind"], made["models"], made["version"]) == ("raw", ["MTR-10", "MTR-20"], "2.4.1")
    assert (made["checksum"], made["notes"], made["size"]) == (checksum, "from the vendor", len(image))
    assert await api.get("/firmware/meter/content") == image
