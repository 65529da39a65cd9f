"""The memory of many devices in huge pages, where Linux gives them to who asks.

Devices come in any order, and what is known of each lies in a dozen places. The processor knows a few thousand pages at
once: a hundred thousand devices in pages of 4 KiB are more than that, so that nearly each of those places costs it a
search through the tables of pages; in pages of 2 MiB they are fifty. Memory that is there already is moved
(`MADV_COLLAPSE`, Linux 6.1). An older kernel, one that was told never to, another system: nothing happens.

A little at a time, on a thread that nobody waits for: whoever needs what is being moved waits. Only for processes that
are the lab's alone.
"""

from __future__ import annotations

import ctypes
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

from nbtwin.engine import Seconds

HUGE = 2 << 20
"""Bytes of a huge page, on the machines that have them in this size."""
MUCH = 96 << 20
"""Bytes that the process has in memory, from which on it is worth it."""
AT_ONCE = 8
"""Huge pages."""
EVERY: Seconds = 0.5
_COLLAPSE = 25  # linux/mman.h
_OWN = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0 *(?:\[heap\])?$")


class HugePages:
    """From `start` to `stop`. ``much``: see `MUCH`."""

    def __init__(self, much: int = MUCH) -> None:
        self._much = much
        self._asked: set[int] = set()  # addresses
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nbtwin huge pages", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(EVERY):
            try:
                self.ask()
            except (OSError, AttributeError):
                return  # not a Linux, or one without its files

    def ask(self) -> int:
        """For the next few; how many there are of it now."""
        if int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") < self._much:
            return 0
        mapped = set(places_in(Path("/proc/self/maps").read_text()))
        self._asked &= mapped  # where there is something else by now it is asked again
        following = sorted(mapped - self._asked)[:AT_ONCE]
        self._asked.update(following)
        madvise = ctypes.CDLL(None).madvise
        return sum(madvise(ctypes.c_void_p(at), ctypes.c_size_t(HUGE), _COLLAPSE) == 0 for at in following)


def places_in(maps: str) -> Iterator[int]:
    """Where a huge page could be: within what the process itself has in memory, and may write to."""
    for line in maps.splitlines():
        if found := _OWN.match(line):
            first, end = -(-int(found[1], 16) // HUGE) * HUGE, int(found[2], 16)
            yield from range(first, end - HUGE + 1, HUGE)
