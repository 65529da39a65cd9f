"""Runs the benchmarks one after the other, shows the table and what has changed since the last release."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import (
    at_port,
    capacity,
    coap_codec,
    console_load,
    curves,
    dtls_sessions,
    fleet_boot,
    fleet_curves,
    fleet_generator,
    fleet_handshakes,
    fleet_size,
    in_process,
    inventory_reads,
    module_days,
    platforms,
    python_api,
    released,
    watched,
)
from benchmarks.chinese import chinese, translated, unworded
from benchmarks.figures import Figure, losses, machine, markdown, rounded, times
from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import Failed, UsageRefusal, WrongUsage

BENCHMARKS: Mapping[str, Callable[[float], list[Figure]]] = {
    "platforms": platforms.measure,
    "curves": curves.measure,
    "watched": watched.measure,
    "million": curves.million,
    "engines": in_process.measure,
    "dtls": dtls_sessions.measure,
    "coap": coap_codec.measure,
    "inventory": inventory_reads.measure,
    "console": console_load.measure,
    "at": at_port.measure,
    "boot": fleet_boot.measure,
    "days": module_days.measure,
    "fleet": fleet_size.measure,
    "generator": fleet_generator.measure,
    "handshakes": fleet_handshakes.measure,
    "fleets": fleet_curves.measure,
    "python": python_api.measure,
    "short": platforms.short,
}
PAGES = {"en": "performance.md", "zh": "performance.zh-CN.md"}
FLEETS = "fleets"
LEFT_OUT = ("short", FLEETS)
"""Only where they are asked for."""
_TABLE = re.compile(r"(?<=<!-- figures -->\n).*?(?=<!-- /figures -->)", re.DOTALL)


def run(
    only: list[str], seconds: float, write_json: Path | None, write_markdown: Path | None, docs: Path | None = None
) -> None:
    """Each takes about `seconds`; results also go to the files that were asked for. ``docs``: the
    documents' folder, where the page of the figures, in both languages, gets its table and its pictures anew."""
    if unknown := set(only) - set(BENCHMARKS):
        raise WrongUsage(CliRefusal.NONE_OF, "bench", value=", ".join(sorted(unknown)), known=list(BENCHMARKS))
    alone = write_json is not None and str(write_json) == "-"
    console = Console(stderr=alone)
    began = machine()
    console.print(f"{began}; about {seconds:g} s each; compared with {released.version() or 'no release'}")
    figures: list[Figure] = []
    for name in only or [name for name in BENCHMARKS if name not in LEFT_OUT]:
        try:
            found = _measure(name, seconds, docs)
        except Failed as why:
            if only:
                raise
            console.print(f"left out: {name}: {why}", markup=False)  # the others are worth having
            continue
        figures += found
        console.print(_table(found))
    console.print(losses(figures).replace("**", ""), end="")
    if write_json is not None:
        text = json.dumps(
            {"machine": began, "figures": [f.as_dict() for f in figures], "changes": released.changes(figures)},
            indent=2,
        )
        if alone:
            print(text)
        else:
            write_json.write_text(text)
    if write_markdown is not None:
        write_markdown.write_text(page_table(began, figures))
    if docs is not None and only != [FLEETS]:  # it has a page of its own
        for language, page in PAGES.items():
            _write_table(docs / page, page_table(began, figures, language))
        if not only:
            capacity.write(docs)  # its model has these figures
        if missing := unworded(figures):
            console.print(f"benchmarks/chinese.py has no words for: {'; '.join(missing)}", markup=False)


def page_table(began: str, figures: list[Figure], language: str = "en") -> str:
    """With what stands above it. ``began``: of `machine`."""
    changes = released.changes(figures)
    if language == "zh":
        began, figures = chinese(began), list(map(translated, figures))
        changes = {chinese(name): change for name, change in changes.items()}
    return f"{began}\n\n{losses(figures, language)}{markdown(figures, changes, language)}\n"


def _measure(name: str, seconds: float, docs: Path | None) -> list[Figure]:
    if name == FLEETS and docs is not None:
        found, left = fleet_curves.rows(seconds)
        fleet_curves.write(found, left, docs)
        return fleet_curves.figures(found)
    if name != "curves" or docs is None:
        return BENCHMARKS[name](seconds)
    figures, drawn = curves.draw(seconds)
    _write_pictures(docs / "images", drawn)
    return figures


def table_of(page: str) -> str | None:
    """What a page's text has between its comments."""
    found = _TABLE.search(page)
    return found and found[0]


def _write_table(page: Path, table: str) -> None:
    text = page.read_text()
    if table_of(text) is None:
        raise Failed(UsageRefusal.FOREIGN, "bench", detail=f"{page} has no <!-- figures -->")
    page.write_text(_TABLE.sub(lambda _: f"\n{table}\n", text))


def _write_pictures(folder: Path, drawn: curves.Curves) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in curves.pictures(drawn).items():
        (folder / name).write_text(f"{picture}\n")


def _table(figures: list[Figure]) -> Table:
    table = Table("", "figure", "to reach", "beside it", "", "times as good", "since the release", box=None)
    table.header_style = "bold"
    for column in (1, 2, 4, 5, 6):
        table.columns[column].justify = "right"
    changes = released.changes(figures)
    for figure in figures:
        label = f"{figure.name}\n[dim]{figure.notes}[/dim]" if figure.notes else figure.name
        value = f"{rounded(figure.value)} {figure.unit}"
        goal = "" if figure.to_reach is None else f"{'≤' if figure.costs else '≥'} {rounded(figure.to_reach)}"
        beside = {**figure.references, **figure.peers}
        names = "\n".join(f"[bold]{name}[/bold]" if name in figure.behind else name for name in beside)
        values = "\n".join(rounded(other) for other in beside.values())
        ratios = "\n".join(map(times, figure.ratios.values()))
        change = f"{changes[figure.name]:.2f} ×" if figure.name in changes else ""
        table.add_row(label, f"[bold]{value}[/bold]" if figure.missed else value, goal, names, values, ratios, change)
    return table
