"""One scenario file, run and shown: the timeline as it happens, then a verdict for every expectation.

Knows what is printed, and what of it a report keeps; knows no other file and no process.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import Failed, WrongUsage

if TYPE_CHECKING:
    from rich.console import Console

    from nbtwin.cli.junit import Suite
    from nbtwin.scenario.model import Scenario
    from nbtwin.scenario.runner import ScenarioResult
    from nbtwin.timeline.entry import Entry


@dataclass(frozen=True)
class Asked:
    """How a file is to be run and shown. Data: it is handed to another process."""

    as_json: bool = False
    seed: int | None = None
    quiet: bool = False
    pcap: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of one file that could be read. ``unrun``: it did not come to its end."""

    suite: Suite
    error: WrongUsage | Failed | None = None
    unrun: bool = False


def perform(scenario: Path, text: bytes, read: Scenario, asked: Asked, screen: Mapping[str, Any] = {}) -> Outcome:
    """One file, shown as it happens. ``screen``: what a console has to know where standard output is none."""
    from rich.console import Console

    from nbtwin.cli.junit import Suite
    from nbtwin.scenario.model import in_language
    from nbtwin.timeline.catalogue.errors import worded

    began = time.monotonic()
    try:
        result, places = _run(scenario, text, read, asked, Console(highlight=False, **screen))
    except WrongUsage as error:
        said = worded(error, chosen())
        return Outcome(Suite(scenario, str(scenario), time.monotonic() - began, error=said), error, True)
    verdicts, title = result.verdicts, in_language(result.scenario.title, chosen()) or str(scenario)
    at = [places[verdict.where] for verdict in verdicts]
    suite = Suite(scenario, title, time.monotonic() - began, verdicts, at)
    if result.passed:
        return Outcome(suite)
    wrong = sum(not verdict.passed for verdict in verdicts)
    return Outcome(suite, Failed(CliRefusal.EXPECTATIONS, str(scenario), wrong=wrong, total=len(verdicts)))


def _run(
    scenario: Path, text: bytes, read: Scenario, asked: Asked, console: Console
) -> tuple[ScenarioResult, dict[str, str]]:
    """What came of one file, and where in it each expectation stands. WrongUsage when it cannot be run."""
    from nbtwin.cli.output import open_capture
    from nbtwin.runtime.simulated_lab import SettingRefused
    from nbtwin.scenario.loading import places
    from nbtwin.scenario.runner import run
    from nbtwin.timeline.ring import Timeline

    timeline = None
    if not asked.quiet or asked.pcap is not None:
        timeline = Timeline(size=1, sinks=[] if asked.quiet else [_sink(console, asked.as_json)])
    capture = nullcontext() if timeline is None or asked.pcap is None else open_capture(timeline, asked.pcap)
    try:
        with capture:
            result = run(read, seed=asked.seed, timeline=timeline)
    except SettingRefused as error:
        where = f"{scenario}:{places(text)[error.where]}: {error.where}.settings"
        raise WrongUsage(error.code, where, **error.fields) from None
    found = {where: f"{scenario}:{line}" for where, line in places(text).items()}
    if asked.as_json:
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

    from nbtwin.scenario.model import in_language
    from nbtwin.scenario.phrases import RunPhrase
    from nbtwin.timeline.catalogue import say
    from nbtwin.timeline.clock import format_simulated

    language = chosen()
    title = say(RunPhrase.TITLE, language, title=in_language(result.scenario.title, language), seed=result.seed)
    console.print(Text(f"\n{title}", "bold"), soft_wrap=True)
    for verdict in result.verdicts:
        line = Text("  ✓ " if verdict.passed else "  ✗ ", "green" if verdict.passed else "bold red")
        line.append(f"{format_simulated(verdict.at):>16}  ", "dim")
        line.append(f"{verdict.source:<12}  ")
        line.append(verdict.words(language), "" if verdict.passed else "red")
        why = verdict.remark(language)
        line.append(f"  {why}" if verdict.passed else f"  {places[verdict.where]} {why}".rstrip(), "dim")
        console.print(line, soft_wrap=True)


def _print_json_verdicts(result: ScenarioResult) -> None:
    """The shape of a timeline's entry, so that one reader reads them all."""
    from nbtwin.scenario.model import in_language
    from nbtwin.scenario.phrases import RunPhrase
    from nbtwin.timeline.catalogue import say

    language = chosen()
    for verdict in result.verdicts:
        text = verdict.words(language)
        _print_line(verdict.at, verdict.source, "verdict", verdict.code, text, verdict.fields)
    met, total = sum(verdict.passed for verdict in result.verdicts), len(result.verdicts)
    title = in_language(result.scenario.title, "en")
    fields = {"title": title, "seed": result.seed, "passed": result.passed, "met": met, "total": total}
    text = say(RunPhrase.ENDED, language, met=met, total=total)
    _print_line(result.bench.world.now, "scenario", "summary", RunPhrase.ENDED, text, fields)


def _print_line(at: float, source: str, kind: str, code: str, text: str, fields: dict[str, Any]) -> None:
    values = {"at": at, "source": source, "kind": kind, "code": code, "text": text, "fields": fields}
    print(json.dumps(values, ensure_ascii=False, separators=(",", ":")))
