"""The workers of one lab: they are begun, watched, begun again, asked and ended here.

On the lab's loop, but for `_release`, which the thread that folds the journals calls. A question to a worker is
answered within a turn of its loop; whoever asks waits for it, `PATIENCE` at most.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

import nbtwin
from nbtwin.edge.gateway import reached_at
from nbtwin.edge.live_runtime import ports_from
from nbtwin.edge.udp import bound_socket
from nbtwin.engine import Address, Fact, Seconds
from nbtwin.lab.facts import PlatformRestarted
from nbtwin.lab.nodes import PlatformNode
from nbtwin.lab.world import World
from nbtwin.lwm2m.firmware.file import FirmwareFile
from nbtwin.operators.andlink.listeners import LISTENING_PORTS
from nbtwin.operators.campaigns.records import CampaignEvent
from nbtwin.operators.refusals import PlatformError, PlatformRefusal
from nbtwin.operators.store.andlink import PackageRepository
from nbtwin.operators.store.database import Durability, StoreError, StoreRefusal
from nbtwin.operators.store.journal import prefix_of
from nbtwin.operators.store.queue import QueueRepository
from nbtwin.operators.store.sqlite import SqliteDatabase
from nbtwin.operators.store.store import Store
from nbtwin.runtime.workers.broker import Broker
from nbtwin.runtime.workers.campaigns import PLATFORM, CampaignDriver
from nbtwin.runtime.workers.journals import Owner, Release, WorkerJournals
from nbtwin.runtime.workers.messages import (
    ENDING,
    LONGEST,
    READY,
    Asked,
    Served,
    Task,
    WorkerState,
    encode,
    state_in,
    told_in,
    unframed,
)
from nbtwin.runtime.workers.nodes import Changed, Nodes
from nbtwin.runtime.workers.remote import RemotePlatform, create_remote
from nbtwin.runtime.workers.routing import process_of

_log = logging.getLogger("nbtwin.runtime")

PATIENCE: Seconds = 5
"""With a worker's answer to a question."""
LONGEST_STOP: Seconds = 10
SHORT_LIFE: Seconds = 5
"""A worker that dies sooner is begun again after `PAUSE`."""
PAUSE: Seconds = 1
_IN_MEMORY = frozenset({"keys", "firmware", "objects"})
"""Parts of the API whose content workers keep in memory."""


class _Worker:
    """One process, and what leads to it."""

    def __init__(self, process: subprocess.Popen[bytes], asked: socket.socket, life: int) -> None:
        self.process, self.asked, self.life = process, asked, life
        self.began_at = time.monotonic()
        self.ready = asyncio.Event()
        self._number = 0
        self._lock = threading.Lock()

    def ask(self, platform: str, verb: str, *arguments: Any, **named: Any) -> Any:
        """PlatformError as the worker says it. OSError when it does not answer."""
        with self._lock:
            self._number += 1
            self.asked.send(encode(Asked(self._number, verb, platform, list(arguments), named)))
            while True:
                packet = self.asked.recv(LONGEST)
                if not packet:
                    raise ConnectionResetError
                told = told_in(packet)
                if told.number == self._number:  # else of a question that nobody waits for any more
                    break
        if told.code is not None:
            raise PlatformError(PlatformRefusal(told.code), **told.fields)
        return told.result

    def close(self) -> None:
        self.asked.close()
        os.close(self.life)


