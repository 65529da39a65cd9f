"""Notes on entries of the timeline: kept by the lab, the same for everyone who looks at it."""

from __future__ import annotations

import msgspec

from nbtwin.api.rest import LabTime
from nbtwin.api.session import Session


class Note(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    entry: int
    """The number of the entry that it is on."""
    at: LabTime
    """Of that entry."""
    text: str
    by: str
    written_at: LabTime


class Notes:
    """Of a lab. Given by `Lab.notes`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[Note]:
        """By entry, in the order in which they were written."""
        return self._session.rest.get(list[Note], "notes")

    def add(self, entry: int, text: str) -> Note:
        """On the entry of that number. LabRefused for one that is not kept."""
        return self._session.rest.post(Note, "notes", entry=entry, text=text)

    def remove(self, id: int) -> None:
        """For everyone."""
        self._session.rest.do("DELETE", "notes", str(id))
