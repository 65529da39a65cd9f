"""What a timeline has recorded, as people read it: lines, a sequence diagram, a capture. Knows no lab."""

from __future__ import annotations

from itertools import islice

from nbtwin.api.sequence import mermaid
from nbtwin.engine import Seconds
from nbtwin.timeline.clock import TimeFormat, format_simulated
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.pcapng import export
from nbtwin.timeline.reader import Query
from nbtwin.timeline.ring import Timeline


def last_lines(
    timeline: Timeline, count: int | None, language: str = "en", time: TimeFormat = format_simulated
) -> list[str]:
    """Oldest first, without what modules wait for; None: all of them."""
    told = (decoded for decoded in timeline.reader.backward(Query()) if decoded is not None)
    lines = (
        f"{time(decoded.at)}  {decoded.source:<12}  {decoded.text(language)}"
        for decoded in told
        if decoded.kind is not EntryKind.DEADLINE
    )
    return list(islice(lines, count))[::-1]


def sequence(timeline: Timeline, since: Seconds | None = None, time: TimeFormat = format_simulated) -> str:
    """In Mermaid's language."""
    return mermaid((decoded for decoded in timeline.reader.forward(Query(since=since)) if decoded is not None), time)


def capture(timeline: Timeline) -> bytes:
    """Datagrams, AT lines and DTLS keys, for Wireshark."""
    entries = [decoded for decoded in timeline.reader.forward(Query(keys=True)) if decoded is not None]
    return export(entries, timeline.keys.lines())
