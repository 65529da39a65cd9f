"""Backup and restore: one file for both databases, so that a lab may also move from one to the other.

The file is gzip of JSON lines: a header (format, version of the structure), then for each table a line with its columns
and a line for each row, then how many rows there were and the SHA-256 of everything before. A backup is one instant of
the database, taken while it is in use; a restore is one transaction: all of it or nothing. Every row comes back as it
was, in the structure it had, which is then brought up to this version's.

Nothing is replaced by what was not tried: a backup is first restored into a database of its own beside the other
(`rehearsed`), with every value held against its column's type, and everything in it is read as a lab would read it.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias

import msgspec

from nbtwin.engine import LATEST, UNDECODABLE
from nbtwin.foreign import detail_of
from nbtwin.operators.store.database import Database, StoreError, StoreRefusal, marks
from nbtwin.operators.store.migrate import build, known_version
from nbtwin.operators.store.recovery import positions, set_positions
from nbtwin.operators.store.schema import MIGRATIONS
from nbtwin.operators.store.sqlite import SqliteDatabase
from nbtwin.operators.store.store import Store

FORMAT = "nbtwin-backup 1"
_PORTION = 1000  # rows in one statement

_encode = msgspec.json.encode


def unpacked_at_most(size: int) -> int:
    """How many bytes a packed file of that many may unpack to (D120): what is ours is never so repetitive."""
    return max(16 * 1024 * 1024, 100 * size)


@dataclass(frozen=True)
class Kept:
    """What a backup has, or a restore has brought back."""

    version: int
    rows: dict[str, int]  # by table


def backup(db: Database, path: str | os.PathLike[str]) -> Kept:
    """Write the file (only its owner may read it: there are keys in it); it is there whole or not at all."""
    target = Path(path)
    waiting = target.with_name(f".{target.name}.new")
    try:
        with open(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            kept = _write(db, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(waiting, target)
    except OSError as error:
        raise StoreError(StoreRefusal.FAILED, str(target), detail=detail_of(error)) from error
    finally:
        waiting.unlink(missing_ok=True)
    return kept


def _write(db: Database, file: BinaryIO) -> Kept:
    digest, rows = sha256(), dict[str, int]()
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed:

        def say(line: Any) -> None:
            text = _encode(line) + b"\n"
            digest.update(text)
            packed.write(text)

        with db.snapshot():
            version = known_version(db)
            say({"format": FORMAT, "version": version})
            for table in db.tables():
                columns = db.columns(table)
                say({"table": table, "columns": columns})
                rows[table] = 0
                for row in db.each(f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1"):
                    say([_packed(value) for value in row])
                    rows[table] += 1
        packed.write(_encode({"rows": rows, "sha256": digest.hexdigest()}) + b"\n")
    return Kept(version, rows)


def _packed(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes | memoryview) else value


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    version: int


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    table: str
    columns: list[str]


class _End(msgspec.Struct, forbid_unknown_fields=True):
    rows: dict[str, int]
    sha256: str


class _Octets(msgspec.Struct, forbid_unknown_fields=True):
    base64: str


class _Row(NamedTuple):
    number: int  # within its table, from 1
    values: list[Any]


_Line: TypeAlias = _Header | _Table | _Row


def check(path: str | os.PathLike[str]) -> Kept:
    """Read a backup through to its end; StoreError when it is not whole."""
    version, table, rows = 0, "", dict[str, int]()
    for line in _lines(path):
        match line:
            case _Header():
                version = line.version
            case _Table():
                table = line.table
                rows[table] = 0
            case _Row():
                rows[table] = line.number
    return Kept(version, rows)


def _lines(path: str | os.PathLike[str]) -> Iterator[_Line]:
    """All but the last one, which has to agree with them."""
    digest, rows, columns = sha256(), dict[str, int](), list[str]()
    table: str | None = None
    begun = False
    for line, value in _decoded(path):
        if not begun:
            begun = True
            if not isinstance(value, dict) or "format" not in value:
                raise StoreError(StoreRefusal.BACKUP_FOREIGN, str(path))
            if value["format"] != FORMAT:
                raise StoreError(StoreRefusal.BACKUP_FORMAT, str(path), format=str(value["format"]))
            yield _as(_Header, value, path)
        elif isinstance(value, list):
            if table is None or len(value) != len(columns):
                fields = {"table": table or "", "row": rows.get(table or "", 0) + 1}
                fields |= {"values": len(value), "columns": len(columns)}
                raise StoreError(StoreRefusal.BACKUP_WIDTH, str(path), **fields)
            rows[table] += 1
            yield _Row(rows[table], value)
        elif isinstance(value, dict) and "table" in value:
            found = _as(_Table, value, path)
            table, columns = found.table, found.columns
            if table in rows or not columns or len(set(columns)) != len(columns):
                raise StoreError(StoreRefusal.BACKUP_HEAD, str(path), table=table)
            rows[table] = 0
            yield found
        else:
            end = _as(_End, value, path)
            if end.sha256 != digest.hexdigest() or end.rows != rows:
                break
            return
        digest.update(line)
    raise StoreError(StoreRefusal.BACKUP_CHANGED, str(path))


def _as(kind: type[Any], value: Any, path: str | os.PathLike[str]) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise StoreError(StoreRefusal.BACKUP_BROKEN, str(path), detail=detail_of(error)) from None


def _decoded(path: str | os.PathLike[str]) -> Iterator[tuple[bytes, Any]]:
    try:
        left = limit = unpacked_at_most(os.path.getsize(path))
        with gzip.open(path, "rb") as file:
            while line := file.readline(left + 1):
                left -= len(line)
                if left < 0:
                    raise StoreError(StoreRefusal.BACKUP_SIZE, str(path), limit=limit)
                yield line, msgspec.json.decode(line)
    except FileNotFoundError:
        raise StoreError(StoreRefusal.BACKUP_MISSING, str(path)) from None
    except (OSError, EOFError, zlib.error, *UNDECODABLE) as error:
        raise StoreError(StoreRefusal.BACKUP_BROKEN, str(path), detail=detail_of(error)) from error


def restore(
    db: Database,
    path: str | os.PathLike[str],
    *,
    replace: bool = False,
    rehearse: bool = True,
    also: Callable[[Database], object] = lambda db: None,
) -> Kept:
    """Bring a backup back. A database with something in it is only replaced when that is asked for.

    ``also`` is done within the same transaction, at its end. ``rehearse``: not where it has just been tried.
    """
    kept = check(path)
    _check_version(kept, db.kind, path)
    if not replace and known_version(db) and db.rows("SELECT 1 FROM devices LIMIT 1"):
        raise StoreError(StoreRefusal.NOT_EMPTY, db.name)
    if rehearse:
        with rehearsed(path):
            """It can be read."""
    with db.transaction():
        db.lock_schema()
        journals = positions(db)
        db.clear()
        _load(db, path, kept)
        set_positions(db, journals)
        also(db)
    return kept


@contextmanager
def rehearsed(path: str | os.PathLike[str]) -> Iterator[Store]:
    """A store of its own with what the backup has, in which everything can be read; StoreError says what cannot."""
    kept = check(path)
    _check_version(kept, "sqlite", path)
    with tempfile.TemporaryDirectory() as folder:
        db = SqliteDatabase(str(Path(folder) / "rehearsal.sqlite"))
        try:
            try:
                with db.transaction():
                    _load(db, path, kept, _Types(db, path))
                store = Store(db)
                store.check()
            except StoreError as error:
                where = str(path) if error.where == db.name else error.where
                raise type(error)(error.code, where, **error.fields) from error
            yield store
        finally:
            db.close()


def _check_version(kept: Kept, kind: str, path: str | os.PathLike[str]) -> None:
    if kept.version > len(MIGRATIONS):
        raise StoreError(StoreRefusal.BACKUP_NEWER, str(path), version=kept.version, known=len(MIGRATIONS))
    if kept.version < 1:
        raise StoreError(StoreRefusal.BACKUP_VERSION, str(path), version=kept.version)
    if kept.version < _FIRST[kind]:
        raise StoreError(StoreRefusal.BACKUP_SQLITE, str(path), version=kept.version)


def _load(db: Database, path: str | os.PathLike[str], kept: Kept, types: _Types | None = None) -> None:
    """Into an empty database, within a transaction."""
    build(db, 0, kept.version, empty=True)
    tables = db.tables()
    for table, columns, rows in _portions(path):
        known = set(db.columns(table)) if table in tables else set()
        if not known or not set(columns) <= known:
            unknown = ", ".join(sorted(set(columns) - known)) if known else ""
            fields = {"table": table, "version": kept.version, "columns": unknown}
            raise StoreError(StoreRefusal.BACKUP_COLUMN if unknown else StoreRefusal.BACKUP_TABLE, str(path), **fields)
        if types is not None:
            types.check(table, columns, rows)
        values = [row.values for row in rows]
        db.run_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(len(columns))})", values)
    for table in kept.rows:
        db.after_loading(table)
    build(db, kept.version, len(MIGRATIONS))


def _portions(path: str | os.PathLike[str]) -> Iterator[tuple[str, list[str], list[_Row]]]:
    """Every table at least once, with no rows where it has none."""
    table: _Table | None = None
    rows: list[_Row] = []
    for line in _lines(path):
        match line:
            case _Row():
                assert table is not None
                rows.append(
                    _Row(line.number, [_unpacked(value, path, table.table, line.number) for value in line.values])
                )
                if len(rows) >= _PORTION:
                    yield table.table, table.columns, rows
                    rows = []
            case _Table():
                if table is not None:
                    yield table.table, table.columns, rows
                table, rows = line, []
            case _Header():
                pass
    if table is not None:
        yield table.table, table.columns, rows


def _unpacked(value: Any, path: str | os.PathLike[str], table: str, row: int) -> Any:
    if not isinstance(value, dict):
        return value
    try:
        return base64.b64decode(msgspec.convert(value, _Octets).base64, validate=True)
    except (msgspec.ValidationError, binascii.Error) as error:
        why = detail_of(error)
        raise StoreError(StoreRefusal.BACKUP_ROW, str(path), table=table, row=row, detail=why) from None


class _Types:
    """What the columns of SQLite's tables are declared to hold: SQLite itself takes anything."""

    def __init__(self, db: SqliteDatabase, path: str | os.PathLike[str]) -> None:
        self._db, self._path = db, path

    def check(self, table: str, columns: list[str], rows: list[_Row]) -> None:
        declared = {row[1]: row[2] for row in self._db.rows(f"PRAGMA table_info({table})")}
        fits = [_FITS[declared[column]] for column in columns]
        for row in rows:
            for column, value, fit in zip(columns, row.values, fits, strict=True):
                if value is not None and not fit(value):
                    fields = {"table": table, "row": row.number, "column": column, "value": f"{value!r:.40}"}
                    raise StoreError(StoreRefusal.BACKUP_VALUE, str(self._path), **fields)


def _is_time(value: Any) -> bool:
    """Every real number in the tables is a time."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LATEST


_FITS: dict[str, Callable[[Any], bool]] = {
    "TEXT": lambda value: isinstance(value, str),
    "INTEGER": lambda value: isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63,
    "REAL": _is_time,
    "BLOB": lambda value: isinstance(value, bytes),
}
_FIRST = {"sqlite": 1, "postgresql": 2}  # the first version that a database of that kind ever had
