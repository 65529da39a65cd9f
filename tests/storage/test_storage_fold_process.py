"""A journal that a process of its own folds (D182): read as if the lab itself did, and nothing lost whoever dies."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from storage_events import DEVICE, registered

from nbtwin.operators.store import folding
from nbtwin.operators.store import store as stores
from nbtwin.operators.store.backup import backup, restore
from nbtwin.operators.store.database import StoreError, StoreLocked, StoreRefusal
from nbtwin.operators.store.journal import Place
from nbtwin.operators.store.store import Store
from nbtwin.runtime.fold_process import NICE, FoldProcess, helper_of

IMEIS = [str(863703030820000 + number) for number in range(50)]
NUMBERS = count(1)
CHILD = Path(__file__).with_name("fold_child.py")


def opened(path: Path) -> Store:
    store = Store.open(path, claim=True, durability="process", journal=next(NUMBERS), lock_timeout=0.2)
    store.helper = helper_of(store, "process")
    return store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(stores, "MUCH", 1)
    store = opened(tmp_path / "i.sqlite")
    yield store
    store.close()


def helper(store: Store) -> FoldProcess:
    assert isinstance(store.helper, FoldProcess)
    return store.helper


def process_of(store: Store) -> int:
    process = helper(store)._process
    assert process is not None
    return process.pid


def wait(store: Store) -> None:
    assert store.folding is not None
    store.folding.settle()


def test_a_read_sees_what_another_process_has_folded(store: Store) -> None:
    for number, imei in enumerate(IMEIS, 1):
        store.append([registered(float(number), imei)])
        store.append([registered(number + 0.5, imei)])
        assert store.count() == number
    assert [device.imei for device in store.devices()] == IMEIS
    assert all(store.history_count(f"cmdmp:{imei}") == 2 for imei in IMEIS)
    assert helper(store).runs


class Orders:
    """Keeps what a helper is asked, and how."""

    def __init__(self, helper: FoldProcess) -> None:
        self._helper, self.stop = helper, helper.stop
        self.urgent: list[bool] = []

    @property
    def runs(self) -> bool:
        return self._helper.runs

    def fold(self, places: Sequence[Place], number: int, *, urgent: bool) -> None:
        self.urgent.append(urgent)
        self._helper.fold(places, number, urgent=urgent)


def niceness(process: int) -> dict[int, int]:
    """By thread."""
    tasks = Path(f"/proc/{process}/task")
    found = {int(task.name): (task / "stat").read_text().rpartition(")")[2].split() for task in tasks.iterdir()}
    return {task: int(fields[16]) for task, fields in found.items()}


def test_it_gives_way_but_not_while_somebody_waits_or_much_does(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is nice as a whole got nothing of a busy machine, and its lab's answers waited for seconds."""
    assert store.folding is not None
    store.append([registered()])
    wait(store)
    process = process_of(store)
    orders, folded = Orders(helper(store)), threading.Event()
    store.helper, store.folding.after = orders, folded.set
    for bound in (folding.BOUND, 8):
        monkeypatch.setattr(folding, "BOUND", bound)
        monkeypatch.setattr(folding, "LONGEST_PAUSE", 0.0)
        monkeypatch.setattr(folding, "ENOUGH", 0)  # at once, and nobody reads
        store.append([registered(float(bound), IMEIS[1])])
        assert folded.wait(30)
        folded.clear()
    monkeypatch.undo()
    store.append([registered(9.0, IMEIS[2])])
    assert store.count() == 3
    assert orders.urgent == [False, True, True]
    own = os.getpriority(os.PRIO_PROCESS, 0)
    nice = niceness(process)
    assert nice[process] == own
    assert sorted(set(nice.values())) == [own, own + NICE]


def test_what_a_steady_load_leaves_waiting_is_not_much() -> None:
    """It is folded from `ENOUGH` on, and meanwhile as much may come again: no append pauses for that."""
    assert 2 * folding.ENOUGH < folding.BOUND // 2


def test_where_a_transaction_takes_long_the_next_ones_are_smaller_until_they_do_not() -> None:
    """Who reads waits for the one that is under way, and on a busy machine a process that gives way is slow."""
    sizes = [folding.AT_ONCE_ELSEWHERE]
    for speed in (60_000, 5_000, 5_000, 5_000, 500, 500, 60_000, 60_000, 60_000):  # events a second
        sizes.append(folding.at_once_after(sizes[-1], sizes[-1] / speed))
    assert sizes == [50_000, 50_000, 25_000, 12_500, 6_250, 5_000, 5_000, 10_000, 20_000, 40_000]


def test_a_little_is_folded_without_another_process(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "MUCH", 2_000)
    store.append([registered()])
    assert store.count() == 1
    assert not helper(store).runs


