"""`nbtwin lint FILE…`: the AT lines of sources and logs against the tables of models.

Knows options, folders, and how findings are shown on a terminal; what is found is known in `nbtwin.check.lint`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nbtwin.cli.as_json import AsJson, print_json
from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import WrongUsage

if TYPE_CHECKING:
    from nbtwin.check.lint.findings import Linted

Files = typer.Argument(metavar="FILE…", help="Sources, texts and logs; of a folder all of those in it.")
Models = typer.Option(..., "--model", "-m", metavar="MODEL", help="Who reads the lines. Several are compared.")
Sarif = typer.Option(None, "--sarif", metavar="FILE", help="Write what was found for editors and CI (SARIF 2.1.0).")
_LEFT_OUT = frozenset({"node_modules", "__pycache__", "build", "dist", "venv"})
_STYLES = {"reboot": "yellow", "differs": "cyan"}


def lint(
    files: list[Path] = Files, model: list[str] = Models, sarif: Path | None = Sarif, as_json: bool = AsJson
) -> None:
    """The AT lines of sources and logs: which a model does not know, which are out of range, which need a reboot.

    \b
    nbtwin lint firmware/ --model BC28
    nbtwin lint main.c modem.log --model BC26 --model BC260Y-CN
    nbtwin lint src --model BC25 --sarif lint.sarif

    String literals of C, C++, Arduino, Python, Lua and JavaScript, and lines of any other text. What only the running
    program knows (%d, {}, a variable) may be any value.
    Exit status: 0 nothing wrong, 1 something is, 2 not a text, or wrong usage.
    """
    from nbtwin.check.lint.findings import Linter
    from nbtwin.check.lint.sources import LONGEST_FILE, NotTextError, found_in
    from nbtwin.runtime.spec import find_model

    linter = Linter([find_model(name) for name in dict.fromkeys(model)])
    for path, named in _walked(files):
        try:
            with path.open("rb") as file:  # whose size may be a lie, as a device's
                linter.handle_file(found_in(str(path), file.read(LONGEST_FILE + 1)))
        except OSError as error:
            raise WrongUsage.of(error, str(path)) from None
        except NotTextError:
            if named:
                raise WrongUsage(CliRefusal.NOT_TEXT, str(path)) from None
            linter.linted.left_out.append(str(path))
    _tell(linter.linted, sarif, as_json)
    if linter.linted.wrong:
        raise typer.Exit(1)


def _walked(files: list[Path]) -> Iterator[tuple[Path, bool]]:
    """Files as they are named (True); of folders what may have AT lines by its name, in order."""
    from nbtwin.check.lint.sources import LANGUAGES, TEXTS

    for path in files:
        if not path.is_dir():
            yield path, True
            continue
        for one in sorted(path.rglob("*")):
            inside = one.relative_to(path).parts
            hidden = any(part.startswith(".") or part in _LEFT_OUT for part in inside)
            if one.is_file() and not hidden and one.suffix.lower() in LANGUAGES.keys() | TEXTS:
                yield one, False


def _tell(linted: Linted, sarif: Path | None, as_json: bool) -> None:
    import nbtwin
    from nbtwin.check.lint.told import as_data, as_sarif, merged, summary, text_of

    language = chosen()
    if sarif is not None:
        text = json.dumps(as_sarif(linted, nbtwin.__version__, language), ensure_ascii=False, indent=2)
        try:
            sarif.write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            raise WrongUsage.of(error, f"--sarif {sarif}") from None
    if as_json:
        about = {"files": linted.files, "commands": linted.commands, "wrong": linted.wrong, "untold": linted.untold}
        lists = {"models": list(linted.models), "left_out": linted.left_out}
        print_json("lint", as_data(linted, language), **lists, **about)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for finding, models, said in merged(linted.findings, language):
        place = f"{finding.found.path}:{finding.found.line}:{finding.found.column}"
        line = Text.assemble((place, "dim"), "  ", (text_of(finding), "bold"), f"  {', '.join(models)}: ")
        console.print(line.append(said, _STYLES.get(finding.kind, "red")), soft_wrap=True)
    for text in summary(linted, language):
        console.print(text, markup=False, soft_wrap=True)
