"""What was asked of a device and is not answered yet, and how it ended: data. Structs, as there are many."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from nbtwin.coap.events import Request
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import dotted
from nbtwin.engine import RefusalCode, Seconds
from nbtwin.lwm2m.path import Path
from nbtwin.operators.device_management.verbs import Target, Verb


class Answer(msgspec.Struct):
    """How a request of the platform's own ended: no message when no answer came, no refusal when all is well."""

    client: str
    verb: str
    path: Path
    message: Message | None
    refusal: RefusalCode | None = None

    @property
    def response_code(self) -> str:
        return "" if self.message is None else dotted(self.message.code)


Then: TypeAlias = Callable[[Seconds, Answer], object]
"""What comes after a request of the platform's own."""


class PendingRequest(msgspec.Struct, eq=False):
    """Asked, and not answered yet."""

    ticket: int  # 0: the platform's own
    client: str
    verb: Verb
    path: Target
    request: Request
    then: Then | None = None
    reports: bool = True  # its failure is an event
    deadline: Seconds | None = None  # of a command


class OwnRequest(msgspec.Struct, eq=False):
    """What the platform asks of many devices by itself: made once. It has a path and nothing else."""

    verb: Verb
    path: Path
    since: str
    request: Request
