"""Which thread uses which connection: no read waits for a commit, one thread writes at a time (`store.connections`)."""

from __future__ import annotations

import gc
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from storage_events import DEVICE, registered

from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.operators.store import connections
from nbtwin.operators.store.andlink import PskRepository
from nbtwin.operators.store.database import StoreRefusal
from nbtwin.operators.store.devices import DeviceRepository
from nbtwin.operators.store.store import Store, StoreError, StoreLocked

T = TypeVar("T")


@contextmanager
def hanging_commit(store: Store, events: list[Any]) -> Iterator[Future[int]]:
    """A commit that hangs within its transaction, in another thread, until the block ends."""
    begun, may_end = threading.Event(), threading.Event()
    devices = store.part(DeviceRepository)
    write = devices.write

    def hang(batch: list[Any]) -> None:
        write(batch)
        begun.set()
        assert may_end.wait(30)

    devices.write = hang  # type: ignore[method-assign]
    with ThreadPoolExecutor(1) as other:
        committing = other.submit(store.commit, events)
        try:
            assert begun.wait(30)
            yield committing
        finally:
            may_end.set()
            devices.write = write  # type: ignore[method-assign]
    committing.result()


def in_another_thread(work: Callable[[], T]) -> T:
    with ThreadPoolExecutor(1) as other:
        return other.submit(work).result()


def test_a_read_does_not_wait_for_a_commit_that_hangs_and_sees_what_was_before(where: str) -> None:
    with Store.open(where) as store:
        store.commit([registered(0.0)])
        with hanging_commit(store, [registered(1.0), registered(1.0, "863703030000001")]) as committing:
            assert store.count() == 1
            assert in_another_thread(store.count) == 1
            device = store.device(DEVICE)
            assert device is not None
            assert device.registrations == 1
            assert not committing.done()
        assert store.count() == 2


def test_a_transaction_sees_its_own_changes_and_nobody_else_does(where: str) -> None:
    with Store.open(where) as store:
        with store.database.transaction():
            store.database.run("DELETE FROM appkeys")
            assert store.database.rows("SELECT count(*) FROM appkeys") == [(0,)]
            assert in_another_thread(lambda: store.database.rows("SELECT count(*) FROM appkeys")) == [(1,)]
        assert store.database.rows("SELECT count(*) FROM appkeys") == [(0,)]


def test_a_snapshot_stays_as_it_was(where: str) -> None:
    with Store.open(where) as store, store.database.snapshot():
        assert store.database.rows("SELECT count(*) FROM devices") == [(0,)]
        in_another_thread(lambda: store.commit([registered(0.0)]))
        assert store.database.rows("SELECT count(*) FROM devices") == [(0,)]
        assert in_another_thread(store.count) == 1


def test_a_second_writer_waits_its_turn_and_gives_up_in_the_end(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.01)
    with Store.open(where) as store:
        with hanging_commit(store, [registered(0.0)]):
            assert store.database.busy
            with pytest.raises(StoreLocked) as refused:
                store.keys.add("M200000001", "another-password-0001")
            assert refused.value.code is StoreRefusal.BUSY
            with pytest.raises(StoreLocked):
                store.probe()
        assert not store.database.busy
        store.probe()
        store.keys.add("M200000001", "another-password-0001")
        assert "M200000001" in store.keys


def test_keys_that_are_added_while_others_are_taken_over_are_not_forgotten(where: str) -> None:
    with Store.open(where) as store, Store.open(where) as elsewhere, ThreadPoolExecutor(4) as threads:
        ring = store.part(PskRepository).keys
        added = []
        for number in range(40):
            elsewhere.keys.add(f"M1{number:08d}", "elsewhere-password")
            added += [
                threads.submit(store.refresh_keys),
                threads.submit(store.keys.add, f"M2{number:08d}", "another-password-0001"),
                threads.submit(ring.add, DeviceKeys(device=f"86772403000{number:04d}", key="ab" * 16)),
            ]
        for one in added:
            one.result()
        store.refresh_keys()
        assert len(store.keys) == 1 + 40 + 40
        assert len(ring) == 40


def test_a_store_in_memory_is_used_by_several_threads_in_turn() -> None:
    with Store.open(":memory:") as store:
        in_another_thread(lambda: store.commit([registered(0.0)]))
        assert in_another_thread(store.count) == store.count() == 1


def test_more_reads_than_there_are_readers_end_nevertheless(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "READERS", 2)
    with Store.open(where) as store, ThreadPoolExecutor(8) as threads:
        store.commit([registered(0.0)])
        assert [future.result() for future in [threads.submit(store.count) for _ in range(50)]] == [1] * 50


def test_everything_that_is_opened_is_closed(where: str) -> None:
    """From Python 3.13 on an SQLite connection that nobody closed is a warning."""
    gc.collect()  # what other tests have left
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        with Store.open(where, claim=True) as store, ThreadPoolExecutor(4) as threads:
            store.commit([registered(0.0)])
            for counted in [threads.submit(store.count) for _ in range(20)]:
                counted.result()
        del store
        gc.collect()
    assert [str(one.message) for one in told if issubclass(one.category, ResourceWarning)] == []


def test_a_store_that_is_closed_says_so(where: str) -> None:
    store = Store.open(where)
    store.close()
    with pytest.raises(ValueError, match="is closed"):
        store.count()
    with pytest.raises(ValueError, match="is closed"):
        store.commit([registered(0.0)])


def test_a_reader_that_is_borrowed_when_the_store_is_closed_is_closed_when_it_comes_back(where: str) -> None:
    store = Store.open(where)
    with store.database.snapshot():
        in_another_thread(store.close)
        assert store.database.rows("SELECT count(*) FROM devices") == [(0,)]
    with pytest.raises((ValueError, StoreError)):
        store.count()


def test_whoever_writes_when_the_store_is_closed_ends_and_leaves_no_connection(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "inventory.sqlite")
    with store.database.transaction():
        in_another_thread(store.close)
        store.database.run("DELETE FROM devices")
        assert (tmp_path / "inventory.sqlite-wal").exists(), "SQLite keeps it as long as somebody has the file open"
    assert not (tmp_path / "inventory.sqlite-wal").exists()
