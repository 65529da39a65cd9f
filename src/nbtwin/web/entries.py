"""Entries of the timeline as the API shows them, and what a request may ask of them. Knows no route."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from pydantic import BaseModel

from nbtwin.timeline.entry import EntryKind, TimelineEntry
from nbtwin.web.secrets_masked import masked_detail, masked_line

_SAID = frozenset({EntryKind.AT_IN, EntryKind.AT_OUT})  # AT lines: there are secrets in some


class EntryShown(BaseModel):
    number: int
    at: float
    source: str
    kind: str
    text: str
    detail: dict[str, Any]


def fields_of(number: int, entry: TimelineEntry) -> dict[str, Any]:
    said = entry.kind in _SAID
    return {
        "number": number,
        "at": entry.at,
        "source": entry.source,
        "kind": str(entry.kind),
        "text": masked_line(entry.text) if said else entry.text,
        "detail": masked_detail(entry.detail) if said and entry.detail else entry.detail,
    }


def shown(number: int, entry: TimelineEntry) -> EntryShown:
    return EntryShown(**fields_of(number, entry))


def entry_json(number: int, entry: TimelineEntry) -> bytes:
    return msgspec.json.encode(fields_of(number, entry))


def wanted(
    entry: TimelineEntry, kinds: Collection[str] | None, sources: Collection[str] | None, text: str = ""
) -> bool:
    """``text`` in lower case."""
    return (
        (not kinds or entry.kind in kinds)
        and (not sources or entry.source in sources)
        and (not text or text in (masked_line(entry.text) if entry.kind in _SAID else entry.text).lower())
    )
