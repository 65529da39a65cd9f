"""What happens in an engine, as others are told it. All of it plain data."""

from __future__ import annotations

from dataclasses import dataclass

from nbtwin.dtls.numbers import AlertLevel, alert_name
from nbtwin.engine import Address, Reason


class DtlsReason(Reason):
    """What a DTLS endpoint waits for."""

    FLIGHT_UNANSWERED = "dtls-flight-unanswered"
    PEER_SILENT = "dtls-peer-silent"


@dataclass(frozen=True, slots=True)
class FlightSent:
    """A flight left; `sending` counts from 1, and 0 is an answer to a repetition of the other side."""

    peer: Address
    flight: int
    messages: tuple[str, ...]
    sending: int


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A whole handshake message came, in its order."""

    peer: Address
    message: str


@dataclass(frozen=True, slots=True)
class HandshakeCompleted:
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


@dataclass(frozen=True, slots=True)
class HandshakeFailed:
    peer: Address
    why: str


@dataclass(frozen=True, slots=True)
class ApplicationDataReceived:
    peer: Address
    data: bytes


@dataclass(frozen=True, slots=True)
class SessionClosed:
    peer: Address
    why: str


@dataclass(frozen=True, slots=True)
class PeerMoved:
    """A session's newest record came from another address, and its Connection ID says that it is the same peer."""

    old: Address
    new: Address
    identity: bytes


@dataclass(frozen=True, slots=True)
class AlertReceived:
    peer: Address
    level: int
    description: int

    def __str__(self) -> str:
        return f"{'fatal' if self.level == AlertLevel.FATAL else 'warning'} {alert_name(self.description)}"


@dataclass(frozen=True, slots=True)
class AlertSent:
    peer: Address
    level: int
    description: int


@dataclass(frozen=True, slots=True)
class KeyLogged:
    """One line of an NSS key log, without its line end."""

    line: str


@dataclass(frozen=True, slots=True)
class DatagramDropped:
    """A datagram, or the rest of one, was not taken. At most one a datagram."""

    peer: Address
    why: str
