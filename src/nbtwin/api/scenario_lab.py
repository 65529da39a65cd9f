"""A lab as a scenario's file describes it: platforms, network with faults, modules.

Its steps are played when they are asked for, and what it expects is then asserted.

Knows the scenario floor and the simulated lab; knows no test runner.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nbtwin.api.errors import LabError, PythonRefusal
from nbtwin.api.lab import Lab
from nbtwin.api.simulated import KEPT, SimulatedBackend
from nbtwin.scenario.loading import load, places
from nbtwin.scenario.model import in_language
from nbtwin.scenario.runner import ScenarioRunner
from nbtwin.scenario.verdicts import Verdict
from nbtwin.timeline.ring import Timeline


class ScenarioUnmet(LabError, AssertionError):
    """Something that a scenario expects is not so. ``verdicts`` are those; its text has one a line."""

    def __init__(self, verdicts: Mapping[str, Verdict], title: str, count: int) -> None:
        super().__init__(PythonRefusal.SCENARIO_UNMET, title=title, unmet=len(verdicts), count=count)
        self.verdicts = list(verdicts.values())
        self.lines = tuple(f"{where}: {verdict.text}" for where, verdict in verdicts.items())

    def __str__(self) -> str:
        return "\n".join((super().__str__(), *(f"    {line}" for line in self.lines)))


class ScenarioLab(Lab):
    """The file's, at its first instant: modules that are on from the start are switched on, no step has been taken.

    OSError and `scenario.refusals.ScenarioError` for a file that cannot be read; SettingRefused, a ValueError, for a
    module that cannot be delivered.
    """

    def __init__(self, file: Path, name: str, seed: int | None = None) -> None:
        text = file.read_bytes()
        self.scenario = load(text, name)
        self._places = {where: f"{name}:{line}" for where, line in places(text).items()}
        timeline = Timeline(KEPT)
        self._runner = ScenarioRunner(self.scenario, self.scenario.seed if seed is None else seed, timeline)
        self._runner.set_up()
        self._stand_on(_ScenarioBackend(self._runner, timeline))

    def play(self) -> list[Verdict]:
        """Every step in its time, to the end. ScenarioUnmet, an AssertionError, for what is not as expected."""
        verdicts = self._runner.run().verdicts
        unmet = {self._places.get(verdict.where, verdict.where): verdict for verdict in verdicts if not verdict.passed}
        if unmet:
            raise ScenarioUnmet(unmet, in_language(self.scenario.title, "en"), len(verdicts))
        return verdicts


class _ScenarioBackend(SimulatedBackend):
    """Over the bench of a scenario."""

    def __init__(self, runner: ScenarioRunner, timeline: Timeline) -> None:
        self._stand_on(runner.bench, timeline)
