"""The timeline in a terminal: one coloured line an entry. Imported only where something is shown: rich is not light.

Knows rich; knows nothing of who wrote the entries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from rich.console import Console
from rich.text import Text

from nbtwin.timeline.clock import TimeFormat, format_simulated
from nbtwin.timeline.decoder import Decoded, Decoder
from nbtwin.timeline.entry import Entry, EntryKind
from nbtwin.timeline.reader import HIDDEN

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
    EntryKind.KEY: ("", "dim"),
}
_SOURCE_WIDTH = 12


def show(decoded: Decoded, time: TimeFormat = format_simulated, language: str = "en") -> Text:
    """The line, without a line end; ``str`` of it is the same without colour."""
    sign, style = _STYLES[decoded.kind]
    text = Text(no_wrap=True)
    text.append(time(decoded.at), "dim")
    text.append(f"  {decoded.source:<{_SOURCE_WIDTH}}  ", "bold dim")
    text.append(sign + decoded.text(language), "red" if decoded.lost else style)
    return text


def printer(
    console: Console,
    time: TimeFormat = format_simulated,
    language: str = "en",
    without: Collection[EntryKind] = (),
) -> Callable[[Entry], None]:
    """A sink that prints every entry but those of some kinds."""
    decoder, hidden = Decoder(), HIDDEN.union(without)

    def write(entry: Entry) -> None:
        decoded = decoder.read(entry)  # all of them: what one means depends on those before
        if entry.kind not in hidden:
            console.print(show(decoded, time, language), soft_wrap=True, highlight=False)

    return write
