"""What a self-registration tells of and waits for: data. Its rounds are in `machine.py`, which is compiled."""

from __future__ import annotations

from typing import TypeAlias

from nbtwin.coap.events import CoapEvent
from nbtwin.engine import Fact, Reason, Refusal, Seconds


class SelfRegistrationRefusal(Refusal):
    """What a round failed by, and what ended the rounds."""

    COVERAGE_LOST = "self-registration-coverage-lost"
    NAME_UNKNOWN = "self-registration-name-unknown"
    RESET = "self-registration-reset"
    UNANSWERED = "self-registration-unanswered"
    NO_SUCCESS = "self-registration-no-success"
    DEEP_SLEEP = "self-registration-deep-sleep"
    ROUNDS_FAILED = "self-registration-rounds-failed"


class RoundStarted(Fact, frozen=True):
    """The first, second ... attempt after this boot or of this update."""

    number: int


class RegistrationSucceeded(Fact, frozen=True):
    """The platform has the report; ``update``: it was not the first."""

    update: bool
    next_due_at: Seconds | None
    """The next update; None: there is none."""


class RegistrationFailed(Fact, frozen=True):
    """The verdict of one round."""

    round: int
    refusal: SelfRegistrationRefusal
    name: str = ""
    """The host name that was looked up (``COVERAGE_LOST``, ``NAME_UNKNOWN``)."""
    packets: int = 0
    """How many left and stayed unanswered (``UNANSWERED``)."""
    response_code: str = ""
    """What was answered (``NO_SUCCESS``)."""


class GaveUp(Fact, frozen=True):
    """No more until ``next_due_at``; None: until the next boot."""

    refusal: SelfRegistrationRefusal
    rounds: int
    next_due_at: Seconds | None


SelfRegistrationEvent: TypeAlias = RoundStarted | RegistrationSucceeded | RegistrationFailed | GaveUp | CoapEvent
"""The endpoint's own (retransmissions, drops) are passed on for the timeline."""


class SelfRegistrationReason(Reason):
    """What a self-registration waits for between its packets."""

    NEXT_ROUND = "self-registration-next-round"
    NEXT_UPDATE = "self-registration-next-update"
