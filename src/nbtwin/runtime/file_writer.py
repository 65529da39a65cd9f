"""What a live lab writes to files, beside the loop: a module's NVRAM above all, whose `OK` waits for its write alone.

One thread, in order: what was written last is what a start finds. While something is under way no time is jumped over
(`World.writing`). Knows modules and the world; knows no file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from nbtwin.edge.loop_gauge import LoopGauge, Work
from nbtwin.edge.work_thread import WorkThread
from nbtwin.engine import Seconds
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World
from nbtwin.module.module import Module


class FileWriter:
    """From the constructor, on the loop, to `close`."""

    def __init__(self, world: World, gauge: LoopGauge) -> None:
        self._world = world
        self._thread = WorkThread("nbtwin files", Work.FILES, gauge)
        self.flushed = self._thread.flushed
        self.close = self._thread.close

    def write(self, work: Callable[[], object], ended: Callable[[OSError | None], object]) -> None:
        """``ended`` is told on the loop."""
        self._world.writing += 1
        self._thread.submit(work, partial(self._ended, ended))

    def take_on(self, node: ModuleNode, module: Module) -> None:
        """From now on its NVRAM is written here."""
        module.nvram.behind = partial(self._write_nvram, node, module)

    def _write_nvram(self, node: ModuleNode, module: Module, content: bytes) -> None:
        self.write(partial(module.nvram.storage.save, content), partial(self._written, node, module))

    def _written(self, node: ModuleNode, module: Module, error: OSError | None) -> None:
        if self._world.modules.get(node.name) is node:
            self._world.perform(node, module.handle_written, error is not None)
        else:  # taken out meanwhile
            module.nvram.handle_written(error is not None)

    def _ended(self, ended: Callable[[OSError | None], object], error: Exception | None, seconds: Seconds) -> None:
        self._world.writing -= 1
        try:
            ended(error if error is None or isinstance(error, OSError) else OSError(str(error)))
        finally:
            if self._world.on_settled is not None:
                self._world.on_settled()
        if error is not None and not isinstance(error, OSError):
            raise error
