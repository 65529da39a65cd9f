"""The timeline: bounded memory, listeners, and entries that are written only when somebody wants them."""

from nbtwin.timeline.entry import EntryKind, TimelineEntry
from nbtwin.timeline.ring import Timeline


def entry(n: int) -> TimelineEntry:
    return TimelineEntry(float(n), "bc28", EntryKind.STATE, f"entry {n}")


def test_the_newest_entries_stay_and_keep_their_numbers() -> None:
    timeline = Timeline(size=3)
    for n in range(1, 6):
        timeline.record(entry(n))
    assert timeline.numbered() == [(3, entry(3)), (4, entry(4)), (5, entry(5))]
    assert timeline.entries(after=4) == [entry(5)]
    assert timeline.recorded == 5


def test_sinks_get_every_entry_until_they_are_taken_off() -> None:
    got: list[TimelineEntry] = []
    timeline = Timeline()
    timeline.record(entry(1))
    take_off = timeline.add_sink(got.append)
    timeline.write(2, "bc28", EntryKind.STATE, "entry 2")
    timeline.record(lambda: entry(3))
    take_off()
    timeline.record(entry(4))
    assert got == [entry(2), entry(3)]


def test_an_entry_that_nobody_reads_is_never_written() -> None:
    written = []

    def make() -> TimelineEntry:
        written.append(1)
        return entry(1)

    timeline = Timeline()
    timeline.record(make)
    assert written == []
    assert timeline.entries() == timeline.entries() == [entry(1)]
    assert written == [1]


def test_a_sink_may_take_itself_off() -> None:
    timeline = Timeline()
    got: list[TimelineEntry] = []

    def once(entry: TimelineEntry) -> None:
        got.append(entry)
        take_off()

    take_off = timeline.add_sink(once)
    timeline.record(entry(1))
    timeline.record(entry(2))
    assert got == [entry(1)]


def test_details_may_have_any_name() -> None:
    timeline = Timeline()
    timeline.write(0, "lab", EntryKind.LAB, "x", kind="loss", source="a", text="b", at=3)
    assert timeline.entries()[0].detail == {"kind": "loss", "source": "a", "text": "b", "at": 3}
