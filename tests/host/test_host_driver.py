"""The driver tells answers, URCs, prompts and banners apart, whatever the chunking and the echo."""

from __future__ import annotations

import pytest
from host_bench import NEUL_BOARD, RDY_BOARD, WIRES, Board, Chunks, carry
from hypothesis import given, settings
from hypothesis import strategies as st

from nbtwin.at.command import AtError
from nbtwin.engine import Deadline
from nbtwin.host.driver import AnswerReceived, Driver, HostReason, ModuleStarted, UrcReceived

WIRE = pytest.mark.parametrize("wire", WIRES)


def ask(wire: Chunks, line: str, board: Board | None = None, **options: object) -> AnswerReceived:
    host, board = Driver(), board or Board(NEUL_BOARD)
    host.send(0, line, **options)  # type: ignore[arg-type]
    carry(0, host, board, wire)
    (answered,) = (event for event in host.events() if isinstance(event, AnswerReceived))
    return answered


@WIRE
@pytest.mark.parametrize("line", ["AT", "at", "ATE0", "AT+CMEE=1"])
def test_ok(wire: Chunks, line: str) -> None:
    assert ask(wire, line) == AnswerReceived(line, (), "OK", 0)


@WIRE
def test_the_echo_is_not_part_of_the_answer(wire: Chunks) -> None:
    assert ask(wire, "AT+CGMM").lines == ("BC28",)


@WIRE
def test_errors(wire: Chunks) -> None:
    plain = ask(wire, "AT+NOPE")
    assert (plain.final, plain.ok, plain.err, plain.final == "") == ("ERROR", False, None, False)
    numbered = ask(wire, "AT+CMEE=1;+SEND=0")
    assert (numbered.final, numbered.ok, numbered.err) == ("+CME ERROR: 50", False, 50)


def test_a_verbose_error_has_no_number() -> None:
    assert AnswerReceived("AT", (), "+CME ERROR: Memory failure", 0).err is None


@WIRE
def test_a_value_is_found_by_its_name(wire: Chunks) -> None:
    answered = ask(wire, "AT+CGATT?")
    assert answered.value("+CGATT") == "0"
    assert answered.value("+CEREG") is None


@WIRE
def test_an_open_command_claims_the_lines_of_its_own_name(wire: Chunks) -> None:
    assert ask(wire, "AT+CEREG?").lines == ("+CEREG: 0,1",)


@WIRE
def test_urcs_are_told_apart_before_in_and_after_an_answer(wire: Chunks) -> None:
    host, board = Driver(), Board(NEUL_BOARD)
    board.session.urc("+CSCON: 1")
    host.send(0, "AT+CGATT?")
    carry(0, host, board, wire)
    board.session.urc("FIRMWARE DOWNLOADING")
    carry(0, host, board, wire)
    assert host.events() == [
        UrcReceived("+CSCON: 1"),
        AnswerReceived("AT+CGATT?", ("+CGATT: 0",), "OK", 0),
        UrcReceived("+CEREG: 1"),
        UrcReceived("FIRMWARE DOWNLOADING"),
    ]


@WIRE
def test_commands_go_out_one_by_one(wire: Chunks) -> None:
    host, board = Driver(), Board(NEUL_BOARD)
    for line in ("AT+CGMI", "ATE0", "AT+CGMM"):
        host.send(0, line)
    assert host.bytes_to_send() == b"AT+CGMI\r"
    board.handle_bytes(0, b"AT+CGMI\r")
    carry(0, host, board, wire)
    assert [event.command for event in host.events() if isinstance(event, AnswerReceived)] == [
        "AT+CGMI",
        "ATE0",
        "AT+CGMM",
    ]
    assert not host.busy


@WIRE
@pytest.mark.parametrize("data", [b"hello", b"\r\nOK\r\n", b">>\n>", bytes(range(256))])
@pytest.mark.parametrize("echo", ["ATE0", "ATE1"])
def test_data_mode(wire: Chunks, data: bytes, echo: str) -> None:
    host, board = Driver(), Board(NEUL_BOARD)
    host.send(0, echo)
    host.send(0, f"AT+SEND={len(data)}", data=data)
    host.send(0, "AT+CGMM")
    carry(0, host, board, wire)
    assert [event.final for event in host.events() if isinstance(event, AnswerReceived)] == ["OK", "OK", "OK"]
    assert board.sent == [data]


