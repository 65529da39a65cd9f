"""How long the lab decodes for its readers: as long as they need, unless its own work needs the core."""

import pytest

from nbtwin.web.entries import TURN
from nbtwin.web.events import BUSY_SAVED, BUSY_SHARE, GATHER, SAVED, SHARE, Load, ReadersShare


@pytest.mark.parametrize(
    ("worked", "waited", "passed", "share"),
    [
        (0.001, 0.0, 0.05, SHARE),  # nobody needs the core
        (0.055, 0.0, 0.06, BUSY_SHARE),  # the lab needs it
        (0.06, 0.06, 0.14, BUSY_SHARE),  # it needs all that another process leaves it
        (0.01, 0.039, 0.05, BUSY_SHARE),
        (0.001, 0.04, 0.05, SHARE),  # the other process alone is busy
    ],
)
def test_a_busy_lab_gives_its_readers_a_small_share_of_the_time(
    worked: float, waited: float, passed: float, share: float
) -> None:
    assert Load(worked, waited, passed).affordable == pytest.approx(passed * share)


def test_what_readers_took_of_the_core_the_lab_could_not_need() -> None:
    assert Load(worked=0.04, waited=0.0, passed=0.09, decoded=0.05).is_full
    assert not Load(worked=0.01, waited=0.0, passed=0.09, decoded=0.05).is_full


def turns(share: ReadersShare) -> int:
    """So many whole ones before the lab gets the core for itself."""
    count = 0
    while share.turn == TURN:
        share.spend(TURN)
        count += 1
    return count


def test_what_happened_while_the_lab_waited_for_the_core_is_told_at_once() -> None:
    share = ReadersShare()
    share.earn(Load(worked=0.002, waited=0.2, passed=0.21))
    assert turns(share) == int(0.21 * SHARE / TURN)


def test_readers_have_saved_no_more_than_a_moment_when_a_lab_gets_busy() -> None:
    share = ReadersShare()
    for _ in range(100):
        share.earn(Load(worked=0.001, waited=0.0, passed=1.0))
    assert turns(share) == int(SAVED / TURN)
    told = 0
    for _ in range(200):
        share.earn(Load(worked=0.05, waited=0.0, passed=0.05))
        told += turns(share)
    assert told * TURN == pytest.approx(200 * 0.05 * BUSY_SHARE, rel=0.05)


def test_a_lab_that_gets_busy_does_not_pay_for_what_was_saved_before() -> None:
    share = ReadersShare()
    share.earn(Load(worked=0.001, waited=0.0, passed=1.0))
    share.earn(Load(worked=0.05, waited=0.0, passed=0.05))
    assert turns(share) == int(BUSY_SAVED / TURN) < SAVED / TURN / 5
    share.earn(Load(worked=0.001, waited=0.0, passed=0.001))
    assert turns(share) == 0
    share.earn(Load(worked=0.001, waited=0.0, passed=0.05))
    assert turns(share) == int(SAVED / TURN), "it is there when the lab has time"


def test_readers_keep_up_with_a_thousand_entries_a_second_of_a_busy_lab() -> None:
    share, an_entry, came = ReadersShare(), 50e-6, 1000 * GATHER
    for _ in range(100):
        share.earn(Load(worked=GATHER, waited=0.0, passed=GATHER))
        spent = 0.0
        while share.turn > 0 and spent < came * an_entry:
            took = min(share.turn, came * an_entry - spent)
            share.spend(took)
            spent += took
        assert spent == pytest.approx(came * an_entry)


def test_a_turn_that_took_too_long_is_paid_for_before_the_next() -> None:
    share = ReadersShare()
    share.earn(Load(worked=0.05, waited=0.0, passed=0.05))
    share.spend(0.01)
    assert share.turn == 0.0
