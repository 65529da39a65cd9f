"""A reader that comes back to a stream of events: where it goes on, and when it is told that something is missing."""

import asyncio
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from api_lab import ApiLab, api_lab, served

from nbtwin.lab.facts import ScenarioNoted

pytestmark = pytest.mark.asyncio
STREAMS = pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/timeline/events"])


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiLab]:
    async with api_lab(tmp_path, "BC260Y-CN,name=meter") as lab:
        yield lab


async def newest(api: ApiLab) -> int:
    number: int = (await api.get("/traces", limit=1))["newest"]
    return number


async def told(
    api: ApiLab, http: httpx.AsyncClient, path: str, last: int | str, until: int, *, by_header: bool = True
) -> list[str]:
    """What a reader hears that has heard entry ``last``: the ids of entries, or "reset", up to entry ``until``.

    Once it listens the host asks something, so that it hears of the present in any case.
    """
    name = "after" if path.endswith("timeline/events") else "last_event_id"
    how = {"headers": {"Last-Event-ID": str(last)}} if by_header else {"params": {name: str(last)}}
    found: list[str] = []
    async with asyncio.timeout(60), http.stream("GET", path, **how) as response:  # type: ignore[arg-type]
        number = ""
        async for line in response.aiter_lines():
            field, _, value = line.partition(": ")
            if line.startswith((": connected", "retry")):
                await api.post("/modules/meter/at", {"line": "AT+CGMM"})
            elif field == "id":
                number = value.rpartition("-")[2]
            elif line == "event: reset":
                return [*found, "reset"]
            elif field == "data" and number:
                found.append(number)
                if number == str(until):
                    return found
                number = ""
    raise AssertionError(f"the stream ended after {found}")


def numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last + 1)]


@STREAMS
async def test_a_reader_hears_what_it_missed_and_goes_on_with_what_follows_each_once_and_in_order(
    api: ApiLab, path: str
) -> None:
    async with served(api) as http:
        for missed, by_header in product((0, 1, 2, 5, None), (True, False)):
            now = await newest(api)
            last = 0 if missed is None else now - missed
            found = await told(api, http, path, last, now + 2, by_header=by_header)
            assert found == numbers(last + 1, now + 2), (missed, by_header)


async def test_a_reader_that_has_heard_of_no_entry_yet_comes_back_with_the_id_of_the_beginning(api: ApiLab) -> None:
    async with served(api) as http:
        now = await newest(api)
        async with asyncio.timeout(60), http.stream("GET", "/api/v1/events") as response:
            async for line in response.aiter_lines():
                field, _, value = line.partition(": ")
                if field == "id":
                    break
        assert value.rpartition("-")[2] == str(now)
        await api.post("/modules/meter/at", {"line": "AT"})
        assert await told(api, http, "/api/v1/events", value, now + 2) == numbers(now + 1, now + 2)


async def test_a_reader_is_told_that_something_is_missing_where_something_is(api: ApiLab) -> None:
    """Neither while the next entry is the oldest in memory, nor once the newest was heard."""
    for number in range(10_001):
        api.lab.timeline.record(api.lab.world.now, "test", ScenarioNoted(f"line {number}"))
    async with served(api) as http:
        for before_the_oldest, missing in ((0, False), (1, False), (2, True), (3, True)):
            oldest = api.lab.timeline.oldest  # in memory: a stream is not resumed from the file
            assert oldest is not None
            assert oldest > 1
            last = oldest - before_the_oldest
            found = await told(api, http, "/api/v1/events", last, oldest + 3)
            assert found == (["reset"] if missing else numbers(last + 1, oldest + 3)), before_the_oldest
        not_yet = await newest(api) + 1
        assert await told(api, http, "/api/v1/events", not_yet, not_yet) == ["reset"]
