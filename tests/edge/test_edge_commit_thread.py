"""Commits of a live lab run in a thread: what waits for the database, and what does not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from lab_peers import EchoPlatform, ToyModule

from nbtwin.edge.commit_thread import CommitThread
from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.edge.simulated_runtime import SimulatedRuntime
from nbtwin.engine import Address, Seconds
from nbtwin.lab.hold import CommitFailed, CommitRecovered
from nbtwin.lab.nodes import Node
from nbtwin.lab.observers import LabObserver

pytestmark = pytest.mark.asyncio
LOOPBACK = "127.0.0.1"
CMDMP, TELECOM = "117.161.2.41", "zhc.vnet.cn"


class SlowStore:
    """Its commits go on for as long as the test wants."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.may_end.set()
        self.refuses: Exception | None = None
        self.batches: list[list[Any]] = []
        self.threads: set[str] = set()
        self.begins: Callable[[], object] = lambda: None

    def commit(self, events: Sequence[Any]) -> None:
        self.threads.add(threading.current_thread().name)
        self.begins()
        assert self.may_end.wait(30)
        if self.refuses is not None:
            raise self.refuses
        self.batches.append(list(events))


class Watch(LabObserver):
    def __init__(self) -> None:
        self.told: list[Any] = []
        self.changed = asyncio.Event()

    def event(self, at: Seconds, node: Node, event: Any) -> None:
        self.told.append(event)
        self.changed.set()

    def serial_out(self, at: Seconds, node: Node, data: bytes) -> None:
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await self.changed.wait()
                self.changed.clear()


class Platform(EchoPlatform):
    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        super().handle_datagram(now, source, data)
        self._watch.changed.set()


class Lab:
    """Two platforms on one store, and a module."""

    def __init__(self) -> None:
        self.store, self.watch = SlowStore(), Watch()
        self.world = live_world()
        self.world.observers.append(self.watch)
        self.live = LiveRuntime(self.world)
        self.live.open()
        self.seconds: list[float] = []
        self.commits = CommitThread(self.store.commit, lambda event: event.data != b"aside", self.seconds.append)
        self.module = ToyModule()
        self.node = self.world.add_module("bc28", self.module)
        self.platforms = [Platform(self.watch), Platform(self.watch)]
        loop = asyncio.get_running_loop()
        self.store.begins = lambda: loop.call_soon_threadsafe(self.watch.changed.set)
        self.cmdmp, self.telecom = [
            self.live.add_platform(name, engine, (LOOPBACK, 0), operator=name, commit=self.commits)
            for name, engine in zip(("cmdmp", "telecom"), self.platforms, strict=True)
        ]

    def say(self, line: str) -> None:
        self.world.serial(self.node, line.encode() + b"\r")

    def heard(self) -> list[bytes]:
        return [data for *_, data in self.module.heard]


@asynccontextmanager
async def lab() -> AsyncIterator[Lab]:
    made = Lab()
    try:
        yield made
    finally:
        made.store.may_end.set()
        made.live.close()
        assert await made.commits.close()


async def test_while_a_commit_hangs_the_serial_line_and_what_needs_no_commit_go_on() -> None:
    async with lab() as made:
        made.store.may_end.clear()
        made.say(f"AT+SEND={CMDMP},5683,one")
        await made.watch.until(lambda: made.cmdmp.hold.committing)
        made.node.take_serial()
        made.say("AT")
        assert b"OK" in made.node.take_serial()
        telecom = made.telecom.address
        made.say(f"AT+SEND={telecom[0]},{telecom[1]},aside")
        await made.watch.until(lambda: made.heard() == [b"echo aside"])
        made.store.may_end.set()
        await made.watch.until(lambda: made.heard() == [b"echo aside", b"echo one"])
        assert made.store.threads == {"nbtwin commits"}


