"""What a script asks for: lines to send, restarts, power, time, datagrams. Scripts are generators and do no I/O.

Each `yield` hands a step, or a judgement, to the runner, which plays it on a virtual or a real module.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from nbtwin.check.verdicts import Case, CheckRefusal, Judged
from nbtwin.engine import Seconds
from nbtwin.host.driver import error_number, is_success, value_in
from nbtwin.selfreg.schedule import Operator

PATIENCE: Seconds = 10.0
"""How long an answer is waited for: longer than it may take, so that a late one is told from none."""


class Need(StrEnum):
    """What a scene needs that not every module and not every user gives."""

    WRITES = "writes"  # a setting that is put back afterwards
    RESTARTS = "restarts"  # by command
    LOSES = "loses"  # what no command shows again: keys
    RADIO = "radio"  # off and on: a module in a network registers anew, with its operator, too
    POWER = "power"  # cut and given back
    PLATFORM = "platform"  # an operator's, with the clock and the network
    FACTORY = "factory"  # as delivered: nothing was ever saved


@dataclass(frozen=True, slots=True)
class Send:
    """A command line. `Answer` comes back."""

    line: str
    data: bytes | None = None
    within: Seconds = PATIENCE


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a line. ``raw``: every byte from the line's <CR> to the final result, the echo too."""

    line: str
    lines: tuple[str, ...]
    final: str
    took: Seconds
    raw: bytes = b""

    @property
    def ok(self) -> bool:
        return is_success(self.final)

    @property
    def err(self) -> int | None:
        return error_number(self.final)

    def value(self, name: str) -> str | None:
        return value_in(self.lines, name)

    @property
    def shown(self) -> str:
        """On one line, for people."""
        return " / ".join((*self.lines, self.final)) if self.final else ""


@dataclass(frozen=True, slots=True)
class Restart:
    """By the family's command. `Started` comes back. ``settle``: and the line is made ready again."""

    settle: bool = True


@dataclass(frozen=True, slots=True)
class CutPower:
    """Off and on. `Started` comes back."""

    settle: bool = True


@dataclass(frozen=True, slots=True)
class Started:
    """``lines``: all that was said from the restart's command on until the banner and a moment behind it."""

    lines: tuple[str, ...]
    banner: str | None


@dataclass(frozen=True, slots=True)
class Settle:
    """Echo on, errors as numbers."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Time passes. The lines that came by themselves come back; all, or up to the first that begins so."""

    span: Seconds
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Packet:
    """A datagram of the module."""

    at: Seconds
    platform: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Watch:
    """Time passes. The datagrams that the module sent to a platform come back."""

    span: Seconds
    platform: str


@dataclass(frozen=True, slots=True)
class Platform:
    """An operator's platform answers, or nobody is there."""

    name: str
    up: bool


Step: TypeAlias = Send | Restart | CutPower | Settle | Listen | Watch | Platform | Judged
Script: TypeAlias = Generator[Step, Any, None]
Part: TypeAlias = Generator[Step, Any, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """A script that judges one or more cases. ``fresh``: on a module as delivered, with that operator's card."""

    cases: tuple[Case, ...]
    play: Callable[[], Script]
    needs: frozenset[Need] = frozenset()
    fresh: bool = False
    card: Operator | None = Operator.MOBILE
    firmware: str | None = None
    costs: Seconds = 0.5
    """About how long it takes on a real module, for the time left."""


def holds(case: Case, yes: bool, code: CheckRefusal, **fields: Any) -> Judged:
    return Judged(case) if yes else Judged(case, code, fields)


def unanswered(case: Case, answer: Answer) -> Judged | None:
    """Of an answer that did not come."""
    return Judged(case, CheckRefusal.SILENT, {"line": answer.line}) if not answer.final else None


def answers(case: Case, line: str, expected: Sequence[str], data: bytes | None = None) -> Part:
    """The line is answered with exactly this information text and OK. The answer is returned."""
    answer: Answer = yield Send(line, data)
    yield unanswered(case, answer) or holds(
        case,
        answer.lines == tuple(expected) and answer.final == "OK",
        CheckRefusal.ANSWER,
        line=line,
        expected=" / ".join((*expected, "OK")),
        said=answer.shown,
    )
    return answer


def refuses(case: Case, line: str, expected: str) -> Part:
    """With this final result, and nothing else."""
    answer: Answer = yield Send(line)
    yield unanswered(case, answer) or holds(
        case,
        answer.final == expected and not answer.lines,
        CheckRefusal.NOT_REFUSED,
        line=line,
        expected=expected,
        said=answer.shown,
    )
    return answer


def prepared(cases: Sequence[Case], line: str) -> Part:
    """A line that must be taken before anything can be judged; whether it was."""
    answer: Answer = yield Send(line)
    if not answer.ok:
        for case in cases:
            yield Judged(case, CheckRefusal.NOT_PREPARED, {"line": line, "said": answer.shown})
    return answer.ok
