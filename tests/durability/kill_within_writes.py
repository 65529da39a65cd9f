"""A process that kills itself within a write of a module's NVRAM or flash, at the instant that it is told.

`NvramFile.save` brings a content to the disk by three calls: it waits for the disk, renames, waits for the disk again.
An instant is the number of these calls that have been made.

``kill_within_writes.py up …``: `nbtwin`, from when the file ``kill-at`` of its state directory has a number.
``kill_within_writes.py firmware INSTANT STATE``: a module that takes the next firmware.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbtwin.edge.nvram_file import NvramFile
from nbtwin.lwm2m.firmware.delta import pack_image
from nbtwin.lwm2m.firmware.package import unpack
from nbtwin.module import flash
from nbtwin.module.identity import ModuleIdentity
from nbtwin.module.module import Module
from nbtwin.profiles.models import PROFILES

BC28 = PROFILES["BC28"]
NEW, NEXT = "BC28JAR01A11_ONT", "BC28JAR01A12_ONT"
IMAGES = {NEW: b"the image that runs" * 100, NEXT: b"the next image" * 100}
CALLS = 3
"""Of one save."""


def kill_at(instant: Callable[[], int | None]) -> None:
    """From now on; None: not yet."""
    made, own = 0, threading.local()

    def end_if_due() -> None:
        if instant() == made:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(call: Callable[..., Any], is_ours: Callable[..., bool]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            nonlocal made
            if not is_ours(*arguments):
                return call(*arguments)
            end_if_due()
            call(*arguments)
            made += instant() is not None
            end_if_due()

        return called

    def is_file(descriptor: int) -> bool:
        if getattr(own, "renamed", False):  # now its directory
            own.renamed = False
            return True
        return os.readlink(f"/proc/self/fd/{descriptor}").endswith((".nvram.new", ".flash.new"))

    def is_renamed(_: object, path: Path) -> bool:
        own.renamed = path.suffix in (".nvram", ".flash")
        return own.renamed

    os.fsync, os.replace = counted(os.fsync, is_file), counted(os.replace, is_renamed)


def module_in(state: Path) -> Module:
    """As after its next start."""
    identity = ModuleIdentity("meter", "867724030000225", BC28.firmware)
    nvram, images = NvramFile(state / "meter.nvram"), NvramFile(state / "meter.flash")
    return Module(BC28, identity, nvram, random.Random(1), flash=images)


def install(state: Path, version: str) -> None:
    flash.install(module_in(state), unpack(pack_image("BC28", version, IMAGES[version])))


def main(what: str, *arguments: str) -> None:
    if what == "firmware":
        kill_at(lambda: int(arguments[0]))
        install(Path(arguments[1]), NEXT)
        return
    from nbtwin.cli.main import run

    file = Path(arguments[-1]) / "kill-at"
    kill_at(lambda: int(file.read_text() or "-1") if file.exists() else None)
    run()


if __name__ == "__main__":
    main(*sys.argv[1:])
