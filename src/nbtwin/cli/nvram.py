"""`nbtwin nvram`: what modules keep in a state directory. Shows beside a running lab, changes only when none runs."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from nbtwin.cli.as_json import AsJson, print_json
from nbtwin.cli.commands import Commands
from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.stores import Database, hand_down, intent, opened
from nbtwin.foreign import detail_of
from nbtwin.runtime.errors import WrongUsage
from nbtwin.timeline.catalogue import Phrase, say, words

if TYPE_CHECKING:
    from nbtwin.commands.settings_table import SettingRow
    from nbtwin.module.nvram_image import Change
    from nbtwin.module.settings import Saved

app = Commands(invoke_without_command=True)
State = typer.Option(Path(".nbtwin"), "--state", metavar="DIR", help="The state directory of `nbtwin up`.")
Name = typer.Argument(metavar="NAME", help="A module's name, as `nbtwin up` prints it.")
Image = typer.Argument(metavar="FILE", help="A snapshot.")
Target = typer.Argument(None, metavar="[FILE]", help="Left out or -: standard output.")
Side = typer.Argument(metavar="NAME|FILE", help="A module, or a snapshot.")
Secrets = typer.Option(False, "--secrets", help="Show passwords and keys in full.")


class NvramPhrase(Phrase):
    """What the command says besides names and values."""

    NEVER_SAVED = "nvram-never-saved"
    DEFAULT = "nvram-default"
    EMPTY = "nvram-empty"
    ON = "nvram-on"
    OFF = "nvram-off"
    NO_DIFFERENCE = "nvram-no-difference"
    MODULE_NEW = "nvram-module-new"
    NOTHING_CHANGED = "nvram-nothing-changed"


@app.callback()
def nvram(context: typer.Context, state: Path = State, as_json: bool = AsJson) -> None:
    """What modules keep without power: list, show, snapshot, diff, restore, reset.

    \b
    nbtwin nvram                                    the modules of .nbtwin
    nbtwin nvram show bc28
    nbtwin nvram snapshot bc28 before.nvram         then let the host under test run
    nbtwin nvram diff before.nvram bc28             what it has changed
    nbtwin nvram restore bc28 before.nvram          as it was before
    nbtwin nvram reset bc28                         as it left the factory

    What is saved comes into use when the module boots. `restore` and `reset` keep the firmware version, and need the
    lab of that directory to be stopped; the others work beside it.
    """
    hand_down(context, "state")
    if context.invoked_subcommand is None:
        from nbtwin.edge.nvram_file import modules_in

        _known_directory(state)
        names = modules_in(state)
        if as_json:
            print_json("modules", [{"name": name} for name in names], state=str(state))
        else:
            for name in names:
                print(name)


@app.command()
def show(name: str = Name, state: Path = State, secrets: bool = Secrets, as_json: bool = AsJson) -> None:
    """Every setting of the model, by its document. Example: nbtwin nvram show bc28

    With the command that changes it, and the default where nothing was saved. A module that the directory's lab does
    not have is shown by names alone.
    """
    from nbtwin.module.nvram_image import setting_code, settings_of

    saved = _saved(state, name)
    if known := _table(state, name, saved, secrets):
        return _show_table(name, known, as_json)
    settings = settings_of(saved, secrets=secrets)
    if as_json:
        items = [
            {"name": key, "code": setting_code(key), "value": value, "text": shown(value, chosen())}
            for key, value in settings.items()
        ]
        return print_json("settings", items, module=name)
    texts = {setting: _text(None if value in ("", [], ()) else value) for setting, value in settings.items()}
    for setting, text in texts.items():
        _print(setting, f"[dim]{text}[/dim]" if text == _text(None) else text, texts)
    return None


def _table(state: Path, name: str, saved: Saved, secrets: bool) -> list[SettingRow]:
    """The settings as the documents of the module's model have them; empty where the directory does not know it."""
    from nbtwin.commands.settings_table import rows
    from nbtwin.edge.errors import EdgeError
    from nbtwin.edge.nvram_file import NvramFile
    from nbtwin.runtime.errors import SpecError
    from nbtwin.runtime.kept import decode
    from nbtwin.runtime.spec import find_model

    try:
        content = NvramFile(state / "lab").read()
        lab = decode(content) if content is not None else None
    except (EdgeError, SpecError):
        return []
    for module in lab.modules if lab is not None else ():
        if module.name == name:
            return rows(find_model(module.model), module.imei, module.firmware, saved, secrets=secrets)
    return []


