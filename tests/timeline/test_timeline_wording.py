"""Events in words."""

from __future__ import annotations

import pytest

from nbtwin.module.events import FellAsleep, ServiceReported
from nbtwin.selfreg.machine import RegistrationSucceeded
from nbtwin.timeline.wording import describe


@pytest.mark.parametrize(
    ("event", "now", "text"),
    [
        (FellAsleep(2160134.0), 2052134.0, "fell asleep for 1d 6h"),
        (FellAsleep(None), 5.0, "fell asleep"),
        (RegistrationSucceeded(True, 2592004.0), 4.0, "updated; the next is due in 30d"),
        (RegistrationSucceeded(True, 4.0), 4.0, "updated; the next is due in 0s"),
        (
            ServiceReported("unicom", RegistrationSucceeded(False, 86400.0)),
            0.0,
            "unicom: registered; the next is due in 1d",
        ),
    ],
)
def test_an_absolute_time_is_told_as_the_span_from_now(event: object, now: float, text: str) -> None:
    assert describe(event, now)[0] == text


def test_the_detail_keeps_the_time_itself() -> None:
    assert describe(FellAsleep(2160134.0), 2052134.0)[1] == {"event": "FellAsleep", "until": 2160134.0}
