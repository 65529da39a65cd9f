"""The workers' journals, read while they are written and folded into the lab's database by one thread.

A worker appends and answers; nobody tells this thread of it. It looks whether a file has grown, reads whole records,
and commits what all workers have written since, in the order of time, with the number of each journal's last record, in
one transaction. So a worker that was killed needs nothing special: what it wrote is there to be read.

Whoever uses the database waits first until what the workers had acknowledged by then is in it, as with a lab's own
journal (D178). What cannot be folded stays in the files and is tried again; a worker whose files are not taken away
answers nothing any more beyond a bound (`worker`).

Knows which worker has which device (D206): the one whose registration is the newest. Must not know sockets.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from nbtwin.engine import Fact, Seconds
from nbtwin.foreign import detail_of
from nbtwin.operators.events import DeviceDeregistered, DeviceExpired, DeviceRegistered, DeviceUpdated
from nbtwin.operators.store.connections import PATIENCE
from nbtwin.operators.store.database import StoreError, StoreLocked, StoreRefusal
from nbtwin.operators.store.folding import FIRST_RETRY, LONGEST_RETRY
from nbtwin.operators.store.journal import counter_of, segment_at
from nbtwin.operators.store.journal_format import MAGIC, EventDecoder, records_from
from nbtwin.operators.store.recovery import FOLDED, forget
from nbtwin.operators.store.store import KEPT, Store

LOOK_EVERY: Seconds = 0.05
FOLD_EVERY: Seconds = 0.3
"""But when somebody waits: a larger transaction is a cheaper one."""
AT_ONCE = 4 * 1024 * 1024
"""Bytes of one journal in one transaction."""

_ENDS = (DeviceUpdated, DeviceExpired, DeviceDeregistered)
"""What only the process that has a device may say of it."""


class Owner(NamedTuple):
    """Which worker has a device, and since when it is registered there."""

    process: int
    at: Seconds


class Release(NamedTuple):
    """A device that another worker has now: what was registered before ``at`` is to be forgotten."""

    process: int
    device: str
    at: Seconds


class _Tail:
    """One worker's journal, as far as it was read. Used by one thread, but for `behind`."""

    def __init__(self, prefix: Path, id: int, process: int) -> None:
        self.id, self.process = id, process
        self.number = 0  # of the last record that was read
        self._prefix = prefix
        self._path, self._at = segment_at(prefix, id, 1), len(MAGIC)
        self._read_whole: list[Path] = []  # segments that nothing is written to any more

    def behind(self) -> bool:
        """Whether there may be more than was read."""
        try:
            grown = self._path.stat().st_size > self._at
        except FileNotFoundError:
            return False
        return grown or self._next is not None

    @property
    def _next(self) -> Path | None:
        """The segment behind the one that is read, once it was begun."""
        path = segment_at(self._prefix, self.id, self.number + 1)
        return path if path != self._path and path.exists() else None

    def read(self, decoder: EventDecoder) -> list[Fact]:
        """The next events: whole records, about `AT_ONCE` bytes of them."""
        following = self._next  # asked first: when there is one, nothing is written to this one any more
        try:
            with self._path.open("rb") as file:
                file.seek(self._at)
                data = file.read(AT_ONCE)
                records, end = records_from(data)
                if not records and len(data) == AT_ONCE:
                    records, end = records_from(data + file.read())  # one that is longer
        except FileNotFoundError:
            return []
        self._at += end
        events = [event for record in records if record.number for event in decoder.events(record)]
        if records:
            self.number = records[-1].number or self.number
        elif following is not None:
            self._read_whole.append(self._path)
            self._path, self._at = following, len(MAGIC)
            return self.read(decoder)
        return events

    def forget(self) -> None:
        """What was read is in the tables: whole segments go."""
        while self._read_whole:
            self._read_whole.pop().unlink(missing_ok=True)

    def delete(self) -> None:
        self.forget()
        self._path.unlink(missing_ok=True)


