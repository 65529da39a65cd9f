"""The sessions that a server is ready to resume, bounded by number and age. Knows no handshake."""

from __future__ import annotations

from collections import OrderedDict

from nbtwin.dtls.session import Resumable
from nbtwin.engine import Seconds


class ResumptionStore:
    """By session id, oldest first."""

    __slots__ = ("_by_id", "_lifetime", "_most")

    def __init__(self, most: int, lifetime: Seconds) -> None:
        self._most, self._lifetime = most, lifetime
        self._by_id: OrderedDict[bytes, Resumable] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_id)

    def find(self, now: Seconds, session_id: bytes) -> Resumable | None:
        found = self._by_id.get(session_id) if session_id else None
        if found is not None and now - found.made_at > self._lifetime:
            self.forget(session_id)
            return None
        return found

    def keep(self, resumable: Resumable) -> None:
        if self._most and resumable.session_id not in self._by_id:
            if len(self._by_id) >= self._most:
                self._by_id.popitem(last=False)
            self._by_id[resumable.session_id] = resumable

    def forget(self, session_id: bytes) -> None:
        """After a fatal alert a session is not resumed (RFC 5246 7.2.2)."""
        self._by_id.pop(session_id, None)
