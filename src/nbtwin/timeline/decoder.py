"""What entries mean, for whoever reads them: datagrams decoded, retransmissions counted, answers beside their requests.

A decoder is fed entries in order, because what one datagram means depends on those before: tokens, DTLS handshakes,
earlier sendings. One that begins in the middle is fed the entries of `WARM_UP` before first. Everything that it
remembers is bounded. Knows facts and how messages are put into words; writes nothing down.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeVar

from nbtwin.dtls.events import KeyLogged
from nbtwin.engine import Address, Seconds
from nbtwin.mqtt.connect_password import CONNECT_BEGINS, PasswordFinder
from nbtwin.mqtt.packets import Packet
from nbtwin.timeline.catalogue import formatter, words
from nbtwin.timeline.datagrams import Said, describe_dtls, describe_host_data, describe_message, speaks_coap
from nbtwin.timeline.dtls_trace import DtlsTrace, Seen
from nbtwin.timeline.entry import Entry, EntryKind
from nbtwin.timeline.facts import DatagramSeen, Direction, SegmentFlag, SegmentSeen
from nbtwin.timeline.host_data import MQTT_PORT, mqtt_packets, named, preview
from nbtwin.timeline.keylog import KeyLog
from nbtwin.timeline.operations import Context, OperationNames
from nbtwin.timeline.plain import code_of, fields_of, printable

WARM_UP: Seconds = 247
"""EXCHANGE_LIFETIME (RFC 7252 4.8.2): so long a message may be answered or come again."""
_SENDINGS_KEPT = 1024
_PEERS_KEPT = 4096
K = TypeVar("K")
V = TypeVar("V")
_FLAGS = {
    SegmentFlag.OPENING: "SYN",
    SegmentFlag.OPENED: "SYN, ACK",
    SegmentFlag.ACKNOWLEDGED: "ACK",
    SegmentFlag.FINISHED: "FIN",
    SegmentFlag.RESET: "RST",
}


class Decoded:
    """An entry and what it means. Fields and text are made when somebody asks, and kept."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self._texts: dict[str, str] = {}

    @property
    def number(self) -> int:
        return self.entry.number

    @property
    def at(self) -> Seconds:
        return self.entry.at

    @property
    def source(self) -> str:
        return self.entry.source

    @property
    def kind(self) -> EntryKind:
        return self.entry.kind

    @property
    def code(self) -> str:
        return code_of(self.entry.fact)

    @cached_property
    def fields(self) -> dict[str, Any]:
        """Plain JSON values."""
        return fields_of(self.entry.fact)

    def fields_in(self, language: str) -> dict[str, Any]:
        """What is words in them, in this language."""
        return self.fields

    @property
    def plaintexts(self) -> tuple[bytes, ...]:
        """What DTLS records of a datagram protect, where the keys are known."""
        return ()

    @property
    def lost(self) -> bool:
        """A datagram that does not arrive."""
        return False

    def text(self, language: str = "en") -> str:
        """One readable line."""
        text = self._texts.get(language)
        if text is None:
            text = self._texts[language] = printable(formatter(language)(self.code, self.fields_in(language), self.at))
        return text


