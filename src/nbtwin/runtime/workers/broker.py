"""NATS between the nodes of one database: what they ask each other, and what they tell all (D219).

A client in a thread of its own, with its own loop: whoever asks may be on any thread, and waits. Subjects begin with
the cluster's number, so that a server may be shared: ``nbtwin.<cluster>.ask.<node>`` for questions with an answer,
``.tell.<node>`` for what has none, ``.facts.<node>`` for what a node has committed, ``.changed.<node>`` for what was
changed there by a request (D203), ``.back.<node>`` for one that is connected again. Nothing that must not be lost goes
this way: a broker that is away costs the nodes each other's answers and news, and no device.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from nbtwin.engine import Seconds
from nbtwin.foreign import Detail, SystemRefusal, detail_of
from nbtwin.runtime.errors import Failed, LabRefusal, LabTrouble

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

_log = logging.getLogger("nbtwin.runtime")

PATIENCE: Seconds = 5
"""With the answer of another node."""
_RECONNECT_AFTER: Seconds = 0.5
_FIRST_ANSWER: Seconds = 3
_UNANSWERED: Detail = {"code": str(SystemRefusal.ETIMEDOUT)}
_PING_EVERY = 2
"""Seconds; a broker that has not answered two is away."""


class BrokerAway(Exception):
    """There is no connection to it."""


class NodeAway(Exception):
    """Nobody answers in its name."""


class Taker(NamedTuple):
    """Who takes what the broker brings."""

    answer: Callable[[bytes], bytes]
    """A question; on one of several threads, as are the next one and the last one."""
    told: Callable[[bytes], object]
    facts: Callable[[bytes], object]
    changed: Callable[[bytes], object]
    back: Callable[[], object]
    """The connection is there (again), or another node's is."""
    away: Callable[[], object]
    """There is none any more; on one of several threads, as the one before."""


