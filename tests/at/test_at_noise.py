"""Any bytes in: an answer, no crash, bounded memory, and the next command is not lost."""

from __future__ import annotations

import random
import sys
import tracemalloc

import pytest
from at_bench import COMMANDS, ERRORS, Board, by_byte, new_board, talk
from hypothesis import given, settings
from hypothesis import strategies as st

from kept_memory import kept_by
from nbtwin.at.command import AtError, ByType
from nbtwin.at.explain import explain
from nbtwin.at.grammar import Call, Form, body_start, index_of, next_call
from nbtwin.at.refusals import BadParameter
from nbtwin.at.session import AtSession
from nbtwin.runtime.explanation import lines_of

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
MEGABYTE = 1 << 20


@pytest.mark.parametrize("length", [3072, 3073])
def test_the_longest_line(length: int) -> None:
    line = b"AT+RAW=" + b"x" * (length - 7)
    assert talk(line + b"\rAT\r").out == (OK if length == 3072 else ERROR) + OK


@pytest.mark.parametrize("noise", [bytes([byte]) for byte in (*range(0x20), *range(0x7F, 0x100)) if byte != 0x0D])
def test_noise_of_a_wake_up_does_not_cost_the_first_command(noise: bytes) -> None:
    """V.250 5.2.2 for control characters, D102 for the rest: in front of AT, not in the middle."""
    assert talk(noise + b"AT\r").out == OK
    assert talk(noise * 3 + b"AT\r").out == OK
    middle = talk(b"A" + noise + b"T\r").out
    assert middle == (ERROR if noise[0] >= 0x7F or noise == b"\x08" else OK)


def test_backspaces_count_for_what_is_left() -> None:
    assert talk(b"AT" + b"x\x08" * 3000 + b"\r").out == OK
    assert talk(b"AT" + b"x" * 4000 + b"\x08" * 4000 + b"\rAT\r").out == ERROR + OK


def test_a_line_of_a_megabyte_answers_error_once_and_costs_no_memory() -> None:
    board = new_board()
    chunk = b"A" * 4096
    tracemalloc.start()
    for _ in range(MEGABYTE // len(chunk)):
        board.session.handle_bytes(0, chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 1024
    board.session.handle_bytes(0, b"\r\nAT\r\n")
    assert board.session.bytes_to_send() == ERROR + OK
    assert len(board.session.events()[0].line) <= 256


def test_a_megabyte_of_noise_leaves_nothing_behind() -> None:
    noise = random.Random(1).randbytes(MEGABYTE)
    board = new_board()
    board.session.cmee = 1
    for start in range(0, MEGABYTE, 4096):
        board.session.handle_bytes(0, noise[start : start + 4096])
        board.session.bytes_to_send()
        board.session.events()
    board.session.handle_bytes(0, b"\rAT+CGMM\r")
    assert board.session.bytes_to_send().endswith(b"\r\nBC28\r\n" + OK)
    assert board.written == []


def test_a_megabyte_of_noise_in_one_piece() -> None:
    board = new_board()
    board.session.handle_bytes(0, random.Random(2).randbytes(MEGABYTE) + b"\rAT+CGMM\r")
    assert board.session.bytes_to_send().endswith(b"\r\nBC28\r\n" + OK)


def test_a_megabyte_of_line_ends_is_not_answered() -> None:
    board = new_board()
    board.session.handle_bytes(0, b"\r\n" * (MEGABYTE // 2))
    assert board.session.bytes_to_send() == b""


def test_a_session_is_small() -> None:
    """10,000 modules and more in one process: the lookup is shared, the rest is a few small objects."""
    board = Board()
    assert kept_by(lambda: [AtSession(board, COMMANDS, ERRORS) for _ in range(1000)]) / 1000 < 1024
    session = AtSession(board, COMMANDS, ERRORS)
    assert not hasattr(session, "__dict__")
    assert sys.getsizeof(session) < 300


SIGNS = 'AT at + = ? =? ; , " 0 1 5 9 99 00 \x08 & E I A/ \n \x1b \x00'
NAMES = [command.name for command in COMMANDS if command.name not in ("+BROKEN", "+NOW", "+NRB")]
WHOLE = [" ", "\r", "\r\n", "AT+SET=1", '"a;b"', "AT+SEND=1,3\r", "AT+PING\r", "ÿ"]
PIECES = st.sampled_from([*NAMES, *SIGNS.split(" "), *WHOLE])
CONVERSATIONS = st.one_of(
    st.lists(PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode("latin-1")),
    st.binary(max_size=60),
)
FUZZ = settings(max_examples=150)


@FUZZ
@given(CONVERSATIONS, st.booleans())
def test_it_never_matters_how_the_bytes_come(data: bytes, echo: bool) -> None:
    finish = [lambda board: board.session.finish(("done",))] * 3
    result = talk(data, *finish, b"abc\r", *finish, 60.0, b"\rAT+CGMM\r", echo=echo)
    assert b"\r\nBC28\r\n" + OK in result.out[-60:]


@FUZZ
@given(st.lists(PIECES, max_size=20).map("".join) | st.text(max_size=40))
def test_explaining_never_fails_and_agrees_with_the_binder(line: str) -> None:
    explained = explain(COMMANDS, ERRORS, line)
    assert lines_of(explained)
    for command in explained.commands:
        assert command.ok == (command.err is None and command.error is None)


@FUZZ
@given(st.lists(PIECES, max_size=20).map("".join))
def test_the_grammar_moves_forward_and_only_raises_its_own_errors(line: str) -> None:
    index = index_of(COMMANDS)
    try:
        position = body_start(line)
        while (call := next_call(index, line, position)) is not None:
            assert position < call.end <= len(line)
            position = call.end
            bind(call)
    except (AtError, BadParameter):
        pass


def bind(call: Call) -> None:
    write = call.command.write
    if call.form is Form.WRITE and write is not None:
        values = write.bind(list(call.values))[1] if isinstance(write, ByType) else write.bind(list(call.values))
        assert isinstance(values, list)


def test_the_pieces_of_a_line_are_as_good_as_the_line() -> None:
    board = new_board()
    for chunk in by_byte(b'AT+NAME="a;b",863703030822519\r'):
        board.session.handle_bytes(0, chunk)
    assert board.written == [("name", "a;b", "863703030822519")]
