"""One line of the timeline. Knows nothing about who wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nbtwin.engine import Seconds


class EntryKind(StrEnum):
    """What sort of thing happened; consoles filter by it."""

    AT_IN = "at.in"  # a line from the host
    AT_OUT = "at.out"  # a line to the host
    STATE = "state"  # a module's event
    DEADLINE = "deadline"  # what a module waits for now, and until when
    DATAGRAM = "datagram"
    LOOKUP = "lookup"
    PLATFORM = "platform"  # a platform's event
    FAULT = "fault"  # something the lab did to somebody on purpose
    LAB = "lab"  # the lab itself: power, cards, clock, sockets


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """When, who, what sort of thing, one readable line, and the parts of it for programs (plain JSON values)."""

    at: Seconds
    source: str
    kind: EntryKind
    text: str
    detail: dict[str, Any] = field(default_factory=dict)
    plaintexts: tuple[bytes, ...] = ()
    """What DTLS records of a datagram protect, where the lab knows their keys; in no file, for whoever may see it."""
