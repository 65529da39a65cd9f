"""`nbtwin check PORT --model MODEL`: a module against its document, case by case, and what becomes of it as a report.

Knows options, questions and what is shown; the cases are in `nbtwin.check`.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from nbtwin.cli.as_json import AsJson, print_json
from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import Failed, WrongUsage

if TYPE_CHECKING:
    from rich.console import Console

    from nbtwin.api.real.module import RealPort
    from nbtwin.check.bench import Bench
    from nbtwin.check.port import Power
    from nbtwin.check.runner import Result
    from nbtwin.check.saved import SavedOutcome, SavedRun
    from nbtwin.check.settings import Snapshot
    from nbtwin.check.steps import Need, Scene
    from nbtwin.check.verdicts import Case, Outcome
    from nbtwin.module.profile import Profile

VIRTUAL = "virtual:"
Port = typer.Argument(
    None, metavar="[PORT]", help="A device file, COM3, rfc2217://HOST:PORT, socket://HOST:PORT; or virtual:MODEL."
)
Model = typer.Option(None, "--model", metavar="MODEL", help="What it is to be; by default what AT+CGMM says.")
Firmware = typer.Option(
    None, "--firmware", metavar="VERSION", help="What the cases are for; by default what AT+CGMR says."
)
Baud = typer.Option(None, "--baud", metavar="N", help="By default the model's own.", min=300, max=921600)
Only = typer.Option(
    [], "--only", metavar="PATTERN", help="Only cases whose names match: '*QDMPCFG*', kept/*. Repeatable."
)
ListThem = typer.Option(False, "--list", help="The cases, and what each needs; nothing is sent.")
Yes = typer.Option(False, "--yes", "-y", help="Agree to restarts and to overwriting keys, without being asked.")
PowerOption = typer.Option(
    "none", "--power", metavar="none|ask|URL", help="Who cuts the power: nobody, you when asked, or the lab at URL."
)
Save = typer.Option(None, "--save", metavar="FILE", help="Write the run there as JSON, as it goes.")
Resume = typer.Option(
    None, "--resume", metavar="FILE", help="Go on with a run that was cut off, and write it there again."
)
Html = typer.Option(None, "--html", metavar="FILE", help="Write a page to look at and to print.")
Junit = typer.Option(None, "--junit", metavar="FILE", help="Write the verdicts there as JUnit XML.")
Compare = typer.Option(None, "--compare", metavar="A B", help="Two saved runs: which verdicts differ.")


def check(
    port: str | None = Port,
    model: str | None = Model,
    firmware: str | None = Firmware,
    baud: int | None = Baud,
    only: list[str] = Only,
    list_them: bool = ListThem,
    yes: bool = Yes,
    power: str = PowerOption,
    save: Path | None = Save,
    resume: Path | None = Resume,
    html: Path | None = Html,
    junit: Path | None = Junit,
    compare: tuple[Path, Path] | None = Compare,
    as_json: bool = AsJson,
) -> None:
    """A module against its documents: each form, bound, error, default, start and schedule, with the bytes as evidence.

    \b
    nbtwin check virtual:BC28                          our own, in simulated time
    nbtwin check /dev/ttyUSB0 --model BC26 --html report.html
    nbtwin check /dev/ttyUSB0 --save run.json ; nbtwin check /dev/ttyUSB0 --resume run.json
    nbtwin check --compare before.json after.json

    On a real module it reads first, writes only what it puts back, and sends nothing to an operator; it asks before
    it restarts the module or overwrites keys. Exit status: 0 nothing failed, 1 something did, 2 wrong usage.
    """
    if compare is not None:
        _compare(*compare, as_json)
        return
    if port is None and not (list_them and model):
        raise WrongUsage(CliRefusal.PARAMETER_MISSING, parameter="PORT")
    if list_them:
        _list(port, model, firmware, only, as_json)
        return
    assert port is not None
    if port.startswith(VIRTUAL):
        from nbtwin.check.virtual import IMEI, VirtualBench
        from nbtwin.runtime.spec import find_model

        profile = find_model(port.removeprefix(VIRTUAL))
        expected = profile if model is None else find_model(model)
        bench = VirtualBench(profile, firmware=firmware)
        version = firmware or profile.firmware
        _run(expected, bench, version, IMEI, only, save, resume, html, junit, as_json, lambda result: None)
        return
    _on_port(port, model, firmware, baud, only, yes, power, save, resume, html, junit, as_json)


def _on_port(
    url: str, model: str | None, firmware: str | None, baud: int | None, only: list[str], yes: bool, power: str,
    save: Path | None, resume: Path | None, html: Path | None, junit: Path | None, as_json: bool,
) -> None:  # fmt: skip
    from nbtwin.check.port import PortBench
    from nbtwin.check.suite import scenes_of
    from nbtwin.edge.errors import EdgeError
    from nbtwin.host.errors import HostError

    try:
        real = open_real(url, model, baud)
    except (EdgeError, HostError) as error:
        raise Failed.of(error) from None
    bench = None
    try:
        profile, found = real.identity.profile, real.identity.found
        version = firmware or found.revision.removeprefix("Revision:").strip()
        agreed = _agreed(_chosen(scenes_of(profile), only), yes)
        bench = PortBench(real.port, agreed, _power(power, found.imei))
        _run(profile, bench, version, found.imei, only, save, resume, html, junit, as_json, lambda result: None)
    finally:
        if bench is not None:  # its port may be another by now
            bench.close()
        real.close()


def open_real(url: str, model: str | None, baud: int | None) -> RealPort:
    """What stands in the way is said with the command's own options: --model, --baud."""
    from nbtwin.api.real.module import RealPort
    from nbtwin.api.real.refusals import RealPortError, RealRefusal
    from nbtwin.check.refusals import RunRefusal
    from nbtwin.runtime.spec import find_model

    ours = {
        RealRefusal.SILENT: RunRefusal.PORT_SILENT,
        RealRefusal.GARBLED: RunRefusal.PORT_GARBLED,
        RealRefusal.MODEL_UNREAD: RunRefusal.PORT_UNREAD,
        RealRefusal.MODEL_OTHER: RunRefusal.PORT_OTHER,
        RealRefusal.NOT_READY: RunRefusal.PORT_LOST,
    }
    wanted = None if model is None else find_model(model).model
    try:
        return RealPort(url, wanted, baud)
    except RealPortError as error:
        raise Failed(ours[RealRefusal(error.code)], error.where, **error.fields) from None


