"""What a driver is told of the module at the other end: its URCs, the answers that look like one, and its time limits.

Knows lines and the tables of commands (`nbtwin.at`), which are handed in; knows no model, no port and no clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from nbtwin.at.command import AtError, Command, Form
from nbtwin.at.grammar import CommandIndex, body_start, next_call
from nbtwin.at.refusals import BadParameter
from nbtwin.engine import Seconds

MARGIN_FACTOR, MARGIN = 1.25, 0.7
"""How much longer than its document says an answer is waited for: what comes a little too late is an answer yet, and
a line at 9600 baud takes 0.3 s for its longest (D143)."""
RESTARTS = re.compile(r"AT(?:.*;)?\+(?:NRB|QRST=1|CFUN=[0-9]+,1)", re.IGNORECASE)
"""What begins with a banner anew (D21, D101)."""
SETS_ECHO = re.compile(r"AT[^+]*(E(?!1)|Z|&F)", re.IGNORECASE)
"""Behind what may switch the echo off it is not expected, until it is seen."""
LISTS_COMMANDS = "+CLAC"


class LineKind(Enum):
    """What a line may be while a command is open."""

    URC = 1
    ANSWER = 2
    EITHER = 3
    """It looks like the command's answer and like a URC: the last one before OK is the answer (D142)."""


@dataclass(frozen=True)
class Asked:
    """A command of a line, as far as it matters for what is answered."""

    command: Command
    form: Form


@dataclass(frozen=True)
class HostDialect:
    """One model's, or that of all models together. ``index``: its commands; None: not known."""

    urcs: tuple[str, ...]
    """A regular expression each, of a whole line."""
    claims: Mapping[str, Mapping[Form, str]] = field(default_factory=dict)
    """By the name that a URC shares with a command: what the answer to each of its forms looks like. A form that is
    not there prints nothing."""
    limits: Mapping[str, Seconds] = field(default_factory=dict)
    """By command, or by command and form (``+COPS=?``): how long its answer may take."""
    usual_limit: Seconds = 2.0
    index: CommandIndex | None = None
    boot_limit: Seconds = 30.0
    """How long a restart may take."""

    def __post_init__(self) -> None:
        known = "|".join(f"(?:{pattern})" for pattern in self.urcs)
        object.__setattr__(self, "_urc", re.compile(known or r"(?!)"))
        answers = {
            (name, form): re.compile(pattern) for name, forms in self.claims.items() for form, pattern in forms.items()
        }
        object.__setattr__(self, "_answers", answers)

    _urc: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _answers: Mapping[tuple[str, Form], re.Pattern[str]] = field(init=False, repr=False, compare=False)

    def is_urc(self, line: str) -> bool:
        """Whether it looks like one."""
        return self._urc.fullmatch(line) is not None

    def asked(self, line: str) -> tuple[Asked, ...]:
        """The commands of a line, as far as they can be read. Without tables: none."""
        found: list[Asked] = []
        if self.index is None:
            return ()
        try:
            position = body_start(line)
            while (call := next_call(self.index, line, position)) is not None:
                found.append(Asked(call.command, call.form))
                position = call.end
        except (AtError, BadParameter):
            pass
        return tuple(found)

    def kind_of(self, line: str, command_line: str) -> LineKind:
        """What a line may be while ``command_line`` is open."""
        if not self.is_urc(line):
            return LineKind.ANSWER
        name = line.partition(":")[0]
        forms = forms_asked(command_line, name)
        if not forms:
            return LineKind.URC
        if name not in self.claims:
            return LineKind.EITHER if times_asked(command_line, name) else LineKind.URC
        patterns = [self._answers[name, form] for form in forms if (name, form) in self._answers]
        return LineKind.EITHER if any(pattern.fullmatch(line) for pattern in patterns) else LineKind.URC

    def limit_of(self, asked: tuple[Asked, ...]) -> Seconds:
        """How long the document lets the answer take; of several commands, all of them."""
        if not asked:
            return self.usual_limit
        return sum(self._limit(each) for each in asked)

    def _limit(self, asked: Asked) -> Seconds:
        suffix = {Form.TEST: "=?", Form.READ: "?", Form.WRITE: "=", Form.EXECUTE: ""}[asked.form]
        name = asked.command.name
        return self.limits.get(f"{name}{suffix}", self.limits.get(name, self.usual_limit))


_SUFFIX = {"=?": Form.TEST, "?": Form.READ, "=": Form.WRITE}


def forms_asked(command_line: str, name: str) -> list[Form]:
    """In which forms a line has the command of that name."""
    found = re.finditer(rf"{re.escape(name)}(?![A-Z0-9])(=\?|\?|=)?", command_line, re.IGNORECASE)
    return [_SUFFIX.get(each[1] or "", Form.EXECUTE) for each in found]


def times_asked(command_line: str, name: str) -> int:
    """How many lines of that name the answer has; what is written prints none."""
    return sum(form is not Form.WRITE for form in forms_asked(command_line, name))


UNNAMED = HostDialect(
    urcs=(
        r"\+CEREG: ?\d(?:,\"?[0-9A-Fa-f]*\"?,\"?[0-9A-Fa-f]*\"?,\d*(?:,.*)?)?", r"\+CSCON: ?[01]", r"\+CGEV: ?.*",
        r"\+CFUN: ?\d+", r"\+CPIN: ?.*", r"\+[NQ]PING: ?.*", r"\+NPINGERR: ?.*", r"\+CTZ[VE]U?: ?.*", r"\+NPSMR: ?[01]",
        r"\+IP: ?.*", r"\+QLA(?:EVTIND|DTLSSTAT|DATASTATUS|WRITE|READ|OBSERVE|EXECUTE): ?.*", "REGISTERNOTIFY",
        "FIRMWARE .*",
    ),
)  # fmt: skip
"""Of a module that nobody has named: what any of them may say."""


def waited(limit: Seconds) -> Seconds:
    """How long a host waits for what may take so long (D143)."""
    return limit * MARGIN_FACTOR + MARGIN
