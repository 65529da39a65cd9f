"""SQLite as the store's database: one file, or ":memory:". Knows the driver and the pragmas, no table.

WAL with synchronous=NORMAL writes each transaction to the log file before the commit returns and does not wait for the
disk: the pages are the kernel's then, so nothing is lost when this process dies, by `kill -9` too. What NORMAL may lose
is the newest transactions when the *machine* loses power; synchronous="full" waits for the disk once a batch and closes
that gap as well (about one disk flush, a millisecond or more, per batch). What a new file begins with, its tables and
keys, is on the disk before it is used, and so is its name (`make_durable`).
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import IO, ClassVar, Literal

from nbtwin import file_lock
from nbtwin.engine import Seconds
from nbtwin.foreign import detail_of
from nbtwin.operators.store.connections import ConnectedDatabase, Connections
from nbtwin.operators.store.database import (
    Row,
    StoreError,
    StoreLocked,
    StoreRefusal,
    Synchronous,
    Values,
    in_dialect,
    marks,
    taken_over,
)

APPLICATION_ID = 0x6E627477  # "nbtw"
_TOGETHER = 50
"""Rows of one statement: each one gives up and takes back the interpreter's lock."""
_MUCH = 32 << 20  # bytes in the log before they are brought where they belong


class SqliteDatabase(ConnectedDatabase[sqlite3.Connection]):
    """An open file. Another program's database is refused and left as it is."""

    kind: ClassVar[Literal["sqlite"]] = "sqlite"

    def __init__(self, path: str, synchronous: Synchronous = "normal", lock_timeout: Seconds = 1.0) -> None:
        self.name = path
        self._file = path if path == ":memory:" else os.path.realpath(path)  # one, by whatever name it is opened
        self._synchronous, self._lock_timeout = synchronous, lock_timeout
        self._claimed: IO[str] | None = None
        self._checkpoints: sqlite3.Connection | None = None
        if path != ":memory:":
            create_private(path)
        self._connections = Connections(
            path, self._connect, is_open=lambda db: True, close=lambda db: db.close(), single=path == ":memory:"
        )

    def _connect(self, writes: bool) -> sqlite3.Connection:
        with _errors_name(self.name):
            db = sqlite3.connect(self.name, timeout=self._lock_timeout, isolation_level=None, check_same_thread=False)
            try:
                if writes:
                    self._prepare(db)
                else:
                    db.execute("PRAGMA query_only = ON")
            except BaseException:
                db.close()
                raise
            return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        self._refuse_foreign(db)
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {self._synchronous}",
            "wal_autocheckpoint = 4000",  # pages: a checkpoint waits for the disk, so seldom
            "journal_size_limit = 67108864",
            "cache_size = -32768",  # KiB
        ):
            db.execute(f"PRAGMA {pragma}")

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        with _errors_name(self.name), self._connections.reader() as db:
            return db.execute(_ours(sql), values).fetchall()

    def each(self, sql: str) -> Iterator[Row]:
        with _errors_name(self.name), self._connections.reader() as db:
            yield from db.execute(_ours(sql))

    def run(self, sql: str, values: Values = ()) -> int:
        with _errors_name(self.name), self._connections.writer() as db:
            return db.execute(_ours(sql), values).rowcount

    def run_many(self, sql: str, rows: Sequence[Values]) -> int:
        if not rows:
            return 0
        with _errors_name(self.name), self._connections.writer() as db:
            return db.executemany(_ours(sql), rows).rowcount

    def put(
        self,
        table: str,
        columns: tuple[str, ...],
        rows: Iterable[Values],
        *,
        key: str = "",
        changes: tuple[str, ...] = (),
    ) -> None:
        rest: list[Values] = []
        with _errors_name(self.name), self._connections.writer() as db:
            db.executemany(_put(table, columns, _TOGETHER, key, changes), _together(rows, rest))
            if rest:
                db.executemany(_put(table, columns, 1, key, changes), rest)

    def checkpoint(self) -> None:
        if self.name == ":memory:":
            return
        if self._checkpoints is None:
            self._checkpoints = self._connect(False)  # a connection of its own: nobody waits for it
            self.run("PRAGMA wal_autocheckpoint = 0")
        with _errors_name(self.name), _system_errors_name(self.name):
            if os.stat(f"{self._file}-wal").st_size >= _MUCH:
                self._checkpoints.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """BEGIN IMMEDIATE: a lock that cannot be had is told at the beginning, not at the end."""
        with self._connections.writer() as db:
            if db.in_transaction:
                yield
                return
            if durable:
                self._wait_for_disk(db, "full")
            try:
                yield from self._between(db, "BEGIN IMMEDIATE")
            finally:
                if durable:
                    self._wait_for_disk(db, self._synchronous)

    def _wait_for_disk(self, db: sqlite3.Connection, synchronous: Synchronous) -> None:
        with _errors_name(self.name):
            db.execute(f"PRAGMA synchronous = {synchronous}")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with self._connections.snapshot() as db:
            yield from self._between(db, "BEGIN")

    def _between(self, db: sqlite3.Connection, begin: str) -> Iterator[None]:
        with _errors_name(self.name):
            db.execute(begin)
        try:
            yield
            with _errors_name(self.name):
                db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def claim(self, node: str = "") -> None:
        """A file next to the database: the kernel gives the lock back however the process ends."""
        if self.name == ":memory:" or self._claimed is not None:
            return
        with _system_errors_name(self.name):
            descriptor = os.open(f"{self._file}-lock", os.O_RDWR | os.O_CREAT, 0o600)
        lock = open(descriptor, "r+")  # noqa: SIM115 - as long as we are
        try:
            file_lock.take(lock)
        except file_lock.Held:
            lock.close()
            raise StoreLocked(StoreRefusal.IN_USE, self.name) from None
        self._claimed = lock

    @property
    def held_lock(self) -> int | None:
        """What `claim` has, for a process that writes in our stead: as long as either of us has it open, it holds."""
        return None if self._claimed is None else self._claimed.fileno()

    def version(self) -> int:
        with _errors_name(self.name), self._connections.reader() as db:
            self._refuse_foreign(db)
            return int(db.execute("PRAGMA user_version").fetchone()[0])

    def _refuse_foreign(self, db: sqlite3.Connection) -> None:
        ((application,),) = db.execute("PRAGMA application_id")
        if application != APPLICATION_ID and db.execute("SELECT 1 FROM sqlite_master").fetchone() is not None:
            raise StoreError(StoreRefusal.FOREIGN, self.name)

    def set_version(self, version: int) -> None:
        self.run(f"PRAGMA application_id = {APPLICATION_ID}")
        self.run(f"PRAGMA user_version = {version}")

    def lock_schema(self) -> None:
        """BEGIN IMMEDIATE has done it."""

    def tables(self) -> list[str]:
        found = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return sorted(name for (name,) in found)

    def columns(self, table: str) -> list[str]:
        return [row[1] for row in self.rows(f"PRAGMA table_info({table})")]

    def clear(self) -> None:
        for (view,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'view'"):
            self.run(f"DROP VIEW {view}")
        for table in self.tables():
            self.run(f"DROP TABLE {table}")
        self.set_version(0)

    def after_loading(self, table: str) -> None:
        """INTEGER PRIMARY KEY counts on from the greatest."""

    def compact(self) -> None:
        self.run("VACUUM")
        self.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def make_durable(self) -> None:
        """On the disk, with its name: a power cut leaves what is in it now. The file itself is SQLite's to open."""
        if self.name == ":memory:":
            return
        self.run("PRAGMA wal_checkpoint(TRUNCATE)")  # waits for the disk, whatever `synchronous` is
        with _system_errors_name(self.name):
            for path in Path(self._file).parents[:2]:  # the folder may be new as well
                _sync(path)

    def size(self) -> int:
        ((pages,),), ((size,),) = self.rows("PRAGMA page_count"), self.rows("PRAGMA page_size")
        return int(pages) * int(size)

    def close(self) -> None:
        if self._checkpoints is not None:
            self._checkpoints.close()
            self._checkpoints = None
        super().close()
        if self._claimed is not None:
            self._claimed.close()
            self._claimed = None


def _together(rows: Iterable[Values], rest: list[Values]) -> Iterator[Values]:
    """So many as one statement takes, one behind the other; what is left over goes to ``rest``."""
    rows = iter(rows)
    while len(some := list(islice(rows, _TOGETHER))) == _TOGETHER:
        yield tuple(chain.from_iterable(some))
    rest += some


@lru_cache(maxsize=64)
def _put(table: str, columns: tuple[str, ...], count: int, key: str, changes: tuple[str, ...]) -> str:
    rows = ", ".join([f"({marks(len(columns))})"] * count)
    taken = f" ON CONFLICT ({key}) DO UPDATE SET {taken_over(changes)}" if key else ""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {rows}{taken}"


@lru_cache(maxsize=256)
def _ours(sql: str) -> str:
    return in_dialect("sqlite", sql)


def create_private(name: str) -> None:
    """The file holds passwords: nobody else may read it, nor a directory that is made for it.

    One that is there is not touched. When a process closes a file, the kernel takes away its locks of it, however often
    it has it open: SQLite's would be gone, and whoever closes the database next would delete the log it writes to.
    """
    path = Path(os.path.realpath(name))
    with _system_errors_name(name):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _system_errors_name(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(StoreRefusal.FAILED, name, detail=detail_of(error)) from error


@contextmanager
def _errors_name(name: str) -> Iterator[None]:
    """Every trouble with the file becomes a StoreError that names it."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreLocked(StoreRefusal.LOCKED, name) from error
        raise StoreError(StoreRefusal.FAILED, name, detail=detail_of(error)) from error
    except sqlite3.IntegrityError as error:
        raise StoreError(StoreRefusal.CONFLICT, name, detail=detail_of(error)) from error
    except sqlite3.ProgrammingError:
        raise  # ours: the store is closed, or a statement is wrong
    except sqlite3.DatabaseError as error:
        raise StoreError(StoreRefusal.UNUSABLE, name, detail=detail_of(error)) from error
