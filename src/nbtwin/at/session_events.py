"""What a serial line tells of, waits for and is set to: data. The session is in `session.py`, which is compiled."""

from __future__ import annotations

import msgspec

from nbtwin.at.refusals import CommandRefused
from nbtwin.engine import Fact, Reason


class CommandAnswered(Fact, frozen=True):
    """A command line and all that it was answered, in words whatever ATQ and ATV let the host see; ``why`` explains a
    failure and is never seen by the host."""

    line: str
    answer: tuple[str, ...]
    why: CommandRefused | None = None
    command: str = ""  # the one of the line that failed
    chapter: str = ""  # that gives it


class LineSettings(msgspec.Struct, frozen=True):
    """What ATE, ATQ, ATV, ATS0 and +CMEE set, and AT&W keeps."""

    echo: bool = True
    cmee: int = 0
    quiet: bool = False
    verbose: bool = True
    auto_answer: int = 0


class AtReason(Reason):
    """What a serial line waits for."""

    DATA_MODE = "at-data-mode"
