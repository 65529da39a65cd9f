"""A process of its own that folds a lab's journal into its database: the loop keeps the interpreter for itself.

A thread that folds takes its turns at the interpreter: half of them within a batch of datagrams, at each of its system
calls, so that an answer waits twenty times as long as it takes to make (D182). This process reads the records from the
journal's files, in the places that it is told, and commits them with their number, as the thread would. The thread
waits for it, and does the work itself again when it is gone.

It is begun when there is much to fold for the first time; a lab of a few modules never has it. It holds the lab's claim
of the database as well, so that nobody writes while it does; and it ends when the lab does, however that ended.

Started as ``python -m nbtwin.runtime.fold_process``; an order and its outcome are a line of JSON each.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

import nbtwin
from nbtwin.engine import CodedError, Seconds
from nbtwin.foreign import detail_of
from nbtwin.operators.store.database import Durability, StoreError, StoreLocked, StoreRefusal
from nbtwin.operators.store.folding import Helper, HelperGone
from nbtwin.operators.store.journal import Place, read
from nbtwin.operators.store.journal_format import EventDecoder
from nbtwin.operators.store.sqlite import SqliteDatabase
from nbtwin.operators.store.store import KEPT, Store

T = TypeVar("T")

_log = logging.getLogger("nbtwin.store")

NICE = 15
"""Answers go first, unless it is urgent. With less of it the loop, when it has work while this process computes, waits
for the kernel's next tick, 4 ms. Linux has it by thread: who has given way once never gets it back."""
_LOOK_EVERY: Seconds = 0.1
_LONGEST_END: Seconds = 10


class _Task(msgspec.Struct):
    """What the process is for."""

    database: str
    epoch: Seconds
    full: bool  # each commit waits for the disk
    counter: str
    parent: int


class _Order(msgspec.Struct):
    places: list[tuple[str, int, int]]
    number: int
    urgent: bool = False


class _Outcome(msgspec.Struct):
    refusal: str | None = None
    where: str = ""
    fields: dict[str, Any] = {}
    locked: bool = False

    def tell(self) -> None:
        if self.refusal is not None:
            raise (StoreLocked if self.locked else StoreError)(StoreRefusal(self.refusal), self.where, **self.fields)


_encode = msgspec.json.encode
_order_in = msgspec.json.Decoder(_Order).decode
_outcome_in = msgspec.json.Decoder(_Outcome).decode


def helper_of(store: Store, durability: Durability) -> Helper | None:
    """For a file of SQLite; a server has processes of its own."""
    database, folding = store.database, store.folding
    if folding is None or not isinstance(database, SqliteDatabase) or not sys.executable:
        return None
    return FoldProcess(database, store.epoch, folding.journal.counter, full=durability != "process")


class FoldProcess(Helper):
    """From the first `fold` on. Its thread is the one that folds."""

    def __init__(self, database: SqliteDatabase, epoch: Seconds, counter: str, *, full: bool) -> None:
        self._database = database
        self._task = _Task(database.name, epoch, full, counter, os.getpid())
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None

    def fold(self, places: Sequence[Place], number: int, *, urgent: bool) -> None:
        try:
            if self._process is None:
                self._process = self._start()
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            order = _Order([(str(place.path), place.offset, place.size) for place in places], number, urgent)
            self._process.stdin.write(_encode(order) + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError as error:
            _log.warning("the process that folds the journal is not there, the lab folds it from now on: %s", error)
            raise HelperGone from error
        if not line.endswith(b"\n"):
            _log.warning("the process that folds the journal has ended: the lab folds it from now on")
            raise HelperGone
        _outcome_in(line).tell()

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_LONGEST_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _start(self) -> subprocess.Popen[bytes]:
        sources = str(Path(nbtwin.__file__).parents[1])
        path = os.pathsep.join(filter(None, (sources, os.environ.get("PYTHONPATH"))))
        claimed = self._database.held_lock
        return subprocess.Popen(
            [sys.executable, "-m", __name__, _encode(self._task).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            pass_fds=() if claimed is None else (claimed,),
        )


def _run(task: _Task) -> None:
    """Orders from standard input, outcomes to standard output, until there are no more."""
    from nbtwin.edge.huge_pages import HugePages  # here: a lab imports this file, and needs none of it

    database = SqliteDatabase(task.database, "full" if task.full else "normal")
    store, decoder = Store(database, task.epoch), EventDecoder(KEPT)
    gives_way = ThreadPoolExecutor(1, "nbtwin gives way", partial(os.nice, NICE))
    gives_way.submit(HugePages().start)  # a thread begins as nice as who starts it

    def perform(work: Callable[[], T], urgent: bool) -> T:
        return work() if urgent else gives_way.submit(work).result()

    for line in sys.stdin.buffer:
        order = _order_in(line)
        outcome = perform(partial(_done, store, decoder, task.counter, order), order.urgent)
        sys.stdout.buffer.write(_encode(outcome) + b"\n")
        sys.stdout.buffer.flush()
        with contextlib.suppress(StoreError):  # the next commit tells
            perform(database.checkpoint, order.urgent)
    if os.getppid() != task.parent:
        os._exit(1)  # at once: whoever opens the database next must not find it closing
    store.close()


def _done(store: Store, decoder: EventDecoder, counter: str, order: _Order) -> _Outcome:
    try:
        places = (Place(Path(path), offset, size) for path, offset, size in order.places)
        events = (event for place in places for event in read(place, decoder))
        store.commit(events, (counter, order.number))
    except StoreError as error:
        return _refused(error, isinstance(error, StoreLocked))
    except Exception as error:  # of whatever kind: the records are in the journal, and it is tried again
        return _refused(StoreError(StoreRefusal.FAILED, store.path, detail=detail_of(error)), locked=False)
    return _Outcome()


def _refused(error: CodedError, locked: bool) -> _Outcome:
    return _Outcome(str(error.code), error.where, error.fields, locked)


def _end_with(parent: int) -> None:
    """Whoever comes next must not find two who write."""
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    os._exit(1)


def main() -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # who ends the lab ends this with its last order
    gc.set_threshold(50_000, 20, 20)
    task = msgspec.json.decode(sys.argv[1], type=_Task)
    threading.Thread(target=_end_with, args=(task.parent,), daemon=True).start()
    _run(task)


if __name__ == "__main__":
    main()