def _show_table(name: str, known: list[SettingRow], as_json: bool) -> None:
    from nbtwin.module.nvram_image import setting_code

    if as_json:
        items = [
            {
                "name": row.setting.name,
                "code": setting_code(row.setting.name),
                "command": row.setting.command,
                "source": row.source,
                "parameters": row.setting.parameters,
                "write": row.setting.write,
                "default": row.setting.default,
                "value": row.saved,
                "text": shown(row.saved, chosen()),
            }
            for row in known
        ]
        return print_json("settings", items, module=name)
    names = [row.setting.name for row in known]
    for row in known:
        value = _text(row.saved)
        if row.saved is None:
            default = row.setting.default
            value = f"[dim]{value if default is None else _default(default)}[/dim]"
        parameters = ",".join([f"<{each}>" for each in row.setting.parameters])
        about = " ".join(filter(None, (row.setting.command and f"AT{row.setting.command}", parameters, row.source)))
        _print(row.setting.name, value, names, about)
    return None


def _default(value: Any) -> str:
    from rich.markup import escape

    return escape(say(NvramPhrase.DEFAULT, chosen(), value=shown(value, chosen())))


@app.command()
def snapshot(
    name: str = Name,
    file: Path | None = Target,
    state: Path = State,
) -> None:
    """Keep what is saved, secrets included. Example: nbtwin nvram snapshot bc28 before.nvram"""
    from nbtwin.module.nvram import encode

    content = encode(_saved(state, name))
    if file is None or str(file) == "-":
        sys.stdout.buffer.write(content + b"\n")
        return
    try:
        file.touch(mode=0o600)  # nobody else's business: passwords are in it
        file.write_bytes(content)
    except OSError as error:
        raise WrongUsage(CliRefusal.FILE_UNWRITABLE, str(file), detail=detail_of(error)) from None


@app.command()
def diff(
    before: str = Side, after: str = Side, state: Path = State, secrets: bool = Secrets, as_json: bool = AsJson
) -> None:
    """What differs between two modules or snapshots. Example: nbtwin nvram diff before.nvram bc28"""
    from nbtwin.module.nvram_image import differences, setting_code

    left, right = (_image(Path(side)) if _is_file(state, side) else _saved(state, side) for side in (before, after))
    changes = differences(left, right, secrets=secrets)
    if as_json:
        print_json("changes", [asdict(change) | {"code": setting_code(change.name)} for change in changes])
        return
    _print_changes(changes, say(NvramPhrase.NO_DIFFERENCE, chosen(), left=before, right=after))


@app.command()
def restore(name: str = Name, file: Path = Image, state: Path = State, database: str | None = Database) -> None:
    """Put a snapshot back, or give it to another module. Example: nbtwin nvram restore bc28 before.nvram"""
    from nbtwin.module.nvram import encode
    from nbtwin.module.nvram_image import restored

    image = encode(_image(file))
    change = f"nvram restore {file}"
    _replace(state, database, change, name, lambda present: restored(image, present), may_be_new=True)


@app.command()
def reset(name: str = Name, state: Path = State, database: str | None = Database) -> None:
    """Forget every setting; the firmware version stays. Example: nbtwin nvram reset bc28"""
    from nbtwin.module.nvram_image import erased

    _replace(state, database, "nvram reset", name, erased)


