"""`nbtwin run SCENARIO.yaml…`: what happens, as it happens, then a verdict for every expectation.

Knows how a run is shown; what a scenario is, is known in `nbtwin.scenario`.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from nbtwin.cli.language import chosen
from nbtwin.cli.logs import AsJson, Level, configure
from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import Failed, WrongUsage

if TYPE_CHECKING:
    from rich.console import Console

    from nbtwin.scenario.model import Scenario
    from nbtwin.scenario.runner import ScenarioResult
    from nbtwin.timeline.entry import Entry

Files = typer.Argument(metavar="SCENARIO.yaml…", help="There are some in examples/.")
Json = typer.Option(False, "--json", help="JSON lines: every entry of the timeline, then the verdicts.")
Seed = typer.Option(None, "--seed", metavar="N", help="Instead of the seed in the file.")
Quiet = typer.Option(False, "--quiet", "-q", help="The verdicts alone.")
Junit = typer.Option(None, "--junit", metavar="FILE", help="Write the verdicts there as JUnit XML.")
Pcap = typer.Option(
    None, "--pcap", metavar="FILE", help="Write a capture for Wireshark: datagrams, AT lines, DTLS keys."
)


def run_scenario(
    scenarios: list[Path] = Files,
    as_json: bool = Json,
    seed: int | None = Seed,
    quiet: bool = Quiet,
    junit: Path | None = Junit,
    pcap: Path | None = Pcap,
    log_level: str = Level,
    log_json: bool = AsJson,
) -> None:
    """Scenarios in simulated time: what happens, and a verdict for each expectation.

    \b
    nbtwin run examples/telecom-server-down.yaml
    nbtwin run examples/*.yaml --quiet --junit /tmp/verdicts.xml
    nbtwin run examples/telecom-server-down.yaml --quiet --pcap /tmp/trace.pcapng

    What is wrong in any of the files is told first, each mistake with its line; then the others run.
    Exit status: 0 all is as expected, 1 something is not, 2 a file cannot be run.
    """
    from nbtwin.cli.junit import Suite
    from nbtwin.cli.junit import junit as junit_of
    from nbtwin.cli.output import warn
    from nbtwin.runtime.unexpected import install
    from nbtwin.timeline.catalogue.errors import worded

    configure(log_level, log_json)
    install(logging.getLogger("nbtwin.cli"))
    if pcap is not None and len(scenarios) > 1:
        raise WrongUsage(CliRefusal.ONE_FILE, "--pcap")
    errors: list[WrongUsage | Failed] = []
    suites: list[Suite] = []
    loaded = [(scenario, *_load(scenario)) for scenario in scenarios]
    for mistake in (mistake for *_, mistakes in loaded for mistake in mistakes):
        warn(mistake)  # of every file, before any of them runs
    for scenario, read, mistakes in loaded:
        began = time.monotonic()
        if read is None:
            said = "\n".join(worded(mistake, chosen()) for mistake in mistakes)
            suites.append(Suite(scenario, str(scenario), 0.0, error=said))
            continue
        try:
            result, places = _run(scenario, *read, as_json, seed, quiet, pcap)
        except WrongUsage as error:
            errors.append(error)
            suites.append(Suite(scenario, str(scenario), time.monotonic() - began, error=worded(error, chosen())))
            continue
        verdicts, title = result.verdicts, result.scenario.title or str(scenario)
        at = [places[verdict.where] for verdict in verdicts]
        suites.append(Suite(scenario, title, time.monotonic() - began, verdicts, at))
        if not result.passed:
            wrong = sum(not verdict.passed for verdict in verdicts)
            errors.append(Failed(CliRefusal.EXPECTATIONS, str(scenario), wrong=wrong, total=len(verdicts)))
    if junit is not None:
        try:
            junit.write_bytes(junit_of(suites, chosen()))
        except OSError as error:
            raise WrongUsage.of(error, f"--junit {junit}") from None
    _end(errors, any(mistakes for *_, mistakes in loaded))


def _end(errors: Sequence[WrongUsage | Failed], unread: bool) -> None:
    """With the exit status; ``unread``: there was a file that could not be run."""
    from nbtwin.cli.output import warn

    for error in sorted(errors, key=lambda error: isinstance(error, WrongUsage)):
        warn(error)
    if unread or any(isinstance(error, WrongUsage) for error in errors):
        raise typer.Exit(2)
    if errors:
        raise typer.Exit(1)


def _load(path: Path) -> tuple[tuple[bytes, Scenario] | None, Sequence[WrongUsage]]:
    """The file's text and what it says; or all that is wrong with it."""
    from nbtwin.scenario.loading import load
    from nbtwin.scenario.refusals import ScenarioError

    try:
        text = path.read_bytes()
        return (text, load(text, str(path))), ()
    except OSError as error:
        return None, (WrongUsage.of(error, str(path)),)
    except ScenarioError as error:
        return None, [WrongUsage.of(mistake) for mistake in error.mistakes or (error,)]


def _run(
    scenario: Path, text: bytes, read: Scenario, as_json: bool, seed: int | None, quiet: bool, pcap: Path | None
) -> tuple[ScenarioResult, dict[str, str]]:
    """What came of one file, and where in it each expectation stands. WrongUsage when it cannot be run."""
    from rich.console import Console

    from nbtwin.cli.output import open_capture
    from nbtwin.runtime.simulated_lab import SettingRefused
    from nbtwin.scenario.loading import places
    from nbtwin.scenario.runner import run
    from nbtwin.timeline.ring import Timeline

    console = Console(highlight=False)
    timeline = None if quiet and pcap is None else Timeline(size=1, sinks=[] if quiet else [_sink(console, as_json)])
    capture = nullcontext() if timeline is None or pcap is None else open_capture(timeline, pcap)
    try:
        with capture:
            result = run(read, seed=seed, timeline=timeline)
    except SettingRefused as error:
        where = f"{scenario}:{places(text)[error.where]}: {error.where}.settings"
        raise WrongUsage(error.code, where, **error.fields) from None
    found = {where: f"{scenario}:{line}" for where, line in places(text).items()}
    if as_json:
        _print_json_verdicts(result)
    else:
        _print_verdicts(console, result, found)
    return result, found


def _sink(console: Console, as_json: bool) -> Callable[[Entry], None]:
    """Everything; on the screen without what modules wait for: half of the lines, and seldom the question."""
    from nbtwin.timeline.clock import format_simulated
    from nbtwin.timeline.entry import EntryKind
    from nbtwin.timeline.jsonl import writer
    from nbtwin.timeline.terminal import printer

    if as_json:
        return writer(sys.stdout, format_simulated, chosen())
    return printer(console, language=chosen(), without=(EntryKind.DEADLINE,))


def _print_verdicts(console: Console, result: ScenarioResult, places: Mapping[str, str]) -> None:
    from rich.text import Text

    from nbtwin.scenario.phrases import RunPhrase
    from nbtwin.timeline.catalogue import say
    from nbtwin.timeline.clock import format_simulated

    language = chosen()
    title = say(RunPhrase.TITLE, language, title=result.scenario.title, seed=result.seed)
    console.print(Text(f"\n{title}", "bold"), soft_wrap=True)
    for verdict in result.verdicts:
        line = Text("  ✓ " if verdict.passed else "  ✗ ", "green" if verdict.passed else "bold red")
        line.append(f"{format_simulated(verdict.at):>16}  ", "dim")
        line.append(f"{verdict.source:<12}  ")
        line.append(verdict.words(language), "" if verdict.passed else "red")
        line.append(
            f"  {verdict.why}" if verdict.passed else f"  {places[verdict.where]} {verdict.why}".rstrip(), "dim"
        )
        console.print(line, soft_wrap=True)


def _print_json_verdicts(result: ScenarioResult) -> None:
    """The shape of a timeline's entry, so that one reader reads them all."""
    from nbtwin.scenario.phrases import RunPhrase
    from nbtwin.timeline.catalogue import say

    language = chosen()
    for verdict in result.verdicts:
        text = verdict.words(language)
        _print_line(verdict.at, verdict.source, "verdict", verdict.code, text, verdict.fields)
    met, total = sum(verdict.passed for verdict in result.verdicts), len(result.verdicts)
    fields = {"title": result.scenario.title, "seed": result.seed, "passed": result.passed, "met": met, "total": total}
    text = say(RunPhrase.ENDED, language, met=met, total=total)
    _print_line(result.bench.world.now, "scenario", "summary", RunPhrase.ENDED, text, fields)


def _print_line(at: float, source: str, kind: str, code: str, text: str, fields: dict[str, Any]) -> None:
    values = {"at": at, "source": source, "kind": kind, "code": code, "text": text, "fields": fields}
    print(json.dumps(values, ensure_ascii=False, separators=(",", ":")))
