"""What passes inside DTLS, for whoever was told the keys: messages by name, flights and their repetitions, plaintext.

A listener, not a peer: it answers nothing, and whatever it cannot read it says so. Never raises. Knows datagrams and
where they come from; keeps a bounded memory of associations.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nbtwin.dtls import record as wire
from nbtwin.dtls.fragments import Fragment, Partial, fragments
from nbtwin.dtls.messages import TITLES, ClientHello, ServerHello
from nbtwin.dtls.numbers import AlertLevel, ContentType, HandshakeType, alert_name
from nbtwin.engine import Address, DecodeError
from nbtwin.timeline.dtls_association import Association
from nbtwin.timeline.keylog import KeyLog
from nbtwin.timeline.refusals import why

K = TypeVar("K")
V = TypeVar("V")

MOST = 10_000
"""Associations that are remembered."""
_PARTIALS = 256
_NAMES = {20: "ChangeCipherSpec", 21: "Alert", 22: "Handshake", 23: "ApplicationData", 25: "ConnectionID"}


@dataclass(slots=True)
class Seen:
    """One datagram, record by record."""

    titles: list[str] = field(default_factory=list)
    flight: int | None = None
    sending: int = 1
    plaintexts: list[bytes] = field(default_factory=list)
    """Application data that could be read."""
    unread: int = 0
    """Protected records whose keys nobody has told, or that are not authentic."""
    trouble: dict[str, Any] | None = None
    """Why the rest cannot be read: a code with its fields."""
    lacks: bytes = b""
    """The client's random of the handshake whose keys nobody has told, if it has come so far that there are some."""


class DtlsTrace:
    def __init__(self, keys: KeyLog) -> None:
        self.keys = keys
        self.partials: OrderedDict[tuple[Address, Address, int], Partial] = OrderedDict()
        self._by_pair: OrderedDict[tuple[Address, Address], Association] = OrderedDict()
        self._by_cid: OrderedDict[bytes, Association] = OrderedDict()
        self._cid_lengths: set[int] = set()

    def read(self, source: Address, destination: Address, data: bytes) -> Seen | None:
        """None: no DTLS."""
        if not wire.looks_like_one(data):
            return None
        return _Reading(self, source, destination).read(data)

    def find(self, source: Address, destination: Address, data: bytes) -> tuple[Association | None, int]:
        """The association of a datagram, and how long a Connection ID in it is."""
        if data[0] == ContentType.TLS12_CID:
            for length in self._cid_lengths:
                if (found := self._by_cid.get(data[11 : 11 + length])) is not None:
                    return found, length
        pair = _pair(source, destination)
        found = self._by_pair.get(pair)
        if found is None:
            return None, 0
        self._by_pair.move_to_end(pair)
        return found, len(found.server_cid if source == found.client else found.client_cid)

    def keep(self, association: Association) -> None:
        put(self._by_pair, _pair(association.client, association.server), association, MOST)
        for cid in (association.client_cid, association.server_cid):
            if cid:
                put(self._by_cid, cid, association, 2 * MOST)
                self._cid_lengths.add(len(cid))


