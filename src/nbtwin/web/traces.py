"""/api/v1/traces: what happened, to be searched, paged and downloaded; one entry with its bytes decoded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.entry import EntryKind, TimelineEntry
from nbtwin.timeline.field import DecodedField as Decoded
from nbtwin.timeline.fields import fields, insides
from nbtwin.timeline.pcapng import export
from nbtwin.web.access.roles import Role, caller_of
from nbtwin.web.api_errors import not_found, responses
from nbtwin.web.entries import EntryShown, entry_json, fields_of, shown, wanted
from nbtwin.web.object_tree import DEFINITIONS

Numbered = tuple[int, TimelineEntry]


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


class Search(Filter):
    limit: Annotated[int, Query(ge=1, le=10_000)] = 200
    order: Literal["asc", "desc"] = "asc"


class FieldShown(BaseModel):
    """What `start` to `end` (not included) of the bytes say."""

    start: int
    end: int
    name: str
    value: str
    source: str = Field(description="RFC section, chapter of a vendor document, or decision")


class InsideShown(BaseModel):
    data: str | None = Field(description="in hex; for admins")
    fields: list[FieldShown]


class EntryDecoded(EntryShown):
    fields: list[FieldShown] = Field(description="of a datagram, in the order of its bytes")
    inside: list[InsideShown] = Field(description="what its DTLS records protect, where the lab knows the keys")


class Found(BaseModel):
    entries: list[EntryShown]
    oldest: int | None
    newest: int
    more: bool = True


def router(lab: LabRuntime) -> APIRouter:
    routes = APIRouter(tags=["traces"], responses=responses(422))

    def fitting(asked: Filter) -> Iterator[Numbered]:
        return select(lab.timeline.numbered(asked.after), asked)

    @routes.get("/traces")
    async def search(asked: Annotated[Search, Query()]) -> Found:
        """A page of what is still in memory; `after` or `before` the last number of it asks for the next one."""
        found = list(fitting(asked))
        if asked.order == "desc":
            found.reverse()
        page = [shown(number, entry) for number, entry in found[: asked.limit]]
        kept = lab.timeline.oldest
        return Found(entries=page, oldest=kept, newest=lab.timeline.recorded, more=len(found) > asked.limit)

    @routes.get("/traces.jsonl", response_class=StreamingResponse, responses=_download("application/jsonl"))
    async def download_lines(asked: Annotated[Filter, Query()]) -> StreamingResponse:
        """The same as a file: one JSON object a line."""
        return StreamingResponse(_lines(fitting(asked)), headers=_named("jsonl"), media_type="application/jsonl")

    @routes.get("/traces.pcapng", response_class=Response, responses=_download("application/x-pcapng"))
    async def download_capture(asked: Annotated[Filter, Query()]) -> Response:
        """Datagrams and AT lines for Wireshark, with the keys of the DTLS sessions."""
        capture = export((entry for _, entry in fitting(asked)), lab.timeline.keys)
        return Response(capture, headers=_named("pcapng"), media_type="application/x-pcapng")

    @routes.get("/traces/{number}", responses=responses(404))
    async def one_entry(number: int, request: Request) -> EntryDecoded:
        """With every field of a datagram and the bytes that it came from."""
        for found, entry in lab.timeline.numbered(max(0, number - 1)):
            if found == number:
                return _decoded(found, entry, caller_of(request).role)
        raise not_found("entry", str(number))

    return routes


def _decoded(number: int, entry: TimelineEntry, role: Role) -> EntryDecoded:
    inside = [
        InsideShown(data=one.data.hex() if role >= Role.ADMIN else None, fields=_shown(one.fields))
        for one in insides(entry, DEFINITIONS)
    ]
    found = _shown(fields(entry, DEFINITIONS))
    return EntryDecoded(**fields_of(number, entry), fields=found, inside=inside)


def _shown(found: Iterable[Decoded]) -> list[FieldShown]:
    return [FieldShown(**field._asdict()) for field in found]


def select(entries: Iterable[Numbered], asked: Filter) -> Iterator[Numbered]:
    text = asked.text.lower()
    for number, entry in entries:
        if asked.before is not None and number >= asked.before:
            break
        in_time = (asked.since is None or entry.at >= asked.since) and (asked.until is None or entry.at <= asked.until)
        if in_time and wanted(entry, asked.kind, asked.source, text):
            yield number, entry


async def _lines(entries: Iterator[Numbered]) -> AsyncIterator[bytes]:
    """In this thread: what a timeline says is decoded on reading, and only the lab's own thread may do that."""
    for number, entry in entries:
        yield entry_json(number, entry) + b"\n"


def _named(kind: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="nbtwin-trace.{kind}"'}


def _download(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {}}}}
