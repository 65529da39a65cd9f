"""The timeline on a screen."""

import io

import pytest
from rich.console import Console
from timeline_entries import datagram, decoded, line

from nbtwin.lab.facts import FaultsCleared, ModuleAdded
from nbtwin.module.events import PoweredOn
from nbtwin.operators.events import DeviceExpired
from nbtwin.timeline.clock import format_simulated
from nbtwin.timeline.entry import Entry, EntryKind
from nbtwin.timeline.facts import LineReceived, LineSent, NameResolved, WaitingForNothing
from nbtwin.timeline.terminal import printer, show

OF_EACH_KIND = {
    EntryKind.AT_IN: line("[red]x[/red] " + "long " * 20),
    EntryKind.AT_OUT: Entry(1, 0.0, "bc28", LineSent("OK")),
    EntryKind.STATE: Entry(1, 0.0, "bc28", PoweredOn()),
    EntryKind.DEADLINE: Entry(1, 0.0, "bc28", WaitingForNothing()),
    EntryKind.DATAGRAM: datagram(b"x"),
    EntryKind.LOOKUP: Entry(1, 0.0, "bc28", NameResolved("m.fxltsbl.com", "117.161.2.41")),
    EntryKind.PLATFORM: Entry(1, 0.0, "cmdmp", DeviceExpired(0.0, "cmdmp:1")),
    EntryKind.FAULT: Entry(1, 0.0, "lab", FaultsCleared()),
    EntryKind.LAB: Entry(1, 0.0, "lab", ModuleAdded()),
}


def test_a_line_says_when_who_and_what() -> None:
    (shown,) = decoded(Entry(1, 62.0, "bc28", LineReceived("AT+QDMPCFG=6")))
    assert str(show(shown)) == "00:01:02.000  bc28          > AT+QDMPCFG=6"


def printed(entry: Entry, language: str = "en") -> str:
    screen = io.StringIO()
    printer(Console(file=screen, width=20, color_system=None), format_simulated, language)(entry)
    return screen.getvalue()


@pytest.mark.parametrize("kind", OF_EACH_KIND)
def test_every_kind_has_its_look_and_a_narrow_terminal_does_not_cut_or_fold_a_line(kind: EntryKind) -> None:
    assert OF_EACH_KIND[kind].kind is kind
    assert printed(OF_EACH_KIND[kind]).count("\n") == 1


def test_every_kind_but_keys_is_shown() -> None:
    assert set(OF_EACH_KIND) == set(EntryKind) - {EntryKind.KEY}


def test_markup_in_a_text_means_nothing() -> None:
    assert "[red]x[/red] long" in printed(OF_EACH_KIND[EntryKind.AT_IN])


def test_a_line_is_in_the_language_of_its_reader() -> None:
    assert "module added" in printed(OF_EACH_KIND[EntryKind.LAB])
    assert "已添加模块" in printed(OF_EACH_KIND[EntryKind.LAB], "zh")


def test_kinds_may_be_left_out() -> None:
    screen = io.StringIO()
    write = printer(Console(file=screen), without=[EntryKind.DEADLINE])
    for entry in OF_EACH_KIND.values():
        write(entry)
    assert screen.getvalue().count("\n") == len(OF_EACH_KIND) - 1
    assert "waiting" not in screen.getvalue()


def test_what_was_lost_is_red() -> None:
    (lost,) = decoded(datagram(b"x", lost=True))
    assert [str(span.style) for span in show(lost).spans][-1] == "red"
