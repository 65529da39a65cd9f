"""`host.Module` for asyncio. A thread of its own has the line: it asks, one command at a time, and listens in between.

Knows threads and the loop; what is asked it leaves to the synchronous face.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from nbtwin.engine import Seconds
from nbtwin.host.commands.asynchronous import (
    AsyncAndlinkCommands,
    AsyncCmdmpCommands,
    AsyncExtendedCommands,
    AsyncPowerCommands,
    AsyncSelfRegistrationCommands,
)
from nbtwin.host.driver import AnswerReceived, ModuleStarted, UrcReceived
from nbtwin.host.errors import HostError, HostRefusal
from nbtwin.host.line import LineEvent
from nbtwin.host.module import Module

R = TypeVar("R")
MOMENT: Seconds = 0.02
"""How long the thread listens before it looks whether something is asked."""
KEPT = 100_000
"""Events that wait for a reader; the oldest go."""


@dataclass
class _Order:
    """A call that the thread is to make, and who waits for it."""

    job: Callable[[Module], Any]
    future: Future[Any] = field(default_factory=Future)

    def do(self, module: Module) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            self.future.set_result(self.job(module))
        except Exception as error:
            self.future.set_exception(error)
            if isinstance(error, HostError) and error.code in (HostRefusal.LOST, HostRefusal.TAKEN):
                raise


class _Stream:
    """One reader's. None ends it."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[tuple[Seconds, LineEvent] | None] = asyncio.Queue()
        self.failure: BaseException | None = None

    def put(self, item: tuple[Seconds, LineEvent] | None) -> None:
        if self.events.qsize() >= KEPT:
            self.events.get_nowait()
        self.events.put_nowait(item)


class AsyncModule:
    """Made by `connect_async` and `over_async`, and opened by ``async with`` or `open`."""

    def __init__(self, opening: Callable[[], Module]) -> None:
        self._opening = opening
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._streams: list[_Stream] = []
        self._thread: threading.Thread | None = None
        self._module: Module | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: HostError | None = None
        self._lock = threading.Lock()
        self.cmdmp = AsyncCmdmpCommands(self)
        self.extended = AsyncExtendedCommands(self)
        self.self_registration = AsyncSelfRegistrationCommands(self)
        self.andlink = AsyncAndlinkCommands(self)
        self.power = AsyncPowerCommands(self)

    async def open(self) -> Self:
        self._loop = asyncio.get_running_loop()
        opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._work, args=(opened,), name="nbtwin-host", daemon=True)
        self._thread.start()
        try:
            await asyncio.wrap_future(opened)
        except BaseException:
            await self.close()
            raise
        return self

    async def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            self._orders.put(None)
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, thread.join))

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def module(self) -> Module:
        """The synchronous face; what is asked of it is asked in `call`."""
        if self._module is None:
            raise HostError(HostRefusal.CLOSED)
        return self._module

    @property
    def name(self) -> str:
        return self.module.name

    @property
    def model(self) -> str:
        """Empty: not known."""
        return self.module.model

    @property
    def baud(self) -> int | None:
        return self.module.baud

    # commands

    async def send(self, line: str, *, data: bytes | None = None, within: Seconds | None = None) -> AnswerReceived:
        """As `Module.send`. One that is cancelled once it has gone out is answered all the same, before the next."""
        return await self.call(lambda module: module.send(line, data=data, within=within))

    async def ask(self, line: str, *, data: bytes | None = None, within: Seconds | None = None) -> AnswerReceived:
        """As `Module.ask`."""
        return await self.call(lambda module: module.ask(line, data=data, within=within))

    async def write(self, data: bytes) -> None:
        """As `Module.write`."""
        await self.call(lambda module: module.write(data))

    async def wait_for_urc(self, prefix: str, within: Seconds) -> str | None:
        """As `Module.wait_for_urc`; commands wait meanwhile: `urcs` has a stream beside them."""
        return await self.call(lambda module: module.wait_for_urc(prefix, within))

    async def wait_for_start(self, within: Seconds) -> ModuleStarted | None:
        """As `Module.wait_for_start`."""
        return await self.call(lambda module: module.wait_for_start(within))

    async def listen(self, within: Seconds = 0.0) -> None:
        """As `Module.listen`: where time is simulated it passes here."""
        await self.call(lambda module: module.listen(within))

    async def call(self, job: Callable[[Module], R]) -> R:
        """Whatever is asked of the synchronous face, in the line's thread."""
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._thread is None or self._module is None:
                raise HostError(HostRefusal.CLOSED)
            order = _Order(job)
            self._orders.put(order)
        answer: R = await asyncio.wrap_future(order.future)
        return answer

    # what it says by itself

    async def events(self) -> AsyncIterator[tuple[Seconds, LineEvent]]:
        """Everything that is seen at the line from now on. HostError when it is lost."""
        stream = self._subscribe()
        try:
            while (item := await stream.events.get()) is not None:
                yield item
        finally:
            if stream in self._streams:
                self._streams.remove(stream)
        if stream.failure is not None:
            raise stream.failure

    async def urcs(self) -> AsyncIterator[str]:
        """What it says by itself from now on."""
        async for _, event in self.events():
            if isinstance(event, UrcReceived):
                yield event.text

    def _subscribe(self) -> _Stream:
        stream = _Stream()
        if self._failure is not None or self._thread is None:
            stream.failure = self._failure
            stream.put(None)
        else:
            self._streams.append(stream)
        return stream

    # in the thread

    def _work(self, opened: Future[None]) -> None:
        try:
            self._module = module = self._opening()
        except BaseException as error:
            opened.set_exception(error)
            return
        module.watch(self._tell)
        opened.set_result(None)
        failure: HostError | None = None
        try:
            self._serve(module)
        except HostError as error:
            failure = error
        finally:
            module.close()
            self._end(failure)

    def _serve(self, module: Module) -> None:
        while True:
            order: _Order | None = None
            try:
                order = self._orders.get(block=not module.transport.is_live)
            except queue.Empty:
                module.listen(MOMENT)
                continue
            if order is None:
                return
            order.do(module)

    def _tell(self, at: Seconds, event: LineEvent) -> None:
        self._on_loop(lambda: self._hand_on(at, event))

    def _hand_on(self, at: Seconds, event: LineEvent) -> None:
        for stream in self._streams:
            stream.put((at, event))

    def _end(self, failure: HostError | None) -> None:
        """Whoever waits is told; nobody is let in any more."""
        with self._lock:
            self._failure = failure or HostError(HostRefusal.CLOSED, self.name)
            while not self._orders.empty():
                order = self._orders.get()
                if order is not None and order.future.set_running_or_notify_cancel():
                    order.future.set_exception(self._failure)

        def end() -> None:
            for stream in self._streams:
                stream.failure = failure
                stream.put(None)

        self._on_loop(end)

    def _on_loop(self, call: Callable[[], object]) -> None:
        assert self._loop is not None
        with suppress(RuntimeError):  # it has been closed: nobody waits
            self._loop.call_soon_threadsafe(call)
