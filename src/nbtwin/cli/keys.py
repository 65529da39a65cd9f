"""`nbtwin platform keys`: the appkeys that the CMDMP platform knows. Works beside a running platform, which follows."""

from __future__ import annotations

from pathlib import Path

import typer

from nbtwin.cli.as_json import AsJson, print_json
from nbtwin.cli.asking import AskingPhrase, secret
from nbtwin.cli.commands import Commands
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.stores import Database, State, changing, note, opened
from nbtwin.runtime.errors import Failed, WrongUsage

app = Commands(
    help="The appkeys of the CMDMP platform, and (psk) the keys of Andlink devices.",
    no_args_is_help=True,
)
PASSWORD = "NBTWIN_PASSWORD"
Password = typer.Option(
    None,
    "--password",
    metavar="TEXT",
    envvar=PASSWORD,
    help="Asked for at the terminal when left out, so that no shell history keeps it.",
)
AppKey = typer.Argument(metavar="APPKEY")


@app.command("list")
def list_keys(state: Path = State, database: str | None = Database, as_json: bool = AsJson) -> None:
    """Every appkey, its password masked."""
    with opened(state, database) as store:
        keys = store.keys.list()
    if as_json:
        print_json("appkeys", [{"appkey": key.appkey, "password": key.password} for key in keys])
    else:
        for key in keys:
            print(f"{key.appkey}\t{key.password}")


@app.command()
def add(
    appkey: str = AppKey,
    password: str | None = Password,
    state: Path = State,
    database: str | None = Database,
) -> None:
    """Add an appkey, or give it another password."""
    given = secret(AskingPhrase.PASSWORD, "--password", PASSWORD) if password is None else password
    with changing(state, database) as store:
        try:
            store.keys.add(appkey, given)
        except ValueError as error:
            raise WrongUsage.of(error) from None
        note(store, "keys add", appkey)


@app.command()
def remove(appkey: str = AppKey, state: Path = State, database: str | None = Database) -> None:
    """Forget an appkey; whoever registers with it from now on is refused."""
    with changing(state, database) as store:
        if not store.keys.remove(appkey):
            raise Failed(CliRefusal.APPKEY_UNKNOWN, appkey=appkey)
        note(store, "keys remove", appkey)
