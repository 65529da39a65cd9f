"""One worker: the whole of each platform, at its own sockets of the lab's ports, with a journal of its own.

Started by a lab as ``python -m nbtwin.runtime.workers.worker``. Lives as long as that lab: when the lab ends in
whatever way, so does this, at once. It reads the lab's database (keys, definitions, packages, and once the
registrations that it is to go on with) and never writes devices to it: the lab folds what the journal has.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

import nbtwin
from nbtwin.edge.commit_thread import CommitThread
from nbtwin.edge.huge_pages import HugePages
from nbtwin.edge.live_runtime import LiveRuntime
from nbtwin.edge.long_collections import LongCollections
from nbtwin.edge.udp import Batch
from nbtwin.engine import Address, CodedError, Fact, Seconds
from nbtwin.lab.hold import Committer, InlineCommitter
from nbtwin.lab.nodes import PlatformNode
from nbtwin.lab.world import World
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.device_management.commands import QueuedCommand
from nbtwin.operators.device_management.management import DeviceManagement, management_of
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.refusals import PlatformError, PlatformRefusal
from nbtwin.operators.store.andlink import PackageRepository
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.operators.store.database import Database, StoreError, StoreRefusal
from nbtwin.operators.store.folding import BOUND, room_again_in
from nbtwin.operators.store.journal import SEGMENT, Journal, prefix_of
from nbtwin.operators.store.journal_format import EventDecoder
from nbtwin.operators.store.queue import QueueRepository
from nbtwin.operators.store.store import KEPT, Store, open_database
from nbtwin.runtime.commit_log import LoggedCommit
from nbtwin.runtime.platforms import OperatorPlatform, create_share
from nbtwin.runtime.workers.member import Member, hand_over
from nbtwin.runtime.workers.messages import (
    ENDING,
    LONGEST,
    READY,
    Asked,
    HandedOn,
    Served,
    Task,
    Told,
    asked_in,
    encode,
    handed_on_in,
    task_in,
)
from nbtwin.runtime.workers.routing import MarkedRandom, Router, process_of
from nbtwin.runtime.workers.taking import Taking

_log = logging.getLogger("nbtwin.runtime")
REFRESH_EVERY: Seconds = 1
LOCKED_FOR: Seconds = 5
"""How long a node's worker waits for what another one writes of the same devices."""
_BETWEEN_NODES = {"forget-others": "release", "forget-all-others": "release_all", "doubt": "doubt"}
_TIMED = ("ask", "check", "forget", "deregister", "move", "cancel")


class _Journal:
    """What an answer of this process waits for."""

    def __init__(self, store: Store, task: Task) -> None:
        database = store.database
        prefix = prefix_of(database.name, database.kind, Path(task.state))
        assert prefix is not None
        name = database.name if database.kind == "postgresql" else ""
        on_disk = task.durability == "disk"
        self._journal = Journal(prefix, task.journal, name, store.epoch, EventDecoder(KEPT), waits_for_disk=on_disk)
        self._keeps = store.keeps
        self.close = self._journal.close
        self.committer: Committer
        if on_disk:
            self.committer = CommitThread(LoggedCommit(self._append_durably), store.keeps, again_in=room_again_in)
        else:
            self.committer = InlineCommitter(LoggedCommit(self._append), store.keeps, room_again_in)

    def _append(self, events: Sequence[Fact]) -> None:
        """StoreError when the lab does not keep up with taking away what is full."""
        if self._journal.full() > BOUND // SEGMENT:
            raise StoreError(StoreRefusal.JOURNAL_FULL, str(self._journal.path), limit=BOUND)
        keeps = self._keeps
        if kept := [event for event in events if keeps(event)]:
            self._journal.append(kept)

    def _append_durably(self, events: Sequence[Fact]) -> None:
        self._append(events)
        self._journal.sync()