class Broker:
    """From `start` to `close`. Takers are called on its thread, where they do not say otherwise."""

    reached = False
    """Once since the start, at least."""

    def __init__(self, url: str, node: str, taker: Taker) -> None:
        self._url, self.node, self._taker = url, node, taker
        self._why: Detail = _UNANSWERED  # the last attempt failed
        self._tried = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._client: Client | None = None
        self._prefix = ""
        self._answering: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="nbtwin broker", daemon=True)

    def start(self, cluster: int) -> None:
        """It connects by itself, now or later."""
        try:
            import nats  # noqa: F401
        except ModuleNotFoundError as error:
            raise Failed(LabRefusal.BROKER_DRIVER, "--nats") from error
        self._prefix = f"nbtwin.{cluster:x}"
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._connect(), self._loop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    async def _connect(self) -> None:
        import nats
        from nats.errors import Error

        while self._client is None:
            try:
                self._client = await nats.connect(
                    self._url, name=f"nbtwin {self.node}", max_reconnect_attempts=-1, ping_interval=_PING_EVERY,
                    reconnect_time_wait=_RECONNECT_AFTER, max_outstanding_pings=2, connect_timeout=2,
                    error_cb=self._on_error, disconnected_cb=self._on_disconnected, reconnected_cb=self._on_connected,
                    allow_reconnect=True, pending_size=0,
                )  # fmt: skip
            except (Error, OSError) as error:
                await self._on_error(error)
                await asyncio.sleep(_RECONNECT_AFTER)
        await self._client.subscribe(f"{self._prefix}.ask.{self.node}", cb=self._on_ask)
        await self._client.subscribe(f"{self._prefix}.tell.{self.node}", cb=self._on_tell)
        await self._client.subscribe(f"{self._prefix}.facts.*", cb=self._on_facts)
        await self._client.subscribe(f"{self._prefix}.changed.*", cb=self._on_changed)
        await self._client.subscribe(f"{self._prefix}.back.*", cb=self._on_back)
        with contextlib.suppress(Error, TimeoutError):  # it has gone again: the client subscribes when it is back
            await self._client.flush()
        await self._on_connected()

    # what others say

    async def _on_ask(self, message: Msg) -> None:
        async def answer() -> None:
            said = await asyncio.to_thread(self._taker.answer, message.data)
            await message.respond(said)

        self._begin(answer())

    def _begin(self, what: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(what)
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _on_tell(self, message: Msg) -> None:
        await asyncio.to_thread(self._taker.told, message.data)

    async def _on_facts(self, message: Msg) -> None:
        if not self._is_own(message):
            self._taker.facts(message.data)

    async def _on_changed(self, message: Msg) -> None:
        if not self._is_own(message):
            await asyncio.to_thread(self._taker.changed, message.data)

    async def _on_back(self, message: Msg) -> None:
        if not self._is_own(message):
            await asyncio.to_thread(self._taker.back)

    def _is_own(self, message: Msg) -> bool:
        return bool(message.subject.rpartition(".")[2] == self.node)

    async def _on_connected(self) -> None:
        level = logging.WARNING if self._tried.is_set() else logging.INFO  # else nobody has been told that it was away
        _log.log(level, "connected to the broker of the nodes")
        self.reached = True
        self._tried.set()
        self._publish(f"{self._prefix}.back.{self.node}", b"")
        await asyncio.to_thread(self._taker.back)

    async def _on_disconnected(self) -> None:
        _log.warning("the broker of the nodes is away: this node goes on, and asks no other one")
        await asyncio.to_thread(self._taker.away)

    async def _on_error(self, error: Exception) -> None:
        self._why = _UNANSWERED if isinstance(error, TimeoutError) else detail_of(error)
        self._tried.set()
        _log.debug("broker: %s", error)

    # what is said to others

    @property
    def connected(self) -> bool:
        client = self._client
        return client is not None and client.is_connected

    @property
    def trouble(self) -> LabTrouble | None:
        """Why the other nodes cannot be asked now; None when they can."""
        if self.connected:
            return None
        place = urlsplit(self._url)
        where = f"{place.scheme}://{place.netloc.rpartition('@')[2]}"  # what is before it is secret
        return LabTrouble(LabRefusal.BROKER_AWAY, where, detail=self._why)

    def wait_until_tried(self) -> None:
        """Until it has answered, or has failed to."""
        self._tried.wait(_FIRST_ANSWER)

    def ask(self, node: str, question: bytes) -> bytes:
        """From any thread but the broker's. BrokerAway, NodeAway."""
        from nats.errors import Error

        if not self.connected:
            raise BrokerAway
        client = self._client
        assert client is not None
        asked = client.request(f"{self._prefix}.ask.{node}", question, timeout=PATIENCE)
        try:
            return bytes(self._wait(asked).data)
        except (Error, TimeoutError) as error:
            raise (NodeAway if self.connected else BrokerAway) from error

    def _wait(self, what: Awaitable[Any]) -> Any:
        async def it() -> Any:
            return await what

        return asyncio.run_coroutine_threadsafe(it(), self._loop).result(PATIENCE + 1)

    def tell(self, node: str, what: bytes) -> None:
        self._publish(f"{self._prefix}.tell.{node}", what)

    def publish_facts(self, what: bytes) -> None:
        self._publish(f"{self._prefix}.facts.{self.node}", what)

    def publish_changed(self, what: bytes) -> None:
        self._publish(f"{self._prefix}.changed.{self.node}", what)

    def _publish(self, subject: str, what: bytes) -> None:
        """Or not: whoever is away asks the database later."""

        async def publish() -> None:
            client = self._client
            if client is not None and client.is_connected and len(what) <= client.max_payload:
                with contextlib.suppress(Exception):  # of whatever kind: it is news, and is in the database
                    await client.publish(subject, what)

        with contextlib.suppress(RuntimeError):  # the loop is closed
            asyncio.run_coroutine_threadsafe(publish(), self._loop)

    def close(self) -> None:
        if not self._thread.is_alive():
            return

        async def end() -> None:
            if self._client is not None:
                with contextlib.suppress(Exception):  # it is away
                    await asyncio.wait_for(self._client.close(), 2)
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()

        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(end(), self._loop).result(4)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(4)
