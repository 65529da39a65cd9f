"""How a message of ours can end, as events: acknowledged, reset, unanswered, aborted.

Knows which event belongs to which kind of message; must not know how the end was found out.
"""

from __future__ import annotations

from nbtwin.coap.events import (
    CoapEvent,
    NotificationAborted,
    NotificationAcknowledged,
    NotificationReset,
    NotificationUnanswered,
    PingAborted,
    PingAnswered,
    PingUnanswered,
    RequestAborted,
    RequestAcknowledged,
    RequestReset,
    RequestUnanswered,
    ResponseDelivered,
    ResponseUndelivered,
)
from nbtwin.coap.reasons import CoapRefusal
from nbtwin.coap.records import Transmission, TransmissionKind


def acknowledged(transmission: Transmission) -> CoapEvent:
    """An empty ACK came. For a request it is not the end: the response will be separate."""
    token, peer, message_id = transmission.token, transmission.peer, transmission.message_id
    if transmission.kind is TransmissionKind.REQUEST:
        return RequestAcknowledged(token, peer)
    if transmission.kind is TransmissionKind.NOTIFICATION:
        return NotificationAcknowledged(token, peer, message_id)
    return ResponseDelivered(token, peer, message_id)


def reset(transmission: Transmission) -> CoapEvent:
    """RST came; it is what a ping hopes for (RFC 7252 4.3)."""
    token, peer, message_id = transmission.token, transmission.peer, transmission.message_id
    if transmission.kind is TransmissionKind.REQUEST:
        return RequestReset(token, peer)
    if transmission.kind is TransmissionKind.NOTIFICATION:
        return NotificationReset(token, peer, message_id)
    if transmission.kind is TransmissionKind.RESPONSE:
        return ResponseUndelivered(token, peer, message_id, CoapRefusal.RESET)
    return PingAnswered(peer, message_id)


def unanswered(transmission: Transmission) -> CoapEvent:
    """The last wait is over."""
    token, peer, message_id = transmission.token, transmission.peer, transmission.message_id
    if transmission.kind is TransmissionKind.REQUEST:
        return RequestUnanswered(token, peer)
    if transmission.kind is TransmissionKind.NOTIFICATION:
        return NotificationUnanswered(token, peer, message_id)
    if transmission.kind is TransmissionKind.RESPONSE:
        return ResponseUndelivered(token, peer, message_id, CoapRefusal.UNANSWERED)
    return PingUnanswered(peer, message_id)


def aborted(transmission: Transmission, refusal: CoapRefusal) -> CoapEvent:
    """We gave it up."""
    token, peer, message_id = transmission.token, transmission.peer, transmission.message_id
    if transmission.kind is TransmissionKind.REQUEST:
        return RequestAborted(token, peer, refusal)
    if transmission.kind is TransmissionKind.NOTIFICATION:
        return NotificationAborted(token, peer, message_id, refusal)
    if transmission.kind is TransmissionKind.RESPONSE:
        return ResponseUndelivered(token, peer, message_id, refusal)
    return PingAborted(peer, message_id, refusal)
