"""`nbtwin platform keys`: the appkeys that the CMDMP platform knows. Works beside a running platform, which follows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nbtwin.cli.errors import Failed, WrongUsage

if TYPE_CHECKING:
    from nbtwin.operators.store import Store

app = typer.Typer(
    help="The appkeys of the CMDMP platform, and (psk) the keys of Andlink devices.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
State = typer.Option(Path(".nbtwin"), "--state", metavar="DIR", help="Where the inventory is kept.")
Password = typer.Option(None, "--password", help="Asked for when left out, so that no shell history keeps it.")
AppKey = typer.Argument(metavar="APPKEY")


@app.command("list")
def list_keys(state: Path = State) -> None:
    """Every appkey, its password masked."""
    with _store(state) as store:
        for key in store.keys.list():
            print(f"{key.appkey}\t{key.password}")


@app.command()
def add(
    appkey: str = AppKey,
    password: str | None = Password,
    state: Path = State,
) -> None:
    """Add an appkey, or give it another password."""
    given = typer.prompt("password", hide_input=True, default="") if password is None else password
    with _store(state) as store:
        try:
            store.keys.add(appkey, given)
        except ValueError as error:
            raise WrongUsage(str(error)) from None


@app.command()
def remove(appkey: str = AppKey, state: Path = State) -> None:
    """Forget an appkey; whoever registers with it from now on is refused."""
    with _store(state) as store:
        if not store.keys.remove(appkey):
            raise Failed(f"there is no appkey {appkey!r}")


def _store(state: Path) -> Store:
    from nbtwin.operators.store import Store, StoreError

    try:
        return Store.open(state / "inventory.sqlite")
    except StoreError as error:
        raise Failed(str(error)) from None
