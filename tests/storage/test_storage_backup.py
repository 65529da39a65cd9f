"""Backup and restore: everything comes back, on the same database or the other; a broken file brings back nothing."""

from __future__ import annotations

import gzip
import stat
from pathlib import Path
from typing import Any

import pytest
from storage_events import DEVICE, registered

from nbtwin.operators import events as ev
from nbtwin.operators.store.access import AuditLine, AuditRepository, TokenRecord, TokenRepository
from nbtwin.operators.store.backup import backup, check, restore
from nbtwin.operators.store.database import Database
from nbtwin.operators.store.migrate import migrate
from nbtwin.operators.store.schema import MIGRATIONS
from nbtwin.operators.store.store import Store, StoreError, open_database


def fill(store: Store, devices: int = 30) -> None:
    imeis = [str(863703030820000 + number) for number in range(devices)]
    store.commit([registered(float(number), imei) for number, imei in enumerate(imeis)])
    store.commit([ev.InventoryRead(1.0, f"cmdmp:{imei}", {6606: "物联网 \0"}) for imei in imeis])
    store.keys.add("M200000001", "another-password-0001")
    store.part(TokenRepository).add(TokenRecord("ci", "viewer", "ab" * 32, "nbt_a", 1.5, None))
    store.part(AuditRepository).record(AuditLine(2.5, "ci", "viewer", "POST", "/x", 200, {"a": None}))


def content(db: Database) -> dict[str, list[Any]]:
    return {table: db.rows(f"SELECT * FROM {table} ORDER BY 1") for table in db.tables()}


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a backup is restored to: the other database as well."""
    if request.param == "sqlite":
        return str(tmp_path / "other.sqlite")
    return f"{request.getfixturevalue('postgresql')}_other"


def test_everything_comes_back_on_either_database(where: str, other: str, tmp_path: Path) -> None:
    file = tmp_path / "lab.backup"
    with Store.open(where) as store, Store.open(other) as brought:
        fill(store, devices=1200)
        kept = backup(store.database, file)
        assert kept.rows["devices"] == 1200
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert check(file) == kept
        assert restore(brought.database, file) == kept
        brought.reload()
        assert content(brought.database) == content(store.database)
        assert brought.keys.passwords == store.keys.passwords
        assert brought.commit([registered(99.0)]) == 1  # numbers go on behind the restored ones
        assert [entry.at for entry in brought.history(DEVICE)][-1] == 99.0


def test_a_full_store_is_replaced_only_when_asked(where: str, tmp_path: Path) -> None:
    file = tmp_path / "lab.backup"
    with Store.open(where) as store:
        store.commit([registered(1.0)])
        backup(store.database, file)
        store.commit([registered(2.0), registered(2.0, "863703030820001")])
        with pytest.raises(StoreError, match="store-not-empty"):
            restore(store.database, file)
        assert store.count() == 2
        restore(store.database, file, replace=True)
        store.reload()
        assert store.count() == 1
        assert [entry.at for entry in store.history(DEVICE)] == [1.0]
        store.commit([registered(3.0)])
        device = store.device(DEVICE)
        assert device is not None
        assert device.registrations == 2  # folded onto what came back, not onto what memory had


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_backup_of_every_older_version_is_brought_up(where: str, tmp_path: Path, version: int) -> None:
    file = tmp_path / "old.backup"
    old = open_database(str(tmp_path / "old.sqlite"))
    migrate(old, to=version)
    backup(old, file)
    old.close()
    db = open_database(where)
    if version == 1 and db.kind == "postgresql":
        with pytest.raises(StoreError, match="store-backup-sqlite"):
            restore(db, file)
    else:
        restore(db, file)
        assert db.version() == len(MIGRATIONS)
    db.close()


def broken(data: bytes, how: str) -> bytes:
    text = gzip.decompress(data)
    return {
        "cut": data[: len(data) // 2],
        "turned": data[:60] + bytes([data[60] ^ 0xFF]) + data[61:],
        "row lost": gzip.compress(b"".join(line for n, line in enumerate(text.splitlines(True)) if n != 5)),
        "row changed": gzip.compress(text.replace(b"863703030820003", b"863703030820999")),
        "end lost": gzip.compress(b"".join(text.splitlines(True)[:-1])),
        "other format": gzip.compress(text.replace(b"nbtwin-backup 1", b"nbtwin-backup 9")),
        "newer": gzip.compress(text.replace(b'"version":', b'"version":99')),
        "no backup": gzip.compress(b'{"hello": 1}\n'),
        "text": b"hello",
        "empty": b"",
    }[how]


@pytest.mark.parametrize(
    "how",
    ["cut", "turned", "row lost", "row changed", "end lost", "other format", "newer", "no backup", "text", "empty"],
)
def test_a_broken_backup_is_told_and_changes_nothing(tmp_path: Path, how: str) -> None:
    file = tmp_path / "lab.backup"
    with Store.open(tmp_path / "nbtwin.sqlite") as store:
        fill(store)
        before = content(store.database)
        backup(store.database, file)
        file.write_bytes(broken(file.read_bytes(), how))
        with pytest.raises(StoreError, match=str(file)):
            restore(store.database, file, replace=True)
        assert content(store.database) == before


def test_a_restore_that_fails_half_way_changes_nothing(where: str, tmp_path: Path) -> None:
    file = tmp_path / "lab.backup"
    with Store.open(where) as store:
        fill(store)
        before = content(store.database)
        backup(store.database, file)
        lines = gzip.decompress(file.read_bytes()).splitlines(True)[:-1]
        doubled = [*lines, lines[-1]]  # breaks a primary key at the very end
        rows = {table: len(found) for table, found in before.items()} | {store.database.tables()[-1]: 2}
        from hashlib import sha256

        import msgspec

        end = msgspec.json.encode({"rows": rows, "sha256": sha256(b"".join(doubled)).hexdigest()}) + b"\n"
        file.write_bytes(gzip.compress(b"".join([*doubled, end])))
        with pytest.raises(StoreError):
            restore(store.database, file, replace=True)
        assert content(store.database) == before


def test_a_place_that_cannot_be_written_keeps_the_old_backup(tmp_path: Path) -> None:
    with Store.open(tmp_path / "nbtwin.sqlite") as store:
        with pytest.raises(StoreError, match=r"no/such/lab\.backup"):
            backup(store.database, tmp_path / "no" / "such" / "lab.backup")
        with pytest.raises(StoreError, match="store-backup-missing"):
            check(tmp_path / "nothing.backup")
