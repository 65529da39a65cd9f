"""Why bytes or lines are no timeline. Knows no file."""

from __future__ import annotations

from typing import Any

from nbtwin.coap.reasons import CoapError
from nbtwin.dtls.reasons import DtlsError
from nbtwin.engine import CodedError, DecodeError, Refusal
from nbtwin.foreign import detail_of
from nbtwin.timeline.catalogue.errors import WordedError


class TimelineRefusal(Refusal):
    NO_ENTRIES = "timeline-no-entries"  # detail: what a library says
    NO_LINE = "timeline-no-line"  # detail
    BYTES = "timeline-bytes"  # detail: what a decoder says
    LINE = "timeline-line"  # number; why: a code with its fields


def why(error: DecodeError) -> dict[str, Any]:
    """Why bytes could not be decoded, as data that ``WORD`` words; what has no code is said as it is."""
    if isinstance(error, CodedError | CoapError):
        return error.data
    if isinstance(error, DtlsError):
        return {"code": str(error.refusal), "number": error.number, "expected": error.expected, "subject": ""}
    return TimelineError(TimelineRefusal.BYTES, detail=detail_of(error)).data


class TimelineError(WordedError, DecodeError):
    """Bytes that are no entries, or a line that is none."""
