"""The CoAP endpoint: client and server over one UDP port (RFC 7252 4 and 5, RFC 7641), without the port.

Knows message IDs, tokens, retransmission, deduplication, observations; must not know resources, blocks or LwM2M.

Theory of operation
===================

CoAP is two protocols in one datagram. The *message layer* (section 4) makes a datagram reliable: a Confirmable message
(CON) is sent again until an acknowledgement (ACK) or a Reset (RST) with the same **message ID** comes back. The
*request/response layer* (section 5) answers a request: the response has the request's **token**, whatever message it
travels in. So a message of ours that is out is found in two ways, in `_open` by (peer, message ID) and, if it is a
request, in `_requests` by (peer, token). A peer is an address, or whatever stands for one behind DTLS.

**The life of a message of ours** (a `Transmission`)::

    send_request, ping, notify, respond
        |  message ID and token are drawn, the bytes are made once
        v
    [waits for its turn] --- no room in the queue ----------------> ...Aborted (QUEUE_FULL)
        |  its turn: fewer than NSTART are outstanding with the peer
        v
    [is out] --- a wait is over: the same bytes again (Retransmitted)
        |
        +--- RST --------------------------------------------------> ...Reset, PingAnswered
        +--- the last wait is over --------------------------------> ...Unanswered
        +--- forget(peer) -----------------------------------------> ...Aborted (PEER_FORGOTTEN)
        +--- ACK with a response (piggybacked, 5.2.1) -------------> ResponseReceived
        +--- response in a message of its own (separate, 5.2.2) ---> ResponseReceived
        +--- empty ACK: of a notification or response -------------> ...Acknowledged, ResponseDelivered
        |              of a request: RequestAcknowledged, and
        v
    [acknowledged] no more sendings; the end of the last wait stays when it is given up

It ends exactly once and in exactly one event, unless its user cancels it. The waits are handed in, one per sending;
they start when the message leaves, and their sum says when it is over. A separate response may overtake the empty ACK
of its request, and then acknowledges it as well.

**Turns** (4.7, `nstart.py`). At most NSTART interactions are outstanding with one peer. One is outstanding from its
leaving to its ACK, response, RST or end. Later ones queue in order. Requests, pings, Confirmable notifications and
separate responses share one count. What a datagram, a timer or a `cancel` has freed is given away at the *end* of
that input (`_take_turns`), so that whoever continues an exchange, as the next block of a body does, comes first.

**What arrives** is told apart by type and code (4.2, 4.3)::

                  request code          response code            Empty (0.00)        other codes
    CON           request               separate or notification a ping: RST          RST
    NON           request               separate or notification ignored              RST
    ACK           ignored               piggybacked response     acknowledgement      ignored
    RST           ignored               ignored                  reset                ignored

Whatever is ignored or rejected is one MessageDropped with its reason; nothing that a stranger sends raises anything.

**Duplicates** (4.5, `deduplication.py`). The peer sends a CON again when our ACK was lost. Each message received is
remembered by (peer, message ID) for EXCHANGE_LIFETIME (247 s; NON_LIFETIME, 145 s, for a NON) with what we sent back.
Its duplicate gets the same bytes again and has no second effect. While the application is still at work there is
nothing to send back, and the duplicate is only dropped. The memory is bounded; a request that it has forgotten is
answered in a message of its own.

**Acknowledging** (5.2.2). A response within `ack_delay` (1 s) travels in the ACK. Else the empty ACK leaves alone, by
the timer or by `acknowledge`, and the response follows as a CON with the request's token.

**Observations** (RFC 7641, `observe.py`) are tokens that stay in use: a request with Observe 0 that was answered
successfully with an Observe option leaves an entry in `_observations`, and later responses with that token are
notifications. One without an entry is rejected with RST, which ends it at the other side. Before that `owner_of` is
asked, if somebody has set it: whoever knows that two peers are one (two sessions of one identity behind DTLS) says
under which of them the token is known.

Every input is O(1) in the number of peers and messages, timers O(log n). Whatever strangers can make grow is bounded:
the duplicate memory, the counters of message IDs, the notifications kept for a late RST.

First read `handle_datagram`: every rule of 4.2 and 4.3 hangs on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from nbtwin.coap import results
from nbtwin.coap.bounded import make_room
from nbtwin.coap.critical_options import PLAIN, UNDERSTOOD, refusal_of, rules_of, survey
from nbtwin.coap.deduplication import CachedMessage, DuplicateCache
from nbtwin.coap.events import (
    CoapEvent,
    MessageDropped,
    NotificationAborted,
    NotificationAcknowledged,
    NotificationReset,
    NotificationUnanswered,
    PingAborted,
    PingAnswered,
    PingUnanswered,
    Request,
    RequestAborted,
    RequestAcknowledged,
    RequestReceived,
    RequestReset,
    RequestUnanswered,
    Response,
    ResponseDelivered,
    ResponseReceived,
    ResponseUndelivered,
    Retransmitted,
)
from nbtwin.coap.identifiers import Identifiers
from nbtwin.coap.message import (
    Message,
    MessageFormatError,
    decode,
    encode_content,
    encode_empty,
    encode_fields,
    encode_head,
    observe_of,
)
from nbtwin.coap.nstart import NSTART, QUEUE_SIZE, Interactions
from nbtwin.coap.numbers import (
    ACK_TIMEOUT,
    EXCHANGE_LIFETIME,
    NON_LIFETIME,
    Code,
    Type,
    dotted,
)
from nbtwin.coap.observe import NotificationOrder
from nbtwin.coap.reasons import CoapReason, CoapRefusal
from nbtwin.coap.records import Key, Transmission, TransmissionKind, Waits
from nbtwin.coap.retransmission import RFC7252_WAITS, Transmissions, rfc7252_waits
from nbtwin.engine import AT_ONCE, Address, Deadline, Outbox, Randomness, Seconds, soonest

__all__ = [
    "RFC7252_WAITS",
    "CoapEndpoint",
    "MessageDropped",
    "NotificationAborted",
    "NotificationAcknowledged",
    "NotificationReset",
    "NotificationUnanswered",
    "PingAborted",
    "PingAnswered",
    "PingUnanswered",
    "Request",
    "RequestAborted",
    "RequestAcknowledged",
    "RequestReceived",
    "RequestReset",
    "RequestUnanswered",
    "Response",
    "ResponseDelivered",
    "ResponseReceived",
    "ResponseUndelivered",
    "Retransmitted",
    "Waits",
    "rfc7252_waits",
]  # fmt: skip

CON, NON, ACK, RST = (int(type) for type in Type)
REQUEST, PING = (
    TransmissionKind.REQUEST,
    TransmissionKind.PING,
)  # a global is found faster than a member of an enumeration
ACK_DELAY: Seconds = ACK_TIMEOUT / 2
"""How long an application may take before its request is acknowledged without it (RFC 7252 5.2.2)."""
OwnerOf: TypeAlias = Callable[[Seconds, Address, bytes], Address | None]
"""The peer that observes under this token, if a notification of this other peer is its; asked when it is not known."""
REMEMBERED = 8192
"""How many messages the duplicate memory holds at most (RFC 7252 4.5 bounds it by time only)."""


class CoapEndpoint(Outbox[CoapEvent]):
    """One engine for requests and responses, to and from any number of peers.

    ``waits``: seconds after each sending of a Confirmable message, as many as there are sendings; ``ack_delay``:
    seconds before a request is acknowledged without its response. ``remembered`` bounds the duplicate memory, in
    messages. ``understood``: the critical options that its user acts on. ``nstart`` interactions may be outstanding
    with one peer, and ``queue_size`` more messages may wait; ValueError for less than 1 and for less than 0.
    """

    __slots__ = (
        "_ack_delay", "_identifiers", "_interactions", "_notified", "_observations", "_open", "_received",
        "_remembered", "_requests", "_rules", "_transmissions", "_waits", "owner_of",
    )  # fmt: skip

    def __init__(
        self,
        random: Randomness,
        *,
        waits: Waits = RFC7252_WAITS,
        ack_delay: Seconds = ACK_DELAY,
        remembered: int = REMEMBERED,
        understood: frozenset[int] = UNDERSTOOD,
        nstart: int = NSTART,
        queue_size: int = QUEUE_SIZE,
    ) -> None:
        super().__init__()
        self._identifiers = Identifiers(random, remembered)
        self._waits = waits
        self._ack_delay = ack_delay
        self._remembered = remembered
        self._rules = _RULES if understood is UNDERSTOOD else rules_of(understood)
        self._transmissions = Transmissions()
        self._interactions = Interactions(nstart, queue_size)
        self._received: DuplicateCache | None = None
        self._open: dict[tuple[Address, int], Transmission] = {}  # by message ID
        self._requests: dict[tuple[Address, bytes], Transmission] = {}  # by token
        self._observations: dict[tuple[Address, bytes], NotificationOrder] = {}
        self._notified: dict[tuple[Address, int], bytes] = {}  # Non-confirmable notifications, for a late RST
        self.owner_of: OwnerOf | None = None

    # --- as a client

    def send_request(
        self, now: Seconds, peer: Address, request: Request, waits: Waits | None = None, token: bytes | None = None
    ) -> bytes:
        """Ask. The token names the exchange in every event about it; a Non-confirmable request leaves only once.

        A Confirmable one leaves at once or waits for its turn (RFC 7252 4.7); its ``waits``, in seconds, begin when it
        leaves. It ends in ResponseReceived, RequestUnanswered, RequestReset or RequestAborted, unless it is cancelled.
        ValueError when the token is in use towards this peer.
        """
        return self._send_request(now, peer, request, waits, token)

    def _send_request(
        self, now: Seconds, peer: Address, request: Request, waits: Waits | None, token: bytes | None,
        *, continues: bool = False,
    ) -> bytes:  # fmt: skip
        """What ``continues`` an exchange that had its turn goes before those that wait (the next block of a body)."""
        if token is None:
            token = self._identifiers.token(peer, self._requests, self._observations)
        elif (peer, token) in self._requests:
            raise ValueError(f"token {token.hex()} is in use")
        waits = self._waits if waits is None else waits
        type = CON
        if not request.confirmable:
            type, waits = NON, (sum(waits),)
        transmission = self._send(now, REQUEST, type, peer, token, request.code, request, waits, continues)
        transmission.observe = observe_of(request.options)
        self._requests[peer, token] = transmission
        return token

    def cancel(self, now: Seconds, token: bytes, peer: Address) -> None:
        """Forget the request or observation, without an event; what still arrives is answered RST (RFC 7641 3.6)."""
        self._observations.pop((peer, token), None)
        transmission = self._requests.get((peer, token))
        if transmission is not None:
            self._close(transmission)
            if self._interactions.freed is not None:
                self._take_turns(now)

    def ping(self, now: Seconds, peer: Address, waits: Waits | None = None) -> int:
        """Send an Empty Confirmable message (RFC 7252 4.3): PingAnswered, PingUnanswered or PingAborted follows."""
        return self._send(
            now, TransmissionKind.PING, CON, peer, b"", Code.EMPTY, _EMPTY, self._waits if waits is None else waits
        ).message_id

    def forget(self, now: Seconds, peer: Address) -> None:
        """End whatever of ours is out or waits to this peer, each with an event that says PEER_FORGOTTEN.

        For the end of a registration or of a session. Observations stay: `cancel` ends those. O(open messages).
        """
        self._abort([open_ for open_ in self._open.values() if open_.peer == peer], CoapRefusal.PEER_FORGOTTEN)
        self._take_turns(now)

    def begin_session(self, peer: Address) -> None:
        """There is a new DTLS session with a peer that is known by its address: no message of it is a duplicate of one
        in the session before (RFC 7252 9.1.1)."""
        if self._received is not None:
            self._received.forget(peer)

    def waiting(self, peer: Address) -> int:
        """How many Confirmable messages wait for their turn to this peer (RFC 7252 4.7)."""
        return self._interactions.waiting(peer)

    def has_room(self, peer: Address) -> bool:
        """Whether one more Confirmable message to this peer would leave or wait; else it ends in QUEUE_FULL."""
        return self._interactions.has_room(peer)

    # --- as a server

    def respond(self, now: Seconds, received: RequestReceived, response: Response) -> None:
        """Answer: in the acknowledgement when that has not gone out yet, else in a message of its own."""
        self._respond(now, received, response)

    def _respond(self, now: Seconds, received: RequestReceived, response: Response) -> None:
        peer, request = received.peer, received.message
        if request.type == NON:
            self._send_non(peer, request.token, response)
            return
        record = None if self._received is None else self._received.records.get((peer, request.message_id))
        if record is None or not record.unanswered or record.expires_at <= now:
            kind = TransmissionKind.RESPONSE if observe_of(response.options) is None else TransmissionKind.NOTIFICATION
            self._send(now, kind, CON, peer, request.token, response.code, response, self._waits)
            return
        record.unanswered = False
        content = response.encoded
        if not content and (response.options or response.payload):
            content = encode_content(response.options, response.payload)
        record.reply = encode_head(ACK, response.code, request.message_id, request.token) + content
        self._outbox.append((peer, record.reply))

    def acknowledge(self, now: Seconds, received: RequestReceived) -> None:
        """Send the empty ACK at once: the response will take its time."""
        self._reply_empty(now, received, ACK)

    def reject(self, now: Seconds, received: RequestReceived) -> None:
        """Send RST: the request makes no sense to us (RFC 7252 4.2, 4.3)."""
        self._reply_empty(now, received, RST)

    def notify(self, now: Seconds, peer: Address, token: bytes, response: Response, confirmable: bool) -> int:
        """Send a response that answers an observation (RFC 7641 4.2), with an Observe option among its options."""
        if not confirmable:
            message_id = self._send_non(peer, token, response)
            make_room(self._notified, self._remembered)
            self._notified[peer, message_id] = token
            return message_id
        return self._send(
            now, TransmissionKind.NOTIFICATION, CON, peer, token, response.code, response, self._waits
        ).message_id

    # --- as a server of requests that are known by their bytes (`lwm2m.server.usual`): nothing is decoded

    def is_duplicate(self, now: Seconds, key: Key) -> bool:
        """Whether this message of this peer has come before, and `handle_datagram` is to repeat what was said."""
        memory = self._received
        if memory is None:
            return False
        record = memory.records.get(key)
        return record is not None and now < record.expires_at

    def reply_at_once(self, now: Seconds, key: Key, reply: bytes) -> None:
        """What a Confirmable request is answered with in its acknowledgement: as `respond` does it."""
        self._memory().add_answered(now, key, EXCHANGE_LIFETIME, reply)
        self._outbox.append((key[0], reply))

    # --- as an engine

    @property
    def busy(self) -> bool:
        """Something of ours is out that needs an answer or an acknowledgement, or waits for its turn to leave."""
        return bool(self._open)

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        try:
            message = decode(data)
        except MessageFormatError as error:
            if error.message_id is not None:
                self._send_empty(source, RST, error.message_id)
            self._drop(source, error.refusal, error.number)
            return
        type, code = data[0] >> 4 & 3, data[1]  # as in the message, in numbers that are compared faster
        if 0 < code < 32 and type < ACK:
            self._on_request(now, source, message)
        elif type == RST:
            self._on_reset(now, source, message)  # whatever is in it (RFC 7252 4.2)
        elif code == 0:
            self._on_empty(now, source, message)
        elif 64 <= code < 192:
            if type == ACK:
                self._on_piggybacked(now, source, message)
            else:
                self._on_separate(now, source, message)
        else:
            refusal = CoapRefusal.REQUEST_IN_ACKNOWLEDGEMENT if code < 32 else CoapRefusal.CODE_RESERVED
            self._reject(source, message, refusal, subject=dotted(code))
        if self._interactions.freed is not None:
            self._take_turns(now)

    def handle_timer(self, now: Seconds) -> None:
        self._expire(now)
        if self._interactions.freed is not None:
            self._take_turns(now)

    def _expire(self, now: Seconds) -> None:
        self._abort(self._interactions.refused(), CoapRefusal.QUEUE_FULL)
        if self._received is not None:
            for record in self._received.due(now):
                peer, message_id = record.key
                record.reply = self._send_empty(peer, ACK, message_id)
        for _ in range(AT_ONCE):
            if (due := self._transmissions.pop_due(now)) is None:
                return
            transmission, again = due
            if again:
                self._outbox.append((transmission.peer, transmission.datagram))
                self._events.append(Retransmitted(transmission.token, transmission.peer, transmission.sending))
            else:
                self._close(transmission)
                self._events.append(results.unanswered(transmission))
                self._end_queued_notifications(transmission)

    def next_deadline(self) -> Deadline | None:
        deadline = self._transmissions.next_deadline()
        if (refusal := self._interactions.next_deadline()) is not None:
            deadline = soonest(deadline, refusal)
        record = None if self._received is None else self._received.next_unanswered()
        if record is None:
            return deadline
        return soonest(deadline, Deadline(record.ack_at, CoapReason.ACKNOWLEDGEMENT_DELAY))

    # --- what arrives

    def _on_request(self, now: Seconds, source: Address, message: Message) -> None:
        memory, key = self._received, (source, message.message_id)
        if memory is None:
            memory = self._memory()
        record = memory.records.get(key)  # as `get` does, without a hand in between
        if record is not None and now < record.expires_at:
            self._on_duplicate(source, message, record)
            return
        found = survey(message.options, self._rules)
        if message.type == CON:
            memory.add(now, key, EXCHANGE_LIFETIME, now + self._ack_delay)
        elif found > 0:
            self._reject(source, message, CoapRefusal.CRITICAL_OPTION, found)  # RFC 7252 5.4.1
            return
        else:
            memory.add(now, key, NON_LIFETIME)
        received = RequestReceived(source, message, found == PLAIN)
        if found > 0:
            self._respond(now, received, refusal_of(found))
            self._drop(source, CoapRefusal.CRITICAL_OPTION, found)
        elif message.code > _LAST_METHOD:  # RFC 7252 5.8: an unrecognized method is 4.05, whatever the path
            self._respond(now, received, Response(Code.METHOD_NOT_ALLOWED))
            self._drop(source, CoapRefusal.METHOD_UNKNOWN, subject=dotted(message.code))
        elif found == PLAIN:
            self._events.append(received)
        else:
            self._tell_request(now, received)

    def _on_piggybacked(self, now: Seconds, source: Address, message: Message) -> None:
        transmission = self._open.get((source, message.message_id))  # as `_sent` does, without a hand in between
        if (
            transmission is None
            or not transmission.sending
            or transmission.kind is not REQUEST
            or transmission.token != message.token
        ):
            self._drop(source, CoapRefusal.RESPONSE_UNEXPECTED)  # RFC 7252 5.3.2
        elif (unacceptable := survey(message.options, self._rules)) > 0:
            self._drop(
                source, CoapRefusal.CRITICAL_OPTION, unacceptable
            )  # RFC 7252 4.2: rejecting an ACK is ignoring it
        else:
            self._on_response(now, transmission, message)

    def _on_separate(self, now: Seconds, source: Address, message: Message) -> None:
        memory = self._received
        if memory is None:
            memory = self._memory()
        record = memory.records.get((source, message.message_id))
        if record is not None and now < record.expires_at:
            self._on_duplicate(source, message, record)
            return
        unacceptable = survey(message.options, self._rules)
        if unacceptable > 0:
            self._reject(source, message, CoapRefusal.CRITICAL_OPTION, unacceptable)
            return
        key = (source, message.token)
        if (transmission := self._requests.get(key)) is not None and transmission.sending:
            self._accept(now, source, message)
            self._on_response(now, transmission, message)
        elif (observation := self._observations.get(key)) is not None:
            self._accept(now, source, message)
            self._on_notification(now, source, message, observation)
        elif (
            self.owner_of is not None
            and (owner := self.owner_of(now, source, message.token)) is not None
            and (observation := self._observations.get((owner, message.token))) is not None
        ):
            self._accept(now, source, message)
            self._on_notification(now, owner, message, observation)
        else:
            self._reject(source, message, CoapRefusal.RESPONSE_UNEXPECTED)

    def _on_response(self, now: Seconds, transmission: Transmission, message: Message) -> None:
        self._close(transmission)
        peer, token = transmission.peer, transmission.token
        if transmission.observe is not None:
            order = message.observe
            if transmission.observe == 0 and order is not None and message.code >> 5 == 2:
                self._observations[peer, token] = NotificationOrder(order, now)
            else:
                self._observations.pop((peer, token), None)  # RFC 7641 3.1, 3.6
        self._tell_response(now, ResponseReceived(token, peer, message))

    def _on_notification(self, now: Seconds, source: Address, message: Message, observation: NotificationOrder) -> None:
        order = message.observe
        if order is None or message.code >> 5 != 2:
            del self._observations[source, message.token]  # the last one (RFC 7641 3.2)
        elif not observation.accept(order, now):
            self._drop(source, CoapRefusal.NOTIFICATION_OUTDATED, order, observation.order)  # RFC 7641 3.4
            return
        self._tell_response(now, ResponseReceived(message.token, source, message))

    def _on_empty(self, now: Seconds, source: Address, message: Message) -> None:
        if message.type != ACK:
            is_ping = message.type == CON  # RFC 7252 4.3
            self._reject(source, message, CoapRefusal.PING_RECEIVED if is_ping else CoapRefusal.EMPTY_NON_CONFIRMABLE)
            return
        transmission = self._sent(source, message.message_id)
        if transmission is None or transmission.acknowledged or transmission.kind is PING:
            self._drop(source, CoapRefusal.ACKNOWLEDGEMENT_UNEXPECTED)
        else:
            if transmission.kind is REQUEST:
                self._transmissions.acknowledge(transmission)
                self._interactions.end(transmission)
            else:
                self._close(transmission)
            self._tell_exchange(now, results.acknowledged(transmission))

    def _on_reset(self, now: Seconds, source: Address, message: Message) -> None:
        message_id = message.message_id
        transmission = self._sent(source, message_id)
        if message.code != 0:
            self._drop(source, CoapRefusal.RESET_WITH_CONTENT)
        elif transmission is not None:
            self._close(transmission)
            self._tell_exchange(now, results.reset(transmission))
            self._end_queued_notifications(transmission)
        elif (token := self._notified.pop((source, message_id), None)) is not None:
            self._events.append(NotificationReset(token, source, message_id))
        else:
            self._drop(source, CoapRefusal.RESET_UNEXPECTED)

    def _sent(self, peer: Address, message_id: int) -> Transmission | None:
        """What is out under this message ID; what still waits for its turn cannot have been answered."""
        transmission = self._open.get((peer, message_id))
        return transmission if transmission is not None and transmission.sending else None

    def _memory(self) -> DuplicateCache:
        """Of what has come; an endpoint that hears nothing has none."""
        memory = self._received
        if memory is None:
            memory = self._received = DuplicateCache(self._remembered)
        return memory

    def _on_duplicate(self, source: Address, message: Message, record: CachedMessage) -> None:
        """RFC 7252 4.5: the same reply again, and nothing else happens."""
        if record.reply is not None and message.type == CON:
            self._outbox.append((source, record.reply))
        self._drop(source, CoapRefusal.DUPLICATE, message.message_id)

    # --- what is told (`BlockwiseEndpoint` tells of whole bodies instead)

    def _tell_request(self, now: Seconds, event: RequestReceived) -> None:
        """One with an option about observing or blocks."""
        self._events.append(event)

    def _tell_response(self, now: Seconds, event: ResponseReceived) -> None:
        self._events.append(event)

    def _tell_exchange(self, now: Seconds, event: CoapEvent) -> None:
        """How far a request has come, or another message of ours."""
        self._events.append(event)

    # --- what leaves

    def _send(
        self, now: Seconds, kind: TransmissionKind, type: int, peer: Address, token: bytes, code: int,
        what: Request | Response, waits: Waits, continues: bool = False,
    ) -> Transmission:  # fmt: skip
        message_id = self._identifiers.message_id(peer, self._open)
        content = what.encoded
        if not content and (what.options or what.payload):
            content = encode_content(what.options, what.payload)
        datagram = encode_head(type, code, message_id, token) + content
        transmission = Transmission(kind, peer, token, message_id, datagram, waits)
        self._open[peer, message_id] = transmission
        if type == NON or self._interactions.begin(now, transmission, continues=continues):
            self._transmissions.start(now, transmission)
            self._outbox.append((peer, datagram))
        return transmission

    def _leave(self, now: Seconds, transmission: Transmission) -> None:
        self._transmissions.start(now, transmission)
        self._outbox.append((transmission.peer, transmission.datagram))

    def _take_turns(self, now: Seconds) -> None:
        for transmission in self._interactions.leaving():
            self._leave(now, transmission)

    def _send_non(self, peer: Address, token: bytes, response: Response) -> int:
        message_id = self._identifiers.message_id(peer, self._open)
        datagram = encode_fields(NON, response.code, message_id, token, response.options, response.payload)
        self._outbox.append((peer, datagram))
        return message_id

    def _send_empty(self, peer: Address, type: int, message_id: int) -> bytes:
        datagram = encode_empty(type, message_id)
        self._outbox.append((peer, datagram))
        return datagram

    def _accept(self, now: Seconds, source: Address, message: Message) -> None:
        """Remember the response, and acknowledge it when it is Confirmable."""
        assert self._received is not None
        confirmable = message.type == CON
        key = (source, message.message_id)
        record = self._received.add(now, key, EXCHANGE_LIFETIME if confirmable else NON_LIFETIME)
        if confirmable:
            record.reply = self._send_empty(source, ACK, message.message_id)

    def _reject(
        self, source: Address, message: Message, refusal: CoapRefusal, number: int = 0, subject: str = ""
    ) -> None:
        """RFC 7252 4.2, 4.3: RST for what we cannot use; an ACK is only ignored."""
        if message.type == CON or (message.type == NON and message.code != 0):
            self._send_empty(source, RST, message.message_id)
        self._drop(source, refusal, number, subject=subject)

    def _reply_empty(self, now: Seconds, received: RequestReceived, type: int) -> None:
        peer, request = received.peer, received.message
        if request.type == NON and type == ACK:
            return  # never acknowledged (RFC 7252 4.3)
        record = None if self._received is None else self._received.get(now, (peer, request.message_id))
        if record is not None and request.type == CON and not record.unanswered:
            return  # it has been replied to
        reply = self._send_empty(peer, type, request.message_id)
        if record is not None:
            record.unanswered, record.reply = False, reply

    def _abort(self, transmissions: list[Transmission], refusal: CoapRefusal) -> None:
        for transmission in transmissions:
            if self._open.get((transmission.peer, transmission.message_id)) is transmission:  # else it was cancelled
                self._close(transmission)
                self._events.append(results.aborted(transmission, refusal))

    def _end_queued_notifications(self, ended: Transmission) -> None:
        """The observation of a notification that was reset or never answered is over (RFC 7641 4.5)."""
        if ended.kind is TransmissionKind.NOTIFICATION and self._interactions.waiting(ended.peer):
            queued = self._interactions.queue_of(ended.peer)
            same = [one for one in queued if one.kind is ended.kind and one.token == ended.token]
            self._abort(same, CoapRefusal.OBSERVATION_ENDED)

    def _close(self, transmission: Transmission) -> None:
        self._interactions.end(transmission)
        self._transmissions.stop(transmission)
        del self._open[transmission.peer, transmission.message_id]
        if transmission.kind is REQUEST:
            del self._requests[transmission.peer, transmission.token]
            if not self._requests:
                self._requests.clear()  # of its room, too: very many endpoints wait for nothing
        if not self._open:
            self._open.clear()

    def _drop(self, peer: Address, refusal: CoapRefusal, number: int = 0, expected: int = 0, subject: str = "") -> None:
        self._events.append(MessageDropped(peer, refusal, number, expected, subject))


_EMPTY = Request(Code.EMPTY)
_RULES = rules_of(UNDERSTOOD)
_LAST_METHOD = int(Code.IPATCH)
