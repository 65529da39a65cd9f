"""A simulated lab with the face of a lab that runs, so that whatever asks one of those can ask it as well.

Its time passes by advance alone, its store and its directory are in memory, its modules have no ports. It stands beside
the lab: what platforms know, it has been told since the lab began; their keys, packages and definitions are the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, cast

from nbtwin.edge.loop_gauge import LoopGauge
from nbtwin.edge.nvram_file import StateDirectory
from nbtwin.edge.serial_port import SerialPort
from nbtwin.engine import DAY, CodedError, Fact, Seconds
from nbtwin.lab.facts import PlatformRestarted
from nbtwin.lab.hold import InlineCommitter
from nbtwin.lab.nodes import ModuleNode, PlatformNode
from nbtwin.module.module import Module
from nbtwin.operators.store.andlink import PackageRepository, PskRepository
from nbtwin.operators.store.definitions import DefinitionRepository
from nbtwin.operators.store.store import Store
from nbtwin.runtime.errors import SpecError, UsageRefusal
from nbtwin.runtime.histogram import Histogram
from nbtwin.runtime.lab import LabRuntime, MadeModule
from nbtwin.runtime.replacement import Replacement
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.runtime.spec import ModuleSpec
from nbtwin.timeline.ring import Timeline

LONGEST_GAP: Seconds = 366 * DAY
"""By which an archive may be later than the lab."""


class MemoryFile:
    """As `edge.nvram_file.NvramFile`, as long as the process."""

    def __init__(self, files: dict[str, bytes], name: str) -> None:
        self._files = files
        self.path = PurePosixPath(name)

    def load(self) -> bytes | None:
        return self._files.get(self.path.name)

    def save(self, content: bytes) -> None:
        self._files[self.path.name] = content

    def set_aside(self, cause: CodedError) -> None:
        self._files.pop(self.path.name, None)


class MemoryDirectory:
    """As `edge.nvram_file.StateDirectory`, as long as the process."""

    path = PurePosixPath("memory")

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def nvram(self, module: str) -> MemoryFile:
        return MemoryFile(self.files, f"{module}.nvram")

    def flash(self, module: str) -> MemoryFile:
        return MemoryFile(self.files, f"{module}.flash")

    def snapshots(self, module: str) -> MemoryFile:
        return MemoryFile(self.files, f"{module}.snapshots")

    def of_module(self, module: str) -> tuple[MemoryFile, MemoryFile, MemoryFile]:
        return self.nvram(module), self.flash(module), self.snapshots(module)

    def lab(self) -> MemoryFile:
        return MemoryFile(self.files, "lab")

    def clock(self) -> MemoryFile:
        return MemoryFile(self.files, "clock")


class _NoPort:
    """Of a module whose host is in this process."""

    where = "pty"
    lost = 0

    def close(self) -> None:
        pass


class SimulatedLabRuntime(LabRuntime):
    """``told``: what platforms have committed since the lab began."""

    def __init__(self, lab: SimulatedLab, timeline: Timeline, told: Sequence[Fact]) -> None:
        self._lab = lab
        self._say = print
        self.world, self.modules, self.timeline = lab.world, lab.modules, timeline
        self.ports: dict[str, SerialPort] = {}
        self.live = None
        self.commits = Histogram()
        self.gauge = LoopGauge()
        self.changing = asyncio.Lock()
        self._store_trouble = None
        self.memory = MemoryDirectory()
        self.directory = cast(StateDirectory, self.memory)
        self.strict = {node.operator for node in lab.world.platforms.values() if node.engine.strict}
        self.store = Store.open(":memory:")
        self.store.adopt(lab.backing.keys)
        self.store.part(PskRepository).adopt(lab.backing.psk)
        self.store.part(DefinitionRepository).adopt(lab.backing.definitions)
        packages = self.store.part(PackageRepository)
        packages.serve()
        lab.backing.sources.append(packages.served)
        self.store.commit(told)
        self._commits = InlineCommitter(self.store.commit, self.store.keeps)
        lab.takers.append(self.store.commit)

    # time

    @property
    def ahead(self) -> Seconds:
        return 0.0

    @property
    def rate(self) -> float:
        return 0.0

    @property
    def pace(self) -> float:
        return 0.0

    @property
    def patience(self) -> Seconds | None:
        return None

    @property
    def advancing(self) -> bool:
        return False

    def check_later(self, at: Seconds) -> None:
        """`LabRuntime.check_later`: an archive of a lab on the wall clock is decades later."""
        if at - self.world.now > LONGEST_GAP:
            raise SpecError(UsageRefusal.ARCHIVE_LATER, "lab.json", seconds=at - self.world.now, limit=LONGEST_GAP)

    def stop_advance(self) -> None:
        """None runs while somebody asks."""

    async def advance(
        self, span: Seconds, until: Callable[[], bool] | None = None, patience: Seconds | None = None
    ) -> None:
        """`LabRuntime.advance`."""
        if until is None:
            self.world.advance(span)
        else:
            self.world.run_until(until, span)

    # what it is made of

    async def keep(self) -> None:
        """There is nothing to keep it in."""

    async def committed(self, node: PlatformNode) -> None:
        """`LabRuntime.committed`: everything is, at once."""

    def serial_of(self, module: str) -> str:
        """`LabRuntime.serial_of`: what an archive says of a port that there is not."""
        return "pty"

    def make_successor(self, name: str, spec: ModuleSpec, module: Module) -> MadeModule:
        """`LabRuntime.make_successor`."""
        return MadeModule(ModuleNode(name, module), module, cast(SerialPort, _NoPort()))

    def put_in(self, made: MadeModule) -> None:
        """`LabRuntime.put_in`."""
        self.world.add_node(made.node)
        self.modules[made.node.name] = made.module

    def remove_module(self, name: str, *, keep_nvram: bool = True) -> None:
        """`LabRuntime.remove_module`."""
        self.world.remove(name)
        module = self.modules.pop(name)
        if keep_nvram:
            self.memory.nvram(name).save(module.nvram.snapshot())
        else:
            for kept in self.memory.of_module(name):
                self.memory.files.pop(kept.path.name, None)

    async def replace(
        self,
        change: Callable[[Replacement], object],
        done: Callable[[], object],
        *,
        new: Mapping[str, bytes],
        remove: Sequence[str] = (),
        within: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        """`LabRuntime.replace`, where there is no disk to be careful with."""
        await asyncio.to_thread(change, cast(Replacement, _Marked()))
        for name in remove:
            self.memory.files.pop(name, None)
        self.memory.files.update(new)
        done()
        self.store.reload()
        self._take_over()
        if within is not None:
            await within()
        for node in self.world.platforms.values():
            engine: Any = self._lab.new_platform(node.operator)
            engine.restore(self.store.registrations(node.operator))
            node.install(engine)
            self.world.note(node.name, PlatformRestarted())
            self.world.drain(node)

    def _take_over(self) -> None:
        """The lab's own inventory is what the store has now."""
        devices = [device for name in self.world.platforms for device in self.store.devices(name)]
        self._lab.devices = {device.id: device for device in devices}
        self._lab.history = [line for device in devices for line in self.store.history(device.id)]


class _Marked:
    number = 1
