"""What of the disk and the database is touched on the event loop's own thread: files that are opened there, statements
that are made there."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbtwin
from nbtwin.runtime.lab import LabRuntime

_OURS = str(Path(nbtwin.__file__).parent)
_OPENING = frozenset({"open", "os.listdir", "os.scandir", "os.rename", "os.remove", "os.mkdir", "os.truncate"})
_MAY = {
    # of a simulated lab, which writes and commits at once
    "nvram_file.py", "replacement.py", "segments.py", "submit", "commit_at_once",
    "serial_pty.py", "serial_link",  # the name of a port
    "source", "by_fluent.py",  # words, once
    "<module>",  # an import, once
}  # fmt: skip
_CODE = (".py", ".pyc", ".so")


class LoopWatch:
    """Of one thread, between `begin` and `end`. ``found``: by what goes on, what was touched."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}
        self.now = ""
        """What goes on; "": nothing that is watched."""
        self._thread = threading.get_ident()

    @contextmanager
    def of(self, what: str) -> Iterator[None]:
        self.now = what
        try:
            yield
        finally:
            self.now = ""

    def touched(self, what: str) -> None:
        if self.now and threading.get_ident() == self._thread:
            codes = [frame.f_code for frame, _ in traceback.walk_stack(None)]
            ours = [(Path(code.co_filename).name, code.co_name) for code in codes if code.co_filename.startswith(_OURS)]
            if ours and not any(_MAY & {*names} for names in ours):
                where = " < ".join(map(":".join, ours[:4]))
                self.found.setdefault(self.now, []).append(f"{what} {where}")

    def watch(self, lab: LabRuntime) -> None:
        database = lab.store.database
        before = database.before_use

        def before_use() -> None:
            self.touched("database")
            if before is not None:
                before()

        database.before_use = before_use

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        path = arguments[0] if event in _OPENING else None
        if isinstance(path, str | Path) and not str(path).startswith("/proc/") and Path(path).suffix not in _CODE:
            self.touched(f"{event} {Path(path).name}")


_watching: list[LoopWatch] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    for watch in _watching:
        watch.audit(event, arguments)


sys.addaudithook(_hear)  # for ever: it costs nothing while nobody watches


@contextmanager
def loop_watch() -> Iterator[LoopWatch]:
    watch = LoopWatch()
    _watching.append(watch)
    try:
        yield watch
    finally:
        _watching.remove(watch)
