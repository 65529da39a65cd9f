"""From the journal into the database: a thread that folds what was appended, in large transactions.

Answers wait for the append alone (`journal`). What was appended stays in memory, or is read again from the journal when
that is far ahead, until the thread has committed it, with the number of its last record, in one transaction: whatever
moment the process dies at, the next one knows where to go on. Whoever uses the database otherwise waits first until
everything that was appended before is in it (`settle`): a read sees what was acknowledged, and costs nothing when
nothing is pending (D178).

Who folds is the store's to say (`Store.helper`): this thread, or a process beside it, which is told where in the
journal's files the records are. Then events are not kept in memory at all.

When a fold fails it is tried again, after 1 s, then twice as long each time, at most 30 s, and whenever somebody asks
for the database, who then hears why it failed. Answers go on leaving until ``BOUND`` bytes wait; then an append fails,
and the hold tries it again every ``ROOM_EVERY`` (``lab.hold``): there is room as soon as the next transaction ends, and
answers wait no longer than for that. From half of the bound on an append takes a little longer, the more the more
waits: who is asked faster than the database takes it gives it the time, and fails nobody. Half is more than a steady
load leaves waiting (``ENOUGH``, and what comes during a transaction), or answers would wait for nothing.

A helper gives way to whatever else computes. On a busy machine it may get next to nothing, and who reads waits for it:
so what is folded together becomes less until it takes about ``LONG``, and it gives way no more once three quarters of
the bound wait, or somebody reads (`urgent`).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from nbtwin.engine import Fact, Seconds
from nbtwin.foreign import detail_of
from nbtwin.operators.store.connections import PATIENCE
from nbtwin.operators.store.database import StoreError, StoreLocked, StoreRefusal
from nbtwin.operators.store.journal import Journal, Place

BOUND = 64 * 1024 * 1024
"""Bytes of the journal that are not folded."""
ROOM_EVERY: Seconds = 0.1
LONGEST_PAUSE: Seconds = 0.004
"""Of an append, when nearly so much waits: less than the loop may keep others waiting for anything."""
IN_MEMORY = 40_000
"""Events; what waits beyond them is read from the journal."""
FOLD_EVERY: Seconds = 1
"""For which more is waited, but for a read: a larger transaction is a cheaper one.

