"""URCs never split an answer; answers that come later, never, or across a restart."""

from __future__ import annotations

from collections.abc import Callable

from at_bench import ERRORS, Board, new_board, play, talk
from at_bench import at_once as all_at_once

from nbtwin.at.command import AtError, Command, Lines
from nbtwin.at.refusals import AtRefusal, BadParameter, CommandRefused
from nbtwin.at.session import AtSession

OK = b"\r\nOK\r\n"
STARTED = b"\r\n+PING: started\r\n"


def urc(text: str) -> Callable[[Board], None]:
    return lambda board: board.session.urc(text)


def finish(*lines: str) -> Callable[[Board], None]:
    return lambda board: board.session.finish(lines)


def test_a_urc_goes_out_at_once_while_nothing_is_answered() -> None:
    assert talk(urc("+CEREG: 1"), b"AT\r").out == b"\r\n+CEREG: 1\r\n" + OK


def test_a_half_line_holds_no_urc_back() -> None:
    assert talk(b"A", urc("+CEREG: 1"), b"T\r").out == b"\r\n+CEREG: 1\r\n" + OK


def test_urcs_wait_for_the_final_result_code_in_order() -> None:
    assert talk(b"AT+BUSY;+CGMM\r").out == (
        b"\r\n+BUSY: 0\r\n" + b"\r\nBC28\r\n" + OK + b"\r\n+URC: 1\r\n" + b"\r\n+URC: 2\r\n"
    )


def test_urcs_wait_behind_an_error_too() -> None:
    assert talk(b"AT+BUSY;+NOPE\r").out.endswith(b"\r\nERROR\r\n\r\n+URC: 1\r\n\r\n+URC: 2\r\n")


def test_urcs_come_before_the_answer_to_the_next_line() -> None:
    assert talk(b"AT+BUSY\rAT\r").out.endswith(b"\r\n+URC: 2\r\n" + OK)


def test_urcs_wait_in_data_mode() -> None:
    assert talk(b"AT+SEND=1,2\r", urc("+A"), b"a", urc("+B"), b"b").out == b"\r\n>" + OK + b"\r\n+A\r\n\r\n+B\r\n"


def test_urcs_wait_until_a_later_answer_is_complete() -> None:
    result = talk(b"AT+PING\r", urc("+A"), finish("+PING: 12"))
    assert result.out == STARTED + b"\r\n+PING: 12\r\n" + OK + b"\r\n+A\r\n"


def test_waiting_urcs_are_bounded() -> None:
    board = new_board()
    board.session.handle_bytes(0, b"AT+PING\r")
    for number in range(5000):
        board.session.urc(f"+N: {number}")
    board.session.bytes_to_send()
    board.session.finish()
    assert board.session.bytes_to_send().count(b"+N: ") == 1000


def test_a_urc_carries_bytes_as_they_came() -> None:
    """D27: the payload of +QLAWRITE."""
    payload = b"\xff\xfe{\xe4\xb8\xad}"
    out = talk(urc("+QLAWRITE: 1,AB," + payload.decode("utf-8", "surrogateescape"))).out
    assert out == b"\r\n+QLAWRITE: 1,AB," + payload + b"\r\n"


def test_a_later_answer_may_fail() -> None:
    result = talk(b"AT+PING\r", lambda board: board.session.finish(error=AtError(23)), cmee=1)
    assert result.out == STARTED + b"\r\n+CME ERROR: 23\r\n"


def test_the_chain_goes_on_behind_a_later_answer() -> None:
    assert talk(b"AT+PING;+CGMM\r", finish()).out == STARTED + b"\r\nBC28\r\n" + OK


def test_commands_that_come_meanwhile_are_answered_afterwards() -> None:
    assert talk(b"AT+PING\rAT+CGMM\rAT", finish(), b"\r").out == STARTED + OK + b"\r\nBC28\r\n" + OK + OK


def test_a_session_is_busy_from_the_line_to_its_final_result_code() -> None:
    board = new_board()
    for line, end in ((b"AT+PING\r", board.session.finish), (b"AT+SEND=1,2\r", lambda: board.session.handle_timer(30))):
        board.session.handle_bytes(0, line)
        assert board.session.busy
        end()
        assert not board.session.busy


