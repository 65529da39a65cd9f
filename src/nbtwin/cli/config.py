"""`nbtwin config`: what holds for `nbtwin up` and who says so, whether a file is right, and a file to begin with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from nbtwin.cli.as_json import AsJson, print_json
from nbtwin.cli.commands import Commands
from nbtwin.cli.language import chosen
from nbtwin.runtime.errors import WrongUsage
from nbtwin.timeline.catalogue import Phrase, say

if TYPE_CHECKING:
    from nbtwin.cli.settings import Settings

app = Commands(
    help="nbtwin.toml, which describes a lab once: what holds, whether it is right, and one to begin with.",
    no_args_is_help=True,
)
File = typer.Argument(Path("nbtwin.toml"), metavar="FILE", help="By default nbtwin.toml of this folder.")
MASK = "****"
_PASSWORD = re.compile(r"(://[^/\s:@]*):[^/\s@]*@")


class ConfigPhrase(Phrase):
    DEFAULT = "config-default"
    RIGHT = "config-right"  # file
    WRITTEN = "config-written"  # file


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def show(context: typer.Context, as_json: bool = AsJson) -> None:
    """All settings of `nbtwin up` here, and where each is from: an option, the environment, FILE:LINE, or the default.

    \\b
    nbtwin config show
    nbtwin config show --config lab/nbtwin.toml --http 127.0.0.1:8080 --json

    Takes the options of `nbtwin up`. Secrets are masked.
    """
    rows = list(_rows(_settings(context)))
    if as_json:
        print_json(
            "settings", [{"name": name, "value": value, "from": source or "default"} for name, value, source in rows]
        )
        return
    width = max(len(name) for name, *_ in rows)
    for name, value, source in rows:
        said = source or say(ConfigPhrase.DEFAULT, chosen())
        print(f"{name:<{width}} = {_toml(value)}  # {said}")


@app.command()
def check(file: Path = File) -> None:
    """Whether a file is right; all that is wrong with it, a line each."""
    from nbtwin.cli.settings import loaded

    loaded(file)
    print(say(ConfigPhrase.RIGHT, chosen(), file=str(file)))


@app.command()
def init(file: Path = File) -> None:
    """Write an example with everything that may stand there, commented. A file that exists stays as it is."""
    from importlib.resources import files

    example = (files("nbtwin.cli") / "example.toml").read_text(encoding="utf-8")
    try:
        with open(file, "x", encoding="utf-8") as made:
            made.write(example)
    except OSError as error:
        raise WrongUsage.of(error, str(file)) from None
    print(say(ConfigPhrase.WRITTEN, chosen(), file=str(file)))


def _settings(context: typer.Context) -> Settings:
    """As `nbtwin up` would have them with the same options."""
    from nbtwin.cli.settings import find, settings_of

    root = context.find_root()
    commands: Any = root.command
    of_up = commands.commands["up"].make_context("up", list(context.args), parent=root)
    with of_up:
        given = of_up.params
        settings = settings_of(of_up, find(given["config"]), lab=given["lab"])
        settings.options()  # raises what `up` would raise
        return settings


def _rows(settings: Settings) -> Iterator[tuple[str, Any, str]]:
    """Name, value and source; an entry of a list that has a source of its own is a row of its own."""
    for name, setting in settings.values.items():
        value = setting.value
        if name == "platforms" and not isinstance(value, str):
            for platform, (_, port) in settings.platforms.items():
                for key, each in (("port", port), ("strict", platform in settings.strict)):
                    yield f"platforms.{platform}.{key}", each, _source_of(settings, "platforms", platform, key)
        elif setting.sources:
            for number, (entry, source) in enumerate(zip(value, setting.sources, strict=True), 1):
                yield f"{name}[{number}]", str(entry), source
        else:
            yield name, _plain(name, value), setting.source
    yield from _secrets(settings)


def _source_of(settings: Settings, *path: str | int) -> str:
    assert settings.file is not None
    return f"{settings.file.path}:{settings.file.line_of(*path)}"


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [str(entry) for entry in value]
    if name == "database" and value is not None:
        return _PASSWORD.sub(r"\1:****@", value)
    return str(value) if isinstance(value, Path) else value


def _secrets(settings: Settings) -> Iterator[tuple[str, Any, str]]:
    if settings.file is None:
        return
    for number, appkey in enumerate(settings.file.tables.appkeys):
        yield f"appkeys.{appkey.appkey}", MASK, _source_of(settings, "appkeys", number)
    for number, keys in enumerate(settings.file.tables.psk):
        yield f"psk.{keys.device}", MASK, _source_of(settings, "psk", number)


def _toml(value: Any) -> str:
    """As the file would have it; nothing as a dash."""
    return "-" if value is None else json.dumps(value, ensure_ascii=False)
