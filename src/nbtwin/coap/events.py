"""Requests and responses as values, and the events of an endpoint: facts in the past tense.

Knows the words of RFC 7252, 7641 and 7959; must not know how any of it comes about.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from nbtwin.coap.message import Message, Options
from nbtwin.coap.reasons import CoapRefusal
from nbtwin.engine import Address, Fact


class Request(msgspec.Struct, frozen=True, gc=False):
    """What to ask; the Endpoint adds message ID and token. ``encoded``: as in `Response`."""

    code: int
    options: Options = ()
    payload: bytes = b""
    confirmable: bool = True
    encoded: bytes = b""


class Response(msgspec.Struct, frozen=True, gc=False):
    """What to answer; the Endpoint adds message ID and token.

    ``encoded``: options and payload as bytes, of whoever has them already (`message.encode_content`).
    """

    code: int
    options: Options = ()
    payload: bytes = b""
    encoded: bytes = b""


class RequestReceived(Fact, frozen=True):
    """A request, never a duplicate, all critical options understood."""

    peer: Address
    message: Message
    is_plain: bool = False
    """No option of it is about observing or blocks; False also where nobody has looked."""


class ResponseReceived(Fact, frozen=True):
    """The answer to a request, or a notification of an observation (RFC 7641): the token tells."""

    token: bytes
    peer: Address
    message: Message


class RequestAcknowledged(Fact, frozen=True):
    """An empty ACK came: the response will be separate (RFC 7252 5.2.2)."""

    token: bytes
    peer: Address


class RequestUnanswered(Fact, frozen=True):
    """The last wait is over without a response."""

    token: bytes
    peer: Address


class RequestReset(Fact, frozen=True):
    """The peer answered the request with RST."""

    token: bytes
    peer: Address


class RequestAborted(Fact, frozen=True):
    """The request was given up by us.

    QUEUE_FULL: it never left; PEER_FORGOTTEN: its answer is not waited for; else the blocks of its answer make no body,
    and what the two last fields mean, the refusal's comment says.
    """

    token: bytes
    peer: Address
    refusal: CoapRefusal
    number: int = 0
    expected: int = 0


class Retransmitted(Fact, frozen=True):
    """The same datagram has left again; the first sending was 1."""

    token: bytes
    peer: Address
    sending: int


class NotificationAcknowledged(Fact, frozen=True):
    """The client has the notification."""

    token: bytes
    peer: Address
    message_id: int


class NotificationReset(Fact, frozen=True):
    """The client does not want the observation any more (RFC 7641 3.6): it has ended."""

    token: bytes
    peer: Address
    message_id: int


class NotificationUnanswered(Fact, frozen=True):
    """The client has gone (RFC 7641 4.5): the observation has ended."""

    token: bytes
    peer: Address
    message_id: int


class NotificationAborted(Fact, frozen=True):
    """The notification was given up by us: QUEUE_FULL, OBSERVATION_ENDED or PEER_FORGOTTEN."""

    token: bytes
    peer: Address
    message_id: int
    refusal: CoapRefusal


class ResponseDelivered(Fact, frozen=True):
    """The separate response was acknowledged (RFC 7252 5.2.2)."""

    token: bytes
    peer: Address
    message_id: int


class ResponseUndelivered(Fact, frozen=True):
    """The separate response was reset or never acknowledged, or we gave it up."""

    token: bytes
    peer: Address
    message_id: int
    refusal: CoapRefusal


class PingAnswered(Fact, frozen=True):
    """The peer answered our Empty CON with RST (RFC 7252 4.3)."""

    peer: Address
    message_id: int


class PingUnanswered(Fact, frozen=True):
    """The last wait is over: nobody is there."""

    peer: Address
    message_id: int


class PingAborted(Fact, frozen=True):
    """The ping was given up by us: QUEUE_FULL or PEER_FORGOTTEN."""

    peer: Address
    message_id: int
    refusal: CoapRefusal


class BlockReceived(Fact, frozen=True):
    """A part of a body has come (RFC 7959); ``total`` when the sender has said how much it will be."""

    token: bytes
    peer: Address
    received: int
    total: int | None
    method: int = 0
    """Of the request whose body it is; 0 for an answer's body."""
    path: tuple[str, ...] = ()
    """Where that request writes: what a body means nothing but this can tell."""


class MessageDropped(Fact, frozen=True):
    """A datagram that told us nothing new. What the three last fields mean, the refusal's comment says."""

    peer: Address
    refusal: CoapRefusal
    number: int = 0
    expected: int = 0
    subject: str = ""


CoapEvent: TypeAlias = (
    RequestReceived
    | ResponseReceived
    | RequestAcknowledged
    | RequestUnanswered
    | RequestReset
    | RequestAborted
    | Retransmitted
    | NotificationAcknowledged
    | NotificationReset
    | NotificationUnanswered
    | NotificationAborted
    | ResponseDelivered
    | ResponseUndelivered
    | PingAnswered
    | PingUnanswered
    | PingAborted
    | BlockReceived
    | MessageDropped
)
"""Whatever an endpoint says to its user. Match on the classes; ``assert_never`` finds the one that is missing."""
