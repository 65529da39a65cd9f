"""What an LwM2M server knows of a Client that is registered, and what it tells, in the past tense.

Values only: knows no message exchange and no policy. A `Registration` in an event is the live one: it shows what came
after the event as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from nbtwin.coap.events import RequestReceived
from nbtwin.coap.message import Message
from nbtwin.engine import Address, Reason, Seconds
from nbtwin.lwm2m.path import Path


class Lwm2mServerReason(Reason):
    """What an LwM2M server waits for."""

    LIFETIME_END = "lwm2m-server-lifetime-end"


@dataclass(slots=True)
class Registration:
    """One registered Client. ``client`` is the name the policy gave it: by default its endpoint client name."""

    client: str
    endpoint: str
    location: str  # the last segment of "rd/<location>"
    peer: Address
    lifetime: Seconds
    binding: str
    version: str
    objects: str
    registered_at: Seconds
    refreshed_at: Seconds


@dataclass(frozen=True, slots=True)
class ClientRegistered:
    at: Seconds
    registration: Registration
    replaced: Registration | None  # the one it had before


@dataclass(frozen=True, slots=True)
class ClientUpdated:
    at: Seconds
    registration: Registration
    address_changed: bool
    objects_changed: bool


@dataclass(frozen=True, slots=True)
class ClientDeregistered:
    at: Seconds
    registration: Registration


@dataclass(frozen=True, slots=True)
class ClientExpired:
    at: Seconds
    registration: Registration


@dataclass(frozen=True, slots=True)
class ClientRefused:
    """A Register, Update or De-register, or a request to no resource of ours, was answered with an error."""

    at: Seconds
    peer: Address
    client: str  # "" when it is not known
    code: int
    why: str


@dataclass(frozen=True, slots=True)
class ClientOperationAnswered:
    """The answer to an operation, or a notification of an observation: the token tells."""

    at: Seconds
    token: bytes
    client: str
    path: Path
    message: Message


@dataclass(frozen=True, slots=True)
class ClientOperationFailed:
    at: Seconds
    token: bytes
    client: str
    path: Path
    why: str


@dataclass(frozen=True, slots=True)
class RequestForwarded:
    """A request to a path the server keeps for its caller (``other_paths``); the caller responds."""

    at: Seconds
    received: RequestReceived
