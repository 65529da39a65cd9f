"""What an endpoint keeps of each message that has come or is out: data for `deduplication` and `retransmission`.

Structs, because there is one for every message; in a module of their own, because modules of data are not compiled.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from nbtwin.coap.reasons import CoapReason
from nbtwin.engine import Address, Deadline, Seconds

if TYPE_CHECKING:
    from nbtwin.coap.blockwise import Transfer
    from nbtwin.coap.events import Request

Key: TypeAlias = tuple[Address, int]
"""Source and message ID."""
Waits: TypeAlias = tuple[Seconds, ...]
"""Seconds to wait after each sending; as many as there are sendings. Their sum is when to give up."""


class TransmissionKind(Enum):
    """What of ours is out; the value is what it waits for."""

    REQUEST = CoapReason.PACKET_UNANSWERED
    NOTIFICATION = CoapReason.NOTIFICATION_UNACKNOWLEDGED
    RESPONSE = CoapReason.RESPONSE_UNACKNOWLEDGED
    PING = CoapReason.PING_UNANSWERED


_REASONS = {kind: kind.value for kind in TransmissionKind}


class Transmission(msgspec.Struct, eq=False):
    """One message of ours from its first sending to its end."""

    kind: TransmissionKind
    peer: Address
    token: bytes
    message_id: int
    datagram: bytes
    waits: Waits
    sending: int = 0  # how often it has left; 0: it waits for its turn
    has_turn: bool = False  # an outstanding interaction (RFC 7252 4.7)
    elapsed: Seconds = 0.0  # the waits so far
    started_at: Seconds = 0.0
    at: Seconds = 0.0
    timer: int = 0  # which entry of the heap is the valid one
    acknowledged: bool = False
    observe: int | None = None
    deadline: Deadline | None = None

    @property
    def reason(self) -> CoapReason:
        """What it waits for; `sending` is the number of the packet."""
        return CoapReason.RESPONSE_OUTSTANDING if self.acknowledged else _REASONS[self.kind]


class Asked(msgspec.Struct, eq=False):
    """One request of the caller's, or the rest of one notification, under way in one block or more."""

    request: Request
    handle: bytes  # the token that the caller knows
    waits: Waits | None
    transfer: Transfer | None = None  # when there are blocks
    is_notification: bool = False
