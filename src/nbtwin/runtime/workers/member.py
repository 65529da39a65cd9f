"""A worker that is one of several nodes' processes: it commits to their one database itself (D217, D218).

Its answers wait for the database's commit, so that nothing that was acknowledged is on this machine alone. It takes
devices from other members when they speak here, forgets those that speak elsewhere, and takes what nobody has any more.
What it commits, whom it took from whom, and that it cannot commit (D202) it tells its lab.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from nbtwin.edge.commit_thread import CommitThread
from nbtwin.engine import LATEST, Fact, Seconds
from nbtwin.lab.interfaces import PlatformLike
from nbtwin.lab.nodes import PlatformNode
from nbtwin.lab.world import World
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.device_management.commands import QueuedCommand
from nbtwin.operators.device_management.management import DeviceManagement, management_of
from nbtwin.operators.events import DeviceRegistered
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.store.database import StoreError, in_portions
from nbtwin.operators.store.devices import DeviceRepository
from nbtwin.operators.store.owners import LEASE, Moved, OwnerRepository, Sharing
from nbtwin.operators.store.queue import QueueRepository
from nbtwin.operators.store.store import Store
from nbtwin.runtime.commit_log import LoggedCommit
from nbtwin.runtime.commit_trouble import commit_trouble
from nbtwin.runtime.workers.messages import WorkerState, framed
from nbtwin.runtime.workers.routing import process_of

RENEW_EVERY: Seconds = 2
LOOK_EVERY: Seconds = 5
"""For members that have ended."""
TELL_EVERY: Seconds = 0.5
"""How it stands, where that has changed."""
LOOKED_AT_AT_ONCE = 2000
"""Devices between two turns of the loop."""
TOLD_AT_MOST = 16 * 1024 * 1024
"""Bytes that wait for a lab that does not read: beyond them it is not told what happened, which the database has."""


class Member:
    """On the loop, from the constructor to `close`. ``processes``: of this node."""

    def __init__(self, store: Store, world: World, node: str, process: int, processes: int) -> None:
        self.sharing = Sharing(store.part(OwnerRepository), store.part(DeviceRepository), node, process)
        store.sharing = self.sharing
        self.committer = CommitThread(LoggedCommit(self._commit), store.keeps)
        self._store, self._world = store, world
        self._process, self._processes = process, processes
        self._loop = asyncio.get_running_loop()
        self._told: asyncio.StreamWriter | None = None
        self._state = WorkerState()
        self._renewed_at = self._renewing_since = self._loop.time()
        self._doubts = 0
        self._trusting = -1
        self._tasks: set[asyncio.Task[object]] = set()

    def begin(self, told: asyncio.StreamWriter) -> None:
        """Once the platforms are there."""
        self._told = told
        for every, what in (
            (RENEW_EVERY, self._renew),
            (LOOK_EVERY, self._take_what_is_left),
            (LOOK_EVERY, self._mend_what_is_left),
            (TELL_EVERY, self._tell_state),
        ):
            self._in_background(self._each(every, what))

    def _in_background(self, what: Coroutine[Any, Any, object]) -> None:
        task = self._loop.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # what it begins with

    def inherited(self) -> dict[str, list[Device]]:
        """By platform: what this node's processes of before had, and what nobody ever had."""
        found: dict[str, list[Device]] = {}
        sharing = self.sharing
        ended = sharing.ended(own=True)
        for left in (partial(sharing.left_by, ended), sharing.ownerless) if ended else (sharing.ownerless,):
            after = ""
            while page := left(after):
                after = page[-1][0]
                for device in sharing.take(devices=self._its(page), only_left=True)[0]:
                    found.setdefault(device.platform, []).append(device)
        return found

    def _its(self, devices: Iterable[tuple[str, str]]) -> list[str]:
        """Which of them this process has, of all of this node's."""
        return [name for name, location in devices if process_of(location, self._processes) == self._process]

    # commits

    def _commit(self, events: Sequence[Fact]) -> None:
        """On the thread that commits."""
        self.sharing.taken = []
        self._store.commit(events)
        keeps, moved = self._store.keeps, self.sharing.taken
        kept = [event for event in events if keeps(event)]
        stored = self._outdated()
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._on_committed, kept, moved, stored)

    def _on_committed(self, events: Sequence[Fact], moved: Sequence[Moved], stored: Sequence[Device]) -> None:
        """Before the answers leave: who waits for one says nothing that is not in the database meanwhile."""
        self._tell_moved(moved)
        self._mend(stored)
        told = self._told
        if told is not None and told.transport.get_write_buffer_size() < TOLD_AT_MOST:
            told.write(framed("facts", events))
        sleepers = {each.device for each in events if isinstance(each, DeviceRegistered) and _sleeps(each)}
        if waits := sleepers | {each.device for each in moved} | {device.id for device in stored}:
            self._in_background(self._adopt_queues(sorted(waits)))

    def _outdated(self) -> list[Device]:
        """Of what the engines have an old copy of, as the database has it; on whatever thread."""
        names = list(self.sharing.outdated)
        try:
            found = list(self._store.part(DeviceRepository).registered(sorted(names))) if names else []
        except StoreError:
            return []  # it is asked again
        self.sharing.outdated.difference_update({*names} - {device.id for device in found})
        return found

    def _mend(self, stored: Sequence[Device]) -> None:
        """Put what the database has in the place of old copies (D204): not where more has been said here than that has,
        which is looked at again when it is in the database, too. All by this node's clock."""
        for _, management in self._managements():
            for device in stored:
                if device.platform != management.name:
                    continue
                renewed_at = management.renewed_at(device.id)
                if renewed_at is None or renewed_at <= self.sharing.settled_until:
                    self.sharing.outdated.discard(device.id)
                    self._replace([device])
        self.sharing.outdated.difference_update(self._reporting(stored))

    def _reporting(self, devices: Sequence[Device]) -> set[str]:
        """Those that say all with everything they say: no old copy does harm."""
        managed = {management.name for _, management in self._managements()}
        return {device.id for device in devices if device.platform not in managed}

    def _renewed_here_at(self, device: str) -> Seconds | None:
        for _, management in self._managements():
            if device.startswith(f"{management.name}:"):
                return management.renewed_at(device)
        return None

    async def _mend_what_is_left(self) -> None:
        if self.sharing.outdated:
            self._mend(await asyncio.to_thread(self._outdated))

    async def _tell_state(self) -> None:
        platforms = self._world.platforms.values()
        state = WorkerState(sum(node.hold.held for node in platforms))
        if trouble := commit_trouble(platforms, self.committer.busy_for, self._store.path):
            state = WorkerState(state.held, str(trouble.code), trouble.where, trouble.fields)
        if self._told is not None and state != self._state:
            self._state = state
            self._told.write(framed("state", state))

    def _tell_moved(self, moved: Sequence[Moved]) -> None:
        if moved and self._told is not None:
            self._told.write(framed("moved", moved))

    # what others have had

    async def take(self, locations: Iterable[str] = (), peers: Iterable[str] = (), devices: Iterable[str] = ()) -> None:
        """StoreError when the database does not answer."""
        take = partial(self.sharing.take, locations=list(locations), peers=list(peers), devices=list(devices))
        await self._adopt(*await asyncio.to_thread(take))

    def take_now(self, device: str) -> None:
        """Somebody waits for it; the database has just said that nobody has it."""
        devices, moved = self.sharing.take(devices=[device])
        self._adopt_devices(devices, moved)

    async def look_up(self, named: Collection[str]) -> None:
        """Of these devices those that are here, and that another member has by now, are taken anew. StoreError."""
        here = [device for device in named for _, management in self._managements() if management.knows(device)]
        gone = await asyncio.to_thread(self.sharing.not_mine, here) if here else []
        if gone:
            devices, moved = await asyncio.to_thread(partial(self.sharing.take, devices=gone))
            self._forget({*gone} - {device.id for device in devices})
            await self._adopt(devices, moved)

    async def _adopt(self, devices: Sequence[Device], moved: Sequence[Moved]) -> None:
        self._adopt_devices(devices, moved)
        others = {each.device for each in moved}
        await self._adopt_queues([device.id for device in devices if "Q" in device.binding or device.id in others])

    def _adopt_devices(self, devices: Sequence[Device], moved: Sequence[Moved]) -> None:
        """Those that others had replace old copies; of the rest what is here is the newest."""
        others = {each.device for each in moved}
        self._replace([device for device in devices if device.id in others or self._renewed_here_at(device.id) is None])
        self._tell_moved(moved)

    def _replace(self, devices: Sequence[Device]) -> None:
        of: dict[str, list[Device]] = {}
        for device in devices:
            of.setdefault(device.platform, []).append(device)
        for name, some in of.items():
            node = self._world.platforms.get(name)
            if node is not None:
                self._world.perform(node, partial(_replace, node.engine, some))

    async def _adopt_queues(self, devices: Sequence[str]) -> None:
        queue = self._store.part(QueueRepository)
        with contextlib.suppress(StoreError):  # the next registration asks again
            commands = await asyncio.to_thread(queue.open_of, devices)
            for node, management in self._managements():
                its = [each for each in commands if each.device.startswith(f"{management.name}:")]
                if its:
                    self._world.perform(node, partial(_adopt_queue, management, its))

    def _managements(self) -> Iterator[tuple[PlatformNode, DeviceManagement]]:
        for node in self._world.platforms.values():
            if isinstance(management := management_of(node.engine), DeviceManagement):
                yield node, management

    async def _take_what_is_left(self) -> None:
        """Of who has not renewed for long; not when that is the database's fault, which has taken nobody's word."""
        sharing = self.sharing
        if self._renewed_at - self._renewing_since < LEASE:
            return
        ended = await asyncio.to_thread(partial(sharing.ended, own=False))
        after = ""
        while ended and (page := await asyncio.to_thread(sharing.left_by, ended, after)):
            after = page[-1][0]
            take = partial(sharing.take, devices=self._its(page), only_left=True)
            await self._adopt(*await asyncio.to_thread(take))

    # what others have now

    def release(self, devices: Sequence[str]) -> None:
        """Forget those that another member has."""
        self._in_background(self._released(devices))

    @property
    def doubts(self) -> bool:
        """Others may take devices, and this member is not told: what names one that is here is looked up first."""
        return self._trusting != self._doubts

    def doubt(self) -> None:
        """From now on."""
        self._doubts += 1

    def release_all(self) -> None:
        """Of everything that is here; then the doubt is over, unless there is another one."""
        self._in_background(self._release_all(self._doubts))

    async def _release_all(self, doubts: int) -> None:
        for _, management in self._managements():
            for some in in_portions(management.known(), LOOKED_AT_AT_ONCE):
                while not await self._released(some):
                    await asyncio.sleep(RENEW_EVERY)
        self._trusting = doubts

    async def _released(self, devices: Sequence[str]) -> bool:
        """Whether the database has said which; else the device's next message goes where it has to."""
        seen = {device: self._renewed_here_at(device) for device in devices}
        try:
            gone = await asyncio.to_thread(self.sharing.not_mine, devices)
        except StoreError:
            return False
        self._forget(device for device in gone if seen[device] == self._renewed_here_at(device))
        return True

    def _forget(self, devices: Iterable[str]) -> None:
        """Another member has them, or had them last."""
        for device in devices:
            for node, management in self._managements():
                if device.startswith(f"{management.name}:"):
                    self._world.perform(node, partial(hand_over, node.engine, device, LATEST))

    # its life

    async def _renew(self) -> None:
        began_at = self._loop.time()
        await asyncio.to_thread(self._store.part(OwnerRepository).renew, self.sharing.number)
        now = self._loop.time()
        if now - self._renewed_at > LEASE or now - began_at > RENEW_EVERY:
            self._renewing_since = now
        self._renewed_at = now

    async def _each(self, every: Seconds, what: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(every)
            with contextlib.suppress(StoreError):  # it asks again
                await what()

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.committer.idle()
        await self.committer.close()
        if self._told is not None:
            self._told.close()


def _sleeps(event: DeviceRegistered) -> bool:
    return event.registration is not None and "Q" in event.registration.binding


def _replace(engine: PlatformLike, devices: Sequence[Device], now: Seconds) -> None:
    """Whatever the engine knew of them."""
    management = management_of(engine)
    if isinstance(management, DeviceManagement):
        for device in devices:
            if management.knows(device.id):
                hand_over(engine, device.id, LATEST, now)
    restoring: Any = engine
    restoring.restore(devices)


def _adopt_queue(management: DeviceManagement, commands: Sequence[QueuedCommand], now: Seconds) -> None:
    management.adopt_queue(now, commands)


def hand_over(engine: PlatformLike, device: str, before: Seconds, now: Seconds) -> None:
    """Another process has it, where it registered at that time: its commands and its part of a campaign go with it."""
    management = management_of(engine)
    assert isinstance(management, DeviceManagement)
    management.hand_over(now, device, before)
    if isinstance(engine, AndlinkPlatform):
        engine.campaigns.drop(device.removeprefix(f"{engine.name}:"))
