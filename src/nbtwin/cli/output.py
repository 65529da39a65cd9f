"""What goes to the terminal and into files: lines for scripts at once, warnings apart, the timeline in colour, as JSON
lines, or as a capture for Wireshark."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.edge.nvram_file import private
from nbtwin.runtime.errors import WrongUsage
from nbtwin.timeline.catalogue.errors import worded
from nbtwin.timeline.clock import format_wall

if TYPE_CHECKING:
    from nbtwin.timeline.ring import Timeline

SHOWN = ("text", "json", "none")
"""What `--timeline` may be."""


def say(text: str) -> None:
    """A line that a script may wait for."""
    print(text, flush=True)


def warn(error: Exception) -> None:
    """One line on standard error, in the user's language."""
    print(f"nbtwin: {worded(error, chosen())}", file=sys.stderr, flush=True)


def check_shown(shown: str) -> None:
    if shown not in SHOWN:
        raise WrongUsage(CliRefusal.NONE_OF, "--timeline", value=shown, known=list(SHOWN))


def open_timeline(timeline: Timeline, shown: str, trace: Path | None, language: str = "en") -> TextIO | None:
    """Show every entry as `SHOWN` has it and write it as a JSON line to the trace file; returns that file."""
    from nbtwin.timeline.jsonl import writer

    if shown == "text":
        from rich.console import Console

        from nbtwin.timeline.terminal import printer

        timeline.add_sink(printer(Console(), format_wall, language))
    elif shown == "json":
        timeline.add_sink(writer(sys.stdout, format_wall, language))
    if trace is None:
        return None
    try:
        file = open(trace, "a", encoding="utf-8", opener=private)  # noqa: SIM115 - the caller closes it
    except OSError as error:
        raise WrongUsage.of(error, f"--trace {trace}") from None
    timeline.add_sink(writer(file, format_wall, language))
    return file


def open_capture(timeline: Timeline, path: Path) -> ExitStack:
    """Write datagrams, AT lines and DTLS keys to this file, from now on; returns what closes it."""
    from nbtwin.timeline.pcapng import Capture

    try:
        file = open(path, "wb", buffering=0, opener=private)  # noqa: SIM115 - the caller closes it
    except OSError as error:
        raise WrongUsage.of(error, f"--pcap {path}") from None
    capture = Capture(file)
    timeline.add_sink(capture.add)
    closing = ExitStack()
    closing.callback(file.close)
    closing.callback(capture.close)
    return closing
