"""A lab that runs: modules with serial ports, platforms with sockets, the store, on one event loop.

Puts the floors below together and takes them apart again in the right order. Command line and API build labs with it
and with nothing else. Knows no option of the command line and no request.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from nbtwin.edge.clock_watermark import TICK
from nbtwin.edge.commit_thread import CommitThread
from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.edge.loop_gauge import LoopGauge, Work
from nbtwin.edge.nvram_file import StateDirectory
from nbtwin.edge.serial_line import ModuleLine
from nbtwin.edge.serial_port import SerialPort
from nbtwin.edge.serial_pty import PtyPort
from nbtwin.edge.serial_rfc2217 import Rfc2217Port
from nbtwin.edge.serial_tcp import TcpPort
from nbtwin.edge.simulated_runtime import SimulatedRuntime
from nbtwin.edge.turns import in_turns
from nbtwin.edge.work_thread import LONGEST_STOP
from nbtwin.engine import Address, CodedError, Fact, Seconds
from nbtwin.foreign import detail_of
from nbtwin.lab.facts import PlatformRestarted
from nbtwin.lab.faults import Fault
from nbtwin.lab.hold import CommitRecovered, Committer, InlineCommitter, commit_failed
from nbtwin.lab.nodes import ModuleNode, PlatformNode
from nbtwin.module.identity import Usim, imei_of
from nbtwin.module.module import Module
from nbtwin.module.nvram import NvramError
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.device_management.management import DeviceManagement, management_of
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.store.database import Durability, StoreRefusal
from nbtwin.operators.store.folding import room_again_in
from nbtwin.operators.store.queue import QueueRepository
from nbtwin.operators.store.store import Store, StoreError, StoreLocked
from nbtwin.runtime import state_version
from nbtwin.runtime.commit_log import LoggedCommit, LoggedFold
from nbtwin.runtime.commit_trouble import commit_trouble, store_error
from nbtwin.runtime.errors import LabRefusal, LabTrouble, OneProcessError, SpecError, UsageRefusal
from nbtwin.runtime.file_writer import FileWriter
from nbtwin.runtime.fold_process import helper_of
from nbtwin.runtime.histogram import Histogram
from nbtwin.runtime.kept import KeptLab, KeptModule, decode, encode, faults_of, module_of, spec_of
from nbtwin.runtime.modules import create_module
from nbtwin.runtime.platforms import PLATFORMS, OperatorPlatform
from nbtwin.runtime.replacement import Replacement, recover
from nbtwin.runtime.simulated_lab import deliver
from nbtwin.runtime.spec import ModuleSpec
from nbtwin.runtime.workers.pool import Workers
from nbtwin.timeline.clock import show_in
from nbtwin.timeline.ring import Timeline
from nbtwin.timeline.segments import DEFAULT_SIZE, TimelineFile
from nbtwin.timeline.thinning import Thinning

_log = logging.getLogger("nbtwin.runtime")
_store_log = logging.getLogger("nbtwin.store")

PRUNE_EVERY = 3600.0  # seconds
KEEP_EVERY = 5
"""Ticks after which what modules have done to themselves (switched off, other firmware) is kept."""
SWITCH_EVERY: Seconds = 0.0005
"""How long one thread may keep another from the interpreter: the loop does not wait 5 ms each time for a fold."""


@dataclass(frozen=True)
class Retention:
    """How much history is kept; None: all of it."""

    age: Seconds | None = None  # of the lab's time
    lines: int | None = None  # of a device

    def apply(self, store: Store, now: Seconds) -> None:
        if self.age is not None or self.lines is not None:
            store.prune(before=None if self.age is None else now - self.age, keep=self.lines)


@dataclass(frozen=True)
class MadeModule:
    """A module that could be put into the lab."""

    node: ModuleNode
    module: Module
    port: SerialPort


class LabRuntime:
    """Open from the constructor to ``close``. ``EdgeError`` and ``StoreError`` say in one line what cannot be had.

    ``node``: of that name among several over one PostgreSQL, which find each other at ``broker``.

    ``watched``: a timeline is kept, in memory and in the state directory, there at most ``timeline_size`` bytes of it.
    A watched platform costs a little more for each request (docs/performance.md).
    """

    packages_at = ""
    """Where devices find packages over HTTP; "": nowhere (D163)."""
    gauge: LoopGauge
    """What keeps the event loop from everything else, and for how long; it ticks while somebody looks."""
    keeps = True
    """Whether the state directory follows what the lab is made of."""
    zone = "UTC"
    """In which times are shown: by the console, in the terminal, in the API's words (D196)."""
    workers: Workers | None = None
    """Where the platforms are, when they are in several processes."""
    _files: FileWriter | None = None
    """None: what is written is written at once."""
    _unplaced: Replacement | None = None
    """In force, with files that could not be put in place yet."""
    _starts = 0
    _store_trouble: StoreError | None = None
    _unkept = False
    _switches_every: Seconds | None = None
    """The interpreter's switch interval, as it was before a thread folds beside the loop."""

    def __init__(
        self,
        state: Path,
        *,
        seed: int | None = None,
        simulated: bool = False,
        patience: Seconds | None = None,
        zone: str | None = None,
        strict: Iterable[str] = (),
        database: str | None = None,
        retention: Retention | None = None,
        watched: bool = True,
        timeline_size: int = DEFAULT_SIZE,
        durability: Durability = "process",
        processes: int = 1,
        node: str = "",
        broker: str = "",
        say: Callable[[CodedError], object] = print,
    ) -> None:
        self._say = say
        self.directory = StateDirectory(state, on_broken=say)
        self.modules: dict[str, Module] = {}
        self.ports: dict[str, SerialPort] = {}
        self.commits, self.gauge = Histogram(), LoopGauge()
        self._tasks: list[asyncio.Task[None]] = []
        seed = random.SystemRandom().getrandbits(32) if seed is None else seed
        self.store = self._open_store(database, None if simulated else durability, node)
        try:
            file = self._open_timeline(timeline_size) if watched else None
            self.timeline = Timeline(file=file, thinning=None if simulated else Thinning())
            recover(self.directory.path, self.store)
            ahead = self._ahead_of_what_is_kept()
        except BaseException as error:
            self.store.close()
            self.directory.close()
            if isinstance(error, OSError):
                raise self.state_trouble(error) from error
            raise
        self._was = self._load_kept()
        self._left_out = list(self._was.modules)
        self.set_zone(zone or self._was.zone or "UTC")
        self._keeping = asyncio.Lock()
        self.changing = asyncio.Lock()
        """Held while modules are put in, or the state is replaced."""
        self.world = live_world(seed=seed, timeline=self.timeline if watched else None, ahead=ahead)
        self.strict = {*strict, *self._was.strict}
        """Operators whose platforms refuse what they have a remark about."""
        self.live = None if simulated else LiveRuntime(self.world, patience=patience, gauge=self.gauge)
        self.runtime: LiveRuntime | SimulatedRuntime = self.live or SimulatedRuntime(self.world)
        if not simulated:
            self._files = self._file_writer()
        self._commits = self._committer(simulated, durability)
        self.workers = self._open_workers(processes, database, durability, watched, node, broker)
        self.runtime.reserve.keep = self._keep_ahead
        self.runtime.open()
        self._retention = retention or Retention()
        self._tasks += [asyncio.create_task(self._keep_time()), asyncio.create_task(self._keep_store())]
        self.store.database.on_reconnect = self._on_reconnect
        clock = "simulated" if simulated else "live"
        _log.info("lab started: state %s, store %s, clock %s, seed %d", state, self.store.path, clock, seed)

    def _file_writer(self) -> FileWriter:
        """With which the timeline is written, too."""
        writer = FileWriter(self.world, self.gauge)
        if self.timeline.file is not None:
            self.timeline.file.submit = writer.submit
        return writer

    def _open_store(self, database: str | None, durability: Durability | None, node: str) -> Store:
        path = self.directory.path
        try:
            state_version.check(path)
            where, number = database or self.directory.database, random.SystemRandom().getrandbits(56)
            store = Store.open(where, claim=True, state=path, durability=durability, journal=number, node=node)
        except BaseException:
            self.directory.close()
            raise
        for notice in store.recovered.notices:
            self._say(notice)
        if events := store.recovered.events:
            _store_log.info("%d events that a journal had are in the inventory: %s", events, store.path)
        return store

    def _committer(self, simulated: bool, durability: Durability) -> Committer:
        """What an answer waits for (D177)."""
        store = self.store
        if simulated:
            return InlineCommitter(LoggedCommit(self._commit), store.keeps)
        if store.folding is None:
            return CommitThread(LoggedCommit(store.commit), store.keeps, self.commits.add, self.gauge)
        loop = asyncio.get_running_loop()
        self._switches_every = sys.getswitchinterval()
        sys.setswitchinterval(min(SWITCH_EVERY, self._switches_every))
        store.folding.measured = self.commits.add
        store.folding.failed = partial(self._on_fold, loop, lambda error, wait: commit_failed(error, 0, wait))
        store.folding.recovered = partial(self._on_fold, loop, lambda span, events: CommitRecovered(span, events, 0))
        store.folding.fold = LoggedFold(store.folding.fold)
        store.helper = helper_of(store, durability)
        if durability == "disk":
            return CommitThread(
                LoggedCommit(store.append_durably), store.keeps, gauge=self.gauge, again_in=room_again_in
            )
        return InlineCommitter(LoggedCommit(store.append), store.keeps, room_again_in)

    def _on_fold(self, loop: asyncio.AbstractEventLoop, told: Callable[[Any, Any], Fact], what: Any, much: Any) -> None:
        """On the thread that folds: every platform's timeline says it. Answers go on leaving: nothing is held."""

        def note() -> None:
            for name in self.world.platforms:
                self.world.note(name, told(what, much))

        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(note)

    def _open_workers(
        self, processes: int, database: str | None, durability: Durability, watched: bool, node: str, broker: str
    ) -> Workers | None:
        if processes == 1 and not node:
            return None
        where, path = str(database or self.directory.database), self.directory.path
        return Workers(
            processes, self.store, where, self.world, path, durability, self.directory.held_lock, tells=watched,
            node=node, broker=broker,
        )  # fmt: skip

    def _open_timeline(self, size: int) -> TimelineFile:
        def cannot(error: OSError) -> None:
            path = str(self.directory.path)
            self._say(EdgeError(EdgeRefusal.TIMELINE_UNWRITTEN, path=path, detail=detail_of(error)))

        try:
            return TimelineFile(self.directory.path / "timeline", size, cannot)
        except OSError as error:
            path = str(self.directory.path)
            raise EdgeError(EdgeRefusal.TIMELINE_UNUSABLE, path=path, detail=detail_of(error)) from error

    # the platforms

    def add_platform(self, operator: str, bind: Address) -> PlatformNode:
        """An operator's platform, with the registrations it had. ``KeyError`` when there is none of that name."""
        if self.workers is not None:
            return self.workers.add_platform(operator, bind)
        engine = self._create(operator, self.world.random(operator))
        _log.info("platform started: %s", operator)
        if self.live is None:
            return self.world.add_platform(operator, engine, operator=operator, commit=self._commits)
        return self.live.add_platform(operator, engine, bind, operator=operator, commit=self._commits)

    async def start_workers(self, advertise: str | None = None) -> None:
        """Once all platforms are added: from now on they answer. StoreError when a worker cannot begin."""
        if self.workers is None or self.live is None:
            return
        await self.workers.start(self.live.epoch, self.strict, advertise)
        broker = self.workers.broker
        if broker is not None and (trouble := broker.trouble) is not None:
            self._say(trouble)

    def check_one_process(self) -> None:
        """OneProcessError while the platforms are in several processes."""
        if self.workers is not None:
            raise OneProcessError

    async def replace(
        self,
        change: Callable[[Replacement], object],
        done: Callable[[], object],
        *,
        new: Mapping[str, bytes],
        remove: Sequence[str] = (),
        within: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        """Change the database and files of the state directory as one (`runtime.replacement`), platforms stopped.

        ``change`` (in a thread) commits one transaction, in which it marks the replacement's number; when it raises,
        nothing has changed. Then ``done`` changes what is in memory, and ``within`` is awaited before platforms start.
        EdgeError when the files cannot be written. Whoever calls this holds `changing`.
        """
        self.check_one_process()
        try:
            if self._unplaced is not None:
                await self._put_in_place(self._unplaced)
            waiting = await asyncio.to_thread(Replacement, self.directory.path, self.store.path, new, remove)
        except OSError as error:
            raise self.state_trouble(error) from error
        try:
            async with self.platforms_stopped():
                await asyncio.to_thread(self._commit_replacement, change, waiting)
                with self._replacing({*new, *remove}):
                    try:
                        await self._put_in_place(waiting)
                    except OSError as error:  # it is in force all the same: the next start puts the files in place
                        self._say(self.state_trouble(error))
                        self._unplaced = waiting
                    done()
                await asyncio.to_thread(self.store.reload)
                if within is not None:
                    await within()
        except Exception:
            if not waiting.committed:
                waiting.abandon()
            raise
        if self._unplaced is not None:
            return
        try:
            await asyncio.to_thread(self.store.unmark)
        except StoreError as error:
            self._say(error)  # a number that no folder has harms nobody

    def _replacing(self, names: Set[str]) -> AbstractContextManager[None]:
        """What modules write to these files meanwhile is of no account: it must not fall in between."""
        return contextlib.nullcontext() if self._files is None else self._files.replacing(names)

    async def _put_in_place(self, waiting: Replacement) -> None:
        if self._files is None:
            waiting.put_in_place()
        else:
            try:
                await self._files.perform(waiting.put_in_place)
            except OSError:
                self._files.before_all(waiting.put_in_place)
                raise
        self._unplaced = None

    def _commit_replacement(self, change: Callable[[Replacement], object], waiting: Replacement) -> None:
        try:
            change(waiting)
        except BaseException:
            self.store.undone()
            waiting.committed = True  # unless the database knows better: a connection may break within COMMIT
            waiting.committed = self.store.marked == waiting.number
            if not waiting.committed:
                raise
        waiting.committed = True
        self.store.database.make_durable()

    def state_trouble(self, error: OSError) -> EdgeError:
        """The state directory does not take or give what it should."""
        path = str(self.directory.path)
        return EdgeError(EdgeRefusal.STATE_UNUSABLE, path=path, detail=detail_of(error))

    @contextlib.asynccontextmanager
    async def platforms_stopped(self) -> AsyncIterator[None]:
        """Within it no platform runs and nothing is committed; then each is started anew with what the store has.

        StoreLocked when the commit that is under way does not end.
        """
        nodes = list(self.world.platforms.values())
        for node in nodes:
            node.stop()
        try:
            try:
                async with asyncio.timeout(LONGEST_STOP):
                    await self._commits.idle()
            except TimeoutError:
                raise StoreLocked(StoreRefusal.COMMIT_HANGS, self.store.path) from None
            yield
        finally:
            await self._start_anew(nodes)

    async def _start_anew(self, nodes: Sequence[PlatformNode]) -> None:
        self._starts += 1
        for node in nodes:
            randomness = self.world.random(f"{node.name}/{self._starts}")
            try:
                engine = await asyncio.to_thread(self._create, node.name, randomness)
            except StoreError as error:  # it goes on with what it knows
                node.resume()
                why = {**error.fields, "platform": node.name, "why": error.code}
                self._say(LabTrouble(LabRefusal.NOT_RESTARTED, error.where, **why))
            else:
                if isinstance(engine, AndlinkPlatform) and isinstance(node.engine, AndlinkPlatform):
                    engine.settings = engine.settings.told_as(node.engine.settings)
                node.install(engine)
                _log.info("platform started anew: %s", node.name)
                self.world.note(node.name, PlatformRestarted())
            self.world.drain(node)

    def _create(
        self, operator: str, randomness: random.Random, registrations: Sequence[Device] | None = None
    ) -> OperatorPlatform:
        """``registrations``: those that it has; None: the store's."""
        engine = PLATFORMS[operator](randomness, self.store)
        engine.strict = operator in self.strict
        if isinstance(engine, AndlinkPlatform):
            engine.advertise_http(self.packages_at)
        engine.restore(self.store.registrations(operator) if registrations is None else registrations)
        if isinstance(management := management_of(engine), DeviceManagement):
            queue = self.store.part(QueueRepository)
            management.restore_queue(queue.reserve_tickets(operator), queue.open(operator))
        return engine

    async def forget_registrations(self, platform: str) -> None:
        """The platform starts anew without its registrations; the inventory stays. KeyError where it is not.

        Registrations that are in the store are not taken out of it: a restart of the lab brings them back.
        """
        self.check_one_process()
        node = self.world.platforms[platform]
        self._starts += 1
        engine = await asyncio.to_thread(
            self._create, node.operator, self.world.random(f"{platform}/{self._starts}"), ()
        )
        node.install(engine)
        self.world.note(platform, PlatformRestarted())
        self.world.drain(node)

    def serve_packages(self, base: str) -> None:
        """Where devices find packages over HTTP from now on, e.g. "http://192.0.2.1:8080"; "" for nowhere (D163)."""
        self.packages_at = base
        for node in self.world.platforms.values():
            if isinstance(node.engine, AndlinkPlatform):
                node.engine.advertise_http(base)
        if self.workers is not None:
            self.workers.serve_packages(base)

    def set_strict(self, platform: str, strict: bool) -> None:
        """Whether it refuses what it has a remark about (D138). KeyError for a platform that is not there."""
        node = self.world.platforms[platform]
        (self.strict.add if strict else self.strict.discard)(node.operator)
        node.engine.strict = strict
        if self.workers is not None:
            self.workers.set_strict(node.operator, strict)

    def _commit(self, events: Sequence[Fact]) -> None:
        """Of a simulated lab: at once."""
        began = time.perf_counter()
        self.store.commit(events)
        self.commits.add(time.perf_counter() - began)

    async def committed(self, node: PlatformNode) -> None:
        """Until what the platform has been drained of is durable. StoreError when the commit fails."""
        while node.hold.held:
            await self._commits.idle()
            if node.hold.error is not None:
                raise store_error(node.hold.error, self.store.path)

    @property
    def store_trouble(self) -> StoreError | None:
        """Why nothing can be committed now; None when it can."""
        folding, where = self.store.folding, self.store.path
        if folding is not None and folding.error is not None:
            return store_error(folding.error, where)
        if self.workers is not None and self.workers.error is not None:
            return store_error(self.workers.error, where)
        busy_for = max(self._commits.busy_for, 0.0 if folding is None else folding.busy_for)
        return commit_trouble(self.world.platforms.values(), busy_for, where) or self._store_trouble

    @property
    def held(self) -> int:
        """Events and datagrams of its platforms that wait for a commit."""
        of_workers = 0 if self.workers is None else self.workers.held
        return of_workers + sum(node.hold.held for node in self.world.platforms.values())

    # the modules

    async def add_module(
        self,
        spec: ModuleSpec,
        *,
        power_on: bool = True,
        kept: KeptModule | None = None,
        settings: Sequence[str] = (),
    ) -> ModuleNode:
        """EdgeError when its port cannot be had, SpecError when its name is taken: the lab is as before.

        ``kept``: one that was here before, with its card and surroundings. ``settings``: AT lines that it was sent in
        the factory, if it left no NVRAM here; SettingRefused for one that it does not take.
        """
        async with self.changing:
            name = self.free_name(spec)
            if name in self.world.modules or name in self.world.platforms:
                raise SpecError(UsageRefusal.NAME_TAKEN, "name", name=name)
            await self.files_written()  # a module of that name may have been here
            there = await asyncio.to_thread(self.directory.nvram(name).load)
            if settings and there is None:
                await self._deliver(name, spec, settings)
            card = None if kept is None else kept.usim
            usim = spec.usim(name) if kept is None else None if card is None else card.usim
            made = await self.make_module(name, spec, self._build(name, spec, usim))
            self._tell_of_same_imei(name, made.module)
            self.put_in(made)
            if kept is not None:
                self.world.perform(made.node, made.module.set_coverage, kept.coverage)
                self.world.perform(made.node, made.module.set_signal, kept.rssi)
        if power_on:
            self.world.perform(made.node, made.module.power_on)
        return made.node

    def _tell_of_same_imei(self, name: str, module: Module) -> None:
        """It may be what somebody wants to see: a platform takes both for one device."""
        imei = module.identity.imei
        if others := [each for each, other in self.modules.items() if other.identity.imei == imei]:
            self._say(LabTrouble(LabRefusal.IMEI_SHARED, module=name, imei=imei, others=others))

    async def come_back(self, *, modules: bool = True) -> None:
        """What the state directory's lab had, beside what is in this one already: modules (switched off), faults, rate.

        A module that cannot come back is told, and stays in the directory (D170); so do all without ``modules``.
        """
        for kept in self._was.modules if modules else ():
            if kept.name in self.world.names:
                continue
            try:
                await self.add_module(spec_of(kept), power_on=False, kept=kept)
            except (EdgeError, SpecError) as error:
                fields = {**error.fields, "module": kept.name, "why": error.code}
                self._say(LabTrouble(LabRefusal.MODULE_LEFT_OUT, error.where, **fields))
        for fault in self._was.faults:
            self.world.faults.take_back(fault.number, Fault.parse(fault.fault), fault.since, fault.seen)
        if self.live is not None and self._was.pace is not None and self._was.rate is not None:
            self.live.set_rate(self._was.pace)
            self.live.set_rate(self._was.rate)

    def had(self, module: str) -> KeptModule | None:
        """As it was when the lab was last here."""
        return next((kept for kept in self._was.modules if kept.name == module), None)

    async def keep(self) -> None:
        """Have what the lab is made of in the state directory. EdgeError when it cannot be written."""
        async with self._keeping:
            now = await self._kept()
            if now != self._was and self.keeps:
                try:
                    await asyncio.to_thread(self.directory.lab().save, encode(now))
                except OSError as error:
                    raise self.state_trouble(error) from error
                self._was = now

    async def _kept(self) -> KeptLab:
        here = list[KeptModule]()
        async for name, module in in_turns(list(self.modules.items())):
            if self.modules.get(name) is module:
                here.append(module_of(name, module, self.serial_of(name)))
        left_out = [kept for kept in self._left_out if kept.name not in self.modules]
        rate, pace = (None, None) if self.live is None else (self.rate, self.pace)
        return KeptLab(
            modules=here + left_out, faults=faults_of(self.world), strict=sorted(self.strict), rate=rate, pace=pace,
            zone=None if self.zone == "UTC" else self.zone,
        )  # fmt: skip

    def _load_kept(self) -> KeptLab:
        file = self.directory.lab()
        content = file.load()
        try:
            return KeptLab() if content is None else decode(content)
        except SpecError as error:
            file.set_aside(error)
            return KeptLab()

    async def make_module(self, name: str, spec: ModuleSpec, module: Module) -> MadeModule:
        """With its port, and not in the lab yet."""
        node = ModuleNode(name, module)
        return MadeModule(node, module, await self._plug(node, spec))

    def make_successor(self, name: str, spec: ModuleSpec, module: Module) -> MadeModule:
        """As `make_module`, for one that is going to take the place of those that are here: an address that one of them
        has may be its own. Hosts wait until its port serves."""
        node = ModuleNode(name, module)
        if spec.serial.address is None:
            return MadeModule(node, module, self._pty(node))
        kind = Rfc2217Port if spec.serial.kind == "rfc2217" else TcpPort
        address = spec.serial.address
        has = next(
            (port for port in self.ports.values() if isinstance(port, TcpPort) and port.address == address), None
        )
        return MadeModule(node, module, kind.reserved(ModuleLine(self.world, node), *address, has))

    async def _deliver(self, name: str, spec: ModuleSpec, settings: Sequence[str]) -> None:
        firmware = spec.firmware or spec.profile.firmware
        image = deliver(spec.profile, firmware, settings, imei=spec.imei or imei_of(name))
        try:
            await asyncio.to_thread(self.directory.nvram(name).save, image)
        except OSError as error:
            raise self.state_trouble(error) from error

    def put_in(self, made: MadeModule) -> None:
        """ValueError when its name is taken."""
        name = made.node.name
        try:
            self.world.add_node(made.node)
        except ValueError:
            made.port.close()
            raise
        self.modules[name], self.ports[name] = made.module, made.port
        made.port.gauge = self.gauge
        if self._files is not None:
            self._files.take_on(made.node, made.module)
        _log.info("module added: %s, %s, %s", name, made.module.profile.model, made.port.where)

    async def _plug(self, node: ModuleNode, spec: ModuleSpec) -> SerialPort:
        if spec.serial.address is None:
            return self._pty(node)
        port = Rfc2217Port if spec.serial.kind == "rfc2217" else TcpPort
        return await port.open(ModuleLine(self.world, node), *spec.serial.address)

    def _pty(self, node: ModuleNode) -> PtyPort:
        return PtyPort(ModuleLine(self.world, node), link=self.directory.serial_link(node.name))

    def remove_module(self, name: str, *, keep_nvram: bool = True) -> None:
        """Unplug it; a module of that name may come again, with its NVRAM if that is kept."""
        self._left_out = [kept for kept in self._left_out if kept.name != name]
        self.world.remove(name)
        del self.modules[name]
        self.ports.pop(name).close()
        _log.info("module removed: %s", name)
        if not keep_nvram:
            self._write(partial(self.directory.forget_module, name), self._on_files_left)

    def _write(self, work: Callable[[], object], ended: Callable[[OSError | None], object]) -> None:
        """Beside the loop; in a simulated lab at once. `files_written` waits for it."""
        if self._files is not None:
            self._files.write(work, ended)
            return
        try:
            work()
        except OSError as error:
            ended(error)

    async def files_written(self) -> None:
        """Until what modules have saved by now is on the disk, or was refused."""
        if self._files is not None:
            await self._files.flushed()

    def _on_files_left(self, error: OSError | None) -> None:
        if error is not None:
            self._say(self.state_trouble(error))

    def free_name(self, spec: ModuleSpec) -> str:
        """The name that was asked for, else the model's, with a number from the second on."""
        if spec.name is not None:
            return spec.name
        name = plain = spec.profile.model.lower().replace(" ", "-")
        number = 1
        while name in self.world.modules or name in self.world.platforms:
            number += 1
            name = f"{plain}-{number}"
        return name

    def _build(self, name: str, spec: ModuleSpec, usim: Usim | None) -> Module:
        storage, flash = self.directory.nvram(name), self.directory.flash(name)

        def build() -> Module:
            return create_module(
                name,
                spec.profile,
                storage,
                self.world.small_random(name),
                usim,
                imei=spec.imei,
                firmware=spec.firmware,
                number=len(self.modules),
                flash=flash,
            )

        try:
            return build()
        except NvramError as error:  # whole, but not an NVRAM image that this version reads
            storage.set_aside(error)
            return build()

    def serial_of(self, module: str) -> str:
        """Where the module's serial line comes out, as `up` prints it; "" when nowhere."""
        return self.ports[module].where if module in self.ports else ""

    # time

    @property
    def simulated(self) -> bool:
        """Whether time passes by `advance` alone."""
        return self.live is None

    @property
    def ahead(self) -> Seconds:
        """By how much the lab's time is ahead of the wall clock."""
        return self.runtime.ahead

    @property
    def rate(self) -> float:
        """Seconds of the lab in a second of the wall clock; 0: paused, or simulated."""
        return self.runtime.rate

    @property
    def advancing(self) -> bool:
        return self.runtime.advancing

    async def advance(
        self, span: Seconds, until: Callable[[], bool] | None = None, patience: Seconds | None = None
    ) -> None:
        """Everything that falls due within the span, in order, at once; ends early when ``until`` is true.

        ``patience``: for each answer from outside the lab, instead of the lab's own (D133).
        """
        self.check_one_process()
        await self.runtime.advance(span, until, patience)

    @property
    def pace(self) -> float:
        """The rate that a pause interrupts."""
        return self.runtime.pace

    @property
    def patience(self) -> Seconds | None:
        return self.runtime.patience

    def check_later(self, at: Seconds) -> None:
        """SpecError when it cannot go on to that time, with everything that falls due until then."""

    def stop_advance(self) -> None:
        """End the ``advance`` that runs, if one does."""
        self.runtime.stop_advance()

    def set_rate(self, rate: float) -> None:
        """SpecError in a simulated lab, whose time passes by advance alone."""
        if self.live is None:
            raise SpecError(UsageRefusal.RATE_SIMULATED)
        self.check_one_process()
        self.live.set_rate(rate)

    def set_zone(self, zone: str) -> None:
        """SpecError for one that this machine does not know."""
        try:
            show_in(zone)
        except ValueError:
            raise SpecError(UsageRefusal.ZONE, value=zone) from None
        self.zone = zone

    def _ahead_of_what_is_kept(self) -> Seconds:
        """The wall clock may have gone back since: no time comes again that store or timeline have had."""
        file = self.timeline.file
        had = (self.store.newest_history(), file.newest_at if file is not None else None)
        return max([self.directory.load_ahead(), *(at - time.time() for at in had if at is not None)])

    def _keep_ahead(self, ahead: Seconds) -> None:
        self._write(partial(self.directory.save_ahead, ahead), self._on_ahead_kept)

    def _on_ahead_kept(self, error: OSError | None) -> None:
        if error is not None:
            self._say(EdgeError(EdgeRefusal.TIME_UNKEPT, detail=detail_of(error)))

    # the end

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._keep_quietly()
        for port in self.ports.values():
            port.close()
        ahead = self.ahead
        if self.workers is not None:
            await self.workers.close()
        self.runtime.close()
        await self._close_commits()
        if ahead > 1 or self.directory.load_ahead() > 1:
            self._keep_ahead(max(0.0, ahead))
        await self._end_timeline()
        if self._files is not None:
            await self._files.close()
        folding = self.store.folding
        if not await asyncio.to_thread(self.store.close) and folding is not None:
            self._say(StoreError(StoreRefusal.JOURNAL_LEFT, str(folding.journal.path), batches=folding.pending))
        self.directory.close()
        if self._switches_every is not None:
            sys.setswitchinterval(self._switches_every)
        _log.info("lab stopped: state %s", self.directory.path)

    async def _end_timeline(self) -> None:
        """What it has is written, unless the disk hangs."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_STOP):
                await self.files_written()
        if self.timeline.file is not None:
            self.timeline.file.submit = None
        self.timeline.flush()

    def _on_reconnect(self) -> None:
        _store_log.warning("connected again: %s", self.store.path)

    async def _close_commits(self) -> None:
        """What has been taken in is committed, but for what the store refuses; nobody is answered any more."""
        try:
            async with asyncio.timeout(LONGEST_STOP):
                await self.files_written()
                while self.world.committing:  # or something is written
                    await self._commits.idle()
                    await asyncio.sleep(0)
        except TimeoutError:
            self._say(StoreLocked(StoreRefusal.COMMIT_HANGS, self.store.path))
        await self._commits.close()

    async def _keep_time(self) -> None:
        for tick in itertools.count(1):
            began = self.gauge.begin()
            self.timeline.flush()
            self.runtime.reserve.tick(self.ahead, self.runtime.rate)
            self.gauge.end(Work.FILES, began)
            await asyncio.sleep(TICK)
            if tick % KEEP_EVERY == 0:
                await self._keep_quietly()

    async def _keep_quietly(self) -> None:
        try:
            await self.keep()
        except EdgeError as error:
            if not self._unkept:
                self._say(error)
            self._unkept = True
        else:
            self._unkept = False

    async def _keep_store(self) -> None:
        """Once a second, beside the loop; what the store cannot do now it is asked again."""
        until_prune = 0.0
        while True:
            try:
                await asyncio.to_thread(self._look_after_store, until_prune <= 0)
            except StoreError as error:
                self._store_trouble = error
            else:
                self._store_trouble = None
                until_prune = PRUNE_EVERY if until_prune <= 0 else until_prune - TICK
            await asyncio.sleep(TICK)

    def _look_after_store(self, prune: bool) -> None:
        """What a journal has is folded in its time, unless that has failed: then it is tried again at each look."""
        failed = self.store_trouble is not None
        with contextlib.nullcontext() if failed else self.store.database.as_it_is():
            self.store.refresh()
            self.store.probe()
        if prune:
            self._retention.apply(self.store, self.world.now)
