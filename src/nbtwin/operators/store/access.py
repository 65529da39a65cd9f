"""Tokens (never the token itself: its digest) and the audit log as tables. Knows no request and no role's meaning.

Times are the wall clock's, brought by the caller: people act in it, whatever the lab's clock shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from nbtwin.engine import UNDECODABLE, Seconds
from nbtwin.foreign import detail_of
from nbtwin.operators.store.database import NameRefused, Repository, StoreError, StoreRefusal

_TOKEN = "name, role, digest, hint, created_at, expires_at, used_at"
_AUDIT = "at, who, role, what, target, status, detail"
ROLES = ("viewer", "operator", "admin")
_SAME_LINE = "id = ? AND status = ? AND at = ? AND who = ? AND target = ?"
_LONGEST = 2000  # characters of a target: more is a request that failed anyway
BEGAN = 102
"""The status of what began and has not ended, as far as is known (HTTP's "Processing")."""


@dataclass(frozen=True)
class TokenRecord:
    """A token, as much of it as is kept."""

    name: str
    role: str
    digest: str  # SHA-256, hexadecimal
    hint: str  # its first characters, to know it by
    created_at: Seconds
    expires_at: Seconds | None = None
    used_at: Seconds | None = None


@dataclass(frozen=True)
class AuditLine:
    """One change: who did what to which, and how it ended; `BEGAN` when nobody knows that (yet)."""

    at: Seconds
    who: str
    role: str
    what: str  # the method of a request, or the command
    target: str
    status: int  # of HTTP; of a command 0, or 1 when it failed
    detail: dict[str, Any]


class TokenRepository(Repository):
    """The tokens of the API and the console."""

    def add(self, token: TokenRecord) -> None:
        """NameRefused when the name is taken."""
        with self.db.transaction():
            if self.db.rows("SELECT 1 FROM tokens WHERE name = ?", (token.name,)):
                raise NameRefused(StoreRefusal.TOKEN_TAKEN, name=token.name)
            values = (token.name, token.role, token.digest, token.hint, token.created_at, token.expires_at, None)
            self.db.run(f"INSERT INTO tokens ({_TOKEN}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def remove(self, name: str) -> bool:
        with self.db.transaction():
            return self.db.run("DELETE FROM tokens WHERE name = ?", (name,)) > 0

    def find(self, digest: str) -> TokenRecord | None:
        found = self.db.rows(f"SELECT {_TOKEN} FROM tokens WHERE digest = ?", (digest,))
        return TokenRecord(*found[0]) if found else None

    def everyone(self) -> list[TokenRecord]:
        return [TokenRecord(*row) for row in self.db.rows(f"SELECT {_TOKEN} FROM tokens ORDER BY name")]

    def check(self) -> None:
        for token in self.everyone():
            if token.role not in ROLES:
                raise StoreError(StoreRefusal.TOKEN_DAMAGED, self.db.name, token=token.name, role=token.role)

    def used(self, name: str, at: Seconds) -> None:
        self.db.run("UPDATE tokens SET used_at = ? WHERE name = ?", (at, name))


class AuditRepository(Repository):
    """What people changed. A line is there before the change is (D117).

    Either with it, in one transaction (`record` within another one); or, where the change is not the database's alone,
    as an intent that survives a power cut (`begin`), which gets its outcome afterwards (`end`).
    """

    def record(self, line: AuditLine) -> int:
        """The line's number."""
        with self.db.transaction():
            return self._insert(line)

    def begin(self, line: AuditLine) -> int:
        """What is about to be done; its number. Nothing may be done after a StoreError."""
        with self.db.transaction(durable=True):
            return self._insert(line)

    def end(self, numbers: Iterable[int], line: AuditLine) -> None:
        """How it ended, in the first of these that is its line: the content may have been replaced meanwhile."""
        with self.db.transaction():
            for number in numbers:
                values = (line.status, _encoded(line.detail), number, BEGAN, line.at, line.who, line.target[:_LONGEST])
                if self.db.run(f"UPDATE audit SET status = ?, detail = ? WHERE {_SAME_LINE}", values):
                    return

    def _insert(self, line: AuditLine) -> int:
        values = (line.at, line.who, line.role, line.what, line.target[:_LONGEST], line.status, _encoded(line.detail))
        sql = f"INSERT INTO audit ({_AUDIT}) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id"
        return int(self.db.rows(sql, values)[0][0])

    def lines(
        self,
        *,
        who: str | None = None,
        since: Seconds | None = None,
        until: Seconds | None = None,
        containing: str = "",
        limit: int = 100,
        offset: int = 0,
    ) -> list[AuditLine]:
        """The newest first."""
        where, values = _conditions(who, since, until, containing)
        query = f"SELECT {_AUDIT} FROM audit{where} ORDER BY id DESC LIMIT ? OFFSET ?"
        rows = self.db.rows(query, (*values, limit, offset))
        try:
            return [
                AuditLine(at, by, role, what, target, status, msgspec.json.decode(detail, type=dict[str, Any]))
                for at, by, role, what, target, status, detail in rows
            ]
        except UNDECODABLE as error:
            raise StoreError(StoreRefusal.AUDIT_DAMAGED, self.db.name, detail=detail_of(error)) from error

    def count(
        self,
        *,
        who: str | None = None,
        since: Seconds | None = None,
        until: Seconds | None = None,
        containing: str = "",
    ) -> int:
        where, values = _conditions(who, since, until, containing)
        return int(self.db.rows(f"SELECT count(*) FROM audit{where}", values)[0][0])

    def check(self) -> None:
        self.lines(limit=-1 if self.db.kind == "sqlite" else 1 << 62)

    def prune_audit(self, before: Seconds) -> int:
        """Delete lines older than that; how many. Retention of devices' history leaves this log alone."""
        with self.db.transaction():
            return self.db.run("DELETE FROM audit WHERE at < ?", (before,))


def _encoded(detail: dict[str, Any]) -> str:
    return msgspec.json.encode(detail).decode()


def _conditions(
    who: str | None, since: Seconds | None, until: Seconds | None, containing: str
) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    for condition, value in (("who = ?", who), ("at >= ?", since), ("at < ?", until)):
        if value is not None:
            parts.append(condition)
            values.append(value)
    if containing:
        escaped = containing.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        parts.append("(target {like} ? ESCAPE '\\' OR detail {like} ? ESCAPE '\\')")
        values += [f"%{escaped}%"] * 2
    return (" WHERE " + " AND ".join(parts) if parts else ""), values
