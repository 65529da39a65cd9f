"""How a thread that waits for a lab is told that nobody waits for it any more. Knows a pair of sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_current = threading.local()


class Cancelled(Exception):
    """Of the thread that waits; whoever cancelled it hears of it no more."""


class Cancelling:
    """Of one call. Readable, as a file is, once it is cancelled."""

    def __init__(self) -> None:
        self._pair: tuple[socket.socket, socket.socket] | None = None
        self._lock = threading.Lock()
        self._interrupt: Callable[[], object] = lambda: None
        self._is_over = self.is_cancelled = False

    def fileno(self) -> int:
        with self._lock:
            if self._pair is None:
                self._pair = socket.socketpair()
                if self.is_cancelled:
                    self._pair[1].send(b"x")
            return self._pair[0].fileno()

    def cancel(self) -> None:
        """From any thread; after the call is over it does nothing."""
        with self._lock:
            self.is_cancelled = True
            if not self._is_over:
                if self._pair is not None:
                    self._pair[1].send(b"x")
                self._interrupt()

    def interrupt_with(self, interrupt: Callable[[], object]) -> None:
        """What ends that which the thread waits for now."""
        with self._lock:
            self._interrupt = interrupt
            self.check()

    def check(self) -> None:
        """`Cancelled` when it is."""
        if self.is_cancelled:
            raise Cancelled

    def never(self) -> bool:
        """A condition that does not hold, and ends the waiting for it when the call is cancelled."""
        self.check()
        return False

    @contextmanager
    def in_this_thread(self) -> Iterator[None]:
        """What the thread waits for within it is ended by `cancel`."""
        _current.cancelling = self
        try:
            self.check()
            yield
        finally:
            _current.cancelling = None
            with self._lock:
                self._is_over = True
                for one in self._pair or ():
                    one.close()


def cancelling() -> Cancelling | None:
    """Of the call that this thread is in."""
    found: Cancelling | None = getattr(_current, "cancelling", None)
    return found
