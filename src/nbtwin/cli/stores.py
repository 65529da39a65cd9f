"""Where commands find the store: the state directory's file, or the database that `--database` names."""

from __future__ import annotations

import getpass
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import Failed, Mistakes, WrongUsage

if TYPE_CHECKING:
    from nbtwin.operators.store.access import AuditLine
    from nbtwin.operators.store.store import Store

T = TypeVar("T")
_log = logging.getLogger("nbtwin.store")


def _state_here(context: typer.Context, state: Path) -> Path:
    return _of_file(context, "state", state)


def _database_here(context: typer.Context, database: str | None) -> str | None:
    return _of_file(context, "database", database)


def _of_file(context: typer.Context, name: str, value: T) -> T:
    """What the nbtwin.toml of this folder says, where nobody says anything nearer (D174)."""
    from nbtwin.runtime.lab_file import NAME, LabFileError, is_here, kept_in

    source = context.get_parameter_source(name)
    if context.resilient_parsing or source is None or source.name != "DEFAULT" or not is_here():
        return value
    try:
        found: Any = dict(zip(("state", "database"), kept_in(Path(NAME)), strict=True))[name]
    except OSError as error:
        raise WrongUsage.of(error, NAME) from None
    except LabFileError as error:
        raise Mistakes([WrongUsage.of(mistake) for mistake in error.mistakes]) from None
    return value if found is None else found


_STATE: dict[str, Any] = {"metavar": "DIR", "help": "Where NVRAM and inventory are kept."}
_DATABASE: dict[str, Any] = {
    "metavar": "URL|FILE",
    "envvar": "NBTWIN_DATABASE",
    "help": "postgresql://… or another SQLite file, for the inventory; by default DIR/inventory.sqlite.",
}
State = typer.Option(Path(".nbtwin"), "--state", callback=_state_here, **_STATE)
Database = typer.Option(None, "--database", callback=_database_here, **_DATABASE)
LabState = typer.Option(Path(".nbtwin"), "--state", **_STATE)
"""Of commands that read the whole nbtwin.toml."""
LabDatabase = typer.Option(None, "--database", **_DATABASE)


def hand_down(context: typer.Context, *options: str) -> None:
    """What stands before a subcommand holds for it, too: `nbtwin nvram --state DIR show bc28`. Any other option of a
    group belongs to the group alone, and before a subcommand it would be forgotten in silence."""
    given = {name for name in context.params if _is_given(context, name)}
    if context.invoked_subcommand is None:
        return
    if unknown := sorted(given - set(options)):
        named = [max(one.opts, key=len) for one in context.command.params if one.name in unknown]
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
        with Store.open(place(state, database), claim=claim, state=state) as store:
            if store.recovered.notices:
                from nbtwin.cli.output import warn  # it knows the timeline, which light commands do not load

            for notice in store.recovered.notices:
                warn(notice)
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
