"""/api/v1/notes: what people have noted on entries of the timeline, the same for everyone who looks at the lab."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.lab.facts import NoteAdded, NoteRemoved
from nbtwin.operators.store.notes import MOST, NoteRecord, NoteRepository
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.access.roles import caller_of
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router
from nbtwin.web.texts import storable


class NewNote(RequestModel):
    entry: Annotated[int, Field(ge=1, le=2**53, description="the number of an entry that is kept")]
    text: Annotated[str, Field(min_length=1, max_length=2000, description="what is to be known of it")]


class NoteShown(BaseModel):
    id: int = Field(description="of the note")
    entry: int = Field(description="the number of the entry that it is on")
    at: float = Field(description="lab time of that entry: with its number it tells it from one of another lab")
    text: str = Field(description="as it was written")
    by: str = Field(description="the name of the token that wrote it; local: the lab asks for none")
    written_at: float = Field(description="lab time")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/notes", tag="notes", responses=responses(422))
    kept = lab.store.part(NoteRepository)

    @routes.get("")
    def list_notes() -> list[NoteShown]:
        """All of them, by entry."""
        return [shown(note) for note in kept.all()]

    @routes.post("", status_code=201, responses=responses(404, 409))
    async def add_note(body: NewNote, request: Request) -> NoteShown:
        """On one entry. It is kept with the lab's state, and is in its exports and its stories."""
        if not body.text.strip():
            raise ApiError(ApiRefusal.VALUE_MISSING, "text")
        found = lab.timeline.reader.one(body.entry) if body.entry <= lab.timeline.recorded else None
        if found is None:
            raise not_found(ApiRefusal.ENTRY_UNKNOWN, str(body.entry))
        text, by, now = storable(body.text, "text"), caller_of(request).name, lab.world.scheduler.touch()
        note = await run_in_threadpool(kept.add, found.number, found.at, text, by, now)
        if note is None:
            raise ApiError(ApiRefusal.NOTES_FULL, None, 409, limit=MOST)
        lab.world.note("lab", NoteAdded(note.id, note.entry, by))
        return shown(note)

    @routes.delete("/{id}", status_code=204, responses=responses(404))
    async def remove_note(
        id: Annotated[int, Path(ge=1, le=2**53, description="of the note")], request: Request
    ) -> Response:
        """For everyone."""
        note = await run_in_threadpool(kept.remove, id)
        if note is None:
            raise not_found(ApiRefusal.NOTE_UNKNOWN, str(id))
        lab.world.note("lab", NoteRemoved(note.id, note.entry, caller_of(request).name))
        return Response(status_code=204)

    return routes


def shown(note: NoteRecord) -> NoteShown:
    return NoteShown(
        id=note.id, entry=note.entry, at=note.at, text=note.text, by=note.by, written_at=note.written_at
    )  # fmt: skip
