"""How much of a lasting load is kept: a storm whole, then run after run of it, and between them how many entries
there were. Without it a lab that is asked 40,000 times a second would write its whole file anew twice a minute, and
have the last twentieth of a second in memory.

Only rows of a batch are left out, which come of load alone, and none that later entries are read with. Decides by the
lab's time; keeps nothing.
"""

from __future__ import annotations

from nbtwin.engine import Seconds
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.facts import EntriesLeftOut
from nbtwin.timeline.rows import Row, has_context, last_of

AT_ONCE = 100_000
"""Entries of a storm."""
A_SECOND = 2_000
"""Entries, when it lasts; a run has as many."""
BATCH = 16
"""Entries in a row, from which on it may be left out."""


class Thinning:
    """Of one timeline."""

    def __init__(self) -> None:
        self._room = float(AT_ONCE)
        self._at: Seconds = 0.0
        self._leaves_out = False
        self._entries = 0  # that were left out and not told yet
        self._since: Seconds = 0.0
        self._last: tuple[int, Seconds] = 0, 0.0  # number and time of the last one of them

    def takes(self, row: Row, count: int) -> bool:
        """Whether a row of so many entries is kept."""
        if count < BATCH:
            return True
        self._room = min(AT_ONCE, self._room + (row.at - self._at) * A_SECOND)
        self._at = row.at
        self._leaves_out = self._room < (A_SECOND if self._leaves_out else count)
        if not self._leaves_out or has_context(row):
            self._room -= count
            return True
        if not self._entries:
            self._since = row.at
        self._entries += count
        self._last = last_of(row), row.at
        return False

    def left_out(self) -> Entry | None:
        """In the place of those that were left out since this was asked."""
        if not self._entries:
            return None
        number, at = self._last
        told = Entry(number, at, "lab", EntriesLeftOut(self._entries, at - self._since, A_SECOND))
        self._entries = 0
        return told
