"""Plays scenes on a bench and keeps what comes of each case. Knows the verdicts' order; knows no port and no model.

What goes wrong with the line itself (silence, noise, somebody else, a cable) is its own verdict: inconclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nbtwin.check.bench import Bench
from nbtwin.check.settings import ECHO, ERRORS, Setting, Snapshot, line_snapshot, restore, restore_line, snapshot
from nbtwin.check.steps import (
    PATIENCE,
    Answer,
    CutPower,
    Listen,
    Need,
    Part,
    Platform,
    Restart,
    Scene,
    Send,
    Settle,
    Started,
    Step,
    Watch,
)
from nbtwin.check.timing import slow_answers
from nbtwin.check.verdicts import Case, CheckRefusal, Heard, Judged, Outcome, Verdict, worse
from nbtwin.edge.errors import EdgeError
from nbtwin.engine import Seconds
from nbtwin.host.dialect import waited
from nbtwin.lab.line_tables import answer_limit
from nbtwin.module.profile import Profile

BOOT: Seconds = 30.0
"""The longest start that is waited for. Assumed: no document says how long one takes."""
MOMENT: Seconds = 0.3
GIVE_UP = 3
"""Lines in a row without an answer: nobody is there any more."""
_EVIDENCE = 60
"""Entries of evidence that are kept of a case that passed; of the others all are."""


class LineBroken(Exception):
    """The line itself makes judging impossible; ``code`` says how."""

    def __init__(self, code: CheckRefusal, **fields: str | float) -> None:
        super().__init__(code, fields)
        self.code, self.fields = code, fields


@dataclass
class Unrestored:
    """A setting that is not as it was."""

    name: str
    expected: str
    said: str


@dataclass
class Result:
    """Of a whole run, or of as much of it as there was."""

    model: str
    firmware: str
    outcomes: list[Outcome] = field(default_factory=list)
    unrestored: list[Unrestored] = field(default_factory=list)
    restored: int = 0
    ended: CheckRefusal | None = None
    """Why the run ended before its last scene."""
    fields: dict[str, str | float] = field(default_factory=dict)

    def count(self, verdict: Verdict) -> int:
        return sum(outcome.verdict is verdict for outcome in self.outcomes)

    @property
    def passed(self) -> bool:
        return self.count(Verdict.FAIL) == 0 and self.ended is None


class Runner:
    """``told`` gets each outcome as it comes. ``before``: from a run that was cut off; what it does not
    have is read when needed."""

    def __init__(
        self,
        profile: Profile,
        bench: Bench,
        *,
        told: Callable[[Outcome], object] = lambda outcome: None,
        kept: Callable[[Snapshot], object] = lambda snapshot: None,
        before: Snapshot | None = None,
        settings: Sequence[Setting] = (),
        awaits: Callable[[Seconds], object] = lambda span: None,
        imei: str = "",
    ) -> None:
        """``awaits`` is told how long a port that has gone is waited for; ``imei``: whose it must be then."""
        self._profile, self._bench, self._main = profile, bench, bench
        self._told, self._kept, self._settings = told, kept, settings
        self.before: Snapshot = dict(before or {})
        self._awaits, self._imei = awaits, imei
        self._silent = 0
        self._gone = False
        self._answers: list[tuple[Answer, tuple[Heard, ...]]] = []
        self.result = Result(profile.model, "")

    # the whole

    def run(self, scenes: Sequence[Scene]) -> Result:
        """Every scene, then the settings as they were. What is not allowed or not there is told, too."""
        try:
            self._ready()
            for scene in scenes:
                self._scene(scene)
        except (LineBroken, EdgeError) as error:
            self._ended(error, scenes)
        except KeyboardInterrupt:
            self._ended(LineBroken(CheckRefusal.STOPPED), scenes)
        finally:
            self._put_back()
        judged = {outcome.case.name for outcome in self.result.outcomes}
        for outcome in slow_answers(self._profile, self._answers, self._bench.slack):
            if outcome.case.name not in judged:
                self._keep(outcome)
        return self.result

    def _ended(self, error: LineBroken | EdgeError, scenes: Sequence[Scene]) -> None:
        if isinstance(error, LineBroken):
            code, fields = error.code, error.fields
        else:
            code, fields = CheckRefusal.PORT_LOST, {"detail": str(error.where or error.code)}
        self.result.ended, self.result.fields = code, fields
        judged = {outcome.case.name for outcome in self.result.outcomes}
        for case in (case for scene in scenes for case in scene.cases if case.name not in judged):
            self._keep(Outcome(case, Verdict.INCONCLUSIVE, CheckRefusal.NOT_REACHED))

    def _keep(self, outcome: Outcome) -> None:
        self.result.outcomes.append(outcome)
        self._told(outcome)

    def _put_back(self) -> None:
        """Each setting for itself: what goes wrong with one is no reason to leave the next one as it is."""
        left: list[Setting | None] = [setting for setting in self._settings if setting.name in self.before]
        left += [None] if ECHO in self.before else []  # the line's own
        while left and not self._gone:
            try:
                self._put_back_all(left)
            except (LineBroken, EdgeError):
                break
            except KeyboardInterrupt:
                if self.result.ended is CheckRefusal.STOPPED:  # for the second time
                    break
                self.result.ended = CheckRefusal.STOPPED
        for setting in left:
            self._not_put_back(setting)

    def _put_back_all(self, left: list[Setting | None]) -> None:
        for _ in range(GIVE_UP):
            try:
                self._calm()
                while left:
                    self._put_back_one(left[0])
                    left.pop(0)
                return
            except EdgeError as lost:
                self._regain(lost)
        raise LineBroken(CheckRefusal.NOT_REACHED)

    def _regain(self, lost: EdgeError) -> None:
        """Waits for the port and for the same module behind it; raises where they do not come back (D190)."""
        main = self._main
        for _ in range(GIVE_UP):
            if self._gone or not main.returns_within:
                break
            self._awaits(main.returns_within)
            if not main.reopen():
                break
            main.line.forget()
            self._bench, self._silent = main, 0
            try:
                self._same()
                return self._calm()
            except EdgeError as again:
                lost = again
            except LineBroken as broken:
                if self._gone or broken.code is CheckRefusal.SILENT:
                    raise
        self._gone = True
        raise lost

    def _same(self) -> None:
        """Nothing is set in another module, nor put back."""
        for _ in range(GIVE_UP if self._imei else 0):
            answer = self._send(Send("AT+CGSN=1"))
            said = " ".join(answer.lines)
            if self._imei in said:
                return
            if answer.ok:
                self._gone = True
                raise LineBroken(CheckRefusal.OTHER_MODULE, said=said, imei=self._imei)

    def _not_put_back(self, setting: Setting | None) -> None:
        for name in (setting.name,) if setting is not None else (ECHO, ERRORS):
            self.result.unrestored.append(Unrestored(name, " / ".join(self.before[name]), "?"))

    def _calm(self) -> None:
        """Whatever was open when the run ended belongs to nobody's next answer."""
        self._bench, line = self._main, self._main.line
        self._main.run(lambda: not line.waiting, PATIENCE)
        line.forget()
        self._main.run(lambda: False, MOMENT)
        for attempt in range(GIVE_UP):
            self._silent = 0
            try:
                return self._ready()
            except LineBroken:
                if attempt == GIVE_UP - 1:
                    raise

    def _put_back_one(self, setting: Setting | None) -> None:
        """Again where the line was broken meanwhile; raises where nobody is there any more. None: the line's own."""
        for _ in range(GIVE_UP):
            try:
                if setting is None:
                    written, wrong = 0, self._whole(restore_line(self.before))
                else:
                    written, wrong = self._whole(restore([setting], self.before))
            except LineBroken:
                if self._silent >= GIVE_UP:
                    raise
                continue
            self.result.restored += written
            self.result.unrestored += [Unrestored(*each) for each in wrong]
            return
        self._not_put_back(setting)

    def _whole(self, part: Part) -> Any:
        answer: object = None
        while True:
            try:
                step = part.send(answer)
            except StopIteration as end:
                return end.value
            answer = self._perform(step)

    # a scene

    def _scene(self, scene: Scene) -> None:
        missing = sorted(scene.needs - self._main.grants - {Need.FACTORY})
        bench: Bench | None = self._main
        if scene.fresh:
            bench = None if missing else self._main.fresh(scene.card, scene.firmware)
            if bench is None and not missing:
                missing = [Need.FACTORY]
        if missing or bench is None:
            agreed = {Need.RESTARTS, Need.LOSES, Need.RADIO}
            code = CheckRefusal.NOT_AGREED if set(missing) <= agreed else CheckRefusal.NOT_HERE
            if missing == [Need.FACTORY]:
                code = CheckRefusal.NOT_FACTORY
            for case in scene.cases:
                self._keep(Outcome(case, Verdict.NOT_APPLICABLE, code, {"needs": [str(each) for each in missing]}))
            return
        self._bench = bench
        if scene.fresh:
            self._ready()
        elif Need.WRITES in scene.needs and not any(each.name in self.before for each in self._settings):
            self._take_snapshot()
        try:
            self._play(scene)
        finally:
            self._bench = self._main
            if scene.fresh:
                bench.close()

    def _play(self, scene: Scene) -> None:
        found: dict[str, Outcome] = {}
        script = scene.play()
        first = len(self._bench.line.heard)
        answer: object = None
        broken: LineBroken | EdgeError | None = None
        while True:
            try:
                step = script.send(answer)
                if isinstance(step, Judged):
                    self._judge(found, step, first)
                    answer = None
                else:
                    answer = self._perform(step)
            except StopIteration:
                break
            except (LineBroken, EdgeError) as error:
                broken = error
                break
        code, fields = CheckRefusal.NOT_REACHED, {}
        if isinstance(broken, LineBroken):
            code, fields = broken.code, broken.fields
        elif broken is not None:
            code, fields = CheckRefusal.PORT_LOST, {"detail": str(broken.where or broken.code)}
        evidence = tuple(self._bench.line.heard[first:])
        for case in scene.cases:
            outcome = found.get(case.name)
            if outcome is None or (broken is not None and outcome.verdict is Verdict.PASS and len(scene.cases) == 1):
                outcome = Outcome(case, Verdict.INCONCLUSIVE, code, dict(fields), evidence)
            self._keep(outcome)
        if isinstance(broken, EdgeError):
            self._regain(broken)
        elif broken is not None and self._silent >= GIVE_UP:
            raise broken

    def _judge(self, found: dict[str, Outcome], judged: Judged, first: int) -> None:
        heard = tuple(self._bench.line.heard[first:])
        before = found.get(judged.case.name)
        if before is None or worse(judged.verdict, before.verdict):
            short = heard[-_EVIDENCE:] if judged.verdict is Verdict.PASS else heard
            found[judged.case.name] = Outcome(judged.case, judged.verdict, judged.code, judged.fields, short)

    # steps

    def _perform(self, step: Step) -> object:
        match step:
            case Send():
                return self._send(step)
            case Restart(settle):
                return self._restart(settle)
            case CutPower(settle):
                return self._cut(settle)
            case Settle():
                self._ready()
                return None
            case Listen(span, until):
                return self._listen(span, until)
            case Watch(span, platform):
                bench = self._bench
                began = len(bench.packets())
                bench.run(lambda: False, span)
                new = bench.packets()[began:]
                for packet in new:
                    bench.line.note(packet.at, "sent", packet.data)
                return tuple(packet for packet in new if packet.platform == platform)
            case Platform(name, up):
                self._bench.line.note(self._bench.now, "done", f"{name} {'on' if up else 'off'}".encode())
                self._bench.set_platform(name, up)
                return None
        raise AssertionError(step)

    def _send(self, step: Send) -> Answer:
        bench, line = self._bench, self._bench.line
        said, started = len(line.foreign), len(line.started)
        first = len(line.heard)
        within = max(step.within, waited(answer_limit(self._profile, step.line)))  # what waits for the network: D143
        line.send(bench.now, step.line, step.data, within)
        bench.run(lambda: line.answer is not None, within + 0.001)
        line.handle_timer(bench.now)
        answer = line.answer
        if answer is None:
            line.forget()
            answer = Answer(step.line, (), "", within, line.raw)
        self._silent = 0 if answer.final else self._silent + 1
        if len(line.foreign) > said or line.garbled:
            bench.run(lambda: False, MOMENT)  # what is still coming belongs to nobody's next answer
            line.forget()
        if len(line.foreign) > said:
            named = [each for each in line.foreign[said:] if each]
            if not named:
                raise LineBroken(CheckRefusal.MIXED, line=step.line)
            raise LineBroken(CheckRefusal.OTHER_HOST, said=named[-1])
        if line.garbled:
            raise LineBroken(CheckRefusal.GARBLED, line=step.line)
        if len(line.started) > started and not answer.final:
            self._ready()
            raise LineBroken(CheckRefusal.RESTARTED, line=step.line)
        if self._silent >= GIVE_UP:
            raise LineBroken(CheckRefusal.SILENT, line=step.line, span=within)
        if answer.final:
            self._answers.append((answer, tuple(line.heard[first:])))
        return answer

    def _ready(self) -> None:
        """Echo on, errors as numbers, whatever the module was in: that is read first (D189)."""
        for _ in range(GIVE_UP):
            if (first := self._send(Send("AT", within=2.0))).ok:
                break
        if first.ok and self._bench is self._main and ECHO not in self.before:
            self._keep_before(self._whole(line_snapshot(first)))
        self._send(Send("ATE1"))
        self._send(Send("AT+CMEE=1"))

    def _restart(self, settle: bool) -> Started:
        command = "AT+NRB" if self._profile.everyday.restarts_with_nrb else "AT+QRST=1"
        return self._start(settle, command)

    def _cut(self, settle: bool) -> Started:
        line = self._bench.line
        line.note(self._bench.now, "done", b"power off")
        self._bench.cut_power()
        line.forget()
        return self._start(settle, None)

    def _start(self, settle: bool, command: str | None) -> Started:
        bench, line = self._bench, self._bench.line
        said, started = len(line.lines), len(line.started)
        lines: tuple[str, ...] = ()
        if command is None:
            line.note(bench.now, "done", b"power on")
            bench.give_power()
        else:
            answer = self._send(Send(command))
            lines = (*answer.lines, answer.final)
        bench.run(lambda: len(line.started) > started, BOOT)
        banner = line.started[started] if len(line.started) > started else None
        bench.run(lambda: False, self._profile.boot.usim_delay + MOMENT)
        found = Started((*lines, *line.lines[said:]), banner)
        if settle:
            self._ready()
        return found

    def _listen(self, span: Seconds, until: str | None) -> tuple[str, ...]:
        lines = self._bench.line.lines
        began = len(lines)
        self._bench.run(lambda: until is not None and any(each.startswith(until) for each in lines[began:]), span)
        return tuple(lines[began:])

    def _keep_before(self, found: Snapshot) -> None:
        self.before = {**self.before, **found}
        self._kept(self.before)

    def _take_snapshot(self) -> None:
        for attempt in range(GIVE_UP):
            try:
                self._keep_before(self._whole(snapshot(self._settings)))
                return
            except EdgeError as lost:
                self._regain(lost)
            except LineBroken:
                if attempt == GIVE_UP - 1 or self._silent >= GIVE_UP:
                    raise


def cases_of(scenes: Iterable[Scene]) -> Iterator[Case]:
    return (case for scene in scenes for case in scene.cases)


def chosen(scenes: Iterable[Scene], wanted: Callable[[Case], bool]) -> list[Scene]:
    """Those scenes that have any such case, with these cases alone."""
    found = []
    for scene in scenes:
        cases = tuple(case for case in scene.cases if wanted(case))
        if cases:
            found.append(replace(scene, cases=cases))
    return found


__all__ = ["PATIENCE", "LineBroken", "Part", "Result", "Runner", "Unrestored", "cases_of", "chosen"]
