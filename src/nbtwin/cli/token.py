"""`nbtwin token`: who may use the console and the API from elsewhere. Works beside a running lab, which follows."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from nbtwin.cli.as_json import AsJson, print_json
from nbtwin.cli.commands import Commands
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.stores import Database, State, changing, note, opened
from nbtwin.runtime.errors import Failed, WrongUsage

app = Commands(help="Tokens for the console and the API.", no_args_is_help=True)
Name = typer.Argument(metavar="NAME")
Role = typer.Option("viewer", "--role", metavar="viewer|operator|admin", help="What it may do.")
_TOLD = ("name", "role", "hint", "created_at", "expires_at", "used_at")
Lasts = typer.Option(None, "--lasts", metavar="SPAN", help="Until it ends, e.g. 90d; for ever when left out.")


@app.command()
def create(
    name: str = Name, role: str = Role, lasts: str | None = Lasts, state: Path = State, database: str | None = Database
) -> None:
    """Print a new token. It is seen this once: only its digest is kept.

    \b
    nbtwin token create ci --role operator --lasts 90d
    curl -H "Authorization: Bearer nbt_…" http://192.0.2.7:8080/api/v1/modules
    """
    from nbtwin.operators.store.database import NameRefused
    from nbtwin.timeline.span import SpanError, parse_span
    from nbtwin.web.access import tokens
    from nbtwin.web.access.roles import GRANTED
    from nbtwin.web.access.roles import Role as Roles

    if role not in map(str, GRANTED):
        raise WrongUsage(CliRefusal.NONE_OF, "--role", value=role, known=list(map(str, GRANTED)))
    try:
        span = None if lasts is None else parse_span(lasts)
    except SpanError as error:
        raise WrongUsage.of(error, "--lasts") from None
    with changing(state, database) as store:
        try:
            token = tokens.create(store, name, Roles[role.upper()], now=time.time(), lasts=span)
        except NameRefused as error:
            raise WrongUsage.of(error) from None
        note(store, "token create", name, role=role, lasts=lasts)
    print(token)


@app.command("list")
def list_tokens(state: Path = State, database: str | None = Database, as_json: bool = AsJson) -> None:
    """Every token: name, role, its first characters, when it was made, when it ends, when it was last used."""
    from nbtwin.cli.zone import show_zone_of
    from nbtwin.operators.store.access import TokenRepository
    from nbtwin.timeline.clock import format_wall

    def when(at: float | None) -> str:
        return "-" if at is None else format_wall(at, millis=False)

    show_zone_of(state)
    with opened(state, database) as store:
        tokens = store.part(TokenRepository).everyone()
    if as_json:
        print_json("tokens", [{name: getattr(token, name) for name in _TOLD} for token in tokens])
    else:
        for token in tokens:
            times = "\t".join(map(when, (token.created_at, token.expires_at, token.used_at)))
            print(f"{token.name}\t{token.role}\t{token.hint}\t{times}")


@app.command()
def revoke(name: str = Name, state: Path = State, database: str | None = Database) -> None:
    """In force with the next request."""
    from nbtwin.operators.store.access import TokenRepository

    with changing(state, database) as store:
        if not store.part(TokenRepository).remove(name):
            raise Failed(CliRefusal.TOKEN_UNKNOWN, token=name)
        note(store, "token revoke", name)
