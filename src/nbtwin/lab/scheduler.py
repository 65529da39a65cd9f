"""The lab's time: one heap of deadlines and one-shot calls, run in order.

A simulated lab jumps from one entry to the next; a live one calls ``step`` when the wall clock, handed in as
``clock``, has come to ``next_at``. The class is the same. Knows neither modules nor datagrams nor any real clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Generic, TypeAlias, TypeVar

from nbtwin.engine import Deadline, Seconds
from nbtwin.lab.runaway import RunawayError as RunawayError

Owner = TypeVar("Owner")
Entry: TypeAlias = tuple[Seconds, int, Owner | None, Callable[[], object] | None]

RUNAWAY = 1_000_000
"""So many entries at one instant mean that an engine never moves its deadline on."""
_COMPACT_ABOVE = 4096


class Scheduler(Generic[Owner]):
    """Virtual time for many engines, one deadline each; equal times run in the order they were set."""

    def __init__(self, wake: Callable[[Owner], object], start: Seconds = 0.0) -> None:
        self.now = start
        self.clock: Callable[[], Seconds] | None = None  # set by the live runtime
        self.on_sooner: Callable[[], object] | None = None  # called when the first entry became an earlier one
        self._wake = wake
        self._heap: list[Entry[Owner]] = []
        self._soon: deque[Entry[Owner]] = deque()  # calls at the instant at which they were asked for: in order already
        self._current: dict[Owner, Entry[Owner]] = {}  # of the heap, the one that counts
        self._calls = 0  # of the heap
        self._order = count()
        self._at_this_instant = 0

    def touch(self) -> Seconds:
        """The time of an input that comes from outside: the clock's in a live lab, else the present instant."""
        if self.clock is not None:
            now = self.clock()
            if now > self.now:
                self.now = now
        return self.now

    def set(self, owner: Owner, deadline: Deadline | None) -> None:
        """The owner's only deadline from now on; an unchanged one keeps its place among equal times."""
        current = self._current.get(owner)
        if deadline is None:
            if current is not None:
                del self._current[owner]
        elif current is None or current[0] != deadline.at:
            entry: Entry[Owner] = (deadline.at, next(self._order), owner, None)
            self._current[owner] = entry
            heap = self._heap
            if len(heap) > _COMPACT_ABOVE:
                self._compact()
            heappush(heap, entry)
            if self.on_sooner is not None and heap[0] is entry:
                self.on_sooner()

    def call_at(self, at: Seconds, action: Callable[[], object]) -> None:
        """Run ``action`` once, at that time or, if it has passed, at the present instant."""
        now = self.now
        if at > now:
            self._calls += 1
            entry: Entry[Owner] = (at, next(self._order), None, action)
            heappush(self._heap, entry)
            if self.on_sooner is not None and self._heap[0] is entry:
                self.on_sooner()
            return
        self._soon.append((now, next(self._order), None, action))
        if self.on_sooner is not None and len(self._soon) == 1 and not self._heap_is_first():
            self.on_sooner()

    def next_at(self) -> Seconds | None:
        """When the first entry that still counts is due."""
        heap = self._heap
        while heap:
            first = heap[0]
            owner = first[2]
            if owner is None or self._current.get(owner) is first:
                break
            heappop(heap)  # it has changed its mind since
        if self._heap_is_first():
            return heap[0][0]
        return self._soon[0][0] if self._soon else None

    def _heap_is_first(self) -> bool:
        heap, soon = self._heap, self._soon
        return bool(heap) and (not soon or heap[0] < soon[0])

    def step(self, until: Seconds, goes_on: Callable[[], bool] | None = None) -> bool:
        """Run everything of the next instant that is due by ``until``; whether there was anything.

        ``goes_on``, asked after each entry, may leave some of it for later.
        """
        at = self.next_at()
        if at is None or at > until:
            return False
        while self.next_at() == at:
            self._perform(self._take_first())
            if goes_on is not None and not goes_on():
                break
        return True

    def _take_first(self) -> Entry[Owner]:
        if not self._heap_is_first():
            return self._soon.popleft()
        first = heappop(self._heap)
        if first[2] is None:
            self._calls -= 1
        return first

    def run(self, until: Seconds) -> None:
        """Run everything due by ``until``, in order, and leave the clock there."""
        heap, current, soon = self._heap, self._current, self._soon
        while True:
            if soon and not (heap and heap[0] < soon[0]):
                if soon[0][0] > until:
                    break
                self._perform(soon.popleft())
                continue
            if not heap or heap[0][0] > until:
                break
            first = heappop(heap)
            owner = first[2]
            if owner is None:
                self._calls -= 1
                self._perform(first)
            elif current.get(owner) is first:  # else it has changed its mind since
                self._perform(first)
        self._reach(until)

    def _perform(self, entry: Entry[Owner]) -> None:
        """What has been taken out of the heap or of what is soon."""
        at, _, owner, action = entry
        if at > self.now:
            self.now = at
            self._at_this_instant = 0
        self._at_this_instant += 1
        if self._at_this_instant > RUNAWAY:
            raise RunawayError(f"{RUNAWAY} entries at {self.now} s and no end: last {owner or action!r}")
        if owner is not None:
            del self._current[owner]
            self._wake(owner)
        elif action is not None:
            action()

    def _reach(self, at: Seconds) -> None:
        if at > self.now:
            self.now = at
            self._at_this_instant = 0

    def _compact(self) -> None:
        """Leave out the entries that do not count, where they are the most. Only what is set anew makes such."""
        heap, current = self._heap, self._current
        if len(heap) > 4 * (len(current) + self._calls):
            heap[:] = [entry for entry in heap if entry[2] is None or current.get(entry[2]) is entry]
            heapify(heap)
