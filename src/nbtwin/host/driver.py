"""The customer's end of an AT line: one command at a time, answers and URCs told apart, data mode, boot banners; and,
for whoever has the line to itself, what keeps both ends in step: waking a module, and waiting out a late answer.

Talks to a real or a virtual module alike: it knows bytes and V.250, no model, no serial port and no clock. What a model
says is handed in (`dialect`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from nbtwin.engine import Deadline, Reason, Seconds, soonest
from nbtwin.host.dialect import LISTS_COMMANDS, RESTARTS, SETS_ECHO, UNNAMED, HostDialect, LineKind, times_asked, waited

PATIENCE: Seconds = 2.0
"""How long to wait when nothing else is said: the documents' longest maximum response time (DOC-E 3.3)."""

_FINAL = ("OK", "ERROR", "REBOOTING")  # REBOOTING: AT+NRB has no OK (D21)
_CME = "+CME ERROR:"
_CAUSE = "REBOOT_CAUSE_"  # DOC-E chapter 7
_LONGEST_LINE = 8192
_ESCAPE = b"\x1b"
_PROBE = "AT"
_MOST_RESENT = 2


class HostReason(Reason):
    """What a host waits for."""

    ANSWER = "host-answer"
    PAUSE = "host-pause"
    BOOT_BANNER = "host-boot-banner"
    QUIET = "host-quiet"


@dataclass(frozen=True, slots=True)
class Recovery:
    """How a host that has the line to itself keeps in step with the module (D143)."""

    asleep_after: Seconds | None = 10.0
    """Of silence: the module may sleep, and loses what wakes it. AT is sent first, until it answers. None: never."""
    probes: int = 10
    """How often AT is sent, and the seconds until the next."""
    probe_every: Seconds = 1.0
    silence: Seconds = 10.0
    """A module that echoes (V.250 6.2.4: each character, at once), and has not even done that by then, does not
    answer. Assumed."""
    quiet: Seconds = 0.5
    """How long nothing more is answered before both ends count as in step."""


def is_final(line: str) -> bool:
    """A final result code (V.250 5.7.1, 27.007 9.1, D21)."""
    return line in _FINAL or line.startswith(_CME)


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
    limit: Seconds = field(default=0.0, compare=False)  # what its document allows; 0: unknown
    sent: bool = field(default=True, compare=False)  # False: it did not even go out, the module could not be woken
    strangers: tuple[str, ...] = field(default=(), compare=False)  # what somebody else said to the module meanwhile

    @property
    def ok(self) -> bool:
        return is_success(self.final)

    @property
    def err(self) -> int | None:
        """The <err> of +CME ERROR under AT+CMEE=1."""
        return error_number(self.final)

    @property
    def late(self) -> bool:
        """Whether it took longer than its document allows."""
        return 0.0 < self.limit < self.took

    def value(self, name: str) -> str | None:
        """What stands behind `name:` in the first such line."""
        return value_in(self.lines, name)


class UrcReceived(msgspec.Struct, frozen=True):
    """A line that nobody asked for."""

    text: str


class ModuleStarted(msgspec.Struct, frozen=True):
    """A boot banner came; ``cause`` is the line before it, where the family prints one (DOC-E chapter 7)."""

    banner: str  # "Neul" or "RDY"
    cause: str | None = None


class AnswerCameLate(msgspec.Struct, frozen=True):
    """To a command that had been given up."""

    command: str
    lines: tuple[str, ...]
    final: str


class StrangerHeard(msgspec.Struct, frozen=True):
    """The echo of a command that this host has not sent: somebody else speaks to the module."""

    line: str


class NoiseHeard(msgspec.Struct, frozen=True):
    """A line that no module says: of a start, or of another speed."""

    text: str


HostEvent: TypeAlias = AnswerReceived | UrcReceived | ModuleStarted | AnswerCameLate | StrangerHeard | NoiseHeard


@dataclass(slots=True)
class _Order:
    """A command on its way."""

    line: str
    data: bytes | None
    timeout: Seconds
    number: int = 0
    limit: Seconds = 0.0
    probe: bool = False
    sent_at: Seconds = 0.0
    echoed: bool = False
    echo_left: str = ""
    swallowed: bool = False  # the echo shows that its beginning was lost
    prompted: bool = False
    resent: int = 0
    lines: list[str] = field(default_factory=list)
    unsure: list[int] = field(default_factory=list)  # of `lines`: what may be a URC
    strangers: list[str] = field(default_factory=list)


