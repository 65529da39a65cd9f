"""What is wrong with a recording or with another program's log, and what a replay has to say: codes."""

from __future__ import annotations

from nbtwin.engine import Refusal
from nbtwin.timeline.catalogue.errors import WordedError


class RecordingRefusal(Refusal):
    """Why a file is not read. ``where`` has its name."""

    NO_RECORDING = "recording-none"
    VERSION = "recording-version"  # version, known
    LINE = "recording-line"  # line: its number
    ORDER = "recording-order"  # line
    EMPTY = "recording-empty"
    LOG_WITHOUT_COMMANDS = "recording-log-without-commands"


class RecordingError(WordedError):
    """A file that is no recording, or not one that can be played."""
