"""A command for a device in Queue Mode as it is kept: what was asked, until when, in which place, what became of it.

Folded from events alone. Knows no database and no message exchange.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from nbtwin.engine import Seconds


class CommandState(StrEnum):
    """Where a command is; the last four are ends."""

    WAITING = "waiting"
    SENT = "sent"  # and not answered yet
    ANSWERED = "answered"
    FAILED = "failed"  # the answer is an error, or none came
    EXPIRED = "expired"  # its deadline passed before the device was heard
    CANCELLED = "cancelled"


OPEN_STATES = (CommandState.WAITING, CommandState.SENT)


class QueuedCommand(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One command. Times are in the store's time when read from a store, else lab time."""

    ticket: int
    device: str  # "<platform>:<client>"
    operation: str  # one of `verbs`
    path: str
    value: Any = None  # as it was asked with
    content_format: int | None = None  # that was asked for
    asked_at: Seconds
    asked_by: str = ""
    deadline: Seconds
    request: bytes  # the CoAP message without ID and token: what is sent, whatever is known of types by then
    state: CommandState = CommandState.WAITING
    place: int = 0  # among the device's open ones, from 1
    sent_at: Seconds | None = None
    ended_at: Seconds | None = None
    response_code: str = ""
    refusal: str = ""
    diagnostic: str = ""
    why: dict[str, Any] | None = None
    result: Any = None  # the value that came
    raw: Any = None


def moved(order: list[int], ticket: int, position: int) -> list[int]:
    """Tickets in their new order: this one at that position, from 1, or at the end."""
    rest = [each for each in order if each != ticket]
    return [*rest[: position - 1], ticket, *rest[position - 1 :]]
