"""The timeline on a screen."""

import io

import pytest
from rich.console import Console

from nbtwin.timeline.clock import format_simulated
from nbtwin.timeline.entry import EntryKind, TimelineEntry
from nbtwin.timeline.terminal import printer, show


def test_a_line_says_when_who_and_what() -> None:
    entry = TimelineEntry(62.0, "bc28", EntryKind.AT_IN, "AT+QDMPCFG=6")
    assert str(show(entry)) == "00:01:02.000  bc28          > AT+QDMPCFG=6"


@pytest.mark.parametrize("kind", EntryKind)
def test_every_kind_has_its_look_and_markup_in_a_text_means_nothing(kind: EntryKind) -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=20, color_system=None)
    printer(console, format_simulated)(TimelineEntry(0.0, "bc28", kind, "[red]x[/red] " + "long " * 20))
    assert screen.getvalue().count("\n") == 1, "a narrow terminal does not cut or fold it"
    assert "[red]x[/red] long" in screen.getvalue()


def test_what_was_lost_is_red() -> None:
    lost = TimelineEntry(0.0, "bc28", EntryKind.DATAGRAM, "x", {"lost": True})
    assert [str(span.style) for span in show(lost).spans][-1] == "red"
