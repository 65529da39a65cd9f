"""What a live lab writes to files, beside the loop: a module's NVRAM above all, whose `OK` waits for its write alone,
and the image of an update, which is made here, too, and for which its restart waits.

One thread, in order: what was written last is what a start finds. While something is under way no time is jumped over
(`World.writing`). Knows modules and the world; knows no file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from functools import partial

from nbtwin.edge.loop_gauge import LoopGauge, Work
from nbtwin.edge.nvram_file import NvramFile
from nbtwin.edge.work_thread import WorkThread
from nbtwin.engine import Seconds
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World
from nbtwin.module.flash import FlashBehind, Flashed
from nbtwin.module.module import Module
from nbtwin.module.nvram import Behind, Storage


class FileWriter:
    """From the constructor, on the loop, to `close`."""

    def __init__(self, world: World, gauge: LoopGauge) -> None:
        self._world, self._loop = world, asyncio.get_running_loop()
        self._replaced: Set[str] = frozenset()
        self._first: Callable[[], object] | None = None
        self._thread = WorkThread("nbtwin files", Work.FILES, gauge)
        self.flushed = self._thread.flushed
        self.submit = self._thread.submit
        """Work that nobody waits for, the lab's time neither."""
        self.close = self._thread.close

    def write(self, work: Callable[[], object], ended: Callable[[OSError | None], object]) -> None:
        """``ended`` is told on the loop."""
        self._world.writing += 1
        self._thread.submit(partial(self._perform, work), partial(self._ended, ended))

    def before_all(self, work: Callable[[], object]) -> None:
        """It failed. Nothing else is written before it succeeds: done at a later start, it would undo that."""
        self._first = work

    def _perform(self, work: Callable[[], object]) -> None:
        """In the thread."""
        if self._first is not None:
            self._first()
            self._first = None
        work()

    async def perform(self, work: Callable[[], object]) -> None:
        """Behind all that was to be written before. OSError as it raises it."""
        ended: asyncio.Future[None] = self._loop.create_future()

        def tell(error: OSError | None) -> None:
            if error is not None:
                ended.set_exception(error)
            else:
                ended.set_result(None)

        self.write(work, tell)
        await asyncio.shield(ended)

    @contextmanager
    def replacing(self, names: Set[str]) -> Iterator[None]:
        """Somebody puts others in the place of these files: what modules write to them until then is not written."""
        self._replaced = names
        try:
            yield
        finally:
            self._replaced = frozenset()

    def take_on(self, node: ModuleNode, module: Module) -> None:
        """From now on its NVRAM and its flash are written here."""
        storage, flash = module.nvram.storage, module.flash
        module.nvram.storage = Behind(storage, partial(self._write_nvram, node, module, storage))
        module.flash = FlashBehind(flash, partial(self._write_image, node, module, flash))

    def _write_nvram(self, node: ModuleNode, module: Module, storage: Storage, content: bytes) -> None:
        self.write(self._saving(storage, content), partial(self._written, node, module))

    def _write_image(self, node: ModuleNode, module: Module, storage: Storage, make: Callable[[], Flashed]) -> None:
        made = list[Flashed]()

        def work() -> None:
            made.append(make())
            if (content := made[0].content) is not None:
                self._saving(storage, content)()

        self.write(work, partial(self._image_written, node, module, made))

    def _saving(self, storage: Storage, content: bytes) -> Callable[[], object]:
        replaced = isinstance(storage, NvramFile) and storage.path.name in self._replaced
        return _nothing if replaced else partial(storage.save, content)

    def _image_written(self, node: ModuleNode, module: Module, made: list[Flashed], error: OSError | None) -> None:
        if self._world.modules.get(node.name) is node:  # else it was taken out meanwhile
            failed = error is not None or made[0].content is None
            self._world.perform(node, module.handle_image_written, failed, made[0].said if made else ())

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


def _nothing() -> None:
    """Is written."""
