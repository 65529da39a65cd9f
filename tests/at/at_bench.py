"""A board with a small command table, and conversations that run byte by byte, by line and all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nbtwin.at.command import OK, Answer, AtError, ByType, Command, ErrorTable, Later, Lines, Prompt, WithoutResult, row
from nbtwin.at.refusals import AtRefusal, CommandRefused
from nbtwin.at.session import AtSession, CommandAnswered
from nbtwin.at.values import Choice, Digits, Host, Int, Quoted, Rest, Word


class Board:
    """What the handlers act on. ``written`` records every change, so that "nothing changes" can be checked."""

    def __init__(self) -> None:
        self.written: list[Any] = []
        self.session: AtSession


def echo(board: Board, wanted: int) -> Lines:
    board.session.echo = bool(wanted)
    return OK


def cmee(board: Board, mode: int) -> Lines:
    board.session.cmee = mode
    return OK


def note(*labels: str) -> Callable[..., Lines]:
    def handler(board: Board, *values: Any) -> Lines:
        board.written.append((*labels, *values))
        return OK

    return handler


def says(*lines: str) -> Callable[..., Lines]:
    return lambda board, *values: lines


def send(board: Board, mode: int, length: int, data: str | None) -> Answer:
    """DOC-E 3.5 in small: the data on the line (D25) or in data mode."""

    def complete(payload: bytes) -> Lines:
        if payload == b"refuse":
            raise AtError(513)
        board.written.append(("sent", payload))
        return OK

    if length == 0:
        raise AtError(50, CommandRefused(AtRefusal.VALUE_EMPTY, "data"))
    if data is None:
        return Prompt(length, complete)
    if len(data) != length:
        raise AtError(50)
    return complete(data.encode())


def urcs_while_answering(board: Board) -> Lines:
    board.session.urc("+URC: 1")
    board.session.urc("+URC: 2")
    return ("+BUSY: 0",)


def restart_at_once(board: Board) -> Lines:
    board.session.reset()
    return ("never seen",)


def restart_after_answer(board: Board) -> Answer:
    board.session.halt()
    return WithoutResult(("REBOOTING",))


def broken(board: Board) -> Lines:
    raise ZeroDivisionError


COMMANDS = (
    Command("E", "V.250 6.2.4", write=row(echo, Int("value", 0, 1))),
    Command("I", "V.250 6.1.3", execute=says("Quectel", "Revision 1")),
    Command("&F", "V.250 6.1.2", write=row(note("&F"), Int("value", 0, 0)), read=says("&F: 0")),
    Command("+CMEE", "27.007 9.1", write=row(cmee, Choice("n", (0, 1, 2)))),
    Command("+CGMM", "27.007 5.2", execute=says("BC28"), test=OK),
    Command(
        "+SET",
        "DOC-Z 1",
        test=("+SET: (0-9)",),
        read=says("+SET: 1", "+SET: 2"),
        write=row(note("set"), Int("a", 0, 9), Int("b", 0, 9, optional=True, blank=True, default=7)),
    ),
    Command("+HOST", "DOC-Z 2", write=row(note("host"), Host("server", domain=True), Int("port", 0, 65535))),
    Command("+NAME", "DOC-Z 3", write=row(note("name"), Quoted("name", longest=20), Digits("imei", 15, 17))),
    Command(
        "+TYPE",
        "DOC-Z 4",
        write=ByType("type", {0: row(note("mode"), Int("mode", 0, 1)), 6: row(says("6,6"))}),
    ),
    Command(
        "+SEND",
        "DOC-Z 5",
        write=row(send, Int("mode", 0, 1), Int("length", 0, 99), Rest("data", optional=True)),
    ),
    Command("+RAW", "DOC-Z 6", write=row(note("raw"), Rest("data"))),
    Command(
        '+QCFG="LWM2M/DeviceType"',
        "DOC-Z 7",
        read=says('+QCFG: "LWM2M/DeviceType",1'),
        write=row(note("type"), Quoted("type")),
    ),
    Command("+FAIL", "DOC-Z 8", execute=lambda board: _raise(23), read=lambda board: _raise(None)),
    Command("+PING", "DOC-Z 9", execute=lambda board: Later(("+PING: started",))),
    Command("+BUSY", "DOC-Z 10", execute=urcs_while_answering),
    Command("+NRB", "DOC-Z 11", execute=restart_after_answer),
    Command("+NOW", "DOC-Z 12", execute=restart_at_once),
    Command("+BROKEN", "DOC-Z 13", execute=broken),
    Command("+WORD", "DOC-Z 14", write=row(note("word"), Word("word", ("DEL",)))),
    Command("+SILENT", "DOC-Z 15", execute=lambda board: WithoutResult()),
)

ERRORS = ErrorTable(
    {4: "Operation not supported", 23: "Memory failure", 50: "Incorrect parameters", 52: "Command aborted by user"},
    bad_parameter=50,
    not_supported=4,
    aborted=52,
)
PLAIN = ErrorTable({}, None, None, None)


def _raise(err: int | None) -> Lines:
    raise AtError(err)


def new_board(errors: ErrorTable = ERRORS, cmee: int = 0, echo: bool = False) -> Board:
    board = Board()
    board.session = AtSession(board, COMMANDS, errors, cmee=cmee, echo=echo)
    return board


Step = bytes | Callable[[Board], None] | float
"""Bytes from the host, something that happens on the board, or the time it is from here on."""


def by_byte(data: bytes) -> Iterable[bytes]:
    return (data[position : position + 1] for position in range(len(data)))


def by_line(data: bytes) -> Iterable[bytes]:
    return data.splitlines(keepends=True)


def at_once(data: bytes) -> Iterable[bytes]:
    return (data,)


def play(board: Board, steps: Iterable[Step], chunks: Callable[[bytes], Iterable[bytes]]) -> bytes:
    now, out = 0.0, b""
    for step in steps:
        if isinstance(step, bytes):
            for chunk in chunks(step):
                board.session.handle_bytes(now, chunk)
                out += board.session.bytes_to_send()
        elif callable(step):
            step(board)
        else:
            now = step
            board.session.handle_timer(now)
        out += board.session.bytes_to_send()
    return out


class Talk:
    """The result of a conversation that went the same way three times."""

    def __init__(self, out: bytes, board: Board, events: list[CommandAnswered]) -> None:
        self.out, self.board, self.events = out, board, events
        self.written = board.written


def talk(*steps: Step, errors: ErrorTable = ERRORS, cmee: int = 0, echo: bool = False) -> Talk:
    """Run a conversation three ways; it must not matter how the bytes come."""
    results = []
    for chunks in (by_byte, by_line, at_once):
        board = new_board(errors, cmee, echo)
        out = play(board, steps, chunks)
        results.append(Talk(out, board, board.session.events()))
    byte, line, once = results
    assert byte.out == line.out == once.out
    assert byte.events == line.events == once.events
    assert byte.written == line.written == once.written
    return once


def answer(line: str, **options: Any) -> list[str]:
    """The answer to one line, without its <CR><LF>s."""
    out = talk(line.encode() + b"\r", **options).out.decode()
    assert out.startswith("\r\n")
    assert out.endswith("\r\n")
    return out[2:-2].replace("\r\n\r\n", "\r\n").split("\r\n")