class Worker:
    """On the running loop, from the constructor to `stopped`."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._store = Store(_database_of(task))
        self._world = World(seed=task.seed, start=task.epoch + time.monotonic())
        self._member: Member | None = None
        self._journal: _Journal | None = None
        if task.node:
            self._member = Member(self._store, self._world, task.node, task.process, task.processes)
            self._committer: Committer = self._member.committer
            self._inherited = self._member.inherited()
        else:
            self._journal = _Journal(self._store, task)
            self._committer = self._journal.committer
        self._taking = None if self._member is None else Taking(self._member, self._hand_over)
        self._live = LiveRuntime(self._world, epoch=task.epoch)
        self._router = Router(task.process, task.processes)
        self._ports: list[Address] = []  # of all platforms, in the order that every worker has
        self._secure: set[Address] = set()
        self._engines: dict[Address, OperatorPlatform] = {}
        self._registered: set[str] = set()  # when this process began, wherever
        self._mine = _socket(task.mine)
        self._others = [_socket(each) for each in task.others]
        self._asked = _socket(task.asked)
        self.stopped, self._stale = asyncio.Event(), asyncio.Event()
        self._live.open()
        self._live.sockets.sort = self._sort
        for served in task.served:
            self._serve(served)
        self._inherited = {}
        loop = asyncio.get_running_loop()
        loop.add_reader(self._mine, self._take_handed_on)
        loop.add_reader(self._asked, self._on_asked)
        self._refreshing = loop.create_task(self._refresh())

    def _serve(self, served: Served) -> None:
        task, operator = self._task, served.operator
        randomness = MarkedRandom(f"{task.seed}/{operator}/{task.process}/{task.journal}", task.process, task.processes)
        engine = create_share(operator, randomness, self._store)
        engine.strict = operator in task.strict
        engine.restore(self._share_of(operator))
        if isinstance(management := management_of(engine), DeviceManagement):
            here, is_first = management.is_registered, task.process == 0 and not task.node
            waiting = list(self._store.part(QueueRepository).open(operator))
            homeless = {each.device for each in waiting} - self._registered if is_first else set[str]()
            management.restore_queue(0, [each for each in waiting if here(each.device) or each.device in homeless])
        sockets = [_socket(each) for each in served.sockets]
        node = self._live.add_platform(
            operator, engine, served.addresses[0], operator=operator, commit=self._committer, bound=sockets
        )
        self._ports += node.addresses
        self._engines.update(dict.fromkeys(node.addresses, engine))
        if isinstance(engine, AndlinkPlatform):
            self._secure.update(node.addresses[1:])
            if task.advertise is not None:
                (_, plain), _, (_, secure) = node.addresses
                engine.advertise(task.advertise, plain, secure)
            engine.advertise_http(task.packages_at)

    def _share_of(self, operator: str) -> Iterator[Device]:
        """The registrations that this process has; reports, which have no location, are the first one's."""
        process, processes = self._task.process, self._task.processes
        if self._member is not None:
            yield from self._inherited.get(operator, ())
            return
        for device in self._store.registrations(operator):
            self._registered.add(device.id)
            if process_of(device.location, processes) == process:
                yield device

    # datagrams of several sockets

    def _sort(self, local: Address, batch: Batch) -> Batch:
        mine, others = self._router.sort(batch, secure=local in self._secure)
        for process, ((host, port), data) in others:
            with contextlib.suppress(OSError):  # full: as if it had been lost on its way
                self._others[process].send(encode(HandedOn(self._ports.index(local), host, port, data)))
        return self._admitted(local, mine)

    def _admitted(self, local: Address, batch: Batch) -> Batch:
        """What of it need not wait until this process has the device that it names (D217)."""
        engine = self._engines[local]
        server = getattr(engine, "server", None)
        if self._taking is None or server is None or not batch:
            return batch
        return self._taking.admit(local, batch, engine.name, server, secure=local in self._secure)

    def _hand_over(self, local: Address, batch: Batch) -> None:
        self._live.sockets.hand_over(local, batch)

    def _take_handed_on(self) -> None:
        """A few at a time: its own sockets have their turn, too."""
        for _ in range(64):
            try:
                packet = self._mine.recv(LONGEST)
            except BlockingIOError:
                return
            handed = handed_on_in(packet)
            local = self._ports[handed.port]
            if batch := self._admitted(local, [((handed.host, handed.source), handed.data)]):
                self._hand_over(local, batch)

    # what the lab asks

    def _on_asked(self) -> None:
        try:
            packet = self._asked.recv(LONGEST)
        except BlockingIOError:
            return
        except OSError:
            packet = b""
        if not packet:
            os._exit(1)  # the lab has ended: whoever opens the database next must find nobody who writes
        asked = asked_in(packet)
        try:
            told = Told(asked.number, self._answer(asked))
        except CodedError as error:
            told = Told(asked.number, None, str(error.code), error.fields)
        if asked.number:
            with contextlib.suppress(OSError):
                self._asked.send(encode(told))

    def _answer(self, asked: Asked) -> Any:
        if asked.verb == "stop":
            self.stopped.set()
            return None
        if asked.verb == "refresh":
            self._stale.set()
            return None
        if asked.verb in _BETWEEN_NODES and self._member is not None:
            return getattr(self._member, _BETWEEN_NODES[asked.verb])(*asked.arguments)
        node = self._world.platforms[asked.platform]
        if asked.verb == "strict":
            node.engine.strict = asked.arguments[0]
            return None
        management = management_of(node.engine)
        assert isinstance(management, DeviceManagement)
        verb, named = asked.verb, asked.named
        if verb == "take" and self._member is not None:
            try:
                self._member.take_now(*asked.arguments)
            except StoreError:  # the lab knows refusals of the platform alone
                raise PlatformError(PlatformRefusal.PROCESS_AWAY, device=asked.arguments[0]) from None
            return None
        if verb == "campaign":
            self._take_campaign(node, *asked.arguments)
            return None
        if verb in ("packages-at", "fetch"):
            return self._over_http(node, verb, *asked.arguments)
        if verb == "release":  # another process has it now (D206)
            self._world.perform(node, partial(hand_over, node.engine, *asked.arguments))
            return None
        if verb == "adopt":
            self._world.perform(node, partial(_adopt, management, *asked.arguments))
            return None
        if verb == "ask":  # labs give the tickets
            management.give(named.pop("ticket"))
        if verb in _TIMED:
            return self._world.perform(node, getattr(management, verb), *asked.arguments, **named)
        return getattr(management, verb)(*asked.arguments, **named)

    def _over_http(self, node: PlatformNode, verb: str, *arguments: Any) -> bool:
        """Where devices fetch over HTTP from now on; or whether this one may have the package."""
        engine = node.engine
        assert isinstance(engine, AndlinkPlatform)
        if verb == "packages-at":
            engine.advertise_http(*arguments)
            return True
        return self._world.perform(node, engine.package_over_http, *arguments) is not None

    def _take_campaign(self, node: PlatformNode, campaign: int, devices: Sequence[str]) -> None:
        """Its devices that are here, as the database has them and it; what that does not answer is asked again."""
        engine = node.engine
        if not isinstance(engine, AndlinkPlatform):
            return
        with contextlib.suppress(StoreError):
            found = self._store.part(CampaignRepository).share(campaign, devices)
            if found is not None:
                packages = self._store.part(PackageRepository)
                if devices and packages.served(found[0].plan.package) is None:
                    packages.refresh()
                self._world.perform(node, engine.take_campaign, *found)

    # its life

    async def begin(self) -> None:
        """From now on it tells what it commits."""
        if self._member is not None:
            told = socket.socket(fileno=self._task.told)
            _, writer = await asyncio.open_connection(sock=told)
            self._member.begin(writer)

    async def _refresh(self) -> None:
        """Keys, definitions and packages. The lab tells when it, or another node, has changed them; commands do not."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stale.wait(), REFRESH_EVERY)
            self._stale.clear()
            with contextlib.suppress(StoreError):  # it asks again
                await asyncio.to_thread(self._store.refresh)

    async def close(self) -> None:
        """What was taken in is in the journal, but for what it refuses; nobody is answered any more."""
        self._refreshing.cancel()
        if self._taking is not None:
            await self._taking.close()
        loop = asyncio.get_running_loop()
        for each in (self._mine, self._asked):
            loop.remove_reader(each)
        self._live.close()
        if self._member is not None:
            await self._member.close()
        else:
            await self._committer.idle()
            await self._committer.close()
        if self._journal is not None:
            self._journal.close()
        self._store.database.close()
        for each in (self._mine, self._asked, *self._others):
            each.close()


def _adopt(management: DeviceManagement, packed: list[bytes], now: Seconds) -> None:
    """Commands that another process had for a device that has registered here."""
    management.adopt_queue(now, [msgspec.msgpack.decode(each, type=QueuedCommand) for each in packed])


def _database_of(task: Task) -> Database:
    """Of a node it is claimed: nobody else is that process of it, and what a server does not answer is ended (D119)."""
    if not task.node:
        return open_database(task.database)
    database = open_database(task.database, synchronous="full", lock_timeout=LOCKED_FOR)
    database.claim(f"{task.node}/{task.process}")
    return database


def _socket(descriptor: int) -> socket.socket:
    found = socket.socket(fileno=descriptor)
    found.setblocking(False)
    return found


async def _run(task: Task) -> None:
    worker = Worker(task)
    await worker.begin()
    collections, pages = LongCollections(), HugePages()
    collections.start()
    pages.start()
    os.write(task.life, READY)
    try:
        await worker.stopped.wait()
    finally:
        pages.stop()
        collections.stop()
        await worker.close()


def _configure_log(task: Task) -> None:
    """As the lab's, on the same standard error."""
    handler = logging.StreamHandler()
    module, _, name = task.log_format.partition(":")
    if module:
        handler.setFormatter(getattr(importlib.import_module(module), name)())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger(nbtwin.__name__).setLevel(task.log_level)


def main() -> None:
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    task = task_in(sys.stdin.buffer.read())
    _configure_log(task)
    try:
        asyncio.run(_run(task))
    except StoreError as error:
        _log.error("cannot begin: %s", error)
        sys.exit(1)


if __name__ == "__main__":
    main()
