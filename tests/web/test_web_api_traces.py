"""What happened, over the API: searched, paged, downloaded; and as it happens, with a way back to what was missed."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from api_lab import BASE, ApiLab, api_lab, served

from nbtwin.lab.facts import ScenarioNoted
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web import events
from nbtwin.web.server import Console

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiLab]:
    async with api_lab(tmp_path, "BC260Y-CN,name=meter") as lab:
        yield lab


async def test_traces_are_searched(api: ApiLab) -> None:
    everything = await api.get("/traces", limit=10_000)
    assert (everything["oldest"], everything["more"]) == (1, False)
    assert everything["newest"] == everything["entries"][-1]["number"]
    datagrams = (await api.get("/traces", kind=["datagram"], source="meter"))["entries"]
    assert datagrams
    assert {entry["kind"] for entry in datagrams} == {"datagram"}
    assert {e["kind"] for e in (await api.get("/traces", kind=["state", "lab"]))["entries"]} == {"state", "lab"}
    (attached,) = (await api.get("/traces", text="ATTACHED: mobile"))["entries"]
    at = attached["at"]
    assert all(e["at"] >= at for e in (await api.get("/traces", since=at))["entries"])
    assert all(e["at"] <= at for e in (await api.get("/traces", until=at))["entries"])


async def test_traces_are_paged_both_ways(api: ApiLab) -> None:
    numbers = [entry["number"] for entry in (await api.get("/traces", limit=10_000))["entries"]]
    page = await api.get("/traces", limit=5)
    assert ([e["number"] for e in page["entries"]], page["more"]) == (numbers[:5], True)
    page = await api.get("/traces", limit=5, after=numbers[4])
    assert [e["number"] for e in page["entries"]] == numbers[5:10]
    page = await api.get("/traces", limit=5, order="desc")
    assert [e["number"] for e in page["entries"]] == numbers[::-1][:5]
    page = await api.get("/traces", limit=5, order="desc", before=numbers[-5])
    assert [e["number"] for e in page["entries"]] == numbers[::-1][5:10]


async def test_one_entry_has_its_bytes(api: ApiLab) -> None:
    (first, *_) = (await api.get("/traces", kind="datagram"))["entries"]
    data = bytes.fromhex(first["fields"]["data"])
    decoded = await api.get(f"/traces/{first['number']}")
    assert first.items() <= decoded.items()
    fields = {field["name"].strip(): field for field in decoded["layout"]}
    epi = fields["appkey"]
    assert (epi["value"], epi["source"]) == ("M100000089", "DOC-C 2.2.1 · D20")
    assert data[epi["start"] : epi["end"]] == b"M100000089"
    assert decoded["inside"] == []
    await api.get("/traces/999999", status=404)


async def test_what_dtls_protects_is_decoded_apart(tmp_path: Path) -> None:
    key = "00112233445566778899AABBCCDDEEFF"
    async with api_lab(tmp_path, "BC28,name=pump", platforms=("andlink",)) as api:
        imei = (await api.get("/modules/pump"))["imei"]
        await api.put(f"/platforms/andlink/keys/{imei}", {"key": key})
        server = 'AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5684'
        for line in (server, "AT+QLASECSWT=1,1", f"AT+QLASETPSK={imei},{key}", "AT+NRB"):
            await api.post("/modules/pump/at", {"line": line})
        await api.advance("1min")
        (hello, *_) = (await api.get("/traces", text="ClientKeyExchange"))["entries"]
        decoded = await api.get(f"/traces/{hello['number']}")
        assert {"name": "    psk_identity", "value": imei}.items() <= decoded["layout"][10].items()
        (answer, *_) = (await api.get("/traces", text="to Read /3/0"))["entries"]
        decoded = await api.get(f"/traces/{answer['number']}")
        assert decoded["layout"][-1]["name"] == "protected"
        (inside,) = decoded["inside"]
        values = {field["name"].strip(): field["value"] for field in inside["fields"]}
        assert values["/3/0/0 Manufacturer"] == "Quectel"
        assert bytes.fromhex(inside["data"])[:2] == b"\x66\x45"


async def test_traces_are_downloaded_as_lines_and_as_a_capture(api: ApiLab) -> None:
    lines = (await api.get("/traces.jsonl", kind="datagram")).splitlines()
    found = (await api.get("/traces", kind="datagram"))["entries"]
    assert [json.loads(line) for line in lines] == found
    capture = await api.get("/traces.pcapng", kind="datagram")
    assert capture[:4] == bytes.fromhex("0a0d0d0a")
    for entry in found:
        assert bytes.fromhex(entry["fields"]["data"]) in capture


async def test_a_wrong_search_names_the_field(api: ApiLab) -> None:
    for query, field in (
        ({"kind": "gossip"}, "kind.0"),
        ({"limit": 0}, "limit"),
        ({"since": "noon"}, "since"),
        ({"sauce": "x"}, "sauce"),
    ):
        assert (await api.get("/traces", status=422, **query))["field"] == field


class Stream:
    """Server-sent events, one by one."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self, kind: str) -> tuple[str | None, Any]:
        """The next event of that kind: its id and its data."""
        _, number, data = await self.first_of(kind)
        return number, data

    async def first_of(self, *kinds: str) -> tuple[str, str | None, Any]:
        """The next event of one of these kinds: which, its id and its data."""
        async with asyncio.timeout(60):
            number, name = None, ""
            async for line in self._lines:
                field, _, value = line.partition(": ")
                if field == "id":
                    number = value
                elif field == "event":
                    name = value
                elif field == "data" and name in kinds:
                    return name, number, json.loads(value)
                elif not line:
                    number, name = None, ""
        raise AssertionError(f"the stream ended without {kinds}")


