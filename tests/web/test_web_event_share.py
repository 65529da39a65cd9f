"""How long the lab decodes for its readers: as long as they need, unless its own work needs the core."""

import pytest

from nbtwin.web.entries import TURN
from nbtwin.web.events import BUSY_SHARE, FEW, Load


@pytest.mark.parametrize(
    ("worked", "waited", "passed", "share"),
    [
        (0.001, 0.0, 0.05, TURN),  # nobody needs the core
        (0.055, 0.0, 0.06, 0.055 * BUSY_SHARE),  # the lab needs it
        (0.06, 0.06, 0.14, 0.06 * BUSY_SHARE),  # it needs all that another process leaves it
        (0.01, 0.039, 0.05, FEW),  # some in any case
        (0.001, 0.04, 0.05, TURN),  # the other process alone is busy
        (9.0, 0.0, 9.0, TURN),  # never more than that
    ],
)
def test_a_busy_lab_gives_its_readers_a_small_share_of_its_work(
    worked: float, waited: float, passed: float, share: float
) -> None:
    assert Load(worked, waited, passed).affordable == pytest.approx(share)
