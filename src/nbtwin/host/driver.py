"""The customer's end of an AT line: one command at a time, answers and URCs told apart, data mode, boot banners.

Talks to a real or a virtual module alike: it knows bytes and V.250, no model, no serial port and no clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from nbtwin.engine import Deadline, Reason, Seconds

PATIENCE: Seconds = 2.0
"""How long to wait when nothing else is said: the documents' longest maximum response time (DOC-E 3.3)."""

URCS = (
    "+CEREG:", "+CSCON:", "+CGEV:", "+CFUN:", "+CPIN:", "+NPING:", "+QPING:", "+QLAEVTIND:", "+QLADTLSSTAT:",
    "+QLADATASTATUS:", "+QLAWRITE:", "+QLAREAD:", "REGISTERNOTIFY", "FIRMWARE ",
)  # fmt: skip
"""Beginnings of lines that may come by themselves; an open command of the same name claims its own."""

_FINAL = ("OK", "ERROR", "REBOOTING")  # REBOOTING: AT+NRB has no OK (D21)
_CME = "+CME ERROR:"
_CAUSE = "REBOOT_CAUSE_"  # DOC-E chapter 7
_LONGEST_LINE = 8192
_ESCAPE = b"\x1b"


class HostReason(Reason):
    """What a host waits for."""

    ANSWER = "host-answer"
    PAUSE = "host-pause"
    BOOT_BANNER = "host-boot-banner"


def is_success(final: str) -> bool:
    """Of a final result code. REBOOTING: AT+NRB has no OK (D21)."""
    return final in ("OK", "REBOOTING")


def error_number(final: str) -> int | None:
    """The <err> of +CME ERROR under AT+CMEE=1."""
    text = final.removeprefix(_CME).strip()
    return int(text) if final.startswith(_CME) and text.isdigit() else None


def value_in(lines: Sequence[str], name: str) -> str | None:
    """What stands behind `name:` in the first such line; families differ in the space behind the colon (D1)."""
    found = (line[len(name) + 1 :].strip(" ") for line in lines if line.startswith(f"{name}:"))
    return next(found, None)


@dataclass(frozen=True, slots=True)
class AnswerReceived:
    """A command and its whole answer."""

    command: str
    lines: tuple[str, ...]  # the information text
    final: str  # the final result code as it came; empty: none came, the module is silent, off, or has restarted
    took: Seconds
    number: int = field(default=0, compare=False)  # as `Driver.send` gave it

    @property
    def ok(self) -> bool:
        return is_success(self.final)

    @property
    def err(self) -> int | None:
        """The <err> of +CME ERROR under AT+CMEE=1."""
        return error_number(self.final)

    def value(self, name: str) -> str | None:
        """What stands behind `name:` in the first such line."""
        return value_in(self.lines, name)


@dataclass(frozen=True, slots=True)
class UrcReceived:
    """A line that nobody asked for."""

    text: str


@dataclass(frozen=True, slots=True)
class ModuleStarted:
    """A boot banner came; ``cause`` is the line before it, where the family prints one (DOC-E chapter 7)."""

    banner: str  # "Neul" or "RDY"
    cause: str | None = None


HostEvent: TypeAlias = AnswerReceived | UrcReceived | ModuleStarted


@dataclass(slots=True)
class _Order:
    """A command on its way."""

    line: str
    data: bytes | None
    timeout: Seconds
    number: int = 0
    sent_at: Seconds = 0.0
    echoed: bool = False
    lines: list[str] = field(default_factory=list)


