"""Modules over the API: ordered, talked to, switched, remembered, removed."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from api_lab import ApiLab, api_lab

from nbtwin.profiles.models import PROFILES

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiLab]:
    async with api_lab(tmp_path, "BC260Y-CN,name=meter") as lab:
        yield lab


async def test_a_module_is_ordered_registers_and_is_removed(api: ApiLab) -> None:
    ordered = {"model": "bc28", "name": "second", "serial": "tcp:127.0.0.1:0", "firmware": "BC28JAR01A10_ONT"}
    made = await api.post("/modules", ordered, status=201)
    assert (made["model"], made["firmware"], made["power"]) == ("BC28", "BC28JAR01A10_ONT", "booting")
    assert made["serial"].startswith("tcp:127.0.0.1:")
    assert (await api.get("/modules/second/serial"))["kind"] == "tcp"
    await api.advance("1min")
    assert (await api.get("/modules/second"))["attached"] is True
    await api.delete("/modules/second")
    await api.get("/modules/second", status=404)
    assert [module["name"] for module in await api.get("/modules")] == ["meter"]


async def test_a_module_that_comes_again_has_its_nvram_unless_that_was_thrown_away(api: ApiLab) -> None:
    line = {"line": "AT+QDMPCFG=1,117.161.2.7,5683,4242"}
    for keep, found in ((True, 4242), (False, None)):
        await api.post("/modules/meter/at", line)
        await api.http.delete(f"http://127.0.0.1/api/v1/modules/meter?keep_nvram={keep}")
        await api.post("/modules", {"model": "BC260Y-CN", "name": "meter", "power_on": False}, status=201)
        assert (await api.get("/modules/meter/nvram"))["saved"]["cmdmp.period"] == found
        await api.post("/modules/meter/power", {"action": "on"})
        await api.advance("30s")


async def test_a_wrong_order_names_the_field(api: ApiLab) -> None:
    for ordered, status, field in (
        ({"model": "BC999"}, 422, "model"),
        ({"model": "BC28", "name": "meter"}, 409, "name"),
        ({"model": "BC28", "name": "cmdmp"}, 409, "name"),
        ({"model": "BC28", "name": "../etc"}, 422, "name"),
        ({"model": "BC28", "imei": "12"}, 422, "imei"),
        ({"model": "BC28", "vendor": "A-B"}, 422, "vendor"),
        ({"model": "BC28", "plmn": "4601x"}, 422, "plmn"),
        ({"model": "BC28", "sim": "vodafone"}, 422, "sim"),
        ({"model": "BC28", "serial": "tcp:0.0.0.0:7001"}, 422, "serial"),
        ({"model": "BC28", "firmware": "a,b"}, 422, "firmware"),
    ):
        assert (await api.post("/modules", ordered, status=status))["field"] == field
        assert len(await api.get("/modules")) == 1


async def test_of_orders_for_one_name_at_the_same_time_one_is_done(api: ApiLab) -> None:
    """The name is looked at while nobody else may take it: a port is opened in between."""
    order = {"model": "BC28", "name": "twin", "serial": "tcp:127.0.0.1:0", "power_on": False}
    url = "http://127.0.0.1/api/v1/modules"
    answers = await asyncio.gather(*(api.http.post(url, json=order) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"usage-name-taken"}
    assert [module["name"] for module in await api.get("/modules")].count("twin") == 1


async def test_a_port_that_is_taken_is_told_and_leaves_no_half_module(api: ApiLab) -> None:
    made = await api.post("/modules", {"model": "BC28", "name": "one", "serial": "tcp:127.0.0.1:0"}, status=201)
    again = await api.post("/modules", {"model": "BC28", "name": "two", "serial": made["serial"]}, status=409)
    assert "in use" in again["detail"]
    assert "two" not in [module["name"] for module in await api.get("/modules")]
    assert "two" not in api.lab.world.modules


async def test_the_models_say_what_there_is_to_order(api: ApiLab) -> None:
    models = {model["model"]: model for model in await api.get("/models")}
    assert set(models) == set(PROFILES)
    assert models["BC26"]["causes"] == []
    assert (await api.get("/modules/meter/capabilities")) == models["BC260Y-CN"]


async def test_modules_are_searched_by_what_is_known_of_them(api: ApiLab) -> None:
    await api.post("/modules", {"model": "BC28", "name": "other", "power_on": False}, status=201)
    imei = (await api.get("/modules/meter"))["imei"]
    for query, names in (
        ({"containing": "ETE"}, ["meter"]),
        ({"containing": imei[3:]}, ["meter"]),
        ({"power": "off"}, ["other"]),
        ({"limit": 1, "offset": 1}, ["other"]),
    ):
        assert [module["name"] for module in await api.get("/modules", **query)] == names


async def test_a_line_is_answered_and_explained(api: ApiLab) -> None:
    answered = await api.post("/modules/meter/at", {"line": "AT+QDMPCFG=1,117.161.2.7,5683,19"})
    assert answered["answer"] == ["ERROR"]
    (command,) = answered["explanation"]["commands"]
    assert command["form"] == "write"
    assert [field["name"] for field in command["fields"] if field["error"]] == ["update_Period"]
    assert answered["explanation"] == await api.get("/modules/meter/explain", line="AT+QDMPCFG=1,117.161.2.7,5683,19")


async def test_raw_bytes_go_in_and_come_out(api: ApiLab) -> None:
    answer = await api.post("/modules/meter/serial", {"text": "AT+CGMM\r", "wait": 0})
    assert answer["text"] == "AT+CGMM\r\r\nQuectel_BC260Y-CN\r\n\r\nOK\r\n"
    answer = await api.post("/modules/meter/serial", {"hex": "61740D", "wait": 0})
    assert bytes.fromhex(answer["hex"]).endswith(b"\r\nOK\r\n")
    assert (await api.post("/modules/meter/serial", {}, status=422))["field"] == "text"
    assert (await api.post("/modules/meter/serial", {"text": "a", "hex": "61"}, status=422))["field"] == "hex"
    await api.post("/modules/meter/power", {"action": "off"})
    await api.post("/modules/meter/serial", {"text": "AT\r"}, status=409)


async def test_the_console_can_complete_a_line(api: ApiLab) -> None:
    async def inserts(line: str) -> list[str]:
        return [found["insert"] for found in await api.get("/modules/meter/completions", line=line)]

    assert {"AT+QDMPCFG=?", "AT+QDMPCFG?", "AT+QDMPCFG="} <= set(await inserts("AT+QDMP"))
    assert (await inserts("at+qdmpcfg"))[0] == "at+QDMPCFG=?"
    assert "AT+QDMPCFG=4" in await inserts("AT+QDMPCFG=")
    assert await inserts("AT+QDMPCFG=0,") == ["AT+QDMPCFG=0,0", "AT+QDMPCFG=0,1"]
    assert "AT+CGMM;+CGMR" in await inserts("AT+CGMM;+CGM")
    assert (await inserts("A"))[0].startswith("AT")
    assert await inserts("AT+NOSUCH") == []
    (hint,) = await api.get("/modules/meter/completions", line="AT+QDMPCFG=1,117.161.2.7,")
    assert hint["text"].startswith("<")


async def test_the_commands_are_listed_with_how_they_are_written(api: ApiLab) -> None:
    (row,) = await api.get("/modules/meter/commands", containing="qdmpcfgex")
    assert row["forms"][0] == "test"
    assert row["syntax"][0] == "AT+QDMPCFGEX=?"
    assert len(await api.get("/modules/meter/commands")) > 20


async def test_power_reset_with_a_cause_watchdog_and_wake_pin(api: ApiLab) -> None:
    causes = (await api.get("/modules/meter/capabilities"))["causes"]
    module = await api.post("/modules/meter/power", {"action": "reset", "cause": causes[0] if causes else "HUNGER"})
    assert module["power"] == "booting"
    await api.advance("30s")
    assert (await api.post("/modules/meter/power", {"action": "watchdog"}))["power"] == "booting"
    await api.advance("30s")
    assert (await api.post("/modules/meter/power", {"action": "wake"}))["power"] == "on"
    assert (await api.post("/modules/meter/power", {"action": "on", "cause": "X"}, status=422))["field"] == "cause"


async def test_an_unknown_cause_names_those_there_are(tmp_path: Path) -> None:
    async with api_lab(tmp_path, "BC28,name=meter") as api:
        refused = await api.post("/modules/meter/power", {"action": "reset", "cause": "HUNGER"}, status=422)
        assert refused["field"] == "cause"
        assert "REBOOT_CAUSE_APPLICATION_WATCHDOG" in refused["fields"]["known"]


async def test_cards_are_changed_taken_out_and_put_in(api: ApiLab) -> None:
    assert (await api.delete("/modules/meter/usim", status=200))["imsi"] is None
    assert (await api.put("/modules/meter/usim", {"operator": "telecom"}))["operator"] == "telecom"
    own = await api.put("/modules/meter/usim", {"imsi": "460010000000001", "pin": "SIM PIN"})
    assert (own["operator"], own["pin"], own["attached"]) == ("unicom", "SIM PIN", False)
    for wrong, field in (
        ({}, "operator"),
        ({"imsi": "1", "operator": "mobile"}, "imsi"),
        ({"imsi": "460010000000001", "operator": "mobile"}, "operator"),
    ):
        assert (await api.put("/modules/meter/usim", wrong, status=422))["field"] == field


async def test_coverage_signal_firmware_and_nat(api: ApiLab) -> None:
    assert (await api.post("/modules/meter/signal", {"rssi": 7}))["rssi"] == 7
    assert (await api.post("/modules/meter/signal", {"rssi": 50}, status=422))["field"] == "rssi"
    assert (await api.post("/modules/meter/coverage", {"coverage": False}))["rssi"] == 99
    await api.post("/modules/meter/coverage", {"coverage": True})
    await api.advance("1min")
    before = (await api.get("/platforms/cmdmp/devices"))[0]["port"]
    await api.post("/modules/meter/rebind")
    await api.advance("25h")
    assert (await api.get("/platforms/cmdmp/devices"))[0]["port"] != before
    updated = await api.post("/modules/meter/firmware", {"version": "BC260YCNAAR02A01"})
    assert (updated["firmware"], updated["power"]) == ("BC260YCNAAR02A01", "booting")


async def test_deadlines_are_told_with_their_reasons(api: ApiLab) -> None:
    waiting = await api.get("/modules/meter/deadlines")
    assert ("cmdmp", "the update period") in [(line["part"], line["why"]) for line in waiting]
    assert [line["at"] for line in waiting] == sorted(line["at"] for line in waiting)
    await api.post("/modules/meter/power", {"action": "reset"})
    assert [line["part"] for line in await api.get("/modules/meter/deadlines")] == ["boot"]
    await api.post("/modules/meter/power", {"action": "off"})
    assert await api.get("/modules/meter/deadlines") == []


async def test_nvram_is_put_aside_compared_brought_back_and_reset(api: ApiLab) -> None:
    kept = await api.post("/modules/meter/nvram/snapshots", {"label": "new"}, status=201)
    await api.post("/modules/meter/at", {"line": 'AT+QDMPCFG=2,"M100000090","secretpassword1",1,"863703030000008"'})
    nvram = await api.get("/modules/meter/nvram")
    assert nvram["saved"]["cmdmp.password"] == "secr****"
    assert {change["name"] for change in nvram["waiting"]} >= {"cmdmp.appkey", "cmdmp.password"}
    changed = await api.get("/modules/meter/nvram/diff", before=str(kept["id"]), after="saved")
    assert "cmdmp.appkey" in [change["name"] for change in changed]
    await api.post("/modules/meter/nvram/restore", {"snapshot": kept["id"]})
    assert await api.get("/modules/meter/nvram/diff", before=str(kept["id"]), after="saved") == []
    await api.post("/modules/meter/at", {"line": "AT+QDMPCFG=0,0"})
    await api.post("/modules/meter/nvram/factory-reset")
    assert await api.get("/modules/meter/nvram/diff", before="factory", after="saved") == []
    await api.delete(f"/modules/meter/nvram/snapshots/{kept['id']}")
    assert await api.get("/modules/meter/nvram/snapshots") == []
    await api.post("/modules/meter/nvram/restore", {"snapshot": kept["id"]}, status=404)


async def test_an_nvram_image_is_carried_to_another_module(api: ApiLab) -> None:
    await api.post("/modules/meter/at", {"line": "AT+QDMPCFG=1,117.161.2.7,5683,4242"})
    image = await api.get("/modules/meter/nvram/image")
    await api.post("/modules", {"model": "BC260Y-CN", "name": "other", "power_on": False}, status=201)
    put = await api.http.put("http://127.0.0.1/api/v1/modules/other/nvram/image", content=image)
    assert put.status_code == 200
    assert (await api.get("/modules/other/nvram"))["saved"]["cmdmp.period"] == 4242
    wrong = await api.http.put("http://127.0.0.1/api/v1/modules/other/nvram/image", content=b"\x00not an image")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "body")


async def test_lines_suggestions_and_commands_are_explained_in_the_language_that_was_asked_for(api: ApiLab) -> None:
    async def in_chinese(what: str, **query: str) -> Any:
        where = f"http://127.0.0.1/api/v1/modules/meter/{what}"
        return (await api.http.get(where, params=query, headers={"Accept-Language": "zh-CN"})).json()

    explained = await in_chinese("explain", line="AT+CFUN=4")
    (command,) = explained["commands"]
    assert command["says"].startswith("最小功能")
    assert command["fields"][0]["meaning"] == "飞行模式"
    assert explained["lines"][0].startswith("AT+CFUN  设置命令，27.007 8.2：最小功能")
    suggested = await in_chinese("completions", line="AT+CFUN")
    assert "查询命令：" in {found["says"][:5] for found in suggested}
    assert [row["name"] for row in await in_chinese("commands", containing="飞行模式")] == ["+CFUN"]
    answered = await api.http.post(
        "http://127.0.0.1/api/v1/modules/meter/at", json={"line": "AT+CFUN=9"}, headers={"Accept-Language": "zh"}
    )
    assert "以下之一" in answered.json()["explanation"]["commands"][0]["error"]["text"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cmdmp.period", 10**30),
        ("cmdmp.period", -5),
        ("cmdmp.port", 65536),
        ("cmdmp.server", "x" * 500_000),
        ("cmdmp.server", "a\r\nb"),
        ("cmdmp.plmns", ["46000"] * 1000),
        ("cmdmp.period", "soon"),
    ],
)
async def test_an_nvram_image_of_wrong_widths_is_refused_and_changes_nothing(
    api: ApiLab, name: str, value: object
) -> None:
    before = await api.get("/modules/meter/nvram/image")
    image = json.loads(before)
    part, setting = name.split(".")
    image["saved"][part][setting] = value
    url = "http://127.0.0.1/api/v1/modules/meter/nvram/image"
    refused = await api.http.put(url, content=json.dumps(image).encode())
    assert (refused.status_code, refused.json()["code"]) == (422, "nvram-unreadable")
    assert setting in refused.json()["detail"]
    assert await api.get("/modules/meter/nvram/image") == before
