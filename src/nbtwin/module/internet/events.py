"""What happens to a module's sockets, pings and look-ups, as facts, and why a socket is refused. Data only.

``socket`` is the number that its owner has given it (the host's <socket> or <connectID>), ``owner`` who that is.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from nbtwin.engine import Address, CodedError, Fact, Reason, Refusal, Seconds
from nbtwin.module.internet.orders import NAME_HOLDS, StreamEnd
from nbtwin.mqtt.events import MqttEvent

HOST = "host"
"""The owner of sockets that commands open."""


class Transport(StrEnum):
    UDP = "udp"
    TCP = "tcp"


class SocketRefusal(Refusal):
    """Why a socket does not do what it is asked."""

    TOO_MANY = "socket-too-many"
    """There is no room for another."""
    PORT_TAKEN = "socket-port-taken"
    """Another socket or service has this port."""
    NOT_CONNECTED = "socket-not-connected"
    CONNECTED = "socket-already-connected"
    """It is connected, or about to be."""
    FULL = "socket-full"
    """So much waits already to be sent that this does not fit."""


class SocketError(CodedError):
    """A socket is refused something; nothing has changed."""


class InternetReason(Reason):
    """What a module's sockets wait for."""

    TIME = "time-outstanding"
    """Subject: the server."""
    SENT = "socket-sending"  # the network's word that a datagram has left


class OwnedEvent(Fact, frozen=True):
    """Of what somebody in the module has asked for."""

    owner: str


class SocketEvent(OwnedEvent, frozen=True):
    """Of one socket."""

    socket: int


class SocketOpened(SocketEvent, frozen=True):
    """``port``: the module's own."""

    transport: Transport
    port: int


class SocketConnected(SocketEvent, frozen=True):
    peer: Address


class SocketListening(SocketEvent, frozen=True):
    """It takes who connects to its ``port``; others reach it at ``address``."""

    port: int
    address: Address


class SocketIncoming(SocketEvent, frozen=True):
    """Somebody connects to a listening socket, and waits for its owner's word (``stream``: the network's number)."""

    stream: int
    peer: Address


class SocketAccepted(SocketEvent, frozen=True):
    """One that a listening socket (``listener``) has taken."""

    listener: int
    peer: Address


class SocketFailed(SocketEvent, frozen=True):
    """It is not connected any more, or could not be."""

    end: StreamEnd
    was_connected: bool


class SocketReceived(SocketEvent, frozen=True):
    """So many bytes have come and wait to be read."""

    length: int


class SocketOverflowed(SocketEvent, frozen=True):
    """A datagram was dropped: nobody has read what came before it."""

    length: int


class SocketSent(SocketEvent, frozen=True):
    """A datagram that was given a number, or bytes of a stream, have reached the network (a stream: the peer); ``sent``
    false: they got lost."""

    sequence: int
    length: int
    sent: bool


class ExceptionSent(SocketEvent, frozen=True):
    """As an exception message: its connection was asked for with the cause mo-ExceptionData (36.331 6.2.2)."""


class SocketFinished(SocketEvent, frozen=True):
    """The peer has closed its half: nothing more will come."""


class SocketClosed(SocketEvent, frozen=True):
    """By its owner, or by what ends all sockets: a restart, a detach, deep sleep (``forced``)."""

    forced: bool = False


class PingEnded(OwnedEvent, frozen=True):
    """One answer, or none in time (``round_trip`` None)."""

    number: int
    host: str
    size: int
    round_trip: Seconds | None
    hops: int


class NameAnswered(OwnedEvent, frozen=True):
    """``host`` None: there is no such name. ``others``: more of its addresses; ``ttl``: seconds for which they hold."""

    name: str
    host: str | None
    others: tuple[str, ...] = ()
    ttl: int = NAME_HOLDS


class TimeAnswered(OwnedEvent, frozen=True):
    """What a time server has said: seconds since 1970, or nothing in time (``time`` None)."""

    server: str
    time: float | None


class MqttTold(Fact, frozen=True):
    """The host is told how a step of an MQTT client has ended, that its connection is gone, or what has come."""

    client: int
    line: str


InternetEvent: TypeAlias = (
    SocketOpened
    | SocketConnected
    | SocketListening
    | SocketIncoming
    | SocketAccepted
    | SocketFailed
    | SocketReceived
    | SocketOverflowed
    | SocketSent
    | ExceptionSent
    | SocketFinished
    | SocketClosed
    | PingEnded
    | NameAnswered
    | TimeAnswered
    | MqttTold
    | MqttEvent
)
