"""/api/v1/timeline: what happened, as JSON lines; /api/v1/timeline/events: what happens, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.decoder import Decoded
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.reader import Query as TimelineQuery
from nbtwin.timeline.ring import Timeline
from nbtwin.web.api_errors import responses
from nbtwin.web.entries import Language, entry_json, searched
from nbtwin.web.routers import api_router

KEPT_FOR_A_SLOW_READER = 10_000
HEARTBEAT = 15.0  # seconds; a comment line, so that proxies and browsers keep the stream open
GATHER = 0.05  # seconds: what happens within them is decoded and sent in one piece

Kinds = Annotated[list[EntryKind] | None, Query(description="only these kinds: at.in, datagram, state, …")]
Sources = Annotated[list[str] | None, Query(description="only these modules and platforms")]


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/timeline", tag="timeline", responses=responses(422))

    @routes.get("", response_class=StreamingResponse, responses={200: {"content": {"application/jsonl": {}}}})
    async def read_timeline(
        language: Language,
        after: Annotated[int, Query(ge=0, le=2**53, description="only entries with a greater number")] = 0,
        before: Annotated[int | None, Query(ge=0, le=2**53, description="only entries with a smaller number")] = None,
        since: Annotated[float | None, Query(description="lab time")] = None,
        until: Annotated[float | None, Query(description="lab time")] = None,
        kind: Kinds = None,
        source: Sources = None,
        limit: Annotated[int | None, Query(ge=1, description="a page; its last number asks for the next one")] = None,
        order: Literal["asc", "desc"] = "asc",
    ) -> StreamingResponse:
        """What is kept, in memory or in the state directory, one JSON object a line; from either end."""
        asked = TimelineQuery(
            kinds=frozenset(kind or ()),
            sources=frozenset(source or ()),
            since=since,
            until=until,
            after=after,
            before=before,
        )
        reader = lab.timeline.reader
        found = reader.forward(asked) if order == "asc" else reader.backward(asked)

        async def lines() -> AsyncIterator[bytes]:
            given = 0
            async for decoded in searched(found):
                yield entry_json(decoded, language) + b"\n"
                given += 1
                if given == limit:
                    return

        return StreamingResponse(lines(), media_type="application/jsonl")

    @routes.get("/events", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
    async def stream_timeline(
        language: Language,
        kind: Kinds = None,
        source: Sources = None,
        after: Annotated[
            int | None, Query(ge=0, le=2**53, description="what is kept behind this number comes first")
        ] = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> StreamingResponse:
        """Every further entry as it happens. A reader that comes back (Last-Event-ID) gets what it missed first."""
        if last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit():
            after = int(last_event_id)
        asked = TimelineQuery(kinds=frozenset(kind or ()), sources=frozenset(source or ()))
        stream = _events(lab.timeline, after, asked, language)
        return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return routes


async def _events(timeline: Timeline, after: int | None, asked: TimelineQuery, language: str) -> AsyncIterator[bytes]:
    """Who reads too slowly misses what is no longer in memory; the numbers tell."""
    news = asyncio.Event()
    position = timeline.recorded if after is None else after
    take_off = timeline.add_listener(news.set)
    try:
        yield b": connected\n\n"
        while True:
            news.clear()
            async for decoded in searched(timeline.reader.in_memory(position)):
                position = decoded.number
                if asked.fits(decoded.entry):
                    yield _event(decoded, language)
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await news.wait()
                await asyncio.sleep(GATHER)
            except TimeoutError:
                yield b": still here\n\n"
    finally:
        take_off()


def _event(decoded: Decoded, language: str) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (decoded.number, entry_json(decoded, language))
