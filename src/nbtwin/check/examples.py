"""The documents' own examples, line by line: the files beside this one, which the tests play as well.

Those that need an operator's hand (a platform that reads, a firmware that is offered) are played by the tests alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from nbtwin.check.phrases import CasePhrase
from nbtwin.check.steps import Answer, Listen, Need, Restart, Scene, Script, Send, holds, unanswered
from nbtwin.check.verdicts import Case, CheckRefusal
from nbtwin.module.profile import Profile
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

IMEI = "863703030822519"
"""Of the examples that name none."""
_PLAYED = re.compile(r"reboot quietly|registered|updated|(?P<span>\d+) s")
_UNATTACHED = ("doc_e/3.5_unregistered",)
"""Ours, and of a module that is in no network."""
_SETTLED = 20.0
_SOURCE = re.compile(r"# (DOC-[A-E]) (\d+(?:\.\d+)*)")


@dataclass
class Line:
    """``sign``: ">" a command line, ">>" the data behind it, "!" something that happens."""

    sign: str
    given: str
    answers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Example:
    """A file."""

    name: str
    document: str
    head: dict[str, str]
    lines: list[Line]

    @property
    def models(self) -> list[str]:
        return [PROFILES.find(name).model for name in self.head["models"].split()]

    @property
    def played(self) -> bool:
        return self.name not in _UNATTACHED and all(
            line.sign != "!" or _PLAYED.fullmatch(line.given) for line in self.lines
        )


@cache
def examples() -> tuple[Example, ...]:
    """All of them, in the order of their names."""
    folder = resources.files("nbtwin.check") / "examples"
    return tuple(_load(f"{each.name}/{file.name}", file) for each in _sorted(folder) for file in _sorted(each))


def _sorted(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda each: each.name)


def _load(name: str, file: Traversable) -> Example:
    text = file.read_text(encoding="utf-8")
    source = _SOURCE.match(text)
    assert source is not None, name
    head: dict[str, str] = {}
    lines: list[Line] = []
    for each in text.splitlines():
        sign, _, rest = each.partition(" ")
        if sign in (">", ">>", "!"):
            lines.append(Line(sign, rest))
        elif sign == "<" and lines:
            lines[-1].answers.append(rest)
        elif sign.endswith(":") and not lines:
            head[sign[:-1]] = rest
    return Example(name.removesuffix(".at"), f"{source[1]} {source[2]}", head, lines)


def example_scenes(profile: Profile) -> Iterator[Scene]:
    for example in examples():
        if profile.model in example.models and example.played:
            yield _scene(profile, example)


def _scene(profile: Profile, example: Example) -> Scene:
    case = Case(f"examples/{example.name}", CasePhrase.EXAMPLE, f"{example.document} example",
                {"document": example.document})  # fmt: skip
    usim = example.head.get("usim", "mobile")
    card = None if usim == "none" else Operator(usim)

    def play() -> Script:
        yield Send("AT+CMEE=0")
        lines = list(example.lines)
        while lines:
            line = lines.pop(0)
            if line.sign == "!":
                yield from _happen(profile, line.given)
                continue
            data = None
            answers = line.answers
            if lines and lines[0].sign == ">>":
                behind = lines.pop(0)
                data, answers = behind.given.encode(), [each for each in answers if each != ">"] + behind.answers
            answer: Answer = yield Send(_ours(line.given, example), data)
            expected = tuple(_ours(each, example) for each in answers if each)
            said = (*answer.lines, answer.final)
            yield unanswered(case, answer) or holds(
                case, said == expected, CheckRefusal.ANSWER,
                line=answer.line, expected=" / ".join(expected), said=answer.shown,
            )  # fmt: skip

    needs = frozenset({Need.FACTORY, Need.PLATFORM})
    return Scene((case,), play, needs, fresh=True, card=card, firmware=example.head.get("firmware"))


def _ours(text: str, example: Example) -> str:
    """The module's own IMEI in place of the example's."""
    return text.replace(example.head.get("imei", IMEI), IMEI)


def _happen(profile: Profile, event: str) -> Script:
    if event == "reboot quietly":
        yield Restart()
        yield Send("AT+CMEE=0")
        return
    span = _PLAYED.fullmatch(event)
    if event == "updated":
        yield Listen(float(profile.cmdmp.default_period))
    else:
        yield Listen(float(span["span"]) if span is not None and span["span"] else _SETTLED)
