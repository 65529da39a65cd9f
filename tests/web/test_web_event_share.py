"""How long the lab decodes for its readers: as long as they need, unless somebody wants the core for something else."""

from __future__ import annotations

import pytest

from nbtwin.web.events import BUSY, BUSY_SHARE, GATHER, LATE, SHARE, affordable

FULL = GATHER * SHARE


@pytest.mark.parametrize(
    ("waiting", "worked", "passed", "late", "share"),
    [
        (5000, 0.001, 0.05, 0.0, FULL),  # what one jump of the clock has left
        (BUSY, 0.05, 0.05, 2 * LATE, FULL),  # few: they are told as they come
        (5000, 0.04, 0.05, 0.0, 0.04 * BUSY_SHARE),  # the lab needs its core
        (5000, 0.02, 0.09, 2 * LATE, 0.02 * BUSY_SHARE),  # the lab shares it with another process
        (5000, 9.0, 9.0, 0.0, FULL),  # never more than that
    ],
)
def test_a_busy_lab_gives_its_readers_a_small_share_of_its_work(
    waiting: int, worked: float, passed: float, late: float, share: float
) -> None:
    assert affordable(waiting, worked, passed, late) == pytest.approx(share)