class _Reading:
    """Of one datagram."""

    __slots__ = ("_association", "_destination", "_seen", "_source", "_trace")

    def __init__(self, trace: DtlsTrace, source: Address, destination: Address) -> None:
        self._trace, self._source, self._destination = trace, source, destination
        self._association: Association | None = None
        self._seen = Seen()

    def read(self, data: bytes) -> Seen:
        self._association, cid_length = self._trace.find(self._source, self._destination, data)
        seen = self._seen
        try:
            for record in wire.records(data, cid_length):
                self._on_record(record)
        except DecodeError as error:
            seen.titles = seen.titles or [_NAMES.get(data[0], f"content type {data[0]}")]
            seen.trouble = why(error)
        return seen

    @property
    def _from_client(self) -> bool:
        return self._association is not None and self._source == self._association.client

    def _on_record(self, record: wire.Record) -> None:
        type_, plaintext = record.content_type, record.fragment
        protected = wire.is_protected(record)
        if protected:
            opened = self._open(record)
            if opened is None:
                self._on_unread(type_)
                return
            type_, plaintext = opened
        if type_ == ContentType.HANDSHAKE:
            for fragment in fragments(plaintext):
                self._on_fragment(fragment)
        elif type_ == ContentType.ALERT and len(plaintext) == 2:
            level = "fatal" if plaintext[0] == AlertLevel.FATAL else "warning"
            self._seen.titles.append(f"Alert {level} {alert_name(plaintext[1])}")
        else:
            self._seen.titles.append(_NAMES.get(type_, f"content type {type_}"))
            if type_ == ContentType.CHANGE_CIPHER_SPEC:
                self._place(None)
                self._look_for_keys()
            elif type_ == ContentType.APPLICATION_DATA and protected:
                self._seen.plaintexts.append(plaintext)

    def _open(self, record: wire.Record) -> tuple[int, bytes] | None:
        """With the keys of the association, or of the one before while a new handshake is under way."""
        candidate = self._association
        while candidate is not None:
            by_cid = bool(record.connection_id) and record.connection_id == candidate.server_cid
            opened = candidate.open(self._trace.keys, record, by_cid or self._source == candidate.client)
            if opened is not None:
                if by_cid and self._source != candidate.client:  # RFC 9146 6: it has a new address
                    candidate.client, candidate.server = self._source, self._destination
                    self._trace.keep(candidate)
                return opened
            candidate = candidate.previous
        return None

    def _on_unread(self, type_: int) -> None:
        """A handshake message of epoch 1 is a Finished, and so is what stands behind a ChangeCipherSpec."""
        titles = self._seen.titles
        is_finished = type_ == ContentType.HANDSHAKE or titles[-1:] == [_NAMES[20]]
        self._seen.unread += 1
        titles.append("Finished" if is_finished else _NAMES[type_])
        if is_finished:
            self._place(HandshakeType.FINISHED)

    def _look_for_keys(self) -> None:
        """Behind a ChangeCipherSpec they are needed."""
        association = self._association
        if association is not None and self._trace.keys.find(association.client_random) is None:
            self._seen.lacks = association.client_random

    def _place(self, type_: int | None) -> None:
        if self._association is not None and self._seen.flight is None:
            self._seen.flight = self._association.flight(type_, self._from_client)

    def _on_fragment(self, fragment: Fragment) -> None:
        type_, length, offset, data = fragment.type, fragment.length, fragment.offset, fragment.data
        if (body := self._whole(fragment)) is not None:
            self._on_hello(type_, body)
        title = TITLES.get(type_, f"handshake message {type_}")
        if len(data) < length:
            title += f" (bytes {offset}-{offset + len(data) - 1} of {length})"
        self._seen.titles.append(title)
        self._place(type_)
        if self._association is not None:
            count = self._association.count(self._from_client, fragment.seq, type_, offset)
            self._seen.sending = max(self._seen.sending, count)

    def _whole(self, fragment: Fragment) -> bytes | None:
        """A hello in one piece; what else there is need not be."""
        if fragment.type not in (HandshakeType.CLIENT_HELLO, HandshakeType.SERVER_HELLO):
            return None
        if len(fragment.data) == fragment.length:
            return fragment.data
        key, partials = (self._source, self._destination, fragment.seq), self._trace.partials
        partial = partials.get(key)
        try:
            if partial is not None:
                partial.add(fragment)
        except DecodeError:  # of an earlier attempt
            partial = None
        if partial is None:
            partial = Partial(fragment.type, fragment.length)
            put(partials, key, partial, _PARTIALS)
            partial.add(fragment)
        return None if partial.missing else partials.pop(key).body()

    def _on_hello(self, type_: int, body: bytes) -> None:
        association = self._association
        if type_ == HandshakeType.CLIENT_HELLO:
            hello = ClientHello.decode(body)
            if association is None or not association.begins_with(hello):
                if association is not None:
                    association.previous = None  # one before this one is enough
                association = Association(self._source, self._destination, hello, association)
                self._association = association
                self._trace.keep(association)
        elif association is not None and self._source == association.server:
            association.answered(ServerHello.decode(body))
            self._trace.keep(association)


def put(memory: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    """As the newest; the oldest makes room."""
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > most:
        memory.popitem(last=False)


def _pair(one: Address, other: Address) -> tuple[Address, Address]:
    return (one, other) if one <= other else (other, one)
