"""What a module asks of the network besides datagrams, and what it hears of it: byte streams (TCP), pings. Data only.

A stream is named by the number of its socket, which a module gives once a boot: what comes for another is late.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec

from nbtwin.engine import Address, Seconds


class StreamOpen(msgspec.Struct, frozen=True, gc=False):
    """Connect; ``window``: so many bytes may come before the module says that it has room for more."""

    number: int
    port: int
    peer: Address
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


NetworkOrder: TypeAlias = StreamOpen | StreamWrite | StreamWindow | StreamClose | PingOrder


class StreamEnd(StrEnum):
    """Why a stream is no more."""

    REFUSED = "refused"  # nobody listens there
    UNREACHABLE = "unreachable"  # no way there
    TIMED_OUT = "timed-out"  # nobody has answered for too long
    RESET = "reset"  # by the peer


class StreamOpened(msgspec.Struct, frozen=True, gc=False):
    number: int


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


NetworkAnswer: TypeAlias = StreamOpened | StreamEnded | StreamReceived | StreamTaken | StreamFinished | PingReply
