"""The timeline in a file, and back."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.engine import DecodeError
from nbtwin.timeline.clock import format_simulated
from nbtwin.timeline.entry import EntryKind, TimelineEntry
from nbtwin.timeline.jsonl import format_entry, parse_entry, read, writer

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
entries = st.builds(
    TimelineEntry,
    st.floats(0, 1e10),
    st.text(max_size=10),
    st.sampled_from(EntryKind),
    st.text(max_size=50),
    st.dictionaries(st.text(max_size=5), json_values, max_size=3),
)


@given(entries)
def test_what_is_written_is_read(entry: TimelineEntry) -> None:
    line = format_entry(entry)
    assert "\n" not in line
    assert parse_entry(line) == entry


def test_a_line_is_for_people_too() -> None:
    entry = TimelineEntry(3661.5, "bc28", EntryKind.AT_IN, "AT+QDMPCFG=6")
    assert json.loads(format_entry(entry, format_simulated)) == {
        "at": 3661.5,
        "time": "01:01:01.500",
        "source": "bc28",
        "kind": "at.in",
        "text": "AT+QDMPCFG=6",
        "detail": {},
    }
    assert parse_entry(format_entry(entry, format_simulated)) == entry


def test_a_file_is_whole_after_every_entry(tmp_path: Path) -> None:
    path = tmp_path / "timeline.jsonl"
    some = [TimelineEntry(float(n), "bc28", EntryKind.STATE, "甲\n乙") for n in range(3)]
    with path.open("w", encoding="utf-8") as file:
        sink = writer(file)
        for n, entry in enumerate(some):
            sink(entry)
            with path.open(encoding="utf-8") as reader:
                assert list(read(reader)) == some[: n + 1]


def test_a_last_line_cut_short_by_a_kill_ends_the_file_and_a_broken_one_elsewhere_is_an_error() -> None:
    entry = TimelineEntry(1.0, "bc28", EntryKind.STATE, "x")
    line = format_entry(entry)
    assert list(read([f"{line}\n", "\n", line[:20]])) == [entry]
    assert list(read(io.BytesIO(f"{line}\n{line[:20]}".encode()))) == [entry]
    for broken in (f"{line[:20]}\n{line}\n", f"{line}\n{line[:20]}\n"):
        with pytest.raises(DecodeError, match=r"^line \d: not a line of a timeline"):
            list(read(io.StringIO(broken)))


@pytest.mark.parametrize("line", ["", "[]", '{"at":1}', '{"at":1,"source":"a","kind":"nonsense","text":""}', "\udc80"])
def test_anything_else_is_a_decode_error(line: str) -> None:
    with pytest.raises(DecodeError):
        parse_entry(line)