class Driver:
    """Sends command lines and collects what comes back. Commands queue up and go out one by one."""

    __slots__ = ("_buffer", "_cause", "_events", "_neul", "_number", "_open", "_out", "_skip", "_urcs", "_waiting")

    def __init__(self, urcs: Sequence[str] = URCS) -> None:
        self._urcs = tuple(urcs)
        self._number = 0
        self._out = bytearray()
        self._buffer = b""
        self._skip = b""  # the echo of the data that is still to come
        self._events: list[HostEvent] = []
        self._waiting: deque[_Order] = deque()
        self._open: _Order | None = None
        self._cause: str | None = None
        self._neul = False  # Neul has come, its OK has not

    @property
    def busy(self) -> bool:
        return self._open is not None

    # Inputs

    def send(self, now: Seconds, line: str, *, data: bytes | None = None, timeout: Seconds = PATIENCE) -> int:
        """Send a command line (without <CR>) and, when the module prompts, ``data``. `AnswerReceived` follows, with the
        number that is returned."""
        self._number += 1
        self._waiting.append(_Order(line, data, timeout, self._number))
        self._start_next(now)
        return self._number

    def handle_bytes(self, now: Seconds, data: bytes) -> None:
        self._buffer += data
        while self._buffer:
            if self._skip:
                self._skip_data_echo()
                continue
            line, end, rest = self._buffer.partition(b"\n")
            if end:
                self._buffer = rest
                self._handle_line(now, line.strip(b"\r").decode("utf-8", "surrogateescape"))
            elif self._open is not None and line.startswith(b">"):
                self._buffer = line[1:]
                self._answer_prompt(self._open)
            else:
                self._buffer = line[-_LONGEST_LINE:]
                return

    def handle_timer(self, now: Seconds) -> None:
        deadline = self.next_deadline()
        if deadline is not None and now >= deadline.at:
            self._close(now, "")

    # Outputs

    def bytes_to_send(self) -> bytes:
        data = bytes(self._out)
        self._out.clear()
        return data

    def events(self) -> list[HostEvent]:
        events, self._events = self._events, []
        return events

    def next_deadline(self) -> Deadline | None:
        if self._open is None:
            return None
        return Deadline(self._open.sent_at + self._open.timeout, HostReason.ANSWER, self._open.line)

    # Consequences

    def _start_next(self, now: Seconds) -> None:
        if self._open is None and self._waiting:
            self._open = self._waiting.popleft()
            self._open.sent_at = now
            self._out += self._open.line.encode("utf-8", "surrogateescape") + b"\r"

    def _close(self, now: Seconds, final: str) -> None:
        order, self._open = self._open, None
        if order is not None:
            self._skip = b""
            self._events.append(
                AnswerReceived(order.line, tuple(order.lines), final, now - order.sent_at, order.number)
            )
            self._start_next(now)

    def _handle_line(self, now: Seconds, line: str) -> None:
        order = self._open
        if not line.strip(" "):
            return
        if self._is_boot(now, line):
            return
        if order is None:
            if line not in _FINAL and not line.startswith(_CME):  # a late answer to a command that was given up
                self._events.append(UrcReceived(line))
        elif line == order.line and not order.echoed and not order.lines:
            order.echoed = True
        elif line in _FINAL or line.startswith(_CME):
            self._close(now, line)
        elif line.startswith(self._urcs) and not self._belongs_to(order, line):
            self._events.append(UrcReceived(line))
        else:
            order.lines.append(line)

    def _is_boot(self, now: Seconds, line: str) -> bool:
        """The banner, its OK and the cause before it are no answer to anything (DOC-E 2 and 7, D21)."""
        if line.startswith(_CAUSE):
            self._cause = line
        elif line == "Neul":
            self._neul = True
        elif line == "RDY" or (self._neul and line == "OK"):
            self._close(now, "")  # what was asked before the restart is not answered any more
            self._events.append(ModuleStarted("Neul" if self._neul else "RDY", self._cause))
            self._cause, self._neul = None, False
        else:
            return False
        return True

    def _belongs_to(self, order: _Order, line: str) -> bool:
        """Whether an open AT+CEREG? claims `+CEREG: …`."""
        return line.partition(":")[0].upper() in order.line.upper()

    def _answer_prompt(self, order: _Order) -> None:
        """Data, or <ESC> when there is none to give: it leaves data mode (D22)."""
        data = _ESCAPE if order.data is None else order.data
        self._out += data
        if order.echoed:
            self._skip = data

    def _skip_data_echo(self) -> None:
        """Drop what is the data's echo; a module that echoes commands need not echo data."""
        length = min(len(self._skip), len(self._buffer))
        if self._buffer[:length] == self._skip[:length]:
            self._buffer, self._skip = self._buffer[length:], self._skip[length:]
        else:
            self._skip = b""
