"""What is done to many devices at once: device by device, with what became of each. The newest few are in memory.

An order goes out to so many devices at a time; one for a sleeping device waits in its queue, which the store keeps
(`device_management`): a batch that is forgotten takes nothing back. Knows no route and no request.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from nbtwin.edge.turns import TURN, in_turns
from nbtwin.engine import CodedError, Fact, Seconds
from nbtwin.lab.nodes import Node
from nbtwin.lab.observers import LabObserver
from nbtwin.operators import events as ev
from nbtwin.operators.refusals import PlatformError, PlatformRefusal
from nbtwin.operators.store.store import StoreError
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.operations import Cause, cause_of

KEPT = 20
"""Batches of a lab; the oldest that are over go first."""
IN_A_TRANSACTION = 100
"""Devices of which something is changed in the store alone."""


A_WHILE: Seconds = 1
"""Of the wall clock, for which whoever begins one waits until its devices are asked."""
TOLD_EVERY: Seconds = 0.25
"""Of the wall clock."""

Act: TypeAlias = Literal["operate", "label", "take-back", "deregister", "forget"]


class RowState(StrEnum):
    WAITING = "waiting"  # for its turn
    ASKED = "asked"
    QUEUED = "queued"  # until it wakes
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


OPEN = frozenset({RowState.WAITING, RowState.ASKED, RowState.QUEUED})


@dataclass(slots=True)
class Row:
    """One device of a batch."""

    device: str
    state: RowState = RowState.WAITING
    ticket: int = 0
    code: str = ""
    value: Any = None
    refusal: Cause | None = None
    at: Seconds | None = None


Ask: TypeAlias = Callable[[str], int]
"""Of a device: the ticket, or 0 when that was all. PlatformError."""
Change: TypeAlias = Callable[[Sequence[str]], Awaitable[object]]
"""Of some devices: all of them, or CodedError."""


def _nobody(device: str) -> int:
    raise NotImplementedError


@dataclass(slots=True, kw_only=True)
class Batch:
    number: int
    platform: str
    act: Act
    about: dict[str, Any]
    """What was asked, for people and programs."""
    by: str
    started_at: Seconds
    at_once: int
    rows: dict[str, Row]
    counts: Counter[RowState]
    ended_at: Seconds | None = None
    stopped: bool = False
    trouble: Cause | None = None
    """It came to an end before its time: the store failed."""
    ask: Ask = _nobody
    to_ask: deque[Row] = field(default_factory=deque)
    is_due: bool = False
    """Somebody is asked soon."""

    def change(self, row: Row, state: RowState, now: Seconds, **fields: Any) -> None:
        self.counts[row.state] -= 1
        self.counts[state] += 1
        row.state, row.at = state, now
        for name, value in fields.items():
            setattr(row, name, value)

    @property
    def open(self) -> int:
        return sum([self.counts[state] for state in OPEN])

    def found(self, state: RowState) -> list[Row]:
        return [row for row in self.rows.values() if row.state is state]


class BatchLog(LabObserver):
    """One lab's. ``tell`` gets the batches that have changed."""

    def __init__(self, lab: LabRuntime, tell: Callable[[Batch], object]) -> None:
        self._lab, self._tell = lab, tell
        self._kept: dict[int, Batch] = {}
        self._numbers = 0
        self._open: dict[tuple[str, int], tuple[Batch, Row]] = {}  # by platform and ticket
        self._running: dict[int, asyncio.Task[None]] = {}
        self._hear: Callable[[Seconds, Fact], object] | None = None  # while one is asked
        self._changed: dict[int, Batch] = {}  # that nobody was told of
        self._timer: asyncio.TimerHandle | None = None

    def of(self, platform: str) -> list[Batch]:
        """The newest first."""
        return [batch for batch in reversed(self._kept.values()) if batch.platform == platform]

    def get(self, platform: str, number: int) -> Batch | None:
        batch = self._kept.get(number)
        return batch if batch is not None and batch.platform == platform else None

    async def begin(
        self, platform: str, act: Act, about: dict[str, Any], devices: Iterable[str], by: str, at_once: int
    ) -> Batch:
        rows = {device: Row(device) async for device in in_turns(devices)}
        self._numbers += 1
        batch = Batch(
            number=self._numbers, platform=platform, act=act, about=about, by=by, at_once=at_once, rows=rows,
            started_at=self._lab.world.now, counts=Counter({RowState.WAITING: len(rows)}),
        )  # fmt: skip
        self._kept[batch.number] = batch
        over = [number for number, one in self._kept.items() if one.ended_at is not None]
        for number in over[: max(0, len(self._kept) - KEPT)]:
            del self._kept[number]
        return batch

    # what is done

    async def ask_each(self, batch: Batch, ask: Ask) -> None:
        """Until so many are asked that others wait for their answers, or for a while: the lab's time does the rest."""
        batch.ask, batch.to_ask = ask, deque(batch.rows.values())
        until = time.perf_counter() + A_WHILE
        while self._ask_some(batch) and time.perf_counter() < until:
            await asyncio.sleep(0)
        if batch.to_ask:
            self._ask_soon(batch)
        self._look(batch)

    def _ask_soon(self, batch: Batch) -> None:
        """At this instant of the lab, behind what happens now."""

        def go_on() -> None:
            batch.is_due = False
            if self._ask_some(batch):
                self._ask_soon(batch)
            self._look(batch)

        if not batch.is_due:
            batch.is_due = True
            self._lab.world.scheduler.call_at(self._lab.world.now, go_on)

    def _ask_some(self, batch: Batch) -> bool:
        """Whether there was only too little time for more."""
        end = time.perf_counter() + TURN
        while batch.to_ask and not batch.stopped and batch.counts[RowState.ASKED] < batch.at_once:
            if time.perf_counter() > end:
                return True
            self._ask(batch, batch.to_ask.popleft())
        return False

    def _ask(self, batch: Batch, row: Row) -> None:
        """What comes of it at once comes before its ticket is known."""
        told: list[tuple[Seconds, Fact]] = []
        self._hear = lambda at, event: told.append((at, event))
        try:
            row.ticket = batch.ask(row.device)
        except PlatformError as error:
            fields = dict(error.fields)
            batch.change(row, RowState.REFUSED, self._lab.world.now, refusal=Cause(code=error.code, fields=fields))
            return
        finally:
            self._hear = None
        batch.change(row, RowState.ASKED if row.ticket else RowState.DONE, self._lab.world.now)
        if not row.ticket:
            return
        self._open[batch.platform, row.ticket] = batch, row
        for at, event in told:
            self._heard(batch.platform, at, event)

    async def change_each(self, batch: Batch, change: Change, wait: Seconds) -> None:
        """In portions, beside the requests; its end is waited for so many seconds of the wall clock."""

        async def run() -> None:
            try:
                await self._changing(batch, change)
            except StoreError as error:
                batch.stopped, batch.trouble = True, Cause(code=error.code, fields=dict(error.fields))
            finally:
                del self._running[batch.number]
                self._look(batch)

        task = self._running[batch.number] = asyncio.create_task(run())
        if wait:
            await asyncio.wait([task], timeout=wait)

    def _tell_soon(self, batch: Batch) -> None:
        self._changed[batch.number] = batch
        if self._timer is None:
            try:
                self._timer = asyncio.get_running_loop().call_later(TOLD_EVERY, self._tell_all)
            except RuntimeError:
                """Nobody reads: a simulated lab of a program."""

    def _tell_all(self) -> None:
        self._timer = None
        changed = list(self._changed.values())
        self._changed.clear()
        for batch in changed:
            self._tell(batch)

    async def _changing(self, batch: Batch, change: Change) -> None:
        rows = list(batch.rows.values())
        for start in range(0, len(rows), IN_A_TRANSACTION):
            if batch.stopped:
                break
            some = rows[start : start + IN_A_TRANSACTION]
            try:
                await change([row.device for row in some])
            except StoreError:
                raise
            except CodedError as error:
                for row in some:
                    await self._change_one(batch, row, change, error)
            else:
                for row in some:
                    batch.change(row, RowState.DONE, self._lab.world.now)
            self._tell_soon(batch)

    async def _change_one(self, batch: Batch, row: Row, change: Change, error: CodedError) -> None:
        """One of them does not let it be done: each is tried alone."""
        try:
            await change([row.device])
        except StoreError:
            raise
        except CodedError as why:
            refusal = Cause(code=why.code, fields=dict(why.fields))
            batch.change(row, RowState.REFUSED, self._lab.world.now, refusal=refusal)
        else:
            batch.change(row, RowState.DONE, self._lab.world.now)

    async def stop(self, batch: Batch, take_back: Callable[[str, int], object]) -> None:
        """Nobody further is asked, and what waits in queues is taken back; who was asked still answers."""
        batch.stopped = True
        if (task := self._running.get(batch.number)) is not None:
            await asyncio.wait([task])
        async for row in in_turns(batch.found(RowState.QUEUED)):
            try:
                take_back(row.device, row.ticket)
            except PlatformError:
                """It has left this instant."""
        async for row in in_turns(batch.found(RowState.WAITING)):
            batch.change(row, RowState.CANCELLED, self._lab.world.now)
        self._look(batch)

    def _look(self, batch: Batch) -> None:
        """Whether it is over."""
        if batch.stopped and batch.number not in self._running:
            for row in batch.found(RowState.WAITING):
                batch.change(row, RowState.CANCELLED, self._lab.world.now)
        if batch.number not in self._running and not batch.open and batch.ended_at is None:
            batch.ended_at = self._lab.world.now
        self._tell_soon(batch)

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # the observer

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        if not self._open and self._hear is None:
            return
        for event in events:
            if isinstance(event, ev.CommandQueued | ev.CommandSent | ev.OperationAnswered) and event.ticket:
                if self._hear is not None:
                    self._hear(at, event)
                self._heard(node.name, at, event)

    def _heard(self, platform: str, at: Seconds, event: Fact) -> None:
        assert isinstance(event, ev.CommandQueued | ev.CommandSent | ev.OperationAnswered)
        found = self._open.get((platform, event.ticket))
        if found is None:
            return
        batch, row = found
        match event:
            case ev.CommandQueued():
                batch.change(row, RowState.QUEUED, at)
            case ev.CommandSent():
                batch.change(row, RowState.ASKED, at)
            case ev.OperationAnswered():
                del self._open[platform, event.ticket]
                state = RowState.DONE if event.refusal is None else RowState.REFUSED
                if event.refusal == PlatformRefusal.COMMAND_CANCELLED:
                    state = RowState.CANCELLED
                batch.change(row, state, at, code=event.response_code, value=event.value, refusal=cause_of(event))
                if batch.to_ask and not batch.stopped:
                    self._ask_soon(batch)
                self._look(batch)
