"""Devices, history and appkeys in one SQLite file: the only file that touches the database.

Group commit: `commit(events)` makes one transaction of everything a platform has drained; the platform releases the
answers after it. WAL with synchronous=NORMAL writes each transaction to the log file before `commit` returns and does
not wait for the disk: the pages are the kernel's then, so nothing is lost when this process dies, by `kill -9` too.
What NORMAL may lose is the newest transactions when the *machine* loses power; synchronous="full" waits for the disk
once a batch and closes that gap as well (about one disk flush, a millisecond or more, per batch).

One Store writes a file at a time; other processes may read it, and change appkeys (`refresh_keys`). A Store is used by
one thread at a time. Times are stored as lab time plus `epoch` (the wall clock at lab time 0, brought by the caller).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import msgspec

from nbtwin.engine import Seconds
from nbtwin.operators.events import DeviceEvent
from nbtwin.operators.inventory import REGISTERED, Device, HistoryEntry, Pairing, fold
from nbtwin.operators.keys import LAB_APPKEY, LAB_PASSWORD, KeyRing
from nbtwin.operators.schema import APPLICATION_ID, MIGRATIONS

_QUERIED = 500  # names in one query
_CACHED_DEVICES = 50_000  # about 1.5 KiB each

_encode_json = msgspec.json.encode
_decode_device = msgspec.json.Decoder(Device).decode
_decode_detail = msgspec.json.Decoder(dict[str, Any]).decode

_EVENTS = frozenset(DeviceEvent.__args__)

_SAVE_DEVICE = (
    "INSERT INTO devices (number, id, platform, imei, state, last_seen_at, record) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (number) DO UPDATE SET state = excluded.state, last_seen_at = excluded.last_seen_at,"
    " record = excluded.record"
)
_SAVE_HISTORY = "INSERT INTO history (device, at, kind, detail) VALUES (?, ?, ?, ?)"


class StoreError(Exception):
    """The database cannot be used; the text names the file and the reason."""


class StoreLocked(StoreError):
    """Another process is writing; trying again later may succeed."""


class Store:
    """One open database. Use `Store.open`."""

    def __init__(self, connection: sqlite3.Connection, path: str, epoch: Seconds) -> None:
        self.path = path
        self.epoch = epoch
        self._db = connection
        self._devices: dict[str, tuple[int, Device]] = {}  # the ones changed last, as the file has them: by name
        self.keys = KeyRing(self._passwords(), changing=self._change_key)
        self._keys_version = self._data_version()

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        epoch: Seconds = 0.0,
        synchronous: Literal["normal", "full"] = "normal",
        lock_timeout: Seconds = 1.0,
    ) -> Store:
        """Open the file, create or migrate it as needed, or raise StoreError."""
        name = os.fspath(path)
        if name != ":memory:":
            _create_private(name)
        with _errors_name(name):
            db = sqlite3.connect(name, timeout=lock_timeout, isolation_level=None, check_same_thread=False)
            try:
                _prepare(db, name, synchronous)
                return cls(db, name, epoch)
            except BaseException:
                db.close()
                raise

    # The hot path

    def commit(self, events: Iterable[Any]) -> int:
        """Make every device event in there durable, in one transaction; other events are passed over.

        Returns how many events were kept. After a StoreError nothing of the batch is, and it may be given again.
        """
        batch = [event for event in events if type(event) in _EVENTS]
        if not batch:
            return 0
        try:
            with _errors_name(self.path), self._transaction():
                self._write(batch)
        except BaseException:
            self._devices.clear()  # they were changed in memory, the file was not
            raise
        if len(self._devices) > _CACHED_DEVICES:
            self._devices.clear()
        return len(batch)

    def _write(self, batch: list[DeviceEvent]) -> None:
        epoch, devices = self.epoch, self._devices
        changed: dict[int, Device] = {}
        history: list[tuple[int, float, str, str]] = []
        self._load_all({event.device for event in batch})
        free = int(self._db.execute("SELECT coalesce(max(number), 0) FROM devices").fetchone()[0]) + 1
        for event in batch:
            number, old = devices.get(event.device) or (free, None)
            device, entry = fold(old, event, epoch)
            if device is None:
                continue
            if old is None:
                devices[event.device] = number, device
                free += 1
            changed[number] = device
            if entry is not None:
                history.append((number, entry.at, entry.kind, _encode_json(entry.detail).decode()))
        rows = [
            (number, d.id, d.platform, d.imei, d.state, d.last_seen_at, _encode_json(d).decode())
            for number, d in changed.items()
        ]
        self._db.executemany(_SAVE_DEVICE, rows)
        self._db.executemany(_SAVE_HISTORY, history)

    def _load_all(self, names: set[str]) -> None:
        """Bring the devices into memory, those there are: one query for many."""
        missing = [name for name in names if name not in self._devices]
        for start in range(0, len(missing), _QUERIED):
            some = missing[start : start + _QUERIED]
            marks = ",".join("?" * len(some))
            query = f"SELECT id, number, record FROM devices WHERE id IN ({marks})"
            for name, number, record in self._db.execute(query, some):
                self._devices[name] = number, _decode_device(record)

    def _load(self, name: str) -> Device | None:
        row = self._db.execute("SELECT record FROM devices WHERE id = ?", (name,)).fetchone()
        return None if row is None else _decode_device(row[0])

    # Reading

    def device(self, name: str) -> Device | None:
        """One device as the file has it."""
        with _errors_name(self.path):
            return self._load(name)

    def devices(
        self,
        platform: str | None = None,
        *,
        state: str | None = None,
        containing: str = "",
        limit: int = -1,
        offset: int = 0,
    ) -> list[Device]:
        """Devices by name; ``containing`` searches everything known of a device, upper and lower case alike."""
        where, values = _conditions(platform, state, containing)
        query = f"SELECT record FROM devices{where} ORDER BY id LIMIT ? OFFSET ?"
        with _errors_name(self.path):
            return [_decode_device(row[0]) for row in self._db.execute(query, (*values, limit, offset))]

    def count(self, platform: str | None = None, *, state: str | None = None, containing: str = "") -> int:
        where, values = _conditions(platform, state, containing)
        with _errors_name(self.path):
            return int(self._db.execute(f"SELECT count(*) FROM devices{where}", values).fetchone()[0])

    def history(self, name: str, *, limit: int = 1000) -> list[HistoryEntry]:
        """The newest lines of a device's history, oldest first."""
        query = (
            "SELECT at, kind, detail FROM history WHERE device = (SELECT number FROM devices WHERE id = ?)"
            " ORDER BY id DESC LIMIT ?"
        )
        with _errors_name(self.path):
            rows = self._db.execute(query, (name, limit)).fetchall()
            return [HistoryEntry(name, at, kind, _decode_detail(detail)) for at, kind, detail in reversed(rows)]

    def registrations(self, platform: str) -> Iterator[Device]:
        """Who is registered, in lab time: for `restore` of the platform of that name."""
        for device in self.devices(platform, state=REGISTERED):
            device.first_seen_at -= self.epoch
            device.registered_at -= self.epoch
            device.refreshed_at -= self.epoch
            device.last_seen_at -= self.epoch
            device.pairings = [Pairing(p.iccid, p.imsi, p.at - self.epoch) for p in device.pairings]
            yield device

    # Housekeeping

    def forget_history(self, before: Seconds) -> int:
        """Delete history lines older than that stored time; how many."""
        with _errors_name(self.path), self._transaction():
            return self._db.execute("DELETE FROM history WHERE at < ?", (before,)).rowcount

    def forget_device(self, name: str) -> bool:
        """Delete a device and its history; False when it was not known."""
        with _errors_name(self.path), self._transaction():
            self._devices.pop(name, None)
            self._db.execute("DELETE FROM history WHERE device = (SELECT number FROM devices WHERE id = ?)", (name,))
            return self._db.execute("DELETE FROM devices WHERE id = ?", (name,)).rowcount > 0

    def backup(self, path: str | os.PathLike[str]) -> None:
        """A consistent copy, while the store is in use."""
        target = os.fspath(path)
        _create_private(target)
        with _errors_name(target):
            copy = sqlite3.connect(target)
            try:
                self._db.backup(copy)
            finally:
                copy.close()

    def refresh_keys(self) -> bool:
        """Take over appkeys that another process has changed; True when the file has changed since the last call."""
        with _errors_name(self.path):
            version = self._data_version()
            if version == self._keys_version:
                return False
            self._keys_version = version
            self.keys.replace(self._passwords())
            return True

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _passwords(self) -> Mapping[str, str]:
        return dict(self._db.execute("SELECT appkey, password FROM appkeys").fetchall())

    def _change_key(self, appkey: str, password: str | None) -> None:
        with _errors_name(self.path), self._transaction():
            if password is None:
                self._db.execute("DELETE FROM appkeys WHERE appkey = ?", (appkey,))
            else:
                self._db.execute("INSERT OR REPLACE INTO appkeys (appkey, password) VALUES (?, ?)", (appkey, password))

    def _data_version(self) -> int:
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with transaction(self._db):
            yield


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """BEGIN IMMEDIATE: a lock that cannot be had is told at the beginning, not at the end."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def migrate(db: sqlite3.Connection, name: str, to: int = len(MIGRATIONS)) -> None:
    """Bring the file to that version, each migration in a transaction of its own."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise StoreError(f"{name}: made by a newer nbtwin (version {version}, this one knows {len(MIGRATIONS)})")
    for number in range(version, to):
        with transaction(db):
            if int(db.execute("PRAGMA user_version").fetchone()[0]) != number:
                continue  # another process was faster
            for statement in MIGRATIONS[number].split(";"):
                db.execute(statement)
            if number == 0:
                db.execute("INSERT INTO appkeys VALUES (?, ?)", (LAB_APPKEY, LAB_PASSWORD))  # D20
                db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {number + 1}")


