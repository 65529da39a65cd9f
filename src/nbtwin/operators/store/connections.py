"""Which connection a thread uses: one rule for both databases.

*One connection writes.* Whoever writes holds it, and a lock with it: for one statement, or from the BEGIN of a
transaction to its end. So one thread writes at a time, and the others wait their turn.

*Whoever reads borrows a reader*, a connection of its own, for one statement or for a snapshot. No read waits for a
commit, and no commit for a read: SQLite's WAL and PostgreSQL's versions see to that. Readers are opened as they are
needed, at most ``READERS`` at once, and a few idle ones are kept.

*Within a transaction or a snapshot* every statement of the same thread is on that connection, so that it sees its own
changes. A database that exists only in its one connection (``:memory:``) reads on the writer, in turn.

*Before* any of this, and not within it, whoever has to commit something first does (`before_use`): what a journal has
that the tables have not yet (`folding`). Not for who asks for nothing that a journal has (`as_it_is`).

A thread that has waited ``PATIENCE`` for its turn gets a StoreLocked: while a database hangs, it hangs with those that
are within it, not with everybody who comes after.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Generic, TypeVar

from nbtwin.engine import Seconds
from nbtwin.operators.store.database import StoreLocked, StoreRefusal

READERS = 16
IDLE_READERS = 4
PATIENCE: Seconds = 10

Connection = TypeVar("Connection")


class Connections(Generic[Connection]):
    """``connect`` opens one, for writing or not; ``is_open`` tells one that broke; ``close`` ends one."""

    def __init__(
        self,
        name: str,
        connect: Callable[[bool], Connection],
        *,
        is_open: Callable[[Connection], bool],
        close: Callable[[Connection], object],
        single: bool = False,
    ) -> None:
        self._name = name
        self._connect, self._is_open, self._close = connect, is_open, close
        self._single = single
        self._closed = False
        self.on_reconnect: Callable[[], object] | None = None
        """Called, on the thread that writes, when a new connection has taken the place of one that was lost."""
        self.before_use: Callable[[], object] | None = None
        """Called before a thread reads or writes, not within what it does already: something else may have to be
        committed first."""
        self._lock = threading.RLock()
        self._here = threading.local()
        self._turns = threading.BoundedSemaphore(READERS)
        self._idle: list[Connection] = []
        self._writer = connect(True)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Nobody else writes meanwhile. Re-entrant."""
        depth = self._depth()
        if not depth:
            self._begin()
        if not self._lock.acquire(timeout=PATIENCE):
            raise StoreLocked(StoreRefusal.BUSY, self._name, seconds=PATIENCE)
        self._here.depth = depth + 1
        try:
            yield
        finally:
            self._here.depth = depth
            if self._closed and not depth:
                self._close(self._writer)
            self._lock.release()

    @property
    def busy(self) -> bool:
        """Another thread writes just now."""
        if not self._lock.acquire(blocking=False):
            return True
        self._lock.release()
        return False

    @contextmanager
    def writer(self) -> Iterator[Connection]:
        """The connection that writes: a new one where it was lost outside of a transaction."""
        with self.exclusive():
            if self._current() is self._writer:
                yield self._writer
                return
            self._check()
            if not self._is_open(self._writer):
                self._writer = self._connect(True)
                if self.on_reconnect is not None:
                    self.on_reconnect()
            with self._as_current(self._writer):
                yield self._writer

    @contextmanager
    def reader(self) -> Iterator[Connection]:
        """A connection to read on; within a transaction or a snapshot its own."""
        current = self._current()
        if current is not None:
            yield current
        elif self._single:
            with self.writer() as writer:
                yield writer
        else:
            if not self._depth():
                self._begin()
            with self._borrowed() as reader:
                yield reader

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """As `reader`, for several statements."""
        with self.reader() as reader, self._as_current(reader):
            yield reader

    @contextmanager
    def as_it_is(self) -> Iterator[None]:
        """Nobody commits anything first for what this thread reads or writes meanwhile."""
        before, self._here.as_it_is = getattr(self._here, "as_it_is", False), True
        try:
            yield
        finally:
            self._here.as_it_is = before

    def close(self) -> None:
        """Whoever still reads or writes ends with a connection that is closed then."""
        self._closed = True
        self._close_idle()
        if self._lock.acquire(timeout=1):  # else whoever writes does it when that ends, or it ends with the process
            self._close(self._writer)
            self._lock.release()

    @contextmanager
    def _borrowed(self) -> Iterator[Connection]:
        if not self._turns.acquire(timeout=PATIENCE):
            raise StoreLocked(StoreRefusal.READS_WAIT, self._name, reads=READERS, seconds=PATIENCE)
        try:
            self._check()
            reader = self._idle_one() or self._connect(False)
            try:
                yield reader
            finally:
                self._give_back(reader)
        finally:
            self._turns.release()

    def _idle_one(self) -> Connection | None:
        while True:
            try:
                reader = self._idle.pop()
            except IndexError:
                return None
            if self._is_open(reader):
                return reader
            self._close(reader)

    def _give_back(self, reader: Connection) -> None:
        if self._is_open(reader) and not self._closed and len(self._idle) < IDLE_READERS:
            self._idle.append(reader)
            if self._closed:
                self._close_idle()  # closed in between
            return
        if not self._is_open(reader):
            self._close_idle()  # the others of that time are lost as well
        self._close(reader)

    def _close_idle(self) -> None:
        while self._idle:
            try:
                reader = self._idle.pop()
            except IndexError:
                return
            self._close(reader)

    def _check(self) -> None:
        if self._closed:
            raise ValueError(f"{self._name} is closed")

    def _begin(self) -> None:
        if self.before_use is not None and not getattr(self._here, "as_it_is", False):
            self.before_use()

    def _depth(self) -> int:
        """How often this thread has said that nobody else may write."""
        depth: int = getattr(self._here, "depth", 0)
        return depth

    def _current(self) -> Connection | None:
        return getattr(self._here, "current", None)

    @contextmanager
    def _as_current(self, connection: Connection) -> Iterator[None]:
        before, self._here.current = self._current(), connection
        try:
            yield
        finally:
            self._here.current = before


class ConnectedDatabase(Generic[Connection]):
    """What of a database (`database.Database`) is its connections' alone."""

    _connections: Connections[Connection]

    @property
    def on_reconnect(self) -> Callable[[], object] | None:
        return self._connections.on_reconnect

    @on_reconnect.setter
    def on_reconnect(self, called: Callable[[], object] | None) -> None:
        self._connections.on_reconnect = called

    @property
    def before_use(self) -> Callable[[], object] | None:
        return self._connections.before_use

    @before_use.setter
    def before_use(self, called: Callable[[], object] | None) -> None:
        self._connections.before_use = called

    def exclusive(self) -> AbstractContextManager[None]:
        return self._connections.exclusive()

    def as_it_is(self) -> AbstractContextManager[None]:
        return self._connections.as_it_is()

    @property
    def busy(self) -> bool:
        return self._connections.busy

    def close(self) -> None:
        self._connections.close()
