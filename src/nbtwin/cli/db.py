"""`nbtwin db`: the store itself: what is in it, bringing it up to date, history that is enough, backup and restore."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import typer

from nbtwin.cli.as_json import AsJson, print_json
from nbtwin.cli.commands import Commands
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.stores import Database, State, note, opened, place
from nbtwin.runtime.errors import Failed, WrongUsage

app = Commands(help="The inventory's database: backup, restore, migration, retention.", no_args_is_help=True)
File = typer.Argument(metavar="FILE")
Replace = typer.Option(False, "--replace", help="Delete what is there first.")
OlderThan = typer.Option(None, "--older-than", metavar="SPAN", help="E.g. 90d, counted from the newest line.")
Keep = typer.Option(None, "--keep", metavar="N", min=0, help="The newest N lines of each device.")
Audit = typer.Option(None, "--audit-older-than", metavar="SPAN", help="Of the audit log, counted from now.")
Compact = typer.Option(False, "--compact", help="Give the room back to the disk; takes a while.")
Who = typer.Option(None, "--who", metavar="NAME", help="Only what this token or user changed.")
Containing = typer.Option("", "--containing", metavar="TEXT", help="Only lines with this in path or detail.")
Limit = typer.Option(50, "--limit", metavar="N", min=1, help="So many, the newest first.")


@app.command()
def info(state: Path = State, database: str | None = Database, as_json: bool = AsJson) -> None:
    """Which database, which version, how much is in it. Changes nothing."""
    from nbtwin.cli.output import warn
    from nbtwin.operators.store.schema import MIGRATIONS
    from nbtwin.operators.store.store import StoreError, open_database, what_waits

    where = place(state, database)
    if "://" not in where and not Path(where).exists():
        raise Failed(CliRefusal.FILE_MISSING, where)
    try:
        db = open_database(where)
        try:
            version = db.version()
            if waits := what_waits(db, state):
                warn(waits)
            if as_json:
                rows = [
                    {"table": table, "rows": db.rows(f"SELECT count(*) FROM {table}")[0][0]} for table in db.tables()
                ]
                about = {"database": db.kind, "name": db.name, "version": version, "newest": len(MIGRATIONS)}
                print_json("tables", rows, **about, bytes=db.size())
                return
            print(f"database\t{db.kind}\t{db.name}")
            print(f"version\t{version}\t{'newest' if version == len(MIGRATIONS) else f'of {len(MIGRATIONS)}'}")
            print(f"bytes\t{db.size()}")
            for table in db.tables():
                print(f"rows\t{db.rows(f'SELECT count(*) FROM {table}')[0][0]}\t{table}")
        finally:
            db.close()
    except StoreError as error:
        raise Failed.of(error) from None


@app.command()
def migrate(state: Path = State, database: str | None = Database) -> None:
    """Bring the structure up to this version (any other command does it as well)."""
    before = _version(place(state, database))
    with opened(state, database) as store:
        if before not in (None, 0, store.database.version()):
            note(store, "db migrate", store.path, before=before)
        print(f"version\t{store.database.version()}")


@app.command()
def backup(file: Path = File, state: Path = State, database: str | None = Database) -> None:
    """Write everything to a file, at one instant, beside a running lab. The file has keys in it.

    \b
    nbtwin db backup monday.backup
    nbtwin db restore monday.backup --database postgresql://lab@db.example/lab
    """
    from nbtwin.operators.store.backup import backup as write

    with opened(state, database) as store:
        for table, rows in write(store.database, file).rows.items():
            print(f"rows\t{rows}\t{table}")


@app.command()
def restore(file: Path = File, replace: bool = Replace, state: Path = State, database: str | None = Database) -> None:
    """Bring a backup back, into either database: all of it or nothing. No lab may be using it."""
    from nbtwin.operators.store.backup import check
    from nbtwin.operators.store.backup import restore as bring_back

    with opened(state, database, claim=True) as store:
        version = check(file).version
        kept = bring_back(
            store.database, file, replace=replace, also=lambda db: note(store, "db restore", str(file), version=version)
        )
        for table, rows in kept.rows.items():
            print(f"rows\t{rows}\t{table}")


@app.command()
def prune(
    older_than: str | None = OlderThan,
    keep: int | None = Keep,
    audit_older_than: str | None = Audit,
    compact: bool = Compact,
    state: Path = State,
    database: str | None = Database,
) -> None:
    """Delete history that is old, or more than enough; devices stay.

    \b
    nbtwin db prune --older-than 90d --keep 1000
    """
    import time

    from nbtwin.operators.store.access import AuditRepository

    if older_than is None and keep is None and audit_older_than is None:
        raise WrongUsage(CliRefusal.OPTIONS_MISSING, "db prune", known=["--older-than", "--keep", "--audit-older-than"])
    age, audit_age = _span("--older-than", older_than), _span("--audit-older-than", audit_older_than)
    with opened(state, database) as store:
        with store.database.transaction():
            newest = store.newest_history()
            before = None if age is None or newest is None else newest - age
            gone = store.prune(before=before, keep=keep)
            lines = 0 if audit_age is None else store.part(AuditRepository).prune_audit(time.time() - audit_age)
            note(store, "db prune", "history", older_than=older_than, keep=keep, audit=audit_older_than, gone=gone)
        print(f"history\t{gone}")
        if audit_age is not None:
            print(f"audit\t{lines}")
        if compact:
            store.database.compact()


@app.command()
def audit(
    who: str | None = Who,
    containing: str = Containing,
    limit: int = Limit,
    state: Path = State,
    database: str | None = Database,
    as_json: bool = AsJson,
) -> None:
    """Who changed what, and when."""
    from nbtwin.cli.audit_phrases import AuditPhrase
    from nbtwin.cli.language import chosen
    from nbtwin.cli.zone import show_zone_of
    from nbtwin.operators.store.access import BEGAN, AuditRepository
    from nbtwin.timeline.catalogue import words
    from nbtwin.timeline.clock import format_wall

    show_zone_of(state)
    with opened(state, database) as store:
        lines = store.part(AuditRepository).lines(who=who, containing=containing, limit=limit)
    if as_json:
        print_json("changes", [asdict(line) | {"ended": line.status != BEGAN} for line in lines])
    else:
        for line in lines:
            detail = json.dumps(line.detail, ensure_ascii=False) if line.detail else ""
            when = format_wall(line.at, millis=False)
            ended = words(AuditPhrase.BEGAN, chosen()) if line.status == BEGAN else line.status or "-"
            print(f"{when}\t{line.who}\t{line.role}\t{line.what}\t{line.target}\t{ended}\t{detail}")


def _version(where: str) -> int | None:
    """None: there is no such file."""
    from nbtwin.operators.store.store import StoreError, open_database

    if "://" not in where and not Path(where).exists():
        return None
    try:
        db = open_database(where)
        try:
            return db.version()
        finally:
            db.close()
    except StoreError as error:
        raise Failed.of(error) from None


def _span(option: str, text: str | None) -> float | None:
    from nbtwin.timeline.span import SpanError, parse_span

    try:
        return None if text is None else parse_span(text)
    except SpanError as error:
        raise WrongUsage.of(error, option) from None
