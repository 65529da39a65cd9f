"""docs/scenarios.md says what the code does: every field, every fault, every example, and its own commands' output."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from nbtwin.lab.faults import Fault, FaultKind
from nbtwin.scenario import model
from nbtwin.scenario.loading import load
from nbtwin.scenario.runner import run
from nbtwin.web import faults as faults_api

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
PARTS = (
    model.Scenario,
    model.ScenarioModule,
    model.ScenarioPlatform,
    model.ScenarioNetwork,
    model.AppkeySpec,
    model.PskSpec,
    model.Upgrade,
    model.ScenarioStep,
    model.Expectation,
)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_field_of_a_scenario_file_is_on_the_page(part: type[Any]) -> None:
    missing = [name for name in part.__struct_encode_fields__ if f"`{name}`" not in PAGE]
    assert missing == []


def test_every_fault_and_everything_that_one_may_say_is_on_the_page() -> None:
    assert [kind for kind in FaultKind if f"| `{kind}` |" not in PAGE] == []
    assert [f.name for f in fields(Fault) if f"`{f.name}`" not in PAGE and f.name != "kind"] == []


def test_the_api_takes_the_same_faults_by_the_same_names() -> None:
    """The command line and the scenario files read one line with `Fault.parse`; the API has a field for each word."""
    assert {f.name for f in fields(Fault)} | {"fault"} == set(faults_api.NewFault.model_fields)
    own = {name for names in faults_api._OWN.values() for name in names}
    assert own | {*faults_api._EVERY} | {"kind"} == {f.name for f in fields(Fault)}


def test_every_example_is_on_the_page() -> None:
    names = {path.name for path in (ROOT / "examples").glob("*.yaml")}
    assert set(re.findall(r"\(\.\./examples/([\w-]+\.yaml)\)", PAGE)) == names


def test_the_scenario_on_the_page_is_fulfilled() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    result = run(load(text))
    assert len(result.verdicts) == 3
    assert [verdict.text for verdict in result.verdicts if not verdict.passed] == []


@pytest.mark.parametrize(
    ("page", "language", "image"),
    [("scenarios.md", "en", "cost.svg"), ("scenarios.zh-CN.md", "zh", "cost.zh-CN.svg")],
)
def test_the_command_on_the_page_prints_what_stands_there(
    command: Callable[..., Any], tmp_path: Path, page: str, language: str, image: str
) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    (shown,) = re.findall(r"```\n\$ nbtwin (cost .*?)```", text, re.DOTALL)
    line, *output = shown.splitlines()
    chart = tmp_path / "cost.svg"
    done = command("--lang", language, *shlex.split(line), "--chart", str(chart))
    assert done.stdout.splitlines()[: len(output)] == output
    assert f"(images/{image})" in text
    assert chart.read_text() == (ROOT / "docs" / "images" / image).read_text(), "run it again with --chart"
