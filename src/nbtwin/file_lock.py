"""The lock of a file that one process has, and whatever it has started to act in its stead.

The kernel gives it back when the last of them has ended, however that came. So after a ``kill -9`` it is free when
nobody is left who has a port, appends to a journal or commits: whoever wants it next waits for that, not for long, and
for nobody who lives. The file has the number of the process that took it. Knows no directory and no database.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import IO

PATIENCE = 10.0
"""Seconds for which what a process that has ended had started is waited for."""
_LOOK_EVERY = 0.01


class Held(Exception):
    """Somebody else has it: ``process`` as the file says it, perhaps "". ``ended``: but for what it had started."""

    def __init__(self, process: str, ended: bool) -> None:
        super().__init__(process)
        self.process, self.ended = process, ended


def take(lock: IO[str], patience: float = PATIENCE, waits: Callable[[str], object] = lambda process: None) -> None:
    """Until ``lock`` is closed here and by whoever has inherited it. ``waits`` is told for whose it waits, once."""
    import fcntl  # Windows has none, and runs no lab

    until: float | None = None
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError:
            lock.seek(0)
            process = lock.read(20).strip()
            ended = process.isdigit() and not lives(int(process))
            if not ended or (until is not None and time.monotonic() > until):
                raise Held(process, ended) from None
            if until is None:
                until = time.monotonic() + patience
                waits(process)
            time.sleep(_LOOK_EVERY)
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()}\n")
    lock.flush()


def lives(process: int) -> bool:
    """Whoever it is."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        """Somebody else's."""
    return True