@WIRE
def test_a_prompt_that_nobody_expected_is_left_with_escape(wire: Chunks) -> None:
    """D22"""
    board = Board(NEUL_BOARD)
    assert ask(wire, "AT+CMEE=1;+SEND=5", board).err == 52
    assert board.sent == []


def test_a_module_that_does_not_echo_data_is_understood_too() -> None:
    host = Driver()
    host.send(0, "AT+SEND=2", data=b"ab")
    host.handle_bytes(0, b"AT+SEND=2\r\r\n> ")
    host.handle_bytes(0, b"\r\nSEND OK\r\n\r\nOK\r\n")
    assert host.events() == [AnswerReceived("AT+SEND=2", ("SEND OK",), "OK", 0)]


@WIRE
def test_a_silent_module_times_out_and_the_next_command_goes_out(wire: Chunks) -> None:
    host, board = Driver(), Board(NEUL_BOARD)
    host.send(0, "AT+PING", timeout=5)
    host.send(0, "AT+CGMM")
    carry(0, host, board, wire)
    assert host.next_deadline() == Deadline(5, HostReason.ANSWER, "AT+PING")
    host.handle_timer(4.9)
    assert host.events() == []
    host.handle_timer(5)
    assert host.events() == [AnswerReceived("AT+PING", ("+PING: started",), "", 5)]
    assert host.bytes_to_send() == b"AT+CGMM\r"


@WIRE
def test_an_answer_that_comes_too_late_is_nobodys(wire: Chunks) -> None:
    host, board = Driver(), Board(NEUL_BOARD)
    host.send(0, "AT+PING", timeout=5)
    carry(0, host, board, wire)
    host.handle_timer(5)
    (answered,) = host.events()
    assert isinstance(answered, AnswerReceived)
    assert answered.final == ""
    board.session.finish(error=AtError())
    carry(6, host, board, wire)
    assert host.events() == []
    assert host.next_deadline() is None
    host.handle_timer(99)


@WIRE
def test_the_neul_banner_is_no_answer(wire: Chunks) -> None:
    """D21"""
    host, board = Driver(), Board(NEUL_BOARD)
    host.send(0, "AT+NRB")
    carry(0, host, board, wire)
    (answered,) = host.events()
    assert isinstance(answered, AnswerReceived)
    assert (answered.final, answered.ok) == ("REBOOTING", True)
    board.handle_timer(1)
    carry(1, host, board, wire)
    assert host.events() == [ModuleStarted("Neul", "REBOOT_CAUSE_APPLICATION_AT")]


@WIRE
def test_the_rdy_banner_and_its_urcs(wire: Chunks) -> None:
    host, board = Driver(), Board(RDY_BOARD)
    host.send(0, "AT+QRST=1")
    carry(0, host, board, wire)
    board.handle_timer(1)
    carry(1, host, board, wire)
    assert host.events()[1:] == [ModuleStarted("RDY"), UrcReceived("+CFUN: 1"), UrcReceived("+CPIN: READY")]


@WIRE
def test_a_restart_ends_the_command_that_was_open(wire: Chunks) -> None:
    host, board = Driver(), Board(NEUL_BOARD)
    host.send(0, "AT+PING", timeout=60)
    carry(0, host, board, wire)
    board.restart()
    board.handle_timer(1)
    carry(1, host, board, wire)
    assert host.events() == [AnswerReceived("AT+PING", ("+PING: started",), "", 1), ModuleStarted("Neul")]


def test_noise_without_a_line_end_is_bounded() -> None:
    host = Driver()
    for _ in range(64):
        host.handle_bytes(0, b"\xff" * 1024)
    assert len(host._buffer) <= 8192
    host.handle_bytes(0, b"\n")
    (urc,) = host.events()
    assert isinstance(urc, UrcReceived)


@settings(max_examples=100)
@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_are_taken_however_they_come(data: bytes, asked: bool) -> None:
    events = []
    for wire in (WIRES[0], WIRES[2]):
        host = Driver()
        if asked:
            host.send(0, "AT+SEND=3", data=b"abc")
        for chunk in wire(data.replace(b">", b"")):  # a prompt in the middle of noise depends on what is behind it
            host.handle_bytes(0, chunk)
        events.append(host.events())
    assert events[0] == events[1]
