"""How far the lab may have come is kept before it comes there."""

from __future__ import annotations

import time

from nbtwin.edge.clock_watermark import STEPS, ClockWatermark


def test_a_long_advance_is_reserved_in_few_steps_and_never_too_late() -> None:
    kept: list[float] = []
    reserve, start = ClockWatermark(), time.time() + 1e6
    reserve.keep = kept.append
    reserve.begin(start, start + 86400)
    for at in range(60, 86401, 60):
        reserve.before(start + at)
        assert kept[-1] >= 1e6 + at - 1, "the lab has come further than was kept"
    assert len(kept) <= STEPS + 1
    assert kept == sorted(kept)
    reserve.settle(86400.0)
    assert kept[-1] == 86400.0


def test_a_lab_that_keeps_pace_writes_nothing_and_a_paused_one_seldom() -> None:
    kept: list[float] = []
    reserve = ClockWatermark()
    reserve.keep = kept.append
    for second in range(100):
        reserve.tick(5.0 + 1e-6 * second, 1.0)
    assert kept == []
    for second in range(100):
        reserve.tick(5.0 - second, 0.0)
    assert len(kept) == 1


def test_a_lab_that_runs_faster_is_reserved_beforehand() -> None:
    kept: list[float] = []
    reserve = ClockWatermark()
    reserve.keep = kept.append
    for second in range(5):
        reserve.tick(99.0 * second, 100.0)  # a second later it will be 99 further ahead
        assert kept[-1] >= 99.0 * (second + 1)


def test_a_lab_behind_the_wall_clock_starts_at_the_wall_clock() -> None:
    kept: list[float] = []
    reserve = ClockWatermark()
    reserve.keep = kept.append
    reserve.settle(-3600.0)
    assert kept == [0.0]
