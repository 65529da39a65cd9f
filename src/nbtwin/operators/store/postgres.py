"""PostgreSQL as the store's database, by URL. Knows the driver (psycopg 3) and the server's own words, no table.

Everything lives in a schema of its own (``nbtwin``, or ``?schema=NAME`` in the URL), so that a database may be shared.
A commit returns when the server has it on its disk (the server's `synchronous_commit`, which is on unless somebody
turned it off; synchronous="full" insists). A connection that was lost is made anew at the next statement; one whose
server does not answer is given up by whoever has claimed the database (`postgres_watch`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar, Literal, LiteralString
from urllib.parse import parse_qsl, urlencode, urlsplit

import psycopg
from psycopg import errors

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
from nbtwin.operators.store.postgres_watch import StatementWatch

SCHEMES = ("postgresql://", "postgres://")
_SCHEMA_LOCK = 0x6E627477  # "nbtw": advisory lock while the structure changes
_CLAIM = 0x6E627478  # advisory lock of the one process that writes devices
_NODE = 0x6E627480  # advisory lock of the one node of a name
_VERSIONS = "nbtwin_version"
_FEW = 50  # rows, which a pipeline of single statements writes faster
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\u2400"}
_SPECIAL = re.compile(r"[\\\n\r\t\0]")


def is_url(text: str) -> bool:
    return text.startswith(SCHEMES)


class PostgresDatabase(ConnectedDatabase[psycopg.Connection[Row]]):
    """An open connection."""

    kind: ClassVar[Literal["postgresql"]] = "postgresql"

    def __init__(self, url: str, synchronous: Synchronous = "normal", lock_timeout: Seconds = 1.0) -> None:
        self._url, self.schema = _taken_apart(url)
        self.name = without_password(url)
        self._synchronous, self._lock_timeout = synchronous, lock_timeout
        self._claimed, self._node = False, ""
        self._watch = StatementWatch(self.name)
        self._connections = Connections(
            self.name, self._connect, is_open=lambda db: not db.closed, close=lambda db: db.close()
        )

    def _connect(self, writes: bool) -> psycopg.Connection[Row]:
        settings = {
            "search_path": self.schema,
            "lock_timeout": f"{self._lock_timeout * 1000:.0f}ms",
            "idle_in_transaction_session_timeout": "60s",
        }
        if self._synchronous == "full":
            settings["synchronous_commit"] = "on"
        if not writes:
            settings["default_transaction_read_only"] = "on"
        with self._errors_named():
            try:
                db = psycopg.connect(
                    self._url,
                    autocommit=True,
                    connect_timeout=3,
                    application_name="nbtwin",
                    prepare_threshold=2,
                    client_encoding="UTF8",
                )  # a database without an encoding would give bytes for texts
            except psycopg.ProgrammingError as error:  # an option in the URL that there is not
                raise StoreError(StoreRefusal.FAILED, self.name, detail=detail_of(error)) from error
            try:
                with self._watch.over(db):
                    for name, value in settings.items():
                        db.execute("SELECT set_config(%s, %s, false)", (name, value))
                if writes and self._claimed:
                    self._take(db)
            except BaseException:
                db.close()
                raise
            return db

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        with self._errors_named(), self._connections.reader() as db, self._watch.over(db):
            return db.execute(_ours(sql), _clean(values)).fetchall()

    def each(self, sql: str) -> Iterator[Row]:
        with self._errors_named(), self._connections.reader() as db, db.cursor(name="nbtwin_each") as cursor:
            cursor.itersize = 1000
            yield from cursor.execute(_ours(sql))

    def run(self, sql: str, values: Values = ()) -> int:
        with self._errors_named(), self._connections.writer() as db, self._watch.over(db):
            return db.execute(_ours(sql), _clean(values)).rowcount

    def run_many(self, sql: str, rows: Sequence[Values]) -> int:
        if not rows:
            return 0
        with self._errors_named(), self._connections.writer() as db, self._watch.over(db), db.cursor() as cursor:
            cursor.executemany(_ours(sql), [_clean(row) for row in rows])
            return cursor.rowcount

    def put(
        self,
        table: str,
        columns: tuple[str, ...],
        rows: Iterable[Values],
        *,
        key: str = "",
        changes: tuple[str, ...] = (),
    ) -> None:
        """Many are copied; where some may be there already, into a table of this session first."""
        named, taken = ", ".join(columns), f" ON CONFLICT ({key}) DO UPDATE SET {taken_over(changes)}" if key else ""
        rows = list(rows)
        if len(rows) < _FEW:
            self.run_many(f"INSERT INTO {table} ({named}) VALUES ({marks(len(columns))}){taken}", rows)
            return
        into = f"pg_temp.put_{table}" if key else table
        with self._errors_named(), self._connections.writer() as db, self._watch.over(db), db.cursor() as cursor:
            if key:
                like = f"CREATE TEMPORARY TABLE IF NOT EXISTS put_{table} (LIKE {table}) ON COMMIT DELETE ROWS"
                cursor.execute(_ours(like))
            with cursor.copy(_ours(f"COPY {into} ({named}) FROM STDIN")) as copy:
                copy.write("".join([_line_of(row) for row in rows]))
            if key:
                cursor.execute(_ours(f"INSERT INTO {table} ({named}) SELECT {named} FROM {into}{taken}"))
                cursor.execute(_ours(f"DELETE FROM {into}"))

    def checkpoint(self) -> None:
        """The server sees to it."""

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        with self._connections.writer() as db:
            if not db.closed and db.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                yield
                return
            yield from self._between(db, "BEGIN", "SET LOCAL synchronous_commit = on" if durable else None)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with self._connections.snapshot() as db:
            yield from self._between(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def _between(
        self, db: psycopg.Connection[Row], begin: LiteralString, first: LiteralString | None = None
    ) -> Iterator[None]:
        with self._errors_named(), self._watch.over(db):
            db.execute(begin)
        try:
            if first is not None:
                with self._errors_named(), self._watch.over(db):
                    db.execute(first)
            yield
            with self._errors_named(), self._watch.over(db):
                if db.closed:
                    raise StoreError(StoreRefusal.CONNECTION_LOST, self.name)
                db.execute("COMMIT")
        except BaseException:
            if not db.closed and db.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                try:
                    with self._watch.over(db):
                        db.execute("ROLLBACK")
                except psycopg.Error:
                    db.close()  # the server rolls back what nobody holds on to
            raise

    def claim(self, node: str = "") -> None:
        """An advisory lock of the writer's session. A predecessor that was killed has it until the server notices."""
        self._node = node
        with self._connections.writer() as db:
            self._take(db)
        self._claimed = True
        self._watch.start()

    def _take(self, db: psycopg.Connection[Row]) -> None:
        with self._errors_named():
            taken = StoreLocked(StoreRefusal.IN_USE, self.name)
            try:
                if not self._node:
                    db.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (_CLAIM, self.schema))
                    return
                db.execute("SELECT pg_advisory_lock_shared(%s, hashtext(%s))", (_CLAIM, self.schema))
                taken = StoreLocked(StoreRefusal.NODE_IN_USE, self.name, node=self._node)
                db.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (_NODE, f"{self.schema}/{self._node}"))
            except errors.LockNotAvailable:
                db.close()
                raise taken from None

    def version(self) -> int:
        tables = self._all_tables()
        if _VERSIONS not in tables:
            if tables:
                raise StoreError(StoreRefusal.FOREIGN_SCHEMA, self.name, schema=self.schema)
            return 0
        return int(self.rows(f"SELECT coalesce(max(version), 0) FROM {_VERSIONS}")[0][0])

    def set_version(self, version: int) -> None:
        self.run(f"CREATE SCHEMA IF NOT EXISTS {self.schema}")
        self.run(f"CREATE TABLE IF NOT EXISTS {_VERSIONS} (version BIGINT NOT NULL)")
        self.run(f"DELETE FROM {_VERSIONS}")
        self.run(f"INSERT INTO {_VERSIONS} VALUES (?)", (version,))

    def lock_schema(self) -> None:
        self.rows(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")
        self.run(f"CREATE SCHEMA IF NOT EXISTS {self.schema}")

    def _all_tables(self) -> list[str]:
        sql = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = ? ORDER BY tablename"
        return [name for (name,) in self.rows(sql, (self.schema,))]

    def tables(self) -> list[str]:
        return [name for name in self._all_tables() if name != _VERSIONS]

    def columns(self, table: str) -> list[str]:
        sql = (
            "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?"
            " ORDER BY ordinal_position"
        )
        return [name for (name,) in self.rows(sql, (self.schema, table))]

    def clear(self) -> None:
        self.run(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
        self.run(f"CREATE SCHEMA {self.schema}")

    def after_loading(self, table: str) -> None:
        sql = (
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = ? AND table_name = ? AND is_identity = 'YES'"
        )
        for (column,) in self.rows(sql, (self.schema, table)):
            behind = f"(SELECT coalesce(max({column}), 0) + 1 FROM {table})"
            self.rows(f"SELECT setval(pg_get_serial_sequence(?, ?), {behind}, false)", (table, column))

    def compact(self) -> None:
        for table in self.tables():
            self.run(f"VACUUM ANALYZE {table}")

    def size(self) -> int:
        sql = "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c WHERE c.relkind = 'r'"
        return int(self.rows(f"{sql} AND c.relnamespace = ?::regnamespace", (self.schema,))[0][0])

    def close(self) -> None:
        self._watch.stop()
        self._connections.close()

    def make_durable(self) -> None:
        """The server has seen to it."""

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        """Every trouble with the server becomes a StoreError that names it, never the password."""
        try:
            yield
        except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
            raise StoreLocked(StoreRefusal.LOCKED, self.name) from error
        except psycopg.IntegrityError as error:
            raise StoreError(StoreRefusal.CONFLICT, self.name, detail=detail_of(error)) from error
        except psycopg.ProgrammingError as error:
            if isinstance(error, errors.InsufficientPrivilege):
                raise StoreError(StoreRefusal.FAILED, self.name, detail=detail_of(error)) from error
            raise  # ours: a statement is wrong
        except psycopg.Error as error:
            raise StoreError(StoreRefusal.FAILED, self.name, detail=detail_of(error)) from error


@lru_cache(maxsize=256)
def _ours(sql: str) -> LiteralString:
    """``?`` is ``%s`` here."""
    ours: LiteralString = in_dialect("postgresql", sql).replace("%", "%%").replace("?", "%s")
    return ours


def _clean(values: Values) -> Values:
    """PostgreSQL's text cannot hold U+0000; what a device sent may. Its picture stands in for it."""
    if any(isinstance(value, str) and "\0" in value for value in values):
        return [value.replace("\0", "\u2400") if isinstance(value, str) else value for value in values]
    return values


def _line_of(row: Values) -> str:
    """For COPY: tabs between the values, a backslash before what would be something else."""
    return "\t".join([_copied(value) if type(value) is str else repr(value) for value in row]) + "\n"


def _copied(text: str) -> str:
    return _SPECIAL.sub(_escaped, text) if _SPECIAL.search(text) else text


def _escaped(found: re.Match[str]) -> str:
    return _ESCAPES[found[0]]


def without_password(url: str) -> str:
    """The URL as messages name it."""
    parts = urlsplit(url)
    place = parts.netloc
    if "@" in place:
        user, _, host = place.rpartition("@")
        place = f"{user.partition(':')[0]}@{host}"
    query = urlencode([(key, "****" if "pass" in key else value) for key, value in parse_qsl(parts.query)], safe="/*")
    return _url(parts.scheme, place, parts.path, query)


def _taken_apart(url: str) -> tuple[str, str]:
    """The driver's URL, and our schema."""
    parts = urlsplit(url)
    query: list[tuple[str, Any]] = parse_qsl(parts.query)
    schema = next((value for key, value in query if key == "schema"), "nbtwin")
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", schema):
        raise StoreError(StoreRefusal.SCHEMA_NAME, without_password(url), schema=schema)
    rest = urlencode([(key, value) for key, value in query if key != "schema"])
    return _url(parts.scheme, parts.netloc, parts.path, rest), schema


def _url(scheme: str, place: str, path: str, query: str) -> str:
    """Not `urlunsplit`: without a place it leaves the two slashes out, and then the driver takes it for no URL."""
    return f"{scheme}://{place}{path}" + (f"?{query}" if query else "")