async def entries_up_to(stream: Stream, text: str) -> AsyncIterator[dict[str, Any]]:
    while True:
        _, entry = await stream.next("entry")
        yield entry
        if entry["text"] == text:
            return


async def test_what_happens_is_told_as_it_happens(api: ApiLab) -> None:
    async with served(api) as http, http.stream("GET", "/api/v1/events") as response:
        stream = Stream(response)
        assert (await stream.next("clock"))[1]["mode"] == "simulated"
        assert (await stream.next("module"))[1]["name"] == "meter"
        await api.post("/modules/meter/at", {"line": "AT+CGMM"})
        number, entry = await stream.next("entry")
        assert (entry["kind"], entry["text"]) == ("at.in", "AT+CGMM")
        assert number is not None
        assert number.endswith(f"-{entry['number']}")
        await api.post("/modules/meter/power", {"action": "off"})
        assert (await stream.next("module"))[1]["power"] == "off"
        await api.post("/modules/meter/power", {"action": "on"})
        await api.advance("1min")
        told = (await stream.next("device"))[1]
        assert (told["platform"], told["event"]) == ("cmdmp", "DeviceRegistered")
        assert "packets_up" in (await stream.next("rates"))[1]
        await api.delete("/modules/meter")
        assert (await stream.next("removed"))[1] == {"module": "meter"}


async def test_a_reader_may_ask_for_less(api: ApiLab) -> None:
    query = {"types": ["entry", "operation"], "kind": ["at.out"], "source": "meter"}
    async with served(api) as http, http.stream("GET", "/api/v1/events", params=query) as response:
        stream = Stream(response)
        await api.post("/modules/meter/at", {"line": "AT+CGMM"})
        assert (await stream.next("entry"))[1]["text"] == "Quectel_BC260Y-CN"
        assert (await stream.next("entry"))[1]["text"] == "OK"


