"""`nbtwin platform keys psk`: the keys of Andlink devices. Works beside a running platform, which follows."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nbtwin.cli.as_json import AsJson, print_json
from nbtwin.cli.commands import Commands
from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.stores import Database, State, changing, note, opened
from nbtwin.runtime.errors import Failed, WrongUsage
from nbtwin.timeline.catalogue import Phrase, say

if TYPE_CHECKING:
    from nbtwin.operators.key_store.psk import PskStore
    from nbtwin.operators.store.store import Store

app = Commands(help="The DTLS keys of Andlink devices.", no_args_is_help=True)
Device = typer.Argument(metavar="DEVICE", help="Its endpoint client name: the IMEI.")
In = typer.Argument(metavar="FILE", help="JSON or CSV; - is standard input.")
Out = typer.Argument(metavar="FILE", help=".json or .csv; - prints JSON.")
_TOLD = ("device", "bootstrap_name", "bootstrap_key", "name", "key")
KEY_BYTES = 16  # D16


class PskPhrase(Phrase):
    IMPORTED = "psk-imported"  # count: of devices


@app.command("list")
def list_keys(state: Path = State, database: str | None = Database, as_json: bool = AsJson) -> None:
    """Every device with its identities, its keys masked."""
    with opened(state, database) as store:
        entries = _ring(store).list()
    if as_json:
        print_json("psk", [{name: getattr(entry, name) for name in _TOLD} for entry in entries])
    else:
        for entry in entries:
            print(
                f"{entry.device}\t{entry.bootstrap_name} {entry.bootstrap_key or '-'}\t{entry.name} {entry.key or '-'}"
            )


@app.command()
def add(
    device: str = Device,
    bootstrap_key: str = typer.Option("", "--bootstrap-key", metavar="HEX", help="AT+QLASETBSPSK on the module."),
    key: str = typer.Option("", "--key", metavar="HEX", help="AT+QLASETPSK on the module."),
    bootstrap_identity: str = typer.Option("", "--bootstrap-identity", metavar="ID", help="Else the device's name."),
    identity: str = typer.Option("", "--identity", metavar="ID", help="Else the device's name."),
    generate: bool = typer.Option(False, "--generate", help="Make the keys that are left out, and print them."),
    state: Path = State,
    database: str | None = Database,
) -> None:
    """Add a device, or give it other keys.

    \b
    nbtwin platform keys psk add 867724030000225 --generate
    """
    import secrets

    from nbtwin.operators.key_store.psk import DeviceKeys
    from nbtwin.operators.key_store.refusals import PskError

    if generate:
        bootstrap_key = bootstrap_key or secrets.token_hex(KEY_BYTES)
        key = key or secrets.token_hex(KEY_BYTES)
    entry = DeviceKeys(
        device=device, bootstrap_key=bootstrap_key, key=key, bootstrap_identity=bootstrap_identity, identity=identity
    )
    with changing(state, database) as store:
        try:
            _ring(store).add(entry)
        except PskError as error:
            raise WrongUsage.of(error) from None
        note(store, "psk add", device)
    if generate:
        print(f"bootstrap-key {bootstrap_key}\nkey {key}")


@app.command()
def remove(device: str = Device, state: Path = State, database: str | None = Database) -> None:
    """Forget a device's keys; its next handshake fails."""
    with changing(state, database) as store:
        if not _ring(store).remove(device):
            raise Failed(CliRefusal.KEYS_UNKNOWN, device=device)
        note(store, "psk remove", device)


@app.command("import")
def import_keys(
    file: Path = In,
    state: Path = State,
    database: str | None = Database,
) -> None:
    """Add or replace the keys of every device in a file; all of them, or none."""
    from nbtwin.operators.key_store.psk_files import parse_keys
    from nbtwin.operators.key_store.refusals import PskError

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        entries = parse_keys(text)
        with changing(state, database) as store:
            _ring(store).add_all(entries)
            note(store, "psk import", str(file), devices=len(entries))
    except PskError as error:
        raise WrongUsage.of(error, str(file)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Failed.of(error, str(file)) from None
    print(say(PskPhrase.IMPORTED, chosen(), count=len(entries)))


@app.command()
def export(
    file: Path = Out,
    state: Path = State,
    database: str | None = Database,
) -> None:
    """Every key in clear: the file may be read by its owner alone."""
    from nbtwin.operators.key_store.psk_files import FORMATS, format_keys

    form = "json" if str(file) == "-" else file.suffix.removeprefix(".").lower()
    if form not in FORMATS:
        raise WrongUsage(CliRefusal.ENDING, str(file), known=[".json", ".csv"])
    with changing(state, database) as store:
        text = format_keys(_ring(store).export(), form)
        note(store, "psk export", str(file))
    if str(file) == "-":
        sys.stdout.write(text)
    else:
        try:
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as target:
                target.write(text)
        except OSError as error:
            raise Failed.of(error, str(file)) from None


def _ring(store: Store) -> PskStore:
    from nbtwin.operators.store.andlink import PskRepository

    return store.part(PskRepository).keys
