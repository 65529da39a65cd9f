"""Every example runs, meets its expectations with its own seed, and takes its word back when nothing happens."""

import re
from pathlib import Path

import pytest

from nbtwin.scenario.loading import load
from nbtwin.scenario.model import in_language
from nbtwin.scenario.runner import run
from nbtwin.scenario.values import SwitchedOn

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_shows_what_it_says(path: Path) -> None:
    result = run(load(path.read_bytes(), path.name))
    assert result.verdicts
    wrong = [f"{verdict.where}: {verdict.source} {verdict.text}" for verdict in result.verdicts if not verdict.passed]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_with_its_modules_switched_off_is_not_fulfilled(path: Path) -> None:
    scenario = load(path.read_bytes(), path.name)
    for spec in scenario.modules:
        spec.power = SwitchedOn(None)
    scenario.steps = [step for step in scenario.steps if step.power is None]
    assert not run(scenario).passed


def test_there_are_a_dozen_and_each_names_its_sources() -> None:
    assert len(EXAMPLES) >= 12
    for path in EXAMPLES:
        text = path.read_text()
        assert text.startswith("# "), f"{path.name} says nothing of itself"
        assert any(source in text for source in ("DOC-", "docs/spec/")), f"{path.name} names no source"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_title_and_remarks_of_an_example_are_in_both_languages(path: Path) -> None:
    scenario = load(path.read_bytes(), path.name)
    told = [
        scenario.title,
        *(each.why for each in scenario.expect if re.search("[a-z]{3}", in_language(each.why, "en"))),
    ]
    of_sources = [each for each in told if isinstance(each, str) and not each.startswith("docs/spec/")]
    assert of_sources == []
    chinese = [in_language(each, "zh") for each in told if not isinstance(each, str)]
    assert all(re.search(r"[\u4e00-\u9fff]", each) for each in chinese)
