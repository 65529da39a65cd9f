"""Why bytes or lines are no timeline. Knows no file."""

from __future__ import annotations

from nbtwin.engine import DecodeError, Refusal
from nbtwin.timeline.catalogue.errors import WordedError


class TimelineRefusal(Refusal):
    NO_ENTRIES = "timeline-no-entries"  # detail: what a library says
    NO_LINE = "timeline-no-line"  # detail
    LINE = "timeline-line"  # number; why: a code with its fields


class TimelineError(WordedError, DecodeError):
    """Bytes that are no entries, or a line that is none."""
