"""Backup and restore: one file for both databases, so that a lab may also move from one to the other.

The file is gzip of JSON lines: a header (format, version of the structure), then for each table a line with its columns
and a line for each row, then how many rows there were and the SHA-256 of everything before. A backup is one instant of
the database, taken while it is in use; a restore is one transaction: all of it or nothing. Every row comes back as it
was, in the structure it had, which is then brought up to this version's.
"""

from __future__ import annotations

import base64
import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from nbtwin.operators.store.database import Database, StoreError, StoreRefusal, marks
from nbtwin.operators.store.migrate import build, known_version
from nbtwin.operators.store.schema import MIGRATIONS

FORMAT = "nbtwin-backup 1"
_PORTION = 1000  # rows in one statement

_encode = msgspec.json.encode


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
        raise StoreError(StoreRefusal.FAILED, str(target), detail=error.strerror or str(error)) from error
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


def _unpacked(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


def check(path: str | os.PathLike[str]) -> Kept:
    """Read a backup through to its end; StoreError when it is not whole."""
    digest, version, rows = sha256(), 0, dict[str, int]()
    table = ""
    for line, value in _lines(path):
        if isinstance(value, dict) and "sha256" in value:
            if value["sha256"] != digest.hexdigest() or value["rows"] != rows:
                break
            return Kept(version, rows)
        digest.update(line)
        if isinstance(value, list):
            rows[table] += 1
        elif "format" in value:
            if value["format"] != FORMAT:
                raise StoreError(StoreRefusal.BACKUP_FORMAT, str(path), format=str(value["format"]))
            version = int(value["version"])
        else:
            table = value["table"]
            rows[table] = 0
    raise StoreError(StoreRefusal.BACKUP_CHANGED, str(path))


def _lines(path: str | os.PathLike[str]) -> Iterator[tuple[bytes, Any]]:
    try:
        with gzip.open(path, "rb") as file:
            first = True
            for line in file:
                value = msgspec.json.decode(line)
                if first and not (isinstance(value, dict) and "format" in value):
                    raise StoreError(StoreRefusal.BACKUP_FOREIGN, str(path))
                first = False
                yield line, value
    except FileNotFoundError:
        raise StoreError(StoreRefusal.BACKUP_MISSING, str(path)) from None
    except (OSError, EOFError, zlib.error, msgspec.DecodeError) as error:
        raise StoreError(StoreRefusal.BACKUP_BROKEN, str(path), detail=str(error)) from error


def restore(db: Database, path: str | os.PathLike[str], *, replace: bool = False) -> Kept:
    """Bring a backup back. A database with something in it is only replaced when that is asked for."""
    kept = check(path)
    if kept.version > len(MIGRATIONS):
        raise StoreError(StoreRefusal.BACKUP_NEWER, str(path), version=kept.version, known=len(MIGRATIONS))
    if kept.version < _FIRST[db.kind]:
        raise StoreError(StoreRefusal.BACKUP_SQLITE, str(path), version=kept.version)
    if not replace and known_version(db) and db.rows("SELECT 1 FROM devices LIMIT 1"):
        raise StoreError(StoreRefusal.NOT_EMPTY, db.name)
    with db.transaction():
        db.lock_schema()
        db.clear()
        build(db, 0, kept.version, empty=True)
        tables = db.tables()
        for table, columns, rows in _portions(path):
            if table not in tables or not set(columns) <= set(db.columns(table)):
                raise StoreError(StoreRefusal.BACKUP_TABLE, str(path), table=str(table), version=kept.version)
            db.run_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(len(columns))})", rows)
        for table in kept.rows:
            db.after_loading(table)
        build(db, kept.version, len(MIGRATIONS))
    return kept


def _portions(path: str | os.PathLike[str]) -> Iterator[tuple[str, list[str], list[list[Any]]]]:
    table, columns, rows = "", list[str](), list[list[Any]]()
    for _, value in _lines(path):
        if isinstance(value, list):
            rows.append([_unpacked(item) for item in value])
        if rows and (len(rows) >= _PORTION or not isinstance(value, list)):
            yield table, columns, rows
            rows = []
        if isinstance(value, dict) and "table" in value:
            table, columns = value["table"], value["columns"]


_FIRST = {"sqlite": 1, "postgresql": 2}  # the first version that a database of that kind ever had
