"""What a lab has recorded, as people read it: lines, a sequence diagram, a capture. Knows records; knows no lab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from nbtwin.api.backend import Record
from nbtwin.api.results import TimelineEntry
from nbtwin.api.sequence import mermaid
from nbtwin.engine import Seconds
from nbtwin.timeline.clock import TimeFormat, format_simulated
from nbtwin.timeline.entry import EntryKind

if TYPE_CHECKING:  # what reads a timeline is loaded by who does
    from nbtwin.timeline.decoder import Decoded
    from nbtwin.timeline.ring import Timeline


class TimelineRecord:
    """Of a timeline in this process. ``began``: when its lab did, of the timeline's time."""

    def __init__(self, timeline: Timeline, began: Seconds = 0.0) -> None:
        self._timeline, self._began = timeline, began

    def entries(
        self,
        *,
        kinds: Sequence[str] = (),
        sources: Sequence[str] = (),
        since: Seconds | None = None,
        newest_first: bool = False,
        language: str = "en",
    ) -> Iterator[TimelineEntry]:
        """`api.backend.Record`."""
        from nbtwin.timeline.reader import Query

        from_then = None if since is None else since + self._began
        asked = Query(kinds=frozenset(map(EntryKind, kinds)), sources=frozenset(sources), since=from_then)
        reader = self._timeline.reader
        found = reader.backward(asked) if newest_first else reader.forward(asked)
        decoded = (one for one in found if one is not None)
        return decoded if self._began == 0 else (_Shifted(one, self._began) for one in decoded)

    def capture(self) -> bytes:
        """`api.backend.Record`."""
        from nbtwin.timeline.pcapng import export
        from nbtwin.timeline.reader import Query

        found = self._timeline.reader.forward(Query(keys=True))
        return export([decoded for decoded in found if decoded is not None], self._timeline.keys.lines())


class _Shifted:
    """An entry, in a time that begins with its lab."""

    def __init__(self, decoded: Decoded, began: Seconds) -> None:
        self.number, self.source, self.kind, self.code = decoded.number, decoded.source, decoded.kind, decoded.code
        self.at, self.fields, self.text = decoded.at - began, decoded.fields, decoded.text


def last_lines(
    record: Record, count: int | None, language: str = "en", time: TimeFormat = format_simulated
) -> list[str]:
    """Oldest first, without what modules wait for; None: all of them."""
    lines = (
        f"{time(entry.at)}  {entry.source:<12}  {entry.text(language)}"
        for entry in record.entries(newest_first=True, language=language)
        if entry.kind != EntryKind.DEADLINE
    )
    return list(islice(lines, count))[::-1]


def sequence(record: Record, since: Seconds | None = None, time: TimeFormat = format_simulated) -> str:
    """In Mermaid's language."""
    return mermaid(record.entries(since=since), time)
