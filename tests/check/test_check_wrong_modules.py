"""Each of many deliberately wrong modules is found, by the cases that are about what is wrong with it."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from wrong_modules import WRONG, Wrong

from nbtwin.check.runner import Runner, chosen
from nbtwin.check.settings import settings_of
from nbtwin.check.suite import scenes_of
from nbtwin.check.verdicts import Outcome, Verdict
from nbtwin.check.virtual import VirtualBench
from nbtwin.profiles.models import PROFILES


def failures(wrong: Wrong) -> list[Outcome]:
    """The cases are of the profile as it is; the module runs the wrong one. The bounds of everyday commands are left
    out: nothing here changes them, and they are a third of the lines."""
    pristine = PROFILES[wrong.model]
    everyday = {f"bounds/{command.name}/" for command in pristine.commands if not command.source.startswith("DOC-")}
    scenes = chosen(scenes_of(pristine), lambda case: not case.name.startswith(tuple(everyday)))
    bench = VirtualBench(wrong.profile(pristine), wrap=wrong.wrap)
    result = Runner(pristine, bench, settings=settings_of(pristine)).run(scenes)
    assert result.ended is None, result.fields
    return [each for each in result.outcomes if each.verdict is Verdict.FAIL]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name.replace(" ", "-"))
def test_a_wrong_module_is_found_by_the_cases_that_are_about_it(wrong: Wrong) -> None:
    names = [each.case.name for each in failures(wrong)]
    for pattern in wrong.found:
        assert any(fnmatchcase(name, pattern) for name in names), f"{pattern} did not fail, only {names[:20]}"
    about = (*wrong.found, "examples/*")  # which are whole sequences
    others = [name for name in names if not any(fnmatchcase(name, pattern) for pattern in about)]
    assert others == []


def test_there_are_more_than_thirty_of_them_on_models_of_all_documents() -> None:
    assert len(WRONG) >= 30
    documents = {name for wrong in WRONG for name in PROFILES[wrong.model].documents}
    assert documents == {"DOC-A", "DOC-B", "DOC-C", "DOC-D", "DOC-E"}
    assert len({wrong.name for wrong in WRONG}) == len(WRONG)
