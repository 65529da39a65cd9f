"""docs/spec/at.md, The line (DOC-E 2.1-2.3, DOC-C 3.1), rule by rule."""

from __future__ import annotations

import pytest
from at_bench import COMMANDS, ERRORS, answer, new_board, talk

from nbtwin.at.session import AtSession

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"


@pytest.mark.parametrize("prefix", [b"AT", b"at"])
def test_at_alone_answers_ok(prefix: bytes) -> None:
    assert talk(prefix + b"\r").out == OK


@pytest.mark.parametrize("prefix", [b"At", b"aT", b"A", b"T", b"A T", b"+CGMM", b"xAT", b"A/T"])
def test_a_line_without_the_prefix_answers_error(prefix: bytes) -> None:
    """V.250 5.2.1 allows AT and at only; A/ repeats and is no prefix."""
    assert talk(prefix + b"\r").out == (OK if prefix.startswith(b"A/") else b"") + ERROR


def test_an_empty_line_is_not_answered() -> None:
    assert talk(b"\r\r\n  \r\n\n\r").out == b""


def test_a_line_ends_with_cr_not_with_lf() -> None:
    assert talk(b"AT\nAT\n").out == b""


def test_line_feeds_are_ignored_wherever_they_are() -> None:
    assert talk(b"AT\r\n\nA\nT\r\n").out == OK + OK


def test_commands_are_case_insensitive() -> None:
    assert answer("at+cgmm") == answer("AT+CgMm") == ["BC28", "OK"]


def test_values_keep_their_case() -> None:
    assert talk(b'at+name="aBc",863703030822519\r').written == [("name", "aBc", "863703030822519")]


def test_semicolons_chain_commands_and_only_the_first_has_the_prefix() -> None:
    assert talk(b"AT+SET=1;+SET=2;+SET=3\r").written == [("set", 1, 7), ("set", 2, 7), ("set", 3, 7)]
    assert answer("AT+CGMM;AT+CGMM") == ["BC28", "ERROR"]


def test_a_chain_has_one_final_result_code() -> None:
    assert talk(b"AT+CGMM;+SET?;+SET=1\r").out == b"\r\nBC28\r\n\r\n+SET: 1\r\n+SET: 2\r\n" + OK


def test_a_failing_command_ends_the_line() -> None:
    """V.250 5.7: what came before has been executed, the rest is not."""
    result = talk(b"AT+SET=1;+SET=99;+SET=3\r")
    assert (result.out, result.written) == (ERROR, [("set", 1, 7)])


def test_a_syntax_error_behind_a_good_command_does_not_undo_it() -> None:
    assert talk(b"AT+SET=1;+NOPE\r").written == [("set", 1, 7)]


def test_empty_places_in_a_chain_are_nothing() -> None:
    assert talk(b"AT;+SET=1;;+SET=2;\r").written == [("set", 1, 7), ("set", 2, 7)]


def test_a_semicolon_inside_quotes_does_not_end_the_command() -> None:
    """docs/spec/at.md, Extended information: the application blocks of QDMPCFGEX are separated by semicolons."""
    result = talk(b'AT+NAME="a;+SET=1,b",863703030822519;+SET=2\r')
    assert result.written == [("name", "a;+SET=1,b", "863703030822519"), ("set", 2, 7)]


def test_a_quote_that_is_never_closed_is_an_error() -> None:
    result = talk(b'AT+NAME="a,863703030822519;+SET=1\r')
    assert (result.out, result.written) == (ERROR, [])


@pytest.mark.parametrize(
    "line",
    [
        " AT+SET=1,2",
        "AT +SET=1,2",
        "AT+SET= 1,2",
        "AT+SET=1 , 2",
        "AT+SET=1,2  ",
        "AT+SET=1,2 ; ",
        "AT ; +SET=1,2",
    ],
)
def test_spaces_are_ignored(line: str) -> None:
    assert talk(line.encode() + b"\r").written == [("set", 1, 2)]


@pytest.mark.parametrize("line", ["AT+CGMM ", "AT+CGMM ;+SET=1", "AT+CGMM =?", "AT+SET? ", "AT+SET=? ;+SET=1"])
def test_spaces_behind_a_form_are_ignored(line: str) -> None:
    expected = "ERROR" if "M =" in line else "OK"
    assert answer(line)[-1] == expected


@pytest.mark.parametrize(
    "line",
    [
        "AT+S ET=1",
        "AT+ SET=1",
        "AT+SET =1",
        "AT+SET ?",
        "AT+SET =?",
        "AT+SET= ?",
        "AT+HOST=117.161. 2.7,5683",
        "AT+HOST=117 .161.2.7,5683",
        "AT+HOST=117.161.2.7,56 83",
        "AT+HOST=a b.com,5683",
    ],
)
def test_spaces_are_not_ignored_in_names_numbers_strings_and_addresses(line: str) -> None:
    """DOC-E 2.2's four exceptions, all but the quoted string."""
    result = talk(line.encode() + b"\r")
    assert (result.out, result.written) == (ERROR, [])


def test_spaces_in_quotes_are_kept() -> None:
    assert talk(b'AT+NAME= " a  b " ,863703030822519\r').written == [("name", " a  b ", "863703030822519")]


