"""What a module asks of the network besides datagrams, and what it hears of it: byte streams (TCP), pings. Data only.

A stream is named by the number of its socket, which a module gives once a boot: what comes for another is late. One
that came to the module has a number of the network's, below 0.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec

from nbtwin.engine import Address, Seconds

NAME_HOLDS = 600
"""Seconds for which a name of the lab holds (<DNS_ttl>); assumed."""


class StreamOpen(msgspec.Struct, frozen=True, gc=False):
    """Connect; ``window``: so many bytes may come before the module says that it has room for more."""

    number: int
    port: int
    peer: Address
    window: int


class StreamListen(msgspec.Struct, frozen=True, gc=False):
    """Take who connects to this port; at most ``backlog`` at once may wait for the module's word."""

    number: int
    port: int
    backlog: int


class StreamAccept(msgspec.Struct, frozen=True, gc=False):
    """Of one who connects (`StreamIncoming`): the stream is open. Refused by `StreamClosing.ABORT`."""

    number: int
    window: int


class StreamWrite(msgspec.Struct, frozen=True, gc=False):
    number: int
    data: bytes


class StreamWindow(msgspec.Struct, frozen=True, gc=False):
    """So many more bytes may come."""

    number: int
    bytes: int


class StreamClosing(StrEnum):
    HALF = "half"  # nothing more is written, once everything has left; what comes is still read
    WHOLE = "whole"  # the same, and nobody reads any more
    ABORT = "abort"  # at once: what has not left is lost


class StreamClose(msgspec.Struct, frozen=True, gc=False):
    number: int
    how: StreamClosing


class PingOrder(msgspec.Struct, frozen=True, gc=False):
    number: int
    host: str
    size: int
    timeout: Seconds


NetworkOrder: TypeAlias = (
    StreamOpen | StreamListen | StreamAccept | StreamWrite | StreamWindow | StreamClose | PingOrder
)


class StreamEnd(StrEnum):
    """Why a stream is no more."""

    REFUSED = "refused"  # nobody listens there
    UNREACHABLE = "unreachable"  # no way there
    TIMED_OUT = "timed-out"  # nobody has answered for too long
    RESET = "reset"  # by the peer


class StreamOpened(msgspec.Struct, frozen=True, gc=False):
    number: int


class StreamListening(msgspec.Struct, frozen=True, gc=False):
    """Others reach the port at this address."""

    number: int
    address: Address


class StreamIncoming(msgspec.Struct, frozen=True, gc=False):
    """Somebody connects to the port of the socket ``listener``. ``number`` is the network's, and below 0."""

    number: int
    listener: int
    peer: Address


class StreamEnded(msgspec.Struct, frozen=True, gc=False):
    """Not opened, or broken."""

    number: int
    end: StreamEnd


class StreamReceived(msgspec.Struct, frozen=True, gc=False):
    number: int
    data: bytes


class StreamTaken(msgspec.Struct, frozen=True, gc=False):
    """So many bytes of what was written are the peer's."""

    number: int
    bytes: int


class StreamFinished(msgspec.Struct, frozen=True, gc=False):
    """The peer writes nothing more."""

    number: int


class PingReply(msgspec.Struct, frozen=True, gc=False):
    """``hops``: time to live of the answer. ``round_trip`` is None where none came in time."""

    number: int
    round_trip: Seconds | None
    hops: int = 0


NetworkAnswer: TypeAlias = (
    StreamOpened
    | StreamListening
    | StreamIncoming
    | StreamEnded
    | StreamReceived
    | StreamTaken
    | StreamFinished
    | PingReply
)
