"""Nothing that identifies a device, and no secret, is in the file; what is in its place has the same shape."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lines import dialogue, recorded, reread

from nbtwin.recording.file import Bytes, Sender, read_recording
from nbtwin.recording.redaction import LONG, OLD, Redactor, luhn

IMEI, IMSI, ICCID = "867724030000225", "460040123456789", "89860412345678901234"
KEY, PASSWORD, PIN = "E8E19CC16CE1F388E8E19CC16CE1F388", "geheim77", "8241"
IDENTITY = (IMEI, IMSI, ICCID, KEY, PASSWORD)
SESSION = [
    (Sender.HOST, b"AT+CGSN=1\r"),
    (Sender.MODULE, f"\r\n+CGSN: {IMEI}\r\n\r\nOK\r\n".encode()),
    (Sender.HOST, b"AT+CIMI\r"),
    (Sender.MODULE, f"\r\n{IMSI}\r\n\r\nOK\r\n".encode()),
    (Sender.HOST, b"AT+NCCID\r"),
    (Sender.MODULE, f"\r\n+NCCID:{ICCID}\r\n\r\nOK\r\n".encode()),
    (Sender.HOST, f'AT+QDMPCFG=2,"M100000089","{PASSWORD}",1,"{IMEI}"\r'.encode()),
    (Sender.MODULE, b"\r\nOK\r\n"),
    (Sender.HOST, f"AT+QLASETPSK={IMEI},{KEY}\r".encode()),
    (Sender.MODULE, b"\r\nOK\r\n"),
    (Sender.HOST, f'AT+CPIN="{PIN}"\r'.encode()),
    (Sender.MODULE, b"\r\nOK\r\n"),
    (Sender.HOST, f"AT+NSOST=0,1.2.3.4,5683,15,{IMEI.encode().hex()}\r".encode()),
    (Sender.MODULE, f"\r\n+NSONMI:0,{PASSWORD.encode().hex().upper()}\r\n".encode()),
]


def pieces_of(cuts: list[int], every: float = 0.01) -> list[Bytes]:
    """The session, each side's lines cut into pieces of these lengths, one after the other."""
    found, at, number = [], 0.0, 0
    for sender, data in SESSION:
        while data:
            length = cuts[number % len(cuts)]
            number += 1
            at += every
            found.append(Bytes(round(at, 6), sender, data[:length]))
            data = data[length:]
    return found


def nothing_left(file: bytes) -> None:
    said = [json.loads(line) for line in file.splitlines()]
    for side in ("host", "module"):
        text = "".join(line["text"] for line in said if line.get("from") == side)
        for secret in IDENTITY:
            assert secret not in text
            assert secret.encode().hex() not in text.lower()
        assert f'"{PIN}"' not in text


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_in_whatever_pieces_it_comes_nothing_is_left_and_nothing_else_is_changed(cuts: list[int]) -> None:
    pieces = pieces_of(cuts)
    file = recorded(pieces)
    nothing_left(file)
    kept = list(read_recording(file).pieces)
    assert [(one.at, one.sender, len(one.data)) for one in kept] == [
        (one.at, one.sender, len(one.data)) for one in pieces
    ]
    for one, piece in zip(kept, pieces, strict=True):
        hidden = {at for begin, length in one.hidden for at in range(begin, begin + length)}
        assert all(one.data[at] == piece.data[at] for at in range(len(piece.data)) if at not in hidden)


def test_who_types_a_key_slowly_and_thinks_in_between_does_not_give_it_away() -> None:
    file = recorded(pieces_of([1], every=0.4))
    nothing_left(file)
    typed = f"AT+QLASETPSK={IMEI},{KEY}"
    slow = [Bytes(at * OLD * 2, Sender.HOST, typed[at].encode()) for at in range(len(typed))]
    assert KEY[:6] not in "".join(piece.data.decode() for piece in reread(slow).pieces)


def test_the_same_value_is_the_same_wherever_it_stands_and_another_with_another_salt() -> None:
    def text(salt: bytes) -> str:
        return b"".join(one.data for one in read_recording(recorded(pieces_of([100]), salt=salt)).pieces).decode()

    first = text(b"one")
    (imei,) = set(re.findall(r"8677240\d{8}", first))
    assert first.count(imei) == 3
    assert imei.encode().hex() in first
    assert imei[:8] == IMEI[:8]
    assert luhn(imei[:14].encode()).decode() == imei[14]
    (imsi,) = re.findall(r"46004\d{10}", first)
    assert len(re.findall(r"898604\d{14}", first)) == 1
    (key,) = re.findall(rf"{imei},([0-9A-F]{{32}})\r", first)
    other = text(b"two")
    assert not [one for one in (imei, imsi, key) if one in other]


@pytest.mark.parametrize(
    ("line", "who"),
    [
        (b"\r\n+QDMPCFG: 1,117.161.2.41,5683,86400\r\n", "<"), (b"\r\n+CPIN: READY\r\n", "<"), (b"AT+CMEE=1\r", ">"),
        (b"\r\n+QLAEVTIND:0\r\n", "<"), (b"AT+CGDCONT=1,\"IP\",\"cmnbiot\"\r", ">"), (b"\r\nRDY\r\n", "<"),
        (b"\r\n+DMPCONFIG: <type>[,<parameter1>][,<parameter2>][,<parameter3>[,<parameter4>]]]\r\n", "<"),
        (b"\r\n+QDMPCFG: (0-6),<parameter1>,<parameter2>\r\n", "<"),
        (b"\r\n+CCLK: 26/11/29,21:00:00+32\r\n", "<"), (b"AT+NPING=117.161.2.41\r", ">"),
    ],
)  # fmt: skip
def test_what_identifies_nobody_stays(line: bytes, who: str) -> None:
    (piece,) = reread(dialogue((1.0, who, line))).pieces
    assert piece.data == line
    assert not piece.hidden


def test_a_serial_number_in_the_answer_to_at_cgsn_is_one_whatever_it_looks_like() -> None:
    asked = dialogue((0, ">", b"AT+CGSN\r"), (0.1, "<", b"\r\nMP823G73031749646\r\n\r\nOK\r\n"))
    _, answer = reread(asked).pieces
    assert b"MP823G73031749646" not in answer.data
    assert re.fullmatch(rb"\r\n[A-Z]{2}\d{3}[A-Z]\d{11}\r\n\r\nOK\r\n", answer.data)


def test_data_without_an_end_are_given_out_by_age_and_by_size() -> None:
    redactor = Redactor(b"salt")
    assert list(redactor.add(Bytes(0.0, Sender.HOST, b"abc"))) == []
    assert list(redactor.tick(OLD - 1)) == []
    assert [one.data for one in redactor.tick(OLD) if isinstance(one, Bytes)] == [b"abc"]
    assert [type(one) for one in redactor.add(Bytes(OLD, Sender.HOST, b"x" * (LONG + 1)))] == [Bytes]


def test_whoever_wants_everything_gets_it() -> None:
    assert b"".join(one.data for one in reread(pieces_of([7]), hide=False).pieces) == b"".join(d for _, d in SESSION)