def test_two_later_answers_in_a_row() -> None:
    assert talk(b"AT+PING\rAT+PING\rAT\r", finish(), finish()).out == STARTED + OK + STARTED + OK + OK


def test_what_comes_meanwhile_is_bounded_and_no_command_after_it_is_lost() -> None:
    flood = b"AT+CGMM\r" * 5000
    result = talk(b"AT+PING\r", flood, finish(), b"\rAT+SET=1\r")
    assert result.written == [("set", 1, 7)]
    assert result.out.count(b"BC28") == 8192 // 8


def test_a_line_that_was_cut_is_an_error_even_if_its_end_looks_good() -> None:
    result = talk(b"AT+PING\r", b"A" * 8190 + b"\rATx", finish(), b"AT\rAT\r")
    assert result.out == STARTED + OK + b"\r\nERROR\r\n" * 2 + OK


def test_finish_without_an_open_command_does_nothing() -> None:
    assert talk(finish("+PING: 1"), b"AT\r").out == OK


def test_finish_may_tell_the_time_from_which_data_mode_counts() -> None:
    board = new_board()
    board.session.handle_bytes(0, b"AT+PING;+SEND=1,2\r")
    board.session.finish(now=100)
    deadline = board.session.next_deadline()
    assert deadline is not None
    assert deadline.at == 130


def test_an_answer_without_result_ends_the_line() -> None:
    """D21: REBOOTING and no OK; the rest of the chain is not executed."""
    result = talk(b"AT+SILENT;+SET=1\rAT\r")
    assert (result.out, result.written) == (OK, [])


def test_what_follows_the_command_that_restarts_is_lost_until_the_restart() -> None:
    result = talk(b"AT+NRB;+SET=1\rAT+SET=2\rAT+SE", lambda board: board.session.reset(), b"T=3\rAT\r")
    assert result.written == []
    assert result.out == b"\r\nREBOOTING\r\n\r\nERROR\r\n" + OK


def test_a_restart_in_the_middle_of_a_line_ends_it_without_an_answer() -> None:
    result = talk(b"AT+SET=1;+NOW;+SET=2\r")
    assert (result.out, result.written) == (b"", [("set", 1, 7)])
    assert result.events[0].why == CommandRefused(AtRefusal.MODULE_RESTARTED)


def test_a_restart_ends_a_later_answer_and_drops_what_waits() -> None:
    result = talk(b"AT+PING\rAT+CGMM\r", urc("+A"), lambda board: board.session.reset(), finish("+PING: 1"), b"AT\r")
    assert result.out == STARTED + OK


def test_a_restart_restores_the_defaults() -> None:
    board = new_board(cmee=1, echo=True)
    play(board, [b"ATE0\rAT+CMEE=0\r"], all_at_once)
    board.session.reset()
    assert (board.session.cmee, board.session.echo) == (1, True)


def test_the_banner_is_written_as_it_is() -> None:
    banner = "\r\nREBOOT_CAUSE_APPLICATION_AT\r\nNeul\r\nOK\r\n"
    assert talk(lambda board: board.session.raw(banner)).out == banner.encode()


def test_events_are_drained_and_bounded() -> None:
    board = new_board()
    board.session.handle_bytes(0, b"AT\r" * 20_000)
    assert len(board.session.events()) == 10_000
    assert board.session.events() == []


def test_a_failure_behind_a_restart_is_not_answered() -> None:
    def restart_and_fail(board: Board) -> Lines:
        board.session.reset()
        raise AtError(23)

    board = new_board()
    session = board.session = AtSession(board, (Command("+A", "DOC-Z", execute=restart_and_fail),), ERRORS, echo=False)
    session.handle_bytes(0, b"AT+A\r")
    assert session.bytes_to_send() == b""


def test_a_handler_may_find_a_bad_parameter_itself() -> None:
    def refuse(board: Board) -> Lines:
        raise BadParameter(CommandRefused(AtRefusal.VALUE_EMPTY, "token"))

    session = AtSession(None, (Command("+A", "DOC-Z", execute=refuse),), ERRORS, cmee=1, echo=False)
    session.handle_bytes(0, b"AT+A\r")
    assert session.bytes_to_send() == b"\r\n+CME ERROR: 50\r\n"
