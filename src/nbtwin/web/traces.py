"""/api/v1/traces: what happened, to be searched, paged and downloaded; one entry with its bytes decoded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.edge.turns import in_turns
from nbtwin.lwm2m.model import Objects
from nbtwin.operators.store.notes import NoteRepository
from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.decoder import Decoded
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.field import DecodedField
from nbtwin.timeline.fields import fields, insides
from nbtwin.timeline.pcapng import Capture, Memory
from nbtwin.timeline.reader import Query as TimelineQuery
from nbtwin.web.access.roles import Role, caller_of
from nbtwin.web.api_errors import not_found, responses
from nbtwin.web.entries import AcceptedLanguage, EntryShown, Lang, Language, entry_json, fields_of, searched
from nbtwin.web.named import newest_of
from nbtwin.web.notes import shown as note_shown
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router
from nbtwin.web.story import differing, ranges, story
from nbtwin.web.turns import json_with


class Filter(BaseModel):
    """What a request asks of entries; everything has to hold."""

    model_config = {"extra": "forbid"}

    source: list[Annotated[str, Query(max_length=64)]] = []
    kind: list[EntryKind] = []
    text: Annotated[str, Query(max_length=200, description="in the entry's line, upper and lower case alike")] = ""
    since: Annotated[float | None, Query(description="lab time")] = None
    until: Annotated[float | None, Query(description="lab time")] = None
    after: Annotated[int, Query(ge=0, le=2**53, description="only entries with a greater number")] = 0
    before: Annotated[int | None, Query(ge=0, le=2**53, description="only entries with a smaller number")] = None
    lang: Lang = None

    def query(self, keys: bool = False) -> TimelineQuery:
        return TimelineQuery(
            kinds=frozenset(self.kind),
            sources=frozenset(self.source),
            since=self.since,
            until=self.until,
            after=self.after,
            before=self.before,
            keys=keys,
        )


class Search(Filter):
    limit: Annotated[int, Query(ge=1, le=10_000)] = 200
    order: Literal["asc", "desc"] = "asc"


MOST_OF_A_STORY = 3000


class StoryAsked(Filter):
    """What of it is told; of more than 3,000 entries the newest."""

    numbers: Annotated[
        str,
        Query(
            max_length=16_000,
            pattern=r"^(\d{1,15}(-\d{1,15})?(,\d{1,15}(-\d{1,15})?)*)?$",
            description="of entries, in ranges: 1-40,57",
        ),
    ] = ""

    def query(self, keys: bool = False) -> TimelineQuery:
        asked = super().query(keys)
        if not self.numbers:
            return asked
        first, last = min(begin for begin, _ in self.spans), max(end for _, end in self.spans)
        before = last + 1 if self.before is None else min(self.before, last + 1)
        return msgspec.structs.replace(asked, after=max(self.after, first - 1), before=before)

    def fits(self, number: int) -> bool:
        return not self.numbers or any(begin <= number <= end for begin, end in self.spans)

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        return list(ranges(self.numbers))


class FieldShown(BaseModel):
    """What `start` to `end` (not included) of the bytes say."""

    start: int = Field(description="the first byte, from 0")
    end: int = Field(description="the one after the last")
    name: str = Field(description="of the field, in words")
    value: str = Field(description="in words")
    source: str = Field(description="RFC section, chapter of a vendor document, or decision")


class InsideShown(BaseModel):
    data: str | None = Field(description="in hex; for admins")
    fields: list[FieldShown] = Field(description="in the order of its bytes")


class EntryDecoded(EntryShown):
    layout: list[FieldShown] = Field(description="of a datagram, in the order of its bytes")
    inside: list[InsideShown] = Field(description="what its DTLS records protect, where the lab knows the keys")


class Found(BaseModel):
    entries: list[EntryShown] = Field(description="the page")
    oldest: int | None = Field(description="the number of the oldest entry that is kept; null: none is")
    newest: int = Field(description="the number of the newest")
    more: Annotated[bool, Field(description="there are further ones behind these")] = True


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router(tag="traces", responses=responses(422))

    def fitting(asked: Filter, language: str, *, backward: bool = False, keys: bool = False) -> AsyncIterator[Decoded]:
        reader = lab.timeline.reader
        query = asked.query(keys)
        return searched(reader.backward(query) if backward else reader.forward(query), asked.text, language)

    @routes.get("/traces", response_model=Found)
    async def search_traces(asked: Annotated[Search, Query()], accepted: AcceptedLanguage) -> Response:
        """A page of what is kept, in memory or in the state directory; `after` or `before` the last number of it asks
        for the next one."""
        language, page, more = asked.lang or accepted, list[bytes](), True
        async for decoded in fitting(asked, language, backward=asked.order == "desc"):
            if len(page) == asked.limit:
                break
            page.append(entry_json(decoded, language))
        else:
            more = False
        said = Found(entries=[], oldest=lab.timeline.reader.oldest, newest=lab.timeline.recorded, more=more)
        return json_with("entries", page, said)

    @routes.get("/traces.jsonl", response_class=StreamingResponse, responses=_download("application/jsonl"))
    async def download_traces(asked: Annotated[Filter, Query()], accepted: AcceptedLanguage) -> StreamingResponse:
        """The same as a file: one JSON object a line."""
        language = asked.lang or accepted

        async def lines() -> AsyncIterator[bytes]:
            async for decoded in fitting(asked, language):
                yield entry_json(decoded, language) + b"\n"

        return StreamingResponse(lines(), headers=_named("jsonl"), media_type="application/jsonl")

    @routes.get("/traces.pcapng", response_class=Response, responses=_download("application/x-pcapng"))
    async def download_capture(asked: Annotated[Filter, Query()], accepted: AcceptedLanguage) -> Response:
        """Datagrams and AT lines for Wireshark, with the keys of the DTLS sessions."""
        entries = [decoded async for decoded in fitting(asked, asked.lang or accepted, keys=True)]
        memory = Memory()
        capture = Capture(memory, lab.timeline.keys.lines())
        async for decoded in in_turns(entries):
            capture.add_decoded(decoded)
        capture.close()
        return Response(bytes(memory.data), headers=_named("pcapng"), media_type="application/x-pcapng")

    _with_story(lab, routes)

    @routes.get("/traces/{number}", responses=responses(404))
    async def read_trace(number: int, request: Request, language: Language) -> EntryDecoded:
        """With every field of a datagram and the bytes that it came from."""
        found = lab.timeline.reader.one(number) if 0 < number <= lab.timeline.recorded else None
        if found is None:
            raise not_found(ApiRefusal.ENTRY_UNKNOWN, str(number))
        objects = newest_of(lab.store.definitions)
        return _decoded(found, language, caller_of(request).role, objects)

    return routes


def _with_story(lab: LabRuntime, routes: APIRouter) -> None:
    """Before the route of one entry, whose address it would fit otherwise."""

    @routes.get("/traces/story.html", response_class=Response, responses=_download("text/html"))
    async def download_story(asked: Annotated[StoryAsked, Query()], accepted: AcceptedLanguage) -> Response:
        """One HTML file for somebody else: the diagram with bytes, fields and notes, which asks nothing of a network.

        Secrets are masked in it; IMEI, IMSI and ICCID are others of the same shape. In either language."""
        found: list[Decoded] = []
        async for decoded in searched(lab.timeline.reader.backward(asked.query()), asked.text, asked.lang or accepted):
            if asked.fits(decoded.number):
                found.append(decoded)
            if len(found) == MOST_OF_A_STORY:
                break
        objects = newest_of(lab.store.definitions)
        told: dict[str, list[dict[str, Any]]] = {"en": [], "zh": []}
        async for decoded in in_turns(reversed(found)):
            for language, entries in told.items():
                entries.append(_decoded(decoded, language, Role.VIEWER, objects).model_dump())
        notes = await run_in_threadpool(lab.store.part(NoteRepository).all)
        told_of = {decoded.number for decoded in found}
        content = {
            "zone": lab.zone,
            "modules": [{"name": name, "imei": module.identity.imei} for name, module in lab.modules.items()],
            "entries": told["en"],
            "otherwise": differing(told["en"], told["zh"]),
            "notes": [note_shown(note).model_dump() for note in notes if note.entry in told_of],
        }
        page = await run_in_threadpool(story, content)
        named = {"Content-Disposition": 'attachment; filename="nbtwin-story.html"'}
        return Response(page, headers=named, media_type="text/html")


def _decoded(decoded: Decoded, language: str, role: Role, objects: Objects) -> EntryDecoded:
    inside = [
        InsideShown(data=one.data.hex() if role >= Role.ADMIN else None, fields=_shown(one.fields, language))
        for one in insides(decoded, objects)
    ]
    return EntryDecoded(
        **fields_of(decoded, language), layout=_shown(fields(decoded, objects), language), inside=inside
    )


def _shown(found: Iterable[DecodedField], language: str) -> list[FieldShown]:
    said = ((field, *field.said(language)) for field in found)
    return [FieldShown(start=f.start, end=f.end, name=name, value=value, source=f.source) for f, name, value in said]


def _named(kind: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="nbtwin-trace.{kind}"'}


def _download(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {}}}}