async def test_a_reader_that_comes_back_gets_what_it_missed(api: ApiLab) -> None:
    async with served(api) as http:
        async with http.stream("GET", "/api/v1/events") as response:
            stream = Stream(response)
            await api.post("/modules/meter/at", {"line": "AT+CGMM"})
            last, _ = await stream.next("entry")
        assert last is not None
        await api.post("/modules/meter/at", {"line": "AT+CGMR"})
        for how in ({"headers": {"Last-Event-ID": last}}, {"params": {"last_event_id": last}}):
            async with http.stream("GET", "/api/v1/events", **how) as response:  # type: ignore[arg-type]
                number, _ = await Stream(response).next("entry")
                assert number == last.rpartition("-")[0] + f"-{int(last.rpartition('-')[2]) + 1}"


@pytest.mark.parametrize("last", ["cafecafe-3", "nonsense", "", "999999999"])
async def test_an_id_of_another_lab_means_reset(api: ApiLab, last: str) -> None:
    async with (
        served(api) as http,
        http.stream("GET", "/api/v1/events", params={"last_event_id": last}) as response,
    ):
        number, reset = await Stream(response).next("reset")
        assert reset["newest"] == api.lab.timeline.recorded
        assert number == f"{reset['lab']}-{reset['newest']}"


async def test_an_id_that_is_too_old_means_reset(api: ApiLab) -> None:
    async with served(api) as http:
        async with http.stream("GET", "/api/v1/events") as response:
            stream = Stream(response)
            await api.post("/modules/meter/at", {"line": "AT"})
            last, _ = await stream.next("entry")
        for number in range(10_001):
            api.lab.timeline.record(api.lab.world.now, "test", ScenarioNoted(f"line {number}"))
        async with http.stream("GET", "/api/v1/events", headers={"Last-Event-ID": str(last)}) as response:
            _, reset = await Stream(response).next("reset")
        assert "no longer in memory" in reset["why"]


async def test_a_reader_that_is_too_slow_is_told_that_something_is_missing(
    api: ApiLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "KEPT_FOR_A_SLOW_READER", 50)
    async with served(api) as http, http.stream("GET", "/api/v1/events", params={"types": "entry"}) as response:
        stream = Stream(response)
        await api.post("/modules/meter/at", {"line": "AT"})
        await stream.next("entry")
        for number in range(120):  # in one go: nobody can read meanwhile
            api.lab.timeline.record(api.lab.world.now, "test", ScenarioNoted(f"line {number}"))
        _, reset = await stream.next("reset")
        assert "too slow" in reset["why"]
        numbers, told = [], {"text": ""}
        while told["text"] != "line 119":
            kind, _, told = await stream.first_of("entry", "reset")
            if kind == "entry":
                numbers.append(told["number"])
            else:  # on a busy machine the lines are decoded in several portions
                numbers, told = [], {"text": ""}
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "from there on nothing is missing"
        assert 0 < len(numbers) < 120


async def test_a_lab_that_is_busy_for_long_names_what_it_leaves_out_and_it_can_be_read(api: ApiLab) -> None:
    async def work() -> None:
        """More than anybody could be told, and nothing else."""
        while True:
            until = time.thread_time() + events.GATHER
            for number in range(events.BEHIND):
                api.lab.timeline.record(api.lab.world.now, "test", ScenarioNoted(f"line {number}"))
            while time.thread_time() < until:
                pass
            await asyncio.sleep(0)

    async with served(api) as http, http.stream("GET", "/api/v1/events", params={"types": "entry"}) as response:
        stream = Stream(response)
        await api.post("/modules/meter/at", {"line": "AT"})
        _, first = await stream.next("entry")
        working, told = asyncio.create_task(work()), [first["number"]]
        kind, number, event = await stream.first_of("entry", "gap")
        while kind == "entry":
            told.append(event["number"])
            kind, number, event = await stream.first_of("entry", "gap")
        working.cancel()
        after, before = event["after"], event["before"]
        assert told == list(range(told[0], after + 1)), "up to the gap nothing is missing"
        assert number is not None
        assert number.rpartition("-")[2] == str(before - 1), "who comes back goes on behind it"
        assert (event["code"], "busy" in event["why"]) == ("stream-lab-busy", True)
        assert (await stream.next("entry"))[1]["number"] == before
        missing = await api.get("/traces", after=before - 4, before=before)
        assert [entry["number"] for entry in missing["entries"]] == [before - 3, before - 2, before - 1]


