"""Scripts of the terminal: commands and what is expected of them, a line each (docs/terminal.md, Scripts).

Reads text, and runs it over a session; knows no port, no screen and no clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.terminal.session import Answered, LineKind, LineSeen, Order, Session, SessionEvent
from nbtwin.engine import CodedError, Seconds
from nbtwin.foreign import detail_of
from nbtwin.runtime.errors import Failed, WrongUsage
from nbtwin.timeline.span import SpanError, parse_span

WAIT: Seconds = 30.0
"""How long `wait` waits when it does not say."""
_WORDS = ("expect", "wait", "sleep", "send", "timeout", "run")
_SPAN = re.compile(r"(?P<text>.*\S)\s+(?P<span>[0-9.]+(ms|s|min|h))")
_CAME = (LineKind.INFORMATION, LineKind.OK, LineKind.ERROR, LineKind.URC, LineKind.STARTED)
_HEX = re.compile(r"([0-9A-Fa-f]{2}\s*)+")


@dataclass(frozen=True)
class Pattern:
    """A line, with * for anything in it, or /a regular expression/ that is found somewhere in it."""

    written: str
    expression: re.Pattern[str]

    @classmethod
    def of(cls, text: str) -> Pattern:
        """re.error for what is no regular expression."""
        if len(text) > 2 and text[0] == text[-1] == "/":
            return cls(text, re.compile(text[1:-1]))
        return cls(text, re.compile(".*".join(map(re.escape, text.split("*"))) + r"\Z"))

    def fits(self, line: str) -> bool:
        found = self.expression.search if self.written.startswith("/") else self.expression.match
        return bool(found(line))


@dataclass(frozen=True)
class Command:
    """A command line; without an expectation of its final result code it must be answered OK."""

    where: str
    order: Order
    expected: tuple[Pattern, ...] = ()


@dataclass(frozen=True)
class Wait:
    """For a line that has come since the last command was sent, or comes."""

    where: str
    pattern: Pattern
    within: Seconds


@dataclass(frozen=True)
class Sleep:
    where: str
    seconds: Seconds


@dataclass(frozen=True)
class Raw:
    """Bytes as they are."""

    where: str
    data: bytes


Step: TypeAlias = Command | Wait | Sleep | Raw
Include: TypeAlias = Callable[[str], Sequence[Step]]


def load(path: Path, above: tuple[Path, ...] = ()) -> list[Step]:
    """WrongUsage with file and line for what cannot be read or understood."""
    whole = path.resolve()
    if whole in above:
        raise WrongUsage(CliRefusal.SCRIPT_LOOP, str(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage.of(error, str(path)) from None
    return parse(text, str(path), lambda name: load(path.parent / name, (*above, whole)))


def parse(text: str, name: str, include: Include, first: int = 1) -> list[Step]:
    """``first``: the number of the first line, for a script that stands in another file."""
    steps: list[Step] = []
    timeout: Seconds | None = None
    for number, whole in enumerate(text.splitlines(), first):
        line, where = whole.strip(), f"{name}:{number}"
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if line.startswith(">"):
            _give_data(steps, where, line[1:].removeprefix(" "))
        elif word == "expect":
            _expect(steps, where, rest.strip())
        elif word == "timeout":
            timeout = _span(rest, where)
        elif word == "run":
            steps += _included(include, rest.strip(), where)
        elif word in _WORDS:
            steps.append(_plain_step(word, rest.strip(), where))
        else:
            steps.append(_command(line, where, timeout))
    return steps


def _included(include: Include, name: str, where: str) -> Sequence[Step]:
    if not name:
        raise WrongUsage(CliRefusal.VALUE_MISSING, f"{where}: run")
    return include(name)


def _command(line: str, where: str, timeout: Seconds | None) -> Command:
    if line[:2].upper() != "AT" and line[:2].upper() != "A/":
        raise WrongUsage(CliRefusal.SCRIPT_LINE, where, text=line, known=["AT…", *_WORDS, "> …", "# …"])
    return Command(where, Order(line, None, timeout))


def _plain_step(word: str, rest: str, where: str) -> Step:
    if not rest:
        raise WrongUsage(CliRefusal.VALUE_MISSING, f"{where}: {word}")
    if word == "wait":
        found = _SPAN.fullmatch(rest)
        return Wait(
            where, _pattern(found["text"] if found else rest, where), _span(found["span"], where) if found else WAIT
        )
    if word == "sleep":
        return Sleep(where, _span(rest, where))
    return Raw(where, raw_bytes(rest, where))


def raw_bytes(text: str, where: str) -> bytes:
    r"""``hex 1b 0d``, or text with \r \n \t \e \xHH in it."""
    kind, _, digits = text.partition(" ")
    if kind == "hex":
        if not _HEX.fullmatch(digits.strip()):
            raise WrongUsage(CliRefusal.SCRIPT_HEX, where, text=digits)
        return bytes.fromhex(digits)
    known = {"r": b"\r", "n": b"\n", "t": b"\t", "e": b"\x1b", "\\": b"\\"}
    made = bytearray()
    for plain, escape, digits in re.findall(r"([^\\]+)|\\(?:x([0-9A-Fa-f]{2})|(.))", text):
        made += plain.encode() or (bytes.fromhex(escape) if escape else known.get(digits, digits.encode()))
    return bytes(made)


def _give_data(steps: list[Step], where: str, data: str) -> None:
    last = steps[-1] if steps else None
    if not isinstance(last, Command) or last.order.data is not None:
        raise WrongUsage(CliRefusal.SCRIPT_NO_COMMAND, where, text=">")
    steps[-1] = replace(last, order=replace(last.order, data=raw_bytes(data, where)))


def _expect(steps: list[Step], where: str, text: str) -> None:
    last = steps[-1] if steps else None
    if not isinstance(last, Command):
        raise WrongUsage(CliRefusal.SCRIPT_NO_COMMAND, where, text="expect")
    if not text:
        raise WrongUsage(CliRefusal.VALUE_MISSING, f"{where}: expect")
    steps[-1] = replace(last, expected=(*last.expected, _pattern(text, where)))


def _pattern(text: str, where: str) -> Pattern:
    try:
        return Pattern.of(text)
    except re.error as error:
        raise WrongUsage(CliRefusal.SCRIPT_EXPRESSION, where, text=text, detail=detail_of(error)) from None


def _span(text: str, where: str) -> Seconds:
    try:
        return parse_span(text.strip())
    except SpanError as error:
        raise WrongUsage.of(error, where) from None


@dataclass
class StepDone:
    """What came of a step; ``error``: why it failed."""

    step: Step
    at: Seconds
    took: Seconds = 0.0
    answer: Answered | None = None
    error: CodedError | None = None


class ScriptRun:
    """One script over one session, until its end or its first failure."""

    def __init__(self, steps: Sequence[Step], session: Session) -> None:
        self._steps: Iterator[Step] = iter(steps)
        self._session = session
        self._came: list[str] = []
        self._until: Seconds | None = None
        self.total = len(steps)
        self.done: list[StepDone] = []
        self.now: Step | None = None
        self._began: Seconds = 0.0
        self.finished = False

    @property
    def error(self) -> CodedError | None:
        return next((each.error for each in self.done if each.error is not None), None)

    def start(self, now: Seconds) -> None:
        self._go_on(now)

    def handle_event(self, now: Seconds, event: SessionEvent) -> None:
        if isinstance(event, LineSeen) and event.kind in _CAME:
            self._came.append(event.text)
            self._look(now)
        elif isinstance(event, Answered) and isinstance(self.now, Command) and event.order is self.now.order:
            self._end(now, _fault(self.now, event), event)

    def handle_timer(self, now: Seconds) -> None:
        if self._until is None or now < self._until:
            return
        error = None
        if isinstance(self.now, Wait):
            text, seconds = self.now.pattern.written, self.now.within
            error = Failed(CliRefusal.SCRIPT_NEVER, self.now.where, text=text, seconds=seconds)
        self._end(now, error)

    def stop(self) -> None:
        self.finished, self.now, self._until = True, None, None

    def next_deadline(self) -> Seconds | None:
        return self._until

    def _go_on(self, now: Seconds) -> None:
        step = next(self._steps, None)
        self.now, self._until, self._began = step, None, now
        match step:
            case None:
                self.finished = True
            case Command():
                self._came.clear()
                self._session.submit(now, [step.order])
            case Wait():
                self._until = now + step.within
                self._look(now)
            case Sleep():
                self._until = now + step.seconds
            case Raw():
                self._session.write(step.data)
                self._end(now, None)

    def _look(self, now: Seconds) -> None:
        if isinstance(self.now, Wait):
            for position, line in enumerate(self._came):
                if self.now.pattern.fits(line):
                    del self._came[: position + 1]
                    self._end(now, None)
                    return

    def _end(self, now: Seconds, error: CodedError | None, answer: Answered | None = None) -> None:
        assert self.now is not None
        self.done.append(StepDone(self.now, self._began, now - self._began, answer, error))
        if error is None:
            self._go_on(now)
        else:
            self.finished, self.now, self._until = True, None, None


def _fault(command: Command, answered: Answered) -> CodedError | None:
    answer, line = answered.answer, command.order.line
    if not answer.final and not any(pattern.fits("") for pattern in command.expected):
        return Failed(CliRefusal.SCRIPT_SILENCE, command.where, line=line, seconds=round(answer.took, 1))
    came = [*answer.lines, answer.final]
    for pattern in command.expected:
        if not any(map(pattern.fits, came)):
            return Failed(CliRefusal.SCRIPT_OTHER, command.where, line=line, text=pattern.written, came=came)
    if not answer.ok and not any(pattern.fits(answer.final) for pattern in command.expected):
        return Failed(CliRefusal.SCRIPT_ERROR, command.where, line=line, final=answer.final)
    return None
