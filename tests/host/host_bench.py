"""A host on one end of a line and a real AT session on the other, joined by three kinds of wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nbtwin.at.command import OK, Answer, AtError, Command, ErrorTable, Later, Lines, Prompt, WithoutResult, row
from nbtwin.at.session import AtSession
from nbtwin.at.values import Choice, Int
from nbtwin.engine import soonest
from nbtwin.host.driver import Driver
from nbtwin.host.startup import StartupRun

Chunks = Callable[[bytes], Iterable[bytes]]


def by_byte(data: bytes) -> Iterable[bytes]:
    return (data[position : position + 1] for position in range(len(data)))


def by_line(data: bytes) -> Iterable[bytes]:
    return data.splitlines(keepends=True)


def at_once(data: bytes) -> Iterable[bytes]:
    return (data,)


WIRES = (by_byte, by_line, at_once)


class Board:
    """The least that can be restarted and attached. Its AT surface is the real session."""

    def __init__(self, banner: tuple[str, ...], boots_in: float = 1.0, attaches_in: float = 5.0) -> None:
        self.banner, self.boots_in, self.attaches_in = banner, boots_in, attaches_in
        self.now = 0.0
        self.boot_at: float | None = None
        self.attached_at = float("inf")
        self.cause: tuple[str, ...] = ()
        self.sent: list[bytes] = []
        self.lines: list[str] = []  # every command line that was answered
        self.session = AtSession(self, COMMANDS, ERRORS)

    def handle_bytes(self, now: float, data: bytes) -> None:
        self.now = now
        if self.boot_at is None:
            self.session.handle_bytes(now, data)
            self.lines += [event.line for event in self.session.events()]

    def handle_timer(self, now: float) -> None:
        self.now = now
        if self.boot_at is not None and now >= self.boot_at:
            self.boot_at = None
            self.session.reset()
            self.session.raw("\r\n" + "\r\n".join((*self.cause, *self.banner)) + "\r\n")
            if self.banner == ("RDY",):
                self.session.raw("\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n")
        self.session.handle_timer(now)

    def restart(self) -> None:
        self.boot_at = self.now + self.boots_in
        self.session.halt()


def echo(board: Board, wanted: int) -> Lines:
    board.session.echo = bool(wanted)
    return OK


def cmee(board: Board, mode: int) -> Lines:
    board.session.cmee = mode
    return OK


def restart_neul(board: Board) -> Answer:
    board.cause = ("REBOOT_CAUSE_APPLICATION_AT",)
    board.restart()
    return WithoutResult(("REBOOTING",))


def restart_rdy(board: Board, mode: int) -> Lines:
    board.restart()
    return OK


def radio_on(board: Board, function: int) -> Lines:
    board.attached_at = board.now + board.attaches_in
    return OK


def show_attach(board: Board) -> Lines:
    board.session.urc("+CEREG: 1")  # it waits, and must not be taken for the answer
    return (f"+CGATT: {int(board.now >= board.attached_at)}",)


def send(board: Board, length: int) -> Answer:
    def complete(payload: bytes) -> Lines:
        board.sent.append(payload)
        return OK

    return Prompt(length, complete)


def fail(err: int | None) -> Callable[[Board], Lines]:
    def handler(board: Board) -> Lines:
        raise AtError(err)

    return handler


def says(*lines: str) -> Callable[..., Lines]:
    return lambda board, *values: lines


COMMANDS = (
    Command("E", "V.250 6.2.4", write=row(echo, Int("value", 0, 1))),
    Command("+CMEE", "27.007 9.1", write=row(cmee, Int("n", 0, 1))),
    Command("+CGMI", "27.007 5.1", execute=says("Quectel")),
    Command("+CGMM", "27.007 5.2", execute=says("BC28")),
    Command("+CGMR", "27.007 5.3", execute=says("Revision:BC28JAR01A10_ONT")),
    Command("+CGSN", "27.007 5.4", write=row(says("+CGSN:863703030822519"), Choice("snt", (1,)))),
    Command("+CIMI", "27.007 5.6", execute=fail(310)),
    Command("+NCCID", "DOC-Z", execute=says("+NCCID:89860412101972070120")),
    Command("+QCCID", "DOC-Z", execute=says("+QCCID: 89860412101972070120")),
    Command("+NRB", "DOC-Z", execute=restart_neul),
    Command("+QRST", "DOC-Z", write=row(restart_rdy, Int("mode", 1, 1))),
    Command("+CFUN", "27.007 7.2", write=row(radio_on, Int("fun", 0, 1))),
    Command("+CGATT", "27.007 10.1", read=show_attach),
    Command("+CEREG", "27.007 10.1", read=says("+CEREG: 0,1")),
    Command("+SEND", "DOC-Z", write=row(send, Int("length", 1, 1024))),
    Command("+PING", "DOC-Z", execute=lambda board: Later(("+PING: started",))),
)
ERRORS = ErrorTable({}, bad_parameter=50, not_supported=4, aborted=52)
NEUL_BOARD = ("Neul", "OK")
RDY_BOARD = ("RDY",)


def carry(now: float, host: Driver | StartupRun[Any], board: Board, chunks: Chunks) -> None:
    """Let the bytes flow until both ends are quiet."""
    while True:
        to_board, to_host = host.bytes_to_send(), board.session.bytes_to_send()
        if not to_board and not to_host:
            return
        for chunk in chunks(to_board):
            board.handle_bytes(now, chunk)
        for chunk in chunks(to_host):
            host.handle_bytes(now, chunk)


def play(run: StartupRun[Any], board: Board, chunks: Chunks, until: float = 1000.0) -> float:
    """Virtual time: from deadline to deadline until the script has ended. Returns how long it took."""
    now = 0.0
    run.start(now)
    while True:
        carry(now, run, board, chunks)
        if run.done:
            return now
        times = [deadline.at for deadline in (soonest(run.next_deadline(), board.session.next_deadline()),) if deadline]
        now = min([*times, *([board.boot_at] if board.boot_at is not None else [])])
        assert now < until, run.next_deadline()
        board.handle_timer(now)
        run.handle_timer(now)
