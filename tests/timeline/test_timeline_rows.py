"""What is recorded at once reads as if it had been recorded one by one: in memory, in the file, by every reader."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from nbtwin.dtls.events import KeyLogged
from nbtwin.engine import Address, Fact
from nbtwin.lab.facts import RouteAdded, UnitRemoved
from nbtwin.timeline import codec
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.facts import Direction, Way
from nbtwin.timeline.ring import Timeline
from nbtwin.timeline.rows import entries_of, has_context, is_context, last_of, seen
from nbtwin.timeline.segments import TimelineFile

WAY = Way(("192.0.2.11", 5683), None, "andlink")
PEERS: list[Address] = [("198.51.100.1", 40000), ("198.51.100.2", 40001), ("198.51.100.3", 40002)]
DATA = st.sampled_from([b"\x44\x02\x00\x01", b"\x16\xfe\xfd", b""])
DATAGRAMS = st.lists(st.tuples(st.sampled_from(PEERS), DATA), min_size=1, max_size=6)
FACTS = st.lists(st.sampled_from([UnitRemoved(), RouteAdded("a=b"), KeyLogged("CLIENT_RANDOM 1 2")]), max_size=6)
STEPS = st.lists(st.one_of(st.tuples(st.sampled_from(Direction), DATAGRAMS), FACTS), max_size=12)


@settings(max_examples=60)
@given(steps=STEPS, size=st.integers(1, 12))
def test_rows_are_the_entries_that_one_by_one_would_be(
    steps: list[tuple[Direction, list[tuple[Address, bytes]]] | list[Fact]], size: int
) -> None:
    at_once, one_by_one = Timeline(size), Timeline(size)
    told: list[Entry] = []
    at_once.add_sink(told.append)
    for at, step in enumerate(map(list, steps)):
        if step and isinstance(step[0], Direction):
            direction, datagrams = step
            at_once.record_datagrams(at, "andlink", direction, WAY, datagrams)  # type: ignore[arg-type]
            facts = [seen(direction, WAY, peer, data) for peer, data in datagrams]  # type: ignore[misc,union-attr]
        else:
            facts = step  # type: ignore[assignment]
            at_once.record_all(at, "andlink", facts)  # type: ignore[arg-type]
        for fact in facts:
            one_by_one.record(at, "andlink", fact)
    assert at_once.entries() == one_by_one.entries()
    assert (at_once.recorded, at_once.oldest) == (one_by_one.recorded, one_by_one.oldest)
    assert told[-size:] == one_by_one.entries()
    for after in range(at_once.recorded + 1):
        assert at_once.entries(after) == one_by_one.entries(after)
    for row in at_once.rows():
        entries = list(entries_of(row))
        assert entries[-1].number == last_of(row)
        assert has_context(row) == any(map(is_context, entries))


def test_rows_of_a_file_are_the_same_entries(tmp_path: Path) -> None:
    timeline = Timeline(file=TimelineFile(tmp_path / "timeline"))
    timeline.record(1.0, "lab", RouteAdded("a=b"))
    timeline.record_datagrams(2.0, "andlink", Direction.UP, WAY, [(peer, b"\x44\x02\x00\x01") for peer in PEERS])
    timeline.record_all(2.0, "andlink", [UnitRemoved(), RouteAdded("c=d")])
    timeline.record_datagrams(3.0, "andlink", Direction.DOWN, Way(WAY.local, "andlink"), [(PEERS[0], b"\x64\x41")])
    timeline.flush()
    again = TimelineFile(tmp_path / "timeline")
    assert again.tail() == timeline.entries()
    assert again.newest == timeline.recorded == 7


def test_the_file_holds_a_row_of_datagrams_in_less_than_half_the_bytes() -> None:
    timeline = Timeline()
    datagrams = [(peer, b"\x44\x02\x00\x01\xb2rd") for peer in PEERS * 20]
    timeline.record_datagrams(2.0, "andlink", Direction.UP, WAY, datagrams)
    row, entries = codec.encode(timeline.rows()), codec.encode(timeline.entries())
    assert len(row) * 2 < len(entries)
    assert codec.decode(codec.pack(1, [row])) == codec.decode(codec.pack(60, [entries]))