def test_a_field_of_spaces_only_is_an_empty_field() -> None:
    """DOC-A's example: AT+DMPCONFIG=1, , ,300."""
    assert talk(b"AT+SET=1, \r").written == [("set", 1, None)]


def test_the_optional_parameter_that_is_left_out_has_its_default() -> None:
    assert talk(b"AT+SET=1\r").written == [("set", 1, 7)]


@pytest.mark.parametrize("line", ["AT+SET=,1", "AT+SET=", "AT+TYPE=0,", "AT+TYPE=", "AT+TYPE=,1", "AT+SET=1,2,"])
def test_an_empty_field_that_may_not_be_empty_is_an_error(line: str) -> None:
    """D36"""
    result = talk(line.encode() + b"\r")
    assert (result.out, result.written) == (ERROR, [])


def test_an_answer_has_no_blank_line_between_its_lines() -> None:
    assert talk(b"AT+SET?\r").out == b"\r\n+SET: 1\r\n+SET: 2\r\n" + OK


def test_an_unknown_command_answers_plain_error_whatever_cmee_says() -> None:
    """D61"""
    for line in (b"AT+NOPE\r", b"AT+NOPE=1\r", b"AT+NOPE?\r", b"AT+NOPE=?\r", b"ATX\r", b"AT&K3\r", b"AT!\r", b"AT&\r"):
        assert talk(line, cmee=1).out == ERROR


def test_echo_is_byte_for_byte_with_the_cr_and_before_the_answer() -> None:
    assert talk(b"at+CGMM \r", echo=True).out == b"at+CGMM \r\r\nBC28\r\n" + OK


def test_echo_repeats_what_is_wrong_too() -> None:
    assert talk(b"\xff\x00?\r", echo=True).out == b"\xff\x00?\r" + ERROR


def test_the_ignored_line_feed_is_not_echoed() -> None:
    assert talk(b"AT\r\nAT\r\n", echo=True).out == b"AT\r" + OK + b"AT\r" + OK


def test_echo_off_takes_effect_behind_its_own_line() -> None:
    assert talk(b"ATE0\rAT\rATE1\rAT\r", echo=True).out == b"ATE0\r" + OK + OK + OK + b"AT\r" + OK


def test_a_backspace_takes_the_character_before_it_away() -> None:
    """V.250 6.2.3 (S5)"""
    assert talk(b"ATX\x08+CGNN\x08\x08MM\r", echo=True).out == b"ATX\x08+CGNN\x08\x08MM\r\r\nBC28\r\n" + OK


def test_a_backspace_too_many_does_nothing() -> None:
    assert talk(b"x\x08\x08\x08AT\r").out == OK


@pytest.mark.parametrize("byte", [b"\x00", b"\x07", b"\t", b"\x11", b"\x13", b"\x1a", b"\x1b"])
def test_control_characters_in_a_line_count_for_nothing(byte: bytes) -> None:
    """V.250 5.2.2. A terminal program, or XON from flow control, leaves some before a command."""
    result = talk(byte + b"A" + byte + b'T+NAME="a' + byte + b'b",863703030822519' + byte + b"\rAT\r")
    assert (result.out, result.written) == (OK + OK, [("name", "ab", "863703030822519")])


def test_a_line_of_control_characters_is_an_empty_line() -> None:
    assert talk(b"\x1b\r\x00\r\x11\x13\rAT\r").out == OK


def test_control_characters_are_echoed_although_they_are_ignored() -> None:
    """V.250 6.2.4."""
    assert talk(b"\x1bAT\r", echo=True).out == b"\x1bAT\r" + OK


@pytest.mark.parametrize("byte", [b"\x7f", b"\x80", b"\xff", "中".encode()])
def test_a_byte_that_is_not_printable_ascii_makes_the_line_an_error(byte: bytes) -> None:
    result = talk(b'AT+NAME="' + byte + b'",863703030822519\rAT\r')
    assert (result.out, result.written) == (ERROR + OK, [])


def test_a_session_starts_with_echo_on() -> None:
    session = AtSession(None, COMMANDS, ERRORS)
    session.handle_bytes(0, b"AT\r")
    assert session.bytes_to_send() == b"AT\r" + OK


def test_a_half_line_is_dropped_after_half_a_minute_of_silence() -> None:
    """V.250 5.2.1: not properly terminated. A host that crashed in mid-line loses no command after it."""
    result = talk(b"AT+SET=", 30.0, b"AT\r")
    assert result.out == OK
    assert [event.answer for event in result.events] == [(), ("OK",)]
    assert "AT+SET=" in result.events[0].line


def test_a_half_line_waits_for_less_than_half_a_minute() -> None:
    assert talk(b"AT+S", 29.9, b"ET=", 59.0, b"1\r").written == [("set", 1, 7)]


def test_silence_between_lines_drops_nothing() -> None:
    assert talk(b"AT\r", 99.0, b"AT\r").events == new_events("AT", "AT")


def new_events(*lines: str) -> list[object]:
    board = new_board()
    for line in lines:
        board.session.handle_bytes(0, line.encode() + b"\r")
    return list(board.session.events())
