"""`nbtwin models` and `nbtwin explain`: what the profiles say, in the terminal. Starts nothing."""

from __future__ import annotations

import typer

from nbtwin.cli.spec import find_model

app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
)
ModelName = typer.Argument(metavar="MODEL", help="As printed on it; case, spaces and hyphens do not matter.")


@app.callback()
def models(context: typer.Context) -> None:
    """The models: list them, show one, compare two.

    \b
    nbtwin models
    nbtwin models show BC28
    nbtwin models diff BC26 BC260Y-CN
    """
    if context.invoked_subcommand is not None:
        return
    from rich.console import Console
    from rich.table import Table

    from nbtwin.profiles.models import PROFILES

    table = Table("model", "documents", "firmware", "operators", "commands", box=None, header_style="bold")
    for profile in PROFILES.values():
        operators = ", ".join(str(operator) for operator in profile.schedules) + (
            ", andlink" if profile.andlink else ""
        )
        documents, count = ", ".join(profile.documents), str(len(profile.commands))
        table.add_row(profile.model, documents, profile.firmware, operators, count)
    Console().print(table)


@app.command()
def show(model: str = ModelName) -> None:
    """Everything that one model's profile says, flat. Example: nbtwin models show BC28"""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from nbtwin.cli.sheet import sheet_of

    console = Console()
    for section, rows in sheet_of(find_model(model)).items():
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(style="cyan", overflow="fold", max_width=32)
        table.add_column(overflow="fold")
        for name, text in rows.items():
            table.add_row(escape(name), escape(text))
        console.print(f"[bold]{section}[/bold]")
        console.print(table)
        console.print()


@app.command()
def diff(
    left: str = typer.Argument(metavar="MODEL", help="One model."),
    right: str = typer.Argument(metavar="MODEL", help="The other."),
) -> None:
    """What differs between two models. Example: nbtwin models diff BC26 BC260Y-CN"""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from nbtwin.cli.sheet import differences, sheet_of

    one, other = find_model(left), find_model(right)
    table = Table("", one.model, other.model, box=None, header_style="bold", padding=(0, 2, 0, 0))
    section, count = "", 0
    for found in differences(sheet_of(one), sheet_of(other)):
        if found.section != section:
            section = found.section
            table.add_row(f"[bold]{section}[/bold]")
        count += 1
        left_text = "[dim]-[/dim]" if found.left is None else escape(found.left)
        right_text = "[dim]-[/dim]" if found.right is None else escape(found.right)
        table.add_row(f"[cyan]{escape(found.name)}[/cyan]", left_text, right_text)
    console = Console()
    console.print(table if count else f"{one.model} and {other.model} differ in nothing")


def explain(
    line: str = typer.Argument(metavar="LINE", help="A whole command line, in quotes."),
    model: str = typer.Option("BC260Y-CN", "--model", "-m", metavar="MODEL", help="Who reads the line."),
) -> None:
    """What a command line means, or why it is wrong.

    Field by field, with document and chapter:

    \b
    nbtwin explain 'AT+QDMPCFG=1,117.161.2.7,5683,420' --model BC25

    Exit status 1 when the model would answer an error.
    """
    from rich.console import Console

    from nbtwin.at.explain import explain as explained_by

    profile = find_model(model)
    explained = explained_by(profile.commands, profile.errors, line)
    console = Console(highlight=False)
    for text in explained.lines():
        wrong = text.lstrip().startswith(("✗", "ERROR", "+CME"))
        console.print(text, style="red" if wrong else None, markup=False, soft_wrap=True)
    if not explained.ok:
        raise typer.Exit(1)
