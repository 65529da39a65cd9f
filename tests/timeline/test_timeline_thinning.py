"""A load that lasts is kept in runs, each gap says how much is missing; a storm, and all that is rare, is whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from timeline_entries import MODULE, PLATFORM

from nbtwin.timeline import thinning
from nbtwin.timeline.decoder import Decoded
from nbtwin.timeline.facts import Direction, EntriesLeftOut, LineReceived, Way
from nbtwin.timeline.reader import Query
from nbtwin.timeline.ring import Timeline
from nbtwin.timeline.segments import TimelineFile
from nbtwin.timeline.thinning import Thinning

MANY = 40
WAY = Way(PLATFORM, None, "andlink")
COAP, HANDSHAKE = b"\x40\x02\x00\x01", b"\x16\xfe\xfd"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinning, "AT_ONCE", 1000)
    monkeypatch.setattr(thinning, "A_SECOND", 200)


def load(timeline: Timeline, begin: float, seconds: int, data: bytes = COAP) -> None:
    """A thousand datagrams a second."""
    for step in range(25 * seconds):
        timeline.record_datagrams(begin + step / 25, "andlink", Direction.UP, WAY, [(MODULE, data)] * MANY)
        if step % 25 == 24:
            timeline.flush()


def kept(path: Path, *, thinned: bool = True, memory: int = 1) -> Timeline:
    file = TimelineFile(path / "timeline", 10_000_000)
    return Timeline(memory, file=file, thinning=Thinning() if thinned else None)


def read(path: Path) -> list[Decoded]:
    """What a restart finds."""
    return [one for one in kept(path).reader.forward(Query()) if one is not None]


def test_of_a_load_that_lasts_runs_are_written_and_between_them_how_much_there_was(tmp_path: Path) -> None:
    timeline = kept(tmp_path)
    load(timeline, 100.0, 10)
    timeline.record(111.0, "bc28", LineReceived("AT"))
    timeline.flush()
    found = read(tmp_path)
    gaps = [one.entry.fact for one in found if isinstance(one.entry.fact, EntriesLeftOut)]
    assert len(found) - len(gaps) + sum(gap.entries for gap in gaps) == 10_001
    assert 1000 + 8 * 200 <= len(found) - len(gaps) <= 1000 + 10 * 200 + MANY + 1
    numbers = [one.number for one in found]
    assert numbers == sorted(set(numbers))
    assert numbers[:1000] == list(range(1, 1001)), "a storm is whole"
    assert numbers[-1] == 10_001
    assert kept(tmp_path).recorded == 10_001, "numbers go on"
    before = 0
    for one in found:
        if isinstance(one.entry.fact, EntriesLeftOut):
            assert one.number == before + one.entry.fact.entries, "it stands in their place"
            assert "200" in one.text("en")
            assert f"{one.entry.fact.entries}" in one.text("zh").replace(",", "")
        before = one.number


def test_what_is_rare_and_what_others_are_read_with_is_written_in_any_load(tmp_path: Path) -> None:
    timeline = kept(tmp_path)
    for second in range(10):
        load(timeline, 100.0 + second, 1)
        timeline.record(101.0 + second, "bc28", LineReceived(f"AT+{second}"))
        load(timeline, 101.0 + second, 1, HANDSHAKE)
    timeline.flush()
    found = read(tmp_path)
    assert [one.entry.fact.line for one in found if isinstance(one.entry.fact, LineReceived)] == [
        f"AT+{second}" for second in range(10)
    ]
    handshakes = [one for one in found if getattr(one.entry.fact, "data", b"") == HANDSHAKE]
    assert len(handshakes) == 10_000


def test_a_load_that_ends_is_told_by_the_next_flush_and_the_next_storm_is_whole_again(tmp_path: Path) -> None:
    timeline = kept(tmp_path)
    load(timeline, 100.0, 3)
    timeline.flush()
    last = read(tmp_path)[-1]
    assert last.number == timeline.recorded == 3000
    assert isinstance(last.entry.fact, EntriesLeftOut)
    load(timeline, 200.0, 1)
    timeline.flush()
    assert [one.number for one in read(tmp_path)][-1000:] == list(range(3001, 4001))


def test_without_it_everything_is_written(tmp_path: Path) -> None:
    timeline = kept(tmp_path, thinned=False)
    load(timeline, 100.0, 5)
    timeline.flush()
    assert [one.number for one in read(tmp_path)] == list(range(1, 5001))


def test_memory_and_file_have_the_same_and_every_entry_that_is_missing_is_counted(tmp_path: Path) -> None:
    timeline = kept(tmp_path, memory=500)
    sunk: list[int] = []
    timeline.add_sink(lambda entry: sunk.append(entry.number))
    load(timeline, 100.0, 10)
    timeline.record(111.0, "bc28", LineReceived("AT"))
    timeline.flush()
    assert sunk == list(range(1, 10_002)), "who asked for all of it gets all of it"
    in_memory, in_file = timeline.entries(), [one.entry for one in read(tmp_path)]
    assert in_memory == in_file[-500:]
    assert (timeline.oldest, timeline.newest, timeline.recorded) == (in_memory[0].number, 10_001, 10_001)
    for after in (0, in_memory[0].number - 1, in_memory[100].number, in_memory[100].number + 7, 10_000, 10_001):
        rest = [entry for entry in in_memory if entry.number > after]
        assert timeline.entries(after) == [one.entry for one in timeline.reader.after(after)] == rest
        if after >= in_memory[0].number:
            assert timeline.kept_after(after) == len(rest)
    assert timeline.before_newest(3) == in_memory[-4].number


def test_pages_from_either_end_are_what_is_kept(tmp_path: Path) -> None:
    timeline = kept(tmp_path, memory=500)
    load(timeline, 100.0, 10)
    timeline.flush()
    every = [one.entry for one in read(tmp_path)]
    assert [one.entry for one in timeline.reader.forward(Query()) if one is not None] == every
    assert [one.entry for one in timeline.reader.backward(Query()) if one is not None] == every[::-1]
    for entry in every[:: len(every) // 10]:
        assert [one.entry for one in timeline.reader.forward(Query(after=entry.number)) if one is not None] == every[
            every.index(entry) + 1 :
        ]
        assert [one.entry for one in timeline.reader.backward(Query(before=entry.number)) if one is not None] == every[
            : every.index(entry)
        ][::-1]
