"""When a socket is read: as soon as something has come, or, while datagrams come often and alone, once a millisecond.

A datagram that comes alone costs several times what one of many does: the process is woken for it, and what it goes
through has left the processor's caches since the last one. So while `OFTEN` come in each `APART`, mostly alone, those
of that time are taken together, as a network card does with its interrupts; nobody waits longer for it (D216).

Who sends the next one when the last one is answered would be slowed down, and nothing saved: where less than half
comes of what came before, each is read at once again, and it is tried again later, each time twice as late.

Sans-I/O: knows a clock, no socket.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from nbtwin.engine import Seconds

APART: Seconds = 0.001
OFTEN = 2
"""Datagrams in that time."""
_ALONE = 4
"""So many at a time are not alone."""
_LOOK_AFTER = 64
"""Datagrams that are read at once."""
_INTERVALS = 16
"""After which it is looked whether it was worth it."""
_LONGEST = 1024
"""Looks that are passed over, at the most, before it is tried again."""


class Gathering:
    """Of one socket."""

    def __init__(self, clock: Callable[[], Seconds] = time.monotonic) -> None:
        self._clock = clock
        self.gathers = False
        """Whether it is read every `APART`, and not at once."""
        self._datagrams = self._reads = 0  # since it was looked last
        self._looked_at = clock()
        self._rate = 0.0  # datagrams a second, when it was looked last
        self._passed_over, self._pass_over = 0, 1

    def handle_read(self, count: int) -> bool:
        """So many had come; whether it gathers from now on."""
        self._datagrams += count
        self._reads += 1
        if (self._reads >= _INTERVALS) if self.gathers else (self._datagrams >= _LOOK_AFTER):
            self._look()
        return self.gathers

    def _look(self) -> None:
        now, datagrams, reads = self._clock(), self._datagrams, self._reads
        rate = datagrams / max(now - self._looked_at, 1e-6)
        often = rate * APART >= OFTEN
        if not self.gathers:
            self._passed_over += 1
            self.gathers = often and datagrams < _ALONE * reads and self._passed_over >= self._pass_over
        elif rate < self._rate / 2:
            self.gathers = False
            self._passed_over, self._pass_over = 0, min(_LONGEST, 2 * self._pass_over) if datagrams else 1
        else:
            self.gathers, self._pass_over = often, 1
        self._looked_at, self._rate = now, rate
        self._datagrams = self._reads = 0
