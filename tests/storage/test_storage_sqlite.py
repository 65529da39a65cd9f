"""The store in one SQLite file: whose it may be, who may read it, and what a lock does."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from storage_events import DEVICE, registered

import nbtwin
from nbtwin.operators.key_store.appkeys import LAB_APPKEY
from nbtwin.operators.store.schema import MIGRATIONS
from nbtwin.operators.store.store import Store, StoreError, StoreLocked


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "nbtwin.sqlite"


def test_only_the_owner_may_read_the_file(path: Path) -> None:
    with Store.open(path):
        for file in path.parent.iterdir():
            assert stat.S_IMODE(os.stat(file).st_mode) == 0o600, file


def test_a_broken_file_is_refused_by_name_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is not a database at all" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=f"{path}: store-unusable"):
        Store.open(path)
    assert path.read_bytes() == before


def test_somebody_elses_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE contacts (name TEXT)")
    db.close()
    with pytest.raises(StoreError, match="store-foreign"):
        Store.open(path)


def test_a_newer_file_is_refused(path: Path) -> None:
    Store.open(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(StoreError, match="store-newer"):
        Store.open(path)


def test_a_power_cut_right_after_the_first_start_leaves_the_lab_with_its_keys(path: Path, tmp_path: Path) -> None:
    """The disk has the file itself by then; what the log beside it holds may be lost (synchronous=NORMAL)."""
    with Store.open(path):
        left = tmp_path / "after the power cut.sqlite"
        left.write_bytes(path.read_bytes())
    with Store.open(left) as store:
        assert LAB_APPKEY in store.keys
    db = sqlite3.connect(left)
    (version,) = db.execute("PRAGMA user_version").fetchone()
    db.close()
    assert version == len(MIGRATIONS)


def test_a_new_file_s_name_and_its_folder_s_are_on_the_disk_before_it_is_used(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in the file SQLite brings there itself."""
    synced: list[str] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    Store.open(path).close()
    assert synced == [str(path.parent), str(path.parent.parent)]
    Store.open(path).close()
    assert len(synced) == 2, "the second start has nothing to add"


def test_a_locked_file_is_told_and_nothing_is_lost(path: Path) -> None:
    with Store.open(path, lock_timeout=0.01) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLocked, match=f"{path}: store-locked"):
            store.commit([registered()])
        assert store.device(DEVICE) is None
        other.execute("ROLLBACK")
        other.close()
        assert store.commit([registered()]) == 1
        device = store.device(DEVICE)
        assert device is not None
        assert device.registrations == 1  # the failed batch left no trace


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file"):
        Store.open(tmp_path / "file" / "nbtwin.sqlite")


def test_a_key_that_cannot_be_kept_does_not_count(path: Path) -> None:
    with Store.open(path, lock_timeout=0.01) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLocked):
            store.keys.add("M200000001", "another-password-0001")
        with pytest.raises(StoreLocked):
            store.keys.remove(LAB_APPKEY)
        other.close()
        assert [key.appkey for key in store.keys.list()] == [LAB_APPKEY]


def test_only_the_files_of_the_two_databases_know_a_driver() -> None:
    package = Path(nbtwin.__file__).parent
    using = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if any(f"import {driver}" in path.read_text() for driver in ("sqlite3", "psycopg"))
    }
    assert using == {f"operators/store/{name}.py" for name in ("sqlite", "postgres", "postgres_watch")}


def test_a_process_that_opens_and_closes_it_takes_nothing_from_the_one_that_has_it_open(tmp_path: Path) -> None:
    path = tmp_path / "lab.sqlite"
    with Store.open(path, claim=True) as store:
        for number, between in enumerate((lambda: None, store.database.make_durable, lambda: Store.open(path).close())):
            between()
            write = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()"
            subprocess.run(
                [sys.executable, "-c", f"{write}; db.close()", path, f"INSERT INTO counters VALUES ('{number}', 1)"],
                check=True,
            )
            assert store.database.rows("SELECT value FROM counters WHERE name = ?", (str(number),)) == [(1,)]
            store.commit([registered(float(number))])
            assert path.with_name("lab.sqlite-wal").exists()
    with Store.open(path) as store:
        assert len(store.history(DEVICE)) == 3
