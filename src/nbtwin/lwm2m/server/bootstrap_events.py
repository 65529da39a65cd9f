"""What a bootstrap server tells of: data. The server is in `bootstrap.py`, which is compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from nbtwin.coap.message import Message
from nbtwin.engine import Address, Fact, RefusalCode, Seconds


class BootstrapStarted(Fact, frozen=True):
    at: Seconds
    client: str
    peer: Address


class BootstrapFinished(Fact, frozen=True):
    """``answers``: what the Client said when it was asked what it has, by the path of the question."""

    at: Seconds
    client: str
    peer: Address
    answers: Mapping[str, Message] = {}


class BootstrapAborted(Fact, frozen=True):
    """A step was refused or not answered; the Client may ask again."""

    at: Seconds
    client: str
    peer: Address
    step: str  # "Write /0/1"
    refusal: RefusalCode
    response_code: str = ""  # "4.00"; "" when no answer came


class BootstrapRefused(Fact, frozen=True):
    """A request that starts nothing."""

    at: Seconds
    peer: Address
    client: str
    response_code: int
    refusal: RefusalCode
    subject: str = ""  # what was wrong, as it came
    limit: int = 0  # how much may be


BootstrapEvent: TypeAlias = BootstrapStarted | BootstrapFinished | BootstrapAborted | BootstrapRefused
