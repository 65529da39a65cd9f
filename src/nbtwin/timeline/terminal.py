"""The timeline in a terminal: one coloured line an entry. Imported only where something is shown: rich is not light.

Knows rich; knows nothing of who wrote the entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.console import Console
from rich.text import Text

from nbtwin.timeline.clock import TimeFormat, format_simulated
from nbtwin.timeline.entry import Entry, Kind
from nbtwin.timeline.wording import printable

_STYLES: Mapping[Kind, tuple[str, str]] = {  # the sign before the text, and its colour
    Kind.AT_IN: ("> ", "bright_cyan"),
    Kind.AT_OUT: ("< ", "green"),
    Kind.STATE: ("• ", "bold"),
    Kind.DEADLINE: ("⏲ ", "dim"),
    Kind.DATAGRAM: ("", "magenta"),
    Kind.LOOKUP: ("? ", "blue"),
    Kind.PLATFORM: ("▪ ", "yellow"),
    Kind.FAULT: ("⚡ ", "red"),
    Kind.LAB: ("# ", "dim"),
}
_SOURCE_WIDTH = 12


def show(entry: Entry, time: TimeFormat = format_simulated) -> Text:
    """The line, without a line end; ``str`` of it is the same without colour."""
    sign, style = _STYLES[entry.kind]
    text = Text(no_wrap=True)
    text.append(time(entry.at), "dim")
    text.append(f"  {entry.source:<{_SOURCE_WIDTH}}  ", "bold dim")
    text.append(sign + printable(entry.text), "red" if entry.detail.get("lost") else style)
    return text


def printer(console: Console, time: TimeFormat = format_simulated) -> Callable[[Entry], None]:
    """A sink that prints every entry."""

    def write(entry: Entry) -> None:
        console.print(show(entry, time), soft_wrap=True, highlight=False)

    return write
