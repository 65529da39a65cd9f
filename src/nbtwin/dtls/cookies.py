"""Stateless cookies: a keyed hash over a ClientHello and where it came from (RFC 6347 4.2.1). Remembers nobody."""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from nbtwin.engine import Address, Seconds

COOKIE = 16


class Cookies:
    """A cookie is good for the period it was made in and the next one."""

    __slots__ = ("_keyed", "_lifetime")

    def __init__(self, secret: bytes, lifetime: Seconds) -> None:
        self._keyed, self._lifetime = HMAC(secret, SHA256()), lifetime

    def make(self, now: Seconds, source: Address, parameters: bytes) -> bytes:
        return self._cookie(int(now // self._lifetime), source, parameters)

    def is_right(self, now: Seconds, source: Address, cookie: bytes, parameters: bytes) -> bool:
        if len(cookie) != COOKIE:
            return False
        period = int(now // self._lifetime)
        return hmac.compare_digest(cookie, self._cookie(period, source, parameters)) or hmac.compare_digest(
            cookie, self._cookie(period - 1, source, parameters)
        )

    def _cookie(self, period: int, source: Address, parameters: bytes) -> bytes:
        where = f"{period} {source[0]} {source[1]} ".encode()
        keyed = self._keyed.copy()
        keyed.update(where + parameters)
        return keyed.finalize()[:COOKIE]
