"""Tokens: made of 256 random bits, kept as their SHA-256, compared in constant time; and whose a request is by them.

Knows the store's tables of tokens and the wall clock; knows no request.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Callable
from hashlib import sha256

from nbtwin.engine import Seconds
from nbtwin.operators.store.access import TokenRecord, TokenRepository
from nbtwin.operators.store.database import NameRefused
from nbtwin.operators.store.store import Store, StoreError
from nbtwin.web.access.roles import LOCAL, STRANGER, Caller, Role
from nbtwin.web.refusals import ApiRefusal

PREFIX = "nbt_"
USED_EVERY: Seconds = 60.0  # "last used" is written at most so often
_NAME = re.compile(r"[\w.@-]{1,64}")


def digest_of(token: str) -> str:
    """A token has 256 bits of chance in it: nothing is gained by a slow hash."""
    return sha256(token.encode()).hexdigest()


def create(store: Store, name: str, role: Role, *, now: Seconds, lasts: Seconds | None = None) -> str:
    """A new token; this is the only time that it is seen. NameRefused for a name that is taken or no name."""
    if not _NAME.fullmatch(name):
        raise NameRefused(ApiRefusal.TOKEN_NAME, name=name)
    token = PREFIX + secrets.token_urlsafe(32)
    until = None if lasts is None else now + lasts
    record = TokenRecord(name, str(role), digest_of(token), f"{token[: len(PREFIX) + 4]}…", now, until)
    store.part(TokenRepository).add(record)
    return token


class Access:
    """The lab's policy. ``needed``: nobody comes in without a token; else everybody here is the lab's own user."""

    def __init__(
        self,
        store: Store | None,
        *,
        needed: bool = False,
        hosts: frozenset[str] = frozenset(),
        clock: Callable[[], Seconds] = time.time,
    ) -> None:
        self.needed = needed
        self.hosts = hosts  # further names under which the lab may be asked
        self.clock = clock
        self._tokens = None if store is None else store.part(TokenRepository)
        self._use_again_at: Seconds = 0.0

    def caller(self, token: str | None, *, insist: bool) -> Caller:
        """Who has this token. ``insist``: a wrong one is nobody, even where none is needed."""
        if token is None:
            return STRANGER if self.needed else LOCAL
        record = self._record(token)
        if record is not None:
            return Caller(record.name, Role[record.role.upper()])
        return STRANGER if self.needed or insist else LOCAL

    def _record(self, token: str) -> TokenRecord | None:
        if self._tokens is None or not token.startswith(PREFIX) or len(token) > 100:
            return None
        digest, now = digest_of(token), self.clock()
        record = self._tokens.find(digest)
        if record is None or not hmac.compare_digest(record.digest, digest):
            return None
        if record.expires_at is not None and record.expires_at <= now:
            return None
        if record.used_at is None or now - record.used_at >= USED_EVERY:
            self._use(self._tokens, record.name, now)
        return record

    def _use(self, tokens: TokenRepository, name: str, now: Seconds) -> None:
        """No request waits for this commit, or is refused because the disk is full: a later one will do."""
        if tokens.db.busy or now < self._use_again_at:
            return
        try:
            tokens.used(name, now)
        except StoreError:
            self._use_again_at = now + USED_EVERY
