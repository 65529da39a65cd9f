"""The command line's entry: knows the list of commands, one line for each usage error, and the exit status.

Exit status: 0 fine, 1 something failed, 2 wrong usage. Commands live in modules of their own, imported when called.
"""

from __future__ import annotations

import sys

import typer

import nbtwin
from nbtwin.cli.errors import Failed, WrongUsage

app = typer.Typer(
    name="nbtwin",
    help="NB-IoT modules and the operators' platforms they register with, in software.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"nbtwin {nbtwin.__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print it and stop."),
) -> None:
    """NB-IoT modules and the operators' platforms they register with, in software."""


_ClickException: type[Exception] = typer.BadParameter.__mro__[2]  # typer carries a click of its own and exports no more


def run() -> None:
    """Run the command of `sys.argv`; a wrong usage is one line on standard error and exit status 2."""
    try:
        status = app(standalone_mode=False)
    except _ClickException as error:
        if message := error.format_message():  # type: ignore[attr-defined]  # click's own; empty once help is shown
            print(f"nbtwin: {message}", file=sys.stderr)
        sys.exit(2)
    except WrongUsage as error:
        print(f"nbtwin: {error}", file=sys.stderr)
        sys.exit(2)
    except Failed as error:
        print(f"nbtwin: {error}", file=sys.stderr)
        sys.exit(1)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)
