"""The firmware that a module runs, and how another one takes its place: NVRAM stays, the version changes, it restarts.

Knows packages, versions and images; knows not how a package arrived.
"""

from __future__ import annotations

import msgspec

from nbtwin.engine import UNDECODABLE
from nbtwin.lwm2m.client.firmware_update import FirmwareResult
from nbtwin.lwm2m.firmware.delta import apply
from nbtwin.lwm2m.firmware.package import Package, PackageError
from nbtwin.module import events as happened
from nbtwin.module.context import ModuleContext
from nbtwin.module.settings import Saved
from nbtwin.module.switches import remembered

FOTA_UPGRADE = "REBOOT_CAUSE_SECURITY_FOTA_UPGRADE"
"""DOC-E 7."""


class _Images(msgspec.Struct):
    """By version: the one that runs, and from an update to the next one also the one before it."""

    images: dict[str, bytes]


def image(m: ModuleContext, version: str) -> bytes | None:
    """The image of this version; None where the module never got one over the air."""
    content = m.flash.load()
    if content is None:
        return None
    try:
        return msgspec.msgpack.decode(content, type=_Images).images.get(version)
    except UNDECODABLE:
        m.report(happened.FlashUnreadable())
        return None


def readable(content: bytes) -> bool:
    """Whether a flash may hold it."""
    try:
        msgspec.msgpack.decode(content, type=_Images)
    except UNDECODABLE:
        return False
    return True


def install(m: ModuleContext, package: Package) -> None:
    """What Andlink brought, in force after the restart that comes at once (DOC-E 3.8); NVRAM keeps the result.

    The image is written before the version: power cut in between, the old image runs, as NVRAM says.
    """
    m.to_save.andlink.update_result = int(FirmwareResult.SUCCESS)
    if not (_write_image(m, package) and write(m, package.manifest.version)):
        m.to_save.andlink.update_result = int(FirmwareResult.UPDATE_FAILED)
        m.nvram.save()
    m.restart(FOTA_UPGRADE)


def handle_unwritten(m: ModuleContext, hoped: Saved) -> None:
    """What was to be saved is not, `install` had returned before that was known: its result is told nevertheless."""
    if hoped.firmware != m.saved.firmware and hoped.andlink.update_result == FirmwareResult.SUCCESS:
        m.to_save.andlink.update_result = int(FirmwareResult.UPDATE_FAILED)
        m.nvram.save()


def _write_image(m: ModuleContext, package: Package) -> bool:
    old = m.identity.firmware
    running = image(m, old)
    try:
        version, new = apply(package, running)
        kept = {} if running is None else {old: running}
        m.flash.save(msgspec.msgpack.encode(_Images({**kept, version: new})))
    except PackageError as error:
        m.report(happened.FirmwareRefused(error.refusal, error.found, error.wanted))
        return False
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
