"""Several worlds on several cores: pieces of work that do not meet, in processes, the results in the pieces' order.

Knows processes; knows neither what a piece is nor what comes of it. Work and results pass between processes: whatever
they are made of must be data. With one job everything happens in this process, and the results are the same.

A process has one piece at a time: when it ends by itself it is known which piece it had, and only that one is lost.
"""

from __future__ import annotations

import hashlib
import os
import signal
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext
from typing import Any, Generic, TypeVar

from nbtwin.engine import Refusal
from nbtwin.runtime.errors import Failed

Work = TypeVar("Work")
Result = TypeVar("Result")


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
    lost: Callable[[Work], Result] | None = None,
) -> Generator[Result, None, None]:
    """What comes of each piece, in their order. ``on_done`` is told how many have been performed, whichever these are.

    ``perform`` is a function of a module. What it raises is raised here, when it is that piece's turn.
    ``lost`` says what comes of a piece whose process ended by itself; without it that is Failed, at once.
    """
    if jobs <= 1 or len(pieces) <= 1:
        for number, piece in enumerate(pieces, 1):
            result = perform(piece)
            on_done(number)
            yield result
        return
    team = _Team(perform, min(jobs, len(pieces)))
    try:
        yield from team.performed(pieces, on_done, lost)
    finally:
        team.end()


class _Raised:
    """In place of a result."""

    __slots__ = ("error",)

    def __init__(self, error: BaseException) -> None:
        self.error = error


class _Worker(Generic[Work]):
    """A process, and which piece it has."""

    __slots__ = ("connection", "number", "process")

    def __init__(self, context: SpawnContext, perform: Callable[[Work], object]) -> None:
        self.connection: Connection[Any, Any]
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, perform), daemon=True)
        self.number = -1
        with without_ctrl_c():
            self.process.start()
        theirs.close()

    def begin(self, number: int, piece: Work) -> None:
        self.number = number
        try:
            self.connection.send(piece)
        except OSError:
            return  # it has ended, and whoever reads from it learns it

    def result(self) -> Any:
        """EOFError when it ended before it had one."""
        try:
            return self.connection.recv()
        except OSError:
            raise EOFError from None

    def end(self) -> None:
        self.process.terminate()
        self.process.join()
        self.process.close()
        self.connection.close()


class _Team(Generic[Work, Result]):
    """The processes of one `in_order`."""

    def __init__(self, perform: Callable[[Work], Result], size: int) -> None:
        self._perform = perform
        self._context = get_context("spawn")
        self._size = size
        self._workers: list[_Worker[Work]] = []

    def performed(
        self, pieces: Sequence[Work], on_done: Callable[[int], object], lost: Callable[[Work], Result] | None
    ) -> Iterator[Result]:
        results: dict[int, Result | _Raised] = {}
        given = taken = 0
        for given, piece in enumerate(pieces[: self._size], 1):
            self._hire().begin(given - 1, piece)
        while taken < len(pieces):
            busy = {worker.connection: worker for worker in self._workers if worker.number >= 0}
            for ready in wait(list(busy)):
                assert isinstance(ready, Connection)
                worker = busy[ready]
                number, worker.number = worker.number, -1
                try:
                    results[number] = worker.result()
                except EOFError:
                    if lost is None:
                        raise Failed(
                            WorldsRefusal.WORKER_LOST, "", done=taken + len(results), total=len(pieces)
                        ) from None
                    results[number] = lost(pieces[number])
                    self._dismiss(worker)
                    if given < len(pieces):
                        worker = self._hire()
                if given < len(pieces):
                    worker.begin(given, pieces[given])
                    given += 1
                on_done(taken + len(results))
            while taken in results:
                result = results.pop(taken)
                taken += 1
                if isinstance(result, _Raised):
                    raise result.error
                yield result

    def end(self) -> None:
        """No process is left, whatever it was doing."""
        while self._workers:
            self._workers.pop().end()

    def _hire(self) -> _Worker[Work]:
        worker = _Worker(self._context, self._perform)
        self._workers.append(worker)
        return worker

    def _dismiss(self, worker: _Worker[Work]) -> None:
        self._workers.remove(worker)
        worker.end()


def _work(connection: Connection[Any, Any], perform: Callable[[Any], object]) -> None:
    """The life of a process: a piece, its result, the next piece, until nobody has any more."""
    try:
        while True:
            piece = connection.recv()
            try:
                result = perform(piece)
            except Exception as error:  # whatever it is: it is raised where the piece came from
                result = _raised(error)
            _send(connection, result)
    except (EOFError, OSError):
        return  # whoever started it has ended


def _send(connection: Connection[Any, Any], result: object) -> None:
    """OSError when nobody is there any more. What is no data, a result or an error, is told as its own text."""
    try:
        connection.send(result)
    except OSError:
        raise
    except Exception as error:
        said = result.error if isinstance(result, _Raised) else error
        connection.send(_Raised(RuntimeError("".join(traceback.format_exception(said)).rstrip())))


def _raised(error: Exception) -> _Raised:
    """With where it was raised, which does not pass between processes by itself."""
    error.add_note("".join(traceback.format_exception(error)).rstrip())
    return _Raised(error)


@contextmanager
def without_ctrl_c() -> Iterator[None]:
    """Ctrl-C waits, and does not come at all to a process that is started meanwhile: it is for whoever started it."""
    resource_tracker.ensure_running()  # begun with the first process, it would let Ctrl-C through to that one
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
