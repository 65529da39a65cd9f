"""Spans of the lab's time as Python's users give them: seconds, a timedelta, or text such as "2min"."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from typing import SupportsFloat, TypeAlias

from nbtwin.api.errors import LabRefused
from nbtwin.engine import Seconds
from nbtwin.timeline.span import SpanError, SpanRefusal, parse_span

Span: TypeAlias = "float | str | timedelta"
"""``90``, ``"1.5h"``, ``"1d 4h"``, ``timedelta(minutes=2)``."""


def seconds_of(span: Span) -> Seconds:
    """LabRefused, a ValueError, for what is none: another text, less than nothing, without an end."""
    try:
        if isinstance(span, str):
            return parse_span(span)
        seconds = span.total_seconds() if isinstance(span, timedelta) else _number(span)
        if not 0 <= seconds < inf:
            raise SpanError(SpanRefusal.MALFORMED, value=span)
    except SpanError as error:
        raise LabRefused.of(error) from None
    return seconds


def _number(span: object) -> Seconds:
    if isinstance(span, bool) or not isinstance(span, SupportsFloat):
        raise SpanError(SpanRefusal.MALFORMED, value=span)
    return float(span)