async def test_a_stream_says_that_it_is_still_there(api: ApiLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.01)
    async with (
        served(api) as http,
        http.stream("GET", "/api/v1/events", params={"types": "entry"}) as response,
        asyncio.timeout(60),
    ):
        async for line in response.aiter_lines():
            if line == ": still here":
                break


async def test_nobody_listens_once_the_streams_are_closed(api: ApiLab) -> None:
    async with served(api) as http:
        async with http.stream("GET", "/api/v1/events") as response:
            await Stream(response).next("clock")
            assert len(api.lab.timeline._listeners) == 1
        async with asyncio.timeout(60):
            while api.lab.timeline._listeners:
                await asyncio.sleep(0)


async def test_small_answers_leave_at_once() -> None:
    """asyncio sees TCP in a connection only where the listener was made with its protocol: else Nagle waits 40 ms."""
    console = Console(("127.0.0.1", 0))
    try:
        assert console._socket.proto == socket.IPPROTO_TCP
    finally:
        await console.close()


async def test_a_trace_is_told_in_the_language_that_is_asked_for(api: ApiLab) -> None:
    (english,) = (await api.get("/traces", text="attached: mobile"))["entries"]
    (chinese,) = (await api.get("/traces", text="已附着：中国移动", lang="zh"))["entries"]
    assert chinese["text"].startswith("已附着：中国移动，IP 地址 ")
    assert {**chinese, "text": ""} == {**english, "text": ""}, "the words alone differ"
    number = english["number"]
    asked = await api.http.get(f"{BASE}/traces/{number}", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert asked.json()["text"] == chinese["text"]
    (line, *_) = (await api.get("/timeline", after=number - 1, limit=1, lang="zh")).splitlines()
    assert json.loads(line)["text"] == chinese["text"]
    await api.get("/traces", lang="fr", status=422)


async def test_a_lab_that_is_started_again_still_knows_what_happened_before(tmp_path: Path) -> None:
    async with api_lab(tmp_path, "BC260Y-CN,name=meter", "BC28,name=pump") as api:
        before = (await api.get("/traces", limit=10_000))["entries"]
    async with api_lab(tmp_path) as api:
        page = await api.get("/traces", limit=10_000)
        assert page["oldest"] == 1
        assert page["entries"][: len(before)] == before, "each with its number, decoded as it was"
        assert page["entries"][0]["code"] == "module-added"
        asked = {"source": "meter", "kind": "datagram"}
        wanted = [e for e in before if (e["source"], e["kind"]) == ("meter", "datagram")]
        assert (await api.get("/traces", **asked))["entries"] == wanted
        assert (await api.get("/traces", order="desc", **asked))["entries"] == wanted[::-1]
        (last,) = (await api.get("/traces", order="desc", limit=1, before=wanted[-1]["number"], **asked))["entries"]
        assert last == wanted[-2]
        (first,) = (await api.get("/timeline", since=before[0]["at"], limit=1)).splitlines()
        assert json.loads(first) == before[0]
        decoded = await api.get(f"/traces/{wanted[0]['number']}")
        assert decoded["layout"]


async def test_a_lab_that_nobody_watches_keeps_nothing(tmp_path: Path) -> None:
    lab = LabRuntime(tmp_path, seed=1, simulated=True, watched=False)
    await lab.close()
    assert not (tmp_path / "timeline").exists()


async def test_a_note_that_says_nothing_is_refused_beside_its_field(api: ApiLab) -> None:
    for blank in ("", " ", "\n\t "):
        refused = await api.post("/notes", {"entry": 1, "text": blank}, status=422)
        assert refused["field"] == "text"
    assert await api.get("/notes") == []
