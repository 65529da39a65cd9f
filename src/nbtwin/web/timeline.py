"""/api/v1/timeline: what happened, as JSON lines; /api/v1/timeline/events: what happens, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.entry import TimelineEntry
from nbtwin.timeline.ring import Timeline
from nbtwin.web.entries import entry_json
from nbtwin.web.entries import wanted as fits

KEPT_FOR_A_SLOW_READER = 10_000
HEARTBEAT = 15.0  # seconds; a comment line, so that proxies and browsers keep the stream open

Kinds = Annotated[list[str] | None, Query(description="only these kinds: at.in, datagram, state, …")]
Source = Annotated[str | None, Query(description="only this module or platform")]


def router(lab: LabRuntime) -> APIRouter:
    routes = APIRouter(prefix="/timeline", tags=["timeline"])

    @routes.get("", response_class=StreamingResponse, responses={200: {"content": {"application/jsonl": {}}}})
    async def timeline(
        after: Annotated[int, Query(ge=0, description="only entries with a greater number")] = 0,
        kind: Kinds = None,
        source: Source = None,
    ) -> StreamingResponse:
        """What is still in memory, oldest first, one JSON object a line."""

        def lines() -> Iterator[bytes]:
            for number, entry in lab.timeline.numbered(after):
                if wanted(entry, kind, source):
                    yield entry_json(number, entry) + b"\n"

        return StreamingResponse(_asynchronous(lines()), media_type="application/jsonl")

    @routes.get("/events", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
    async def events(
        kind: Kinds = None,
        source: Source = None,
        after: Annotated[int | None, Query(ge=0)] = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> StreamingResponse:
        """Every further entry as it happens. A reader that comes back (Last-Event-ID) gets what it missed first."""
        if last_event_id is not None and last_event_id.isdigit():
            after = int(last_event_id)
        stream = _events(lab.timeline, after, kind, source)
        return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return routes


def wanted(entry: TimelineEntry, kinds: list[str] | None, source: str | None) -> bool:
    return fits(entry, kinds, None if source is None else (source,))


async def _asynchronous(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """In this thread: what a timeline says is decoded on reading, and only the lab's own thread may do that."""
    for line in lines:
        yield line


async def _events(
    timeline: Timeline, after: int | None, kinds: list[str] | None, source: str | None
) -> AsyncIterator[bytes]:
    queue: asyncio.Queue[tuple[int, TimelineEntry]] = asyncio.Queue(KEPT_FOR_A_SLOW_READER)

    def put(entry: TimelineEntry) -> None:
        if wanted(entry, kinds, source):
            if queue.full():
                queue.get_nowait()  # the oldest goes; its number is missing and the reader can tell
            queue.put_nowait((timeline.recorded, entry))

    past = timeline.numbered(after) if after is not None else []
    take_off = timeline.add_sink(put)
    try:
        yield b": connected\n\n"
        for number, entry in past:
            if wanted(entry, kinds, source):
                yield _event(number, entry)
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    number, entry = await queue.get()
            except TimeoutError:
                yield b": still here\n\n"
            else:
                yield _event(number, entry)
    finally:
        take_off()


def _event(number: int, entry: TimelineEntry) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (number, entry_json(number, entry))
