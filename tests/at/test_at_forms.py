"""The four forms, basic commands, quoted subcommands, values by type, errors under +CMEE."""

from __future__ import annotations

import pytest
from at_bench import COMMANDS, ERRORS, PLAIN, answer, new_board, says, talk

from nbtwin.at import grammar
from nbtwin.at.command import Command, ErrorTable, row
from nbtwin.at.grammar import CommandIndex, index_of
from nbtwin.at.refusals import AtRefusal, CommandRefused, ValueKind, ValueTaken
from nbtwin.at.session import AtSession
from nbtwin.at.values import Quoted
from nbtwin.timeline.catalogue import words


def test_the_four_forms() -> None:
    assert answer("AT+SET=?") == ["+SET: (0-9)", "OK"]
    assert answer("AT+SET?") == ["+SET: 1", "+SET: 2", "OK"]
    assert answer("AT+SET=1,2") == ["OK"]
    assert answer("AT+CGMM") == ["BC28", "OK"]


def test_a_test_form_may_answer_ok_alone() -> None:
    assert answer("AT+CGMM=?") == ["OK"]


@pytest.mark.parametrize(
    "line", ["AT+SET", "AT+CGMM?", "AT+CGMM=1", "AT+HOST=?", "AT+HOST?", "AT+SET?1", "ATI1", "ATE?"]
)
def test_a_form_that_does_not_exist_is_not_supported(line: str) -> None:
    """D30, D60"""
    assert answer(line, cmee=1) == ["+CME ERROR: 4"]
    assert answer(line) == ["ERROR"]


@pytest.mark.parametrize(
    "line",
    [
        "AT+SET=10",
        "AT+SET=-1",
        "AT+SET=x",
        "AT+SET=1,2,3",
        "AT+HOST=1.2.3.4",
        "AT+TYPE=3",
        "AT+TYPE=6,1",
        "AT+SET=?1",
        "ATE2",
    ],
)
def test_a_value_that_does_not_fit_is_a_bad_parameter(line: str) -> None:
    """D30, D35"""
    result = talk(line.encode() + b"\r", cmee=1)
    assert (result.out, result.written) == (b"\r\n+CME ERROR: 50\r\n", [])


def test_basic_commands_take_a_number() -> None:
    assert talk(b"AT&F0\r").written == talk(b"AT&F 0\r").written == [("&F", 0)]


def test_a_missing_number_is_zero() -> None:
    """V.250 5.3.1"""
    assert talk(b"AT&F\r").written == [("&F", 0)]
    assert talk(b"ATE\rAT\r", echo=True).out == b"ATE\r\r\nOK\r\n\r\nOK\r\n"


def test_basic_commands_follow_one_another_without_a_separator() -> None:
    """V.250 5.3.1 and 5.4.1: existing drivers send ATE0I or ATE0+CMEE=1."""
    assert answer("ATE0I") == ["Quectel", "Revision 1", "OK"]
    assert talk(b"ATE0&F+SET=1\r").written == [("&F", 0), ("set", 1, 7)]


def test_basic_commands_have_read_and_write_forms_where_the_table_gives_them() -> None:
    assert answer("AT&F?") == ["&F: 0", "OK"]
    assert talk(b"AT&F=0;+SET=1\r").written == [("&F", 0), ("set", 1, 7)]


def test_a_quoted_subcommand_is_part_of_the_name() -> None:
    """DOC-E 3.13: set or query."""
    assert answer('AT+QCFG="LWM2M/DeviceType"') == ['+QCFG: "LWM2M/DeviceType",1', "OK"]
    assert talk(b'AT+QCFG= "lwm2m/devicetype" , "31301";+SET=1\r').written == [("type", "31301"), ("set", 1, 7)]
    assert answer('AT+QCFG="LWM2M/DeviceType";+CGMM') == ['+QCFG: "LWM2M/DeviceType",1', "BC28", "OK"]


@pytest.mark.parametrize(
    "line", ['AT+QCFG="LWM2M/Nothing"', 'AT+QCFG="LWM2M/DeviceType"x', 'AT+QCFG="LWM2M/DeviceType",']
)
def test_a_subcommand_that_does_not_exist_is_a_bad_parameter(line: str) -> None:
    assert answer(line, cmee=1) == ["+CME ERROR: 50"]


@pytest.mark.parametrize("line", ['AT+QCFG="LWM2M/DeviceType', "AT+QCFG=?", "AT+QCFG?", "AT+QCFG", "AT+QCFG=1"])
def test_a_name_with_subcommands_alone_is_no_command(line: str) -> None:
    assert answer(line, cmee=1) == ["ERROR"]


def test_a_subcommand_and_a_command_of_the_same_name_go_together() -> None:
    table = (*COMMANDS, Command("+QCFG", "DOC-Z 99", write=row(says("any"), Quoted("name"))))
    session = AtSession(None, table, ERRORS, echo=False)
    session.handle_bytes(0, b'AT+QCFG="other";+QCFG="LWM2M/DeviceType"\r')
    assert b"any" in session.bytes_to_send()


def test_the_first_value_picks_the_layout() -> None:
    assert talk(b"AT+TYPE=0,1\r").written == [("mode", 1)]
    assert answer("AT+TYPE=6") == ["6,6", "OK"]


def test_the_rest_of_the_line_is_raw() -> None:
    """D25: commas, quotes, semicolons and spaces are data."""
    assert talk(b'AT+RAW= a, "b;c ;+SET=1 \r').written == [("raw", ' a, "b;c ;+SET=1 ')]
    assert talk(b'AT+SEND=1,12,{"a":1;b, c}\r').written == [("sent", b'{"a":1;b, c}')]


