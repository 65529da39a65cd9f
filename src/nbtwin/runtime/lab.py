"""A lab that runs: modules with serial ports, platforms with sockets, the store, on one event loop.

Puts the floors below together and takes them apart again in the right order. Command line and API build labs with it
and with nothing else. Knows no option of the command line and no request.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbtwin.edge.clock_watermark import TICK
from nbtwin.edge.errors import EdgeError
from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.edge.nvram_file import StateDirectory
from nbtwin.edge.serial_port import SerialPort
from nbtwin.edge.serial_pty import PtyPort
from nbtwin.edge.serial_rfc2217 import Rfc2217Port
from nbtwin.edge.serial_tcp import TcpPort
from nbtwin.edge.simulated_runtime import SimulatedRuntime
from nbtwin.engine import Address, DecodeError, Seconds
from nbtwin.lab.facts import PlatformRestarted
from nbtwin.lab.nodes import ModuleNode, PlatformNode
from nbtwin.module.identity import Usim
from nbtwin.module.module import Module
from nbtwin.operators.store.store import Store, StoreError
from nbtwin.runtime.histogram import Histogram
from nbtwin.runtime.modules import create_module
from nbtwin.runtime.platforms import PLATFORMS
from nbtwin.runtime.spec import ModuleSpec
from nbtwin.timeline.ring import Timeline
from nbtwin.timeline.segments import DEFAULT_SIZE, TimelineFile

PRUNE_EVERY = 3600.0  # seconds


@dataclass(frozen=True)
class Retention:
    """How much history is kept; None: all of it."""

    age: Seconds | None = None  # of the lab's time
    lines: int | None = None  # of a device

    def apply(self, store: Store, now: Seconds) -> None:
        if self.age is not None or self.lines is not None:
            store.prune(before=None if self.age is None else now - self.age, keep=self.lines)


class LabRuntime:
    """Open from the constructor to ``close``. ``EdgeError`` and ``StoreError`` say in one line what cannot be had.

    ``watched``: a timeline is kept, in memory and in the state directory, there at most ``timeline_size`` bytes of it.
    A watched platform costs a little more for each request (docs/performance.md).
    """

    def __init__(
        self,
        state: Path,
        *,
        seed: int | None = None,
        simulated: bool = False,
        database: str | None = None,
        retention: Retention | None = None,
        watched: bool = True,
        timeline_size: int = DEFAULT_SIZE,
        say: Callable[[str], object] = print,
    ) -> None:
        self._say = say
        self.directory = StateDirectory(state, on_broken=say)
        self.modules: dict[str, Module] = {}
        self.ports: dict[str, SerialPort] = {}
        self.commits = Histogram()
        self._starts = 0
        self._tasks: list[asyncio.Task[None]] = []
        seed = random.SystemRandom().getrandbits(32) if seed is None else seed
        try:
            self.timeline = Timeline(file=self._open_timeline(timeline_size) if watched else None)
            self.store = Store.open(database or self.directory.database, claim=True)
        except BaseException:
            self.directory.close()
            raise
        ahead = self.directory.load_ahead()
        self.world = live_world(seed=seed, timeline=self.timeline if watched else None, ahead=ahead)
        self.live = None if simulated else LiveRuntime(self.world)
        self.runtime: LiveRuntime | SimulatedRuntime = self.live or SimulatedRuntime(self.world)
        self.runtime.reserve.keep = self._keep_ahead
        self.runtime.open()
        self._retention = retention or Retention()
        self._tasks.append(asyncio.get_running_loop().create_task(self._housekeeping()))

    def _open_timeline(self, size: int) -> TimelineFile:
        def cannot(error: OSError) -> None:
            self._say(f"the timeline cannot be written to {self.directory.path}: {error.strerror or error}")

        try:
            return TimelineFile(self.directory.path / "timeline", size, cannot)
        except OSError as error:
            raise EdgeError(f"the timeline in {self.directory.path} cannot be used: {error.strerror}") from error

    # the platforms

    def add_platform(self, operator: str, bind: Address) -> PlatformNode:
        """An operator's platform, with the registrations it had. ``KeyError`` when there is none of that name."""
        engine = PLATFORMS[operator](self.world.random(operator), self.store)
        engine.restore(self.store.registrations(operator))
        if self.live is None:
            return self.world.add_platform(operator, engine, operator=operator, commit=self._commit)
        return self.live.add_platform(operator, engine, bind, operator=operator, commit=self._commit)

    def restart_platforms(self) -> None:
        """As if each had been stopped and started: it knows what the store has."""
        self._starts += 1
        for operator, unit in self.world.platforms.items():
            engine = PLATFORMS[operator](self.world.random(f"{operator}/{self._starts}"), self.store)
            engine.restore(self.store.registrations(operator))
            unit.install(engine)
            self.world.note(operator, PlatformRestarted())
            self.world.drain(unit)

    def _commit(self, events: Sequence[Any]) -> None:
        began = time.perf_counter()
        self.store.commit(events)
        self.commits.add(time.perf_counter() - began)

    # the modules

    async def add_module(self, spec: ModuleSpec, *, power_on: bool = True) -> ModuleNode:
        """``EdgeError`` when its port cannot be had: the lab is as before."""
        name = self.free_name(spec)
        module = self._build(name, spec)
        unit = self.world.add_module(name, module)
        try:
            self.ports[name] = await self._plug(unit, spec)
        except BaseException:
            self.world.remove(name)
            raise
        self.modules[name] = module
        if power_on:
            self.world.perform(unit, module.power_on)
        return unit

    async def _plug(self, unit: ModuleNode, spec: ModuleSpec) -> SerialPort:
        if spec.serial.address is None:
            return PtyPort(self.world, unit)
        port = Rfc2217Port if spec.serial.kind == "rfc2217" else TcpPort
        return await port.open(self.world, unit, *spec.serial.address)

    def remove_module(self, name: str, *, keep_nvram: bool = True) -> None:
        """Unplug it; a module of that name may come again, with its NVRAM if that is kept."""
        self.world.remove(name)
        del self.modules[name]
        self.ports.pop(name).close()
        if not keep_nvram:
            for kept in (self.directory.nvram(name), self.directory.flash(name)):
                kept.path.unlink(missing_ok=True)

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

    def _build(self, name: str, spec: ModuleSpec) -> Module:
        usim = Usim.of(spec.operator, name) if spec.operator is not None else None
        storage, flash = self.directory.nvram(name), self.directory.flash(name)

        def build() -> Module:
            return create_module(
                name,
                spec.profile,
                storage,
                self.world.random(name),
                usim,
                imei=spec.imei,
                firmware=spec.firmware,
                number=len(self.modules),
                flash=flash,
            )

        try:
            return build()
        except DecodeError as error:  # whole, but not an NVRAM image that this version reads
            storage.set_aside(str(error))
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

    async def advance(self, span: Seconds, until: Callable[[], bool] | None = None) -> None:
        """Everything that falls due within the span, in order, at once; ends early when ``until`` is true."""
        await self.runtime.advance(span, until)

    def stop_advance(self) -> None:
        """End the ``advance`` that runs, if one does."""
        self.runtime.stop_advance()

    def set_rate(self, rate: float) -> None:
        """ValueError in a simulated lab, whose time passes by advance alone."""
        if self.live is None:
            raise ValueError("the time of a simulated lab passes by advance alone")
        self.live.set_rate(rate)

    def _keep_ahead(self, ahead: Seconds) -> None:
        try:
            self.directory.save_ahead(ahead)
        except OSError as error:
            self._say(f"the lab's time could not be kept: {error}")

    # the end

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for port in self.ports.values():
            port.close()
        ahead = self.ahead
        self.runtime.close()
        if ahead > 1 or self.directory.load_ahead() > 1:
            self._keep_ahead(max(0.0, ahead))
        self.timeline.flush()
        self.store.close()
        self.directory.close()

    async def _housekeeping(self) -> None:
        """Once a second; what the store cannot do now it is asked again."""
        until_prune = 0.0
        while True:
            with contextlib.suppress(StoreError):
                self.store.refresh_keys()
                if until_prune <= 0:
                    self._retention.apply(self.store, self.world.now)
                    until_prune = PRUNE_EVERY
            self.timeline.flush()
            self.runtime.reserve.tick(self.ahead, self.runtime.rate)
            await asyncio.sleep(TICK)
            until_prune -= TICK
