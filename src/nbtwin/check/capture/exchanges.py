"""The conversation of a module with a platform: its messages with their sendings and answers, what it was asked.

Knows CoAP's message layer (RFC 7252 4); knows no operator. A message is what leaves under one message ID, as often as
it leaves; an answer belongs to it by message ID, or, separate, by token.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from nbtwin.coap.message import Message, decode
from nbtwin.coap.numbers import Code, Type, is_request
from nbtwin.engine import Address, DecodeError, Seconds

_FORGOTTEN: Seconds = 247
"""EXCHANGE_LIFETIME: after it a message ID may be used again (RFC 7252 4.8.2)."""
EPOCH: Seconds = 1e12
"""Where a capture's clock was set, what follows is so much later: times before and after are never compared."""
_TWICE: Seconds = 0.25
"""The same datagram again within this time has been captured, or carried, twice: nobody retransmits so soon."""


class Passed(NamedTuple):
    """One CoAP message as it passed. ``data`` is the message, taken out of DTLS where it was in it."""

    number: int
    at: Seconds
    source: Address
    destination: Address
    data: bytes
    message: Message | None
    """None: it is no CoAP message, or the capture has not all of it."""
    error: DecodeError | None
    is_whole: bool
    lost: bool
    checksum_wrong: bool
    length_wrong: bool


class Sending(NamedTuple):
    at: Seconds
    number: int
    passed: Passed


class Answer(NamedTuple):
    at: Seconds
    number: int
    message: Message
    lost: bool


@dataclass(slots=True)
class Exchange:
    """One request, and what came of it."""

    client: Address
    server: Address
    request: Message
    sendings: list[Sending]
    answers: list[Answer] = field(default_factory=list)
    duplicates: list[Sending] = field(default_factory=list)

    @property
    def first(self) -> Passed:
        return self.sendings[0].passed

    @property
    def at(self) -> Seconds:
        return self.sendings[0].at

    @property
    def answer(self) -> Answer | None:
        """What ended it: the last one of those that say something, for an earlier one may have been lost."""
        said = [answer for answer in self.answers if answer.message.code or answer.message.type is Type.RST]
        heard = [answer for answer in said if not answer.lost]
        if not heard:
            return None
        after = [answer for answer in heard if answer.at >= self.sendings[-1].at]
        return after[0] if after else heard[-1]

    @property
    def heard_at(self) -> Seconds | None:
        """From when on the client may be silent: any acknowledgement."""
        heard = [answer.at for answer in self.answers if not answer.lost]
        return min(heard) if heard else None


@dataclass(slots=True)
class Asked:
    """A request of the platform to a module."""

    passed: Passed
    message: Message
    answered: bool = False


@dataclass(slots=True)
class Conversation:
    exchanges: list[Exchange] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


def decoded(data: bytes) -> tuple[Message | None, DecodeError | None]:
    try:
        return decode(data), None
    except DecodeError as error:
        return None, error


def converse(passed: list[Passed], clients: set[Address]) -> Conversation:
    """All that these clients said and were asked, in the order of time."""
    return _Reading(clients).read(passed)


class _Reading:
    def __init__(self, clients: set[Address]) -> None:
        self._clients = clients
        self._talk = Conversation()
        self._open: dict[tuple[Address, Address, int], Exchange] = {}
        self._tokens: dict[tuple[Address, Address, bytes], Exchange] = {}
        self._bytes: dict[tuple[Address, bytes], Exchange] = {}  # a NAT gives a retransmission another source
        self._asked: dict[tuple[Address, Address, int], Asked] = {}
        self._asked_by_token: dict[tuple[Address, Address, bytes], Asked] = {}

    def read(self, passed: list[Passed]) -> Conversation:
        for each in passed:
            if each.message is None:
                continue
            if each.source in self._clients:
                self._from_client(each, each.message)
            elif each.destination in self._clients:
                self._from_server(each, each.message)
        return self._talk

    def _from_client(self, passed: Passed, message: Message) -> None:
        here, there = passed.source, passed.destination
        if not is_request(message.code):
            asked = self._asked.get((here, there, message.message_id)) if message.type in (Type.ACK, Type.RST) else None
            asked = asked or self._asked_by_token.get((here, there, message.token))
            if asked is not None:
                asked.answered = True
            return
        key = (here, there, message.message_id)
        known = self._open.get(key) or self._bytes.get((there, passed.data))
        sending = Sending(passed.at, passed.number, passed)
        if known is not None and _is_near(known.sendings[-1].at, passed.at) and _alike(known.request, message):
            last = known.sendings[-1]
            if passed.data == last.passed.data and passed.at - last.at < _TWICE:
                known.duplicates.append(sending)
            else:
                known.sendings.append(sending)
                self._open[key] = self._tokens[here, there, message.token] = known
            return
        made = Exchange(here, there, message, [sending])
        self._open[key] = self._tokens[here, there, message.token] = self._bytes[there, passed.data] = made
        self._talk.exchanges.append(made)

    def _from_server(self, passed: Passed, message: Message) -> None:
        client, server = passed.destination, passed.source
        if is_request(message.code):
            key = (client, server, message.message_id)
            if key not in self._asked or passed.at - self._asked[key].passed.at > _FORGOTTEN:
                asked = self._asked[key] = Asked(passed, message)
                self._asked_by_token[client, server, message.token] = asked
                self._talk.asked.append(asked)
            return
        exchange = None
        if message.type in (Type.ACK, Type.RST):
            exchange = self._open.get((client, server, message.message_id))
        if exchange is None and message.code:
            exchange = self._tokens.get((client, server, message.token))
        if exchange is not None:
            exchange.answers.append(Answer(passed.at, passed.number, message, passed.lost))


def epoch(at: Seconds) -> int:
    """Between which two settings of the clock."""
    return int(at // EPOCH)


def _is_near(one: Seconds, other: Seconds) -> bool:
    return other - one < _FORGOTTEN or epoch(one) != epoch(other)


def _alike(one: Message, other: Message) -> bool:
    """Of one exchange: the same method to the same path. What else may differ is a finding."""
    return one.code == other.code and one.path == other.path


def method(code: int) -> str:
    return Code(code).name if code in tuple(Code) else str(code)
