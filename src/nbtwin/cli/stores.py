"""Where commands find the store: the state directory's file, or the database that `--database` names."""

from __future__ import annotations

import getpass
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import Failed, WrongUsage

if TYPE_CHECKING:
    from nbtwin.operators.store.access import AuditLine
    from nbtwin.operators.store.store import Store

_log = logging.getLogger("nbtwin.store")

State = typer.Option(Path(".nbtwin"), "--state", metavar="DIR", help="Where NVRAM and inventory are kept.")
Database = typer.Option(
    None,
    "--database",
    metavar="URL|FILE",
    envvar="NBTWIN_DATABASE",
    help="postgresql://… or another SQLite file, for the inventory; by default DIR/inventory.sqlite.",
)


def hand_down(context: typer.Context, *options: str) -> None:
    """What stands before a subcommand holds for it, too: `nbtwin nvram --state DIR show bc28`. Any other option of a
    group belongs to the group alone, and before a subcommand it would be forgotten in silence."""
    given = {name for name in context.params if _is_given(context, name)}
    if context.invoked_subcommand is None:
        return
    if unknown := sorted(given - set(options)):
        named = [f"--{name.replace('_', '-')}" for name in unknown]
        raise WrongUsage(CliRefusal.OPTION_LOST, options=named, command=context.invoked_subcommand)
    context.default_map = _for_each(context.command, {name: str(context.params[name]) for name in given})


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _for_each(group: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The same defaults for every subcommand of a group, and for theirs."""
    subcommands = getattr(group, "commands", {})
    return values | {name: _for_each(command, values) for name, command in subcommands.items()}


def place(state: Path, database: str | None) -> str:
    return database or str(state / "inventory.sqlite")


@contextmanager
def opened(state: Path, database: str | None, *, claim: bool = False) -> Iterator[Store]:
    """The store; its trouble is this command's failure."""
    from nbtwin.operators.store.store import Store, StoreError

    try:
        with Store.open(place(state, database), claim=claim) as store:
            yield store
    except StoreError as error:
        raise Failed.of(error) from None


@contextmanager
def changing(state: Path, database: str | None) -> Iterator[Store]:
    """As `opened`, in one transaction: what is changed, and its `note`."""
    with opened(state, database) as store, store.database.transaction():
        yield store


def note(store: Store, what: str, target: str, **detail: object) -> None:
    """Into the audit log, within the transaction of the change: who does this from the command line (D117)."""
    from nbtwin.operators.store.access import AuditRepository

    store.part(AuditRepository).record(_line(what, target, 0, detail))


@contextmanager
def intent(store: Store, what: str, target: str) -> Iterator[None]:
    """For a change that is none of the database: it begins in the audit log, and ends there (D117)."""
    from nbtwin.operators.store.access import BEGAN, AuditRepository
    from nbtwin.operators.store.store import StoreError
    from nbtwin.timeline.catalogue.errors import worded

    audit, line, status = store.part(AuditRepository), _line(what, target, BEGAN, {}), 1
    number = audit.begin(line)
    try:
        yield
        status = 0
    finally:
        try:
            audit.end([number], replace(line, status=status))
        except StoreError as error:  # it stays what began
            _log.error("audit log not written: %s %s: %s", what, target, worded(error))


def _line(what: str, target: str, status: int, detail: dict[str, object]) -> AuditLine:
    from nbtwin.operators.store.access import AuditLine

    try:
        who = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        who = "unknown"
    return AuditLine(time.time(), f"{who} (command line)", "admin", what, target, status, detail)
