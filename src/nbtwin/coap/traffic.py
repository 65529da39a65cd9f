"""What a stream of datagrams says at a glance: errors, messages that come again, how long requests wait for an answer.

Of each message it looks at type, code and ID (RFC 7252 3) and decodes nothing. It keeps the newest few thousand.
Of datagrams that come by the dozen every error is counted, but one message in `EACH` is remembered, for all of them:
those whose ID is divisible by it, so that its answer, and the same message again, tell by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from nbtwin.coap.numbers import EXCHANGE_LIFETIME
from nbtwin.engine import Datagram

KEPT = 4096
"""Messages that are remembered, at least."""
MANY = 16
"""Datagrams at once, from which on not all are remembered."""
EACH = 8
_ERRORS = 0x80  # 4.00, RFC 7252 12.1: from here on responses that refuse

_Sending: TypeAlias = tuple[object, ...]  # the peer, and bytes of the message


class Moment:
    """Shared by all that came or left at once."""

    __slots__ = ("at", "counts_for", "now")

    def __init__(self, at: float, now: float, counts_for: int) -> None:
        self.at = at
        """Of the lab."""
        self.now = now
        """Of the wall clock."""
        self.counts_for = counts_for
        """So many messages is each that is remembered."""


class Glance:
    """What was seen."""

    __slots__ = ("again", "errors", "waits")

    def __init__(self) -> None:
        self.errors = 0
        self.again = 0
        self.waits: list[tuple[float, int]] = []
        """Seconds from requests to their answers, and for how many requests they stand."""


class Newest:
    """When the newest messages passed: at least `KEPT`, at most twice as many. The older half goes at once."""

    __slots__ = ("_new", "_old")

    def __init__(self) -> None:
        self._new: dict[_Sending, Moment] = {}
        self._old: dict[_Sending, Moment] = {}

    def put(self, sending: _Sending, moment: Moment) -> Moment | None:
        """When it passed before."""
        new = self._new
        before = new.get(sending)
        if before is None and self._old:
            before = self._old.get(sending)
        new[sending] = moment
        if len(new) >= KEPT:
            self._old, self._new = new, {}
        return before

    def take(self, sending: _Sending) -> Moment | None:
        """When it passed, once."""
        moment = self._new.pop(sending, None)
        before = self._old.pop(sending, None) if self._old else None
        return before if moment is None else moment


class Traffic:
    """Of one address."""

    __slots__ = ("_asked", "_down", "_up")

    def __init__(self) -> None:
        self._up, self._down, self._asked = Newest(), Newest(), Newest()

    def look(self, at: float, now: float, datagrams: Sequence[Datagram], *, up: bool, timed: bool) -> Glance:
        """``up``: they come to the address, and requests among them are asked of it; else they leave it. ``timed``: by
        the wall clock, where it is ``now``."""
        seen = Glance()
        counts_for = EACH if len(datagrams) >= MANY else 1
        moment = Moment(at, now, counts_for)
        rest = counts_for - 1
        sent = self._up if up else self._down
        asked = self._asked
        for peer, data in datagrams:
            if len(data) < 4:
                continue
            first, code = data[0], data[1]
            if first >> 6 != 1:
                continue
            if code >= _ERRORS:
                seen.errors += 1
            if data[3] & rest:
                continue
            if not first & 0x30:  # confirmable
                before = sent.put((peer, data[1:4]), moment)
                if before is not None and at - before.at < EXCHANGE_LIFETIME:  # else the ID is in use again: 4.4
                    seen.again += max(before.counts_for, counts_for)
            if not timed:
                continue
            if not up:
                if code >= 64:
                    since = asked.take((peer, data[2:4]))
                    if since is not None:
                        _add(seen.waits, now - since.now, since.counts_for)
            elif 0 < code < 32:
                asked.put((peer, data[2:4]), moment)
        return seen


def _add(waits: list[tuple[float, int]], waited: float, counts_for: int) -> None:
    """What came in one batch has waited as long."""
    if waits and waits[-1][0] == waited:
        waits[-1] = waited, waits[-1][1] + counts_for
    else:
        waits.append((waited, counts_for))
