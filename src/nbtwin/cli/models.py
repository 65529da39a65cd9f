"""`nbtwin models` and `nbtwin explain`: what the profiles say, in the terminal. Starts nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from nbtwin.cli.as_json import AsJson, print_json
from nbtwin.cli.commands import Commands
from nbtwin.cli.models_data import (
    differences_as_data,
    explanation_as_data,
    models_as_data,
    profile_as_data,
    refused_as_data,
)
from nbtwin.cli.stores import hand_down

if TYPE_CHECKING:
    from nbtwin.cli.profile_table import ProfileDifference
    from nbtwin.module.profile import Profile

app = Commands(
    invoke_without_command=True,
)
ModelName = typer.Argument(metavar="MODEL", help="As printed on it; case, spaces and hyphens do not matter.")


@app.callback()
def models(context: typer.Context, as_json: bool = AsJson) -> None:
    """The models: list them, show one, compare two.

    \b
    nbtwin models
    nbtwin models show BC28
    nbtwin models diff BC26 BC260Y-CN
    """
    hand_down(context)
    if context.invoked_subcommand is not None:
        return
    if as_json:
        print_json("models", models_as_data())
        return
    from rich.console import Console
    from rich.table import Table

    from nbtwin.cli.language import chosen
    from nbtwin.cli.profile_table import ProfilePhrase, operator_in_words
    from nbtwin.profiles.models import PROFILES
    from nbtwin.timeline.catalogue import say

    heads = (
        ProfilePhrase.HEAD_MODEL,
        ProfilePhrase.HEAD_DOCUMENTS,
        ProfilePhrase.HEAD_FIRMWARE,
        ProfilePhrase.HEAD_OPERATORS,
        ProfilePhrase.HEAD_COMMANDS,
    )
    table = Table(*(say(head, chosen()) for head in heads), box=None, header_style="bold")
    for profile in PROFILES.values():
        names = [*profile.schedules, *(["andlink"] if profile.andlink else [])]
        operators = ", ".join(operator_in_words(name, chosen()) for name in names)
        documents, count = ", ".join(profile.documents), str(len(profile.commands))
        table.add_row(profile.model, documents, profile.firmware, operators, count)
    Console().print(table)


@app.command()
def show(model: str = ModelName, as_json: bool = AsJson) -> None:
    """Everything that one model's profile says, flat, with document and chapter. Example: nbtwin models show BC28"""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from nbtwin.cli.language import chosen
    from nbtwin.cli.profile_table import ProfilePhrase, known_of, row_in_words, section_in_words, sheet_of
    from nbtwin.runtime.explanation import known_in_words
    from nbtwin.runtime.spec import find_model
    from nbtwin.timeline.catalogue import say

    if as_json:
        profile = find_model(model)
        print_json("profile", profile_as_data(profile), model=profile.model)
        return
    console, profile, language = Console(), find_model(model), chosen()
    for section, rows in sheet_of(profile, language).items():
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(style="cyan", overflow="fold", max_width=32)
        table.add_column(overflow="fold")
        table.add_column(style="dim", overflow="fold", max_width=36)
        for name, text in rows.items():
            known = known_in_words(known_of(profile, section, name), language)
            table.add_row(escape(row_in_words(section, name, language)), escape(text), escape(known))
        console.print(f"[bold]{section_in_words(section, language)}[/bold]")
        console.print(table)
        console.print()
    console.print(say(ProfilePhrase.WHERE_FROM, language), style="dim", highlight=False)


