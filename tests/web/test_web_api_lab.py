"""The lab as a whole over the API: its time, its faults, its figures, scenarios in worlds of their own."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from api_lab import BASE, ApiLab, api_lab

from nbtwin.runtime.histogram import Histogram

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiLab]:
    async with api_lab(tmp_path, "BC260Y-CN,name=meter") as lab:
        yield lab


async def test_the_clock_says_what_falls_due_next(api: ApiLab) -> None:
    clock = await api.get("/clock")
    assert (clock["mode"], clock["rate"], clock["paused"], clock["advancing"]) == ("simulated", 0.0, False, False)
    assert clock["seed"] == 1
    assert clock["next"]["source"] == "meter"
    await api.post("/clock/run-until", {"at": clock["next"]["at"], "within": "48h"})
    assert (await api.get("/clock"))["now"] == clock["next"]["at"]


async def test_the_lab_runs_until_something_happens(api: ApiLab) -> None:
    reached = await api.post("/clock/run-until", {"kind": "platform", "containing": "device updated", "within": "3d"})
    assert reached["reached"] is True
    assert reached["entry"]["source"] == "cmdmp"
    assert reached["clock"]["now"] == reached["entry"]["at"]
    reached = await api.post("/clock/run-until", {"source": "meter", "containing": "no such", "within": "1h"})
    assert (reached["reached"], reached["entry"]) == (False, None)


@pytest.mark.parametrize("kept", ["store", "timeline"])
async def test_no_time_comes_again_when_the_wall_clock_has_gone_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    async with api_lab(tmp_path, "BC260Y-CN,name=meter") as api:
        if kept == "store":
            await api.advance("5min")
        seen = (await api.get("/clock"))["now"]
    gone = tmp_path / "timeline" if kept == "store" else tmp_path / "inventory.sqlite"
    gone.rename(tmp_path / "elsewhere")
    wall = time.time
    monkeypatch.setattr(time, "time", lambda: wall() - 7200)
    async with api_lab(tmp_path) as api:
        assert (await api.get("/clock"))["now"] > seen - 300


async def test_a_wrong_wish_about_time_names_the_field(api: ApiLab) -> None:
    for path, body, field in (
        ("/clock/advance", {"span": "soon"}, "span"),
        ("/clock/advance", {"span": "400d"}, "span"),
        ("/clock/run-until", {}, "containing"),
        ("/clock/run-until", {"at": 1.0}, "at"),
        ("/clock/run-until", {"at": 9e9, "within": "1h"}, "at"),
        ("/clock/rate", {"rate": -1}, "rate"),
    ):
        assert (await api.post(path, body, status=422))["field"] == field


async def test_a_simulated_lab_has_no_pace(api: ApiLab) -> None:
    for path, body in (("pause", None), ("resume", None), ("rate", {"rate": 2})):
        refused = await api.post(f"/clock/{path}", body, status=409)
        assert "advance" in refused["detail"]


async def test_a_live_lab_is_paused_and_goes_on(tmp_path: Path) -> None:
    async with api_lab(tmp_path, simulated=False) as api:
        assert (await api.post("/clock/pause"))["paused"] is True
        first, second = (await api.get("/clock"))["now"], (await api.get("/clock"))["now"]
        assert first == second
        assert (await api.post("/clock/rate", {"rate": 1000}))["rate"] == 1000
        assert (await api.get("/clock"))["now"] > first
        assert (await api.post("/clock/resume"))["rate"] == 1000
        assert (await api.post("/clock/pause"))["pace"] == 1000
        assert (await api.post("/clock/rate", {"rate": 0}))["paused"] is True
        assert (await api.post("/clock/resume"))["rate"] == 1000, "a pause forgets no rate, however it was begun"
        refused = await api.post("/clock/advance", {"span": "1s", "patience": "1h"}, status=422)
        assert "patience" in refused["detail"]
        assert (await api.post("/clock/advance", {"span": "1s", "patience": "2s"}))["patience"] is None
        assert (await api.post("/clock/stop"))["mode"] == "live"


async def test_a_fault_for_nobody_is_refused_with_the_names_near_it(api: ApiLab) -> None:
    """D134."""
    for body in ({"kind": "loss", "source": "metre"}, {"fault": "loss,source=metre"}):
        refused = await api.post("/faults", body, status=422)
        assert "near it: meter" in refused["detail"]
    assert (await api.post("/faults", {"kind": "loss", "source": "meter"}, status=201))["unmatched"] == []
    assert (await api.post("/faults", {"kind": "loss", "source": "10.0.0.*"}, status=201))["unmatched"] == []
    later = await api.post("/faults", {"kind": "loss", "destination": "valve*"}, status=201)
    assert later["unmatched"] == ["destination"]
    await api.post("/modules", {"model": "BC28", "name": "valve-1"}, status=201)
    assert [fault["unmatched"] for fault in await api.get("/faults")] == [[], [], []]


async def test_faults_are_given_field_by_field_or_as_a_line(api: ApiLab) -> None:
    one = await api.post("/faults", {"kind": "loss", "direction": "up", "packets": [1, 2]}, status=201)
    other = await api.post("/faults", {"fault": "loss,direction=up,packets=1+2"}, status=201)
    assert one["detail"] == other["detail"] == {"kind": "loss", "direction": "up", "packets": [1, 2]}
    late = await api.post("/faults", {"kind": "delay", "seconds": "1min", "end": "inf"}, status=201)
    assert late["detail"] == {"kind": "delay", "seconds": 60.0}
    await api.delete("/faults")
    assert await api.get("/faults") == []
    assert {kind["kind"] for kind in await api.get("/faults/kinds")} >= {"loss", "silence", "dns_failure", "error"}


async def test_a_wrong_fault_names_the_field(api: ApiLab) -> None:
    for fault, field in (
        ({}, "fault"),
        ({"fault": "gremlins"}, "fault"),
        ({"fault": "loss", "kind": "loss"}, "kind"),
        ({"direction": "up"}, "kind"),
        ({"kind": "gremlins"}, "kind"),
        ({"kind": "loss", "probability": 2}, "probability"),
        ({"kind": "loss", "start": "yesterday"}, "start"),
        ({"kind": "delay", "seconds": "inf"}, "kind"),
        ({"kind": "error", "code": "2.05"}, "code"),
    ):
        assert (await api.post("/faults", fault, status=422))["field"] == field


async def test_lost_packets_are_seen_and_counted(api: ApiLab) -> None:
    await api.post("/faults", {"kind": "loss", "packets": [1, 2]}, status=201)
    await api.post("/modules/meter/power", {"action": "reset"})
    await api.advance("2min")
    page = (await api.http.get("http://127.0.0.1/metrics")).text
    written = (line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))
    figures = {name: float(value) for name, value in written}
    assert figures["nbtwin_packets_lost_total"] == 2
    assert figures["nbtwin_retransmissions_total"] >= 2
    assert figures['nbtwin_platform_events_total{event="device-registered",platform="cmdmp"}'] == 2
    assert figures['nbtwin_modules{power="on"}'] == 1
    assert figures['nbtwin_devices{platform="cmdmp"}'] == 1
    assert float(figures["nbtwin_store_commit_seconds_count"]) >= 2
    buckets = [float(v) for k, v in figures.items() if "bucket" in k and "answer" in k and "cmdmp" in k]
    assert buckets == sorted(buckets)
    assert buckets[-1] == float(figures['nbtwin_platform_answer_seconds_count{platform="cmdmp"}']) > 0


async def test_the_overview_has_the_lab_in_figures(api: ApiLab) -> None:
    overview = await api.get("/overview")
    assert overview["modules"] == {"total": 1, "by_power": {"on": 1}, "by_state": {"REG_SUCCESS": 1}, "attached": 1}
    assert overview["platforms"][0]["by_state"] == {"registered": 1}
    assert overview["latency"]["cmdmp"]["count"] > 0
    rates = await api.get("/rates")
    assert set(overview["rates"]) == set(rates["series"])
    assert overview["loop"]["seconds"] <= max(rates["loop"], default=0)
    assert len(rates["loop"]) == len(rates["at"])


async def test_percentiles_lie_in_the_bucket_of_what_was_counted() -> None:
    histogram = Histogram((1.0, 2.0, 4.0))
    assert histogram.percentile(0.5) is None
    for value in (0.5, 1.5, 1.5, 3.0, 99.0):
        histogram.add(value)
    assert 1.0 < (histogram.percentile(0.5) or 0) <= 2.0
    assert histogram.percentile(0.99) == 4.0
    assert (histogram.count, histogram.sum) == (5, 105.5)


async def test_every_example_is_listed_and_one_is_run(api: ApiLab) -> None:
    names = {example["name"] for example in await api.get("/scenarios")}
    assert {"telecom-server-down", "wrong-password"} <= names
    assert "modules:" in (await api.get("/scenarios/wrong-password"))["yaml"]
    chinese = await api.http.get(f"{BASE}/scenarios/wrong-password", headers={"Accept-Language": "zh"})
    assert chinese.json()["title"] == "BC260Y-CN 密码错误，一天后改正"
    before = await api.get("/clock")
    run = await api.post("/scenarios/runs", {"name": "wrong-password", "wait": 60}, status=201)
    assert (run["state"], run["error"]) == ("passed", "")
    assert run["verdicts"]
    assert all(verdict["passed"] for verdict in run["verdicts"])
    told = await api.get(f"/scenarios/runs/{run['id']}/timeline", kind="platform", limit=5)
    assert {entry["kind"] for entry in told["entries"]} == {"platform"}
    assert (await api.get("/clock"))["now"] == before["now"]
    await api.delete(f"/scenarios/runs/{run['id']}")
    assert await api.get("/scenarios/runs") == []


_FAILS = "title: wrong\nmodules: [{model: BC28, name: m}]\nuntil: 1min\nexpect: [{power: off}]\n"
_REFUSED = "title: refused\nmodules: [{model: BC28, name: m, settings: [AT+NOSUCH]}]\n"


async def test_a_scenario_that_fails_says_what_was_found(api: ApiLab) -> None:
    run = await api.post("/scenarios/runs", {"yaml": _FAILS, "seed": 7, "wait": 60}, status=201)
    assert (run["state"], run["seed"]) == ("failed", 7)
    assert (run["verdicts"][0]["expected"], run["verdicts"][0]["found"]) == ("off", "on")
    run = await api.post("/scenarios/runs", {"yaml": _REFUSED, "wait": 60}, status=201)
    assert run["state"] == "broken"
    assert "AT+NOSUCH" in run["error"]


async def test_a_long_scenario_is_stopped(api: ApiLab) -> None:
    endless = "title: long\nmodules: [{model: BC26, name: m}]\nuntil: 9000d\nsteps: [{send: AT}]\n"
    run = await api.post("/scenarios/runs", {"yaml": endless}, status=201)
    waiting = await api.post("/scenarios/runs", {"name": "wrong-password"}, status=201)
    assert waiting["state"] == "waiting"
    await api.delete(f"/scenarios/runs/{run['id']}")
    await api.get(f"/scenarios/runs/{run['id']}", status=404)
    assert (await api.get(f"/scenarios/runs/{waiting['id']}", wait=60))["state"] == "passed"


async def test_a_wrong_scenario_is_refused(api: ApiLab) -> None:
    for order, status, field in (
        ({}, 422, "name"),
        ({"name": "a", "yaml": "b"}, 422, "yaml"),
        ({"name": "no-such"}, 404, None),
        ({"yaml": "modules: 3"}, 422, "yaml"),
        ({"yaml": "]["}, 422, "yaml"),
    ):
        assert (await api.post("/scenarios/runs", order, status=status)).get("field") == field


async def test_a_whole_lab_is_carried_to_another_place(api: ApiLab, tmp_path: Path) -> None:
    await api.post("/modules/meter/at", {"line": "AT+QDMPCFG=1,117.161.2.7,5683,4242"})
    await api.post(
        "/modules", {"model": "BC28", "name": "off", "sim": "telecom", "vendor": "ACME", "power_on": False}, status=201
    )
    await api.put("/modules/off/usim", {"imsi": "460010000000001", "iccid": "89860118000000000001", "pin": "SIM PIN"})
    await api.post("/faults", {"kind": "loss", "direction": "up", "packets": [500]}, status=201)
    await api.post("/appkeys", {"appkey": "M300000001", "password": "a-secret-password"}, status=201)
    await api.advance("3d")
    archive, device = await api.get("/lab/export"), (await api.get("/platforms/cmdmp/devices"))[0]
    before = {module["name"]: module for module in await api.get("/modules")}
    async with api_lab(tmp_path / "other", "BC95R2.0,name=old") as other:
        put = await other.http.put("http://127.0.0.1/api/v1/lab/import", content=archive)
        assert put.status_code == 200, put.text
        assert {name: put.json()[name] for name in ("modules", "devices", "faults")} == {
            "modules": 2, "devices": 1, "faults": 1,
        }  # fmt: skip
        assert put.json()["now"] >= (await api.get("/clock"))["now"]
        assert other.lab.modules["off"].profile.vendor_code == "ACME"
        after = {module["name"]: module for module in await other.get("/modules")}
        for name, module in before.items():
            for field in ("model", "imei", "firmware", "imsi", "iccid", "pin", "coverage"):
                assert after[name][field] == module[field]
        assert (after["meter"]["power"], after["off"]["power"]) == ("booting", "off")
        assert (await other.get("/modules/meter/nvram"))["saved"]["cmdmp.period"] == 4242
        assert "M300000001" in str(await other.get("/appkeys"))
        await other.advance("1h")
        (again,) = await other.get("/platforms/cmdmp/devices")
        assert again["registrations"] == device["registrations"] + 1
        assert again["first_seen_at"] == device["first_seen_at"]


async def test_the_keys_of_a_lab_that_was_carried_are_in_force(tmp_path: Path) -> None:
    platforms, name = ("cmdmp", "andlink"), "BC28,name=meter,imei=867724030000225"
    async with api_lab(tmp_path / "one", name, platforms=platforms) as one:
        await one.put("/platforms/andlink/keys/867724030000225", {"bootstrap_key": "AB" * 16, "key": "CD" * 16})
        for line in ('SERVERIP="BS","lwm.home.komect.com",5684', f"SETBSPSK=0,{'AB' * 16}", "BSSECSWT=1,1"):
            assert (await one.post("/modules/meter/at", {"line": f"AT+QLA{line}"}))["answer"] == ["OK"]
        archive = await one.get("/lab/export")
    async with api_lab(tmp_path / "other", platforms=platforms) as other:
        put = await other.http.put("http://127.0.0.1/api/v1/lab/import", content=archive)
        assert put.status_code == 200, put.text
        await other.advance("2min")
        assert (await other.get("/modules/meter"))["andlink"]["state"] == "MO_DATA_ENABLED"


async def test_what_is_no_archive_changes_nothing(api: ApiLab) -> None:
    archive = await api.get("/lab/export")
    flipped = archive[:100] + bytes([archive[100] ^ 255]) + archive[101:]
    for content in (b"", b"no archive", archive[:200], archive[:-40], flipped):
        refused = await api.http.put("http://127.0.0.1/api/v1/lab/import", content=content)
        assert (refused.status_code, refused.json()["field"]) == (422, "body")
    assert (await api.get("/modules/meter"))["attached"] is True
    assert len(await api.get("/platforms/cmdmp/devices")) == 1


async def test_a_lab_begins_again(api: ApiLab) -> None:
    await api.post("/modules/meter/at", {"line": "AT+QDMPCFG=1,117.161.2.41,5683,4242"})
    await api.post("/faults", {"kind": "delay", "seconds": 1}, status=201)
    assert (await api.post("/lab/reset", {}))["devices"] == 0
    assert await api.get("/faults") == []
    assert (await api.get("/modules/meter/nvram"))["saved"]["cmdmp.period"] == 4242
    counts = await api.post("/lab/reset", {"modules": True})
    assert (counts["modules"], (await api.get("/modules/meter"))["power"]) == (1, "booting")
    assert (await api.get("/modules/meter/nvram"))["saved"]["cmdmp.period"] is None
    await api.advance("1min")
    (device,) = await api.get("/platforms/cmdmp/devices")
    assert (device["registrations"], device["lifetime"]) == (1, 90000)
