"""Spans as people write them."""

from __future__ import annotations

import re

from nbtwin.engine import DAY, HOUR, MINUTE, Refusal, Seconds
from nbtwin.timeline.catalogue.errors import WordedError


class SpanRefusal(Refusal):
    MALFORMED = "span-malformed"  # value


class SpanError(WordedError, ValueError):
    """A text that is no span."""


_UNITS = {"ms": 0.001, "s": 1.0, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY}
_PART = re.compile(r"\s*([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*(ms|min|s|m|h|d)")
_SECONDS = re.compile(r"\s*[0-9]{1,12}(?:\.[0-9]{1,9})?\s*")


def parse_span(text: str) -> Seconds:
    """``90``, ``1.5h``, ``1d 4h``, ``30min``, ``250ms``; a bare number is seconds. `SpanError` for anything else."""
    if _SECONDS.fullmatch(text):
        return float(text)
    total, position, end = 0.0, 0, len(text.rstrip())
    while match := _PART.match(text, position):
        total += float(match[1]) * _UNITS[match[2]]
        position = match.end()
    if not end or position != end:
        raise SpanError(SpanRefusal.MALFORMED, value=text)
    return total
