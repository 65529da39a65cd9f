"""What is found of AT lines by the tables of models, and by a virtual module where the tables say nothing: whether a
setting waits for a reboot. Knows profiles; knows no file and no words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from nbtwin.at.command import ByType, Command, Form, Row
from nbtwin.at.explain import CommandExplained, explain
from nbtwin.at.grammar import index_of
from nbtwin.at.refusals import AtRefusal, BadParameter, CommandRefused, ValueTaken
from nbtwin.check.lint.sources import HOLE, FoundLine
from nbtwin.check.values import taken
from nbtwin.module.profile import Profile

_MARKS = "`~^|@!"  # printable, and no part of an AT line


class FindingKind(StrEnum):
    UNKNOWN = "unknown"  # the model has no such command
    FORM = "form"  # it has, but not in this form
    VALUE = "value"  # out of range, missing, too many
    LINE = "line"  # no line at all for any model
    REBOOT = "reboot"  # in force after the next start
    DIFFERS = "differs"  # models take it for different things


WRONG = (FindingKind.UNKNOWN, FindingKind.FORM, FindingKind.VALUE, FindingKind.LINE)


@dataclass(frozen=True, slots=True)
class Finding:
    """Of one command of a line, for one model or, where they differ, for two."""

    kind: FindingKind
    found: FoundLine
    command: str  # as written, with HOLE
    models: tuple[str, ...]
    why: CommandRefused | None = None
    name: str = ""  # the command's, where the model has it
    source: str = ""  # its chapter
    settings: tuple[str, ...] = ()  # what waits for the reboot
    parameter: str = ""  # what the models take differently
    takes: tuple[ValueTaken | None, ...] = ()

    @property
    def is_wrong(self) -> bool:
        return self.kind in WRONG


@dataclass(slots=True)
class Linted:
    """Of all files."""

    models: tuple[str, ...]
    files: int = 0
    with_lines: int = 0  # files that have AT lines
    commands: int = 0
    untold: int = 0  # commands whose name only the running program knows
    left_out: list[str] = field(default_factory=list)  # of folders: what has a text's name and is none
    findings: list[Finding] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        return sum(finding.is_wrong for finding in self.findings)

    def count(self, kind: FindingKind, model: str) -> int:
        return sum(finding.kind is kind and model in finding.models for finding in self.findings)


class Linter:
    """Several models' tables. One virtual module a model answers what waits for a reboot."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self._profiles = tuple(profiles)
        self.linted = Linted(tuple(profile.model for profile in profiles))
        self._waits: dict[tuple[str, str], tuple[str, ...]] = {}

    def handle_file(self, lines: Iterable[FoundLine]) -> None:
        before = self.linted.commands
        for line in lines:
            self._look_at(line)
        self.linted.files += 1
        self.linted.with_lines += self.linted.commands > before

    def _look_at(self, line: FoundLine) -> None:
        mark = next((each for each in _MARKS if each not in line.text), "?")
        text = line.text.replace(HOLE, mark)
        explained = [explain(profile.commands, profile.errors, text) for profile in self._profiles]
        self.linted.commands += max(1, len(explained[0].commands))
        if explained[0].error is not None:
            self._add(FindingKind.LINE, line, line.text, self.linted.models, why=explained[0].error)
            return
        for profile, one in zip(self._profiles, explained, strict=True):
            for command in one.commands:
                self._judge(line, profile, command, mark)
        for calls in zip(*(one.commands for one in explained), strict=False):
            self._compare(line, calls, mark)

    def _judge(self, line: FoundLine, profile: Profile, command: CommandExplained, mark: str) -> None:
        shown, model = command.text.replace(mark, HOLE), (profile.model,)
        if not command.source:
            if mark in shown_name(command.text):
                self.linted.untold += profile is self._profiles[0]
            else:
                self._add(FindingKind.UNKNOWN, line, shown, model, why=command.error)
            return
        error = why_wrong(command, mark)
        if error is not None:
            form = error.refusal in (AtRefusal.FORM_MISSING, AtRefusal.TEXT_AFTER_READ)
            kind = FindingKind.FORM if form else FindingKind.VALUE
            self._add(kind, line, shown, model, why=error, name=command.name, source=command.source)
        elif settings := self._waiting(profile, command, mark):
            about = {"name": command.name, "source": command.source, "settings": settings}
            self._add(FindingKind.REBOOT, line, shown, model, **about)

    def _compare(self, line: FoundLine, calls: Sequence[CommandExplained], mark: str) -> None:
        """Two that both take it, for the first thing that they take differently."""
        first = calls[0]
        for model, other in zip(self.linted.models[1:], calls[1:], strict=True):
            if not (first.source and other.source) or why_wrong(first, mark) or why_wrong(other, mark):
                continue
            for left, right in zip(first.fields, other.fields, strict=False):
                if left.takes != right.takes or left.meaning != right.meaning:
                    about = {"name": first.name, "parameter": left.name, "takes": (left.takes, right.takes)}
                    shown = first.text.replace(mark, HOLE)
                    self._add(FindingKind.DIFFERS, line, shown, (self.linted.models[0], model), **about)
                    break

    def _add(self, kind: FindingKind, line: FoundLine, command: str, models: tuple[str, ...], **about: object) -> None:
        self.linted.findings.append(Finding(kind, line, command, models, **about))  # type: ignore[arg-type]

    def _waiting(self, profile: Profile, explained: CommandExplained, mark: str) -> tuple[str, ...]:
        command = index_of(profile.commands).find(explained.name)
        if command is None or explained.form != Form.WRITE:
            return ()
        line = filled(command, explained, mark)
        key = profile.model, line
        if key not in self._waits:
            self._waits[key] = settings_waiting(profile, line) if line else ()
        return self._waits[key]