def _agreed(scenes: Sequence[Scene], yes: bool) -> frozenset[Need]:
    """What the user allows of what cannot be undone or disturbs the module."""
    from nbtwin.check.phrases import CheckPhrase
    from nbtwin.check.steps import Need
    from nbtwin.check.words import needs_in_words
    from nbtwin.timeline.catalogue import say

    allowed: set[Need] = set()
    for need in (Need.RESTARTS, Need.LOSES):
        cases = sum(len(scene.cases) for scene in scenes if need in scene.needs)
        if not cases:
            continue
        if yes:
            allowed.add(need)
        elif sys.stdin.isatty():
            asked = say(CheckPhrase.ASK, chosen(), needs=needs_in_words([need], chosen()), cases=cases)
            print(asked, end="", file=sys.stderr, flush=True)
            if sys.stdin.readline().strip().lower() in ("y", "yes", "是"):
                allowed.add(need)
    return frozenset(allowed)


def _power(who: str, imei: str) -> Power | None:
    if who == "none":
        return None
    if who == "ask":
        return _Hands()
    if "://" not in who:
        raise WrongUsage(CliRefusal.NONE_OF, "--power", value=who, known=["none", "ask", "http://…"])
    return _LabPower(who, imei)


class _Hands:
    """The user's."""

    def cut(self) -> None:
        self._ask("ASK_CUT")

    def give(self) -> None:
        self._ask("ASK_GIVE")

    def _ask(self, what: str) -> None:
        from nbtwin.check.phrases import CheckPhrase
        from nbtwin.timeline.catalogue import say

        print(say(CheckPhrase[what], chosen()), file=sys.stderr, flush=True)
        sys.stdin.readline()


class _LabPower:
    """Of a lab that has the module: `nbtwin up --http …`."""

    def __init__(self, url: str, imei: str) -> None:
        from nbtwin.api.connecting import connect
        from nbtwin.check.refusals import RunRefusal

        self._lab = connect(url)
        found = [module for module in self._lab.modules.values() if module.imei == imei]
        if not found:
            raise Failed(RunRefusal.NO_MODULE, url, imei=imei)
        self._module = found[0]

    def cut(self) -> None:
        self._module.power_off()

    def give(self) -> None:
        self._module.power_on()


