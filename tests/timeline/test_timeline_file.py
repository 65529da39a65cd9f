"""The timeline in the state directory: bounded, read by number, time and source, and whole after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timeline_entries import MODULE, PLATFORM

from nbtwin.lab import facts as lab
from nbtwin.lwm2m.server.events import Registration
from nbtwin.operators.events import DeviceIdentity, DeviceRegistered
from nbtwin.timeline import codec, decoder, segments
from nbtwin.timeline.entry import Entry, EntryKind
from nbtwin.timeline.facts import DatagramSeen, Direction, LineReceived, UnknownFact, Waiting
from nbtwin.timeline.reader import Query, TimelineReader
from nbtwin.timeline.ring import Timeline
from nbtwin.timeline.segments import TimelineFile

SMALL = {"BLOCK": 2000, "SMALLEST": 1, "FLUSH_AT": 40}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SMALL.items():
        monkeypatch.setattr(segments, name, value)


def lines(timeline: Timeline, first: int, last: int, *sources: str) -> None:
    """One a second, from the sources in turn."""
    for number in range(first, last + 1):
        timeline.record(float(number), (sources or ("bc28",))[number % max(1, len(sources))], LineReceived(f"{number}"))


def opened(path: Path, size: int = 1_000_000, memory: int = 1) -> Timeline:
    return Timeline(memory, file=TimelineFile(path, size))


def file_of(timeline: Timeline) -> TimelineFile:
    assert timeline.file is not None
    return timeline.file


def numbers(reader: TimelineReader, *, backward: bool = False, most: int | None = None, **asked: Any) -> list[int]:
    found = reader.backward(Query(**asked)) if backward else reader.forward(Query(**asked))
    shown = [decoded.number for decoded in found if decoded is not None]
    return shown if most is None else shown[:most]


def test_everything_is_found_again_from_either_end_whether_in_memory_or_in_a_file(tmp_path: Path) -> None:
    timeline = opened(tmp_path / "timeline", memory=50)
    lines(timeline, 1, 1000)
    for _ in range(2):
        assert numbers(timeline.reader) == list(range(1, 1001))
        assert numbers(timeline.reader, backward=True) == list(range(1000, 0, -1))
        assert numbers(timeline.reader, after=400, before=600) == list(range(401, 600))
        assert numbers(timeline.reader, after=400, before=600, backward=True) == list(range(599, 400, -1))
        assert timeline.reader.oldest == 1
        file_of(timeline).flush()
    file_of(timeline).flush()
    again = opened(tmp_path / "timeline", memory=50)
    assert numbers(again.reader) == list(range(1, 1001))
    assert again.recorded == 1000, "numbers go on"
    lines(again, 1001, 1100)
    assert numbers(again.reader, after=990) == list(range(991, 1101))
    assert numbers(again.reader, backward=True)[:200] == list(range(1100, 900, -1))


class Elsewhere:
    """Does what is submitted when it is told to."""

    def __init__(self, file: TimelineFile) -> None:
        self._held: list[tuple[Any, Any]] = []
        file.submit = lambda work, ended: self._held.append((work, ended))

    def __len__(self) -> int:
        return len(self._held)

    def write(self) -> Callable[[], object]:
        """Done; what is returned tells of it."""
        work, ended = self._held.pop(0)
        work()
        return lambda: ended(None, 0.0)


def test_what_is_written_elsewhere_is_read_once_at_any_moment_and_written_whole(tmp_path: Path) -> None:
    timeline = opened(tmp_path / "timeline")
    elsewhere, last = Elsewhere(file_of(timeline)), 0
    for _ in range(30):
        lines(timeline, last + 1, last + 90)
        last += 90
        assert len(elsewhere) == 1, "one at a time"
        assert numbers(timeline.reader) == list(range(1, last + 1))
        tell = elsewhere.write()
        assert numbers(timeline.reader) == list(range(1, last + 1))
        tell()
        assert numbers(timeline.reader) == list(range(1, last + 1))
        assert numbers(timeline.reader, backward=True)[:500] == list(range(last, 0, -1))[:500]
    while elsewhere:
        elsewhere.write()()
    file_of(timeline).submit = None
    file_of(timeline).flush()
    assert len(list(file_of(timeline).blocks())) > 5
    assert numbers(opened(tmp_path / "timeline").reader) == list(range(1, last + 1))


def test_a_disk_that_hangs_costs_a_bounded_memory_and_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "WAITING", 200)
    told: list[OSError] = []
    file = TimelineFile(tmp_path / "timeline", 1_000_000, told.append)
    elsewhere, timeline = Elsewhere(file), Timeline(1, file=file)
    lines(timeline, 1, 2000)
    assert len(told) == 1
    assert len(file.tail()) <= 300
    while elsewhere:
        elsewhere.write()()
    lines(timeline, 2001, 2100)
    while elsewhere:
        elsewhere.write()()
    file.submit = None
    file.flush()
    assert numbers(opened(tmp_path / "timeline").reader)[-100:] == list(range(2001, 2101))


def test_a_page_is_found_by_time_and_by_module(tmp_path: Path) -> None:
    timeline = opened(tmp_path / "timeline", memory=10)
    lines(timeline, 1, 1000, "bc28", "bc26", "bc25")
    asked = {"since": 300.0, "until": 320.0, "sources": frozenset({"bc26"})}
    assert numbers(timeline.reader, **asked) == [301, 304, 307, 310, 313, 316, 319]
    assert numbers(timeline.reader, backward=True, **asked) == [319, 316, 313, 310, 307, 304, 301]
    assert numbers(timeline.reader, kinds=frozenset({EntryKind.STATE})) == []


def test_what_lies_elsewhere_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers say what is in a block: a page of one module, or of one hour, unpacks its own blocks alone."""
    timeline = opened(tmp_path / "timeline")
    for first, source in ((1, "early"), (2001, "rare"), (2101, "late")):
        lines(timeline, first, first + (99 if source == "rare" else 1999), source)
    unpacked: list[int] = []
    really = TimelineFile.read

    def read(self: TimelineFile, block: segments.Block) -> list[Entry]:
        unpacked.append(block.first)
        return really(self, block)

    monkeypatch.setattr(TimelineFile, "read", read)
    everything = len(list(file_of(timeline).blocks()))
    assert everything > 40
    assert numbers(timeline.reader, sources=frozenset({"rare"})) == list(range(2001, 2101))
    assert len(unpacked) < 8
    unpacked.clear()
    assert numbers(timeline.reader, since=3500.0, until=3510.0) == list(range(3500, 3511))
    assert len(unpacked) < 16, "its own, and those of the four minutes before"


