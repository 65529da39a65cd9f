"""The order of notifications (RFC 7641 3.4 and 4.4).

Knows sequence numbers of 24 bits and their time; must not know what is observed.
"""

from __future__ import annotations

from nbtwin.engine import Seconds

_HALF = 1 << 23
_STALE_AFTER: Seconds = 128


class Freshness:
    """The newest notification of one observation, as the client keeps it."""

    __slots__ = ("at", "order")

    def __init__(self, order: int, at: Seconds) -> None:
        self.order = order
        self.at = at

    def accept(self, order: int, now: Seconds) -> bool:
        """Whether this one is newer, and if so, the newest from now on (RFC 7641 3.4)."""
        if 0 < (order - self.order) % (1 << 24) < _HALF or now > self.at + _STALE_AFTER:
            self.order, self.at = order, now
            return True
        return False
