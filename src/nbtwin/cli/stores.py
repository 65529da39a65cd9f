"""Where commands find the store: the state directory's file, or the database that `--database` names."""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nbtwin.cli.errors import Failed

if TYPE_CHECKING:
    from nbtwin.operators.store import Store

State = typer.Option(Path(".nbtwin"), "--state", metavar="DIR", help="Where NVRAM and inventory are kept.")
Database = typer.Option(
    None,
    "--database",
    metavar="URL|FILE",
    envvar="NBTWIN_DATABASE",
    help="postgresql://… or another SQLite file, for the inventory; by default DIR/inventory.sqlite.",
)


def place(state: Path, database: str | None) -> str:
    return database or str(state / "inventory.sqlite")


@contextmanager
def opened(state: Path, database: str | None, *, claim: bool = False) -> Iterator[Store]:
    """The store; its trouble is this command's failure."""
    from nbtwin.operators.store import Store, StoreError

    try:
        with Store.open(place(state, database), claim=claim) as store:
            yield store
    except StoreError as error:
        raise Failed(str(error)) from None


def note(store: Store, what: str, target: str, **detail: object) -> None:
    """Into the audit log: who changed this from the command line."""
    from nbtwin.operators.store_access import AuditLine, AuditTables

    try:
        who = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        who = "unknown"
    line = AuditLine(time.time(), f"{who} (command line)", "admin", what, target, 0, dict(detail))
    store.part(AuditTables).record(line)