Each page is written once a transaction, whatever is new on it: of 100,000 devices in random order a transaction of
20,000 events writes 1,070 bytes for each event, one of 60,000 writes 530, and in order it is 400.
"""
REST: Seconds = 60
"""Without anything to fold."""
ENOUGH = 12 * 1024 * 1024
"""Bytes that wait: no more is waited for."""
AT_ONCE = 20_000
"""Events in one transaction, but for a batch that has more, where this thread folds."""
AT_ONCE_ELSEWHERE = 50_000
"""The same where a process beside this one does: nobody waits for it at the interpreter. 10,000 more are 5 MB of it."""
LEAST_ELSEWHERE = 5_000
"""The same on a machine on which that process gets next to nothing."""
LONG: Seconds = 2
"""Of a transaction: the next one has less."""
_TOGETHER = 2_000
"""Events of batches that are remembered as one, where they are not kept in memory."""
FIRST_RETRY: Seconds = 1
LONGEST_RETRY: Seconds = 30


class _Pending(NamedTuple):
    number: int
    events: Sequence[Fact] | None  # None: at its place
    length: int  # events
    place: Place


class Taken:
    """What is folded together: batches, one after the other as they are in the journal. Its length is in events."""

    def __init__(self, batches: Sequence[_Pending], read: Callable[[Place], Sequence[Fact]]) -> None:
        self._batches, self._read = batches, read
        self._length = sum(batch.length for batch in batches)

    def __len__(self) -> int:
        return self._length

    def events(self) -> list[Fact]:
        read = self._read
        return [event for batch in self._batches for event in batch.events or read(batch.place)]

    def places(self) -> list[Place]:
        """Where that is: one for each segment."""
        found: list[Place] = []
        for batch in self._batches:
            path, offset, size = batch.place
            if found and found[-1].path == path:
                offset, size = found[-1].offset, offset + size - found[-1].offset
                found.pop()
            found.append(Place(path, offset, size))
        return found


Fold: TypeAlias = Callable[[Taken, int], object]
"""Commits what was taken, with the number of its last record, or raises."""


class HelperGone(Exception):
    """It has ended: nobody knows whether with what it was told last."""


class Helper(Protocol):
    """Folds elsewhere. One thread calls it."""

    @property
    def runs(self) -> bool: ...

    def fold(self, places: Sequence[Place], number: int, *, urgent: bool) -> None:
        """Commit what is there with the number of its last record: it begins to run, if it does not. StoreError, as
        the database says; HelperGone. ``urgent``: it gives way to nobody."""
        ...

    def stop(self) -> None:
        """Once it has ended what it does."""
        ...


class Folding:
    """From the constructor to ``close``. One thread appends."""

    def __init__(self, journal: Journal, fold: Fold, where: str) -> None:
        self.journal = journal
        self.error: Exception | None = None
        """Why the last fold failed; None when it did not."""
        self.fold = fold
        self.after: Callable[[], object] = _nothing
        """Called behind each transaction, when nobody waits for it any more."""
        self.measured: Callable[[float], object] = _ignore
        """Told how many seconds each transaction took."""
        self.failed: Callable[[Exception, Seconds], object] = _ignore_failure
        """Told of the first failure in a row, and after how many seconds it is tried again. On the thread."""
        self.recovered: Callable[[Seconds, int], object] = _ignore_recovery
        """Told how long it had failed, and how many events are in the database now. On the thread."""
        self._where = where
        self.at_rest: Callable[[], object] = _nothing
        """Called on the thread when nothing was appended for `REST`."""
        self.keeps_events = True
        """Whether what waits stays in memory: not where it is read from the journal anyway."""
        self._pending: deque[_Pending] = deque()
        self._queue = threading.Lock()  # held for a moment, while the last one that waits becomes longer
        self._mine: deque[_Pending] = deque()  # what the thread has taken over and does not fold yet
        self._taken: list[_Pending] = []  # what the thread is folding
        self._appended = self._folded = 0  # numbers of records; each is changed by one thread alone
        self._appended_bytes = self._folded_bytes = 0
        self._appended_events = self._folded_events = 0
        self._failures = 0  # since the last success
        self._failing_since: Seconds = 0
        self._tries = 0  # that have failed, ever
        self._at_once = AT_ONCE_ELSEWHERE
        self._hurry = self._closing = self._idle = False
        self.urgent = False
        """Of what is folded now: somebody waits, or much does."""
        self._began_at: float | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="nbtwin folds", daemon=True)
        self._thread.start()

    @property
    def pending(self) -> int:
        """Batches that are in the journal and not yet in the database."""
        return len(self._pending) + len(self._mine) + len(self._taken)

    @property
    def busy_for(self) -> Seconds:
        """How long the transaction that is under way has taken so far; 0 when there is none."""
        began_at = self._began_at
        return 0.0 if began_at is None else time.monotonic() - began_at

    def append(self, events: Sequence[Fact]) -> None:
        """In the kernel's hands when this returns. StoreError when it cannot be, or when too much waits."""
        behind = self._appended_bytes - self._folded_bytes
        if behind >= BOUND:
            raise StoreError(StoreRefusal.JOURNAL_FULL, self._where, limit=BOUND)
        if behind > BOUND // 2:
            time.sleep(LONGEST_PAUSE * (behind - BOUND // 2) / (BOUND - BOUND // 2))
        journal = self.journal
        journal.settle(self._folded)
        place, count = journal.append(events), len(events)
        number, size = journal.number, place.size
        held = self.keeps_events and self._appended_events - self._folded_events < IN_MEMORY
        batch = _Pending(number, events if held else None, count, place)
        with self._queue:
            if not self.keeps_events and self._pending:
                batch = _joined(self._pending.pop(), batch, self._pending)
            self._pending.append(batch)
        self._appended_bytes += size
        self._appended_events += count
        self._appended = number
        if self._idle:
            with self._changed:
                self._changed.notify_all()

    def settle(self) -> None:
        """Until everything that was appended before is in the database. StoreError when it cannot be."""
        target = self._appended
        if self._folded >= target or threading.current_thread() is self._thread:
            return
        until = time.monotonic() + PATIENCE
        with self._changed:
            tries = self._tries
            while self._folded < target:
                if self.error is not None and self._tries > tries:
                    self._refuse(self.error)
                self._hurry = True
                self._changed.notify_all()
                if not self._changed.wait(until - time.monotonic()):
                    raise StoreLocked(StoreRefusal.BUSY, self._where, seconds=PATIENCE)

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, StoreError):
            raise type(error)(error.code, error.where, **error.fields) from error
        raise StoreError(StoreRefusal.FAILED, self._where, detail=detail_of(error)) from error

    def close(self, longest: Seconds) -> bool:
        """Fold what is left, and end; whether all of it is in the database."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(longest)
        return not self._thread.is_alive() and not self.pending

    def _run(self) -> None:
        while True:
            with self._changed:
                self._idle = True  # before it is looked: an append behind that look wakes this thread
                rests = False
                while not self.pending and not rests:
                    if self._closing:
                        return
                    rests = not self._changed.wait(REST)
                self._idle = False
                if not (rests or self._hurry or self._closing or self._appended_bytes - self._folded_bytes > ENOUGH):
                    self._changed.wait(FOLD_EVERY)
                behind = self._appended_bytes - self._folded_bytes
                self.urgent, self._hurry = self._hurry or self._closing or behind > BOUND * 3 // 4, False
            if rests and not self.pending:
                with contextlib.suppress(StoreError):  # somebody writes for long: it asks again
                    self.at_rest()
            elif not self._fold_some() and self._closing:
                return

    def _fold_some(self) -> bool:
        taken, mine, at_once = self._taken, self._mine, AT_ONCE if self.keeps_events else self._at_once
        if not mine:
            with self._queue:
                self._mine, self._pending = self._pending, mine
            mine = self._mine
        count = sum(batch.length for batch in taken)
        while mine and (not taken or count + mine[0].length <= at_once):
            taken.append(mine.popleft())
            count += taken[-1].length
        number = taken[-1].number
        self._began_at = time.monotonic()
        try:
            self.fold(Taken(taken, self.journal.read), number)
        except Exception as error:  # whatever the database raises: it is in the journal, and is tried again
            self._failed(error)
            return False
        ended_at = time.monotonic()
        took = ended_at - self._began_at
        self.measured(took)
        self._at_once = at_once_after(at_once, took)
        self._began_at = None
        if self._failures:
            self.recovered(ended_at - self._failing_since, count)
        self._folded_bytes += sum(batch.place.size for batch in taken)
        self._folded_events += count
        taken.clear()
        with self._changed:
            self._folded, self._failures, self.error = number, 0, None
            self._changed.notify_all()
        self.journal.forget(number)
        if not self._closing:
            with contextlib.suppress(Exception):  # of whatever kind: the next transaction tells, unless this is the end
                self.after()
        return True

    def _failed(self, error: Exception) -> None:
        wait = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(self._failures, 8))
        if not self._failures:
            self._failing_since = time.monotonic()
            self.failed(error, wait)
        with self._changed:
            self._began_at = None
            self._failures += 1
            self._tries += 1
            self.error = error
            self._changed.notify_all()
            if not self._closing:
                self._changed.wait_for(lambda: self._hurry or self._closing, wait)


def at_once_after(at_once: int, took: Seconds) -> int:
    """So many events are next, where another process folds, after a transaction of ``at_once`` that took so long."""
    return max(LEAST_ELSEWHERE, min(AT_ONCE_ELSEWHERE, at_once // 2 if took > LONG else at_once * 2))


def _joined(last: _Pending, batch: _Pending, before: deque[_Pending]) -> _Pending:
    """Both of them, where they lie side by side and are not many; else the last one is back in its place."""
    place = last.place
    if last.events is None and place.path == batch.place.path and last.length + batch.length <= _TOGETHER:
        place = Place(place.path, place.offset, batch.place.offset + batch.place.size - place.offset)
        return _Pending(batch.number, None, last.length + batch.length, place)
    before.append(last)
    return batch


def room_again_in(error: Exception) -> Seconds | None:
    """Seconds, of an append that failed because too much waits; None for any other failure."""
    return ROOM_EVERY if isinstance(error, StoreError) and error.code == StoreRefusal.JOURNAL_FULL else None


def _nothing() -> None:
    """Nobody has something to do."""


def _ignore(seconds: float) -> None:
    """Nobody measures."""


def _ignore_failure(error: Exception, wait: Seconds) -> None:
    """Nobody listens."""


def _ignore_recovery(span: Seconds, events: int) -> None:
    """Nobody listens."""
