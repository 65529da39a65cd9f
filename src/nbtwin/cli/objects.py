"""`nbtwin objects`: definitions of LwM2M objects: those that are built in, and those that a lab's user brings.

Works beside a lab that runs, which follows.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nbtwin.cli.as_json import AsJson, plain, print_json
from nbtwin.cli.commands import Commands
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.stores import Database, State, changing, note, opened
from nbtwin.runtime.errors import Failed

if TYPE_CHECKING:
    from nbtwin.lwm2m.model import ObjectDefinition
    from nbtwin.operators.store.definitions import DefinitionRepository
    from nbtwin.operators.store.store import Store

app = Commands(
    help="Definitions of LwM2M objects: list, show, add (OMA DDF files), remove.",
    no_args_is_help=True,
)
Added = typer.Option(False, "--added", help="Only those that were added.")
Version = typer.Option(None, "--version", metavar="VERSION", help="The object's version; by default the newest.")
Files = typer.Argument(metavar="FILE...", help="OMA DDF (XML), one object or several.")
Replace = typer.Option(False, "--replace", help="In place of what was added before; never of what is built in.")
Number = typer.Argument(metavar="OBJECT", help="Its number, such as 3303.")
RemovedVersion = typer.Argument("1.0", metavar="[VERSION]", help="The object's version.")


@app.command("list")
def list_objects(
    added: bool = Added, state: Path = State, database: str | None = Database, as_json: bool = AsJson
) -> None:
    """Each object and version that is known: number, version, name, and where it is from."""
    from nbtwin.lwm2m.objects.registry import BUILT_IN, order_of

    with opened(state, database) as store:
        known = sorted(store.definitions.all.values(), key=lambda one: (one.id, order_of(one.version)))
    shown = [(one, (one.id, one.version) in BUILT_IN) for one in known]
    shown = [(one, built_in) for one, built_in in shown if not (added and built_in)]
    if as_json:
        items = [
            {"id": one.id, "version": one.version, "name": one.name, "built_in": built_in} for one, built_in in shown
        ]
        print_json("objects", items)
    else:
        for one, built_in in shown:
            print("\t".join((str(one.id), one.version, one.name, "built-in" if built_in else "added")))


@app.command()
def show(
    number: int = Number,
    version: str | None = Version,
    state: Path = State,
    database: str | None = Database,
    as_json: bool = AsJson,
) -> None:
    """An object's resources: number, operations, type, how many, range, unit, name.

    \b
    nbtwin objects show 3303
    """
    from nbtwin.lwm2m.objects.record import record_of

    with opened(state, database) as store:
        registry = store.definitions
        found = registry.all.get((number, version)) if version else registry.newest.get(number)
    if found is None:
        raise _unknown(number, version or "")
    record = record_of(found)
    if as_json:
        about = plain(record)
        print_json("resources", about.pop("resources"), object=about)
        return
    print(f"{record.id}\t{record.version}\t{record.name}\t{'multiple' if record.multiple else 'single'}")
    for row in record.resources:
        many = ("multiple" if row.multiple else "single") + (" mandatory" if row.mandatory else "")
        said = (str(row.id), row.operations or "-", row.type, many, row.range or "-", row.unit or "-", row.name)
        print("\t".join(said))


@app.command()
def add(
    file: list[Path] = Files, replace: bool = Replace, state: Path = State, database: str | None = Database
) -> None:
    """Add what these files define. Values of such objects are named, typed and checked from then on.

    \b
    nbtwin objects add 33001.xml meters.xml
    """
    definitions = [one for path in file for one in read(path)]
    with changing(state, database) as store:
        bring(store, definitions, replace=replace)
        for one in definitions:
            note(store, "objects add", f"{one.id} {one.version}", name=one.name)
    for one in definitions:
        print(f"{one.id}\t{one.version}\t{one.name}")


@app.command()
def remove(
    number: int = Number, version: str = RemovedVersion, state: Path = State, database: str | None = Database
) -> None:
    """Remove a definition that was added."""
    from nbtwin.lwm2m.objects.refusals import DefinitionRefused

    with changing(state, database) as store:
        try:
            gone = _kept(store).remove(number, version)
        except DefinitionRefused as error:
            raise Failed.of(error) from None
        if not gone:
            raise _unknown(number, version)
        note(store, "objects remove", f"{number} {version}")


def read(file: Path) -> list[ObjectDefinition]:
    """What a file defines; Failed, with its name, for what it does not."""
    from nbtwin.lwm2m.objects.ddf import definitions_in
    from nbtwin.lwm2m.objects.refusals import DefinitionError

    try:
        return definitions_in(file.read_bytes())
    except (OSError, DefinitionError) as error:
        raise Failed.of(error, str(file)) from None


def bring(store: Store, definitions: list[ObjectDefinition], *, replace: bool) -> None:
    from nbtwin.lwm2m.objects.refusals import DefinitionRefused

    try:
        _kept(store).add(definitions, time.time(), replace=replace)
    except DefinitionRefused as error:
        raise Failed.of(error) from None


def _kept(store: Store) -> DefinitionRepository:
    from nbtwin.operators.store.definitions import DefinitionRepository

    return store.part(DefinitionRepository)


def _unknown(number: int, version: str) -> Failed:
    return Failed(CliRefusal.DEFINITION_UNKNOWN, object=f"{number} {version}".strip())
