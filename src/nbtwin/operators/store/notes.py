"""Notes that people put on entries of the timeline, as a table. Knows no timeline: an entry is its number and its time.

The number alone would not do: a lab that takes over the state of another one counts its entries anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from nbtwin.engine import Seconds
from nbtwin.operators.store.database import Repository

MOST = 10_000
"""Notes that are kept."""


@dataclass(frozen=True)
class NoteRecord:
    """One note. ``entry`` and ``at``: what it is on; ``by``: the name of who wrote it, at the lab's time."""

    id: int
    entry: int
    at: Seconds
    text: str
    by: str
    written_at: Seconds


class NoteRepository(Repository):
    """All of them, the same for everyone."""

    def add(self, entry: int, at: Seconds, text: str, by: str, written_at: Seconds) -> NoteRecord | None:
        """None where there are too many."""
        with self.db.transaction():
            if int(self.db.rows("SELECT count(*) FROM notes")[0][0]) >= MOST:
                return None
            sql = "INSERT INTO notes (entry, at, text, author, written_at) VALUES (?, ?, ?, ?, ?) RETURNING id"
            id = int(self.db.rows(sql, (entry, at, text, by, written_at))[0][0])
        return NoteRecord(id, entry, at, text, by, written_at)

    def all(self) -> list[NoteRecord]:
        """By entry, in the order in which they were written."""
        rows = self.db.rows("SELECT id, entry, at, text, author, written_at FROM notes ORDER BY entry, id")
        return [NoteRecord(*row) for row in rows]

    def remove(self, id: int) -> NoteRecord | None:
        """What was removed; None where there is none of that number."""
        with self.db.transaction():
            sql = "DELETE FROM notes WHERE id = ? RETURNING id, entry, at, text, author, written_at"
            gone = self.db.rows(sql, (id,))
        return NoteRecord(*gone[0]) if gone else None

    def check(self) -> None:
        self.all()
