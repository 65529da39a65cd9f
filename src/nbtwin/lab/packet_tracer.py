"""Datagrams for the timeline: what is inside, which sending it is, what became of it, how the module knows its peer.

Knows passages and fates; what a message says is known in ``nbtwin.timeline``. Reads as datagrams pass, because what one
of them means depends on those before; puts into words only when somebody wants the line.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import msgspec

from nbtwin.engine import Address, Seconds
from nbtwin.lab.faults import Direction, FaultKind, Impairment, PacketInFlight
from nbtwin.timeline.clock import format_span
from nbtwin.timeline.datagrams import describe_dtls, describe_message
from nbtwin.timeline.dtls_trace import DtlsTrace, Seen
from nbtwin.timeline.entry import EntryKind, TimelineEntry
from nbtwin.timeline.keylog import KeyLog
from nbtwin.timeline.operations import Context, OperationNames

_SENDINGS_KEPT = 1024
_SENDINGS_FOR: Seconds = 247  # EXCHANGE_LIFETIME, RFC 7252 4.8.2
_PEERS_KEPT = 4096


class PacketTrace(msgspec.Struct):
    """One datagram, understood and not yet in words."""

    at: Seconds
    passage: PacketInFlight
    data: bytes
    fate: Impairment
    obstacle: str | None
    known_as: Address | None
    dtls: Seen | None
    sending: int = 1
    contexts: list[Context | None] = []

    def entry(self) -> TimelineEntry:
        text, detail = self._describe()
        passage, fate = self.passage, _fate(self.fate, self.obstacle)
        sender = passage.sender or _address(passage.source)
        receiver = passage.receiver or _address(passage.destination)
        lost = self.fate.lost or self.obstacle is not None
        detail |= {
            "from": sender,
            "to": receiver,
            "source": _address(passage.source),
            "destination": _address(passage.destination),
            "direction": str(passage.direction),
            "sending": self.sending,
            "lost": lost,
            "faults": [str(fault) for fault in self.fate.faults],
            "fate": fate,
            "data": self.data.hex(),
        }
        if self.known_as is not None:
            detail["known_as"] = _address(self.known_as)
        again = f" (sending {self.sending})" if self.sending > 1 else ""
        line = f"{sender} → {receiver}  {text}{again}" + (f"  {'✗' if lost else '⚠'} {fate}" if fate else "")
        owner = passage.sender if passage.direction is Direction.UP else passage.receiver
        source = owner or passage.sender or passage.receiver or "network"
        plaintexts = tuple(self.dtls.plaintexts) if self.dtls is not None else ()
        return TimelineEntry(self.at, source, EntryKind.DATAGRAM, line, detail, plaintexts)

    def _describe(self) -> tuple[str, dict[str, Any]]:
        if self.dtls is None:
            return describe_message(self.data, self.contexts[0])
        inside = [describe_message(*each) for each in zip(self.dtls.plaintexts, self.contexts, strict=True)]
        return describe_dtls(self.dtls, inside, len(self.data))


class PacketTracer:
    """What is remembered of the datagrams so far, all of it bounded."""

    def __init__(self, keys: KeyLog) -> None:
        self._dtls = DtlsTrace(keys)
        self._operations = OperationNames()
        self._sendings: OrderedDict[tuple[Address, Address, bytes], tuple[int, Seconds]] = OrderedDict()
        self._known_as: OrderedDict[tuple[Address, Address], Address] = OrderedDict()

    def see(
        self, at: Seconds, passage: PacketInFlight, data: bytes, fate: Impairment, obstacle: str | None
    ) -> PacketTrace:
        dtls = self._dtls.read(passage.source, passage.destination, data)
        seen = PacketTrace(at, passage, data, fate, obstacle, self._peer_of(passage), dtls)
        if dtls is not None:
            seen.sending = dtls.sending
        for message in (data,) if dtls is None else dtls.plaintexts:
            seen.contexts.append(self._operations.pass_by(passage.source, passage.destination, message))
            if message and message[0] & 0xF0 == 0x40:  # RFC 7252 3: version 1, type CON; others never come again
                seen.sending = max(seen.sending, self._count(at, passage, message))
        return seen

    def _count(self, at: Seconds, passage: PacketInFlight, message: bytes) -> int:
        """The how-many-th time this very message goes this way: a retransmission is the same bytes again."""
        key = (passage.source, passage.destination, message)
        count, last = self._sendings.pop(key, (0, at))
        count = count + 1 if at - last < _SENDINGS_FOR else 1
        self._sendings[key] = (count, at)
        if len(self._sendings) > _SENDINGS_KEPT:
            self._sendings.popitem(last=False)
        return count

    def _peer_of(self, passage: PacketInFlight) -> Address | None:
        """How the module knows its peer: the address it sends to, before routes and the lab's own platforms."""
        if passage.direction is Direction.DOWN:
            return self._known_as.get((passage.destination, passage.source))
        if passage.asked_for is None or passage.asked_for == passage.destination:
            return None
        self._known_as[passage.source, passage.destination] = passage.asked_for
        if len(self._known_as) > _PEERS_KEPT:
            self._known_as.popitem(last=False)
        return passage.asked_for


def _fate(fate: Impairment, obstacle: str | None) -> str:
    if obstacle is not None:
        return obstacle
    if fate.lost:
        return "lost" + (" in silence" if fate.faults[-1].kind is FaultKind.SILENCE else "")
    words = []
    if fate.error is not None:
        words.append(f"answered {fate.error} on purpose")
    if fate.octets is not None:
        words.append(f"cut to {fate.octets} octets")
    if any(fault.kind is FaultKind.DELAY for fault in fate.faults):
        words.append(f"delayed {format_span(max(fate.delays))}")
    if len(fate.delays) > 1:
        words.append(f"{len(fate.delays)} times")
    if fate.swap is not None:
        words.append("held back to be overtaken")
    if fate.rebind:
        words.append("from a new address")
    return ", ".join(words)


def _address(address: Address) -> str:
    return f"{address[0]}:{address[1]}"
