"""The start-up sequences of existing host programs, for both families, on all three wires."""

from __future__ import annotations

import pytest
from host_bench import NEUL_BOARD, RDY_BOARD, WIRES, Board, Chunks, carry, play

from nbtwin.engine import Deadline
from nbtwin.host.driver import Driver, HostEvent, HostReason, ModuleStarted
from nbtwin.host.startup import (  # fmt: skip
    NEUL,
    RDY,
    AwaitStart,
    Family,
    ModuleFound,
    Pause,
    Script,
    Send,
    StartupRun,
    attach,
    identify,
    probe,
    restart,
    start_up,
)

WIRE = pytest.mark.parametrize("wire", WIRES)
FAMILIES = pytest.mark.parametrize(("family", "banner"), [(NEUL, NEUL_BOARD), (RDY, RDY_BOARD)])
FOUND = ModuleFound("Quectel", "BC28", "BC28JAR01A10_ONT", "863703030822519", "", "89860412101972070120", True)


@WIRE
@FAMILIES
def test_the_whole_start_up(wire: Chunks, family: Family, banner: tuple[str, ...]) -> None:
    board, heard = Board(banner), list[HostEvent]()
    run = StartupRun(Driver(), start_up(family, ["AT+CEREG?"]), heard.append)
    took = play(run, board, wire)
    assert (run.failure, run.result) == ("", FOUND)
    assert took == 1 + 6  # the boot, and three questions two seconds apart
    assert board.lines == [
        "AT", "ATE0", "AT+CMEE=1", "AT+CEREG?", family.restart, "AT", "ATE0", "AT+CMEE=1",
        "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN=1", "AT+CIMI", family.iccid, "AT+CFUN=1", *["AT+CGATT?"] * 4,
    ]  # fmt: skip
    assert any(isinstance(event, ModuleStarted) for event in heard)


@WIRE
def test_a_module_that_still_boots_is_probed_until_it_answers(wire: Chunks) -> None:
    board = Board(NEUL_BOARD)
    board.boot_at = 3.5
    run = StartupRun(Driver(), probe())
    assert play(run, board, wire) == 3.5  # the banner tells that the open probe will not be answered
    assert board.lines == ["AT"]
    assert not run.failure


@WIRE
def test_half_a_line_of_a_crashed_host_costs_one_probe(wire: Chunks) -> None:
    board = Board(NEUL_BOARD)
    board.handle_bytes(0, b"AT+QDMPC")
    board.session.bytes_to_send()
    run = StartupRun(Driver(), probe())
    play(run, board, wire)
    assert board.lines == ["AT+QDMPCAT", "AT"]
    assert not run.failure


@WIRE
def test_nobody_answers(wire: Chunks) -> None:
    board = Board(NEUL_BOARD)
    board.boot_at = 999
    run = StartupRun(Driver(), start_up(NEUL))
    assert play(run, board, wire) == 10
    assert (run.result, run.failure) == (None, "no answer to AT in 10 s")


@WIRE
def test_a_command_that_fails_is_named(wire: Chunks) -> None:
    run = StartupRun(Driver(), start_up(NEUL, ["AT+QDMPCFG=0,2"]))
    play(run, Board(NEUL_BOARD), wire)
    assert run.failure == "AT+QDMPCFG=0,2 answered ERROR"


@WIRE
def test_a_banner_that_never_comes(wire: Chunks) -> None:
    run = StartupRun(Driver(), restart(NEUL, timeout=30))
    assert play(run, Board(NEUL_BOARD, boots_in=99), wire) == 30
    assert run.failure == "no Neul within 30 s of AT+NRB"


@WIRE
def test_the_other_familys_banner_is_noticed(wire: Chunks) -> None:
    run = StartupRun(Driver(), restart(NEUL))
    play(run, Board(RDY_BOARD), wire)
    assert run.failure == "RDY came instead of Neul: the module is of the other family"


def test_a_banner_in_one_piece_with_the_answer_counts() -> None:
    run = StartupRun(Driver(), restart(RDY))
    run.start(0)
    run.handle_bytes(0, b"AT+QRST=1\r\r\nOK\r\n\r\nRDY\r\n")
    assert run.result == ModuleStarted("RDY")


def restart_without_expectations() -> Script[ModuleStarted | None]:
    yield Send("AT+QRST=1")
    yield Pause(3)
    return (yield AwaitStart(5))


@WIRE
def test_a_banner_before_the_wait_counts(wire: Chunks) -> None:
    run = StartupRun(Driver(), restart_without_expectations())
    assert play(run, Board(RDY_BOARD), wire) == 3
    assert run.result == ModuleStarted("RDY")


@WIRE
def test_a_module_that_never_attaches(wire: Chunks) -> None:
    run = StartupRun(Driver(), attach(timeout=10, every=2))
    assert play(run, Board(NEUL_BOARD, attaches_in=99), wire) == 10
    assert run.result is False


@WIRE
def test_what_the_module_does_not_say_stays_empty(wire: Chunks) -> None:
    run = StartupRun(Driver(), identify(Family("Neul", "AT+NRB", "AT+NOPE")))
    play(run, Board(NEUL_BOARD), wire)
    assert run.result is not None
    assert (run.result.imsi, run.result.iccid) == ("", "")


def test_a_deadline_says_what_is_waited_for() -> None:
    run, board = StartupRun(Driver(), restart(NEUL)), Board(NEUL_BOARD)
    run.start(0)
    assert run.next_deadline() == Deadline(2, HostReason.ANSWER, "AT+NRB")
    carry(0, run, board, WIRES[0])
    assert run.next_deadline() == Deadline(30, HostReason.BOOT_BANNER)
    run.handle_timer(29)
    assert not run.done
