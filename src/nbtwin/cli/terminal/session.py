"""What passes between a terminal and a module: lines that wait for the answers before them, and each line that comes,
with what it is. Sans-I/O, over `nbtwin.host.driver`; knows no port, no screen and no clock.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from nbtwin.engine import Seconds
from nbtwin.host.dialect import RESTARTS, UNNAMED, HostDialect, waited
from nbtwin.host.driver import AnswerReceived, Driver, ModuleStarted, UrcReceived, is_final, is_success

ANSWER: Seconds = 30.0
"""How long an answer may take when neither the user nor the document says more."""
NO_COMMAND: Seconds = 1.0
"""And how long a line is waited for that is no command: a module says nothing to it (V.250 5.2.1)."""
RESTART: Seconds = 30.0
"""How long what is still to be sent waits for the banner of a module that was told to restart."""
ECHO: Seconds = 1.0
"""How long after a banner the echo of a line may come that was sent before the banner was read (D176)."""
QUIET: Seconds = 0.3
"""Bytes without an end of line are shown when nothing has followed them for so long."""
_PIECE = re.compile(rb"[^\n]*\n|[^\n]+")
_BOOTING = ("Neul", "REBOOT_CAUSE_")
"""Lines of a start that the driver makes one banner of (DOC-E 2 and 7)."""
_ESCAPE = b"\x1b"


class LineKind(StrEnum):
    """What a line is, for whoever shows or keeps it."""

    SENT = "sent"
    DATA = "data"  # what was given at the prompt of data mode
    ECHO = "echo"
    INFORMATION = "information"
    OK = "ok"
    ERROR = "error"
    URC = "urc"
    STARTED = "started"  # a boot banner, its OK and the cause before it
    PART = "part"  # without its end: a prompt, or what a wrong speed makes


@dataclass(frozen=True, slots=True)
class Order:
    """A line to send. ``data``: for the prompt of data mode; None: the next line is the data."""

    line: str
    data: bytes | None = None
    timeout: Seconds | None = None
    own: bool = False  # asked by the terminal itself

    @property
    def is_command(self) -> bool:
        return self.line.lstrip()[:2].upper() in ("AT", "A/")


@dataclass(frozen=True, slots=True)
class LineSeen:
    """A line that went or came."""

    kind: LineKind
    text: str
    order: Order | None = None  # that it belongs to


@dataclass(frozen=True, slots=True)
class Answered:
    """The end of an order. An empty ``final``: no answer."""

    order: Order
    answer: AnswerReceived
    urcs: tuple[str, ...] = ()  # since it was sent
    restarted: bool = False  # a boot banner came instead

    @property
    def silent(self) -> bool:
        """A line that is no command, and got the silence that is due to it."""
        return not self.answer.final and not self.restarted and not self.order.is_command


@dataclass(frozen=True, slots=True)
class Prompted:
    """The module asks for data."""

    order: Order


SessionEvent: TypeAlias = LineSeen | Answered | Prompted


class Session:
    """One module's."""

    def __init__(self) -> None:
        self._dialect = UNNAMED
        self._driver = Driver(self._dialect)
        self._waiting: deque[Order] = deque()
        self._order: Order | None = None
        self._events: list[SessionEvent] = []
        self._out = bytearray()
        self._part = b""
        self._shown = 0  # bytes of the part that were shown before its end came
        self._quiet: Seconds | None = None
        self._restarted_by: Seconds | None = None
        self._unheard: tuple[Seconds, AnswerReceived] | None = None  # until then it may turn out to have been heard
        self._urcs: list[str] = []
        self._data = b""
        self.in_data = False
        """Between the prompt and the final result code: what is given is data."""
        self._data_given = False

    @property
    def busy(self) -> bool:
        return self._order is not None or self._restarted_by is not None

    @property
    def unanswered(self) -> bool:
        """Whether an answer is still to come, or a line still to go."""
        return self._order is not None or bool(self._waiting)

    @property
    def waiting(self) -> int:
        """Lines that are still to be sent."""
        return len(self._waiting)

    def follow(self, dialect: HostDialect) -> None:
        """What the model at the other end says, and how long it may take: from the next line on."""
        self._dialect = self._driver.dialect = dialect

    # Inputs

    def submit(self, now: Seconds, orders: Iterable[Order]) -> None:
        """Each when the one before is answered."""
        self._waiting.extend(orders)
        self._next(now)

    def give(self, data: bytes) -> None:
        """Data at the prompt."""
        self._send_data(data)

    def write(self, data: bytes) -> None:
        """Bytes as they are, past everything."""
        self._out += data
        self._see(LineKind.DATA, data.decode("utf-8", "backslashreplace"))

    def stop(self, now: Seconds) -> int:
        """Nothing more is sent, and no answer waited for; how many lines were left."""
        left = len(self._waiting)
        self._waiting.clear()
        if self.in_data:
            self._out += _ESCAPE
        self._order, self._restarted_by, self._unheard, self.in_data = None, None, None, False
        self._driver = Driver(self._dialect)
        return left

    def handle_bytes(self, now: Seconds, data: bytes) -> None:
        for piece in _PIECE.findall(data):
            self._take(now, piece)
        self._quiet = now + QUIET if len(self._part) > self._shown else None
        self._next(now)

    def handle_timer(self, now: Seconds) -> None:
        if self._quiet is not None and now >= self._quiet:
            self._show_part()
        if self._restarted_by is not None and now >= self._restarted_by:
            self._restarted_by = None
        if self._unheard is not None and now >= self._unheard[0]:
            _, answer = self._unheard
            self._answered(answer, restarted=True)
        self._driver.handle_timer(now)
        self._take_answers()
        self._next(now)

    # Outputs

    def bytes_to_send(self) -> bytes:
        data = bytes(self._out)
        self._out.clear()
        return data

    def events(self) -> list[SessionEvent]:
        events, self._events = self._events, []
        return events

    def next_deadline(self) -> Seconds | None:
        answer = self._driver.next_deadline()
        unheard = None if self._unheard is None else self._unheard[0]
        times = [self._quiet, self._restarted_by, unheard, None if answer is None else answer.at]
        return min((time for time in times if time is not None), default=None)

    # Consequences

    def _next(self, now: Seconds) -> None:
        if self.in_data and not self._data_given and self._waiting:
            self._send_data(self._waiting.popleft().line.encode("utf-8", "surrogateescape"))
        while self._waiting and not self.busy:
            self._order = order = self._waiting.popleft()
            self._urcs.clear()
            self._see(LineKind.SENT, order.line)
            self._driver.send(now, order.line, data=order.data, timeout=self._patience(order))
            self._out += self._driver.bytes_to_send()
            if RESTARTS.fullmatch(order.line.strip()):
                self._restarted_by = now + RESTART

    def _patience(self, order: Order) -> Seconds:
        if order.timeout is not None:
            return order.timeout
        if not order.is_command:
            return NO_COMMAND
        return max(ANSWER, waited(self._dialect.limit_of(self._dialect.asked(order.line))))

    def _send_data(self, data: bytes) -> None:
        self._out += data
        self._data += data
        self._data_given = True
        self._see(LineKind.DATA, data.decode("utf-8", "backslashreplace"))

    def _take(self, now: Seconds, piece: bytes) -> None:
        whole = piece.endswith(b"\n")
        order = self._order
        prompts = order is not None and not self._part and piece.startswith(b">") and not whole
        if prompts and order is not None and order.data is None:
            if not self.in_data:
                self.in_data, self._data_given = True, False
                self._events.append(Prompted(order))
            return
        if self._unheard is not None and order is not None and piece.strip().decode("utf-8", "replace") == order.line:
            self._unheard = None
            self._driver.send(now, order.line, data=order.data, timeout=self._patience(order))
            self._driver.bytes_to_send()  # it has gone already
        self._driver.handle_bytes(now, piece)
        if prompts and (data := self._driver.bytes_to_send()):
            self._send_data(data)
            return
        self._part += piece
        if whole:
            whole_line, self._part, begun, self._shown = self._part, b"", self._shown, 0
            self._classify(now, whole_line.strip(b"\r\n"), whole_line[begun:].strip(b"\r\n"))

    def _classify(self, now: Seconds, line: bytes, unshown: bytes) -> None:
        """By what the driver makes of it."""
        order, events = self._order, self._driver.events()
        text, rest = line.decode("utf-8", "surrogateescape"), unshown.decode("utf-8", "backslashreplace")
        for event in events:
            match event:
                case UrcReceived():
                    self._urcs.append(event.text)
                    if event.text == text:
                        self._see(LineKind.URC, rest)
                case AnswerReceived():
                    if event.final:
                        self._see(LineKind.OK if event.ok else LineKind.ERROR, rest)
                        self._answered(event)
                    else:
                        self._unheard = (now + ECHO, event)
                case ModuleStarted():
                    self._restarted_by = None
                    self._see(LineKind.STARTED, rest)
        if events or not rest.strip():
            return
        if order is None or self._unheard is not None or text.startswith(_BOOTING):
            is_error = is_final(text) and not is_success(text)
            self._see(LineKind.ERROR if is_error else LineKind.STARTED, rest)
        elif text == order.line:
            self._see(LineKind.ECHO, rest)
        elif not (self._data and text.encode("utf-8", "surrogateescape") == self._data):
            self._see(LineKind.INFORMATION, rest)

    def _take_answers(self) -> None:
        """That did not come."""
        for event in self._driver.events():
            if isinstance(event, AnswerReceived):
                self._answered(event)

    def _answered(self, answer: AnswerReceived, restarted: bool = False) -> None:
        order, self._order, self._unheard = self._order, None, None
        self.in_data, self._data = False, b""
        if order is not None:
            if not is_success(answer.final):
                self._restarted_by = None
            self._events.append(Answered(order, answer, tuple(self._urcs), restarted))

    def _show_part(self) -> None:
        self._quiet = None
        text = self._part[self._shown :].strip()
        self._shown = len(self._part)
        if text:
            self._see(LineKind.PART, text.decode("utf-8", "backslashreplace"))

    def _see(self, kind: LineKind, text: str) -> None:
        self._events.append(LineSeen(kind, text, self._order))