@app.command()
def diff(
    left: str = typer.Argument(metavar="MODEL", help="One model."),
    right: str = typer.Argument(metavar="MODEL", help="The other."),
    as_json: bool = AsJson,
) -> None:
    """What differs between two models, with document and chapter. Example: nbtwin models diff BC26 BC260Y-CN"""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from nbtwin.cli.language import chosen
    from nbtwin.cli.profile_table import (
        ProfilePhrase,
        differences,
        known_of,
        row_in_words,
        section_in_words,
        sheet_of,
    )
    from nbtwin.runtime.explanation import known_in_words
    from nbtwin.runtime.spec import find_model
    from nbtwin.timeline.catalogue import say

    language = chosen()
    one, other = find_model(left), find_model(right)
    if as_json:
        print_json("differences", differences_as_data(one, other), left=one.model, right=other.model)
        return
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("", one.model, other.model):
        table.add_column(head, overflow="fold")

    def cell(profile: Profile, found: ProfileDifference, text: str | None) -> str:
        known = known_in_words(known_of(profile, found.section, found.name), language)
        return "[dim]-[/dim]" if text is None else f"{escape(text)} [dim]{escape(f'[{known}]')}[/dim]"

    section, count = "", 0
    for found in differences(sheet_of(one, language), sheet_of(other, language)):
        if found.section != section:
            section = found.section
            table.add_row(f"[bold]{section_in_words(section, language)}[/bold]")
        count += 1
        sides = cell(one, found, found.left), cell(other, found, found.right)
        name = row_in_words(found.section, found.name, language)
        table.add_row(f"[cyan]{escape(name)}[/cyan]", *sides)
    nothing = say(ProfilePhrase.NO_DIFFERENCE, language, left=one.model, right=other.model)
    Console().print(table if count else nothing)


def explain(
    line: str = typer.Argument(metavar="LINE", help="A whole command line, in quotes."),
    model: str = typer.Option("BC260Y-CN", "--model", "-m", metavar="MODEL", help="Who reads the line."),
    as_json: bool = AsJson,
) -> None:
    """What a command line means, or why it is wrong.

    Field by field, with document and chapter:

    \b
    nbtwin explain 'AT+QDMPCFG=1,117.161.2.7,5683,420' --model BC25

    Exit status 1 when the model would answer an error.
    """
    from rich.console import Console

    from nbtwin.at.explain import explain as explained_by
    from nbtwin.cli.language import chosen
    from nbtwin.runtime.explanation import lines_of
    from nbtwin.runtime.spec import find_model

    profile = find_model(model)
    explained = explained_by(profile.commands, profile.errors, line)
    if as_json:
        about = {
            "line": explained.line,
            "model": profile.model,
            "ok": explained.ok,
            "text": lines_of(explained, chosen()),
        }
        print_json("explanation", explanation_as_data(explained), **about, error=refused_as_data(explained.error))
        raise typer.Exit(0 if explained.ok else 1)
    console = Console(highlight=False)
    for text in lines_of(explained, chosen()):
        console.print(text, style=_style(text), markup=False, soft_wrap=True)
    for command in explained.commands:
        if not command.source:
            for text in _elsewhere(command.name, profile, chosen()):
                console.print(f"  {text}", markup=False, soft_wrap=True)
    if not explained.ok:
        raise typer.Exit(1)


def _style(text: str) -> str | None:
    if text.lstrip().startswith(("✗", "ERROR", "+CME")):
        return "red"
    return "bold" if text.startswith("AT") else "dim" if text.startswith("  note:") else None


def _elsewhere(text: str, profile: Profile, language: str) -> Iterator[str]:
    """For a command that the model does not have: who has it, or which one it may have been."""
    from difflib import get_close_matches

    from nbtwin.profiles.models import PROFILES
    from nbtwin.timeline.catalogue import words

    name = text.partition(";")[0].partition("=")[0].rstrip("? ").upper()
    having = [other.model for other in PROFILES.values() if any(command.name == name for command in other.commands)]
    if profile.model in having:  # a setting of it is unknown
        return
    if having:
        yield words("explain-elsewhere", language, model=profile.model, name=name, models=having)
    elif close := get_close_matches(name, [command.name for command in profile.commands], 3):
        yield words("explain-near", language, names=[f"AT{other}" for other in close])