def test_a_semicolon_before_the_rest_begins_still_ends_the_command() -> None:
    assert talk(b"AT+SEND=1,3;+SET=1\rabc").written == [("sent", b"abc"), ("set", 1, 7)]


def test_cmee_chooses_how_an_error_reads() -> None:
    assert answer("AT+FAIL") == ["ERROR"]
    assert answer("AT+FAIL", cmee=1) == ["+CME ERROR: 23"]
    assert answer("AT+FAIL?", cmee=1) == ["ERROR"]


def test_cmee_can_be_changed_on_the_line() -> None:
    assert answer("AT+CMEE=1;+FAIL") == ["+CME ERROR: 23"]


def test_cmee_2_prints_the_text_where_the_document_has_it() -> None:
    """docs/spec/at.md, Errors: DOC-D models only."""
    verbose = ErrorTable(ERRORS.texts, 50, 4, 52, cmee_modes=(0, 1, 2))
    assert answer("AT+FAIL", cmee=2, errors=verbose) == ["+CME ERROR: Memory failure"]
    assert answer("AT+SET=10", cmee=2, errors=ErrorTable({}, 50, 4, 52, (0, 1, 2))) == ["+CME ERROR: 50"]
    assert answer("AT+FAIL", cmee=2) == ["+CME ERROR: 23"]


def test_a_table_without_codes_answers_plain_error() -> None:
    """docs/spec/at.md, Errors: DOC-B and DOC-C."""
    for line in ("AT+SET=10", "AT+SET", "AT+NOPE"):
        assert answer(line, cmee=1, errors=PLAIN) == ["ERROR"]


def test_the_timeline_learns_the_line_the_answer_and_why() -> None:
    (good, bad) = talk(b"AT+CGMM\rAT+SET=1;+SET=10\r", cmee=1).events
    assert (good.line, good.answer, good.why) == ("AT+CGMM", ("BC28", "OK"), None)
    assert (bad.line, bad.answer) == ("AT+SET=1;+SET=10", ("+CME ERROR: 50",))
    assert (bad.command, bad.chapter) == ("+SET", "DOC-Z 1")
    takes = ValueTaken(ValueKind.INTEGER, 0, 9)
    assert bad.why == CommandRefused(AtRefusal.VALUE_NOT_TAKEN, "a", "10", takes=takes)
    assert words(bad) == "(AT+SET (DOC-Z 1): <a> is '10', not an integer 0-9)"
    assert words(bad, "zh") == "（AT+SET（DOC-Z 1）：参数 <a> 的值为“10”，应为整数 0-9）"


@pytest.mark.parametrize(
    ("line", "command", "why"),
    [
        ("AT+FAIL", "+FAIL", CommandRefused(AtRefusal.ERROR, text="Memory failure", number=23)),
        ("AT+FAIL?", "+FAIL", CommandRefused(AtRefusal.ERROR)),
        ("AT+SEND=0,0", "+SEND", CommandRefused(AtRefusal.VALUE_EMPTY, "data")),
        ("AT+NOPE", "", CommandRefused(AtRefusal.COMMAND_UNKNOWN, text="+NOPE")),
        ("AT+SET;+SET", "+SET", CommandRefused(AtRefusal.FORM_MISSING, text="execute")),
        ("AT+SET?x", "+SET", CommandRefused(AtRefusal.TEXT_AFTER_READ, text="x")),
        ("AT+CGMM;+SE T?", "", CommandRefused(AtRefusal.SPACE_IN_NAME, "+SET", "+SE T")),
        ("AT" + "X" * 90, "", CommandRefused(AtRefusal.COMMAND_UNKNOWN, text="X" * 37 + "...")),
        ('AT+QCFG="x"', "", CommandRefused(AtRefusal.SUBCOMMAND_UNKNOWN, "+QCFG", '"x"')),
        (
            'AT+QCFG="LWM2M/DeviceType"7',
            "",
            CommandRefused(AtRefusal.TEXT_AFTER_SUBCOMMAND, '"LWM2M/DeviceType"', "7"),
        ),
        ("AT+SET=\x80", "", CommandRefused(AtRefusal.LINE_UNPRINTABLE, text="0x80")),
        ("AT" + "X" * 3071, "", CommandRefused(AtRefusal.LINE_TOO_LONG, expected=3072)),
        ("AX", "", CommandRefused(AtRefusal.PREFIX_MISSING)),
    ],
)
def test_why_a_line_failed(line: str, command: str, why: CommandRefused) -> None:
    (answered,) = talk(line.encode("latin-1") + b"\r").events
    assert (answered.command, answered.why) == (command, why)


def test_a_defect_of_a_handler_is_not_hidden_and_does_not_lock_the_line() -> None:
    board = new_board()
    with pytest.raises(ZeroDivisionError):
        board.session.handle_bytes(0, b"AT+BROKEN\r")
    board.session.handle_bytes(0, b"ATE0\rAT\r")
    assert board.session.bytes_to_send().endswith(b"\r\nOK\r\n")


def test_the_index_of_a_table_is_built_once_for_all_sessions() -> None:
    assert index_of(COMMANDS) is index_of(COMMANDS)
    index = CommandIndex(COMMANDS)
    assert index_of(index) is index
    AtSession(None, list(COMMANDS), ERRORS).handle_bytes(0, b"AT+CGMM\r")


def test_so_many_tables_do_not_pile_up() -> None:
    for number in range(200):
        index_of((*COMMANDS[:1], COMMANDS[1 + number % 5]))
    assert len(grammar._shared) <= 64


def test_find_by_name() -> None:
    index = index_of(COMMANDS)
    assert index.find("+cgmm") is COMMANDS[4]
    assert index.find("+NOPE") is None