class Driver:
    """Sends command lines and collects what comes back. Commands queue up and go out one by one.

    Without ``recovery`` it says nothing but what it is told to, so that it can read what others say, too.
    """

    __slots__ = (
        "_buffer",
        "_cause",
        "_doubtful",
        "_events",
        "_ghost",
        "_ghost_final",
        "_heard_at",
        "_heard_since",
        "_held_until",
        "_neul",
        "_number",
        "_open",
        "_out",
        "_probes",
        "_quiet_until",
        "_skip",
        "_waiting",
        "dialect",
        "echoes",
        "recovery",
    )

    def __init__(self, dialect: HostDialect = UNNAMED, recovery: Recovery | None = None) -> None:
        self.dialect = dialect
        """Of the module; may be set when it is known better, for the commands from then on."""
        self.recovery = recovery
        self._number = 0
        self._out = bytearray()
        self._buffer = b""
        self._skip = b""  # the echo of the data that is still to come
        self._events: list[HostEvent] = []
        self._waiting: deque[_Order] = deque()
        self._open: _Order | None = None
        self._cause: str | None = None
        self._neul = False  # Neul has come, its OK has not
        self._ghost: _Order | None = None  # was given up; its answer may come yet
        self._ghost_final = ""  # may be its final result code, or that of the AT behind it
        self._doubtful = False  # whether what is answered next answers what is sent next
        self._probes = 0  # since both ends were in step
        self._quiet_until: Seconds | None = None
        self._heard_since = False  # the command was sent, be it at the same instant
        self._held_until: Seconds | None = None  # it restarts
        self._heard_at: Seconds | None = None
        self.echoes = False
        """Whether it has echoed what was sent last."""

    @property
    def busy(self) -> bool:
        return self._open is not None

    # Inputs

    def send(self, now: Seconds, line: str, *, data: bytes | None = None, timeout: Seconds | None = None) -> int:
        """Send a command line (without <CR>) and, when the module prompts, ``data``. `AnswerReceived` follows, with the
        number that is returned. ``timeout``: None for what the document allows, and a margin."""
        self._number += 1
        limit = self.dialect.limit_of(self.dialect.asked(line)) if self.dialect.index is not None else 0.0
        if timeout is None:
            timeout = waited(limit) if limit else PATIENCE
        self._waiting.append(_Order(line, data, timeout, self._number, limit))
        self._start_next(now)
        return self._number

    def handle_bytes(self, now: Seconds, data: bytes) -> None:
        self._heard_at, self._heard_since = now, True
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
        if deadline is None or now < deadline.at:
            return
        if self._open is not None:
            self._give_up(now, self._open)
        elif deadline.reason is HostReason.BOOT_BANNER:
            self._held_until, self._doubtful = None, True
        elif deadline.reason is HostReason.QUIET:
            self._in_step()
        self._start_next(now)

    def may_sleep(self, now: Seconds) -> bool:
        """Whether the module has been silent for so long that it may, or has not been heard at all."""
        after = self.recovery.asleep_after if self.recovery is not None else None
        return after is not None and (self._heard_at is None or now - self._heard_at > after)

    def doubt(self) -> None:
        """Something was written past it: AT goes out before the next command, until the line is quiet behind it."""
        self._doubtful = self.recovery is not None

    # Outputs

    def bytes_to_send(self) -> bytes:
        data = bytes(self._out)
        self._out.clear()
        return data

    def events(self) -> list[HostEvent]:
        events, self._events = self._events, []
        return events

    def next_deadline(self) -> Deadline | None:
        order = self._open
        if order is not None:
            wait = order.timeout
            if self.recovery is not None and self.echoes and not self._heard_since:
                wait = min(wait, self.recovery.silence)
            return Deadline(order.sent_at + wait, HostReason.ANSWER, order.line)
        if not self._waiting:
            return None
        return soonest(
            None if self._quiet_until is None else Deadline(self._quiet_until, HostReason.QUIET),
            None if self._held_until is None else Deadline(self._held_until, HostReason.BOOT_BANNER),
        )

    # Commands, one by one

    def _start_next(self, now: Seconds) -> None:
        if self._open is not None or not self._waiting:
            return
        if self._quiet_until is not None or self._held_until is not None:
            return
        if self._doubtful or (self._heard_at is not None and self.may_sleep(now)):
            self._probe(now)
        else:
            self._put(now, self._waiting.popleft())

    def _put(self, now: Seconds, order: _Order) -> None:
        self._open = order
        order.sent_at, order.echo_left = now, order.line
        self._heard_since = False
        order.echoed = order.swallowed = order.prompted = False
        order.lines.clear()
        order.unsure.clear()
        self._out += order.line.encode("utf-8", "surrogateescape") + b"\r"

    def _probe(self, now: Seconds) -> None:
        """AT, until it is answered: it wakes a sleeping module, and ends half a line and data mode."""
        assert self.recovery is not None
        self._probes += 1
        if self._ghost is not None and self._ghost.prompted:
            self._out += _ESCAPE
        self._put(now, _Order(_PROBE, None, self.recovery.probe_every, probe=True))

    def _give_up(self, now: Seconds, order: _Order) -> None:
        self._skip = b""
        if order.probe and self._ghost_final:
            self._open, self._ghost_final = None, ""  # it was AT's own: the other is not answered any more
            self._forget_ghost()
            self._be_quiet(now)
        elif order.probe:
            self._open = None
            self._probe_failed(now)
        elif order.swallowed and order.resent < _MOST_RESENT and self.recovery is not None:
            self._open, self._doubtful = None, True
            self._again(order)
        else:
            if self.recovery is not None:
                self._ghost, self._doubtful = order, True
            self._close(now, "")

    def _again(self, order: _Order) -> None:
        """The module has not got it: its echo lacks the beginning, and a line without AT is no command."""
        order.resent += 1
        self._waiting.appendleft(order)

    def _probe_failed(self, now: Seconds) -> None:
        assert self.recovery is not None
        if self._probes < self.recovery.probes:
            self._probe(now)
            return
        self._probes, self._doubtful = 0, True
        if self._waiting:
            order = self._waiting.popleft()
            took = self.recovery.probes * self.recovery.probe_every
            self._events.append(AnswerReceived(order.line, (), "", took, order.number, order.limit, sent=False))

    def _in_step(self) -> None:
        self._forget_ghost()
        self._quiet_until, self._doubtful, self._probes = None, False, 0

    def _forget_ghost(self) -> None:
        """What it said that may be a URC was one."""
        ghost, self._ghost, self._ghost_final = self._ghost, None, ""
        if ghost is not None:
            self._resolve(ghost, "")

    def _close(self, now: Seconds, final: str) -> None:
        order, self._open = self._open, None
        if order is None:
            return
        self._skip = b""
        if is_success(final) and (not order.echoed or SETS_ECHO.match(order.line)):
            self.echoes = False
        if order is not self._ghost:
            self._resolve(order, final)
        lines = tuple(line for position, line in enumerate(order.lines) if position not in order.unsure)
        self._events.append(
            AnswerReceived(
                order.line, lines, final, now - order.sent_at, order.number, order.limit,
                strangers=tuple(order.strangers),
            )
        )  # fmt: skip
        if self.recovery is not None and is_success(final) and RESTARTS.fullmatch(order.line):
            self._held_until = now + self.dialect.boot_limit
        self._start_next(now)

    def _resolve(self, order: _Order, final: str) -> None:
        """Of the lines that may be either, the last ones before OK are the answer, the others are URCs (D142)."""
        if not order.unsure:
            return
        left: dict[str, int] = {}
        urcs = set(order.unsure)
        for position in reversed(order.unsure):
            name = order.lines[position].partition(":")[0]
            if name not in left:
                left[name] = times_asked(order.line, name) if is_success(final) or ";" in order.line else 0
            if left[name] > 0:
                urcs.remove(position)
                left[name] -= 1
        self._events += [UrcReceived(order.lines[position]) for position in sorted(urcs)]
        order.lines = [line for position, line in enumerate(order.lines) if position not in urcs]
        order.unsure = []

    # Lines

    def _handle_line(self, now: Seconds, line: str) -> None:
        if not line.strip(" ") or self._is_boot(now, line):
            return
        order = self._open
        if order is not None and self._is_echo(order, line):
            return
        if is_final(line):
            self._handle_final(now, line)
        elif self.recovery is not None and is_noise(line) and not self.dialect.is_urc(line):
            self._events.append(NoiseHeard(line))
        elif order is None or order.probe:
            self._handle_unasked(line)
        else:
            self._handle_asked(order, line)

    def _handle_final(self, now: Seconds, final: str) -> None:
        order = self._open
        if order is None:
            self._handle_late(now, final)  # to a command that was given up
        elif order.probe and self._ghost is not None and not self._ghost_final:
            self._ghost_final, order.sent_at = final, now  # it is answered in turn: AT's own comes behind it
        elif order.probe:
            self._open = None
            self._end_ghost(self._ghost_final)
            if not is_success(final):
                self._probe_failed(now)
            elif self._ghost is None and self._probes == 1 and not self._doubtful:
                self._in_step()
            else:
                self._be_quiet(now)
            self._start_next(now)
        elif order.swallowed and not is_success(final) and order.resent < _MOST_RESENT:
            self._open = None
            self._again(order)
            self._start_next(now)
        else:
            self._close(now, final)

    def _handle_late(self, now: Seconds, final: str) -> None:
        known = self._end_ghost(final)
        if self._quiet_until is not None:
            self._be_quiet(now)
        elif known:
            self._in_step()

    def _end_ghost(self, final: str) -> bool:
        """What was given up has been answered after all; whether there was anything."""
        ghost, self._ghost, self._ghost_final = self._ghost, None, ""
        if ghost is None:
            return False
        self._resolve(ghost, final)
        self._events.append(AnswerCameLate(ghost.line, tuple(ghost.lines), final))
        return not ghost.swallowed

    def _be_quiet(self, now: Seconds) -> None:
        assert self.recovery is not None
        self._quiet_until = now + self.recovery.quiet

    def _handle_unasked(self, line: str) -> None:
        ghost = self._ghost
        kind = LineKind.ANSWER if ghost is None else self.dialect.kind_of(line, ghost.line)
        if self.recovery is None or (self.dialect.is_urc(line) and kind is not LineKind.EITHER):
            self._events.append(UrcReceived(line))
        elif ghost is not None:
            if line != ghost.line:
                if kind is LineKind.EITHER:
                    ghost.unsure.append(len(ghost.lines))
                ghost.lines.append(line)
        elif self._doubtful or self._probes or self._quiet_until is not None:
            pass  # the rest of something that was given up
        elif is_command(line):
            self._events.append(StrangerHeard(line))
        elif self._held_until is not None:
            self._events.append(NoiseHeard(line))  # of the start
        else:
            self._events.append(UrcReceived(line))

    def _handle_asked(self, order: _Order, line: str) -> None:
        kind = self.dialect.kind_of(line, order.line)
        if kind is LineKind.EITHER and order.echo_left not in ("", order.line):
            kind = LineKind.URC  # the answer comes behind the echo, which is not over yet
        if kind is LineKind.URC:
            self._events.append(UrcReceived(line))
        elif self.recovery is not None and is_command(line) and LISTS_COMMANDS not in order.line.upper():
            order.strangers.append(line)
            self._events.append(StrangerHeard(line))
        else:
            if kind is LineKind.EITHER:
                order.unsure.append(len(order.lines))
            order.lines.append(line)

    def _is_echo(self, order: _Order, line: str) -> bool:
        """Whole, in pieces (a URC came in between), or without its beginning (a sleeping module lost that)."""
        left = order.echo_left
        if not left or len(order.lines) > len(order.unsure):
            return False
        if line == left:
            order.echoed = self.echoes = True
            order.echo_left = ""
        elif self.recovery is None:
            return False
        elif left.startswith(line):
            order.echo_left = left[len(line) :]
        elif left == order.line and _is_tail(line, left):
            order.swallowed, order.echoed, order.echo_left = True, True, ""
        else:
            return False
        return True

    def _is_boot(self, now: Seconds, line: str) -> bool:
        """The banner, its OK and the cause before it are no answer to anything (DOC-E 2 and 7, D21)."""
        if line.startswith(_CAUSE):
            self._cause = line
        elif line == "Neul":
            self._neul = True
        elif line == "RDY" or (self._neul and line == "OK"):
            banner, cause = "Neul" if self._neul else "RDY", self._cause
            self._cause, self._neul = None, False
            self._started(now, ModuleStarted(banner, cause))
        else:
            return False
        return True

    def _started(self, now: Seconds, started: ModuleStarted) -> None:
        """What was asked before the restart is not answered any more."""
        self._held_until = None
        if self._open is not None and self._open.probe:
            self._open = None
        self._in_step()
        if self._open is not None:
            waiting, self._waiting = self._waiting, deque()
            self._close(now, "")
            self._waiting = waiting
        self._held_until, self.echoes = None, False
        self._events.append(started)
        self._start_next(now)

    # Data mode

    def _answer_prompt(self, order: _Order) -> None:
        """Data, or <ESC> when there is none to give: it leaves data mode (D22)."""
        data = _ESCAPE if order.data is None else order.data
        order.prompted = True
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


def is_command(line: str) -> bool:
    """Whether it begins as a command line does; no module says such a thing but as an echo."""
    return line[:2] in ("AT", "at") and (len(line) == 2 or line[2] in "+&?=" or line[2:3].isalpha())


def is_noise(line: str) -> bool:
    """Whether there are characters in it that no module says: controls, and what is no UTF-8. A line with a name in
    front may quote such bytes."""
    return not line.startswith("+") and any(
        each < " " or each == "\x7f" or "\ud800" <= each <= "\udfff" for each in line
    )


def _is_tail(line: str, whole: str) -> bool:
    return len(line) < len(whole) and whole.endswith(line) and (len(line) >= 4 or any(each in "+=?" for each in line))
