"""What a process that has died left in its journal, brought into the database before anything reads it.

Idempotent: the number of the last record that is in the tables is changed in the transaction that folds up to it, so
that a second recovery, or one after a kill between that commit and the deletion of the files, does nothing twice. A
journal that is not of this database, or of a newer copy of it, is kept aside and told (D180).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from nbtwin.engine import CodedError, Fact, Seconds
from nbtwin.operators.store.database import Database, StoreError, StoreRefusal
from nbtwin.operators.store.journal import Left, counter_of, left_at
from nbtwin.operators.store.journal_format import EventDecoder

AT_ONCE = 5_000
"""Events in one transaction."""
FOLDED = "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
UNFOLDED = "DELETE FROM counters WHERE name = ?"

Position: TypeAlias = tuple[str, int]
"""A journal's name in `counters`, and the number of its last record that is in the tables."""
CommitAt: TypeAlias = Callable[[Seconds, Sequence[Fact], Position], object]
"""Commits events whose times are to be added to that epoch, with the position."""


class Recovered(NamedTuple):
    events: int = 0
    notices: Sequence[CodedError] = ()
    """What users are told."""


def recover(database: Database, prefix: Path, decoder: EventDecoder, commit: CommitAt) -> Recovered:
    """Fold what is left, and delete it. StoreError for what cannot be read."""
    notices: list[CodedError] = []
    recovered = 0
    for left in left_at(prefix, notices.append):
        if left.head.database and left.head.database != database.name:
            continue  # of another server's database: it waits for that
        notices += left.notices
        counter = counter_of(left.id)
        found = database.rows("SELECT value FROM counters WHERE name = ?", (counter,))
        if left.first is not None and (not found or left.first > found[0][0] + 1):
            left.set_aside()
            notices.append(StoreError(StoreRefusal.JOURNAL_OTHER, f"{left.paths[0]}.aside"))
            continue
        if left.first is not None and (events := _replay(left, found[0][0], decoder, commit)):
            recovered += events
        left.delete()
        with database.transaction():
            database.run(UNFOLDED, (counter,))
    return Recovered(recovered, notices)


def positions(database: Database) -> list[Position]:
    """Of all journals that it knows."""
    if "counters" not in database.tables():
        return []
    found = database.rows("SELECT name, value FROM counters WHERE name LIKE 'folded-%'")
    return [(name, value) for name, value in found]


def set_positions(database: Database, known: Sequence[Position]) -> None:
    """These and no others, whatever came with a backup (D180). Within a transaction."""
    database.run("DELETE FROM counters WHERE name LIKE 'folded-%'")
    database.run_many(FOLDED, known)


def _replay(left: Left, folded: int, decoder: EventDecoder, commit: CommitAt) -> int:
    """How many events that were."""
    counter, done = counter_of(left.id), 0
    events: list[Fact] = []
    number = folded
    for batch in left.batches(folded, decoder):
        if events and len(events) + len(batch.events) > AT_ONCE:
            commit(left.head.epoch, events, (counter, number))
            done, events = done + len(events), []
        events += batch.events
        number = batch.number
    if events:
        commit(left.head.epoch, events, (counter, number))
    return done + len(events)
