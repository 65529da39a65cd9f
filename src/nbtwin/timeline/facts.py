"""The timeline's own facts: AT lines, what modules wait for, look-ups, datagrams. Knows no engine and no lab."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from nbtwin.dtls.events import KeyLogged
from nbtwin.engine import Address, Fact, Refusal, Seconds
from nbtwin.timeline.entry import EntryKind, says_kind


class Direction(StrEnum):
    UP = "up"  # from a module, or from a foreign client to a platform
    DOWN = "down"


class Obstacle(Refusal):
    """Why a datagram goes nowhere, faults apart."""

    NO_ROUTE = "link-no-route"
    NOBODY_THERE = "link-nobody-there"
    NO_SOCKET = "link-no-socket"


class LookupRefusal(Refusal):
    """Why a name has no address."""

    UNKNOWN_NAME = "lookup-unknown-name"
    FAULT = "lookup-fault"
    NO_ANSWER = "lookup-no-answer"
    """Of the name server to which the user has routed."""
    SERVER_FAILED = "lookup-server-failed"


class LineReceived(Fact, frozen=True):
    """A line from the host; unprintable bytes escaped."""

    line: str


class LineSent(Fact, frozen=True):
    """A line to the host; the echo of what it sent is left out."""

    line: str


class Waiting(Fact, frozen=True):
    """What a module waits for now (``engine.Deadline``)."""

    until: Seconds
    reason: str
    subject: str = ""
    number: int = 0
    count: int = 0


class WaitingForNothing(Fact, frozen=True):
    pass


class NameResolved(Fact, frozen=True):
    name: str
    host: str
    others: str = ""
    """More addresses that a name server has told, with blanks between them."""


class NameUnresolved(Fact, frozen=True):
    name: str
    reason: LookupRefusal
    fault: str = ""
    """The fault that is to blame, as ``Fault.parse`` reads it."""


class DatagramSeen(Fact, frozen=True, gc=False):
    """A datagram leaves (or, from a foreign peer, arrives), and what the network did to it.

    ``sender`` and ``receiver`` are names of the lab, None for a foreign peer; ``asked_for`` is where the module sent
    it, before routes. ``data`` is UDP's payload as it left; what it says is decoded by whoever reads.
    """

    direction: Direction
    source: Address
    destination: Address
    data: bytes
    sender: str | None = None
    receiver: str | None = None
    asked_for: Address | None = None
    obstacle: Obstacle | None = None
    lost: bool = False
    silenced: bool = False
    """Lost because one of the two is down."""
    error: str | None = None
    """It is answered with this code, or with a Reset ("RST"), in place of its receiver."""
    octets: int | None = None
    """So much of it arrives."""
    delay: Seconds | None = None
    copies: int = 1
    overtaken: bool = False
    """It is held back until the next one has passed."""
    rebound: bool = False
    """It comes from a new address of the NAT."""
    faults: tuple[str, ...] = ()
    """Those that struck, as ``Fault.parse`` reads them."""
    socket: bool = False
    """It leaves or reaches one of the module's sockets, and none of its services: what it says is the host's."""


class SegmentFlag(StrEnum):
    """What a piece of a byte stream is, as TCP would mark it."""

    OPENING = "opening"  # SYN
    OPENED = "opened"  # SYN, ACK
    ACKNOWLEDGED = "acknowledged"  # ACK alone
    DATA = "data"
    FINISHED = "finished"  # FIN
    RESET = "reset"  # RST


class SegmentSeen(Fact, frozen=True, gc=False):
    """A piece of a module's TCP stream leaves, from either end, and what the network did to it.

    ``sequence`` and ``acknowledged`` count from 0 in either direction. ``asked_for`` is where the module wanted it,
    before routes.
    """

    direction: Direction
    source: Address
    destination: Address
    flag: SegmentFlag
    sequence: int
    acknowledged: int
    data: bytes = b""
    module: str = ""
    asked_for: Address | None = None
    obstacle: Obstacle | None = None
    lost: bool = False
    again: bool = False
    """It has been sent before."""
    faults: tuple[str, ...] = ()


class Way(msgspec.Struct, frozen=True, array_like=True):
    """What datagrams have in common that go between one address of the lab and many peers."""

    local: Address
    sender: str | None = None
    receiver: str | None = None
    socket: bool = False


class EntriesLeftOut(Fact, frozen=True):
    """Of a load that lasts, not all is kept (`timeline.thinning`): what came before this entry."""

    entries: int
    span: Seconds
    """In which they came."""
    limit: int
    """So many a second are kept."""


class UnknownFact(Fact, frozen=True):
    """A fact in a file that this version cannot read: another version wrote it."""

    told: str
    """Its code."""
    fields: dict[str, object]


says_kind(EntryKind.AT_IN, LineReceived)
says_kind(EntryKind.AT_OUT, LineSent)
says_kind(EntryKind.DEADLINE, Waiting, WaitingForNothing)
says_kind(EntryKind.LOOKUP, NameResolved, NameUnresolved)
says_kind(EntryKind.DATAGRAM, DatagramSeen)
says_kind(EntryKind.STATE, SegmentSeen)
says_kind(EntryKind.LAB, EntriesLeftOut, UnknownFact)
says_kind(EntryKind.KEY, KeyLogged)
