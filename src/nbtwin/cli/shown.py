"""What goes to the terminal: lines for scripts at once, warnings apart, the timeline in colour or as JSON lines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from nbtwin.cli.errors import WrongUsage
from nbtwin.timeline.clock import TimeFormat, format_simulated, format_wall
from nbtwin.timeline.entry import Entry, Kind
from nbtwin.timeline.ring import Timeline

if TYPE_CHECKING:
    from rich.console import Console

STYLES = {
    Kind.AT_IN: "bright_blue",
    Kind.AT_OUT: "green",
    Kind.STATE: "bold",
    Kind.DEADLINE: "dim",
    Kind.DATAGRAM: "magenta",
    Kind.LOOKUP: "cyan",
    Kind.PLATFORM: "yellow",
    Kind.FAULT: "red",
    Kind.LAB: "dim",
}


def say(text: str) -> None:
    """A line that a script may wait for."""
    print(text, flush=True)


def warn(text: str) -> None:
    print(f"nbtwin: {text}", file=sys.stderr, flush=True)


def open_timeline(timeline: Timeline, shown: str, trace: Path | None) -> TextIO | None:
    """Show every entry (`text`, `json`, `none`) and write it as a JSON line to the trace file; returns that file."""
    if shown == "text":
        from rich.console import Console

        console = Console(highlight=False, soft_wrap=True)
        timeline.add_sink(lambda entry: show_entry(console, entry, format_wall))
    elif shown == "json":
        timeline.add_sink(lambda entry: say(format_entry(entry)))
    elif shown != "none":
        raise WrongUsage(f"--timeline {shown} is none of text, json, none")
    if trace is None:
        return None
    try:
        file = trace.open("a", encoding="utf-8", buffering=1)
    except OSError as error:
        raise WrongUsage(f"--trace {trace}: {error.strerror}") from None
    timeline.add_sink(lambda entry: file.write(format_entry(entry) + "\n"))
    return file


def format_entry(entry: Entry) -> str:
    """One JSON object, in one line."""
    values = {"at": entry.at, "source": entry.source, "kind": str(entry.kind), "text": entry.text}
    return json.dumps({**values, "detail": entry.detail}, ensure_ascii=False, separators=(",", ":"))


def show_entry(console: Console, entry: Entry, time: TimeFormat = format_simulated) -> None:
    """One coloured line: when, who, what."""
    from rich.text import Text

    sign = {Kind.AT_IN: "> ", Kind.AT_OUT: "< "}.get(entry.kind, "")
    style = "red" if entry.detail.get("lost") else STYLES.get(entry.kind, "")
    line = Text(f"{time(entry.at)}  ", "dim")
    line.append(f"{entry.source:<13} ", "")
    line.append(f"{entry.kind:<9} ", "dim")
    line.append(f"{sign}{entry.text}", style)
    console.print(line)
