"""Reassembly: any cut, any order, any overlap gives the right bytes or an error, and bounded memory."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.dtls.fragments import MAX_AHEAD, MAX_FRAGMENTS, MAX_MESSAGE, Fragment, Reassembly, fragments
from nbtwin.dtls.messages import HandshakeMessage
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal
from nbtwin.engine import DecodeError


def header(length: int, seq: int, offset: int, count: int) -> bytes:
    return b"\x02" + length.to_bytes(3, "big") + seq.to_bytes(2, "big") + offset.to_bytes(3, "big") + count.to_bytes(3)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[bytes, list[tuple[int, int]]]:
    """A message and pieces of it that cover it, with overlaps and repetitions, in any order."""
    body = draw(st.binary(min_size=1, max_size=300))
    edges = sorted({0, len(body), *draw(st.lists(st.integers(0, len(body)), max_size=8))})
    pieces = list(pairwise(edges))
    extra = draw(st.lists(st.tuples(st.integers(0, len(body)), st.integers(0, len(body))), max_size=6))
    pieces += [(min(pair), max(pair)) for pair in extra if pair[0] != pair[1]]
    return body, draw(st.permutations(pieces))


@given(cuts())
def test_any_covering_pieces_in_any_order_give_the_message(cut: tuple[bytes, list[tuple[int, int]]]) -> None:
    body, pieces = cut
    message = HandshakeMessage(2, 0, body)
    reassembly = Reassembly()
    taken = []
    for start, end in pieces:
        for fragment in fragments(message.fragment(start, end - start)):
            reassembly.add(fragment)
        while (whole := reassembly.take()) is not None:
            taken.append(whole)
    assert taken == [message]
    assert not reassembly._partial


@given(
    st.lists(
        st.tuples(
            st.integers(0, 30), st.integers(0, 6), st.integers(0, 40), st.binary(max_size=40), st.sampled_from([2, 11])
        ),
        max_size=60,
    )
)
def test_any_fragments_at_all_give_only_bytes_that_were_sent_at_their_place(
    sent: list[tuple[int, int, int, bytes, int]],
) -> None:
    reassembly = Reassembly()
    came: dict[tuple[int, int], set[int]] = {}
    for length, seq, offset, data, type_ in sent:
        raw = type_.to_bytes(1) + header(length, seq, offset, len(data))[1:] + data
        try:
            for fragment in fragments(raw):
                for index, byte in enumerate(fragment.data):
                    came.setdefault((fragment.seq, fragment.offset + index), set()).add(byte)
                reassembly.add(fragment)
        except DecodeError:
            pass
        assert len(reassembly._partial) <= MAX_AHEAD
        while (message := reassembly.take()) is not None:
            for index, byte in enumerate(message.body):
                assert byte in came[message.seq, index]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"\x02\x00", (DtlsRefusal.FRAGMENT_CUT, 0, 0)),
        (header(MAX_MESSAGE + 1, 0, 0, 1) + b"x", (DtlsRefusal.FRAGMENT_BOUNDS, 1, 1)),
        (header(0xFFFFFF, 0, 0xFFFFFE, 1) + b"x", (DtlsRefusal.FRAGMENT_BOUNDS, 0xFFFFFF, MAX_MESSAGE)),
        (header(10, 0, 10, 1) + b"x", (DtlsRefusal.FRAGMENT_BOUNDS, 11, 10)),
        (header(10, 0, 0xFFFFFF, 0xFFFFFF) + b"x", (DtlsRefusal.FRAGMENT_BOUNDS, 0x1FFFFFE, 10)),
        (header(10, 0, 0, 5) + b"xxxx", (DtlsRefusal.FRAGMENT_BOUNDS, 5, 4)),
        (header(10, 0, 3, 0), (DtlsRefusal.FRAGMENT_EMPTY, 0, 0)),
        ((header(0, 0, 0, 0)) * (MAX_FRAGMENTS + 1), (DtlsRefusal.TOO_MANY_FRAGMENTS, 0, MAX_FRAGMENTS)),
    ],
)
def test_a_length_or_offset_out_of_bounds_is_refused_before_anything_is_kept(
    raw: bytes, why: tuple[DtlsRefusal, int, int]
) -> None:
    """Pitfall 2 of the design: fragment length and offset are attack surface."""
    with pytest.raises(DtlsError) as caught:
        list(fragments(raw))
    assert caught.value.args == why


def test_a_message_far_ahead_is_not_kept() -> None:
    reassembly = Reassembly(3)
    with pytest.raises(DtlsError) as caught:
        reassembly.add(Fragment(2, 5, 3 + MAX_AHEAD, 0, b"abcde"))
    assert caught.value.args == (DtlsRefusal.MESSAGE_AHEAD, 3 + MAX_AHEAD, 3)
    assert not reassembly._partial


def test_a_message_that_was_taken_is_known_as_a_repetition() -> None:
    reassembly = Reassembly(3)
    assert reassembly.add(Fragment(2, 1, 3, 0, b"a"))
    assert reassembly.take() == HandshakeMessage(2, 3, b"a")
    assert not reassembly.add(Fragment(2, 1, 3, 0, b"a"))
    assert not reassembly.add(Fragment(2, 1, 0, 0, b"z"))


@pytest.mark.parametrize("bad", [Fragment(2, 4, 0, 1, b"X"), Fragment(2, 5, 0, 0, b"a"), Fragment(3, 4, 0, 0, b"a")])
def test_a_contradiction_is_refused_and_the_first_bytes_stand(bad: Fragment) -> None:
    reassembly = Reassembly()
    reassembly.add(Fragment(2, 4, 0, 0, b"abc"))
    with pytest.raises(DecodeError):
        reassembly.add(bad)
    reassembly.add(Fragment(2, 4, 0, 3, b"d"))
    assert reassembly.take() == HandshakeMessage(2, 0, b"abcd")


def test_messages_that_overtook_each_other_come_in_order() -> None:
    reassembly = Reassembly()
    for seq in (2, 1, 0):
        assert reassembly.take() is None
        reassembly.add(Fragment(14, 0, seq, 0, b""))
    assert [message.seq for message in iter(reassembly.take, None)] == [0, 1, 2]


@given(st.integers(0, 3), st.integers(0, 5), st.integers(0, 3), st.integers(0, 5), st.binary(max_size=5), st.booleans())
def test_a_record_is_taken_as_it_is_only_where_reassembly_would_give_the_same(
    expected: int, length: int, seq: int, offset: int, data: bytes, ahead: bool
) -> None:
    record = header(length, seq, offset, len(data)) + data
    straight, reassembled = Reassembly(expected), Reassembly(expected)
    if ahead:  # something waits already
        for each in (straight, reassembled):
            each.add(Fragment(2, 3, expected + 1, 0, b"abc"))
    if not straight.take_whole(record):
        assert straight.next_seq == expected
        return
    (fragment,) = fragments(record)
    assert reassembled.add(fragment)
    taken = reassembled.take()
    assert taken is not None
    assert taken.encode() == record
    assert straight.next_seq == reassembled.next_seq == expected + 1


def test_a_whole_message_in_its_turn_is_taken_as_it_is() -> None:
    reassembly = Reassembly(2)
    assert reassembly.take_whole(HandshakeMessage(2, 2, b"abc").encode())
    assert reassembly.take_whole(HandshakeMessage(14, 3, b"").encode())
    assert reassembly.next_seq == 4
