"""The hold: nothing of a platform leaves before the commit of what it was drained with (D75).

Why. An answer is a promise: who was told 2.01, or whose notification was acknowledged, does not come again. So the
promise is given when what was promised is durable, and not before. What that is the `Committer` says (D177): appended
to a journal, which is over within the same drain; on the disk; or in the database. A platform keeps no such rule
itself: it is an engine that answers as soon as it understands a request. Whoever drives it (``lab.nodes.PlatformNode``)
drains it and lets this class hold what was drained.

How. What one drain takes out of the engine, events and datagrams together, is a *batch*. Batches queue in the order in
which they were drained. A batch without an event that the store keeps, behind no waiting batch, leaves at once; every
other one waits for the commit of its events and of all before it. One commit is under way at a time; what is drained
meanwhile becomes the next one (group commit). When it succeeds, its batches leave in order: first the events, to those
who observe the lab, then the datagrams. So nobody, neither a peer nor a page, hears of what a restart would forget.
(Events that the store does not keep promise nothing: of a batch that has to wait they are told at once. Not so those
that say that a datagram has left: they wait with it, and are dropped with it.)

    engine ── events, datagrams ──> [batch][batch][batch] ── commit ──> observers, link
                                       └─ under way ─┘  └─ the next one

When the commit fails.
1. Nothing leaves. The batches stay, in their order, and the engine is not told: what it believes is what the store will
   have. (To undo it instead, each platform would need a second, rarely used way back through all of its state; and 5.03
   would have to be sent for a request that may already have been committed, when the connection broke within COMMIT.)
2. There is one retry timer for a platform: after 1 s, then twice as long each time, at most 30 s; where the committer
   knows when it is worth it, then (`Committer.again_in`), and that is told once. A retry commits everything that waits,
   in one transaction.
3. Inputs go on being taken in. A peer that repeats a held request is a duplicate to the engine (RFC 7252 4.5); the
   answer that this repeats is held once. Peers hear nothing, and do what they do on a network that loses packets:
   retransmit (62 s at most for a module), give up, come again.
4. At most ``HELD_AT_MOST`` events and datagrams are held by inputs. Beyond it a plain request is answered 5.03 with
   Max-Age (RFC 7252 5.9.3.4) and does not reach the engine; anything else, all records of DTLS too, is dropped, as a
   full receive buffer would drop it. Timers of the engine go on.
5. When the store is back, the events are committed and the datagrams leave, but for those that are older than
   EXCHANGE_LIFETIME (RFC 7252 4.8.2): nobody waits for them, and their message IDs may be in use again. Their events
   are kept like all others: such a device registers anew, and replaces what the store has.
6. When the process dies before that (``kill -9``), or the platform is started anew, what was held is gone, as if the
   datagrams had been lost on their way in: nothing of it was promised. Devices retransmit to the new process, which
   knows no such exchange and takes a retransmission for the first, or register anew.

Knows no platform, no database and no clock; ``now`` is the lab's time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from nbtwin.coap.events import Retransmitted
from nbtwin.coap.message import options
from nbtwin.coap.numbers import EXCHANGE_LIFETIME
from nbtwin.dtls.events import AlertSent, FlightSent
from nbtwin.engine import Address, CodedError, Deadline, Fact, Seconds
from nbtwin.foreign import detail_of
from nbtwin.lab.committer import Commit as Commit
from nbtwin.lab.committer import CommitFailed as CommitFailed
from nbtwin.lab.committer import CommitRecovered as CommitRecovered
from nbtwin.lab.committer import Committer as Committer
from nbtwin.lab.committer import Done as Done
from nbtwin.lab.committer import HoldReason as HoldReason
from nbtwin.lab.committer import HoldRefusal as HoldRefusal
from nbtwin.lab.committer import InlineCommitter as InlineCommitter
from nbtwin.lab.errors import error_answer

HELD_AT_MOST = 10_000
"""Events and datagrams that inputs may add to what is held (rule 4)."""
FIRST_RETRY: Seconds = 1
LONGEST_RETRY: Seconds = 30

Packet: TypeAlias = tuple[int, Address, bytes]
"""The local port that it leaves from, where to, and the bytes."""


_SENT = (Retransmitted, FlightSent, AlertSent)
"""Facts that say that a datagram has left."""


class _Batch(NamedTuple):
    at: Seconds
    events: list[Fact]
    packets: list[Packet]


class Hold:
    """What one platform has been drained of and may not let go yet.

    ``settled`` is called when a commit has ended outside of `handle_drained`; then `handle_drained` is due.
    """

    __slots__ = (
        "_batches", "_committer", "_failed_at", "_failures", "_held", "_in_hold", "_outcome", "_retry_at", "_running",
        "_settled", "_working", "error", "events", "packets",
    )  # fmt: skip

    def __init__(self, committer: Committer | None, settled: Callable[[], object]) -> None:
        self._committer = committer
        self._settled = settled
        self._batches: deque[_Batch] = deque()
        self._held = 0  # events and datagrams in the batches
        self._in_hold: set[Packet] = set()  # the datagrams in the batches, once there are several
        self._running = 0  # batches whose commit is under way: the first ones
        self._outcome: tuple[Exception | None] | None = None  # of the commit that was under way
        self._working = False
        self._failures = 0
        self._failed_at: Seconds = 0.0
        self._retry_at: Seconds | None = None
        self.error: Exception | None = None
        """Why the last commit failed; None when it did not."""
        self.events: list[Fact] = []
        """Durable, and not yet taken by `take_events`."""
        self.packets: list[Packet] = []

    # inputs

    def handle_drained(self, now: Seconds, events: Sequence[Fact], packets: list[Packet]) -> None:
        """One batch, which may be empty; then everything that can go on goes on."""
        if not self._batches and self._outcome is None:
            if not (events or packets):
                return  # the usual end of a timer
            if self._pass(now, events, packets):
                return
        self._working = True
        try:
            if self._outcome is not None:
                self._conclude(now, *self._outcome)
            if events or packets:
                self._take(now, events, packets)
            while self._batches and self._start(now) and self._outcome is not None:
                self._conclude(now, *self._outcome)
            if events and self._batches:
                self._tell_passing(self._batches[-1])
        finally:
            self._working = False

    @property
    def is_full(self) -> bool:
        """Whether `refuse` refuses until something has left."""
        return self._held >= HELD_AT_MOST

    def refuse(self, port: int, source: Address, data: bytes) -> bool:
        """Whether there is no room for what a datagram may bring; a request is answered so (rule 4)."""
        if self._held < HELD_AT_MOST:
            return False
        answer = error_answer(data, "5.03", options(max_age=int(LONGEST_RETRY)))
        if answer is not None:
            self.packets.append((port, source, answer))
        return True

    def clear(self) -> None:
        """Forget what is held; what a commit under way makes durable is not told any more (rule 6)."""
        self._batches.clear()
        self._in_hold.clear()
        self._held = self._running = self._failures = 0
        self._retry_at = self._outcome = self.error = None

    # outputs

    def take_events(self) -> list[Fact]:
        events, self.events = self.events, []
        return events

    def take_packets(self) -> list[Packet]:
        packets, self.packets = self.packets, []
        return packets

    def next_deadline(self) -> Deadline | None:
        return None if self._retry_at is None else Deadline(self._retry_at, HoldReason.COMMIT_RETRY)

    @property
    def committing(self) -> bool:
        """A commit is under way."""
        return self._running > 0

    @property
    def held(self) -> int:
        """Events and datagrams that wait."""
        return self._held

    # the rule

    def _pass(self, now: Seconds, events: Sequence[Fact], packets: list[Packet]) -> bool:
        """Nothing waits: whether this need not either, or does not any more."""
        committer = self._committer
        if committer is not None and any(map(committer.keeps, events)):
            try:
                if not committer.commit_at_once(events):
                    return False
            except Exception as error:  # whatever the store raises
                self._queue(now, events, packets)
                self._fail(now, error)
                self._tell_passing(self._batches[-1])
                return True
        self.events += events
        self.packets += packets
        return True

    def _take(self, now: Seconds, events: Sequence[Fact], packets: list[Packet]) -> None:
        if self._batches and packets:
            events, packets = self._without_repeated(events, packets)
        self._queue(now, events, packets)

    def _queue(self, now: Seconds, events: Sequence[Fact], packets: list[Packet]) -> None:
        self._batches.append(_Batch(now, list(events), packets))
        self._held += len(events) + len(packets)

    def _without_repeated(self, events: Sequence[Fact], packets: list[Packet]) -> tuple[Sequence[Fact], list[Packet]]:
        """What is held already has not been sent again: a repeated datagram is held once."""
        in_hold = self._in_hold
        if len(self._batches) == 1:
            in_hold.update(self._batches[0].packets)
        fresh = [packet for packet in packets if packet not in in_hold]
        if len(fresh) < len(packets):
            repeated = {peer for port, peer, data in packets if (port, peer, data) in in_hold}
            events = [event for event in events if not (isinstance(event, Retransmitted) and event.peer in repeated)]
        in_hold.update(fresh)
        return events, fresh

    def _tell_passing(self, batch: _Batch) -> None:
        """The newest batch has to wait; what of it is not for the store need not."""
        assert self._committer is not None
        keeps = self._committer.keeps
        waiting: list[Fact] = []
        for event in batch.events:
            (waiting if keeps(event) or isinstance(event, _SENT) else self.events).append(event)
        if len(waiting) < len(batch.events):
            self._held -= len(batch.events) - len(waiting)
            batch.events[:] = waiting

    def _start(self, now: Seconds) -> bool:
        if self._running or (self._retry_at is not None and now < self._retry_at):
            return False
        assert self._committer is not None
        self._running = len(self._batches)
        self._retry_at = None
        events = [event for batch in self._batches for event in batch.events]
        self._committer.submit(events, partial(self._on_done, self._batches[0]))
        return True

    def _on_done(self, first: _Batch, error: Exception | None) -> None:
        if not self._batches or self._batches[0] is not first:
            return  # forgotten meanwhile
        self._outcome = (error,)
        if not self._working:
            self._settled()

    def _conclude(self, now: Seconds, error: Exception | None) -> None:
        self._outcome = None
        count, self._running = self._running, 0
        if error is None:
            self._release(now, count)
        else:
            self._fail(now, error)

    def _release(self, now: Seconds, count: int) -> None:
        kept = expired = 0
        for _ in range(count):
            at, events, packets = self._batches.popleft()
            self._held -= len(events) + len(packets)
            if self._in_hold:
                self._in_hold.difference_update(packets)
            is_late = now - at >= EXCHANGE_LIFETIME
            if is_late or self._failures:
                stored = [event for event in events if not isinstance(event, _SENT)]
                kept += len(stored)
            if is_late:
                self.events += stored
                expired += len(packets)
            else:
                self.events += events
                self.packets += packets
        if self._failures:
            self.events.append(CommitRecovered(now - self._failed_at, kept, expired))
        self._failures, self.error = 0, None

    def _fail(self, now: Seconds, error: Exception) -> None:
        if not self._failures:
            self._failed_at = now
        assert self._committer is not None
        wait = known = self._committer.again_in(error)
        if wait is None:
            wait = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(self._failures, 8))
        if known is None or not self._failures:
            self.events.append(commit_failed(error, self._held, wait))
        self._failures += 1
        self._retry_at, self.error = now + wait, error


def commit_failed(error: Exception, held: int, wait: Seconds) -> CommitFailed:
    """Why, as a fact."""
    if not isinstance(error, CodedError):
        return CommitFailed(HoldRefusal.STORE_FAILED, held, wait, detail=detail_of(error))
    detail, seconds = error.fields.get("detail", ""), float(error.fields.get("seconds", 0))
    return CommitFailed(error.code, held, wait, error.where, detail, seconds)
