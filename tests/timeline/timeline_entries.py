"""Entries to try things with."""

from __future__ import annotations

from typing import Any

from nbtwin.engine import Address
from nbtwin.timeline.decoder import Decoded, Decoder
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.facts import DatagramSeen, Direction, LineReceived

MODULE: Address = ("100.64.0.2", 20001)
PLATFORM: Address = ("127.0.0.1", 45683)


def datagram(data: bytes, *, number: int = 1, at: float = 1.5, down: bool = False, **more: Any) -> Entry:
    """From a module to a platform, or back."""
    ends = {"source": PLATFORM, "destination": MODULE} if down else {"source": MODULE, "destination": PLATFORM}
    direction = Direction.DOWN if down else Direction.UP
    return Entry(number, at, "bc25", DatagramSeen(**{"direction": direction, "data": data, **ends, **more}))


def line(text: str, number: int = 1, at: float = 2.0, source: str = "bc25") -> Entry:
    return Entry(number, at, source, LineReceived(text))


def decoded(*entries: Entry) -> list[Decoded]:
    """By one reader, in order."""
    decoder = Decoder()
    return [decoder.read(entry) for entry in entries]
