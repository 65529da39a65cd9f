"""The store: what is committed is there, what is broken is refused by name."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
from pathlib import Path

import msgspec
import pytest
from operators_bench import IMEI, Bench, name_of

from nbtwin.coap.numbers import Code
from nbtwin.operators import events as ev
from nbtwin.operators.cmdmp import CmdmpPlatform
from nbtwin.operators.inventory import EXPIRED, REGISTERED, Device
from nbtwin.operators.keys import LAB_APPKEY, LAB_PASSWORD, KeyRing
from nbtwin.operators.schema import MIGRATIONS
from nbtwin.operators.store import Store, StoreError, StoreLocked, migrate

PEER = ("10.0.0.1", 5683)
DEVICE = f"cmdmp:{IMEI}"


def registered(at: float = 0.0, imei: str = IMEI, **more: str) -> ev.DeviceRegistered:
    return ev.DeviceRegistered(at, f"cmdmp:{imei}", PEER, ev.Identity(imei, **more), "rd/1", 3600)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "nbtwin.sqlite"


def test_a_device_and_its_history_are_there_after_a_restart(path: Path) -> None:
    with Store.open(path, epoch=1000.0) as store:
        kept = store.commit(
            [
                registered(1.0, imsi="460040123456789"),
                ev.InventoryRead(2.0, DEVICE, {6606: "EC616"}),
                ev.DeviceUpdated(3.0, DEVICE, ("10.0.0.2", 5683), 3600, address_changed=True),
            ]
        )
        assert kept == 3
    with Store.open(path) as store:
        device = store.device(DEVICE)
        assert device is not None
        assert (device.state, device.values, device.host) == (REGISTERED, {6606: "EC616"}, "10.0.0.2")
        assert (device.first_seen_at, device.last_seen_at) == (1001.0, 1003.0)
        assert [(entry.at, entry.kind) for entry in store.history(DEVICE)] == [
            (1001.0, "registered"),
            (1002.0, "inventory read"),
            (1003.0, "updated"),
        ]


def test_a_registration_outlives_the_platform_and_ends_when_it_would_have(path: Path) -> None:
    with Store.open(path) as store:
        bench = Bench(store=store)
        location = bench.register(lifetime=3600).location
    with Store.open(path) as store:
        bench = Bench(CmdmpPlatform(random.Random(2), store.keys), store)
        assert bench.platform.restore(store.registrations("cmdmp")) == 1
        bench.now = 3000.0
        assert bench.update(location).code == Code.CHANGED
        bench.advance(3600 + 128)
        device = store.device(DEVICE)
        assert device is not None
        assert device.state == EXPIRED
        assert list(store.registrations("cmdmp")) == []


def test_a_fresh_store_knows_the_lab_credentials_and_never_lists_a_password(path: Path) -> None:
    """D20: the factory credentials of the lab exist out of the box, and do not come back once removed."""
    with Store.open(path) as store:
        (key,) = store.keys.list()
        assert key.appkey == LAB_APPKEY
        assert LAB_PASSWORD not in repr(store.keys.list())
        bench = Bench(store=store)
        assert bench.register().code == Code.CREATED
        store.keys.add("M200000001", "another-password-0001")
        assert store.keys.remove(LAB_APPKEY)
        assert not store.keys.remove(LAB_APPKEY)
        assert bench.register().code == Code.FORBIDDEN
    with Store.open(path) as store:
        assert [key.appkey for key in store.keys.list()] == ["M200000001"]


def test_keys_changed_by_another_process_are_taken_over(path: Path) -> None:
    with Store.open(path) as store, Store.open(path) as other:
        assert not store.refresh_keys()
        other.keys.add("M200000001", "another-password-0001")
        bench = Bench(store=store)
        name = name_of(appkey="M200000001", password="another-password-0001")
        assert bench.register(name).code == Code.FORBIDDEN
        assert store.refresh_keys()
        assert bench.register(name).code == Code.CREATED


@pytest.mark.parametrize("appkey", ["", "a@#@b", "a\nb"])
def test_an_appkey_that_cannot_stand_in_a_name_is_not_taken(appkey: str) -> None:
    with pytest.raises(ValueError, match="appkey"):
        KeyRing().add(appkey, "password")


def test_only_the_owner_may_read_the_file(path: Path) -> None:
    with Store.open(path):
        for file in path.parent.iterdir():
            assert stat.S_IMODE(os.stat(file).st_mode) == 0o600, file


def test_a_broken_file_is_refused_by_name_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is not a database at all" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=f"{path}: not a usable database"):
        Store.open(path)
    assert path.read_bytes() == before


def test_somebody_elses_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE contacts (name TEXT)")
    db.close()
    with pytest.raises(StoreError, match="not one of nbtwin's"):
        Store.open(path)


def test_a_newer_file_is_refused(path: Path) -> None:
    Store.open(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(StoreError, match="made by a newer nbtwin"):
        Store.open(path)


def test_a_locked_file_is_told_and_nothing_is_lost(path: Path) -> None:
    with Store.open(path, lock_timeout=0.01) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLocked, match=f"{path}: locked by another process"):
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


def test_migration_1_makes_an_empty_file_a_store(path: Path) -> None:
    path.parent.mkdir()
    db = sqlite3.connect(path, isolation_level=None)
    migrate(db, str(path), to=1)
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    names = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")}
    assert names == {"devices", "history", "history_of_device", "appkeys", "registrations"}
    assert db.execute("SELECT appkey, password FROM appkeys").fetchall() == [(LAB_APPKEY, LAB_PASSWORD)]
    db.close()


def test_migration_2_keeps_devices_and_history(path: Path) -> None:
    path.parent.mkdir()
    db = sqlite3.connect(path, isolation_level=None)
    migrate(db, str(path), to=1)
    for name in ("cmdmp:863703030820002", DEVICE):
        record = Device(id=name, platform="cmdmp", imei=name[6:], location="rd/1", registrations=1)
        row = (name, "cmdmp", name[6:], "registered", 5.0, msgspec.json.encode(record).decode())
        db.execute("INSERT INTO devices VALUES (?, ?, ?, ?, ?, ?)", row)
        for at in (1.0, 5.0):
            db.execute("INSERT INTO history (device, at, kind, detail) VALUES (?, ?, 'registered', '{}')", (name, at))
    db.close()
    with Store.open(path) as store:
        assert len(list(store.registrations("cmdmp"))) == 2
        assert [entry.at for entry in store.history(DEVICE)] == [1.0, 5.0]
        store.commit([registered(9.0)])
        assert [entry.at for entry in store.history(DEVICE)] == [1.0, 5.0, 9.0]
        assert store.count() == 2
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (2,)
    assert db.execute("SELECT location FROM registrations WHERE device = ?", (DEVICE,)).fetchone() == ("rd/1",)
    db.close()
    assert len(MIGRATIONS) == 2  # each migration has its test here


def test_search_finds_whatever_is_known_of_a_device(path: Path) -> None:
    with Store.open(path) as store:
        store.commit([registered(0.0, str(863703030820000 + n), imsi=f"46004{n:010}") for n in range(20)])
        store.commit([ev.InventoryRead(1.0, "cmdmp:863703030820007", {6606: "EC616 100%"})])
        assert store.count("cmdmp") == store.count(state=REGISTERED) == 20
        assert [device.imei for device in store.devices(containing="ec616 100%")] == ["863703030820007"]
        assert store.devices(containing="1_0%") == []
        assert [device.imei[-2:] for device in store.devices(limit=2, offset=5)] == ["05", "06"]
        assert store.devices("telecom") == []


def test_who_never_registered_becomes_no_device(path: Path) -> None:
    with Store.open(path) as store:
        store.commit([ev.DeviceRefused(0.0, DEVICE, PEER, "4.01", "wrong"), object()])
        assert store.count() == 0
        store.commit([registered(), ev.DeviceRefused(1.0, DEVICE, PEER, "4.01", "wrong")])
        assert [entry.kind for entry in store.history(DEVICE)] == ["registered", "refused"]


def test_history_and_devices_can_be_forgotten_and_the_rest_copied(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store:
        store.commit([registered(0.0), registered(100.0), registered(0.0, "863703030820001")])
        assert store.forget_history(before=50.0) == 2
        assert [entry.at for entry in store.history(DEVICE)] == [100.0]
        store.backup(tmp_path / "copy.sqlite")
        assert store.forget_device(DEVICE)
        assert not store.forget_device(DEVICE)
        assert store.device(DEVICE) is None
    with Store.open(tmp_path / "copy.sqlite") as copy:
        assert copy.count() == 2


def test_a_damaged_record_is_told_by_name(path: Path) -> None:
    with Store.open(path) as store:
        store.commit([registered()])
        db = sqlite3.connect(path)
        db.execute("UPDATE devices SET record = '{'")
        db.commit()
        db.close()
        with pytest.raises(StoreError, match=f"{path}: a record in it is damaged"):
            store.device(DEVICE)
        with pytest.raises(StoreError, match="damaged"):
            store.devices()


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


def test_a_ring_keeps_the_keys_that_did_not_change() -> None:
    ring = KeyRing({"a": "1", "b": "2"})
    kept = ring.get("a")
    ring.replace({"a": "1", "b": "3", "c": "4"})
    assert ring.get("a") is kept
    assert ring.passwords == {"a": "1", "b": "3", "c": "4"}
    assert "c" in ring
    assert len(ring) == 3
    assert [key.password for key in ring.list()] == ["****"] * 3  # too short to show any of it


def test_what_happened_to_a_device_stands_in_its_history(path: Path) -> None:
    with Store.open(path) as store:
        store.commit(
            [
                registered(0.0),
                ev.InventoryUnread(1.0, DEVICE, "no answer"),
                ev.InventoryRead(2.0, DEVICE, {6603: "NULL"}),
                ev.InventoryRead(3.0, DEVICE, {6603: "NULL"}),  # no news
                ev.DeviceDeregistered(4.0, DEVICE),
                registered(5.0),
                ev.DeviceExpired(6.0, DEVICE),
            ]
        )
        assert [(entry.at, entry.kind) for entry in store.history(DEVICE)] == [
            (0.0, "registered"),
            (1.0, "inventory not read"),
            (2.0, "inventory read"),
            (4.0, "de-registered"),
            (5.0, "registered"),
            (6.0, "expired"),
        ]
        assert [entry.at for entry in store.history(DEVICE, limit=2)] == [5.0, 6.0]
        assert store.commit([]) == 0


def test_a_store_with_more_devices_than_it_keeps_in_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbtwin.operators.store._CACHED_DEVICES", 10)
    imeis = [str(863703030820000 + n) for n in range(50)]
    with Store.open(path, synchronous="full") as store:
        for _ in range(3):
            store.commit([registered(0.0, imei) for imei in imeis])
        assert {device.registrations for device in store.devices()} == {3}