def test_what_waits_for_another_process_is_in_the_journal_alone_however_many_segments_it_has(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nbtwin.operators.store.journal.SEGMENT", 2_000)
    store.append([registered()])
    assert store.count() == 1
    assert store.folding is not None
    with store.database.exclusive():  # nothing is folded meanwhile
        for number, imei in enumerate(IMEIS):
            store.append([registered(float(number), imei)])
        waiting = [*store.folding._pending, *store.folding._mine, *store.folding._taken]
        assert [batch.events for batch in waiting] == [None] * len(waiting)
        assert len(waiting) < 25
    assert store.count() == 51


def test_when_the_process_that_folds_is_killed_the_lab_folds_itself_and_nothing_twice(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.append([registered(1.0)])
    assert store.count() == 1
    os.kill(process_of(store), signal.SIGKILL)
    store.append([registered(2.0)])
    store.append([registered(3.0, IMEIS[0])])
    assert store.count() == 2
    assert store.history_count(DEVICE) == 2
    assert store.helper is None
    assert [record.levelname for record in caplog.records if "folds" in record.message] == ["WARNING"]


def test_where_no_process_can_be_started_the_lab_folds_itself(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    store.append([registered(1.0)])
    assert store.count() == 1
    store.append([registered(2.0)])
    assert store.history_count(DEVICE) == 2
    assert store.helper is None
    assert "/nowhere/python" in caplog.text


def test_what_it_had_committed_when_it_was_killed_is_not_folded_again(store: Store) -> None:
    """It dies between its commit and what it says of it: nobody but the database knows that there was one."""
    store.append([registered(1.0)])
    assert store.count() == 1
    process = helper(store)._process
    assert process is not None
    assert process.stdout is not None
    with store.database.exclusive():
        store.append([registered(2.0)])
        os.kill(process.pid, signal.SIGSTOP)
        process.stdout.close()
        process.stdout = open(os.devnull, "rb")  # noqa: SIM115  what it says is not heard
        os.kill(process.pid, signal.SIGCONT)
    assert store.count() == 1
    assert store.history_count(DEVICE) == 2


def test_what_the_database_refuses_it_is_refused_and_tried_again(store: Store) -> None:
    store.append([registered(1.0)])
    assert store.count() == 1
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        store.append([registered(2.0)])
        with pytest.raises(StoreLocked) as refused:
            wait(store)
        assert refused.value.code in (StoreRefusal.LOCKED, StoreRefusal.BUSY)
        other.execute("ROLLBACK")
    assert store.history_count(DEVICE) == 2
    assert helper(store).runs


def test_a_restore_is_not_folded_into_what_was_there_before(store: Store, tmp_path: Path) -> None:
    store.append([registered(1.0)])
    with closing(opened(tmp_path / "other.sqlite")) as other:
        for imei in IMEIS[:5]:
            other.append([registered(1.0, imei)])
        backup(other.database, tmp_path / "backup")
    restore(store.database, tmp_path / "backup", replace=True)
    store.reload()
    assert not helper(store).runs
    store.append([registered(2.0, IMEIS[0])])
    store.append([registered(3.0)])
    assert store.count() == 6
    assert store.history_count(f"cmdmp:{IMEIS[0]}") == 2
    assert helper(store).runs


def test_a_process_that_has_nothing_to_fold_ends_and_what_comes_later_is_folded_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nbtwin.operators.store.folding.REST", 0.001)
    store.append([registered(1.0)])
    assert store.count() == 1
    while helper(store).runs:
        wait(store)
    monkeypatch.setattr(stores, "MUCH", 2)
    store.append([registered(2.0)])
    assert store.history_count(DEVICE) == 2
    assert not helper(store).runs
    with store.database.exclusive():
        store.append([registered(3.0)])
        store.append([registered(4.0)])
    assert store.history_count(DEVICE) == 4


def test_a_damaged_journal_is_told_by_the_process_that_reads_it(store: Store) -> None:
    store.append([registered(1.0)])
    assert store.count() == 1
    assert store.folding is not None
    with store.database.exclusive():
        path, at = store.folding.journal.path, store.folding.journal.path.stat().st_size
        store.append([registered(2.0)])
        whole = path.read_bytes()
        path.write_bytes(whole[: at + 40] + bytes((whole[at + 40] ^ 1,)) + whole[at + 41 :])
    with pytest.raises(StoreError) as refused:
        store.count()
    assert (refused.value.code, refused.value.fields) == (StoreRefusal.JOURNAL_DAMAGED, {"offset": at})
    path.write_bytes(whole)
    assert store.history_count(DEVICE) == 2


@contextmanager
def lab(path: Path) -> Iterator[tuple[subprocess.Popen[str], int, Iterator[int]]]:
    """A process, its helper's, and the numbers that it acknowledges."""
    folders = os.pathsep.join([str(CHILD.parent), str(CHILD.parents[1] / "operators"), *sys.path])
    command = [sys.executable, str(CHILD), str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": folders})
    assert process.stdout is not None
    with process.stdout:
        numbers = (int(line) for line in process.stdout if line.endswith("\n"))
        yield process, next(numbers), numbers
        process.kill()
    process.wait()


@pytest.mark.parametrize("acknowledged", [2, 40, 300])
def test_nothing_acknowledged_is_lost_or_there_twice_when_a_lab_is_killed_whose_helper_folds(
    tmp_path: Path, acknowledged: int
) -> None:
    """Its database is opened at once, while the helper may still be within a commit."""
    path = tmp_path / "i.sqlite"
    with lab(path) as (process, _, numbers):
        last = next(number for number in numbers if number == acknowledged)
        process.kill()
        last = max([last, *numbers])
    with Store.open(path, claim=True, durability="process", journal=2) as store:
        times = [entry.at for entry in store.history(DEVICE, limit=-1)]
        assert times == sorted(times)
        assert len(times) == 20 * len(set(times))
        assert set(times) >= {float(number) for number in range(1, last + 1)}


def test_whoever_opens_the_database_of_a_killed_lab_waits_for_the_end_of_its_helper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, waited = tmp_path / "i.sqlite", list[float]()

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        os.kill(helper, signal.SIGCONT)

    with lab(path) as (process, helper, _):
        os.kill(helper, signal.SIGSTOP)
        process.kill()
        process.wait()
        monkeypatch.setattr("nbtwin.file_lock.time.sleep", sleep)
        with Store.open(path, claim=True) as store:
            assert store.count() == 1
    assert waited


def test_a_lab_that_lives_is_not_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("nbtwin.file_lock.time.sleep", waited.append)
    with pytest.raises(StoreLocked) as refused:
        Store.open(store.path, claim=True)
    assert (refused.value.code, waited) == (StoreRefusal.IN_USE, [])
