"""The events of a DTLS client or server: facts in the past tense.

Knows the words of the RFCs; must not know how any of it comes about.
"""

from __future__ import annotations

from typing import TypeAlias

from nbtwin.dtls.numbers import AlertLevel, alert_name
from nbtwin.dtls.reasons import DtlsRefusal
from nbtwin.engine import Address, Fact


class FlightSent(Fact, frozen=True):
    """A flight left; `sending` counts from 1, and 0 is an answer to a repetition of the other side."""

    peer: Address
    flight: int
    messages: tuple[str, ...]
    sending: int


class MessageReceived(Fact, frozen=True):
    """A whole handshake message came, in its order."""

    peer: Address
    message: str


class HandshakeCompleted(Fact, frozen=True):
    """There is a session. The cipher suite is IANA's number."""

    peer: Address
    identity: bytes
    cipher_suite: int
    resumed: bool
    replaced: bool
    """A session with the same address lived until now."""
    extended_master_secret: bool
    encrypt_then_mac: bool
    connection_id: bytes | None
    """What the peer puts into its records; None when Connection IDs were not negotiated."""


class HandshakeFailed(Fact, frozen=True):
    """There is no session from this handshake. What the three last fields mean, the refusal's comment says.

    Of an identity without a usable key a server tells it before the peer can know (D150).
    """

    peer: Address
    refusal: DtlsRefusal
    number: int = 0
    expected: int = 0
    subject: str = ""


class ApplicationDataReceived(Fact, frozen=True):
    """One record's plaintext, never empty. The identity is its session's: two sessions may share an address.

    ``session``: at a server the session's number; 0 at a client.
    """

    peer: Address
    data: bytes
    identity: bytes = b""
    session: int = 0


class SessionClosed(Fact, frozen=True):
    """The session is over. ``number`` and ``subject`` are those of an alert."""

    peer: Address
    refusal: DtlsRefusal
    number: int = 0
    subject: str = ""


class SessionEnded(Fact, frozen=True):
    """Nothing comes from a server's session of this number any more, and nothing goes there: it was closed or replaced.

    A session that a resumed handshake carries on, at the same address, has not ended.
    """

    peer: Address
    identity: bytes
    session: int
    replaced: bool
    """By a new handshake of the same address; else SessionClosed tells why."""


class PeerMoved(Fact, frozen=True):
    """A session's two newest records came from another address; the Connection ID says that it is the same peer."""

    old: Address
    new: Address
    identity: bytes


class AlertReceived(Fact, frozen=True):
    """Level and description are the numbers of RFC 5246 7.2; in a handshake nothing vouches for them."""

    peer: Address
    level: int
    description: int

    def __str__(self) -> str:
        return f"{'fatal' if self.level == AlertLevel.FATAL else 'warning'} {alert_name(self.description)}"


class AlertSent(Fact, frozen=True):
    """Level and description are the numbers of RFC 5246 7.2."""

    peer: Address
    level: int
    description: int


class KeyLogged(Fact, frozen=True):
    """One line of an NSS key log, without its line end."""

    line: str


class DatagramDropped(Fact, frozen=True):
    """A datagram, or the rest of one, was not taken. At most one a datagram."""

    peer: Address
    refusal: DtlsRefusal
    number: int = 0
    expected: int = 0


DtlsEvent: TypeAlias = (
    FlightSent
    | MessageReceived
    | HandshakeCompleted
    | HandshakeFailed
    | ApplicationDataReceived
    | SessionClosed
    | SessionEnded
    | PeerMoved
    | AlertReceived
    | AlertSent
    | KeyLogged
    | DatagramDropped
)
"""Whatever a client or a server says to its user."""
