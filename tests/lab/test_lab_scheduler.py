"""The heap that is the lab's time: order, changed minds, and a clock that waits instead of jumping."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.engine import Deadline
from nbtwin.lab import scheduler as scheduling
from nbtwin.lab.scheduler import RunawayError, Scheduler
from nbtwin.module.events import ModuleReason


def recording() -> tuple[Scheduler[str], list[tuple[float, str]]]:
    fired: list[tuple[float, str]] = []
    scheduler: Scheduler[str] = Scheduler(lambda owner: fired.append((scheduler.now, owner)))
    return scheduler, fired


@given(st.lists(st.integers(0, 20), max_size=40))
def test_entries_run_in_time_and_equal_ones_in_the_order_they_were_set(times: list[int]) -> None:
    scheduler, fired = recording()
    for number, at in enumerate(times):
        scheduler.set(str(number), Deadline(at, ModuleReason.BOOT))
    scheduler.run(100)
    assert fired == sorted(((at, str(n)) for n, at in enumerate(times)), key=lambda pair: (pair[0], int(pair[1])))
    assert scheduler.now == 100


@given(st.lists(st.tuples(st.integers(0, 4), st.none() | st.integers(0, 50)), max_size=60))
def test_only_an_owners_last_deadline_counts(changes: list[tuple[int, int | None]]) -> None:
    scheduler, fired = recording()
    last: dict[str, int | None] = {}
    for owner, at in changes:
        scheduler.set(str(owner), None if at is None else Deadline(at, ModuleReason.BOOT))
        last[str(owner)] = at
    expected = {(at, owner) for owner, at in last.items() if at is not None}
    assert scheduler.next_at() == (min(at for at, _ in expected) if expected else None)
    scheduler.run(100)
    assert set(fired) == expected
    assert len(fired) == len(expected)


def test_a_deadline_that_fired_is_gone_until_it_is_set_again() -> None:
    scheduler, fired = recording()
    scheduler.set("a", Deadline(5, ModuleReason.BOOT))
    scheduler.run(5)
    scheduler.run(10)
    assert fired == [(5, "a")]
    scheduler.set("a", Deadline(5, ModuleReason.BOOT))
    scheduler.run(11)
    assert fired == [(5, "a"), (10, "a")], "time never goes back"


def test_calls_run_once_and_between_the_deadlines() -> None:
    scheduler, fired = recording()
    scheduler.set("a", Deadline(5, ModuleReason.BOOT))
    scheduler.call_at(5, lambda: fired.append((scheduler.now, "call")))
    scheduler.call_at(3, lambda: scheduler.call_at(1, lambda: fired.append((scheduler.now, "late"))))
    scheduler.run(10)
    assert fired == [(3, "late"), (5, "a"), (5, "call")]
    assert scheduler.next_at() is None


def test_a_step_runs_one_instant_and_leaves_the_clock_there() -> None:
    scheduler, fired = recording()
    for owner, at in (("a", 1), ("b", 1), ("c", 2)):
        scheduler.set(owner, Deadline(at, ModuleReason.BOOT))
    assert scheduler.step(10)
    assert fired == [(1, "a"), (1, "b")]
    assert scheduler.now == 1
    assert not scheduler.step(1.5)
    assert scheduler.step(2)
    assert not scheduler.step(10)


def test_a_step_that_does_not_go_on_leaves_the_rest_of_the_instant_for_the_next() -> None:
    ran: list[str] = []
    scheduler: Scheduler[str] = Scheduler(ran.append)
    for name in ("a", "b", "c"):
        scheduler.set(name, Deadline(1, ModuleReason.BOOT))
    assert scheduler.step(2, lambda: len(ran) % 2 == 1)
    assert (ran, scheduler.next_at(), scheduler.now) == (["a", "b"], 1, 1)
    assert scheduler.step(2)
    assert (ran, scheduler.next_at()) == (["a", "b", "c"], None)


def test_time_that_stands_still_for_ever_is_an_error_that_names_the_culprit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "RUNAWAY", 1000)
    scheduler: Scheduler[str] = Scheduler(lambda owner: scheduler.set(owner, Deadline(5, ModuleReason.BOOT)))
    scheduler.set("stuck", Deadline(5, ModuleReason.BOOT))
    with pytest.raises(RunawayError, match="stuck"):
        scheduler.run(10)


def test_many_entries_at_many_instants_are_no_runaway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "RUNAWAY", 10)
    left = [100]

    def again(owner: str) -> None:
        left[0] -= 1
        scheduler.set(owner, Deadline(scheduler.now + 1, ModuleReason.BOOT) if left[0] else None)

    scheduler: Scheduler[str] = Scheduler(again)
    scheduler.set("a", Deadline(0, ModuleReason.BOOT))
    scheduler.run(1000)
    assert left == [0]


def test_a_heap_of_changed_minds_is_swept() -> None:
    scheduler, fired = recording()
    chance = random.Random(1)
    for n in range(50_000):
        scheduler.set(str(n % 7), Deadline(1 + chance.random(), ModuleReason.BOOT))
    assert len(scheduler._heap) <= 4097
    scheduler.run(10)
    assert len(fired) == 7


def test_a_live_scheduler_takes_the_time_of_an_input_from_its_clock_and_is_told_of_earlier_entries() -> None:
    scheduler, fired = recording()
    clock, sooner = [10.0], []
    scheduler.clock = lambda: clock[0]
    scheduler.on_sooner = lambda: sooner.append(scheduler.next_at())
    assert scheduler.touch() == 10
    clock[0] = 9
    assert scheduler.touch() == 10, "time never goes back"
    for owner, at in (("a", 30), ("b", 20), ("c", 40)):
        scheduler.set(owner, Deadline(at, ModuleReason.BOOT))
    assert sooner == [30, 20]
    clock[0] = 20.003
    assert scheduler.step(clock[0])
    assert fired == [(20, "b")], "an engine is woken at the instant it asked for"
