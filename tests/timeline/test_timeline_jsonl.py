"""The timeline in a file of JSON lines, and back."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timeline_entries import datagram, decoded, line

from nbtwin.dtls.events import KeyLogged
from nbtwin.engine import DecodeError
from nbtwin.timeline.clock import format_simulated
from nbtwin.timeline.entry import Entry, EntryKind
from nbtwin.timeline.facts import LineReceived, Waiting
from nbtwin.timeline.jsonl import format_entry, parse_entry, read, writer

facts = st.builds(LineReceived, st.text(max_size=50)) | st.builds(
    Waiting, st.floats(0, 1e10), st.text(max_size=10), st.text(max_size=10), st.integers(0, 2**53)
)
entries = st.builds(Entry, st.integers(1, 2**53), st.floats(0, 1e10), st.text(max_size=10), facts)


@given(entries)
def test_what_is_written_is_read(entry: Entry) -> None:
    (one,) = decoded(entry)
    text = format_entry(one)
    assert "\n" not in text
    found = parse_entry(text)
    assert (found.number, found.at, found.source, found.kind) == (entry.number, entry.at, entry.source, entry.kind)
    assert (found.code, found.text, found.fields) == (one.code, one.text(), one.fields)


def test_a_line_is_for_people_too() -> None:
    (one,) = decoded(Entry(7, 3661.5, "bc28", LineReceived("AT+QDMPCFG=6")))
    assert json.loads(format_entry(one, format_simulated)) == {
        "number": 7,
        "at": 3661.5,
        "time": "01:01:01.500",
        "source": "bc28",
        "kind": "at.in",
        "code": "line-received",
        "text": "AT+QDMPCFG=6",
        "fields": {"line": "AT+QDMPCFG=6"},
    }
    assert parse_entry(format_entry(one, format_simulated)) == parse_entry(format_entry(one))


def test_a_line_is_in_the_language_that_was_asked_for_and_its_fields_are_not() -> None:
    (one,) = decoded(Entry(1, 0.0, "bc28", Waiting(60.0, "coap-packet-unanswered", number=6)))
    english, chinese = (json.loads(format_entry(one, language=language)) for language in ("en", "zh"))
    assert english["text"] == "waiting 1min: no answer to packet 6"
    assert chinese["text"] == "等待 1min：第 6 个报文尚无应答"
    assert (english["code"], english["fields"]) == (chinese["code"], chinese["fields"])


def test_a_file_is_whole_after_every_entry(tmp_path: Path) -> None:
    path = tmp_path / "timeline.jsonl"
    some = [line(text, number) for number, text in enumerate(("甲", "乙", "AT"), 1)]
    with path.open("w", encoding="utf-8") as file:
        sink = writer(file)
        for n, entry in enumerate(some, 1):
            sink(entry)
            with path.open(encoding="utf-8") as reader:
                assert [one.number for one in read(reader)] == list(range(1, n + 1))


def test_a_file_has_decoded_datagrams_and_no_keys() -> None:
    file = io.StringIO()
    sink = writer(file)
    sink(Entry(1, 0.0, "bc28", KeyLogged(f"CLIENT_RANDOM {1:064x} {2:096x}")))
    sink(datagram(bytes.fromhex("40000001"), number=2))
    (one,) = read(io.StringIO(file.getvalue()))
    assert (one.number, one.kind, one.fields["message_id"]) == (2, EntryKind.DATAGRAM, 1)
    assert "CLIENT_RANDOM" not in file.getvalue()


def test_a_last_line_cut_short_by_a_kill_ends_the_file_and_a_broken_one_elsewhere_is_an_error() -> None:
    (one,) = decoded(line("x"))
    text = format_entry(one)
    assert len(list(read([f"{text}\n", "\n", text[:20]]))) == 1
    assert len(list(read(io.BytesIO(f"{text}\n{text[:20]}".encode())))) == 1
    for broken in (f"{text[:20]}\n{text}\n", f"{text}\n{text[:20]}\n"):
        with pytest.raises(DecodeError, match=r"^line \d: not a line of a timeline"):
            list(read(io.StringIO(broken)))


@pytest.mark.parametrize("text", ["", "[]", '{"at":1}', '{"at":1,"source":"a","kind":"nonsense","text":""}', "\udc80"])
def test_anything_else_is_a_decode_error(text: Any) -> None:
    with pytest.raises(DecodeError):
        parse_entry(text)
