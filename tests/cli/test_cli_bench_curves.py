"""Full load, of which the benchmark of curves takes parts: what a core goes on with, not what it answers at once."""

from __future__ import annotations

import pytest

from benchmarks.curves import sustained


@pytest.mark.parametrize(("rate", "cpu_us", "goes_on"), [(70_000, 20.0, 50_000), (2_000, 20.0, 2_000)])
def test_full_load_is_no_more_than_the_core_has_time_for(rate: float, cpu_us: float, goes_on: float) -> None:
    """A journal is folded later: for as long as it takes, more is answered than is done."""
    assert sustained(rate, cpu_us) == goes_on