class WorkerJournals:
    """From `start` to `close`. ``told`` is called on the thread with what was folded, ``released`` with `Release`s."""

    def __init__(
        self,
        store: Store,
        prefix: Path,
        told: Callable[[Sequence[Fact]], object],
        released: Callable[[Sequence[Release]], object],
    ) -> None:
        self.error: Exception | None = None
        """Why the last fold failed; None when it did not."""
        self.owners: dict[str, Owner] = {}
        self._store, self._prefix, self._told, self._released = store, prefix, told, released
        self._decoder = EventDecoder(KEPT)
        self._tails: dict[int, _Tail] = {}  # by worker
        self._unfolded: list[tuple[int, Fact]] = []  # read, and not yet in the tables
        self._changed = threading.Condition()
        self._hurry = self._closing = False
        self._in_round = False
        self._rounds = self._tries = 0
        self._thread = threading.Thread(target=self._run, name="nbtwin workers' journals", daemon=True)
        self._before_use = store.database.before_use

    def start(self) -> None:
        self._store.database.before_use = self._settle_all
        self._thread.start()

    def add(self, process: int, id: int) -> None:
        """A journal that a worker is going to write; the database knows it before anything is in it."""
        database = self._store.database
        with database.transaction(durable=True):
            database.run(FOLDED, (counter_of(id), 0))
        with self._changed:
            self._tails[process] = _Tail(self._prefix, id, process)

    def retire(self, process: int) -> None:
        """The worker has ended: the tables have all of its journal, and it goes. StoreError when they cannot."""
        tail = self._tails.get(process)
        if tail is None:
            return
        self._fold_all()
        with self._changed:
            del self._tails[process]
        forget(self._store.database, counter_of(tail.id), tail.delete)

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        self._store.database.before_use = self._before_use

    # whoever uses the database

    def _settle_all(self) -> None:
        if self._before_use is not None:
            self._before_use()
        if threading.current_thread() is not self._thread and self.behind:
            self._fold_all()

    @property
    def behind(self) -> bool:
        """Whether a worker has written what the tables do not have yet, or has not heard yet what it lost (D206)."""
        return self._in_round or bool(self._unfolded) or any(tail.behind() for tail in list(self._tails.values()))

    def _fold_all(self) -> None:
        """Until what was written before is in the tables: the round that runs may have looked already."""
        until = time.monotonic() + PATIENCE
        with self._changed:
            target, tries = self._rounds + 2, self._tries
            while self._rounds < target:
                if self.error is not None and self._tries > tries:
                    _refuse(self.error, self._store.path)
                self._hurry = True
                self._changed.notify_all()
                if self._closing or not self._changed.wait(max(0.0, until - time.monotonic())):
                    raise StoreLocked(StoreRefusal.BUSY, self._store.path, seconds=PATIENCE)

    # the thread

    def _run(self) -> None:
        failures, next_at = 0, 0.0
        while True:
            with self._changed:
                if not self._hurry and not self._closing:
                    self._changed.wait(LOOK_EVERY)
                hurry, self._hurry = self._hurry, False
                if self._closing:
                    return
            if not hurry and (time.monotonic() < next_at or not self.behind):
                continue
            self._in_round = True
            try:
                more = self._round()
            except Exception as error:  # whatever the database raises: it is in the journals, and is tried again
                next_at = time.monotonic() + min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(failures, 8))
                failures += 1
                with self._changed:
                    self._in_round = False
                    self.error, self._tries = error, self._tries + 1
                    self._changed.notify_all()
            else:
                failures, next_at = 0, 0.0 if more else time.monotonic() + FOLD_EVERY
                with self._changed:
                    self._in_round = False
                    self.error = None
                    self._rounds += not more
                    self._hurry = self._hurry or (hurry and more)
                    self._changed.notify_all()

    def _round(self) -> bool:
        """Read and commit; whether there was so much that there is more."""
        with self._changed:
            tails = list(self._tails.values())
        more = False
        if not self._unfolded:
            for tail in tails:
                self._unfolded += [(tail.process, event) for event in tail.read(self._decoder)]
                more = more or tail.behind()
            self._unfolded.sort(key=_time_of)
        if not self._unfolded:
            return False
        owners, releases, events = dict[str, Owner](), list[Release](), list[Fact]()
        for process, event in self._unfolded:
            if self._is_said_by_owner(process, event, owners, releases):
                events.append(event)
        self._commit(events, tails)
        self.owners.update(owners)
        self._unfolded.clear()
        for tail in tails:
            tail.forget()
        self._told(events)
        if releases:
            self._released(releases)
        return more

    def _commit(self, events: Sequence[Fact], tails: Sequence[_Tail]) -> None:
        database = self._store.database
        with database.exclusive():
            try:
                with database.transaction():
                    self._store.commit(events)
                    for tail in tails:
                        database.run(FOLDED, (counter_of(tail.id), tail.number))
            except BaseException:
                self._store.undone()
                raise

    def _is_said_by_owner(self, process: int, event: Fact, owners: dict[str, Owner], releases: list[Release]) -> bool:
        if not isinstance(event, (DeviceRegistered, *_ENDS)):
            return True
        device = event.device
        owner = owners.get(device) or self.owners.get(device)
        if isinstance(event, DeviceRegistered):
            if owner is not None and owner.process != process:
                if owner.at > event.at:
                    releases.append(Release(process, device, owner.at))
                    return False
                releases.append(Release(owner.process, device, event.at))
            owners[device] = Owner(process, event.at)
            return True
        return owner is None or owner.process == process


def _time_of(written: tuple[int, Fact]) -> Seconds:
    at: Seconds = getattr(written[1], "at", 0.0)
    return at


def _refuse(error: Exception, where: str) -> None:
    if isinstance(error, StoreError):
        raise type(error)(error.code, error.where, **error.fields) from error
    raise StoreError(StoreRefusal.FAILED, where, detail=detail_of(error)) from error