def _chosen(scenes: Sequence[Scene], only: Sequence[str]) -> list[Scene]:
    from nbtwin.check.refusals import RunRefusal
    from nbtwin.check.runner import chosen as those

    def wanted(case: Case) -> bool:
        return not only or any(fnmatchcase(case.name, each) or each in case.name for each in only)

    found = those(scenes, wanted)
    if not found:
        raise WrongUsage(RunRefusal.NO_CASE, "--only", value=" ".join(only))
    return found


def _list(port: str | None, model: str | None, firmware: str | None, only: Sequence[str], as_json: bool) -> None:
    from nbtwin.check.suite import scenes_of
    from nbtwin.check.words import case_in_words
    from nbtwin.runtime.spec import find_model

    named = model or (port or "").removeprefix(VIRTUAL)
    profile = find_model(named)
    rows = [(case, sorted(scene.needs)) for scene in _chosen(scenes_of(profile), only) for case in scene.cases]
    if as_json:
        items = [
            {"name": case.name, "known": case.known, "documents": case.documents, "decisions": case.decisions,
             "needs": needs, "text": case_in_words(case, chosen())}
            for case, needs in rows
        ]  # fmt: skip
        print_json("cases", items, model=profile.model)
        return
    for case, needs in rows:
        print(f"{case.name}  {case_in_words(case, chosen())}  [{case.known}]{'  ' + ' '.join(needs) if needs else ''}")


def _run(
    profile: Profile, bench: Bench, firmware: str, imei: str, only: list[str], save: Path | None, resume: Path | None,
    html: Path | None, junit: Path | None, as_json: bool, ended: Callable[[Result], None],
) -> None:  # fmt: skip
    from nbtwin.check.runner import Runner
    from nbtwin.check.saved import encode
    from nbtwin.check.settings import settings_of
    from nbtwin.check.suite import scenes_of

    began = time.monotonic()
    scenes = _chosen(scenes_of(profile), only)
    before: Snapshot | None = None
    earlier: list[Outcome] = []
    others: list[SavedOutcome] = []
    target = resume or save
    if resume is not None:
        earlier, others, before = _earlier(_read_of(resume, profile.model, imei), scenes, profile)
    done = {outcome.case.name for outcome in earlier}
    left = [scene for scene in scenes if not all(case.name in done for case in scene.cases)]
    progress = _Progress(left, as_json)
    saved_at = [0.0]

    def keep(now: bool = False) -> None:
        if target is not None and (now or time.monotonic() - saved_at[0] > 1):
            saved_at[0] = time.monotonic()
            _write(target, encode(runner.result, imei, runner.before, others))

    def told(outcome: Outcome) -> None:
        progress.tell(outcome)
        keep()

    def kept(snapshot: Snapshot) -> None:
        keep(now=True)  # before anything is written to the module

    runner = Runner(profile, bench, told=told, kept=kept, before=before, settings=settings_of(profile),
                    awaits=progress.awaits, imei=imei)  # fmt: skip
    runner.result.firmware = firmware
    runner.result.outcomes += [each for each in earlier if all(each.case not in scene.cases for scene in left)]
    try:
        with signals_as_ctrl_c(), progress:
            result = runner.run(left)
    finally:  # Ctrl-C, too: the settings are back by now, and the run can go on
        keep(now=True)
    ended(result)
    if html is not None:
        from nbtwin.check.page import page

        _write(html, page(result, imei, chosen()).encode())
    if junit is not None:
        from nbtwin.check.junit import junit as document

        _write(junit, document(result, time.monotonic() - began, chosen()))
    _show(result, imei, as_json, target)


def _read_of(path: Path, model: str, imei: str) -> SavedRun:
    from nbtwin.check.refusals import RunRefusal

    run = _read(path)
    if (run.model, run.imei) != (model, imei):
        raise WrongUsage(RunRefusal.OTHER_RUN, str(path), found=f"{run.model} {run.imei}", wanted=f"{model} {imei}")
    return run


def _earlier(
    run: SavedRun, scenes: Sequence[Scene], profile: Profile
) -> tuple[list[Outcome], list[SavedOutcome], Snapshot | None]:
    """What need not be played again, what is kept of cases that were not chosen, and the settings before it all."""
    from nbtwin.check.runner import cases_of
    from nbtwin.check.saved import outcomes_again
    from nbtwin.check.timing import time_cases
    from nbtwin.check.verdicts import Verdict

    chosen_ones, times = list(cases_of(scenes)), time_cases(profile)
    earlier = [
        each
        for each in outcomes_again(run, (*chosen_ones, *times))
        if each.case not in times or each.verdict is Verdict.FAIL  # a pass may still become none
    ]
    names = {case.name for case in chosen_ones}
    before = None if run.before is None else {name: tuple(lines) for name, lines in run.before.items()}
    return earlier, [each for each in run.outcomes if each.case not in names], before


