"""What a restart broke off, asked for little by little (D169, D181).

A fleet that is registered is there at once when its platform starts anew. Asked all together, its answers and what is
sent again for want of one would keep everything else from being served, and its cells would have to page every device
in the same second. Knows clients and a pace; must not know what is asked, nor how.
"""

from __future__ import annotations

from itertools import islice

from nbtwin.engine import Deadline, Reason, Seconds
from nbtwin.lwm2m.path import Path

AT_A_TIME = 20
"""Devices whose turn comes together."""
EVERY: Seconds = 0.1
UNDER_WAY = 1000
"""Devices that are being asked: as many more are asked as have answered, or were given up."""


class AndlinkPlatformReason(Reason):
    """What this platform waits for beside its engines."""

    RESTART = "andlink-platform-restart"


class Resumption:
    """Who waits for its turn, and who has it. A device's turn ends with the last of its requests."""

    __slots__ = ("_at", "_open", "_waiting")

    def __init__(self) -> None:
        self._waiting: dict[str, list[tuple[str, Path]]] = {}  # by client: verbs and paths
        self._open: dict[str, int] = {}  # by client: how many of its requests have not ended
        self._at: Seconds = 0.0  # not before

    def __len__(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    @property
    def under_way(self) -> int:
        return len(self._open)

    def add(self, client: str, asked: list[tuple[str, Path]]) -> None:
        self._waiting[client] = asked

    def take(self, client: str) -> list[tuple[str, Path]]:
        """Out of turn: it was heard, or it has gone. Nothing where it does not wait."""
        return self._waiting.pop(client, []) if self._waiting else []

    def due(self, now: Seconds) -> list[tuple[str, list[tuple[str, Path]]]]:
        """Whose turn it is now. `begin` is to be told of each that is asked."""
        if not self._waiting or now < self._at:
            return []
        count = min(AT_A_TIME, UNDER_WAY - len(self._open), len(self._waiting))
        taken = (
            [(client, self._waiting.pop(client)) for client in list(islice(self._waiting, count))] if count > 0 else []
        )
        if taken:
            self._at = now + EVERY
        return taken

    def begin(self, client: str, requests: int) -> None:
        self._open[client] = self._open.get(client, 0) + requests

    def end(self, client: str) -> None:
        """One of its requests has ended."""
        left = self._open[client] - 1
        if left:
            self._open[client] = left
        else:
            del self._open[client]

    def next_deadline(self) -> Deadline | None:
        """None also while nobody has room: whoever ends makes some."""
        if not self._waiting or len(self._open) >= UNDER_WAY:
            return None
        return Deadline(self._at, AndlinkPlatformReason.RESTART)
