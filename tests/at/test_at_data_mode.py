"""The prompt, exactly so many bytes, and the ways out (docs/spec/at.md, Data mode; D22, D25, D26, D61)."""

from __future__ import annotations

import pytest
from at_bench import ERRORS, answer, new_board, talk

from nbtwin.at.command import Answer, AtError, Command, Prompt, WithoutResult
from nbtwin.at.refusals import AtRefusal, CommandRefused
from nbtwin.at.session import AtReason, AtSession
from nbtwin.engine import Deadline

OK = b"\r\nOK\r\n"
ABORTED = b"\r\n+CME ERROR: 52\r\n"
PROMPT = b"\r\n>"


def test_the_prompt_has_no_line_end_and_the_data_completes_the_command() -> None:
    result = talk(b"AT+SEND=1,5\r", b"hello")
    assert (result.out, result.written) == (PROMPT + OK, [("sent", b"hello")])


def test_every_byte_is_data() -> None:
    data = bytes(range(1, 10)) + b'\r\n\x1b\x00\xff\x08;,"'
    result = talk(b"AT\rAT+SEND=1," + str(len(data)).encode() + b"\r" + data)
    assert result.written == [("sent", data)]


def test_what_follows_the_data_is_read_as_commands() -> None:
    """D26: the length alone decides."""
    result = talk(b"AT+SEND=1,5\rhelloAT+CGMM\r")
    assert result.out == PROMPT + OK + b"\r\nBC28\r\n" + OK


def test_data_is_echoed_like_commands() -> None:
    """27.005 3.5.1: the echo of the data follows ATE. DOC-E 6 prints it behind the prompt."""
    assert talk(b"AT+SEND=1,5\rhel\r\n", echo=True).out == b"AT+SEND=1,5\r" + PROMPT + b"hel\r\n" + OK


def test_the_line_feed_of_the_command_line_is_not_data() -> None:
    """docs/spec/at.md, The line: <CR><LF> works."""
    assert talk(b"AT+SEND=1,5\r\nhello").written == [("sent", b"hello")]
    assert talk(b"AT\r\nAT+SEND=1,5\r\n\nello").written == [("sent", b"\nello")]


def test_data_may_begin_with_a_line_feed_when_the_host_ends_lines_with_cr() -> None:
    assert talk(b"AT\rAT+SEND=1,5\r\nello").written == [("sent", b"\nello")]


def test_escape_as_the_first_byte_leaves_data_mode() -> None:
    """D22"""
    result = talk(b"AT+SEND=1,5\r\x1bAT\r", cmee=1)
    assert (result.out, result.written) == (PROMPT + ABORTED + OK, [])


def test_escape_behind_the_line_feed_leaves_data_mode_too() -> None:
    assert talk(b"AT+SEND=1,5\r\n\x1b", cmee=1).out == PROMPT + ABORTED


def test_escape_later_is_data() -> None:
    assert talk(b"AT+SEND=1,5\ra\x1bbcd").written == [("sent", b"a\x1bbcd")]


def test_half_a_minute_of_silence_ends_data_mode_and_nothing_is_sent() -> None:
    """D22"""
    result = talk(b"AT+SEND=1,5\r", 20.0, b"ab", 50.0, b"AT\r", cmee=1)
    assert (result.out, result.written) == (PROMPT + ABORTED + OK, [])
    assert result.events[0].why == CommandRefused(AtRefusal.DATA_MODE_SILENT, number=30)


def test_less_than_half_a_minute_does_not() -> None:
    assert talk(b"AT+SEND=1,5\r", 29.9, b"ab", 59.8, b"cde").written == [("sent", b"abcde")]


def test_the_host_that_goes_takes_its_data_mode_and_half_line_with_it() -> None:
    """D140."""
    board = new_board(cmee=1)
    board.session.handle_bytes(0, b"AT+SEND=1,5\rab")
    board.session.handle_host_gone(1)
    assert board.session.bytes_to_send() == PROMPT + ABORTED
    assert board.session.next_deadline() is None
    board.session.handle_bytes(2, b"AT\r")
    assert board.session.bytes_to_send() == OK
    board.session.handle_bytes(3, b"AT+SEN")
    board.session.handle_host_gone(4)
    board.session.handle_bytes(5, b"AT\r")
    assert board.session.bytes_to_send() == OK


def test_silence_that_no_timer_reported_counts_too() -> None:
    board = new_board(cmee=1)
    board.session.handle_bytes(0, b"AT+SEND=1,5\rab")
    board.session.handle_bytes(31, b"AT\r")
    assert board.session.bytes_to_send() == PROMPT + ABORTED + OK


def test_the_deadline_says_what_is_missing() -> None:
    board = new_board()
    assert board.session.next_deadline() is None
    board.session.handle_bytes(7, b"AT+SEND=1,5\r")
    assert board.session.next_deadline() == Deadline(37, AtReason.DATA_MODE, number=5, count=0)
    board.session.handle_bytes(10, b"ab")
    assert board.session.next_deadline() == Deadline(40, AtReason.DATA_MODE, number=5, count=2)
    board.session.handle_timer(39)
    board.session.handle_bytes(39, b"cde")
    assert board.session.next_deadline() is None


