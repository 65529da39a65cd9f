"""One host on one serial line: finds the command, frames the answer, holds URCs back.

Knows rows, error tables and the order of what is written. Knows no module: handlers get it as their first
argument. Owns no clock: every input brings ``now``. Rules: V.250 5.2.4, 5.7, DOC-E 2.1-2.3, D22, D60-D62.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from nbtwin.at.command import (
    Answer,
    AtError,
    ByType,
    Command,
    ErrorTable,
    Form,
    Later,
    Prompt,
    WithoutResult,
)
from nbtwin.at.grammar import Call, CommandIndex, body_start, index_of, next_call, no_such_form
from nbtwin.at.line import LONGEST_HELD, LONGEST_SHOWN, REPEAT, LineReader
from nbtwin.at.refusals import AtRefusal, BadParameter, CommandRefused
from nbtwin.at.session_events import AtReason as AtReason
from nbtwin.at.session_events import CommandAnswered as CommandAnswered
from nbtwin.at.session_events import LineSettings as LineSettings
from nbtwin.engine import Deadline, Seconds

__all__ = ["SILENCE", "AtSession", "CommandAnswered"]

SILENCE: Seconds = 30
"""Ends data mode (D22), and a command line whose <CR> never comes (V.250 5.2.1: not properly terminated)."""
PROMPT = b"\r\n>"
"""The data follows at once: no space, no line end (DOC-E 3.5 and 6)."""

NUMBERS = {"OK": "0", "ERROR": "4"}
"""Result codes under ATV0 (V.250 5.7.1); those with a + have no number."""

_CTRL_Z, _ESCAPE = b"\x1a", b"\x1b"
_MOST_EVENTS = 10_000  # that nobody has drained
_MOST_URCS = 1_000  # that wait for one answer


class Held:
    """The answer of a command, while what the command has saved is on its way to the disk."""

    __slots__ = ("answer",)

    def __init__(self) -> None:
        self.answer: tuple[tuple[str, ...], AtError | None] | None = None


@lru_cache(maxsize=64)
def line_settings(echo: bool, cmee: int) -> LineSettings:
    """As a family delivers them: one for all of its modules."""
    return LineSettings(echo, cmee)


class AtSession:
    """The AT command interpreter of one module."""

    __slots__ = (
        "_answer",
        "_call",
        "_default",
        "_epoch",
        "_errors",
        "_halted",
        "_held",
        "_index",
        "_later",
        "_line",
        "_module",
        "_out",
        "_payload",
        "_prompt",
        "_reader",
        "_received_at",
        "_repeated",
        "_urcs",
        "auto_answer",
        "busy",
        "cmee",
        "done",
        "happened",
        "now",
        "quiet",
        "verbose",
    )  # fmt: skip

    def __init__(
        self,
        module: Any,
        commands: Sequence[Command] | CommandIndex,
        errors: ErrorTable,
        *,
        cmee: int = 0,
        echo: bool = True,
    ) -> None:
        self._module = module
        self._index = index_of(commands)
        self._errors = errors
        self._default = line_settings(echo, cmee)
        self._out = bytearray()
        self._reader = LineReader(self._out, echo)
        self.happened: list[CommandAnswered] = []  # and was not taken yet
        self._urcs: list[str] = []
        self._epoch = 0  # restarts: a handler may bring one about
        self.now: Seconds = 0.0
        self._received_at: Seconds = 0.0
        self.done = 0
        """Command lines that ended with OK."""
        self._repeated = "AT"  # the body that A/ executes again (V.250 5.2.4)
        self.settings = self._default
        self._forget()

    def _forget(self) -> None:
        self._halted = False
        self.busy = False
        """From the <CR> to the final result code, data mode included: no moment for deep sleep. To be read only."""
        self._later = False
        self._held: Held | None = None
        self._prompt: Prompt | None = None
        self._payload = b""
        self._line = ""
        self._answer: tuple[str, ...] = ()
        self._call: Call | None = None  # the command that is being executed

    # What the commands change

    @property
    def echo(self) -> bool:
        """ATE. Takes effect for the bytes after the command line."""
        return self._reader.echo

    @echo.setter
    def echo(self, wanted: bool) -> None:
        self._reader.echo = wanted

    @property
    def settings(self) -> LineSettings:
        """All that commands set of the line."""
        return LineSettings(self.echo, self.cmee, self.quiet, self.verbose, self.auto_answer)

    @settings.setter
    def settings(self, wanted: LineSettings) -> None:
        self.echo, self.cmee = wanted.echo, wanted.cmee
        self.quiet = wanted.quiet  # ATQ1: no result codes, URCs neither (V.250 6.2.5)
        self.verbose = wanted.verbose  # ATV1 (V.250 6.2.6)
        self.auto_answer = wanted.auto_answer  # ATS0

    # Inputs

    def handle_bytes(self, now: Seconds, data: bytes) -> None:
        """Bytes from the host, in any chunking."""
        if now - self._received_at >= SILENCE:
            self.handle_timer(now)
            self._drop_forgotten_line(now)
        self.now = self._received_at = now
        if not self._halted:
            self._reader.receive(data)
            self._advance()

    def handle_timer(self, now: Seconds) -> None:
        deadline = self.next_deadline()
        if deadline is not None and now >= deadline.at:
            self.now = now
            self._abort(CommandRefused(AtRefusal.DATA_MODE_SILENT, number=int(SILENCE)))
            self._advance()

    def handle_host_gone(self, now: Seconds) -> None:
        """The line has dropped: half a line and data mode end with the host that began them (D140)."""
        self.now = now
        self._reader.clear()
        if self._prompt is not None:
            self._abort(CommandRefused(AtRefusal.DATA_HOST_GONE))
            self._advance()

    def next_deadline(self) -> Deadline | None:
        if self._prompt is None:
            return None
        return Deadline(
            self._received_at + SILENCE, AtReason.DATA_MODE, number=self._prompt.length, count=len(self._payload)
        )

    def urc(self, text: str) -> None:
        """An unsolicited result code. It waits while a command is being answered. Bytes that are not UTF-8 may be in
        it as surrogate escapes and go out as they came."""
        if not self.busy:
            self._write_code(text)
        elif len(self._urcs) < _MOST_URCS:
            self._urcs.append(text)

    def raw(self, text: str) -> None:
        """The boot banner and the like: written as it is, now."""
        self._out += text.encode("utf-8", "surrogateescape")

    def finish(self, lines: Sequence[str] = (), error: AtError | None = None, *, now: Seconds | None = None) -> None:
        """End a ``Later``. Does nothing when none is open: a restart may have come between."""
        if not self._later:
            return
        if self._held is not None:
            self._held.answer = tuple(lines), error
            return
        if now is not None:
            self.now = self._received_at = now
        self._later = False
        self._inform(tuple(lines))
        if error is not None:
            self._fail(error)
        else:
            self._go_on()
        self._advance()

    def hold(self) -> None:
        """What the command that is being executed has saved is being written: nothing is answered before that."""
        if self.busy and self._held is None:
            self._held = Held()

    @property
    def holding(self) -> bool:
        """An answer waits for `handle_written`."""
        return self._held is not None and self._held.answer is not None

    def handle_written(self, now: Seconds, error: AtError | None = None) -> None:
        """It survives a power cut now, or cannot be written: ``error`` is the answer then."""
        held, self._held = self._held, None
        if held is None:
            return
        if error is not None:
            self.finish((), error, now=now)
        elif held.answer is not None:
            self.finish(*held.answer, now=now)

    def reset(self, settings: LineSettings | None = None) -> None:
        """The module restarts: half a line, data mode, waiting URCs and the rest of a chain are gone. ``settings``:
        what AT&W has kept."""
        self._epoch += 1
        if self.busy:
            self._report(CommandRefused(AtRefusal.MODULE_RESTARTED))
        self._forget()
        self._reader.clear()
        self.settings, self._repeated = settings or self._default, "AT"
        self._urcs.clear()

    def halt(self) -> None:
        """Lose whatever the host sends after this command line, until ``reset``: the module is about to restart."""
        self._halted = True

    # Outputs

    def bytes_to_send(self) -> bytes:
        if not self._out:
            return b""
        data = bytes(self._out)
        self._out.clear()
        return data

    def events(self) -> list[CommandAnswered]:
        """Take what has happened, oldest first."""
        events, self.happened = self.happened, []
        return events

    # Lines

    def _advance(self) -> None:
        """Consume what has come, as far as it can be consumed."""
        while not self._later and not self._halted:
            if self._prompt is not None:
                if not self._take_data(self._prompt):
                    return
            else:
                line = self._reader.next_line()
                if line is None:
                    return
                if line.strip(" ") or self._reader.fault:
                    self._begin(line)
        if self._halted:
            self._reader.clear()
        else:
            self._reader.hold()

    def _drop_forgotten_line(self, now: Seconds) -> None:
        if self._reader.has_half_line and now - self._received_at >= SILENCE and not self.busy:
            line = self._reader.drop_half_line()
            why = CommandRefused(AtRefusal.LINE_UNTERMINATED, number=int(SILENCE))
            self._record(CommandAnswered(line, (), why))

    def _begin(self, line: str) -> None:
        if line == REPEAT:
            line = self._repeated
        self._line, self._answer, self.busy = line, (), True
        try:
            if self._reader.fault is not None:
                raise AtError(None, self._reader.fault)
            start = body_start(line)
            self._repeated = line
        except AtError as error:
            self._fail(error)
        else:
            self._execute(start)

    def _go_on(self) -> None:
        """The command that was being executed has been answered: the rest of its line."""
        assert self._call is not None
        self._execute(self._call.end)

    def _execute(self, start: int) -> None:
        """Execute the rest of the line, command by command; the first failure ends it (V.250 5.7)."""
        while True:
            try:
                call = next_call(self._index, self._line, start)
            except AtError as error:
                self._call = None
                return self._fail(error)
            except BadParameter as error:
                self._call = None
                return self._fail(AtError(self._errors.bad_parameter, error.why))
            if call is None:
                return self._result("OK")
            self._call, start = call, call.end
            answer = self._answer_of(self._perform, call)
            if answer is None or not self._take_answer(answer):
                return

    def _answer_of(self, ask: Callable[[Any], Answer], argument: Any) -> Answer | None:
        """What a handler answers; None when it failed, which is written, or restarted the module."""
        epoch = self._epoch
        try:
            answer = ask(argument)
        except AtError as error:
            if epoch == self._epoch:
                self._fail(error)
        except BadParameter as error:
            self._fail(AtError(self._errors.bad_parameter, error.why))
        except Exception:
            self.reset()  # a defect of a handler must not leave the line locked
            raise
        else:
            if epoch == self._epoch:
                return answer
        return None

    def _perform(self, call: Call) -> Answer:
        command, module = call.command, self._module
        for gate in command.gates:
            gate.check(module, command, call.form, call.values)
        if call.form is Form.WRITE and command.write is not None:
            if isinstance(command.write, ByType):
                row, values = command.write.bind(list(call.values))
                return row.handler(module, *values)
            return command.write.handler(module, *command.write.bind(list(call.values)))
        if call.form is Form.TEST and command.test is not None:
            return command.test(module) if callable(command.test) else command.test
        if call.form is Form.READ and command.read is not None and not call.junk:
            return command.read(module)
        if call.form is Form.EXECUTE and command.execute is not None:
            return command.execute(module)
        raise AtError(self._errors.not_supported, no_such_form(call))

    def _take_answer(self, answer: Answer) -> bool:
        """Write what a handler answered. True when the line goes on."""
        if isinstance(answer, tuple):
            if self._held is not None:
                self._held.answer, self._later = (answer, None), True
                return False
            self._inform(answer)
            return True
        if isinstance(answer, Prompt):
            self._prompt, self._payload, self._received_at = answer, b"", self.now
            self._out += PROMPT
            return False
        self._inform(answer.lines)
        if isinstance(answer, Later):
            self._later = True
        else:
            assert isinstance(answer, WithoutResult)
            self._finish_line(None)
        return False

    # Data mode

    def _take_data(self, prompt: Prompt) -> bool:
        """Take bytes for the open prompt. False when more must come first."""
        if prompt.ends:
            return self._take_text(prompt)
        data = self._reader.take(prompt.length - len(self._payload) if self._payload else 1)
        if not data:
            return False
        if data == _ESCAPE and not self._payload:
            self._cancel(prompt)
            return True
        self._payload += data
        if len(self._payload) < prompt.length:
            return True
        payload, self._prompt, self._payload = self._payload, None, b""
        self._complete(prompt, payload)
        return True

    def _take_text(self, prompt: Prompt) -> bool:
        """The same up to Ctrl-Z or <ESC> (D128)."""
        data = self._reader.take(LONGEST_HELD, _CTRL_Z + _ESCAPE)
        if not data:
            return False
        end = data[-1:]
        if end == _ESCAPE:
            self._cancel(prompt)
            return True
        self._payload = (self._payload + data.removesuffix(_CTRL_Z))[: prompt.length + 1]
        if end == _CTRL_Z:
            payload, self._prompt, self._payload = self._payload, None, b""
            self._complete(prompt, payload)
        return True

    def _cancel(self, prompt: Prompt) -> None:
        if prompt.cancelled is None:
            return self._abort(CommandRefused(AtRefusal.DATA_ESCAPED))
        self._prompt, self._payload, cancelled = None, b"", prompt.cancelled
        answer = self._answer_of(lambda _: cancelled(), None)
        if answer is not None and self._take_answer(answer):
            self._go_on()

    def _complete(self, prompt: Prompt, payload: bytes) -> None:
        answer = self._answer_of(prompt.complete, payload)
        if answer is not None and self._take_answer(answer):
            self._go_on()

    def _abort(self, why: CommandRefused) -> None:
        self._prompt, self._payload = None, b""
        self._fail(AtError(self._errors.aborted, why))

    # Answers

    def _write(self, *lines: str) -> None:
        """Information text: under ATV0 without the line end before it (V.250 6.2.6)."""
        text = ("\r\n" if self.verbose else "") + "\r\n".join(lines) + "\r\n"
        self._out += text.encode("utf-8", "surrogateescape")

    def _write_code(self, code: str) -> None:
        """A result code, asked for or not, as ATQ and ATV have it."""
        if self.verbose and not self.quiet:
            self._write(code)
        elif not self.quiet:
            self._out += f"{NUMBERS.get(code, code)}\r".encode("utf-8", "surrogateescape")

    def _inform(self, lines: tuple[str, ...]) -> None:
        """Information text: lines of one command without a blank line between them (DOC-E 2.3)."""
        if lines:
            self._answer += lines
            self._write(*lines)

    def _result(self, code: str, why: CommandRefused | None = None) -> None:
        self._answer += (code,)
        self.done += code == "OK"
        self._write_code(code)
        self._finish_line(why)

    def _fail(self, error: AtError) -> None:
        why = error.why
        if why.refusal == AtRefusal.ERROR and error.err is not None:
            why = msgspec.structs.replace(why, text=self._errors.texts.get(error.err, ""))
        self._result(result_code(self._errors, error.err, self.cmee), why)

    def _finish_line(self, why: CommandRefused | None) -> None:
        """After the final result code the host may speak again, and what waited goes out."""
        self._report(why)
        self.busy, self._held = False, None
        self._line, self._answer, self._call = "", (), None
        urcs, self._urcs = self._urcs, []
        for text in urcs:
            self._write_code(text)

    def _report(self, why: CommandRefused | None) -> None:
        line, failed = self._line[:LONGEST_SHOWN], self._call if why is not None else None
        if failed is None:
            self._record(CommandAnswered(line, self._answer, why))
        else:
            self._record(CommandAnswered(line, self._answer, why, failed.command.name, failed.command.source))

    def _record(self, event: CommandAnswered) -> None:
        if len(self.happened) < _MOST_EVENTS:
            self.happened.append(event)


def result_code(errors: ErrorTable, err: int | None, cmee: int) -> str:
    """The final result code of a failure under AT+CMEE=<cmee> (DOC-E 5 note, DOC-D 4)."""
    if err is None or cmee == 0:
        return "ERROR"
    if cmee == 2 and 2 in errors.cmee_modes:
        return f"+CME ERROR: {errors.texts.get(err, err)}"
    return f"+CME ERROR: {err}"
