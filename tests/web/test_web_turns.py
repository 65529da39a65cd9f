"""How much a long answer does on the loop in one go: counted in calls of functions, alike on any machine."""

import asyncio
import sys
import time
from pathlib import Path
from types import FrameType

import pytest
from api_lab import BASE, api_lab
from loop_watch import loop_watch

from benchmarks.console_load import _registered
from nbtwin.edge import turns
from nbtwin.lab.facts import ScenarioNoted

pytestmark = pytest.mark.asyncio
MOST = 30_000
"""Calls in a turn: some 5 ms."""
LONG = (
    "/platforms/cmdmp/devices?limit=1000", "/platforms/cmdmp/devices.csv", "/scenarios", "/openapi.json", "/lab/export",
    "/traces?limit=10000", "/traces.pcapng", "/traces.jsonl", "/timeline", "/modules?limit=10000",
    "/platforms/cmdmp/batches/1/devices?limit=10000", "/platforms/cmdmp/batches/1/devices.csv",
)  # fmt: skip


class Calls:
    """A clock that counts the calls of this thread."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> float:
        return float(self.count)

    def profile(self, frame: FrameType, event: str, argument: object) -> None:
        self.count += event in ("call", "c_call")


async def test_no_long_answer_is_made_in_one_go(tmp_path: Path) -> None:
    async with api_lab(tmp_path, *(f"BC260Y-CN,name=m{number}" for number in range(20))) as api:
        api.lab.store.commit([_registered(api.lab.world.now, number) for number in range(4000)])
        for number in range(3000):
            api.lab.timeline.record(api.lab.world.now, "test", ScenarioNoted(f"line {number}"))
        everybody = {"act": "label", "labels": {"group": "all"}, "of": {"tags": []}, "wait": 60}
        assert (await api.post("/platforms/cmdmp/batches", everybody, 201))["state"] == "finished"
        await api.get("/traces", limit=100)  # what is loaded once in a process: the middleware, the registry of objects
        calls, gauge, worst = Calls(), api.lab.gauge, dict[str, float]()
        gauge.begin = calls
        for path in LONG:
            sys.setprofile(calls.profile)
            try:
                answer = await api.http.get(BASE + path)
            finally:
                sys.setprofile(None)
            assert answer.status_code == 200, path
            gauge.handle_tick(0.0, 0.0)
            worst[path] = gauge.close_second().seconds
        assert {path: count for path, count in worst.items() if count > MOST} == {}


async def test_what_is_done_with_each_thing_counts_as_the_turns_own(monkeypatch: pytest.MonkeyPatch) -> None:
    now, seen, gave_way = 0.0, list[int](), list[int]()

    async def sleep(_: float) -> None:
        gave_way.append(seen[-1])

    monkeypatch.setattr(time, "perf_counter", lambda: now)
    monkeypatch.setattr(turns.asyncio, "sleep", sleep)
    async for number in turns.in_turns(range(12)):
        seen.append(number)
        now += turns.TURN / 3.5
    assert gave_way == [3, 7, 11]


async def test_who_asks_the_database_or_opens_a_file_on_the_loop_is_found(tmp_path: Path) -> None:
    async with api_lab(tmp_path) as api:
        with loop_watch() as watch:
            watch.watch(api.lab)
            with watch.of("a page"):
                api.lab.store.count()
                await asyncio.to_thread(api.lab.store.count)
            assert [found.partition(" ")[0] for found in watch.found["a page"]] == ["database"]
