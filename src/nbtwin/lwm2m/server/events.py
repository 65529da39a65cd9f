"""What an LwM2M server knows of a Client that is registered, and what it tells, in the past tense.

Values only: knows no message exchange and no policy. A `Registration` in an event is as it was then: a change makes
another one.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from nbtwin.coap.events import RequestReceived
from nbtwin.coap.message import Message
from nbtwin.engine import Address, Fact, Reason, RefusalCode, Seconds
from nbtwin.lwm2m.path import Target
from nbtwin.lwm2m.server.records import UpdateRequest


class Lwm2mServerReason(Reason):
    """What an LwM2M server waits for."""

    LIFETIME_END = "lwm2m-server-lifetime-end"


class Registration(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One registered Client. ``client`` is the name the policy gave it: by default its endpoint client name."""

    client: str
    endpoint: str
    location: str  # the last segment of "rd/<location>"
    peer: Address
    lifetime: Seconds
    binding: str  # letters of transports, and "Q" in Queue Mode, whatever the version
    version: str
    objects: str
    registered_at: Seconds
    refreshed_at: Seconds
    sms: str = ""  # the number under which it takes SMS

    def taken(self, now: Seconds, client: str, location: str, peer: Address) -> Registration:
        """As it is kept, once it is known under which name and where. Not compiled: see `updated`."""
        return Registration(
            client, self.endpoint or client, location, peer, self.lifetime, self.binding, self.version, self.objects,
            now, now, self.sms,
        )  # fmt: skip

    def is_again(self, endpoint: str, peer: Address, said: Registration) -> bool:
        """Whether this one says that anew, under its name and from where it is."""
        return (
            self.objects == said.objects
            and self.peer == peer
            and self.endpoint == endpoint
            and self.lifetime == said.lifetime
            and self.binding == said.binding
            and self.version == said.version
            and self.sms == said.sms
        )

    def again(self, now: Seconds, location: str, said: Registration) -> Registration:
        """As after another Register request from there that says the same."""
        return Registration(
            self.client, self.endpoint, location, self.peer, said.lifetime, said.binding, said.version, said.objects,
            now, now, said.sms,
        )  # fmt: skip

    def refreshed(self, now: Seconds) -> Registration:
        """As after an Update that says nothing."""
        return Registration(
            self.client, self.endpoint, self.location, self.peer, self.lifetime, self.binding, self.version,
            self.objects, self.registered_at, now, self.sms,
        )  # fmt: skip

    def updated(self, now: Seconds, peer: Address, said: UpdateRequest) -> Registration:
        """As after an Update. Here, where nothing is compiled: compiled code would make a float of a whole lifetime."""
        return Registration(
            self.client, self.endpoint, self.location, peer,
            said.lifetime or self.lifetime,
            said.binding or self.binding,
            self.version,
            self.objects if said.objects is None else said.objects,
            self.registered_at, now,
            self.sms if said.sms is None else said.sms,
        )  # fmt: skip


class ClientRegistered(Fact, frozen=True):
    at: Seconds
    registration: Registration
    replaced: Registration | None  # the one it had before


class ClientUpdated(Fact, frozen=True):
    at: Seconds
    registration: Registration
    address_changed: bool
    said: UpdateRequest


class ClientDeregistered(Fact, frozen=True):
    at: Seconds
    registration: Registration


class ClientExpired(Fact, frozen=True):
    at: Seconds
    registration: Registration


class ClientRefused(Fact, frozen=True):
    """A Register, Update or De-register, or a request to no resource of ours, was answered with an error."""

    at: Seconds
    peer: Address
    client: str  # "" when it is not known
    response_code: int
    refusal: RefusalCode
    subject: str = ""  # what was wrong, as it came
    limit: int = 0  # how much may be


class ClientOperationAnswered(Fact, frozen=True):
    """The answer to an operation, or a notification of an observation: the token tells."""

    at: Seconds
    token: bytes
    client: str
    path: Target
    message: Message


class ClientOperationFailed(Fact, frozen=True):
    """No answer to an operation will come."""

    at: Seconds
    token: bytes
    client: str
    path: Target
    refusal: RefusalCode


class RequestForwarded(Fact, frozen=True):
    """A request to a path the server keeps for its caller (``other_paths``); the caller responds."""

    at: Seconds
    received: RequestReceived


ServerEvent: TypeAlias = (
    ClientRegistered
    | ClientUpdated
    | ClientDeregistered
    | ClientExpired
    | ClientRefused
    | ClientOperationAnswered
    | ClientOperationFailed
    | RequestForwarded
)
"""What the server tells by itself, beside what its endpoint does (`nbtwin.coap.events`)."""
