"""Scenarios: the ones that come with nbtwin, and runs of them or of others, in worlds of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from nbtwin.api.rest import Rest
from nbtwin.api.session import Session
from nbtwin.engine import Seconds

_WAIT = 60.0
_OVER = ("passed", "failed", "broken", "stopped")


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    passed: bool
    at: Seconds
    """Of the scenario's own world."""
    source: str
    what: str
    expected: str
    found: str
    where: str
    """In its file."""
    why: str
    text: str


class ScenarioExample(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    about: str
    modules: tuple[str, ...]
    """The models in it."""
    yaml: str = ""
    """Of one that was asked for."""


class ScenarioRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run that has ended."""

    id: int
    name: str
    title: str
    seed: int
    state: str
    """ "waiting", "running", "passed", "failed", "broken" or "stopped"."""
    error: str
    now: Seconds
    """The time of its own world."""
    entries: int
    """How many its timeline has."""
    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> bool:
        return self.state == "passed"


class RunEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a run's own timeline."""

    number: int
    at: Seconds
    source: str
    kind: str
    code: str
    fields: Mapping[str, Any]
    text: str


class _Page(msgspec.Struct, frozen=True):
    entries: list[RunEntry]
    newest: int
    more: bool


class Scenarios:
    """Of a lab, which they do not touch. Given by `Lab.scenarios`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _rest(self) -> Rest:
        return self._session.rest

    def examples(self) -> list[ScenarioExample]:
        return self._rest.get(list[ScenarioExample], "scenarios")

    def example(self, name: str) -> ScenarioExample:
        return self._rest.get(ScenarioExample, "scenarios", name)

    def run(self, scenario: str | Path, *, seed: int | None = None, language: str = "en") -> ScenarioRun:
        """Run it to its end: an example by name, YAML as text, or a `Path` to a file of it.

        LabRefused for a scenario that cannot be. ``language``: of its verdicts.
        """
        body: dict[str, Any] = {"seed": seed, "wait": _WAIT} if seed is not None else {"wait": _WAIT}
        if isinstance(scenario, Path):
            body["yaml"] = scenario.read_text(encoding="utf-8")
        else:
            body["yaml" if "\n" in scenario else "name"] = scenario
        run = self._session.rest.ask(ScenarioRun, "POST", ("scenarios", "runs"), body, {"lang": language})
        while run.state not in _OVER:
            run = self._rest.get(ScenarioRun, "scenarios", "runs", str(run.id), lang=language, wait=_WAIT)
        return run

    def runs(self, language: str = "en") -> list[ScenarioRun]:
        """The newest, which are kept for a while."""
        return self._rest.get(list[ScenarioRun], "scenarios", "runs", lang=language)

    def get(self, id: int, language: str = "en") -> ScenarioRun:
        return self._rest.get(ScenarioRun, "scenarios", "runs", str(id), lang=language)

    def stop(self, id: int) -> None:
        self._session.rest.do("DELETE", "scenarios", "runs", str(id))

    def timeline(self, run: ScenarioRun | int, language: str = "en") -> Iterator[RunEntry]:
        """What happened in it, oldest first."""
        number = str(run if isinstance(run, int) else run.id)
        after = 0
        while True:
            page = self._rest.get(_Page, "scenarios", "runs", number, "timeline", after=after, lang=language)
            yield from page.entries
            if not page.more or not page.entries:
                return
            after = page.entries[-1].number
