"""The firmware that a module runs, and how another one takes its place: NVRAM stays, the version changes, it restarts.

Knows packages and versions; knows not how a package arrived.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.lwm2m.firmware import Result
from nbtwin.lwm2m.package import Package
from nbtwin.module import events as happened
from nbtwin.module.switches import remembered

if TYPE_CHECKING:
    from nbtwin.module.module import Module

FOTA_UPGRADE = "REBOOT_CAUSE_SECURITY_FOTA_UPGRADE"
"""DOC-E 7."""


def install(m: Module, package: Package) -> None:
    """What Andlink brought, in force after the restart that comes at once (DOC-E 3.8); NVRAM keeps the result."""
    m.saved.andlink.update_result = int(Result.SUCCESS)
    if not write(m, package.manifest.version):
        m.saved.andlink.update_result = int(Result.UPDATE_FAILED)
    m.restart(FOTA_UPGRADE)


def write(m: Module, version: str) -> bool:
    """Whether the version runs from the next boot on; False when NVRAM cannot be written."""
    old = m.identity.firmware
    m.saved.updated_from, m.saved.firmware = remembered(m.profile.switch, m.saved.updated_from, old), version
    if not m.nvram.save():
        m.tell(happened.NvramWriteFailed())
        return False
    m.tell(happened.FirmwareUpdated(old, version))
    return True
