"""Several worlds on several cores: pieces of work that do not meet, in processes, the results in the pieces' order.

Knows processes; knows neither what a piece is nor what comes of it. Work and results pass between processes: whatever
they are made of must be data. With one job everything happens in this process, and the results are the same.
"""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from nbtwin.engine import Refusal
from nbtwin.runtime.errors import Failed

Work = TypeVar("Work")
Result = TypeVar("Result")

_AHEAD = 2
"""So many pieces for each process are handed out before the first result of them has been taken."""


class WorldsRefusal(Refusal):
    """Why several worlds did not come to their end."""

    WORKER_LOST = "worlds-worker-lost"  # done, total


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def seed_of(seed: int, world: int) -> int:
    """Of one world of several, from the seed of all of them."""
    return int.from_bytes(hashlib.sha256(f"{seed}/world/{world}".encode()).digest()[:6], "big")


def in_order(
    perform: Callable[[Work], Result],
    pieces: Sequence[Work],
    jobs: int = 1,
    *,
    on_done: Callable[[int], object] = lambda done: None,
) -> Iterator[Result]:
    """What comes of each piece, in their order. ``on_done`` is told how many have been performed, whichever these are.

    ``perform`` is a function of a module. What it raises is raised here. Failed when a process ends by itself.
    """
    if jobs <= 1 or len(pieces) <= 1:
        for number, piece in enumerate(pieces, 1):
            result = perform(piece)
            on_done(number)
            yield result
        return
    pool = ProcessPoolExecutor(min(jobs, len(pieces)), get_context("spawn"), _begin)
    try:
        yield from _performed(pool, perform, pieces, min(jobs, len(pieces)) * _AHEAD, on_done)
    finally:
        _end(pool)


def _performed(
    pool: ProcessPoolExecutor,
    perform: Callable[[Work], Result],
    pieces: Sequence[Work],
    ahead: int,
    on_done: Callable[[int], object],
) -> Iterator[Result]:
    under_way: dict[Future[Result], int] = {}
    results: dict[int, Result] = {}
    given = taken = 0
    try:
        while taken < len(pieces):
            while given < len(pieces) and len(under_way) < ahead:
                under_way[pool.submit(perform, pieces[given])] = given
                given += 1
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                results[under_way.pop(future)] = future.result()
                on_done(taken + len(results))
            while taken in results:
                yield results.pop(taken)
                taken += 1
    except BrokenProcessPool:
        raise Failed(WorldsRefusal.WORKER_LOST, "", done=taken + len(results), total=len(pieces)) from None


def _begin() -> None:
    """A worker leaves Ctrl-C to whoever started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end(pool: ProcessPoolExecutor) -> None:
    """No process is left, whatever it was doing.

    The pool's own thread collects them. Who joins one beside it finds it collected, and does not know by whom: that
    thread has to come to its end first.
    """
    for worker in list((pool._processes or {}).values()):  # 3.14 has a method for it
        worker.terminate()
    pool.shutdown(wait=True, cancel_futures=True)