class DecodedDatagram(Decoded):
    def __init__(self, entry: Entry, fact: DatagramSeen, known_as: Address | None, dtls: Seen | None) -> None:
        super().__init__(entry)
        self.fact, self.known_as, self.dtls = fact, known_as, dtls
        self.sending = dtls.sending if dtls is not None else 1
        self.contexts: list[Context | None] = []

    @property
    def lost(self) -> bool:
        return self.fact.lost or self.fact.obstacle is not None

    @property
    def plaintexts(self) -> tuple[bytes, ...]:
        return tuple(self.dtls.plaintexts) if self.dtls is not None else ()

    @cached_property
    def fields(self) -> dict[str, Any]:
        fact = self.fact
        summary, detail = self._describe("en")
        detail |= {
            "summary": summary,
            "from": fact.sender or _address(fact.source),
            "to": fact.receiver or _address(fact.destination),
            "source": _address(fact.source),
            "destination": _address(fact.destination),
            "direction": str(fact.direction),
            "sending": self.sending,
            "lost": self.lost,
            "impairment": _impairments(fact),
            "faults": list(fact.faults),
            "data": fact.data.hex(),
        }
        for name in ("error", "octets", "delay"):
            if (value := getattr(fact, name)) is not None:
                detail[name] = value
        if fact.copies > 1:
            detail["copies"] = fact.copies
        if self.known_as is not None:
            detail["known_as"] = _address(self.known_as)
        return detail

    def fields_in(self, language: str) -> dict[str, Any]:
        return self.fields if language == "en" else self.fields | {"summary": self._describe(language)[0]}

    def impairment(self, language: str = "en") -> str:
        """What the network did to it, in words; nothing where it did nothing."""
        return ", ".join(formatter(language)(code, self.fields, self.at) for code in _impairments(self.fact))

    @cached_property
    def of_host(self) -> bool:
        """Of a socket that the module's host has opened, and neither CoAP nor DTLS."""
        fact = self.fact
        peer = fact.destination if fact.direction is Direction.UP else fact.source
        return fact.socket and self.dtls is None and not speaks_coap(fact.data, peer[1])

    def _describe(self, language: str) -> tuple[str, dict[str, Any]]:
        if self.of_host:
            return describe_host_data(self.fact.data, language)
        if self.dtls is None:
            return describe_message(self.fact.data, self.contexts[0], language)
        pairs = zip(self.dtls.plaintexts, self.contexts, strict=True)
        inside = [describe_message(data, context, language) for data, context in pairs]
        return describe_dtls(self.dtls, inside, len(self.fact.data), language)


class DecodedSegment(Decoded):
    """A piece of a stream; ``packets``: the MQTT packets that it is; ``data``: as it is shown, without a password."""

    def __init__(self, entry: Entry, fact: SegmentSeen, packets: Sequence[Packet], data: bytes) -> None:
        super().__init__(entry)
        self.fact, self.packets, self.data = fact, packets, data

    @cached_property
    def fields(self) -> dict[str, Any]:
        fact = self.fact
        up = fact.direction is Direction.UP
        return super().fields | {
            "summary": self._summary("en"),
            "from": fact.module if up and fact.module else _address(fact.source),
            "to": fact.module if fact.module and not up else _address(fact.destination),
            "data": self.data.hex(),
        }

    def fields_in(self, language: str) -> dict[str, Any]:
        return self.fields if language == "en" else self.fields | {"summary": self._summary(language)}

    def _summary(self, language: str) -> str:
        fact = self.fact
        if self.packets:
            return printable(named(self.packets))
        if fact.flag is not SegmentFlag.DATA:
            return f"TCP {_FLAGS[fact.flag]}"
        return printable(words(Said.OF_STREAM, language, length=len(fact.data), preview=preview(self.data)))


def _remember(memory: OrderedDict[K, V], key: K, value: V) -> None:
    memory[key] = value
    if len(memory) > _PEERS_KEPT:
        memory.popitem(last=False)


def _impairments(fact: DatagramSeen) -> list[str]:
    """What the network did to it, as codes of the catalogue."""
    if fact.obstacle is not None:
        return [str(fact.obstacle)]
    if fact.lost:
        return ["impairment-silenced" if fact.silenced else "impairment-lost"]
    struck = {
        "impairment-answered": fact.error is not None,
        "impairment-cut": fact.octets is not None,
        "impairment-delayed": fact.delay is not None,
        "impairment-duplicated": fact.copies > 1,
        "impairment-overtaken": fact.overtaken,
        "impairment-rebound": fact.rebound,
    }
    return [code for code, true in struck.items() if true]


