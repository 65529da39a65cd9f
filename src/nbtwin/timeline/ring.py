"""The timeline: the newest entries in memory, older ones in a file where there is one, and everybody who listens.

To record is to append: what an entry means, and its words, are made by whoever reads (`nbtwin.timeline.reader`). Of a
load that lasts a part is kept (`nbtwin.timeline.thinning`), the same in memory and in the file; sinks get all of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from nbtwin.engine import Datagram, Fact, Seconds
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.facts import Direction, Way
from nbtwin.timeline.keylog import KeyLog
from nbtwin.timeline.rows import DatagramRow, FactRow, Passed, Row, entries_of, last_of, length_of
from nbtwin.timeline.thinning import Thinning

if TYPE_CHECKING:  # a lab that nobody looks into needs neither
    from nbtwin.timeline.reader import TimelineReader
    from nbtwin.timeline.segments import TimelineFile

Sink = Callable[[Entry], object]


class Timeline:
    """A bounded memory of what happened, oldest first, and sinks that get every entry as it happens."""

    def __init__(
        self,
        size: int = 10_000,
        *,
        sinks: Iterable[Sink] = (),
        file: TimelineFile | None = None,
        thinning: Thinning | None = None,
    ) -> None:
        """``thinning``: of a load that lasts; None: everything is kept."""
        self.size = size
        self.file = file
        self.keys = KeyLog()
        """Of the DTLS sessions in it."""
        self.recorded = file.newest if file is not None else 0
        """How many entries there have been in all; also the number of the newest one."""
        self._thinning = thinning
        self._ring: deque[Row] = deque()
        self._count = 0  # of the entries in it
        self._sinks = list(sinks)
        self._listeners: list[Callable[[], object]] = []

    @property
    def oldest(self) -> int | None:
        """The number of the oldest entry that is still in memory."""
        return self._ring[0].number + max(0, self._count - self.size) if self._ring else None

    @property
    def newest(self) -> int:
        """The number of the newest entry that is kept."""
        return last_of(self._ring[-1]) if self._ring else self.recorded

    def kept_after(self, number: int) -> int:
        """How many entries there are in memory that came after that number."""
        return sum(min(length_of(row), last_of(row) - number) for row in self.rows(number))

    def before_newest(self, count: int) -> int:
        """The number behind which there are so many entries in memory, or all that there are."""
        number = self.recorded
        for row in reversed(self._ring):
            if (length := length_of(row)) > count:
                return last_of(row) - count
            count, number = count - length, row.number - 1
        return number

    def add_sink(self, sink: Sink) -> Callable[[], None]:
        """Hand every further entry to ``sink``; returns what takes it off again."""
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    def add_listener(self, listen: Callable[[], object]) -> Callable[[], None]:
        """Call it whenever something was recorded, once for all of it; returns what takes it off again."""
        self._listeners.append(listen)
        return lambda: self._listeners.remove(listen)

    def record(self, at: Seconds, source: str, fact: Fact) -> None:
        self._record(Entry(self.recorded + 1, at, source, fact), 1)

    def record_all(self, at: Seconds, source: str, facts: list[Fact]) -> None:
        """Several of one source, in their order."""
        if len(facts) > 1:
            self._record(FactRow(self.recorded + 1, at, source, facts), len(facts))
        elif facts:
            self._record(Entry(self.recorded + 1, at, source, facts[0]), 1)

    def record_datagrams(
        self, at: Seconds, source: str, direction: Direction, way: Way, datagrams: Sequence[Datagram]
    ) -> None:
        """Several that went the same way, as they are."""
        row = DatagramRow(self.recorded + 1, at, source, Passed(direction, way, datagrams))
        self._record(row, len(datagrams))

    def _record(self, row: Row, count: int) -> None:
        self.recorded += count
        if self._thinning is None or self._thinning.takes(row, count):
            self._tell_left_out()
            self._keep(row, count)
        if self._sinks:
            for entry in entries_of(row):
                for sink in tuple(self._sinks):
                    sink(entry)

    def _keep(self, row: Row, count: int) -> None:
        ring = self._ring
        ring.append(row)
        self._count += count
        while self._count > self.size and self._count - (first := length_of(ring[0])) >= self.size:
            ring.popleft()
            self._count -= first
        if self.file is not None:
            self.file.append(row, count)
        for listen in tuple(self._listeners):
            listen()

    def _tell_left_out(self) -> None:
        if self._thinning is not None and (told := self._thinning.left_out()) is not None:
            self._keep(told, 1)

    def flush(self) -> None:
        """Say what was left out by now, and write what waits to be written, where there is a file."""
        self._tell_left_out()
        if self.file is not None:
            self.file.flush()

    def entries(self, after: int = 0) -> list[Entry]:
        """What is still in memory and came after number ``after``, oldest first."""
        return list(self.following(after))

    def following(self, after: int = 0) -> Iterator[Entry]:
        """The same, each made when it is taken; nothing may be recorded meanwhile."""
        after = max(after, (self.oldest or 1) - 1)
        for row in self.rows(after):
            for entry in entries_of(row):
                if entry.number > after:
                    yield entry

    def rows(self, after: int = 0) -> list[Row]:
        """Those that are in memory and end after that number, oldest first."""
        found: list[Row] = []
        for row in reversed(self._ring):
            if last_of(row) <= after:
                break
            found.append(row)
        found.reverse()
        return found

    @cached_property
    def reader(self) -> TimelineReader:
        """What everybody shares who wants to know what entries mean."""
        from nbtwin.timeline.reader import TimelineReader

        return TimelineReader(self)
