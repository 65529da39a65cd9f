"""What ends a statement that a PostgreSQL server does not answer (D119). Knows connections, no SQL.

The driver waits for a server without an end, and one that hangs (stopped, or with a disk that does) still has a kernel
that acknowledges everything, so TCP notices nothing. A thread looks once a second; where a statement has waited
`LONGEST`, it shuts the connection's socket down, and the driver raises what it raises for a server that has gone.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from nbtwin.engine import Seconds
from nbtwin.operators.store.database import StoreError, StoreRefusal

LONGEST: Seconds = 15
_EVERY: Seconds = 1


class StatementWatch:
    """From `start` to `stop`; before it nothing is ended: who prunes from the command line may wait for an hour."""

    def __init__(self, name: str, longest: Seconds = LONGEST) -> None:
        """``name``: the database's."""
        self._name, self._longest = name, longest
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[float, psycopg.Connection[tuple[object, ...]]]] = {}
        self._ended: set[int] = set()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="nbtwin statements", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    @contextmanager
    def over(self, db: psycopg.Connection[tuple[object, ...]]) -> Iterator[None]:
        """Around one statement on the connection; StoreError when it was ended."""
        if self._thread is None:
            yield
            return
        with self._lock:
            self._waiting[id(db)] = (time.monotonic(), db)
        try:
            yield
        except psycopg.Error as error:
            if id(db) in self._ended:
                raise StoreError(StoreRefusal.UNANSWERED, self._name, seconds=self._longest) from error
            raise
        finally:
            with self._lock:
                del self._waiting[id(db)]
                self._ended.discard(id(db))

    def _run(self) -> None:
        while not self._stopped.wait(_EVERY):
            with self._lock:  # held: no connection is closed meanwhile, and no descriptor used again
                now = time.monotonic()
                for since, db in self._waiting.values():
                    if now - since > self._longest:
                        self._ended.add(id(db))
                        _shut_down(db)


def _shut_down(db: psycopg.Connection[tuple[object, ...]]) -> None:
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(db.fileno())) as connection:
        connection.shutdown(socket.SHUT_RDWR)
