"""Spans of the lab's time as Python's users give them: seconds, a timedelta, or text such as "2min"."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias

from nbtwin.engine import Seconds
from nbtwin.timeline.span import parse_span

Span: TypeAlias = "float | str | timedelta"
"""``90``, ``"1.5h"``, ``"1d 4h"``, ``timedelta(minutes=2)``."""


def seconds_of(span: Span) -> Seconds:
    """`timeline.span.SpanError`, a ValueError, for a text that is none."""
    if isinstance(span, timedelta):
        return span.total_seconds()
    return parse_span(span) if isinstance(span, str) else float(span)
