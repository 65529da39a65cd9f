"""Who may ask a lab: oneself, tokens, and who changed what. A simulated lab is nobody else's: it has none of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from nbtwin.api.rest import Rest
from nbtwin.api.session import Session
from nbtwin.engine import Seconds


class WhoAmI(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    """The token's; "local" where none is needed."""
    role: str
    """ "nobody", "viewer", "operator" or "admin"."""
    tokens_needed: bool


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """Times are seconds since 1970, of the wall clock."""

    name: str
    role: str
    hint: str
    """Its first characters."""
    created_at: Seconds
    expires_at: Seconds | None
    used_at: Seconds | None
    token: str = ""
    """Of one that was just made: to be seen this once."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    at: Seconds
    """Seconds since 1970, of the wall clock."""
    who: str
    role: str
    what: str
    target: str
    status: int
    detail: Mapping[str, Any]


class Access:
    """Given by `Lab.access`. LabError (``lab-not-live``) for each in a simulated lab."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _rest(self) -> Rest:
        self._session.check_live("access")
        return self._session.rest

    @property
    def me(self) -> WhoAmI:
        return self._rest.get(WhoAmI, "access")

    def tokens(self) -> list[Token]:
        return self._rest.get(list[Token], "access", "tokens")

    def create(self, name: str, role: str, *, lasts: str | None = None) -> Token:
        """``role``: "viewer", "operator" or "admin"; ``lasts``: "90d", by default for ever."""
        return self._rest.post(Token, "access", "tokens", name=name, role=role, lasts=lasts)

    def revoke(self, name: str) -> None:
        """In force with the next request."""
        self._rest.do("DELETE", "access", "tokens", name)

    def audit(self, containing: str = "", *, who: str | None = None, limit: int = 100) -> list[AuditEntry]:
        """What was changed, by whom, the newest first."""
        return self._rest.get(list[AuditEntry], "access", "audit", containing=containing, who=who, limit=limit)
