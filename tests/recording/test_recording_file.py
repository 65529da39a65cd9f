"""The file of a recording: whole, cut off at each byte, edited; what is none says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lines import dialogue, recorded

from nbtwin.recording.file import Bytes, Ending, Sender, read_recording
from nbtwin.recording.refusals import RecordingError, RecordingRefusal

TALK = dialogue(
    (0.5, "<", b"\r\nRDY\r\n"),
    (1.0, ">", b"AT+CGMM\r"),
    (1.1, "<", b"\r\nBC26\r\n\r\nOK\r\n"),
    (2, "<", b"\xff\x00\x81"),
)


@given(
    st.lists(
        st.tuples(st.floats(0, 1e5), st.sampled_from(Sender), st.binary(min_size=1, max_size=30)),
        min_size=1,
        max_size=20,
    )
)
def test_what_is_written_is_read_to_the_microsecond(said: list[tuple[float, Sender, bytes]]) -> None:
    pieces = [Bytes(round(at, 6), sender, data) for at, sender, data in sorted(said, key=lambda one: one[0])]
    recording = read_recording(recorded(pieces, hide=False))
    assert list(recording.pieces) == pieces
    assert recording.ending is Ending.WHOLE


def test_a_file_that_was_cut_off_anywhere_gives_what_is_there() -> None:
    whole = recorded(TALK, hide=False)
    first = whole.index(b"\n") + 1
    told = {ending: 0 for ending in Ending}
    for end in range(len(whole)):
        if end < whole.index(b"\n", first):
            with pytest.raises(RecordingError):
                read_recording(whole[:end])
            continue
        recording = read_recording(whole[:end])
        told[recording.ending] += 1
        assert list(recording.pieces) == TALK[: len(list(recording.pieces))]
    assert told[Ending.CUT_OFF] > 100
    assert told[Ending.WHOLE] == 1  # without its last line feed
    assert not told[Ending.EDITED]


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"CGMM", b"CGMR"), (b'"at":1.1', b'"at":1.2'), (b'{"at":0.5,"from":"module"', b'{"at":0.5,"from":"host"')],
)
def test_a_file_that_was_edited_says_so(old: bytes, new: bytes) -> None:
    whole = recorded(TALK, hide=False)
    assert old in whole
    assert read_recording(whole.replace(old, new, 1)).ending is Ending.EDITED


def test_a_line_that_was_taken_out_is_an_edit() -> None:
    lines = recorded(TALK, hide=False).splitlines(keepends=True)
    assert read_recording(b"".join([*lines[:2], *lines[3:]])).ending is Ending.EDITED


@pytest.mark.parametrize(
    ("data", "code", "fields"),
    [
        (b"", RecordingRefusal.NO_RECORDING, {}),
        (b'{"nbtwin":1}\n', RecordingRefusal.NO_RECORDING, {}),
        (b'{"recording":9}\n', RecordingRefusal.VERSION, {"version": 9, "known": 1}),
        (b'{"recording":1}\n', RecordingRefusal.EMPTY, {}),
        (b'{"recording":1}\n{"at":1,"line":"lost"}\n', RecordingRefusal.EMPTY, {}),
        (b'{"recording":1}\nAT\n{"end":1}\n', RecordingRefusal.LINE, {"line": 2}),
        (b'{"recording":1}\n{"at":1,"from":"host"}\n', RecordingRefusal.LINE, {"line": 2}),
        (b'{"recording":1}\n{"at":1,"from":"host","text":"AT","hex":"00"}\n', RecordingRefusal.LINE, {"line": 2}),
        (b'{"recording":1}\n{"at":1,"from":"host","hex":"0"}\n', RecordingRefusal.LINE, {"line": 2}),
        (b'{"recording":1}\n{"at":1,"from":"host","text":"AT","hidden":[[1,2]]}\n', RecordingRefusal.LINE, {"line": 2}),
        (
            b'{"recording":1}\n{"at":2,"from":"host","text":"A"}\n{"at":1,"from":"host","text":"T"}\n',
            RecordingRefusal.ORDER, {"line": 3},
        ),
    ],
)  # fmt: skip
def test_what_is_no_recording_is_refused_with_its_line(
    data: bytes, code: RecordingRefusal, fields: dict[str, int]
) -> None:
    with pytest.raises(RecordingError) as failed:
        read_recording(data)
    assert failed.value.code is code
    assert failed.value.fields == fields
