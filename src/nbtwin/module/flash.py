"""The firmware that a module runs, and how another one takes its place: NVRAM stays, the version changes, it restarts.

In a live lab somebody else makes and writes the images (`FlashBehind`): the restart waits until the image is on the
disk, and nobody else does. Knows packages, versions and images; knows not how a package arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import msgspec

from nbtwin.engine import UNDECODABLE
from nbtwin.lwm2m.client.firmware_update import FirmwareResult
from nbtwin.lwm2m.firmware.delta import apply
from nbtwin.lwm2m.firmware.package import Package, PackageError
from nbtwin.module import events as happened
from nbtwin.module.context import ModuleContext
from nbtwin.module.events import ModuleEvent
from nbtwin.module.nvram import Storage
from nbtwin.module.settings import Saved
from nbtwin.module.switches import remembered

FOTA_UPGRADE = "REBOOT_CAUSE_SECURITY_FOTA_UPGRADE"
"""DOC-E 7."""


class Flashed(NamedTuple):
    """What a flash has to hold after an update; None where the package cannot be had there, for what is ``said``."""

    content: bytes | None
    said: tuple[ModuleEvent, ...] = ()


class _Images(msgspec.Struct):
    """By version: the one that runs, and from an update to the next one also the one before it."""

    images: dict[str, bytes]


def image(m: ModuleContext, version: str) -> bytes | None:
    """The image of this version; None where the module never got one over the air."""
    content = m.flash.load()
    try:
        return _image(content, version)
    except UNDECODABLE:
        m.report(happened.FlashUnreadable())
        return None


def _image(content: bytes | None, version: str) -> bytes | None:
    return None if content is None else msgspec.msgpack.decode(content, type=_Images).images.get(version)


def readable(content: bytes) -> bool:
    """Whether a flash may hold it."""
    try:
        msgspec.msgpack.decode(content, type=_Images)
    except UNDECODABLE:
        return False
    return True


class FlashBehind:
    """Images that somebody else makes and writes while others go on; `handle_written` is told how each ended."""

    __slots__ = ("storage", "under_way", "write")

    def __init__(self, storage: Storage, write: Callable[[Callable[[], Flashed]], object]) -> None:
        self.storage = storage
        self.write = write
        """Takes what makes the image."""
        self.under_way: list[str | None] = []
        """Versions that run once their image is written, oldest first; None: the module was reset meanwhile."""

    def load(self) -> bytes | None:
        return self.storage.load()

    def save(self, content: bytes) -> None:
        self.storage.save(content)


def install(m: ModuleContext, package: Package) -> None:
    """What Andlink brought, in force after the restart that comes at once (DOC-E 3.8); NVRAM keeps the result.

    The image is written before the version: power cut in between, the old image runs, as NVRAM says.
    """
    version, behind, running = package.manifest.version, m.flash, m.identity.firmware
    if isinstance(behind, FlashBehind):
        behind.under_way.append(version)
        behind.write(partial(flashed, behind.storage, running, package))
    else:
        content, said = flashed(behind, running, package)
        for event in said:
            m.report(event)
        _conclude(m, version if content is not None and _written(m, content) else None)
    m.restart(FOTA_UPGRADE)


def handle_written(m: ModuleContext, failed: bool, said: tuple[ModuleEvent, ...] = ()) -> None:
    """The image that somebody else wrote is on the disk, or will never be. ``said``: by whoever made it."""
    behind = m.flash
    if not isinstance(behind, FlashBehind) or not behind.under_way:
        return
    version = behind.under_way.pop(0)
    if version is None:
        return
    for event in said:
        m.report(event)
    if failed and not any([isinstance(event, happened.FirmwareRefused) for event in said]):
        m.report(happened.NvramWriteFailed())
    _conclude(m, None if failed else version)


def is_writing(flash: Storage | None) -> bool:
    """Whether a version waits for its image."""
    return isinstance(flash, FlashBehind) and any(flash.under_way)


def forget(flash: Storage | None) -> None:
    """Power is cut, or the module reset, while an image is written: the old one runs."""
    if isinstance(flash, FlashBehind):
        flash.under_way = [None] * len(flash.under_way)


def _conclude(m: ModuleContext, version: str | None) -> None:
    """``version``: its image is there; None: it could not be had."""
    m.to_save.andlink.update_result = int(FirmwareResult.SUCCESS)
    if version is None or not write(m, version):
        m.to_save.andlink.update_result = int(FirmwareResult.UPDATE_FAILED)
        m.nvram.save()


def handle_unwritten(m: ModuleContext, hoped: Saved) -> None:
    """What was to be saved is not, `install` had returned before that was known: its result is told nevertheless."""
    if hoped.firmware != m.saved.firmware and hoped.andlink.update_result == FirmwareResult.SUCCESS:
        m.to_save.andlink.update_result = int(FirmwareResult.UPDATE_FAILED)
        m.nvram.save()


def flashed(storage: Storage, old: str, package: Package) -> Flashed:
    """What makes of the version that runs, ``old``, the one in the package. Reads the flash, and may take long, on
    whatever thread."""
    running, said = None, list[ModuleEvent]()
    try:
        running = _image(storage.load(), old)
    except UNDECODABLE:
        said.append(happened.FlashUnreadable())
    try:
        version, new = apply(package, running)
    except PackageError as error:
        return Flashed(None, (*said, happened.FirmwareRefused(error.refusal, error.found, error.wanted)))
    kept = {} if running is None else {old: running}
    return Flashed(msgspec.msgpack.encode(_Images({**kept, version: new})), tuple(said))


def _written(m: ModuleContext, content: bytes) -> bool:
    try:
        m.flash.save(content)
    except OSError:
        m.report(happened.NvramWriteFailed())
        return False
    return True


def write(m: ModuleContext, version: str) -> bool:
    """Whether the version runs from the next boot on; False when NVRAM cannot be written."""
    old = m.identity.firmware
    m.to_save.updated_from = remembered(m.profile.switch, m.saved.updated_from, old)
    m.to_save.firmware = version
    if not m.nvram.save():
        m.report(happened.NvramWriteFailed())
        return False
    m.report(happened.FirmwareUpdated(old, version))
    return True