class Decoder:
    """What is remembered of the entries so far."""

    def __init__(self, keys: KeyLog | None = None) -> None:
        self._keys = KeyLog() if keys is None else keys
        self._dtls = DtlsTrace(self._keys)
        self._operations = OperationNames()
        self._sendings: OrderedDict[tuple[Address, Address, bytes], tuple[int, Seconds]] = OrderedDict()
        self._known_as: OrderedDict[tuple[Address, Address], Address] = OrderedDict()
        self._mqtt: OrderedDict[frozenset[Address], None] = OrderedDict()
        self._connects: OrderedDict[tuple[Address, Address], tuple[int, PasswordFinder]] = OrderedDict()

    def read(self, entry: Entry) -> Decoded:
        """The next entry, in order."""
        fact = entry.fact
        if isinstance(fact, DatagramSeen):
            return self._datagram(entry, fact)
        if isinstance(fact, KeyLogged):
            self._keys.add(fact.line)
        if isinstance(fact, SegmentSeen):
            data = self._without_password(fact)
            return DecodedSegment(entry, fact, self._packets(fact), data)
        return Decoded(entry)

    def _packets(self, fact: SegmentSeen) -> Sequence[Packet]:
        """MQTT's, where its stream began with its first packet, or goes to its port."""
        ends = frozenset((fact.source, fact.destination))
        known = ends in self._mqtt or MQTT_PORT in (fact.source[1], fact.destination[1])
        return mqtt_packets(fact.data) if known else ()

    def _without_password(self, fact: SegmentSeen) -> bytes:
        """Of MQTT's first packet, which may come in any pieces, each of them more than once."""
        way, data = (fact.source, fact.destination), fact.data
        if not data:
            return data
        begin, finder = self._connects.pop(way, (fact.sequence, PasswordFinder()))
        follows = fact.sequence == begin + finder.seen
        if not fact.again and not (follows and (finder.reads or data[0] != CONNECT_BEGINS)):
            begin, finder = fact.sequence, PasswordFinder()
        shown = finder.masked(fact.sequence - begin, data)
        if finder.is_connect:
            _remember(self._mqtt, frozenset(way), None)
        if finder.reads or finder.end:
            _remember(self._connects, way, (begin, finder))
        return shown

    def _datagram(self, entry: Entry, fact: DatagramSeen) -> Decoded:
        source, destination = fact.source, fact.destination
        dtls = self._dtls.read(source, destination, fact.data)
        decoded = DecodedDatagram(entry, fact, self._peer_of(fact), dtls)
        for message in (fact.data,) if dtls is None else dtls.plaintexts:
            decoded.contexts.append(self._operations.pass_by(source, destination, message))
            if (
                message and message[0] & 0xF0 == 0x40 and not decoded.of_host
            ):  # RFC 7252 3: version 1, type CON; others never come again
                decoded.sending = max(decoded.sending, self._count(entry.at, fact, message))
        return decoded

    def _count(self, at: Seconds, fact: DatagramSeen, message: bytes) -> int:
        """The how-many-th time this very message goes this way: a retransmission is the same bytes again."""
        key = (fact.source, fact.destination, message)
        count, last = self._sendings.pop(key, (0, at))
        count = count + 1 if at - last < WARM_UP else 1
        self._sendings[key] = (count, at)
        if len(self._sendings) > _SENDINGS_KEPT:
            self._sendings.popitem(last=False)
        return count

    def _peer_of(self, fact: DatagramSeen) -> Address | None:
        """How the module knows its peer: the address it sends to, before routes and the lab's own platforms."""
        if fact.direction is Direction.DOWN:
            return self._known_as.get((fact.destination, fact.source))
        if fact.asked_for is None or fact.asked_for == fact.destination:
            return None
        self._known_as[fact.source, fact.destination] = fact.asked_for
        if len(self._known_as) > _PEERS_KEPT:
            self._known_as.popitem(last=False)
        return fact.asked_for


def _address(address: Address) -> str:
    return f"{address[0]}:{address[1]}"
