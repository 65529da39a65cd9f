"""The timeline in memory: bounded, listened to, and decoded only when somebody wants to know."""

import pytest
from timeline_entries import MODULE, PLATFORM

from nbtwin.timeline import decoder
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.facts import DatagramSeen, Direction, LineReceived
from nbtwin.timeline.ring import Timeline


def write(timeline: Timeline, *numbers: int) -> None:
    for n in numbers:
        timeline.record(float(n), "bc28", LineReceived(f"line {n}"))


def entry(n: int) -> Entry:
    return Entry(n, float(n), "bc28", LineReceived(f"line {n}"))


def test_the_newest_entries_stay_and_keep_their_numbers() -> None:
    timeline = Timeline(size=3)
    write(timeline, 1, 2, 3, 4, 5)
    assert timeline.entries() == [entry(3), entry(4), entry(5)]
    assert timeline.entries(after=4) == [entry(5)]
    assert timeline.entries(after=5) == []
    assert (timeline.oldest, timeline.recorded) == (3, 5)


def test_sinks_get_every_entry_until_they_are_taken_off() -> None:
    got: list[Entry] = []
    timeline = Timeline()
    write(timeline, 1)
    take_off = timeline.add_sink(got.append)
    write(timeline, 2, 3)
    take_off()
    write(timeline, 4)
    assert got == [entry(2), entry(3)]


def test_a_sink_may_take_itself_off() -> None:
    timeline = Timeline()
    got: list[Entry] = []

    def once(entry: Entry) -> None:
        got.append(entry)
        take_off()

    take_off = timeline.add_sink(once)
    write(timeline, 1, 2)
    assert got == [entry(1)]


def test_what_nobody_reads_is_never_decoded_and_what_many_read_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    described = []
    really = decoder.describe_message

    def describe(data: bytes, *_: object) -> object:
        described.append(data)
        return really(data)

    monkeypatch.setattr(decoder, "describe_message", describe)
    timeline = Timeline()
    for data in (b"one", b"two"):
        timeline.record(0, "bc28", DatagramSeen(Direction.UP, MODULE, PLATFORM, data))
    assert described == []
    assert [one.text() for one in timeline.reader.after(1)] == [one.text("en") for one in timeline.reader.after(1)]
    assert described == [b"two"]


def test_a_reader_is_given_what_is_in_memory_and_new_since_its_number() -> None:
    timeline = Timeline(size=3)
    write(timeline, 1, 2)
    assert [one.number for one in timeline.reader.after(0)] == [1, 2]
    write(timeline, 3, 4, 5)
    assert [one.number for one in timeline.reader.after(0)] == [3, 4, 5]
    assert [one.number for one in timeline.reader.after(4)] == [5]
    assert timeline.reader.after(5) == []


def test_a_reader_may_catch_up_in_pieces() -> None:
    timeline = Timeline()
    write(timeline, 1, 2, 3)
    assert not timeline.reader.catch_up(2)
    assert [one.number for one in timeline.reader.decoded_after(0)] == [1, 2]
    assert timeline.reader.catch_up(2)
    assert [one.number for one in timeline.reader.decoded_after(0)] == [1, 2, 3]
