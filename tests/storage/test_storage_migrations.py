"""Every older structure, with data in it, becomes the newest one; nothing is lost on the way."""

from __future__ import annotations

import msgspec
import pytest
from storage_events import DEVICE, registered

from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.operators.store.database import Database
from nbtwin.operators.store.migrate import migrate
from nbtwin.operators.store.schema import MIGRATIONS
from nbtwin.operators.store.store import Store, StoreError, open_database

OTHER = "cmdmp:863703030820002"


def test_migration_1_makes_an_empty_file_a_store(tmp_path: pytest.TempPathFactory) -> None:
    db = open_database(f"{tmp_path}/nbtwin.sqlite")
    assert migrate(db, to=1) == 1
    assert db.version() == 1
    assert db.tables() == ["appkeys", "devices", "history"]
    assert db.rows("SELECT appkey, password FROM appkeys") == [(LAB_APPKEY, LAB_PASSWORD)]
    db.close()


def fill(db: Database) -> None:
    """Two devices, one with two lines of history, in the structure of that version."""
    for number, name in enumerate((OTHER, DEVICE), start=1):
        record = Device(id=name, platform="cmdmp", imei=name[6:], location="rd/1", registrations=1)
        row = (name, "cmdmp", name[6:], "registered", 5.0, msgspec.json.encode(record).decode())
        filed: str | int = name
        if db.version() == 1:
            db.run("INSERT INTO devices VALUES (?, ?, ?, ?, ?, ?)", row)
        else:
            filed = number
            db.run("INSERT INTO devices VALUES (?, ?, ?, ?, ?, ?, ?)", (number, *row))
        for at in (1.0, 5.0):
            db.run("INSERT INTO history (device, at, kind, detail) VALUES (?, ?, 'registered', '{}')", (filed, at))


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_a_store_of_every_older_version_is_brought_up_with_its_content(where: str, version: int) -> None:
    db = open_database(where)
    if version == 1 and db.kind == "postgresql":
        db.close()
        pytest.skip("PostgreSQL begins with version 2")
    assert migrate(db, to=version) == version
    with db.transaction():
        fill(db)
        db.run("INSERT INTO appkeys VALUES ('M200000001', 'another-password-0001')")
    db.close()
    with Store.open(where) as store:
        assert store.database.version() == len(MIGRATIONS)
        assert len(list(store.registrations("cmdmp"))) == 2
        assert [entry.at for entry in store.history(DEVICE)] == [1.0, 5.0]
        store.commit([registered(9.0)])
        assert [entry.at for entry in store.history(DEVICE)] == [1.0, 5.0, 9.0]
        assert store.count() == 2
        assert store.database.rows("SELECT location FROM registrations WHERE device = ?", (DEVICE,)) == [("rd/1",)]
        assert [key.appkey for key in store.keys.list()] == [LAB_APPKEY, "M200000001"]


def test_sentences_of_older_versions_stay_readable_beside_codes(where: str) -> None:
    """Migration 6: what happened has codes and fields; what was a sentence is the field `text`."""
    db = open_database(where)
    migrate(db, to=5)
    lines = [
        ("registered", '{"peer":"10.0.0.1:5683","location":"rd/1"}', "device-registered", {"location": "rd/1"}),
        ("refused", '{"code":"4.03","why":"unknown appkey"}', "device-refused",
         {"response_code": "4.03", "text": "unknown appkey"}),
        ("inventory read", '{"6606":"EC616"}', "inventory-read", {"values": {"6606": "EC616"}}),
        ("described", '{"1":"BC28"}', "device-described", {"values": {"1": "BC28"}}),
        ("attributes", '{"ticket":7,"path":"/5/0/3","code":"2.04"}', "operation-answered",
         {"operation": "write-attributes", "ticket": 7, "response_code": "2.04"}),
        ("read", '{"ticket":8,"path":"/19/0/0","code":"2.05","value":"say \\"why\\": x"}', "operation-answered",
         {"operation": "read", "value": 'say "why": x'}),
        ("not observed", '{"path":"/3/0","why":"cancelled"}', "observation-ended", {"text": "cancelled"}),
    ]  # fmt: skip
    with db.transaction():
        fill(db)
        db.run("DELETE FROM history")
        for kind, detail, _, _ in lines:
            db.run("INSERT INTO history (device, at, kind, detail) VALUES (2, 1.0, ?, ?)", (kind, detail))
        record = '{"device":"a","step":"failed","why":"no progress while downloading","attempts":1}'
        db.run("INSERT INTO campaign_devices VALUES (1, 'a', 'failed', ?)", (record,))
    db.close()
    with Store.open(where) as store:
        history = store.history(DEVICE)
        assert [entry.code for entry in history] == [code for _, _, code, _ in lines]
        for entry, (_, _, _, fields) in zip(history, lines, strict=True):
            assert {name: entry.fields[name] for name in fields} == fields
        (progress,) = store.part(CampaignRepository).devices(1)
        assert (progress.cause, progress.text) == ("", "no progress while downloading")


def test_a_newer_store_is_refused_and_left_as_it_is(where: str) -> None:
    with Store.open(where) as store, store.database.transaction():
        store.database.set_version(999)
    with pytest.raises(StoreError, match="store-newer"):
        Store.open(where)
    db = open_database(where)
    assert db.version() == 999
    db.close()


def test_a_migration_that_fails_leaves_the_version_before_it(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = MIGRATIONS[0].of("breaks half-way", "CREATE TABLE half (id {number}); CREATE TABLE half (id {number});")
    Store.open(where).close()
    monkeypatch.setattr("nbtwin.operators.store.migrate.MIGRATIONS", (*MIGRATIONS, broken))
    db = open_database(where)
    with pytest.raises(Exception, match="half"):
        migrate(db)
    assert db.version() == len(MIGRATIONS)
    assert "half" not in db.tables()
    db.close()