@contextmanager
def signals_as_ctrl_c() -> Iterator[None]:
    """Whatever ends a program ends the run as Ctrl-C does: the settings are put back first (D189).

    A terminal that goes away may say so twice: the second time is no second Ctrl-C.
    """
    hang_up = getattr(signal, "SIGHUP", None)

    def stop(number: int, frame: object) -> None:
        if number == hang_up:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    taken = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
    try:
        for number in taken:
            signal.signal(number, stop)
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])


def _write(path: Path, data: bytes) -> None:
    try:
        beside = path.with_name(f"{path.name}.part")
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        raise WrongUsage.of(error, str(path)) from None


class _Progress:
    """A bar and the time left on a terminal's standard error; nothing elsewhere."""

    def __init__(self, scenes: Sequence[Scene], quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._costs = {case.name: scene.costs / len(scene.cases) for scene in scenes for case in scene.cases}
        self._total, self._left = len(self._costs), sum(self._costs.values())
        self._done, self._spent, self._began = 0, 0.0, time.monotonic()
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.fields[case]}", style="dim"), BarColumn(), TextColumn("{task.fields[left]}"),
            TimeElapsedColumn(), console=console, transient=True, disable=quiet or not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=self._total, case="", left="")

    def __enter__(self) -> None:
        self._bar.start()

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def awaits(self, span: float) -> None:
        """A port that has gone: for programs, too, whose users wonder why nothing goes on."""
        from nbtwin.check.phrases import CheckPhrase
        from nbtwin.timeline.catalogue import say

        self._bar.console.print(say(CheckPhrase.PORT_AWAITED, chosen(), span=span), markup=False, highlight=False)

    def tell(self, outcome: Outcome) -> None:
        from nbtwin.check.phrases import CheckPhrase
        from nbtwin.timeline.catalogue import say

        cost = self._costs.get(outcome.case.name, 0.0)
        self._done, self._spent, self._left = self._done + 1, self._spent + cost, max(self._left - cost, 0.0)
        if self._bar.disable:
            return
        pace = (time.monotonic() - self._began) / self._spent if self._spent else 1.0
        left = say(CheckPhrase.LEFT, chosen(), done=self._done, total=self._total, span=round(self._left * pace))
        self._bar.update(self._task, completed=self._done, case=outcome.case.name[:40], left=left)


def _show(result: Result, imei: str, as_json: bool, saved: Path | None) -> None:
    from nbtwin.check.refusals import RunRefusal
    from nbtwin.check.verdicts import Verdict

    if as_json:
        print_json("check", [_as_data(each, result) for each in result.outcomes], **_about(result, imei))
    else:
        from rich.console import Console

        _print(Console(highlight=False, soft_wrap=True), result, saved)
    wrong = result.count(Verdict.FAIL)
    if wrong:
        raise Failed(RunRefusal.FAILED, result.model, wrong=wrong, total=len(result.outcomes))
    if result.ended is not None:
        raise Failed(result.ended, result.model, **result.fields)


def _about(result: Result, imei: str) -> dict[str, Any]:
    from nbtwin.check.verdicts import Verdict

    return {
        "model": result.model,
        "firmware": result.firmware,
        "imei": imei,
        "verdicts": {str(verdict): result.count(verdict) for verdict in Verdict},
        "ended": None if result.ended is None else {"code": str(result.ended), **result.fields},
        "unrestored": [{"name": each.name, "expected": each.expected, "said": each.said} for each in result.unrestored],
    }


def _as_data(outcome: Outcome, result: Result) -> dict[str, Any]:
    from nbtwin.check.words import case_in_words, fidelity_line, why_in_words

    case = outcome.case
    return {
        "name": case.name,
        "verdict": str(outcome.verdict),
        "code": outcome.code and str(outcome.code),
        "fields": outcome.fields,
        "known": case.known,
        "documents": case.documents,
        "decisions": case.decisions,
        "says_otherwise": outcome.says_otherwise,
        "fidelity": fidelity_line(outcome, result.model, result.firmware) if outcome.says_otherwise else None,
        "evidence": [{"at": round(each.at, 6), "way": each.way, "data": each.data.hex()} for each in outcome.evidence],
        "text": " – ".join(filter(None, (case_in_words(case, chosen()), why_in_words(outcome, chosen())))),
    }


