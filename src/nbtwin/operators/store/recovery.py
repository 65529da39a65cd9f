"""What a process that has died left in its journal, brought into the database before anything reads it.

Idempotent: the number of the last record that is in the tables is changed in the transaction that folds up to it, so
that a second recovery, or one after a kill between that commit and the deletion of the files, does nothing twice. A
journal that is not of this database, or of a newer copy of it, is kept aside and told (D180). Told, too, is one that
the database knows and that is not here: the database was moved without it, or is a server's, used with another state
directory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from nbtwin.engine import CodedError, Fact, Seconds
from nbtwin.operators.store.database import Database, StoreError, StoreRefusal
from nbtwin.operators.store.journal import Left, counter_of, file_of, left_at
from nbtwin.operators.store.journal_format import EventDecoder

AT_ONCE = 5_000
"""Events in one transaction."""
FOLDED = "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
UNFOLDED = "DELETE FROM counters WHERE name = ?"
WHOLE = (1 << 62) - 1
"""A number that no record has: the tables have all of that journal, so nobody misses it."""

Position: TypeAlias = tuple[str, int]
"""A journal's name in `counters`, and the number of its last record that is in the tables."""
CommitAt: TypeAlias = Callable[[Seconds, Sequence[Fact], Position], object]
"""Commits events whose times are to be added to that epoch, with the position."""


class Recovered(NamedTuple):
    events: int = 0
    notices: Sequence[CodedError] = ()
    """What users are told."""
    missing: Sequence[str] = ()
    """Names in `counters` of journals that are not here."""


def recover(database: Database, prefix: Path, decoder: EventDecoder, commit: CommitAt) -> Recovered:
    """Fold what is left, and delete it. StoreError for what cannot be read."""
    notices: list[CodedError] = []
    recovered = 0
    missing = dict(positions(database))
    for left in left_at(prefix, notices.append):
        counter = counter_of(left.id)
        known = missing.pop(counter, None)
        if known is None and left.head.database and left.head.database != database.name:
            continue  # of another server's database: it waits for that
        notices += left.notices
        if left.first is not None and (known is None or left.first > known + 1):
            left.set_aside()
            notices.append(StoreError(StoreRefusal.JOURNAL_OTHER, f"{left.paths[0]}.aside"))
            continue
        if known is not None:
            recovered += _replay(left, known, decoder, commit)
        forget(database, counter, left.delete)
    for counter, known in missing.items():
        if known == WHOLE:
            forget(database, counter)
    lost = [counter for counter, known in missing.items() if known != WHOLE]
    notices += [StoreError(StoreRefusal.JOURNAL_MISSING, database.name, journal=file_of(prefix, name)) for name in lost]
    return Recovered(recovered, notices, lost)


def forget(database: Database, counter: str, delete: Callable[[], object] = lambda: None) -> None:
    """The tables have all of a journal: its files go, whatever moment the process dies at nobody misses them."""
    with database.transaction():
        database.run(FOLDED, (counter, WHOLE))
    delete()
    with database.transaction():
        database.run(UNFOLDED, (counter,))


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
