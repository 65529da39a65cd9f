"""How long the lab decodes for its readers: as long as they need, unless somebody wants the core for something else."""

import pytest

from nbtwin.web.events import BUSY_SHARE, FEW, GATHER, LATE, SHARE, Load

FULL = GATHER * SHARE


@pytest.mark.parametrize(
    ("worked", "waited", "passed", "late", "share"),
    [
        (0.001, 0.0, 0.05, 0.0, FULL),  # nobody needs the core
        (0.04, 0.0, 0.05, 0.0, 0.04 * BUSY_SHARE),  # the lab needs its core
        (0.02, 0.01, 0.09, 2 * LATE, 0.02 * BUSY_SHARE),  # the lab shares it with another process
        (0.02, 0.025, 0.08, 0.0, 0.02 * BUSY_SHARE),  # the same, and the timer was lucky
        (0.001, 0.04, 0.05, 0.0, FEW),  # a few in any case
        (9.0, 0.0, 9.0, 0.0, FULL),  # never more than that
    ],
)
def test_a_busy_lab_gives_its_readers_a_small_share_of_its_work(
    worked: float, waited: float, passed: float, late: float, share: float
) -> None:
    assert Load(worked, waited, passed, late).affordable == pytest.approx(share)


def test_a_lab_is_busy_with_most_of_what_it_gets_of_the_core() -> None:
    assert Load(0.04, 0.0, 0.05, 0.0).is_full
    assert Load(0.01, 0.035, 0.05, 0.0).is_full
    assert not Load(0.01, 0.01, 0.05, 2 * LATE).is_full
