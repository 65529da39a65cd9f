"""Scenario files side by side, each in a process: what each prints is kept, and shown in the order of the files.

Knows processes and standard output; how a file is run and shown is known in `nbtwin.cli.run_one`.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from nbtwin.cli.junit import Suite
from nbtwin.cli.language import choose, chosen
from nbtwin.cli.logs import configure
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.run_one import Asked, Outcome, perform
from nbtwin.runtime.errors import Failed
from nbtwin.runtime.unexpected import install
from nbtwin.runtime.worlds import cores, in_order
from nbtwin.scenario.loading import load
from nbtwin.scenario.phrases import RunPhrase
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.catalogue.errors import worded


@dataclass(frozen=True)
class _File:
    """One file's part, as data: it is handed to another process."""

    path: Path
    text: bytes
    asked: Asked
    language: str
    log_level: str
    log_json: bool
    screen: Mapping[str, Any]  # of a console that writes where this one would


@dataclass(frozen=True)
class _Performed:
    """With what it printed."""

    outcome: Outcome
    out: str = ""
    err: str = ""


def perform_all(
    files: Sequence[tuple[Path, bytes]], asked: Asked, jobs: int, log_level: str, log_json: bool
) -> Iterator[Outcome]:
    """What comes of each, in their order; printed before it is given. How far all are is shown on the terminal."""
    here, errors = Console(highlight=False), Console(stderr=True)
    screen = {"force_terminal": here.is_terminal, "width": here.width, "color_system": here.color_system}
    given = [_File(path, text, asked, chosen(), log_level, log_json, screen) for path, text in files]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task(say(RunPhrase.FILES, chosen(), count=len(files)), total=len(files))
        results = in_order(
            _perform, given, jobs or cores(), on_done=lambda done: progress.update(task, completed=done), lost=_lost
        )
        try:
            for result in results:
                _print(result, progress)
                yield result.outcome
        finally:
            results.close()


def _print(result: _Performed, progress: Progress) -> None:
    """Not into the middle of the line that shows how far it is."""
    if not progress.disable:
        progress.stop()
    for stream, text in ((sys.stderr, result.err), (sys.stdout, result.out)):
        stream.write(text)
        stream.flush()
    if not progress.disable:
        progress.start()


def _perform(file: _File) -> _Performed:
    """In a process of its own."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        choose(file.language)
        configure(file.log_level, file.log_json)
        install(logging.getLogger("nbtwin.cli"))
        outcome = perform(file.path, file.text, load(file.text, str(file.path)), file.asked, file.screen)
    return _Performed(outcome, out.getvalue(), err.getvalue())


def _lost(file: _File) -> _Performed:
    """Its process has ended by itself, and what it had printed with it."""
    error = Failed(CliRefusal.RUN_LOST, str(file.path))
    return _Performed(Outcome(Suite(file.path, str(file.path), 0.0, error=worded(error, chosen())), error, True))
