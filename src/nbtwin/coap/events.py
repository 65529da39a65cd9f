"""What goes into an Endpoint as a value, and what it tells: requests, responses, events in the past tense.

Knows the words of RFC 7252 and 7641; must not know how any of it comes about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from nbtwin.coap.message import Message, Options
from nbtwin.engine import Address


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask; the Endpoint adds message ID and token."""

    code: int
    options: Options = ()
    payload: bytes = b""
    confirmable: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """What to answer; the Endpoint adds message ID and token."""

    code: int
    options: Options = ()
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class RequestReceived:
    """A request, never a duplicate, all critical options understood."""

    peer: Address
    message: Message


@dataclass(frozen=True, slots=True)
class ResponseReceived:
    """The answer to a request, or a notification of an observation (RFC 7641): the token tells."""

    token: bytes
    peer: Address
    message: Message


@dataclass(frozen=True, slots=True)
class RequestAcknowledged:
    """An empty ACK came: the response will be separate (RFC 7252 5.2.2)."""

    token: bytes
    peer: Address


@dataclass(frozen=True, slots=True)
class RequestUnanswered:
    """The last wait is over without a response."""

    token: bytes
    peer: Address


@dataclass(frozen=True, slots=True)
class RequestReset:
    """The peer answered the request with RST."""

    token: bytes
    peer: Address


@dataclass(frozen=True, slots=True)
class Retransmitted:
    """The same datagram has left again; the first sending was 1."""

    token: bytes
    peer: Address
    sending: int


@dataclass(frozen=True, slots=True)
class NotificationAcknowledged:
    """The client has the notification."""

    token: bytes
    peer: Address
    message_id: int


@dataclass(frozen=True, slots=True)
class NotificationReset:
    """The client does not want the observation any more (RFC 7641 3.6): it has ended."""

    token: bytes
    peer: Address
    message_id: int


@dataclass(frozen=True, slots=True)
class NotificationUnanswered:
    """The client has gone (RFC 7641 4.5): the observation has ended."""

    token: bytes
    peer: Address
    message_id: int


@dataclass(frozen=True, slots=True)
class ResponseDelivered:
    """The separate response was acknowledged (RFC 7252 5.2.2)."""

    token: bytes
    peer: Address
    message_id: int


@dataclass(frozen=True, slots=True)
class ResponseUndelivered:
    """The separate response was reset or never acknowledged."""

    token: bytes
    peer: Address
    message_id: int
    why: str


@dataclass(frozen=True, slots=True)
class PingAnswered:
    """The peer answered our Empty CON with RST (RFC 7252 4.3)."""

    peer: Address
    message_id: int


@dataclass(frozen=True, slots=True)
class PingUnanswered:
    """The last wait is over: nobody is there."""

    peer: Address
    message_id: int


@dataclass(frozen=True, slots=True)
class BlockReceived:
    """A part of a body has come (RFC 7959); ``total`` when the sender has said how much it will be."""

    token: bytes
    peer: Address
    received: int
    total: int | None


@dataclass(frozen=True, slots=True)
class MessageDropped:
    """A datagram that told us nothing new; ``why`` is for the reader of a timeline."""

    peer: Address
    why: str


Event: TypeAlias = (
    RequestReceived
    | ResponseReceived
    | RequestAcknowledged
    | RequestUnanswered
    | RequestReset
    | Retransmitted
    | NotificationAcknowledged
    | NotificationReset
    | NotificationUnanswered
    | ResponseDelivered
    | ResponseUndelivered
    | PingAnswered
    | PingUnanswered
    | BlockReceived
    | MessageDropped
)
