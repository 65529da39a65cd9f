"""`nbtwin run SCENARIO.yaml…`: what happens, as it happens, then a verdict for every expectation.

Knows the command and what comes of all files; how one is run and shown is known in `nbtwin.cli.run_one`, how several
are side by side in `nbtwin.cli.run_apart`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nbtwin.cli.language import chosen
from nbtwin.cli.logs import AsJson, Level, configure
from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import Failed, WrongUsage

if TYPE_CHECKING:
    from nbtwin.cli.run_one import Asked, Outcome
    from nbtwin.scenario.model import Scenario

Files = typer.Argument(metavar="SCENARIO.yaml…", help="There are some in examples/.")
Json = typer.Option(False, "--json", help="JSON lines: every entry of the timeline, then the verdicts.")
Seed = typer.Option(None, "--seed", metavar="N", help="Instead of the seed in the file.")
Quiet = typer.Option(False, "--quiet", "-q", help="The verdicts alone.")
Junit = typer.Option(None, "--junit", metavar="FILE", help="Write the verdicts there as JUnit XML.")
Pcap = typer.Option(
    None, "--pcap", metavar="FILE", help="Write a capture for Wireshark: datagrams, AT lines, DTLS keys."
)
Jobs = typer.Option(
    1, "--jobs", metavar="N", min=0, max=256, help="Processes that run files side by side; 0: one for each core."
)


def run_scenario(
    scenarios: list[Path] = Files,
    as_json: bool = Json,
    seed: int | None = Seed,
    quiet: bool = Quiet,
    junit: Path | None = Junit,
    pcap: Path | None = Pcap,
    jobs: int = Jobs,
    log_level: str = Level,
    log_json: bool = AsJson,
) -> None:
    """Scenarios in simulated time: what happens, and a verdict for each expectation.

    \b
    nbtwin run examples/telecom-server-down.yaml
    nbtwin run examples/*.yaml --quiet --junit /tmp/verdicts.xml
    nbtwin run examples/*.yaml --quiet --jobs 0
    nbtwin run examples/telecom-server-down.yaml --quiet --pcap /tmp/trace.pcapng

    What is wrong in any of the files is told first, each mistake with its line; then the others run.
    With several processes each file is shown when it is over and all before it are: the same lines in the same order.
    Exit status: 0 all is as expected, 1 something is not, 2 a file cannot be run.
    """
    from nbtwin.cli.junit import Suite
    from nbtwin.cli.junit import junit as junit_of
    from nbtwin.cli.output import warn
    from nbtwin.cli.run_one import Asked
    from nbtwin.runtime.unexpected import install
    from nbtwin.timeline.catalogue.errors import worded

    configure(log_level, log_json)
    install(logging.getLogger("nbtwin.cli"))
    if pcap is not None and len(scenarios) > 1:
        raise WrongUsage(CliRefusal.ONE_FILE, "--pcap")
    asked = Asked(as_json, seed, quiet, pcap)
    loaded = [(scenario, *_load(scenario)) for scenario in scenarios]
    for mistake in (mistake for *_, mistakes in loaded for mistake in mistakes):
        warn(mistake)  # of every file, before any of them runs
    readable = [(scenario, read) for scenario, read, _ in loaded if read is not None]
    outcomes = _outcomes(readable, asked, jobs, log_level, log_json)
    ended: list[Outcome] = []
    suites: list[Suite] = []
    for scenario, read, mistakes in loaded:
        if read is None:
            said = "\n".join(worded(mistake, chosen()) for mistake in mistakes)
            suites.append(Suite(scenario, str(scenario), 0.0, error=said))
        else:
            ended.append(next(outcomes))
            suites.append(ended[-1].suite)
    errors = [outcome.error for outcome in ended if outcome.error is not None]
    unrun = any(outcome.unrun for outcome in ended) or any(mistakes for *_, mistakes in loaded)
    if junit is not None:
        try:
            junit.write_bytes(junit_of(suites, chosen()))
        except OSError as error:
            raise WrongUsage.of(error, f"--junit {junit}") from None
    _end(errors, unrun)


def _outcomes(
    readable: Sequence[tuple[Path, tuple[bytes, Scenario]]], asked: Asked, jobs: int, log_level: str, log_json: bool
) -> Iterator[Outcome]:
    """One after the other, or side by side: in the files' order."""
    from nbtwin.cli.run_one import perform

    if jobs == 1 or len(readable) < 2:
        return (perform(scenario, *read, asked) for scenario, read in readable)
    from nbtwin.cli.run_apart import perform_all

    return perform_all([(scenario, text) for scenario, (text, _) in readable], asked, jobs, log_level, log_json)


def _end(errors: Sequence[WrongUsage | Failed], unrun: bool) -> None:
    """With the exit status; ``unrun``: there was a file that could not be run."""
    from nbtwin.cli.output import warn

    for error in sorted(errors, key=lambda error: isinstance(error, WrongUsage)):
        warn(error)
    if unrun:
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
