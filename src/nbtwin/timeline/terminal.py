"""The timeline in a terminal: one coloured line an entry. Imported only where something is shown: rich is not light.

Knows rich; knows nothing of who wrote the entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.console import Console
from rich.text import Text

from nbtwin.timeline.clock import TimeFormat, format_simulated
from nbtwin.timeline.entry import EntryKind, TimelineEntry
from nbtwin.timeline.wording import printable

_STYLES: Mapping[EntryKind, tuple[str, str]] = {  # the sign before the text, and its colour
    EntryKind.AT_IN: ("> ", "bright_cyan"),
    EntryKind.AT_OUT: ("< ", "green"),
    EntryKind.STATE: ("• ", "bold"),
    EntryKind.DEADLINE: ("⏲ ", "dim"),
    EntryKind.DATAGRAM: ("", "magenta"),
    EntryKind.LOOKUP: ("? ", "blue"),
    EntryKind.PLATFORM: ("▪ ", "yellow"),
    EntryKind.FAULT: ("⚡ ", "red"),
    EntryKind.LAB: ("# ", "dim"),
}
_SOURCE_WIDTH = 12


def show(entry: TimelineEntry, time: TimeFormat = format_simulated) -> Text:
    """The line, without a line end; ``str`` of it is the same without colour."""
    sign, style = _STYLES[entry.kind]
    text = Text(no_wrap=True)
    text.append(time(entry.at), "dim")
    text.append(f"  {entry.source:<{_SOURCE_WIDTH}}  ", "bold dim")
    text.append(sign + printable(entry.text), "red" if entry.detail.get("lost") else style)
    return text


def printer(console: Console, time: TimeFormat = format_simulated) -> Callable[[TimelineEntry], None]:
    """A sink that prints every entry."""

    def write(entry: TimelineEntry) -> None:
        console.print(show(entry, time), soft_wrap=True, highlight=False)

    return write
