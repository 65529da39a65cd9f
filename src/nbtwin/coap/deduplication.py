"""What a peer has sent us lately, so that a duplicate gets the same answer and no second effect (RFC 7252 4.5).

Knows message IDs and endpoints; must not know what the messages say. Bounded by time and by size; every step is O(1):
the records stand in one chain from the oldest to the newest, which is also the order in which the requests among them
have to be acknowledged. A chain entry whose message ID was used again since is skipped when it gets old.
"""

from __future__ import annotations

from collections.abc import Iterator

from nbtwin.coap.records import Key
from nbtwin.engine import Address, Seconds


class CachedMessage:
    """One message of a peer, and what we sent back under its message ID.

    No struct: compiled code finds a field of its own classes in a tenth of the time, and there is one for each message.
    """

    __slots__ = ("ack_at", "expires_at", "key", "next", "reply", "unanswered")

    def __init__(self, key: Key, expires_at: Seconds, unanswered: bool, ack_at: Seconds) -> None:
        self.key = key
        self.expires_at = expires_at
        self.unanswered = unanswered
        """A Confirmable request with nothing sent back yet."""
        self.ack_at = ack_at
        self.reply: bytes | None = None
        self.next: CachedMessage | None = None


class DuplicateCache:
    """The messages received, in a chain from the oldest to the newest."""

    __slots__ = ("_newest", "_oldest", "_size", "_unanswered", "records")

    def __init__(self, size: int) -> None:
        assert size > 0, "a memory without room"
        self.records: dict[Key, CachedMessage] = {}
        """To be read only, for whoever looks at ``expires_at``."""
        self._size = size
        self._oldest: CachedMessage | None = None
        self._newest: CachedMessage | None = None
        self._unanswered: CachedMessage | None = None  # no older one waits for an answer; None: no one does

    def __len__(self) -> int:
        return len(self.records)

    def get(self, now: Seconds, key: Key) -> CachedMessage | None:
        record = self.records.get(key)
        return record if record is not None and now < record.expires_at else None

    def add(self, now: Seconds, key: Key, lifetime: Seconds, ack_at: Seconds | None = None) -> CachedMessage:
        """``ack_at``: until when a Confirmable request may stay unanswered."""
        if ack_at is None:
            record = CachedMessage(key, now + lifetime, False, 0.0)
        else:
            record = CachedMessage(key, now + lifetime, True, ack_at)
            if self._unanswered is None:
                self._unanswered = record
        self._append(now, record)
        return record

    def add_answered(self, now: Seconds, key: Key, lifetime: Seconds, reply: bytes) -> None:
        """A Confirmable request, and what was sent back under its message ID."""
        record = CachedMessage(key, now + lifetime, False, 0.0)
        record.reply = reply
        self._append(now, record)

    def _append(self, now: Seconds, record: CachedMessage) -> None:
        self.records[record.key] = record
        oldest, newest = self._oldest, self._newest
        self._newest = record
        if oldest is None or newest is None:
            self._oldest = record
            return
        newest.next = record
        if oldest.expires_at <= now or len(self.records) > self._size:
            self._forget(now)

    def forget(self, peer: Address) -> None:
        """The peer has begun anew: its message IDs mean other messages now. O(messages)."""
        for key in [key for key in self.records if key[0] == peer]:
            self.records.pop(key).unanswered = False

    def due(self, now: Seconds) -> Iterator[CachedMessage]:
        """The requests whose acknowledgement cannot wait any longer."""
        while (record := self.next_unanswered()) is not None and record.ack_at <= now:
            yield record
            record.unanswered = False

    def next_unanswered(self) -> CachedMessage | None:
        """The request that has waited longest; all wait equally long, so it is also the first one due."""
        record = self._unanswered
        while record is not None and not record.unanswered:
            record = record.next
        self._unanswered = record
        return record

    def _forget(self, now: Seconds) -> None:
        oldest, records = self._oldest, self.records
        while oldest is not None and (oldest.expires_at <= now or len(records) > self._size):
            latest = records.pop(oldest.key, None)
            if latest is not None and latest is not oldest:
                records[oldest.key] = latest  # its message ID has been used anew
            oldest = oldest.next
        self._oldest = oldest