def test_the_oldest_goes_when_there_is_too_much(tmp_path: Path) -> None:
    bound = 40_000
    timeline = opened(tmp_path / "timeline", bound)
    for number in range(1, 6001):
        timeline.record(float(number), "bc28", LineReceived(os.urandom(16).hex()))
        if number % 512 == 0:
            kept = sum(path.stat().st_size for path in (tmp_path / "timeline").iterdir())
            assert kept <= bound + 2 * SMALL["BLOCK"] + 40 * 80
    file_of(timeline).flush()
    found = numbers(timeline.reader)
    assert found == list(range(found[0], 6001)), "without a gap"
    assert found[0] == timeline.reader.oldest > 1
    assert len(found) > 300


def written(path: Path, count: int) -> None:
    timeline = opened(path)
    lines(timeline, 1, count)
    file_of(timeline).flush()


@settings(max_examples=40)
@given(st.data())
def test_what_a_kill_leaves_half_written_is_cut_off_and_what_comes_after_is_kept(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("torn") / "timeline"
    written(path, 333)
    whole = (path / "tail").read_bytes()
    (path / "tail").write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    goes_on(path, at_least=300)


@settings(max_examples=40)
@given(st.data())
def test_a_block_that_a_kill_leaves_half_written_is_still_in_the_tail(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("torn") / "timeline"
    tails: list[bytes] = []
    with pytest.MonkeyPatch.context() as patched:
        really = os.truncate
        patched.setattr(segments.os, "truncate", lambda of, to: (tails.append(of.read_bytes()), really(of, to)))
        written(path, 333)
    *_, last = TimelineFile(path).blocks()
    segment = last.path.read_bytes()
    begins = segment.rindex(b"nbt1", 0, last.offset)
    last.path.write_bytes(segment[: data.draw(st.integers(begins, len(segment)))])
    (path / "tail").write_bytes(tails[-1])
    goes_on(path, at_least=last.first)


def goes_on(path: Path, at_least: int) -> None:
    again = opened(path)
    found = numbers(again.reader)
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= at_least
    lines(again, again.recorded + 1, again.recorded + 200)
    file_of(again).flush()
    assert numbers(opened(path).reader) == list(range(1, len(found) + 201))


def test_a_block_that_is_in_the_tail_as_well_is_read_once(tmp_path: Path) -> None:
    """The kill came after the block was written, and before the tail was emptied."""
    path = tmp_path / "timeline"
    timeline = opened(path)
    lines(timeline, 1, 10)
    file_of(timeline).flush()
    tail = (path / "tail").read_bytes()
    lines(timeline, 11, 600)
    file_of(timeline).flush()
    assert len(list(file_of(timeline).blocks())) > 1
    (path / "tail").write_bytes(tail)
    assert numbers(opened(path).reader)[:12] == list(range(1, 13))
    assert (path / "tail").stat().st_size == 0


def test_a_block_whose_bytes_changed_on_the_disk_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "timeline"
    written(path, 600)
    (segment, *_) = sorted(path.glob("*.seg"))
    block = next(iter(TimelineFile(path).blocks()))
    content = bytearray(segment.read_bytes())
    content[block.offset + 20] ^= 0xFF
    segment.write_bytes(content)
    assert numbers(opened(path).reader) == list(range(block.last + 1, 601))


KILLED = """
import os, sys, pathlib
sys.path[:0] = [{tests!r}]
from nbtwin.timeline.ring import Timeline
from nbtwin.timeline.segments import TimelineFile
from nbtwin.timeline.facts import LineReceived
file = TimelineFile(pathlib.Path({path!r}))
timeline = Timeline(10, file=file)
number = 0
while True:
    for _ in range(100):
        number += 1
        timeline.record(float(number), "bc28", LineReceived(str(number)))
    file.flush()
    print(number, flush=True)
"""


def test_after_kill_9_everything_is_there_that_was_flushed(tmp_path: Path) -> None:
    path = tmp_path / "timeline"
    source = KILLED.format(tests=str(Path(__file__).parent), path=str(path))
    process = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    flushed = 0
    for line in process.stdout:
        flushed = int(line)
        if flushed >= 20_000:
            break
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    process.stdout.close()
    found = numbers(opened(path).reader)
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= flushed


def test_what_cannot_be_written_is_said_once_and_the_lab_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[OSError] = []
    timeline = Timeline(10, file=TimelineFile(tmp_path / "timeline", on_error=said.append))

    def full(self: TimelineFile, entries: list[Entry]) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(TimelineFile, "_write", full)
        for first in (1, 101):
            lines(timeline, first, first + 99)
            file_of(timeline).flush()
    assert [error.strerror for error in said] == ["No space left on device"]
    lines(timeline, 201, 300)
    file_of(timeline).flush()
    assert numbers(timeline.reader)[:3] == [201, 202, 203]
    assert timeline.recorded == 300


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """There are passwords in AT lines, and keys of DTLS sessions."""
    path = tmp_path / "timeline"
    written(path, 600)
    assert path.stat().st_mode & 0o077 == 0
    assert all(part.stat().st_mode & 0o077 == 0 for part in path.iterdir())


# codec


def test_every_fact_comes_back_as_it_was() -> None:
    some = [
        Waiting(5.0, "coap-packet-unanswered", "", 6, 0),
        DatagramSeen(Direction.UP, MODULE, PLATFORM, b"\x40\x01", "bc28", None, faults=("loss",), lost=True),
        lab.FaultAdded(3, {"kind": "loss", "packets": [1]}),
        lab.NatRebound((("100.64.0.1", 2000),)),
    ]
    entries = [Entry(n, float(n), "bc28", fact) for n, fact in enumerate(some, 1)]
    assert codec.decode(codec.pack(len(entries), [codec.encode(entries)])) == entries


def test_a_fact_of_another_version_is_kept_as_what_it_said() -> None:
    stored = msgspec.msgpack.encode([7, 1.0, "bc28", {"code": "moon-phase-changed", "phase": "full"}])
    (entry,) = codec.decode(codec.pack(1, [stored]))
    assert entry.fact == UnknownFact("moon-phase-changed", {"phase": "full"})
    changed = msgspec.msgpack.encode([7, 1.0, "bc28", {"code": "line-received", "words": 3}])
    (entry,) = codec.decode(codec.pack(1, [changed]))
    assert entry.fact == UnknownFact("line-received", {"words": 3})


def test_a_registration_that_an_earlier_version_wrote_is_read_as_one_of_this_version() -> None:
    told = {
        "code": "device-registered", "at": 5.0, "device": "cmdmp:8637", "peer": ["10.0.0.1", 5683], "flags": [],
        "identity": {"imei": "8637", "imsi": "46004", "endpoint": "L@#@8637", "binding": "UQ", "objects": "</1/0>"},
        "location": "rd/0a", "lifetime": 3600,
    }  # fmt: skip
    report = {**told, "device": "telecom:8637", "identity": {"imei": "8637"}, "location": "", "lifetime": 0}
    stored = [msgspec.msgpack.encode([1, 5.0, "cmdmp", fact]) for fact in (told, report)]
    first, second = (entry.fact for entry in codec.decode(codec.pack(2, stored)))
    peer = ("10.0.0.1", 5683)
    registration = Registration("8637", "L@#@8637", "0a", peer, 3600, "UQ", "1.0", "</1/0>", 5.0, 5.0)
    assert first == DeviceRegistered(5.0, "cmdmp:8637", peer, DeviceIdentity("8637", imsi="46004"), registration)
    assert second == DeviceRegistered(5.0, "telecom:8637", peer, DeviceIdentity("8637"), None)


def test_no_two_facts_have_one_code() -> None:
    codes = [fact.__struct_config__.tag for fact in codec.facts()]
    assert len(codes) == len(set(codes)) > 20


def test_a_record_of_the_tail_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "timeline"
    written(path, 3)
    written(path, 2)
    tail = bytearray((path / "tail").read_bytes())
    length = int.from_bytes(tail[:4], "little")
    assert int.from_bytes(tail[4:8], "little") == zlib.crc32(tail[8 : 8 + length])
    tail[8 + length + 8 + 3] ^= 1  # in the second one
    (path / "tail").write_bytes(tail)
    assert numbers(opened(path).reader) == [1, 2, 3]


def test_a_tail_of_an_earlier_version_is_read_in_which_each_entry_is_a_record(tmp_path: Path) -> None:
    path = tmp_path / "timeline"
    path.mkdir()
    stored = [msgspec.msgpack.encode([n, float(n), "bc28", {"code": "line-sent", "line": "OK"}]) for n in (1, 2, 3)]
    records = [len(each).to_bytes(4, "little") + zlib.crc32(each).to_bytes(4, "little") + each for each in stored]
    (path / "tail").write_bytes(b"".join(records))
    timeline = opened(path)
    assert numbers(timeline.reader) == [1, 2, 3]
    timeline.record(4.0, "bc28", LineReceived("AT"))
    timeline.flush()
    assert numbers(opened(path).reader) == [1, 2, 3, 4]


def test_what_is_as_by_default_is_not_written_and_is_there_again(tmp_path: Path) -> None:
    seen = DatagramSeen(Direction.UP, MODULE, PLATFORM, b"\x40\x01")
    stored = codec.encode([Entry(1, 1.0, "bc28", seen)])
    assert b"overtaken" not in stored
    (entry,) = codec.decode(codec.pack(1, [stored]))
    assert entry.fact == seen


@pytest.mark.parametrize("backward", [False, True])
def test_a_long_search_gives_way_after_a_few_entries_wherever_they_are(
    backward: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "FLUSH_AT", 1024)
    monkeypatch.setattr(segments, "BLOCK", 20_000)
    timeline = opened(tmp_path / "timeline", memory=2000)
    lines(timeline, 1, 6000)
    read: list[int] = []
    inner = decoder.Decoder.read

    def counted(self: decoder.Decoder, entry: Entry) -> decoder.Decoded:
        read.append(entry.number)
        return inner(self, entry)

    monkeypatch.setattr(decoder.Decoder, "read", counted)
    asked = Query(sources=frozenset({"nobody", "bc28"}), kinds=frozenset({EntryKind.AT_OUT}))
    found = timeline.reader.backward(asked) if backward else timeline.reader.forward(asked)
    longest, before = 0, 0
    for decoded in found:
        assert decoded is None
        longest, before = max(longest, len(read) - before), len(read)
    assert len(read) >= 2000, "there was something to look through"
    assert max(longest, len(read) - before) <= 64