def _prepare(db: sqlite3.Connection, name: str, synchronous: str) -> None:
    application = int(db.execute("PRAGMA application_id").fetchone()[0])
    tables = int(db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if tables and application != APPLICATION_ID:
        raise StoreError(f"{name}: a database, but not one of nbtwin's; it was left as it is")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(f"PRAGMA synchronous = {synchronous}")
    db.execute("PRAGMA wal_autocheckpoint = 4000")  # pages: a checkpoint waits for the disk, so seldom
    db.execute("PRAGMA journal_size_limit = 67108864")
    db.execute("PRAGMA cache_size = -32768")  # KiB
    migrate(db, name)


def _create_private(name: str) -> None:
    """The file holds passwords: nobody else may read it."""
    try:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(name, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(f"{name}: {error.strerror}") from error


def _conditions(platform: str | None, state: str | None, containing: str) -> tuple[str, tuple[Any, ...]]:
    parts, values = [], []
    if platform is not None:
        parts.append("platform = ?")
        values.append(platform)
    if state is not None:
        parts.append("state = ?")
        values.append(state)
    if containing:
        escaped = containing.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        parts.append("record LIKE ? ESCAPE '\\'")
        values.append(f"%{escaped}%")
    return (" WHERE " + " AND ".join(parts) if parts else ""), tuple(values)


@contextmanager
def _errors_name(name: str) -> Iterator[None]:
    """Every trouble with the file becomes a StoreError that names it."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreLocked(f"{name}: locked by another process; is a second nbtwin using it?") from error
        raise StoreError(f"{name}: {error}") from error
    except sqlite3.IntegrityError as error:
        raise StoreError(f"{name}: {error}; is a second nbtwin writing to it?") from error
    except sqlite3.ProgrammingError:
        raise  # ours: the store is closed, or a statement is wrong
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{name}: not a usable database ({error}); it was left as it is") from error
    except msgspec.DecodeError as error:
        raise StoreError(f"{name}: a record in it is damaged ({error}); it was left as it is") from error
