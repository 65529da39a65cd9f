"""Echo values: whoever sends one back can hear us at its address (RFC 9175 2.4, item 3). Remembers nobody.

Knows addresses and the time; must not know which requests are worth a challenge.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2s
from hmac import compare_digest

from nbtwin.coap.events import Response
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import OPTION_RULES, Code, OptionNumber
from nbtwin.engine import Address, Seconds

ECHO = OptionNumber.ECHO
PERIOD: Seconds = 120
"""A value is good in the period it was made in and in the next one: for two minutes at least, for less than four."""
_LENGTH = 8


def echo_of(message: Message) -> bytes | None:
    """None also for one whose length is none: it is elective (RFC 7252 5.4.3)."""
    value, rule = message.first(ECHO), OPTION_RULES[ECHO]
    return value if value is not None and rule.shortest <= len(value) <= rule.longest else None


class EchoValues:
    """A keyed hash over the address and the period; the key is drawn when the first value is needed."""

    __slots__ = ("_draw", "_key")

    def __init__(self, draw: Callable[[int], bytes]) -> None:
        self._draw = draw
        self._key = b""

    def challenge(self, now: Seconds, peer: Address) -> Response:
        """4.01 with the value and no payload: at most ten bytes more than an answer with nothing in it."""
        return Response(Code.UNAUTHORIZED, ((int(ECHO), self._value(_period(now), peer)),))

    def is_reachable(self, now: Seconds, peer: Address, request: Message) -> bool:
        """Whether the request carries a value that was sent to this address lately."""
        value, period = echo_of(request), _period(now)
        return value is not None and any(
            [compare_digest(value, self._value(period - age, peer)) for age in (0, 1)]
        )  # fmt: skip

    def _value(self, period: int, peer: Address) -> bytes:
        self._key = self._key or self._draw(32)
        return blake2s(f"{period} {peer[0]} {peer[1]}".encode(), key=self._key, digest_size=_LENGTH).digest()


def _period(now: Seconds) -> int:
    return int(now // PERIOD)
