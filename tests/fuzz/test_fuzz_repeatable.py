"""A failure of a test can be repeated: what is drawn is the same in each run, and another with another seed; what is
measured is not the work of other tests in the same process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kept_memory import kept_by

DRAWS = """
from hypothesis import Phase, given, settings, strategies

@settings(phases=[Phase.generate])
@given(strategies.integers())
def test_draws(number):
    assert abs(number) < 1 << 40, f"drawn: {number}."
"""


def draws() -> list[bytes]:
    seen: list[bytes] = []

    @settings(max_examples=20)
    @given(st.binary(min_size=8))
    def look(data: bytes) -> None:
        seen.append(data)

    look()
    return seen


def test_the_same_is_drawn_again() -> None:
    first = draws()
    assert len(set(first)) > 5
    assert draws() == first


def test_the_interpreters_own_tables_are_not_what_a_test_has_kept() -> None:
    """It makes the table of interned strings anew now and then."""

    def forget_names() -> None:
        for number in range(20_000):
            sys.intern(f"name {number}")

    assert kept_by(forget_names) < 100_000


def test_another_seed_draws_something_else_and_is_told_with_what_fails(tmp_path: Path) -> None:
    file = tmp_path / "test_draws.py"
    file.write_text(DRAWS)
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    drawn = set[str]()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONPATH": path, "NBTWIN_FUZZ_SEED": seed}
        asked = [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", "-q", str(file)]
        done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 1, done.stdout + done.stderr
        assert f"NBTWIN_FUZZ_SEED={seed}" in done.stdout
        drawn.update(re.findall(r"AssertionError: drawn: (-?\d+)", done.stdout))
    assert len(drawn) == 2