def test_the_chain_goes_on_behind_the_data() -> None:
    result = talk(b"AT+SEND=1,2;+CGMM\rab")
    assert result.out == PROMPT + b"\r\nBC28\r\n" + OK


def test_two_prompts_on_one_line() -> None:
    result = talk(b"AT+SEND=1,2;+SEND=1,3\r\nabcde")
    assert (result.out, result.written) == (PROMPT + PROMPT + OK, [("sent", b"ab"), ("sent", b"cde")])


@pytest.mark.parametrize("leave", [b"\x1b", 30.0])
def test_the_chain_ends_when_data_mode_is_left(leave: bytes | float) -> None:
    assert talk(b"AT+SEND=1,2;+SET=1\r", leave).written == []


def test_an_error_comes_instead_of_the_prompt() -> None:
    """D61"""
    assert answer("AT+SEND=1,0", cmee=1) == ["+CME ERROR: 50"]


def test_the_data_may_be_refused_when_it_is_complete() -> None:
    assert talk(b"AT+SEND=1,6\rrefuse", cmee=1).out == PROMPT + b"\r\n+CME ERROR: 513\r\n"


def test_data_on_the_line_needs_no_prompt() -> None:
    """D25"""
    assert talk(b"AT+SEND=1,5,hello\r").out == OK
    assert answer("AT+SEND=1,4,hello", cmee=1) == ["+CME ERROR: 50"]


def test_completing_data_may_ask_for_more_data() -> None:
    def ask(board: object) -> Answer:
        return Prompt(1, lambda first: Prompt(2, lambda rest: ((first + rest).decode(),)))

    board = new_board()
    session = AtSession(board, (Command("+ASK", "DOC-Z", execute=ask),), ERRORS, echo=False)
    session.handle_bytes(0, b"AT+ASK\rabc")
    assert session.bytes_to_send() == PROMPT + PROMPT + b"\r\nabc\r\n" + OK


def test_a_restart_forgets_data_mode() -> None:
    result = talk(b"AT+SEND=1,5\rab", lambda board: board.session.reset(), b"ATE0\rAT\r")
    assert result.out.endswith(OK + OK)
    assert result.written == []


def _text_board(most: int, *, cancelled: bool = True) -> tuple[AtSession, list[bytes]]:
    """A command that takes text up to Ctrl-Z, as `+QISEND` and `+QMTPUB` do."""
    taken: list[bytes] = []

    def complete(payload: bytes) -> Answer:
        if len(payload) > most:
            raise AtError(50)
        taken.append(payload)
        return ()

    prompt = Prompt(most, complete, ends=True, cancelled=(lambda: WithoutResult(("SEND FAIL",))) if cancelled else None)
    rows = (
        Command("+TEXT", "V.250", execute=lambda board: prompt),
        Command("+CGMM", "V.250", execute=lambda b: ("X",)),
    )
    return AtSession(None, rows, ERRORS, cmee=1, echo=False), taken


@pytest.mark.parametrize("size", [1, 3, 100])
def test_ctrl_z_ends_text_and_what_follows_is_a_command(size: int) -> None:
    """D128: however the bytes arrive."""
    session, taken = _text_board(5)
    line = b"AT+TEXT\r\nhel\r\n\x1aAT+CGMM\r"
    for start in range(0, len(line), size):
        session.handle_bytes(0.0, line[start : start + size])
    assert taken == [b"hel\r\n"]
    assert session.bytes_to_send() == PROMPT + OK + b"\r\nX\r\n" + OK


def test_text_may_be_empty_and_as_long_as_the_command_takes_and_no_longer() -> None:
    """D128"""
    session, taken = _text_board(5)
    session.handle_bytes(0.0, b"AT+TEXT\r\x1aAT+TEXT\rhello\x1aAT+TEXT\r" + b"x" * 9000 + b"\x1aAT+CGMM\r")
    assert taken == [b"", b"hello"]
    assert session.bytes_to_send() == (PROMPT + OK) * 2 + PROMPT + b"\r\n+CME ERROR: 50\r\n\r\nX\r\n" + OK


@pytest.mark.parametrize(("cancelled", "answer"), [(True, b"\r\nSEND FAIL\r\n"), (False, ABORTED)])
def test_escape_anywhere_cancels_text(cancelled: bool, answer: bytes) -> None:
    """D128: in the words of the command, else in those of the table (D22)."""
    session, taken = _text_board(5, cancelled=cancelled)
    session.handle_bytes(0.0, b"AT+TEXT\rhel\x1bAT+CGMM\r")
    assert (taken, session.bytes_to_send()) == ([], PROMPT + answer + b"\r\nX\r\n" + OK)
