"""Every example runs, meets its expectations with its own seed, and takes its word back when it is wrong."""

from pathlib import Path

import pytest

from nbtwin.scenario.loading import load
from nbtwin.scenario.runner import run

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_shows_what_it_says(path: Path) -> None:
    result = run(load(path.read_bytes(), path.name))
    assert result.verdicts
    wrong = [f"{verdict.where}: {verdict.source} {verdict.text}" for verdict in result.verdicts if not verdict.passed]
    assert not wrong, "\n".join(wrong)
