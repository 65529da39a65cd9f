"""Which registration ends first: exactly, and without a record for each of a million of them.

Most are far away. Of those the name alone is kept, together with all that end within the same `SPAN`; only the earliest
of these are put in order, by instants: what came in one batch with one lifetime ends at one. A registration that has
been refreshed is looked at again when it would have ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop, heappush

from nbtwin.engine import Seconds

SPAN: Seconds = 0.25
"""At ten thousand registrations a second few enough to be put in order at once."""


class Lifetimes:
    """``end_of``: when the registration of that client ends, as of now; None: it has none."""

    def __init__(self, end_of: Callable[[str], Seconds | None]) -> None:
        self._end_of = end_of
        self._soon: dict[Seconds, list[str]] = {}  # by the instant
        self._instants: list[Seconds] = []  # those, a heap
        self._later: dict[int, list[str]] = {}  # by the number of the span
        self._spans: list[int] = []  # those numbers, a heap
        self._opened = -1  # up to this one they are among the soon ones
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, at: Seconds, client: str) -> None:
        """It ends then, or later."""
        self._size += 1
        span = int(at / SPAN)
        if span <= self._opened:
            self._put(at, client)
            return
        clients = self._later.get(span)
        if clients is None:
            self._later[span] = [client]
            heappush(self._spans, span)
        else:
            clients.append(client)

    def first(self) -> tuple[Seconds, str] | None:
        """When, and whose."""
        while self._instants or self._spans:
            if not self._instants:
                self._open(heappop(self._spans))
                continue
            at = self._instants[0]
            clients = self._soon[at]
            while clients:
                client = clients[-1]
                ends_at = self._end_of(client)
                if ends_at is not None and ends_at <= at:
                    return at, client
                del clients[-1]
                self._size -= 1
                if ends_at is not None:
                    self.add(ends_at, client)
            del self._soon[heappop(self._instants)]
        return None

    def renew(self, clients: Iterable[str]) -> None:
        """These and no others: each once."""
        self._soon, self._instants, self._later, self._spans = {}, [], {}, []
        self._opened, self._size = -1, 0
        for client in clients:
            if (ends_at := self._end_of(client)) is not None:
                self.add(ends_at, client)

    def _open(self, span: int) -> None:
        self._opened = span
        clients = self._later.pop(span)
        self._size -= len(clients)
        for client in clients:
            if (ends_at := self._end_of(client)) is None:
                continue
            if ends_at >= (span + 1) * SPAN:
                self.add(ends_at, client)
            else:
                self._size += 1
                self._put(ends_at, client)

    def _put(self, at: Seconds, client: str) -> None:
        clients = self._soon.get(at)
        if clients is None:
            self._soon[at] = [client]
            heappush(self._instants, at)
        else:
            clients.append(client)
