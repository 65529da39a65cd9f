"""`nbtwin firmware`: packages for modules: made, looked at, made smaller, and given to the platform."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nbtwin.cli.as_json import AsJson, plain, print_json
from nbtwin.cli.commands import Commands
from nbtwin.cli.firmware_phrases import FirmwarePhrase, print_rows
from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.stores import Database, State, changing, note, opened
from nbtwin.runtime.errors import Failed, WrongUsage
from nbtwin.timeline.catalogue import say

if TYPE_CHECKING:
    from nbtwin.lwm2m.firmware.package import Package
    from nbtwin.operators.store.andlink import PackageRepository
    from nbtwin.operators.store.store import Store

app = Commands(help="Firmware packages: make, show, compare, serve.", no_args_is_help=True)
Model = typer.Option(..., "--model", metavar="MODEL", help="What it is for, e.g. BC28.")
Version = typer.Option(..., "--version", metavar="VERSION", help="What AT+CGMR answers afterwards.")
Image = typer.Option(None, "--image", metavar="FILE", help="The image; one is made up when left out.")
Out = typer.Argument(metavar="OUT", help="The package to write.")
File = typer.Argument(metavar="PACKAGE")
Old = typer.Argument(metavar="OLD", help="A package, or the version of a module that was never updated.")
Name = typer.Option(None, "--name", metavar="NAME", help="Under which it is served; by default the file's name.")
SaidVersion = typer.Option("", "--version", metavar="VERSION", help="What devices run afterwards (/3/0/3).")
SaidModel = typer.Option([], "--model", metavar="MODEL", help="A model that it is for (/3/0/1); any if left out.")
Checksum = typer.Option("", "--checksum", metavar="SHA256", help="Refuse a file with another SHA-256.")
Notes = typer.Option("", "--notes", metavar="TEXT", help="Kept with it.")
NameArgument = typer.Argument(metavar="NAME")


@app.command("pack")
def pack_command(out: Path = Out, model: str = Model, version: str = Version, image: Path | None = Image) -> None:
    """Make a package from an image.

    \b
    nbtwin firmware pack --model BC28 --version BC28JAR01A11_ONT new.pkg
    """
    from nbtwin.lwm2m.firmware.delta import factory_image, pack_image
    from nbtwin.runtime.spec import find_model

    profile = find_model(model)
    content = factory_image(profile.model, version) if image is None else _bytes(image)
    try:
        package = pack_image(profile.model, version, content)
    except ValueError as error:
        raise WrongUsage.of(error, str(image)) from None
    _write(out, package)
    said = {"file": str(out), "model": profile.model, "version": version, "count": len(package)}
    print(say(FirmwarePhrase.PACKED, chosen(), **said))


@app.command()
def show(file: Path = File, as_json: bool = AsJson) -> None:
    """What is in a package, and whether it is whole."""
    package = _package(file)
    manifest = package.manifest
    if as_json:
        print_json("firmware", [plain(manifest)], file=str(file))
        return
    kind = FirmwarePhrase.DELTA if manifest.base else FirmwarePhrase.WHOLE
    print_rows(
        (FirmwarePhrase.MODEL_NAME, manifest.model),
        (FirmwarePhrase.VERSION_NAME, manifest.version),
        (FirmwarePhrase.KIND_NAME, say(kind, chosen(), version=manifest.base)),
        (FirmwarePhrase.SIZE_NAME, say(FirmwarePhrase.BYTES, chosen(), count=manifest.size)),
        *([(FirmwarePhrase.IMAGE_NAME, f"SHA-256 {manifest.image}")] if manifest.image else []),
        *([(FirmwarePhrase.BASE_NAME, f"SHA-256 {manifest.base_image}")] if manifest.base_image else []),
        (FirmwarePhrase.CHECKSUM_NAME, say(FirmwarePhrase.RIGHT, chosen())),
    )


@app.command()
def delta(old: str = Old, new: Path = File, out: Path = Out) -> None:
    """Make a package with what differs between two versions alone.

    \b
    nbtwin firmware delta old.pkg new.pkg small.pkg
    nbtwin firmware delta BC28JAR01A10_ONT new.pkg small.pkg
    """
    from nbtwin.lwm2m.firmware.delta import apply, factory_image, pack_delta

    to = _package(new)
    model = to.manifest.model
    if to.manifest.base:
        raise WrongUsage(CliRefusal.DELTA_OF_DELTA, str(new))
    if Path(old).exists():
        base = _package(Path(old))
        if base.manifest.base or base.manifest.model != model:
            raise WrongUsage(CliRefusal.DELTA_OF_OTHERS, str(old), model=model)
        version, image = apply(base, None)
    else:
        version, image = old, factory_image(model, old)
    package = pack_delta(model, version, image, to.manifest.version, to.image)
    _write(out, package)
    said = {"file": str(out), "model": model, "base": version, "version": to.manifest.version}
    print(say(FirmwarePhrase.COMPARED, chosen(), **said, count=len(package), of=len(to.image)))


@app.command()
def add(
    file: Path = File, name: str | None = Name, version: str = SaidVersion, model: list[str] = SaidModel,
    checksum: str = Checksum, notes: str = Notes, state: Path = State, database: str | None = Database,
) -> None:  # fmt: skip
    """Give a package to the Andlink platform, which serves it at /fw/NAME: nbtwin's own, or any file.

    \b
    nbtwin firmware add new.pkg
    nbtwin firmware add meter.bin --version 2.4.1 --model MTR-10 --model MTR-20
    """
    from nbtwin.engine import DecodeError
    from nbtwin.operators.store.database import NameRefused

    content = _bytes(file)
    with changing(state, database) as store:
        try:
            record = _packages(store).add(
                name or file.stem, content, time.time(), version=version, models=model, checksum=checksum, notes=notes
            )
        except DecodeError as error:
            raise Failed.of(error, str(file)) from None
        except NameRefused as error:
            raise WrongUsage.of(error) from None
        note(store, "firmware add", record.name, version=record.version)
    print(f"{record.name}\t{record.model or '-'}\t{record.version or '-'}")


@app.command("list")
def list_packages(state: Path = State, database: str | None = Database, as_json: bool = AsJson) -> None:
    """The packages that the platform has."""
    with opened(state, database) as store:
        records = _packages(store).list()
    if as_json:
        print_json("packages", map(plain, records))
    else:
        for record in records:
            said = (record.name, record.model or "-", record.version or "-", record.base or "-", str(record.size))
            print("\t".join(said))


@app.command()
def remove(name: str = NameArgument, state: Path = State, database: str | None = Database) -> None:
    """Take a package from the platform; downloads that are under way fail."""
    with changing(state, database) as store:
        if not _packages(store).remove(name):
            raise Failed(CliRefusal.PACKAGE_UNKNOWN, package=name)
        note(store, "firmware remove", name)


def _packages(store: Store) -> PackageRepository:
    from nbtwin.operators.store.andlink import PackageRepository

    return store.part(PackageRepository)


def _package(file: Path) -> Package:
    from nbtwin.engine import DecodeError
    from nbtwin.lwm2m.firmware.package import unpack

    try:
        return unpack(_bytes(file))
    except DecodeError as error:
        raise Failed.of(error, str(file)) from None


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Failed.of(error, str(file)) from None


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Failed.of(error, str(file)) from None
