"""The one AT driver of the house, for programs: `connect` opens a real or a virtual module's serial line.

Loaded when it is first used: the engines below (`driver`, `startup`, `dialect`) need none of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbtwin.host.asynchronous import AsyncModule
    from nbtwin.host.connecting import connect, connect_async, over, over_async
    from nbtwin.host.driver import (
        AnswerCameLate,
        AnswerReceived,
        ModuleStarted,
        NoiseHeard,
        Recovery,
        StrangerHeard,
        UrcReceived,
    )
    from nbtwin.host.errors import CommandError, HostError, HostRefusal
    from nbtwin.host.line import BytesReceived, BytesSent, LineEvent, Transport
    from nbtwin.host.module import Module

__all__ = [
    "AnswerCameLate",
    "AnswerReceived",
    "AsyncModule",
    "BytesReceived",
    "BytesSent",
    "CommandError",
    "HostError",
    "HostRefusal",
    "LineEvent",
    "Module",
    "ModuleStarted",
    "NoiseHeard",
    "Recovery",
    "StrangerHeard",
    "Transport",
    "UrcReceived",
    "connect",
    "connect_async",
    "over",
    "over_async",
]

_HOMES = {
    "AnswerCameLate": "driver",
    "AnswerReceived": "driver",
    "AsyncModule": "asynchronous",
    "BytesReceived": "line",
    "BytesSent": "line",
    "CommandError": "errors",
    "HostError": "errors",
    "HostRefusal": "errors",
    "LineEvent": "line",
    "Module": "module",
    "ModuleStarted": "driver",
    "NoiseHeard": "driver",
    "Recovery": "driver",
    "StrangerHeard": "driver",
    "Transport": "line",
    "UrcReceived": "driver",
    "connect": "connecting",
    "connect_async": "connecting",
    "over": "connecting",
    "over_async": "connecting",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"nbtwin.host.{_HOMES[name]}"), name)
