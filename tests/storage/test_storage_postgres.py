"""The store on a PostgreSQL server: whose schema it may use, what a lock or a lost connection does."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from storage_events import DEVICE, registered

from nbtwin.operators.key_store.appkeys import LAB_APPKEY
from nbtwin.operators.store.database import StoreRefusal
from nbtwin.operators.store.postgres import without_password
from nbtwin.operators.store.store import Store, StoreError, StoreLocked, open_database


def raw(postgresql: str) -> psycopg.Connection[tuple[object, ...]]:
    """The server as anybody else would use it."""
    plain, _, schema = postgresql.partition("&schema=")
    db = psycopg.connect(plain)
    db.execute(f"SET search_path = {schema}")  # type: ignore[call-overload]
    return db


def test_a_schema_of_somebody_else_is_refused_and_left_as_it_is(postgresql: str) -> None:
    with raw(postgresql) as db:
        db.execute(f"CREATE SCHEMA {postgresql.partition('schema=')[2]}")
        db.execute("CREATE TABLE contacts (name TEXT)")
    with pytest.raises(StoreError, match="store-foreign"):
        Store.open(postgresql)
    with raw(postgresql) as db:
        assert db.execute("SELECT * FROM contacts").fetchall() == []


def test_a_database_without_an_encoding_is_opened_again(postgresql: str) -> None:
    with psycopg.connect(postgresql.partition("&schema=")[0], autocommit=True) as db:
        db.execute("CREATE DATABASE bare ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    server, _, options = postgresql.partition("?")
    bare = f"{server.rpartition('/')[0]}/bare?{options}"
    with Store.open(bare) as store:
        store.keys.add("M200000001", "电表-password-0001")
    with Store.open(bare) as store:
        assert store.keys.passwords["M200000001"] == "电表-password-0001"


def test_a_journal_is_found_by_whatever_name_its_database_has_and_missed_in_another_state_directory(
    postgresql: str, tmp_path: Path
) -> None:
    store = Store.open(postgresql, claim=True, durability="process", journal=7, state=tmp_path)
    assert store.folding is not None
    store.folding.fold = _refuse
    store.append([registered()])
    assert not store.close(longest=0.0)
    with Store.open(postgresql, claim=True, state=tmp_path / "another") as other:
        assert [notice.code for notice in other.recovered.notices] == [StoreRefusal.JOURNAL_MISSING]
    another_name = postgresql.replace("?", "?connect_timeout=9&")
    with Store.open(another_name, state=tmp_path) as found:
        assert found.path != store.path
        assert found.count() == 1
        assert not found.recovered.notices


def _refuse(events: object, number: int) -> None:
    raise StoreLocked(StoreRefusal.LOCKED, "postgresql")


def test_a_locked_table_is_told_and_nothing_is_lost(postgresql: str) -> None:
    with Store.open(postgresql, lock_timeout=0.01) as store:
        with raw(postgresql) as other:
            other.execute("LOCK TABLE devices IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(StoreLocked, match="store-locked"):
                store.commit([registered()])
        assert store.commit([registered()]) == 1
        device = store.device(DEVICE)
        assert device is not None
        assert device.registrations == 1  # the failed batch left no trace


def test_a_key_that_cannot_be_kept_does_not_count(postgresql: str) -> None:
    with Store.open(postgresql, lock_timeout=0.01) as store, raw(postgresql) as other:
        other.execute("LOCK TABLE appkeys IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StoreLocked):
            store.keys.add("M200000001", "another-password-0001")
        with pytest.raises(StoreLocked):
            store.keys.remove(LAB_APPKEY)
        assert [key.appkey for key in store.keys.list()] == [LAB_APPKEY]


def test_a_lost_connection_fails_one_batch_and_is_made_anew(postgresql: str) -> None:
    with Store.open(postgresql) as store:
        told: list[str] = []
        store.database.on_reconnect = lambda: told.append("connected again")
        store.commit([registered(0.0)])
        with store.database.transaction():
            ((backend,),) = store.database.rows("SELECT pg_backend_pid()")
        end(postgresql, backend)
        with pytest.raises(StoreError, match="postgresql://"):
            store.commit([registered(1.0)])
        assert told == []
        assert store.commit([registered(1.0)]) == 1
        assert told == ["connected again"]
        device = store.device(DEVICE)
        assert device is not None
        assert device.registrations == 2


def end(url: str, backend: int) -> None:
    with raw(url) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))


def test_a_lost_reader_fails_one_read_and_is_made_anew(postgresql: str) -> None:
    with Store.open(postgresql) as store:
        ((backend,),) = store.database.rows("SELECT pg_backend_pid()")
        end(postgresql, backend)
        with pytest.raises(StoreError, match="postgresql://"):
            store.count()
        assert store.count() == 0


def test_a_reader_cannot_write(postgresql: str) -> None:
    with Store.open(postgresql) as store, pytest.raises(StoreError, match="postgres-readonly"):
        store.database.rows("DELETE FROM appkeys RETURNING 1")


def test_no_message_shows_the_password(postgresql: str) -> None:
    url = "postgresql://nbtwin:s3cret@127.0.0.1:1/lab?password=s3cret&sslmode=disable"
    with pytest.raises(StoreError, match=r"^postgresql://nbtwin@127.0.0.1:1/lab") as refused:
        open_database(url)
    assert "s3cret" not in str(refused.value)
    assert without_password(url) == "postgresql://nbtwin@127.0.0.1:1/lab?password=****&sslmode=disable"


@pytest.mark.parametrize("schema", ["Lab", "a-b", "a;drop", '"'])
def test_a_schema_that_is_no_name_is_refused(schema: str) -> None:
    with pytest.raises(StoreError, match="store-schema-name"):
        open_database(f"postgresql://127.0.0.1/lab?schema={schema}")


def test_two_labs_share_a_database_in_schemas_of_their_own(postgresql: str) -> None:
    with Store.open(postgresql) as one, Store.open(f"{postgresql}_b") as two:
        one.commit([registered()])
        assert (one.count(), two.count()) == (1, 0)