def _replace(state: Path, database: str | None, change: str, name: str, make: Any, may_be_new: bool = False) -> None:
    """Change one module's NVRAM while nobody else can."""
    from nbtwin.edge.errors import EdgeError, EdgeRefusal
    from nbtwin.edge.nvram_file import StateDirectory
    from nbtwin.module.nvram import encode
    from nbtwin.module.nvram_image import differences
    from nbtwin.module.settings import Saved

    _known_directory(state)
    try:
        with StateDirectory(state) as directory:
            storage = directory.nvram(name)
            new = storage.read() is None
            present = Saved() if new and may_be_new else _saved(state, name)
            wanted = make(present)
            with opened(state, database) as store, intent(store, change, name):
                storage.save(encode(wanted))
    except EdgeError as error:
        if error.code is EdgeRefusal.STATE_IN_USE_BY:
            raise WrongUsage(CliRefusal.STATE_IN_USE, str(state), process=error.fields["process"]) from None
        raise WrongUsage.of(error) from None
    except OSError as error:
        raise WrongUsage(CliRefusal.FILE_UNWRITABLE, str(state), detail=detail_of(error)) from None
    if new:
        print(say(NvramPhrase.MODULE_NEW, chosen(), module=name, state=str(state)))
    _print_changes(differences(present, wanted), say(NvramPhrase.NOTHING_CHANGED, chosen(), module=name))


def _print_changes(changes: list[Change], nothing: str) -> None:
    names = [change.name for change in changes]
    for change in changes:
        before, after = _text(change.before), _text(change.after)
        _print(change.name, f"[red]{before}[/red] → [green]{after}[/green]", names)
    if not changes:
        print(nothing)


def _print(name: str, value: str, names: Collection[str], about: str = "") -> None:
    """One line, however long: who reads it may be `grep`. The name, one of ``names``; the value; what it is."""
    from rich.console import Console
    from rich.markup import escape

    from nbtwin.module.nvram_image import setting_code

    width, meaning = max(map(len, names)), words(setting_code(name), chosen())
    more = escape(f" · {about}" if about else "")
    text = f"[cyan]{name:<{width}}[/cyan]  {value}  [dim]# {meaning}{more}[/dim]"
    Console(highlight=False, soft_wrap=True).print(text)


def _text(value: Any) -> str:
    from rich.markup import escape

    return escape(shown(value, chosen()))


def shown(value: Any, language: str) -> str:
    """One value in words."""
    if value is None:
        return say(NvramPhrase.NEVER_SAVED, language)
    if isinstance(value, bool):
        return say(NvramPhrase.ON if value else NvramPhrase.OFF, language)
    if isinstance(value, list | tuple):
        return ", ".join(shown(item, language) for item in value) or say(NvramPhrase.EMPTY, language)
    if isinstance(value, Mapping):
        return ",".join(shown(item, language) for item in value.values())
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _is_file(state: Path, side: str) -> bool:
    """A name of the directory is a module, whatever else may lie about under that name."""
    from nbtwin.edge.nvram_file import modules_in

    return side not in modules_in(state) and Path(side).is_file()


def _saved(state: Path, name: str) -> Saved:
    from nbtwin.edge.errors import EdgeError
    from nbtwin.edge.nvram_file import NvramFile, modules_in, nvram_path
    from nbtwin.engine import DecodeError
    from nbtwin.module.nvram import decode

    _known_directory(state)
    try:
        content = NvramFile(nvram_path(state, name)).read()
        if content is not None:
            return decode(content)
    except (EdgeError, DecodeError) as error:
        raise WrongUsage.of(error, name) from None
    if known := modules_in(state):
        raise WrongUsage(CliRefusal.NVRAM_UNKNOWN, str(state), module=name, known=known)
    raise WrongUsage(CliRefusal.NVRAM_UNKNOWN_ALL, str(state), module=name)


def _image(file: Path) -> Saved:
    from nbtwin.engine import DecodeError
    from nbtwin.module.nvram import decode

    try:
        return decode(file.read_bytes())
    except OSError as error:
        raise WrongUsage(CliRefusal.FILE_UNREADABLE, str(file), detail=detail_of(error)) from None
    except DecodeError as error:
        raise WrongUsage.of(error, str(file)) from None


def _known_directory(state: Path) -> None:
    if not state.is_dir():
        raise WrongUsage(CliRefusal.STATE_UNKNOWN, state=str(state))
