"""The model of what devices need of a platform has the figures of the code: days of a hundred simulated modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.capacity import HABITS, SIZES, Habit, knees, measured_day, needs, table

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)
def test_a_day_of_the_model_is_a_day_of_the_modules(habit: Habit) -> None:
    found = measured_day(habit, 100)
    for what, tolerance in (("exchanges", 0.02), ("up", 0.02), ("down", 0.02), ("journal", 0.1)):
        assert habit.total(what) == pytest.approx(found[what], rel=tolerance), what


def test_the_model_has_the_memory_that_was_measured() -> None:
    for devices, mebibytes in ((1_000, 76), (100_000, 320), (400_000, 456), (1_000_000, 659)):
        assert needs(HABITS[1], devices)["memory"] / 2**20 == pytest.approx(mebibytes, rel=0.06)


def test_at_the_knee_one_resource_is_used_up_and_none_before() -> None:
    for habit in HABITS:
        found = knees(habit)
        knee = min(found.values())
        assert SIZES[-3] < knee < SIZES[-1]
        least = min(found, key=found.__getitem__)
        assert needs(habit, int(knee))[least] < needs(habit, SIZES[-1])[least]


@pytest.mark.parametrize(("language", "ending"), [("en", ""), ("zh", ".zh-CN")])
def test_the_page_has_the_table_of_the_model(language: str, ending: str) -> None:
    assert table(language) in (DOCS / f"scaling{ending}.md").read_text(encoding="utf-8")
