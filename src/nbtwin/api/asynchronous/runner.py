"""Runs what a lab is asked in threads of its own, for a caller with an event loop that must not wait.

A call that is cancelled ends in its thread as well, and does not hold up the next. Knows threads and the loop; what is
asked it does not know: `faces` has the names.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any, Self, TypeVar

from nbtwin.api.cancelling import Cancelled, Cancelling
from nbtwin.api.conditions import Condition
from nbtwin.api.errors import LabClosed

R = TypeVar("R")
THREADS = 8
"""Of a lab that others run or that has a thread of its own; one that jumps is asked by one at a time."""


class Runner:
    """One lab's. ``wraps``: the asynchronous face of each synchronous one."""

    def __init__(self, threads: int, wraps: Mapping[type, type[AsyncFace]]) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="nbtwin-async")
        self._wraps = wraps
        self._lock = threading.Lock()
        self._closed = False
        self._running: set[Cancelling] = set()
        self._begun: list[Future[Condition]] = []  # conditions that have still to look at what is there now

    async def run(self, call: Callable[[], R]) -> R:
        """What it gives, or raises, in a thread."""
        for begun in [one for one in self._begun if not one.done()]:
            await asyncio.wait([asyncio.wrap_future(begun)])
        self._begun = [one for one in self._begun if not one.done()]
        if self._closed:
            raise LabClosed
        cancelling = Cancelling()
        future = self._executor.submit(self._work, cancelling, call)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            cancelling.cancel()
            raise
        except Cancelled:
            raise LabClosed from None

    def _work(self, cancelling: Cancelling, call: Callable[[], R]) -> R:
        with self._lock:
            self._running.add(cancelling)
        try:
            with cancelling.in_this_thread():
                return call()
        finally:
            with self._lock:
                self._running.discard(cancelling)

    def begin(self, make: Callable[[], Condition]) -> Future[Condition]:
        """Make a condition, before anything that is asked from now on."""
        if self._closed:
            raise LabClosed
        future = self._executor.submit(make)
        self._begun.append(future)
        return future

    def close(self) -> None:
        """What is under way ends; the threads are gone."""
        self._closed = True
        with self._lock:
            running = list(self._running)
        for cancelling in running:
            cancelling.cancel()
        self._executor.shutdown(cancel_futures=True)

    def given(self, value: Any) -> Any:
        """An argument, as the synchronous face takes it; within a thread."""
        if isinstance(value, AsyncFace):
            return value.face()
        return value._made() if isinstance(value, AsyncCondition) else value

    def shown(self, value: Any) -> Any:
        """What the synchronous face gives, as the caller gets it; within a thread."""
        if type(value) in self._wraps:
            return self._wraps[type(value)](self, lambda: value)
        if isinstance(value, Mapping):
            return {key: self.shown(one) for key, one in value.items()} if self._has_faces(value.values()) else value
        if isinstance(value, list | tuple):
            return [self.shown(one) for one in value] if self._has_faces(value) else value
        return [self.shown(one) for one in value] if isinstance(value, Iterator) else value

    def _has_faces(self, values: Any) -> bool:
        return any(type(one) in self._wraps for one in values)


class AsyncFace:
    """Base of the asynchronous faces. ``face`` gives the synchronous one, within a thread."""

    def __init__(self, runner: Runner, face: Callable[[], Any]) -> None:
        self._runner, self.face = runner, face

    async def _call(self, method: str, /, *positional: Any, **named: Any) -> Any:
        runner = self._runner

        def call() -> Any:
            arguments = [runner.given(value) for value in positional]
            more = {key: runner.given(value) for key, value in named.items()}
            return runner.shown(getattr(self.face(), method)(*arguments, **more))

        return await runner.run(call)

    async def _get(self, name: str) -> Any:
        return await self._runner.run(lambda: self._runner.shown(getattr(self.face(), name)))

    async def _set(self, name: str, value: Any) -> None:
        await self._runner.run(lambda: setattr(self.face(), name, value))

    def _condition(self, method: str, /, *positional: Any, **named: Any) -> AsyncCondition:
        make = partial(lambda: getattr(self.face(), method)(*positional, **named))
        return AsyncCondition(self._runner, self._runner.begin(make))


class AsyncCondition:
    """As `nbtwin.Condition`: ``await condition`` asks once, now; ``await lab.run_until(condition, …)`` waits for it."""

    def __init__(self, runner: Runner, future: Future[Condition]) -> None:
        self._runner, self._future = runner, future

    def _made(self) -> Condition:
        """The condition itself; within a thread, when it has been begun."""
        return self._future.result()

    def __await__(self) -> Any:
        return self._runner.run(lambda: bool(self._made())).__await__()

    def __and__(self, other: AsyncCondition) -> AsyncCondition:
        return self._joined(lambda: self._made() & other._made(), other)

    def __or__(self, other: AsyncCondition) -> AsyncCondition:
        return self._joined(lambda: self._made() | other._made(), other)

    def __invert__(self) -> AsyncCondition:
        return self._joined(lambda: ~self._made())

    def _joined(self, make: Callable[[], Condition], *others: AsyncCondition) -> AsyncCondition:
        parts: Sequence[Future[Condition]] = [self._future, *(other._future for other in others)]

        def joined() -> Condition:
            wait(parts)
            return make()

        return AsyncCondition(self._runner, self._runner.begin(joined))


class AsyncOpened(AsyncFace):
    """A lab that is opened when it is first asked, and closed once."""

    def __init__(self, wraps: Mapping[type, type[AsyncFace]], threads: int, opening: Callable[[], Any]) -> None:
        self._opening, self._opened, self._closed = opening, None, False
        self._opening_lock = threading.Lock()
        super().__init__(Runner(threads, wraps), self._open)

    def _open(self) -> Any:
        with self._opening_lock:
            if self._opened is None:
                self._opened = self._opening()
            return self._opened

    async def __aenter__(self) -> Self:
        try:
            await self._runner.run(self._open)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def _end(self) -> None:
        """Whatever happens to the caller meanwhile."""
        if self._closed:
            return
        self._closed = True
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, self._shut))

    def _shut(self) -> None:
        self._runner.close()
        if self._opened is not None:
            self._opened.close()
