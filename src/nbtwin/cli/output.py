"""What goes to the terminal: lines for scripts at once, warnings apart; and a scenario's capture for Wireshark."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.edge.nvram_file import private
from nbtwin.runtime.errors import WrongUsage
from nbtwin.timeline.catalogue.errors import worded

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
