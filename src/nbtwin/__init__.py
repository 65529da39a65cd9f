"""nbtwin: NB-IoT modules and the operators' device-management platforms they register with, in software.

The public API is what this module names in ``__all__``; docs/python.md has it page by page. It is loaded when it is
first used, so that ``import nbtwin`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbtwin.api.conditions import Condition
    from nbtwin.api.errors import LabClosed, LabError, NotReached, OperationFailed, UnknownName
    from nbtwin.api.lab import Lab
    from nbtwin.api.module import Module
    from nbtwin.api.platform import Device, Platform
    from nbtwin.api.results import AtResult, ModuleState, PacketSeen, TimelineEntry

__version__ = "0.1.0"

__all__ = [
    "AtResult",
    "Condition",
    "Device",
    "Lab",
    "LabClosed",
    "LabError",
    "Module",
    "ModuleState",
    "NotReached",
    "OperationFailed",
    "PacketSeen",
    "Platform",
    "TimelineEntry",
    "UnknownName",
    "__version__",
]

_HOMES = {
    "AtResult": "results",
    "Condition": "conditions",
    "Device": "platform",
    "Lab": "lab",
    "LabClosed": "errors",
    "LabError": "errors",
    "Module": "module",
    "ModuleState": "results",
    "NotReached": "errors",
    "OperationFailed": "errors",
    "PacketSeen": "results",
    "Platform": "platform",
    "TimelineEntry": "results",
    "UnknownName": "errors",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'nbtwin' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"nbtwin.api.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
