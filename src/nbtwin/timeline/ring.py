"""The timeline: the newest entries in memory, older ones in a file where there is one, and everybody who listens.

To record is to append: what an entry means, and its words, are made by whoever reads (`nbtwin.timeline.reader`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from nbtwin.engine import Fact, Seconds
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.keylog import KeyLog

if TYPE_CHECKING:  # a lab that nobody looks into needs neither
    from nbtwin.timeline.reader import TimelineReader
    from nbtwin.timeline.segments import TimelineFile

Sink = Callable[[Entry], object]


class Timeline:
    """A bounded memory of what happened, oldest first, and sinks that get every entry as it happens."""

    def __init__(self, size: int = 10_000, *, sinks: Iterable[Sink] = (), file: TimelineFile | None = None) -> None:
        self.size = size
        self.file = file
        self.keys = KeyLog()
        """Of the DTLS sessions in it."""
        self.recorded = file.newest if file is not None else 0
        """How many entries there have been in all; also the number of the newest one."""
        self._ring: deque[Entry] = deque(maxlen=size)
        self._sinks = list(sinks)

    @property
    def oldest(self) -> int | None:
        """The number of the oldest entry that is still in memory."""
        return self._ring[0].number if self._ring else None

    def add_sink(self, sink: Sink) -> Callable[[], None]:
        """Hand every further entry to ``sink``; returns what takes it off again."""
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    def record(self, at: Seconds, source: str, fact: Fact) -> None:
        self.recorded = number = self.recorded + 1
        entry = Entry(number, at, source, fact)
        self._ring.append(entry)
        if self.file is not None:
            self.file.append(entry)
        if self._sinks:
            for sink in tuple(self._sinks):
                sink(entry)

    def flush(self) -> None:
        """Write what waits to be written, where there is a file."""
        if self.file is not None:
            self.file.flush()

    def entries(self, after: int = 0) -> list[Entry]:
        """What is still in memory and came after number ``after``, oldest first."""
        ring = self._ring
        return list(islice(ring, max(0, len(ring) - (self.recorded - after)), None)) if after < self.recorded else []

    @cached_property
    def reader(self) -> TimelineReader:
        """What everybody shares who wants to know what entries mean."""
        from nbtwin.timeline.reader import TimelineReader

        return TimelineReader(self)