def shown_name(text: str) -> str:
    return text.partition("=")[0].partition("?")[0]


def why_wrong(command: CommandExplained, mark: str) -> CommandRefused | None:
    """What is wrong whatever the program puts into the holes."""
    error = command.error
    if error is None or not any(field.error for field in command.fields):
        return error if error is None or mark not in command.text else _not_of_a_hole(error, mark)
    given = [field.text for field in command.fields if field.text is not None]
    goes_on = bool(given) and mark in given[-1]
    for each in command.fields:
        if each.error is None or (each.text is not None and mark in each.text) or (each.text is None and goes_on):
            continue
        return each.error
    return None


def _not_of_a_hole(error: CommandRefused, mark: str) -> CommandRefused | None:
    return error if error.refusal in (AtRefusal.FORM_MISSING, AtRefusal.TOO_MANY_VALUES) else None


def filled(command: Command, explained: CommandExplained, mark: str) -> str:
    """The line with an everyday value in each hole; empty where nobody can say."""
    values = [each.text for each in explained.fields if each.text is not None]
    row = _row_of(command.write, values, mark)
    if row is None:
        return "" if any(mark in value for value in values) else f"AT{explained.text}"
    fields = ([None] if isinstance(command.write, ByType) else []) + list(row.fields_for(values))
    made = []
    for value, one in zip(values, fields, strict=False):
        made.append(taken(one)[0] if mark in value and one is not None else value)
    rest = [] if not (values and mark in values[-1]) else fields[len(values) :]
    made += [taken(one)[0] for one in rest if one is not None and not one.optional]
    equals = "," if '="' in explained.name else "" if not explained.name.startswith("+") else "="
    return f"AT{explained.name}{equals}{','.join(made)}"


def _row_of(write: Row | ByType | None, values: list[str], mark: str) -> Row | None:
    if isinstance(write, ByType):
        try:
            return write.row_of(values) if values and mark not in values[0] else None
        except BadParameter:
            return None
    return write


def settings_waiting(profile: Profile, line: str) -> tuple[str, ...]:
    """What a module as delivered goes by only after the next start, once it has answered OK to the line."""
    from nbtwin.module.identity import Usim
    from nbtwin.module.nvram_image import waiting
    from nbtwin.runtime.simulated_lab import SimulatedLab
    from nbtwin.selfreg.schedule import Operator

    lab = SimulatedLab(operators=())
    node = lab.add_module("lint", profile, Usim.of(Operator.MOBILE, "lint"))
    lab.power_on("lint")
    lab.world.advance(10)
    before = {change.name for change in waiting(lab.modules["lint"])}
    lab.world.ask(node, line, 30.0)
    return tuple(sorted({change.name for change in waiting(lab.modules["lint"])} - before))
