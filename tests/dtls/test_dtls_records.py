"""Records: what one side seals the other opens once, and nothing else does."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from nbtwin.dtls import record as layer
from nbtwin.dtls.ciphers import derive
from nbtwin.dtls.numbers import CipherSuite, ContentType
from nbtwin.dtls.prf import Prf
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal
from nbtwin.dtls.record import PlainEpoch, Record, records
from nbtwin.dtls.session import DtlsSession, NegotiatedParameters
from nbtwin.engine import DecodeError

CCM = CipherSuite.TLS_PSK_WITH_AES_128_CCM_8
CBC = CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256
KINDS = pytest.mark.parametrize(
    ("suite", "encrypt_then_mac", "cid"),
    [
        (suite, etm, cid)
        for suite, etm in (*((suite, False) for suite in CipherSuite), (CBC, True))
        for cid in (b"", b"\x01\x02\x03")
    ],
)
PEER = ("10.0.0.1", 5684)


def two_ends(suite: int, encrypt_then_mac: bool, cid: bytes) -> tuple[DtlsSession, DtlsSession]:
    client, server = derive(suite, Prf(b"m" * 48), (b"c" * 32, b"s" * 32), encrypt_then_mac, Random(1).randbytes)
    terms = NegotiatedParameters(suite, True, encrypt_then_mac, b"", cid)
    other = NegotiatedParameters(suite, True, encrypt_then_mac, cid, b"")
    return DtlsSession(PEER, b"", server, client, terms), DtlsSession(PEER, b"", client, server, other)


def the_record(datagram: bytes, cid: bytes = b"") -> Record:
    (record,) = records(datagram, len(cid))
    return record


@KINDS
@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 1000, 1 << 14])
def test_what_one_end_protects_the_other_opens(suite: int, encrypt_then_mac: bool, cid: bytes, length: int) -> None:
    near, far = two_ends(suite, encrypt_then_mac, cid)
    for _ in range(3):
        datagram = near.protect(ContentType.APPLICATION_DATA, b"x" * length)
        assert far.unprotect(the_record(datagram, cid)) == (ContentType.APPLICATION_DATA, b"x" * length)


@pytest.mark.conformance("RFC6347-4.1.2.6", role="client")
@KINDS
def test_a_record_is_taken_once(suite: int, encrypt_then_mac: bool, cid: bytes) -> None:
    near, far = two_ends(suite, encrypt_then_mac, cid)
    record = the_record(near.protect(ContentType.APPLICATION_DATA, b"once"), cid)
    far.unprotect(record)
    with pytest.raises(DtlsError) as caught:
        far.unprotect(record)
    assert caught.value.refusal is DtlsRefusal.REPLAYED


@KINDS
def test_no_bit_of_a_record_can_be_changed(suite: int, encrypt_then_mac: bool, cid: bytes) -> None:
    near, far = two_ends(suite, encrypt_then_mac, cid)
    datagram = near.protect(ContentType.APPLICATION_DATA, b"hello")
    for bit in range(8 * len(datagram)):
        changed = bytearray(datagram)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            for record in records(bytes(changed), len(cid)):
                far.unprotect(record)
        except DecodeError:
            continue
        pytest.fail(f"bit {bit} did not matter")
    assert far.unprotect(the_record(datagram, cid)) == (ContentType.APPLICATION_DATA, b"hello")


@KINDS
def test_no_shorter_record_is_opened(suite: int, encrypt_then_mac: bool, cid: bytes) -> None:
    near, far = two_ends(suite, encrypt_then_mac, cid)
    record = the_record(near.protect(ContentType.APPLICATION_DATA, b"hello"), cid)
    for length in range(len(record.fragment)):
        with pytest.raises(DecodeError):
            far.unprotect(replace(record, fragment=record.fragment[:length]))


@KINDS
@given(size=st.integers(90, 400))
def test_the_room_of_a_record_is_exact(suite: int, encrypt_then_mac: bool, cid: bytes, size: int) -> None:
    near, _ = two_ends(suite, encrypt_then_mac, cid)
    room = near.room(size)
    if room >= 0:
        assert len(near.protect(ContentType.HANDSHAKE, bytes(room))) <= size
    assert len(near.protect(ContentType.HANDSHAKE, bytes(max(0, room + 1)))) > size


def test_wrong_padding_and_a_wrong_mac_are_one_and_the_same_error() -> None:
    near, far = two_ends(CBC, False, b"")
    record = the_record(near.protect(ContentType.APPLICATION_DATA, b"a" * 20))
    texts = set()
    for position in range(len(record.fragment)):
        fragment = bytearray(record.fragment)
        fragment[position] ^= 0x55
        with pytest.raises(DecodeError) as caught:
            far.unprotect(replace(record, fragment=bytes(fragment)))
        texts.add((type(caught.value), str(caught.value)))
    assert len(texts) == 1


def test_the_true_type_of_a_record_with_a_connection_id_may_be_padded() -> None:
    """RFC 9146 4: any number of zeros behind the type."""
    near, far = two_ends(CCM, False, b"\x07")
    inner = b"content" + bytes((ContentType.APPLICATION_DATA,)) + bytes(9)
    sequence = (1 << 48).to_bytes(8, "big")
    prefix = layer.authenticated_prefix(ContentType.TLS12_CID, sequence, b"\x07")
    datagram = layer.encode(ContentType.TLS12_CID, sequence, b"\x07", near._write.seal(sequence, prefix, inner))
    assert far.unprotect(the_record(datagram, b"\x07")) == (ContentType.APPLICATION_DATA, b"content")


def test_the_additional_data_with_a_connection_id_is_that_of_rfc_9146() -> None:
    sequence = bytes.fromhex("0001000000000005")
    expected = bytes.fromhex("ffffffffffffffff 19 02 19 fefd 0001000000000005 abcd")
    assert layer.authenticated_prefix(ContentType.TLS12_CID, sequence, b"\xab\xcd") == expected
    expected = bytes.fromhex("0001000000000005 17 fefd")
    assert layer.authenticated_prefix(ContentType.APPLICATION_DATA, sequence, b"") == expected


def test_a_record_of_only_zeros_with_a_connection_id_has_no_type() -> None:
    near, far = two_ends(CCM, False, b"\x07")
    sequence = (1 << 48).to_bytes(8, "big")
    prefix = layer.authenticated_prefix(ContentType.TLS12_CID, sequence, b"\x07")
    datagram = layer.encode(ContentType.TLS12_CID, sequence, b"\x07", near._write.seal(sequence, prefix, bytes(9)))
    with pytest.raises(DtlsError) as caught:
        far.unprotect(the_record(datagram, b"\x07"))
    assert caught.value.refusal is DtlsRefusal.CONTENT_TYPE_MISSING


def test_a_session_with_a_connection_id_takes_no_record_without_it() -> None:
    """RFC 9146 3: once agreed on, such records are discarded."""
    near, _ = two_ends(CCM, False, b"")
    _, far = two_ends(CCM, False, b"\x01")
    with pytest.raises(DtlsError) as caught:
        far.unprotect(the_record(near.protect(ContentType.APPLICATION_DATA, b"x")))
    assert caught.value.refusal is DtlsRefusal.CONNECTION_ID_UNKNOWN


@given(st.lists(st.integers(0, 200), max_size=120))
def test_the_replay_window_remembers_as_much_as_it_says(numbers: list[int]) -> None:
    newest, seen = -1, 0
    taken: set[int] = set()
    for number in numbers:
        expected = number not in taken and number > newest - layer.WINDOW
        assert layer.fresh(newest, seen, number) == expected
        if expected:
            newest, seen = layer.taken(newest, seen, number)
            taken.add(number)
            assert newest == max(taken)
            assert seen < 1 << layer.WINDOW


@pytest.mark.parametrize(
    ("datagram", "why"),
    [
        ("16fefd0000000000000000", (DtlsRefusal.RECORD_CUT, 0, 0)),
        ("16fefd00000000000000000005aabb", (DtlsRefusal.RECORD_LENGTH, 5, 2)),
        ("160303000000000000000000 0100", (DtlsRefusal.RECORD_VERSION, 0x0303, 0)),
        ("18fefd0000000000000000000100", (DtlsRefusal.CONTENT_TYPE_UNKNOWN, 24, 0)),
        ("19fefd0000000000000000000100", (DtlsRefusal.CONTENT_TYPE_UNKNOWN, 25, 0)),
        ("16fefd0000000000000000ffff" + "00" * 65535, (DtlsRefusal.RECORD_LENGTH, 65535, 65535)),
        ("16fefd00000000000000000000" * 33, (DtlsRefusal.TOO_MANY_RECORDS, 0, 32)),
    ],
)
def test_a_datagram_that_is_not_records_says_why(datagram: str, why: tuple[DtlsRefusal, int, int]) -> None:
    with pytest.raises(DtlsError) as caught:
        list(records(bytes.fromhex(datagram), 0))
    assert caught.value.args == why


def test_records_of_one_datagram_come_one_by_one() -> None:
    plain = PlainEpoch(5)
    datagram = plain.protect(ContentType.ALERT, b"\x01\x00") + plain.protect(ContentType.HANDSHAKE, b"abc")
    found: list[Any] = [(each.content_type, each.epoch, each.number, each.fragment) for each in records(datagram, 6)]
    assert found == [(ContentType.ALERT, 0, 5, b"\x01\x00"), (ContentType.HANDSHAKE, 0, 6, b"abc")]


def test_record_numbers_never_wrap() -> None:
    near, _ = two_ends(CCM, False, b"")
    near._number = layer.LAST_NUMBER + 1
    with pytest.raises(OverflowError):
        near.protect(ContentType.APPLICATION_DATA, b"x")
