"""Runs the benchmarks one after the other and shows the table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import (
    at_port,
    coap_codec,
    console_load,
    dtls_sessions,
    fleet_boot,
    fleet_size,
    inventory_reads,
    module_days,
    python_api,
    registrations,
)
from benchmarks.figures import Figure, machine, markdown, rounded
from nbtwin.runtime.errors import UsageRefusal, WrongUsage

BENCHMARKS: Mapping[str, Callable[[float], list[Figure]]] = {
    "at": at_port.measure,
    "boot": fleet_boot.measure,
    "coap": coap_codec.measure,
    "cmdmp": registrations.measure,
    "console": console_load.measure,
    "days": module_days.measure,
    "dtls": dtls_sessions.measure,
    "fleet": fleet_size.measure,
    "inventory": inventory_reads.measure,
    "python": python_api.measure,
}


def run(only: list[str], seconds: float, write_json: Path | None, write_markdown: Path | None) -> None:
    """Each takes about `seconds`; results also go to the files that were asked for."""
    if unknown := set(only) - set(BENCHMARKS):
        raise WrongUsage(
            UsageRefusal.FOREIGN,
            "bench",
            detail=f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}",
        )
    alone = write_json is not None and str(write_json) == "-"
    console = Console(stderr=alone)
    console.print(f"{machine()}; about {seconds:g} s each")
    table = Table("", "figure", "reference in the same run", "", "ratio", box=None, header_style="bold")
    table.columns[1].justify = table.columns[3].justify = table.columns[4].justify = "right"
    figures: list[Figure] = []
    for name in only or BENCHMARKS:
        for figure in BENCHMARKS[name](seconds):
            figures.append(figure)
            _add(table, figure)
    console.print(table)
    if write_json is not None:
        text = json.dumps({"machine": machine(), "figures": [f.as_dict() for f in figures]}, indent=2)
        if alone:
            print(text)
        else:
            write_json.write_text(text)
    if write_markdown is not None:
        write_markdown.write_text(f"{machine()}\n\n{markdown(figures)}\n")


def _add(table: Table, figure: Figure) -> None:
    label = f"{figure.name}\n[dim]{figure.notes}[/dim]"
    value = f"{rounded(figure.value)} {figure.unit}"
    names = "\n".join(figure.references)
    values = "\n".join(rounded(reference) for reference in figure.references.values())
    table.add_row(label, value, names, values, "\n".join(f"{ratio:.2g}" for ratio in figure.ratios.values()))
