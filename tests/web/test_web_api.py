"""/api/v1 of a real `nbtwin up`: what a script needs, and what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from running import Running


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    asked = ("up", "--module", "BC260Y-CN,name=meter", "--ports", "cmdmp=0", "--http", "127.0.0.1:0")
    state = tmp_path_factory.mktemp("lab")
    with Running(*asked, "--clock", "simulated", state=state) as lab, httpx.Client(base_url=lab.console()) as client:
        client.post("/api/v1/clock/advance", json={"span": "10s"})
        yield client


def test_health_and_ready(api: httpx.Client) -> None:
    assert api.get("/api/v1/health").json()["status"] == "ok"
    assert api.get("/api/v1/ready").json() == {
        "ready": True, "modules": 1, "platforms": 1, "trouble": None, "held": 0, "node": None,
    }  # fmt: skip


def test_a_module_says_what_it_is_and_what_it_waits_for(api: httpx.Client) -> None:
    (module,) = api.get("/api/v1/modules").json()
    assert (module["name"], module["model"], module["power"], module["attached"]) == ("meter", "BC260Y-CN", "on", True)
    assert module["operator"] == "mobile"
    assert module["cmdmp_state_name"] in ("REG_SUCCESS", "UPDATE_SUCCESS")
    assert module["waiting"]["why"]
    assert api.get("/api/v1/modules/meter").json()["imei"] == module["imei"]


def test_an_at_line_is_answered(api: httpx.Client) -> None:
    answer = api.post("/api/v1/modules/meter/at", json={"line": "AT+QDMPCFG=4,1"}).json()
    assert answer["answer"] == ["+QDMPCFG: 1,117.161.2.41,5683,86400", "OK"]
    assert answer["complete"] is True
    assert answer["explanation"]["commands"][0]["name"] == "+QDMPCFG"
    assert api.post("/api/v1/modules/meter/at", json={"line": "AT+NOSUCH"}).json()["answer"] == ["ERROR"]


def test_devices_and_their_history(api: httpx.Client) -> None:
    assert api.get("/api/v1/platforms").json()[0]["operator"] == "cmdmp"
    (device,) = api.get("/api/v1/platforms/cmdmp/devices").json()
    one = api.get(f"/api/v1/platforms/cmdmp/devices/{device['id']}").json()
    assert one["values"]["6603"] == "NULL"
    history = api.get(f"/api/v1/platforms/cmdmp/devices/{device['id']}/history").json()
    assert [line["code"] for line in history][:2] == ["device-registered", "inventory-read"]
    assert api.get("/api/v1/platforms/cmdmp/devices", params={"containing": "no such"}).json() == []


def test_appkeys_are_added_listed_masked_and_removed(api: httpx.Client) -> None:
    added = api.post("/api/v1/appkeys", json={"appkey": "M300000001", "password": "a-secret-password"})
    assert (added.status_code, added.json()["password"]) == (201, "a-se****")
    assert "a-secret-password" not in api.get("/api/v1/appkeys").text
    assert api.delete("/api/v1/appkeys/M300000001").status_code == 204
    assert api.delete("/api/v1/appkeys/M300000001").status_code == 404


def test_the_clock_advances_and_the_update_happens(api: httpx.Client) -> None:
    before = api.get("/api/v1/clock").json()["now"]
    after = api.post("/api/v1/clock/advance", json={"span": "24h"}).json()
    assert after["now"] - before == pytest.approx(86400, abs=1)
    (device,) = api.get("/api/v1/platforms/cmdmp/devices").json()
    assert device["updates"] >= 1


def test_the_timeline_is_json_lines_and_can_be_filtered(api: httpx.Client) -> None:
    lines = [json.loads(line) for line in api.get("/api/v1/timeline").text.splitlines()]
    assert [line["number"] for line in lines] == sorted(line["number"] for line in lines)
    assert {"at.out", "state", "datagram", "platform"} <= {line["kind"] for line in lines}
    only = api.get("/api/v1/timeline", params={"kind": "datagram", "after": lines[3]["number"]}).text.splitlines()
    assert {json.loads(line)["kind"] for line in only} == {"datagram"}


def test_events_stream_as_they_happen_and_resume_where_they_stopped(api: httpx.Client) -> None:
    last = json.loads(api.get("/api/v1/timeline").text.splitlines()[-1])["number"]
    with api.stream("GET", "/api/v1/timeline/events", params={"kind": "at.out"}) as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": connected"
        api.post("/api/v1/modules/meter/at", json={"line": "AT+CGMM"})
        entries = (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))
        texts = [next(entries)["text"], next(entries)["text"]]
    assert texts == ["Quectel_BC260Y-CN", "OK"]
    with api.stream("GET", "/api/v1/timeline/events", headers={"Last-Event-ID": str(last)}) as stream:
        first = next(line for line in stream.iter_lines() if line.startswith("id: "))
    assert first == f"id: {last + 1}"


def test_faults_are_added_and_taken_off(api: httpx.Client) -> None:
    added = api.post("/api/v1/faults", json={"fault": "loss,direction=up,packets=1+2"})
    assert added.status_code == 201
    number = added.json()["number"]
    assert [fault["number"] for fault in api.get("/api/v1/faults").json()] == [number]
    assert api.delete(f"/api/v1/faults/{number}").status_code == 204
    assert api.get("/api/v1/faults").json() == []


def test_power_and_coverage(api: httpx.Client) -> None:
    assert api.post("/api/v1/modules/meter/coverage", json={"coverage": False}).json()["attached"] is False
    assert api.post("/api/v1/modules/meter/coverage", json={"coverage": True}).json()["coverage"] is True
    assert api.post("/api/v1/modules/meter/power", json={"action": "off"}).json()["power"] == "off"
    assert api.post("/api/v1/modules/meter/at", json={"line": "AT"}).status_code == 409
    assert api.post("/api/v1/modules/meter/power", json={"action": "on"}).json()["power"] == "booting"
    api.post("/api/v1/clock/advance", json={"span": "10s"})


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", "/modules/none", None, 404, "there is no module 'none'"),
        ("GET", "/platforms/none/devices", None, 404, "there is no platform 'none'"),
        ("GET", "/platforms/cmdmp/devices/none", None, 404, "there is no device 'none'"),
        ("POST", "/modules/meter/at", {}, 422, "line"),
        ("POST", "/modules/meter/at", {"line": "AT\rAT"}, 422, "line"),
        ("POST", "/modules/meter/power", {"action": "explode"}, 422, "action"),
        ("POST", "/clock/advance", {"span": "soon"}, 422, "span"),
        ("POST", "/clock/advance", {"span": "9999d"}, 422, "366d"),
        ("POST", "/faults", {"fault": "gremlins"}, 422, "gremlins"),
        ("POST", "/appkeys", {"appkey": "a@#@b", "password": "x"}, 422, "appkey"),
        ("GET", "/nowhere", None, 404, "Not Found"),
    ],
)
def test_a_wrong_request_gets_a_problem_document(
    api: httpx.Client, method: str, path: str, body: object, status: int, says: str
) -> None:
    answer = api.request(method, f"/api/v1{path}", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.text


@pytest.mark.parametrize("headers", [{"Host": "lab.example.com"}, {"Origin": "https://elsewhere.example"}])
def test_other_names_and_other_origins_are_refused(api: httpx.Client, headers: dict[str, str]) -> None:
    answer = api.post("/api/v1/modules/meter/power", json={"action": "off"}, headers=headers)
    assert answer.status_code == 403
    assert api.get("/api/v1/modules/meter").json()["power"] != "off"


def test_the_page_and_all_it_needs_come_from_here(api: httpx.Client) -> None:
    page = api.get("/")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for path in ("/", "/console.js", "/console.css"):
        text = api.get(path).text
        assert "https://" not in text
        assert "http://" not in text


def test_the_api_describes_itself(api: httpx.Client) -> None:
    paths = api.get("/api/v1/openapi.json").json()["paths"]
    assert {"/api/v1/health", "/api/v1/modules/{name}/at", "/api/v1/timeline/events", "/api/v1/clock/advance"} <= set(
        paths
    )


def test_the_state_directory_is_given_back_at_the_end(tmp_path: Path) -> None:
    for _ in range(2):
        with (
            Running("up", "--ports", "cmdmp=0", "--http", "127.0.0.1:0", state=tmp_path) as lab,
            httpx.stream("GET", f"{lab.console()}/api/v1/timeline/events") as stream,
        ):
            assert next(stream.iter_lines()) == ": connected"
            assert lab.stop() == 0