async def test_what_comes_while_a_commit_is_under_way_is_committed_together() -> None:
    async with lab() as made:
        made.store.may_end.clear()
        for word in ("one", "two", "three"):
            made.say(f"AT+SEND={CMDMP},5683,{word}")
            await made.watch.until(lambda: made.cmdmp.hold.committing)
        await made.watch.until(lambda: len(made.platforms[0].heard) == 3)
        made.store.may_end.set()
        await made.watch.until(lambda: len(made.heard()) == 3)
        assert [[event.data for event in batch] for batch in made.store.batches] == [[b"one"], [b"two", b"three"]]
        assert len(made.seconds) == 2


async def test_a_store_that_fails_is_asked_again_and_then_the_answer_leaves() -> None:
    async with lab() as made:
        made.store.refuses = OSError("gone")
        made.say(f"AT+SEND={CMDMP},5683,one")
        await made.watch.until(lambda: any(isinstance(event, CommitFailed) for event in made.watch.told))
        assert str(made.cmdmp.hold.error) == "gone"
        assert made.heard() == []
        made.store.refuses = None
        await made.live.advance(1.0)  # the retry falls due
        await made.watch.until(lambda: made.heard() == [b"echo one"])
        assert any(isinstance(event, CommitRecovered) for event in made.watch.told)
        assert made.cmdmp.hold.error is None


async def test_an_advance_stands_still_while_a_commit_is_under_way() -> None:
    """Else a platform would answer, to a module that lives in jumps, days late."""
    async with lab() as made:
        began = made.world.now
        made.store.may_end.clear()
        made.say(f"AT+SEND={CMDMP},5683,one")
        await made.watch.until(lambda: made.cmdmp.hold.committing)
        held_at = made.world.now
        advancing = asyncio.ensure_future(made.live.advance(3600))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not advancing.done()
        assert made.world.now - held_at < 60, "real time, not the hour"
        made.store.may_end.set()
        await advancing
        ((at, *_),) = made.module.heard
        assert at - held_at < 60
        assert made.world.now >= began + 3600


async def test_an_advance_that_waits_for_a_commit_can_be_stopped() -> None:
    async with lab() as made:
        made.store.may_end.clear()
        made.say(f"AT+SEND={CMDMP},5683,one")
        await made.watch.until(lambda: made.cmdmp.hold.committing)
        advancing = asyncio.ensure_future(made.live.advance(3600))
        await asyncio.sleep(0)
        made.live.stop_advance()
        async with asyncio.timeout(60):
            await advancing
        assert made.cmdmp.hold.committing


async def test_the_thread_ends_after_what_it_was_given_and_a_commit_that_hangs_is_not_waited_for() -> None:
    store = SlowStore()
    ended: list[Exception | None] = []
    commits = CommitThread(store.commit, lambda event: True)
    for number in range(3):
        commits.submit([number], ended.append)
    assert await commits.close()
    await commits.idle()
    assert (store.batches, ended) == ([[0], [1], [2]], [None, None, None])
    assert "nbtwin commits" not in {thread.name for thread in threading.enumerate()}

    hanging = CommitThread(store.commit, lambda event: True)
    store.may_end.clear()
    hanging.submit([3], ended.append)
    assert not await hanging.close(0.01)
    assert hanging.busy_for > 0
    store.may_end.set()
    await hanging.idle()
    assert hanging.busy_for == 0


async def test_a_simulated_lab_commits_within_the_drain() -> None:
    store = SlowStore()
    world = live_world()
    runtime = SimulatedRuntime(world)
    runtime.open()
    module, platform = ToyModule(), EchoPlatform()
    node = world.add_module("bc28", module)
    world.add_platform("cmdmp", platform, operator="cmdmp", commit=store.commit)
    world.ask(node, f"AT+SEND={CMDMP},5683,one")
    await runtime.advance(1.0)
    runtime.close()
    assert [data for *_, data in module.heard] == [b"echo one"]
    assert store.threads == {threading.current_thread().name}
