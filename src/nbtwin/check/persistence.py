"""Settings over a restart and a power cut, all of them by one restart and one cut: which is late, early or lost.

Knows what is written, and how each is shown before and after; knows no command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nbtwin.check.phrases import CasePhrase
from nbtwin.check.steps import (
    Answer,
    CutPower,
    Need,
    Restart,
    Scene,
    Script,
    Send,
    Started,
    holds,
    prepared,
    unanswered,
)
from nbtwin.check.verdicts import Case, CheckRefusal, Judged


@dataclass(frozen=True, slots=True)
class Kept:
    """One that is written once. ``saved`` shows it at once, ``in_use`` after a start alone, perhaps among other lines;
    either may be missing. Those of a ``group`` share a start.
    """

    name: str
    write: Sequence[str]
    known: str
    saved: tuple[str, tuple[str, ...]] | None = None
    in_use: tuple[str, tuple[str, ...]] | None = None
    needs: frozenset[Need] = frozenset()
    group: str = ""


def kept_scenes(settings: Callable[[int], Sequence[Kept]]) -> list[Scene]:
    """``settings(0)`` over a restart, ``settings(1)``, with other values, over a power cut. Those that lose keys stand
    apart: who does not agree has the others.
    """
    found = []
    for variant in (0, 1):
        groups: dict[tuple[str, frozenset[Need]], list[Kept]] = {}
        for setting in settings(variant):
            groups.setdefault((setting.group, setting.needs), []).append(setting)
        found += [_scene(group, extra, variant == 1) for (_, extra), group in groups.items()]
    return found


def _scene(settings: Sequence[Kept], extra: frozenset[Need], cut: bool) -> Scene:
    way, says = ("cut", CasePhrase.SURVIVES_CUT) if cut else ("restart", CasePhrase.SURVIVES_RESTART)
    survives = {each.name: Case(f"kept/{each.name}/{way}", says, each.known, _shown(each)) for each in settings}
    early = {
        each.name: Case(
            f"kept/{each.name}/in-force", CasePhrase.NOT_BEFORE, f"{each.known}, D33", {"line": each.in_use[0]}
        )
        for each in settings
        if each.in_use is not None and not cut
    }

    def play() -> Script:
        before: dict[str, Answer] = {}
        for each in settings:
            if each.in_use is not None:
                before[each.name] = yield Send(each.in_use[0])
        written = []
        for each in settings:
            cases = [survives[each.name], *([early[each.name]] if each.name in early else [])]
            taken = True
            for line in each.write:
                taken = taken and (yield from prepared(cases, line))
            if taken:
                written.append(each)
        for each in written:
            if each.name in early and each.in_use is not None:
                now: Answer = yield Send(each.in_use[0])
                new = set(each.in_use[1])
                same = new <= set(before[each.name].lines) or not new <= set(now.lines)
                yield unanswered(early[each.name], now) or holds(
                    early[each.name], same, CheckRefusal.TOO_EARLY, line=each.in_use[0], said=now.shown
                )
        started: Started = yield CutPower() if cut else Restart()
        if started.banner is None:
            for each in written:
                yield Judged(survives[each.name], CheckRefusal.SILENT, {"line": "", "span": 0})
            return
        for each in written:
            for asked, whole in ((each.saved, True), (each.in_use, False)):
                if asked is not None:
                    line, expected = asked
                    answer: Answer = yield Send(line)
                    there = answer.lines == expected if whole else set(expected) <= set(answer.lines)
                    yield unanswered(survives[each.name], answer) or holds(
                        survives[each.name],
                        there and answer.ok,
                        CheckRefusal.LOST,
                        line=line,
                        expected=" / ".join(expected),
                        said=answer.shown,
                    )

    required = extra | {Need.WRITES, Need.POWER if cut else Need.RESTARTS}
    return Scene((*survives.values(), *early.values()), play, frozenset(required), costs=15 + len(settings))


def _shown(each: Kept) -> dict[str, str]:
    line, expected = each.saved or each.in_use or ("", ())
    return {"line": line, "expected": " / ".join(expected)}
