"""A CoapEndpoint whose bodies may be of any size: it splits and joins them by itself (RFC 7959).

Knows how blocks travel in exchanges; must not know what the bodies mean. To its caller it is a CoapEndpoint:
one request, one response, one token, however many exchanges it takes. A transfer that
cannot be finished ends in RequestAborted.

Theory of operation
===================

The caller's token is the *handle* of a transfer. The first exchange has it as its token; every further one draws a new
token, as responses to two exchanges must not be mixed up. `_asked` finds the transfer by the token that is out,
`_latest` the token that is out by the handle, where the two differ. What the endpoint below tells of an exchange passes
`_tell_response` or `_tell_exchange`, which put the handle in place of the token, swallow what ends an exchange but not
the transfer, and ask for the next block. That happens within the input that brought the last block, and before the
endpoint gives a freed turn away: so a transfer keeps its turn (RFC 7252 4.7) to its last block, and nothing that waits
gets between.

A transfer that had let its turn go, because its block was acknowledged first and answered later, goes before those that
wait, and finds room in a full queue: it was let in once. Two peers that fetch from each other cannot block each other,
as responses in acknowledgements need no turn.

**As a server** the blocks of a request are put together before the caller hears of it: RequestReceived carries the
whole body once. `respond` cuts a long response and answers the later blocks by itself.

A FETCH (RFC 8132 2) that observes, and whose body takes several blocks, has one token in all of them: the last block is
the request that is observed under it.

**Observation and blocks** (RFC 7959 3.4, RFC 7641). A notification carries the first block only. The rest is fetched
with requests of our own, without Observe and with other tokens, and the event that follows is one ResponseReceived
with the whole. When a newer notification comes while an older one is fetched, the older is abandoned. When the rest
does not come, the notification is dropped (NOTIFICATION_INCOMPLETE) and the observation lives on. Only an observation
whose *first* answer stays incomplete ends, as its caller never learnt that it had begun.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from msgspec.structs import replace as with_fields

from nbtwin.coap.blockwise import (
    LONGEST_BODY,
    SIZE1,
    SIZE2,
    BlockwiseError,
    Downloads,
    Transfer,
    Uploads,
    block_of,
    is_whole,
)
from nbtwin.coap.critical_options import UNDERSTOOD, is_plain
from nbtwin.coap.endpoint import ACK_DELAY, REMEMBERED, CoapEndpoint
from nbtwin.coap.events import (
    BlockReceived,
    CoapEvent,
    MessageDropped,
    Request,
    RequestAborted,
    RequestAcknowledged,
    RequestReceived,
    RequestReset,
    RequestUnanswered,
    Response,
    ResponseReceived,
    Retransmitted,
)
from nbtwin.coap.message import Message, observe_of
from nbtwin.coap.nstart import NSTART, QUEUE_SIZE
from nbtwin.coap.numbers import Code, OptionNumber
from nbtwin.coap.observe import NotificationOrder
from nbtwin.coap.reasons import CoapRefusal
from nbtwin.coap.records import Asked, Waits
from nbtwin.coap.retransmission import RFC7252_WAITS
from nbtwin.engine import Address, Randomness, Seconds


class BlockwiseEndpoint(CoapEndpoint):
    """Takes the place of a CoapEndpoint wherever bodies may be larger than ``block_size``."""

    __slots__ = ("_asked", "_downloads", "_exponent", "_latest", "_longest", "_observed", "_uploads", "served")

    def __init__(
        self,
        random: Randomness,
        *,
        waits: Waits = RFC7252_WAITS,
        ack_delay: Seconds = ACK_DELAY,
        remembered: int = REMEMBERED,
        understood: frozenset[int] = UNDERSTOOD,
        block_size: int = 1024,
        longest: int = LONGEST_BODY,
        nstart: int = NSTART,
        queue_size: int = QUEUE_SIZE,
    ) -> None:
        super().__init__(
            random, waits=waits, ack_delay=ack_delay, remembered=remembered, understood=understood,
            nstart=nstart, queue_size=queue_size,
        )  # fmt: skip
        if block_size not in (16, 32, 64, 128, 256, 512, 1024):
            raise ValueError(f"no block has {block_size} bytes")  # RFC 7959 2.2
        self._exponent = block_size.bit_length() - 5
        self._longest = longest
        self._asked: dict[tuple[Address, bytes], Asked] = {}  # by the token that is out
        self._latest: dict[tuple[Address, bytes], bytes] = {}  # by the caller's token, where the two differ
        self._observed: dict[tuple[Address, bytes], Request] = {}
        self._uploads: Uploads | None = None
        self._downloads: Downloads | None = None
        self.served: Callable[[Seconds, Address, Message], object] | None = None
        """Called with each request for a further block of a body that was given: nobody else hears of it."""

    # --- as a client

    def send_request(
        self, now: Seconds, peer: Address, request: Request, waits: Waits | None = None, token: bytes | None = None
    ) -> bytes:
        transfer: Transfer | None = None
        if len(request.payload) > 16 << self._exponent:
            transfer = Transfer(request, self._exponent, self._longest)
        token = self._send_request(now, peer, request if transfer is None else transfer.start(), waits, token)
        self._asked[peer, token] = Asked(request, token, waits, transfer)
        return token

    def cancel(self, now: Seconds, token: bytes, peer: Address) -> None:
        if self._latest:
            self._abandon(now, token, peer)
        self._observed.pop((peer, token), None)
        self._asked.pop((peer, token), None)
        super().cancel(now, token, peer)

    def adopt(self, peer: Address, token: bytes, request: Request) -> None:
        """Take up an observation that was begun elsewhere: before a restart, or at the address the peer had then."""
        self._observations[peer, token] = NotificationOrder(0, -math.inf)  # whatever comes first is news
        self._observed[peer, token] = request

    def _abandon(self, now: Seconds, handle: bytes, peer: Address) -> None:
        """Stop fetching what is left of a body."""
        latest = self._latest.pop((peer, handle), None)
        if latest is not None:
            del self._asked[peer, latest]
            super().cancel(now, latest, peer)

    # --- as a server

    def respond(self, now: Seconds, received: RequestReceived, response: Response) -> None:
        request = received.message
        if (received.is_plain or is_plain(request.options)) and len(response.payload) <= 16 << self._exponent:
            self._respond(now, received, response)
            return
        uploads, downloads = self._server()
        response = Response(response.code, response.options, response.payload)  # to be encoded as it is cut
        self._respond(now, received, downloads.cut(now, received.peer, request, uploads.finish(request, response)))

    def notify(self, now: Seconds, peer: Address, token: bytes, response: Response, confirmable: bool) -> int:
        _, downloads = self._server()
        response = downloads.cut_notification(now, peer, token, response)
        return super().notify(now, peer, token, response, confirmable)

    def _server(self) -> tuple[Uploads, Downloads]:
        if self._uploads is None or self._downloads is None:
            self._uploads = Uploads(self._exponent, self._longest)
            self._downloads = Downloads(self._exponent, self._longest)
        return self._uploads, self._downloads

    # --- as an engine

    def _expire(self, now: Seconds) -> None:
        before = len(self._events)
        super()._expire(now)
        self._translate(now, before)

    def forget(self, now: Seconds, peer: Address) -> None:
        before = len(self._events)
        super().forget(now, peer)
        self._translate(now, before)

    def _translate(self, now: Seconds, before: int) -> None:
        """Turn the events about exchanges into events about transfers, once all that ended together has ended."""
        events = self._events[before:]
        del self._events[before:]
        for event in events:
            self._tell_exchange(now, event)

    def _tell_request(self, now: Seconds, event: RequestReceived) -> None:
        uploads, downloads = self._server()
        peer, message = event.peer, event.message
        taken = uploads.handle_request(now, peer, message)
        if isinstance(taken, Response):
            self._respond(now, event, taken)
            block = block_of(message, OptionNumber.BLOCK1) if taken.code == Code.CONTINUE else None
            if block is not None:
                received = block.offset + len(message.payload)
                total = message.uint(SIZE1)
                self._events.append(BlockReceived(message.token, peer, received, total, message.code, message.path))
        elif (answer := downloads.handle_request(now, peer, message)) is not None:
            self._respond(now, event, answer)
            if self.served is not None:
                self.served(now, peer, message)
        else:
            self._events.append(event if taken is message else RequestReceived(peer, taken))

    def _tell_response(self, now: Seconds, event: ResponseReceived) -> None:
        peer, token, message = event.peer, event.token, event.message
        key = (peer, token)
        asked = self._asked.pop(key, None)
        if not self._asked:
            self._asked.clear()  # of its room, too
        if asked is None:
            asked = Asked(self._observed[key], token, None, is_notification=True)
        elif observe_of(asked.request.options) == 0:
            self._observed[key] = asked.request
        if key not in self._observations:
            self._observed.pop(key, None)
        if token == asked.handle:
            if self._latest:
                self._abandon(now, token, peer)  # newer than what was being fetched (RFC 7959 3.4)
        else:
            del self._latest[peer, asked.handle]
        if asked.transfer is None:
            if is_whole(message):
                self._events.append(event)  # the usual case
                return
            asked.transfer = Transfer(asked.request, self._exponent, self._longest)
            if not asked.is_notification:
                asked.transfer.start()
        self._proceed(now, peer, asked, asked.transfer, message)

    def _tell_exchange(self, now: Seconds, event: CoapEvent) -> None:
        if isinstance(event, _ExchangeEvent):
            self._on_exchange(now, event)
        else:
            self._events.append(event)

    def _proceed(self, now: Seconds, peer: Address, asked: Asked, transfer: Transfer, message: Message) -> None:
        try:
            step = transfer.proceed(message)
        except BlockwiseError as error:
            self._events.append(MessageDropped(peer, error.refusal, error.number, error.expected))
            if not asked.is_notification:
                self.cancel(now, asked.handle, peer)
                self._events.append(RequestAborted(asked.handle, peer, error.refusal, error.number, error.expected))
            return
        if isinstance(step, Message):
            self._events.append(ResponseReceived(asked.handle, peer, step))
            return
        if transfer.received and not transfer.repeats:
            total = message.uint(SIZE2)
            self._events.append(BlockReceived(asked.handle, peer, transfer.received, total))
        token = asked.handle if _is_about_observation(step) else None
        token = self._send_request(now, peer, step, asked.waits, token, continues=True)  # keeps its turn
        self._asked[peer, token] = asked
        if token != asked.handle:
            self._latest[peer, asked.handle] = token

    def _on_exchange(self, now: Seconds, event: _ExchangeEvent) -> None:
        key = (event.peer, event.token)
        asked = self._asked.get(key)
        if asked is not None and isinstance(event, RequestUnanswered | RequestReset | RequestAborted):
            del self._asked[key]
            self._latest.pop((event.peer, asked.handle), None)
            if asked.is_notification:
                self._events.append(MessageDropped(event.peer, CoapRefusal.NOTIFICATION_INCOMPLETE))
                return
            if event.token != asked.handle:
                super().cancel(now, asked.handle, event.peer)  # no observation without its first answer
                self._observed.pop((event.peer, asked.handle), None)
        self._events.append(event if asked is None else with_fields(event, token=asked.handle))


_ExchangeEvent: TypeAlias = RequestAcknowledged | RequestUnanswered | RequestReset | RequestAborted | Retransmitted


def _is_about_observation(request: Request) -> bool:
    """It begins one or ends one: in all the blocks of its body its token is that of the observation (RFC 7641 3.1)."""
    return observe_of(request.options) is not None