class Workers:
    """``processes`` of them, from `start` to `close`; platforms are added before.

    ``where``: the store's database, as it is opened. ``held``: the lock of the lab's directory. ``tells``: what they do
    is told to those who observe the world.
    """

    def __init__(
        self,
        processes: int,
        store: Store,
        where: str,
        world: World,
        state: Path,
        durability: Durability,
        held: int,
        *,
        tells: bool,
        node: str = "",
        broker: str = "",
    ) -> None:
        self.processes = processes
        self.on_changed: Callable[[str, str], object] = lambda tag, operation: None
        """Told on the loop of what a request has changed at another node: which part of the API, and the operation."""
        self.restarts = 0
        """Workers that were begun in the place of one that had died."""
        self._store, self._where, self._world = store, where, world
        self._state, self._durability, self._held = state, durability, held
        self._tells = tells
        self._strict: set[str] = set()
        self._advertise: str | None = None
        self._packages_at = ""
        self._epoch: Seconds = 0
        self._sockets: dict[str, list[list[socket.socket]]] = {}  # by operator; of each worker, one a port
        self._platforms: dict[str, PlatformNode] = {}
        self._workers: dict[int, _Worker] = {}
        self._queues: list[tuple[socket.socket, socket.socket]] = []
        self._restarting: set[asyncio.Task[None]] = set()
        self._closing = False
        self._loop = asyncio.get_running_loop()
        prefix = prefix_of(store.database.name, store.database.kind, state)
        assert prefix is not None
        self._journals = WorkerJournals(store, prefix, self._on_told, self._release)
        self._nodes: Nodes | None = None
        if node:
            self._nodes = Nodes(node, broker, store, processes, self._ask, self._on_told, self._on_changed)
        self._states: dict[int, WorkerState] = {}  # of a node's workers
        self._listening: set[asyncio.Task[None]] = set()
        self._campaigns = CampaignDriver(store, world, self._ask_owner, self._tell_all, self._tell_own)

    @property
    def error(self) -> Exception | None:
        """Why the workers, or who brings what they have acknowledged into the database, cannot commit now."""
        if self._nodes is None:
            return self._journals.error
        for state in self._states.values():
            if state.code is not None:
                return StoreError(StoreRefusal(state.code), state.where, **state.fields)
        return None

    @property
    def held(self) -> int:
        """Events and datagrams that wait for the database in a node's workers."""
        return sum(state.held for state in self._states.values())

    @property
    def broker(self) -> Broker | None:
        """Of several nodes."""
        return None if self._nodes is None else self._nodes.broker

    @property
    def pids(self) -> list[int]:
        """In the order of the processes; 0 for one that is being begun."""
        return [self._workers[each].process.pid if each in self._workers else 0 for each in range(self.processes)]

    def add_platform(self, operator: str, bind: Address) -> PlatformNode:
        """EdgeError when a port cannot be had."""
        count = len(LISTENING_PORTS) if operator == "andlink" else 1
        rows: list[list[socket.socket]] = [[] for _ in range(self.processes)]
        self._sockets[operator] = rows
        addresses: list[Address] = []
        for wanted in ports_from(bind, count):
            for row in rows:
                row.append(bound_socket(wanted, shared=True))
                wanted = row[-1].getsockname()[:2]
            addresses.append(reached_at(wanted))
        tickets = self._tickets(operator)
        engine = create_remote(
            operator, self._ask_owner, self._store.definitions, tickets, self._campaigns, self._fetched,
            self._package_of,
        )  # fmt: skip
        node = self._world.add_platform(operator, engine, operator=operator, addresses=addresses)
        self._platforms[operator] = node
        return node

    def _tickets(self, operator: str) -> Callable[[], int]:
        if self._nodes is not None:
            return partial(self._nodes.ticket, operator)
        given: list[Iterator[int]] = []

        def next_ticket() -> int:
            if not given:
                given.append(itertools.count(self._store.part(QueueRepository).reserve_tickets(operator) + 1))
            return next(given[0])

        return next_ticket

    async def start(self, epoch: Seconds, strict: set[str], advertise: str | None) -> None:
        """All of them answer when this returns. StoreError when one cannot begin."""
        self._epoch, self._strict, self._advertise = epoch, strict, advertise
        self._queues = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(self.processes)]
        if self._nodes is not None:
            await asyncio.to_thread(self._nodes.start)
        else:
            await asyncio.to_thread(self._learn_owners)
            self._journals.start()
        for process in range(self.processes):
            await self._begin(process)
        async with asyncio.timeout(60):
            for worker in list(self._workers.values()):
                await worker.ready.wait()
        if "andlink" in self._platforms:
            self._campaigns.begin()
        if self.broker is not None:
            await asyncio.to_thread(self.broker.wait_until_tried)

    def _learn_owners(self) -> None:
        owners = self._journals.owners
        for operator in self._platforms:
            for device in self._store.registrations(operator):
                owners[device.id] = Owner(process_of(device.location, self.processes), device.registered_at)
            for command in self._store.part(QueueRepository).open(operator):
                owners.setdefault(command.device, Owner(0, 0.0))

    # one worker

    async def _begin(self, process: int) -> None:
        journal = random.SystemRandom().getrandbits(56)
        told: tuple[socket.socket, socket.socket] | None = None
        if self._nodes is None:
            await asyncio.to_thread(self._journals.add, process, journal)
        else:
            told = socket.socketpair()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(PATIENCE)
        life, end = os.pipe()
        mine, others = self._queues[process][0], [queue[1] for queue in self._queues]
        served = [
            Served(operator, list(self._platforms[operator].addresses), [each.fileno() for each in rows[process]])
            for operator, rows in self._sockets.items()
        ]
        task = Task(
            process, self.processes, served, self._where, str(self._state), journal, self._durability,
            self._world.seed, self._epoch, sorted(self._strict), self._advertise, self._packages_at,
            theirs.fileno(), end, mine.fileno(), [each.fileno() for each in others],
            logging.getLogger(nbtwin.__name__).getEffectiveLevel(),
            "" if self._nodes is None else self._nodes.node, -1 if told is None else told[1].fileno(), _log_format(),
        )  # fmt: skip
        passed = [self._held, task.asked, task.life, task.mine, *task.others]
        passed += (each for one in served for each in one.sockets)
        if told is not None:
            passed.append(task.told)
        claimed = self._store.database.held_lock if isinstance(self._store.database, SqliteDatabase) else None
        sources = str(Path(nbtwin.__file__).parents[1])
        path = os.pathsep.join(filter(None, (sources, os.environ.get("PYTHONPATH"))))
        held = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # the worker's, too, until it ignores them
        try:
            started = subprocess.Popen(
                [sys.executable, "-m", "nbtwin.runtime.workers.worker"],
                stdin=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": path},
                pass_fds=passed if claimed is None else [*passed, claimed],
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            theirs.close()
            os.close(end)
            if told is not None:
                told[1].close()
        assert started.stdin is not None
        with started.stdin, contextlib.suppress(OSError):  # it has died already, which its pipe says
            started.stdin.write(msgspec.json.encode(task))  # not on its command line: a database's URL has a password
        worker = self._workers[process] = _Worker(started, ours, life)
        self._loop.add_reader(life, self._on_life, process, worker)
        if told is not None:
            listening = self._loop.create_task(self._listen(process, told[0]))
            self._listening.add(listening)
            listening.add_done_callback(self._listening.discard)
        _log.info("worker %d has begun: process %d", process, started.pid)

    async def _listen(self, process: int, told: socket.socket) -> None:
        """To what a node's worker has committed, and how it stands, until it ends."""
        assert self._nodes is not None
        reader, writer = await asyncio.open_connection(sock=told)
        try:
            while True:
                kind, what = await unframed(reader)
                if kind == "state":
                    self._states[process] = state_in(what)
                else:
                    self._nodes.take_told(kind, what)
        except (asyncio.IncompleteReadError, OSError):
            """It has ended."""
        finally:
            self._states.pop(process, None)
            writer.close()

    def _on_life(self, process: int, worker: _Worker) -> None:
        said = os.read(worker.life, len(READY))
        if said:
            worker.ready.set()
            if self._nodes is not None:
                self._loop.run_in_executor(None, self._nodes.begun, process)
            return
        self._loop.remove_reader(worker.life)
        if self._closing:
            return
        _log.warning("worker %d (process %d) has ended: another takes its place", process, worker.process.pid)
        worker.ready.set()
        del self._workers[process]
        task = self._loop.create_task(self._begin_again(process, worker))
        self._restarting.add(task)
        task.add_done_callback(self._restarting.discard)

    async def _begin_again(self, process: int, worker: _Worker) -> None:
        """What its journal has is in the database before its successor reads that (D207)."""
        worker.close()
        await asyncio.to_thread(worker.process.wait)
        pause = PAUSE if time.monotonic() - worker.began_at < SHORT_LIFE else 0.0
        while True:
            await asyncio.sleep(pause)
            try:
                retire = self._journals.retire if self._nodes is None else self._nodes.ended
                await asyncio.to_thread(retire, process)
                await self._begin(process)
            except (StoreError, OSError) as error:  # the database is away: its devices wait, and repeat
                _log.warning("worker %d cannot begin yet: %s", process, error)
                pause = PAUSE
            else:
                break
        self.restarts += 1
        for node in self._platforms.values():
            self._world.note(node.name, PlatformRestarted())

    # what is asked of them

    def _ask_owner(self, device: str, verb: str, *arguments: Any, **named: Any) -> Any:
        if self._nodes is not None:
            return self._nodes.ask(device, verb, *arguments, **named)
        platform = device.partition(":")[0]
        owner = self._journals.owners.get(device)
        return self._ask(0 if owner is None else owner.process, device, platform, verb, *arguments, **named)

    def _ask(self, process: int, device: str, platform: str, verb: str, *arguments: Any, **named: Any) -> Any:
        worker = self._workers.get(process)
        try:
            if worker is None:
                raise ConnectionResetError
            return worker.ask(platform, verb, *arguments, **named)
        except OSError:
            raise PlatformError(PlatformRefusal.PROCESS_AWAY, device=device) from None

    def set_strict(self, operator: str, strict: bool) -> None:
        """PlatformError when a process does not answer; it is told when it begins again."""
        (self._strict.add if strict else self._strict.discard)(operator)
        self._tell_all(operator, "strict", strict)

    def serve_packages(self, base: str) -> None:
        """Who does not answer is told when it begins again."""
        self._packages_at = base
        for process in range(self.processes) if PLATFORM in self._platforms else ():
            with contextlib.suppress(PlatformError):
                self._ask(process, "", PLATFORM, "packages-at", base)

    def _fetched(self, host: str, key: str, package: str) -> bool:
        """PlatformError when no process gives it, and one does not answer."""
        given, away = False, None
        for process in range(self.processes):
            try:
                given |= self._ask(process, "", PLATFORM, "fetch", host, key, package)
            except PlatformError as error:
                away = error
        if away is not None and not given:
            raise away
        return given

    def _package_of(self, name: str) -> FirmwareFile | None:
        """Also one that another node has taken in."""
        packages = self._store.part(PackageRepository)
        packages.serve()
        return packages.served(name)

    def _tell_all(self, operator: str, verb: str, *arguments: Any) -> None:
        """Every worker of every node that can be reached. PlatformError when one of this node does not answer."""
        for process in range(self.processes):
            self._ask(process, "", operator, verb, *arguments)
        if self._nodes is not None:
            self._nodes.tell_all(operator, verb, *arguments)

    # what a request has changed (D203)

    def tell_changed(self, tag: str, operation: str) -> None:
        """At this lab: its workers read anew what they keep in memory, other nodes are told."""
        if tag in _IN_MEMORY:
            self._refresh_workers()
        if self._nodes is not None:
            self._nodes.tell_changed(Changed(tag, operation))

    def _on_changed(self, changed: Changed) -> None:
        """At another node; on a thread of the broker's."""
        if changed.tag in _IN_MEMORY:
            with contextlib.suppress(StoreError):  # within a second it is asked again
                self._store.refresh()
            self._refresh_workers()
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self.on_changed, changed.tag, changed.operation)

    def _refresh_workers(self) -> None:
        for worker in list(self._workers.values()):
            with contextlib.suppress(OSError):
                worker.asked.send(encode(Asked(0, "refresh")))

    # what they told; on the thread that folds

    def _tell_own(self, events: Sequence[Fact]) -> None:
        """What this lab has written itself."""
        if self._nodes is None:
            self._on_told(events)
        else:
            self._nodes.tell_facts(events)

    def _on_told(self, events: Sequence[Fact]) -> None:
        self._campaigns.look(events)
        if self._tells:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._tell, events)

    def _tell(self, events: Sequence[Fact]) -> None:
        of: dict[str, list[Fact]] = {}
        for event in events:
            device = str(getattr(event, "device", ""))
            name = PLATFORM if isinstance(event, CampaignEvent) else device.partition(":")[0]
            of.setdefault(name, []).append(event)
        for name, told in of.items():
            node = self._platforms.get(name)
            if node is not None:
                assert isinstance(node.engine, RemotePlatform)
                node.engine.tell(told)
                self._world.drain(node)

    def _release(self, releases: Sequence[Release]) -> None:
        """Who had the devices forgets them, and who has them now gets what was asked of them (D206)."""
        queue = self._store.part(QueueRepository)
        for process, device, at in releases:
            platform = device.partition(":")[0]
            node = self._platforms[platform].engine
            if not isinstance(node, RemotePlatform) or node.devices is None:
                continue
            # one that is away begins with what the tables say, one that answers late does what it was told
            with contextlib.suppress(PlatformError):
                self._ask(process, device, platform, "release", device, at)
            with contextlib.suppress(PlatformError, StoreError):
                if commands := queue.open_of([device]):
                    packed = [encode(each) for each in commands]
                    self._ask(self._journals.owners[device].process, device, platform, "adopt", packed)

    # the end

    async def close(self) -> None:
        """What was taken in is in the database, or in the journals for the next start."""
        self._closing = True
        await asyncio.to_thread(self._campaigns.close)
        for task in tuple(self._restarting):
            task.cancel()
        for worker in self._workers.values():
            self._loop.remove_reader(worker.life)
            with contextlib.suppress(OSError):
                worker.asked.send(encode(Asked(0, "stop")))
        for worker in self._workers.values():
            try:
                await asyncio.to_thread(worker.process.wait, LONGEST_STOP)
            except subprocess.TimeoutExpired:
                worker.process.kill()
                await asyncio.to_thread(worker.process.wait)
            worker.close()
        if self._nodes is not None:
            await self._leave_nodes(self._nodes)
        else:
            with contextlib.suppress(StoreError):  # the next start folds what is left
                for process in range(self.processes):
                    await asyncio.to_thread(self._journals.retire, process)
            await asyncio.to_thread(self._journals.close)
        for row in self._all_sockets():
            row.close()

    async def _leave_nodes(self, nodes: Nodes) -> None:
        if self._listening:
            await asyncio.wait(self._listening, timeout=LONGEST_STOP)
        for task in tuple(self._listening):
            task.cancel()
        await asyncio.to_thread(nodes.close)

    def _all_sockets(self) -> Iterator[socket.socket]:
        for rows in self._sockets.values():
            for row in rows:
                yield from row
        for pair in self._queues:
            yield from pair


def _log_format() -> str:
    """Of the lab's log, which its workers write to as well."""
    kinds = [type(each.formatter) for each in logging.getLogger().handlers if each.formatter is not None]
    return f"{kinds[0].__module__}:{kinds[0].__qualname__}" if kinds else ""
