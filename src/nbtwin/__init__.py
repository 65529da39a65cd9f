"""nbtwin: NB-IoT modules and the operators' device-management platforms they register with, in software.

The public API is what this module names in ``__all__``; docs/python.md has it page by page. It is loaded when it is
first used, so that ``import nbtwin`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbtwin.api.asynchronous.faces import AsyncDevice, AsyncLab, AsyncModule, AsyncPlatform
    from nbtwin.api.asynchronous.runner import AsyncCondition
    from nbtwin.api.conditions import Condition
    from nbtwin.api.connecting import connect, connect_async
    from nbtwin.api.deprecation import NbtwinDeprecationWarning
    from nbtwin.api.errors import (
        AccessDenied,
        LabClosed,
        LabError,
        LabRefused,
        LabUnreachable,
        NotOnRealModule,
        NotReached,
        OperationFailed,
        UnknownName,
    )
    from nbtwin.api.lab import Lab
    from nbtwin.api.module import Module
    from nbtwin.api.platform import Device, Platform
    from nbtwin.api.results import AtResult, ModuleState, PacketSeen, TimelineEntry

__version__ = "0.2.0"

__all__ = [
    "AccessDenied",
    "AsyncCondition",
    "AsyncDevice",
    "AsyncLab",
    "AsyncModule",
    "AsyncPlatform",
    "AtResult",
    "Condition",
    "Device",
    "Lab",
    "LabClosed",
    "LabError",
    "LabRefused",
    "LabUnreachable",
    "Module",
    "ModuleState",
    "NbtwinDeprecationWarning",
    "NotOnRealModule",
    "NotReached",
    "OperationFailed",
    "PacketSeen",
    "Platform",
    "TimelineEntry",
    "UnknownName",
    "__version__",
    "connect",
    "connect_async",
]

_HOMES = {
    "AccessDenied": "errors",
    "AsyncCondition": "asynchronous.runner",
    "AsyncDevice": "asynchronous.faces",
    "AsyncLab": "asynchronous.faces",
    "AsyncModule": "asynchronous.faces",
    "AsyncPlatform": "asynchronous.faces",
    "AtResult": "results",
    "Condition": "conditions",
    "Device": "platform",
    "Lab": "lab",
    "LabClosed": "errors",
    "LabError": "errors",
    "LabRefused": "errors",
    "LabUnreachable": "errors",
    "Module": "module",
    "ModuleState": "results",
    "NbtwinDeprecationWarning": "deprecation",
    "NotOnRealModule": "errors",
    "NotReached": "errors",
    "OperationFailed": "errors",
    "PacketSeen": "results",
    "Platform": "platform",
    "TimelineEntry": "results",
    "UnknownName": "errors",
    "connect": "connecting",
    "connect_async": "connecting",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = globals()[name] = getattr(import_module(f"nbtwin.api.{_HOMES[name]}"), name)
        return value
    if not name.startswith("_"):
        from nbtwin.api import deprecation

        if (leaving := deprecation.RENAMED.get(name)) is not None:
            deprecation.warn(f"nbtwin.{name}", leaving._replace(instead=f"nbtwin.{leaving.instead}"))
            return __getattr__(leaving.instead)
    raise AttributeError(f"module 'nbtwin' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
