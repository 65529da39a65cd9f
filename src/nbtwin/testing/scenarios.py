"""``@pytest.mark.nb_scenario``: a test's lab as a scenario's file describes it. Loaded with the first such test.

Knows marks and the lab of a scenario; knows no report.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from nbtwin.api.scenario_lab import ScenarioLab
from nbtwin.foreign import detail_of
from nbtwin.scenario.model import in_language
from nbtwin.scenario.verdicts import Verdict
from nbtwin.testing.misuse import asked
from nbtwin.testing.refusals import PluginError, PluginRefusal
from nbtwin.timeline.catalogue.errors import worded

_WHERE = "@pytest.mark.nb_scenario"


class ScenarioPlay:
    """What a test does with its scenario; given by the fixture `nb_scenario`."""

    def __init__(self, lab: ScenarioLab) -> None:
        self._lab = lab

    @property
    def title(self) -> str:
        return in_language(self._lab.scenario.title, "en")

    def run(self) -> Sequence[Verdict]:
        """The steps of the file, in the test's lab, to the end; the lab is left as it is then.

        An AssertionError names each expectation that is not met, with its line in the file.
        """
        __tracebackhide__ = True
        return self._lab.play()


def new_lab(request: pytest.FixtureRequest) -> ScenarioLab:
    """Of the file that the mark names, beside the test's own. PluginError."""
    said = asked(request.node, "nb_scenario")
    for mark in ("nb_lab", "nb_module"):
        if asked(request.node, mark):
            raise PluginError(PluginRefusal.SCENARIO_BESIDE, _WHERE, mark=mark)
    if not said.words:
        raise PluginError(PluginRefusal.MARK_FORM, _WHERE, described='nb_scenario("FILE")')
    for option in ("--nb-port", "--nb-live"):
        if request.config.getoption(option):
            pytest.skip(worded(PluginError(PluginRefusal.SCENARIO_SIMULATED, option=option)))
    name, seed = said.words[0], said.keywords.get("seed", request.config.getoption("--nb-seed"))
    try:
        return ScenarioLab(request.node.path.parent / name, name, seed)
    except OSError as error:
        raise PluginError(PluginRefusal.SCENARIO_UNREADABLE, _WHERE, file=name, detail=detail_of(error)) from None


def play_of(request: pytest.FixtureRequest, lab: object) -> ScenarioPlay:
    """PluginError for a test without the mark."""
    if not isinstance(lab, ScenarioLab):
        raise PluginError(PluginRefusal.SCENARIO_MARK_MISSING)
    return ScenarioPlay(lab)