def _print(console: Console, result: Result, saved: Path | None) -> None:
    from rich.markup import escape

    from nbtwin.check.phrases import CheckPhrase
    from nbtwin.check.verdicts import CheckRefusal, Verdict
    from nbtwin.check.words import (
        case_in_words,
        fidelity_line,
        heard_in_words,
        otherwise_in_words,
        verdict_in_words,
        why_in_words,
    )
    from nbtwin.runtime.explanation import known_in_words
    from nbtwin.timeline.catalogue import say

    language = chosen()
    colours = {Verdict.FAIL: "red", Verdict.INCONCLUSIVE: "yellow"}
    for outcome in result.outcomes:
        if outcome.verdict not in colours or outcome.code is CheckRefusal.NOT_REACHED:
            continue
        colour = colours[outcome.verdict]
        said = verdict_in_words(outcome.verdict, language)
        console.print(f"[{colour}]{escape(said)}[/] {escape(outcome.case.name)}: "
                      f"{escape(case_in_words(outcome.case, language))} "
                      f"[dim]\\[{escape(known_in_words(outcome.case.known, language))}][/]")  # fmt: skip
        console.print(f"    {escape(why_in_words(outcome, language))}")
        if outcome.verdict is Verdict.FAIL:
            for heard in outcome.evidence[-6:]:
                console.print(f"    [dim]{escape(heard_in_words(heard))}[/]")
        if outcome.says_otherwise:
            console.print(f"    {escape(otherwise_in_words(outcome, result.model, language))}")
            line = fidelity_line(outcome, result.model, result.firmware)
            console.print(f"    {escape(say(CheckPhrase.TO_FIDELITY, language, line=line))}")
    _print_unplayed(console, result)
    if result.restored:
        console.print(say(CheckPhrase.RESTORED, language, number=result.restored))
    for left in result.unrestored:
        said = say(CheckPhrase.UNRESTORED, language, name=left.name, expected=left.expected, said=left.said)
        console.print(f"[red]{escape(said)}[/]")
    if result.ended is not None:
        ended = {"code": str(result.ended), **result.fields}
        console.print(f"[yellow]{escape(say(CheckPhrase.ENDED, language, why=ended))}[/]")
        if saved is not None:
            console.print(escape(say(CheckPhrase.GO_ON, language, file=str(saved))))
    console.print(
        say(
            CheckPhrase.SUMMARY, language, model=result.model, passed=result.count(Verdict.PASS),
            failed=result.count(Verdict.FAIL), inconclusive=result.count(Verdict.INCONCLUSIVE),
            left=result.count(Verdict.NOT_APPLICABLE),
        )
    )  # fmt: skip


def _print_unplayed(console: Console, result: Result) -> None:
    """Cases that nothing was sent for, by the reason: hundreds, when a run ends early."""
    from collections import Counter

    from rich.markup import escape

    from nbtwin.check.verdicts import CheckRefusal, Verdict
    from nbtwin.check.words import verdict_in_words, why_in_words

    language = chosen()
    reasons = Counter(
        (verdict_in_words(outcome.verdict, language), why_in_words(outcome, language))
        for outcome in result.outcomes
        if outcome.verdict is Verdict.NOT_APPLICABLE or outcome.code is CheckRefusal.NOT_REACHED
    )
    for (verdict, why), count in reasons.items():
        console.print(f"[dim]{escape(verdict)} ({count}): {escape(why)}[/]")


def _read(path: Path) -> SavedRun:
    from nbtwin.check.saved import SavedRunError, decode

    try:
        return decode(path.read_bytes())
    except (OSError, SavedRunError) as error:
        raise WrongUsage.of(error, str(path)) from None


def _compare(one: Path, other: Path, as_json: bool) -> None:
    from nbtwin.check.phrases import CheckPhrase
    from nbtwin.check.saved import differences
    from nbtwin.check.words import verdict_in_words
    from nbtwin.timeline.catalogue import say

    found = differences(_read(one), _read(other))
    if as_json:
        print_json("differences", [{"name": e.case, "before": e.before, "after": e.after} for e in found])
        return
    for each in found:
        before, after = ("–" if v is None else verdict_in_words(v, chosen()) for v in (each.before, each.after))
        print(say(CheckPhrase.CHANGED, chosen(), name=each.case, before=before, after=after))
    if not found:
        print(say(CheckPhrase.SAME, chosen()))
