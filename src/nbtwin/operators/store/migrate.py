"""Brings a database to the newest structure, one migration a transaction. Knows the numbers, not the tables."""

from __future__ import annotations

from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD
from nbtwin.operators.store.database import Database, StoreError, StoreRefusal, in_dialect
from nbtwin.operators.store.schema import MIGRATIONS


def migrate(db: Database, to: int | None = None) -> int:
    """Bring it to that version (the newest); how many migrations that took."""
    target = len(MIGRATIONS) if to is None else to
    done = 0
    for number in range(known_version(db), target):
        with db.transaction():
            db.lock_schema()
            if db.version() != number:
                continue  # another process was faster
            build(db, number, number + 1)
            done += 1
    return done


def known_version(db: Database) -> int:
    version = db.version()
    if version > len(MIGRATIONS):
        raise StoreError(StoreRefusal.NEWER, db.name, version=version, known=len(MIGRATIONS))
    return version


def build(db: Database, version: int, to: int, *, empty: bool = False) -> None:
    """Within a transaction, from that version to the other. ``empty``: without the lab's appkey."""
    for number in range(version, to):
        migration = MIGRATIONS[number]
        text = migration.sqlite if db.kind == "sqlite" else migration.postgresql
        for statement in filter(None, map(str.strip, in_dialect(db.kind, text).split(";"))):
            db.run(statement)
        if not empty and number + 1 == _WITH_APPKEYS[db.kind]:
            db.run("INSERT INTO appkeys VALUES (?, ?)", (LAB_APPKEY, LAB_PASSWORD))  # D20
    db.set_version(to)


_WITH_APPKEYS = {"sqlite": 1, "postgresql": 2}  # the version in which the table came
