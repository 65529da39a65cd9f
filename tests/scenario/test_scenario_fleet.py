"""What a fleet costs: worlds that do not meet, with one process and with two; a process that is killed."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from typing import Any

import pytest
from pieces import kill_itself, refuse

from nbtwin.engine import DAY, HOUR
from nbtwin.lab.faults import Fault
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.errors import Failed
from nbtwin.runtime.worlds import WorldsRefusal, in_order, seed_of
from nbtwin.scenario import fleet as fleets
from nbtwin.scenario.cost import Question, compare
from nbtwin.scenario.fleet import Fleet, compare_fleet
from nbtwin.selfreg.schedule import Operator

Command = Callable[..., Any]
LOSSY = (Fault.parse("loss,probability=0.3"),)


def question(days: int = 2, *faults: Fault) -> Question:
    return Question(PROFILES["BC260Y-CN"], Operator.MOBILE, days, None, faults, seed=9)


@pytest.fixture
def three_worlds(monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """Of four modules at most."""
    monkeypatch.setattr(fleets, "TOGETHER", 4)
    return Fleet(10, spread=2 * HOUR)


def test_a_fleet_costs_the_same_with_one_process_and_with_two(three_worlds: Fleet) -> None:
    """Its datagrams, bytes, seconds, registrations, and what happened, in order of time and then of the modules."""
    done: list[int] = []
    one = compare_fleet(question(2, *LOSSY), three_worlds)
    two = compare_fleet(question(2, *LOSSY), three_worlds, 2, on_done=done.append)
    assert repr(one.on) == repr(two.on)
    assert repr(one.off) == repr(two.off)
    assert sorted(done) == [1, 2, 3, 4, 5, 6]
    places = [(deed.at, len(deed.module), deed.module) for deed in one.on.deeds]
    assert places == sorted(places)
    assert {deed.module for deed in one.on.deeds} == {f"meter-{number}" for number in range(1, 11)}


def test_worlds_have_dice_of_their_own_and_those_of_the_labs_seed(three_worlds: Fleet) -> None:
    """What is lost in one is not what is lost in the next; another seed loses something else."""
    assert len({seed_of(9, world) for world in range(1000)} | {seed_of(10, world) for world in range(1000)}) == 2000
    here = compare_fleet(question(2, *LOSSY), three_worlds).on
    again = compare_fleet(question(2, *LOSSY), three_worlds).on
    other = compare_fleet(Question(PROFILES["BC260Y-CN"], Operator.MOBILE, 2, None, LOSSY, seed=10), three_worlds).on
    assert here == again
    assert here.deeds != other.deeds


def test_a_fleet_on_a_good_network_costs_so_many_times_what_one_module_costs() -> None:
    one = compare(question(3)).on
    ten = compare_fleet(question(3), Fleet(10, spread=0)).on
    assert (ten.registrations, ten.updates) == (10 * one.registrations, 10 * one.updates)
    assert (ten.total.sent, ten.total.received) == (10 * one.total.sent, 10 * one.total.received)
    assert ten.total.awake == pytest.approx(10 * one.total.awake)


def test_a_worker_that_is_killed_is_told_and_none_is_left() -> None:
    with pytest.raises(Failed) as failed:
        list(in_order(kill_itself, range(5), 2))
    assert failed.value.code is WorldsRefusal.WORKER_LOST
    assert failed.value.fields["total"] == 5
    assert not multiprocessing.active_children()


def test_what_a_piece_raises_is_raised_to_whoever_asked() -> None:
    for jobs in (1, 2):
        with pytest.raises(ValueError, match="no 0"):
            list(in_order(refuse, range(2), jobs))


def test_the_command_tells_the_sum_of_the_fleet(command: Command) -> None:
    asked = ("BC260Y-CN", "--modules", "3", "--spread", "1h", "--days", "1", "--psm", "off")
    done = command("cost", *asked, "--jobs", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 modules, switched on within 1h, in 1 world of at most 200" in done.stdout
    values = json.loads(command("cost", *asked, "--jobs", "1", "--json").stdout)
    assert (values["modules"], values["spread"], values["worlds"], values["on"]["registrations"]) == (3, HOUR, 1, 3)
    assert [event["module"] for event in values["on"]["events"][:2]] == ["meter-1", "meter-1"]
    assert values["on"]["days"][0]["awake"] == pytest.approx(3 * DAY - HOUR / 3 - 2 * HOUR / 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--modules", "2", "--sim", "imsi=460001234567890"), "is one card"),
        (("--modules", "2", "--spread", "2d", "--days", "1"), "2d is longer than the day"),
        (("--modules", "2", "--spread", "soon"), "--spread"),
        (("--modules", "2", "--fault", "loss,source=meter-3"), "meter-3"),
    ],
)
def test_what_no_fleet_can_be_is_refused(command: Command, arguments: tuple[str, ...], said: str) -> None:
    done = command("cost", "BC260Y-CN", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
