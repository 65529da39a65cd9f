"""The timeline itself: the newest entries in memory, and everybody who listens. Knows no file and no screen."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from nbtwin.engine import Seconds
from nbtwin.timeline.entry import EntryKind, TimelineEntry
from nbtwin.timeline.keylog import KeyLog

Sink = Callable[[TimelineEntry], object]
Maker = Callable[[], TimelineEntry]


class Timeline:
    """A bounded memory of what happened, oldest first, and sinks that get every entry as it happens.

    An entry that costs something to write (a decoded datagram) may be handed in as a function: it is called when a sink
    listens or when somebody reads, not before.
    """

    def __init__(self, size: int = 10_000, *, sinks: Iterable[Sink] = ()) -> None:
        self._ring: deque[tuple[int, TimelineEntry | Maker]] = deque(maxlen=size)
        self._sinks = list(sinks)
        self.keys = KeyLog()
        """Of the DTLS sessions in it; not part of any entry."""
        self.recorded = 0
        """How many entries there have been in all; also the number of the newest one."""

    @property
    def oldest(self) -> int | None:
        """The number of the oldest entry that is still in memory."""
        return self._ring[0][0] if self._ring else None

    def add_sink(self, sink: Sink) -> Callable[[], None]:
        """Hand every further entry to ``sink``; returns what takes it off again."""
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    def write(self, at: Seconds, source: str, kind: EntryKind, text: str, /, **detail: Any) -> None:
        self.record(TimelineEntry(at, source, kind, text, detail))

    def record(self, entry: TimelineEntry | Maker) -> None:
        self.recorded += 1
        if self._sinks:
            written = entry if isinstance(entry, TimelineEntry) else entry()
            self._ring.append((self.recorded, written))
            for sink in tuple(self._sinks):
                sink(written)
        else:
            self._ring.append((self.recorded, entry))

    def numbered(self, after: int = 0) -> list[tuple[int, TimelineEntry]]:
        """What is still in memory and came after number ``after``, oldest first, each with its number."""
        found = []
        for index, (number, entry) in enumerate(tuple(self._ring)):
            if number > after:
                if not isinstance(entry, TimelineEntry):
                    entry = entry()
                    self._ring[index] = (number, entry)
                found.append((number, entry))
        return found

    def entries(self, after: int = 0) -> list[TimelineEntry]:
        return [entry for _, entry in self.numbered(after)]
