"""Stateless cookies: a keyed hash over a ClientHello and where it came from (RFC 6347 4.2.1). Remembers nobody."""

from __future__ import annotations

import hmac

from nbtwin.dtls.messages import ClientHello
from nbtwin.engine import Address, Seconds

COOKIE = 16


class Cookies:
    """A cookie is good for the period it was made in and the next one."""

    __slots__ = ("_lifetime", "_secret")

    def __init__(self, secret: bytes, lifetime: Seconds) -> None:
        self._secret, self._lifetime = secret, lifetime

    def make(self, now: Seconds, source: Address, hello: ClientHello) -> bytes:
        return self._cookie(int(now // self._lifetime), source, hello)

    def is_right(self, now: Seconds, source: Address, hello: ClientHello) -> bool:
        if len(hello.cookie) != COOKIE:
            return False
        period = int(now // self._lifetime)
        return any(
            hmac.compare_digest(hello.cookie, self._cookie(each, source, hello)) for each in (period, period - 1)
        )

    def _cookie(self, period: int, source: Address, hello: ClientHello) -> bytes:
        where = f"{period} {source[0]} {source[1]} ".encode()
        return hmac.digest(self._secret, where + hello.parameters(), "sha256")[:COOKIE]
