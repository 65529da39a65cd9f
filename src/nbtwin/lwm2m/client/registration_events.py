"""Register, Update and De-register, and how they ended: data. `registration.py` makes them."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeAlias

from nbtwin.coap.numbers import Code
from nbtwin.engine import Fact, Refusal


class RegistrationRefusal(Refusal):
    """How a server says no to Register, Update or De-register."""

    ERROR = "registration-error"
    """Another code than the one that means success."""
    RESET = "registration-reset"
    NO_LOCATION = "registration-no-location"
    """2.01 without a Location-Path: there is nothing to update."""
    ABORTED = "registration-aborted"
    """Given up by us: what there was to ask or to answer cannot be transferred."""


class Registered(Fact, frozen=True):
    """2.01 with a location: its segments, as Uri-Path options."""

    location: tuple[str, ...]


class RegistrationRefused(Fact, frozen=True):
    """The server said no to Register."""

    refusal: RegistrationRefusal
    response_code: str
    """As RFC 7252 12.1 writes it ("4.03"); empty for a Reset."""


class RegistrationUnanswered(Fact, frozen=True):
    """The last wait for an answer to Register is over."""


class Updated(Fact, frozen=True):
    """2.04."""


class UpdateRefused(Fact, frozen=True):
    """The server said no to Update."""

    refusal: RegistrationRefusal
    response_code: str


class UpdateUnanswered(Fact, frozen=True):
    """The last wait for an answer to Update is over."""


class Deregistered(Fact, frozen=True):
    """2.02."""


class DeregistrationRefused(Fact, frozen=True):
    """The server said no to De-register."""

    refusal: RegistrationRefusal
    response_code: str


class DeregistrationUnanswered(Fact, frozen=True):
    """The last wait for an answer to De-register is over."""


RegistrationOutcome: TypeAlias = (
    Registered
    | RegistrationRefused
    | RegistrationUnanswered
    | Updated
    | UpdateRefused
    | UpdateUnanswered
    | Deregistered
    | DeregistrationRefused
    | DeregistrationUnanswered
)


class RegistrationOperation(Enum):
    """The three, with the only code that means success, and what the other ends are called."""

    REGISTER = (Code.CREATED, RegistrationRefused, RegistrationUnanswered)
    UPDATE = (Code.CHANGED, UpdateRefused, UpdateUnanswered)
    DEREGISTER = (Code.DELETED, DeregistrationRefused, DeregistrationUnanswered)

    def __init__(
        self,
        success: Code,
        refused: Callable[[RegistrationRefusal, str], RegistrationRefused | UpdateRefused | DeregistrationRefused],
        unanswered: Callable[[], RegistrationUnanswered | UpdateUnanswered | DeregistrationUnanswered],
    ) -> None:
        self.success, self.refused, self.unanswered = success, refused, unanswered
