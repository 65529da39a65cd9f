"""Storms of a thousand devices: all come back, the numbers add up, and what spreads them spares the platform."""

from __future__ import annotations

import msgspec
import pytest

from nbtwin.fleet.storm import Storm, StormPlan, run_storm

PLAN = StormPlan(devices=1000, a_second=20.0, room=100)


@pytest.fixture(scope="module")
def at_once() -> Storm:
    return run_storm(PLAN)


def test_a_thousand_devices_come_back_within_the_hour_and_the_numbers_add_up(at_once: Storm) -> None:
    assert at_once.rows[-1].registered == at_once.stats.registered == 1000
    half, most, nearly, all_of_them = at_once.back.values()
    assert half is not None
    assert most is not None
    assert nearly is not None
    assert all_of_them is not None
    assert half < most < nearly < all_of_them < PLAN.within
    ended = sum(at_once.stats.outcomes["register"].values())
    assert ended + at_once.stats.under_way == at_once.stats.begun["register"]
    assert at_once.arrived == at_once.taken + at_once.dropped
    assert 0 <= at_once.sent - at_once.arrived < 1000  # what is in the air
    assert at_once.longest_queue == PLAN.room
    assert at_once.taken <= PLAN.a_second * at_once.ended + 1


def test_the_same_seed_is_the_same_storm(at_once: Storm) -> None:
    again, other = run_storm(PLAN), run_storm(msgspec.structs.replace(PLAN, seed=2))
    assert msgspec.json.encode(again) == msgspec.json.encode(at_once) != msgspec.json.encode(other)


def test_who_is_spread_is_answered_at_once_and_asks_once(at_once: Storm) -> None:
    spread = run_storm(msgspec.structs.replace(PLAN, spread=600.0))
    assert spread.dropped == 0
    assert spread.sent < at_once.sent / 2
    assert spread.stats.waits["register"].percentile(0.99) < 3  # type: ignore[operator]
    assert at_once.stats.waits["register"].percentile(0.99) > 30  # type: ignore[operator]


def test_who_waits_longer_each_time_sends_less() -> None:
    """A platform that is too small for long: tries at a fixed interval keep its door full."""
    small = msgspec.structs.replace(PLAN, a_second=5.0, room=20, within=900.0)
    fixed = run_storm(msgspec.structs.replace(small, doubles=False))
    assert run_storm(small).sent < fixed.sent
