"""Bodies larger than a datagram (RFC 7959): what a block says, and what the other side must say next.

Knows Block1, Block2, Size1, Size2 and ETag, in both roles; must not know datagrams, tokens or retransmission.
All memory is bounded by number, bytes and time.

Theory of operation
===================

There is no connection that a body could flow through. Each block is a whole exchange of its own: a request and its
response, with a message ID and a token of their own, acknowledged and retransmitted like any other. A block option is
three numbers, NUM/M/SZX: the block's number, whether more follow, and its size as 2^(SZX+4), 16 to 1024 bytes. Block1
belongs to the request's body, Block2 to the response's; each is *descriptive* in the message that carries the body and
*control* in the other one (2.3)::

    PUT  Block1 0/1/1024  -> first kilobyte, more to come
         <- 2.31 Continue  Block1 0/1/256     taken; and please no more than 256 bytes a block
    PUT  Block1 4/1/256   -> the offset stays: block 4 of 256 bytes begins where block 1 of 1024 would (2.5)
         ...
    PUT  Block1 n/0/256   -> the last one: now the server knows the whole and acts once
         <- 2.04 Changed  Block1 n/0/256

    GET                   ->
         <- 2.05 Content  Block2 0/1/1024 ETag Size2    only this much fits
    GET  Block2 1/0/1024  -> the next one, asked for by its number
         <- 2.05 Content  Block2 1/0/1024 ETag          the same ETag: still the same representation (2.4)

**Who belongs together.** Tokens differ from block to block, so the server's key for a body on its way is what is asked
of whom: endpoint, method, and all options but the block and size options (2.4, 2.5). Request-Tag (RFC 9175 3) is part
of it for uploads. A new block 0 under the same key begins again: the client has given the old attempt up, or has
restarted. Two uploads of one client to one path at one time mix, unless their Request-Tags differ.

**Order.** Blocks come one after the other; the next one is sent when the answer to the last one is there. So a block at
another offset than the end of what has been kept is answered 4.08 (2.9.2), and only the *last* block may come twice,
when the answer to it was lost beyond the message layer's reach.

**Sizes.** A body that says it will be too long (Size1), or becomes so, is refused with 4.13 and the limit (2.9.3);
a block that is too large for the server, with 4.13 and the size it likes, and the client starts over with that size.

**Three small machines.** `Transfer` is the client's side of one request, up and down: `start` gives the first request,
`proceed` takes a response and gives the next request or the response with its whole body. `Uploads` is the server's
side of Block1: it gives the request with its whole body, or how to answer this block. `Downloads` is the server's side
of Block2: it cuts a response and keeps the rest for the requests to come. A kept body goes when it is fetched by
nobody for EXCHANGE_LIFETIME, or when there are too many. After that a GET is simply asked of the application again,
while for a method that must not be done twice the answer is 4.08.

**Echo** (RFC 9175 2.3). What a server answers with 4.01 and an Echo value, the first block or any other, is asked once
more with that value, and so is all that follows; a body on its way up begins anew. A second 4.01 is the answer.

How blocks travel, and what becomes of observations, is in `blockwise_endpoint.py`.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeAlias
from zlib import crc32

from msgspec.structs import replace

from nbtwin.coap.bounded import make_room
from nbtwin.coap.echo import echo_of
from nbtwin.coap.events import Request, Response
from nbtwin.coap.message import Message, Options, in_order, uint_value, without
from nbtwin.coap.numbers import EXCHANGE_LIFETIME, Code, OptionNumber, is_success
from nbtwin.coap.reasons import CoapError, CoapRefusal
from nbtwin.engine import Address, Seconds

BLOCK1, BLOCK2, SIZE1, SIZE2 = OptionNumber.BLOCK1, OptionNumber.BLOCK2, OptionNumber.SIZE1, OptionNumber.SIZE2
_BLOCKS = frozenset((int(BLOCK1), int(BLOCK2)))
ECHO = OptionNumber.ECHO
LARGEST_EXPONENT = 6
LONGEST_BODY = 1 << 16
_LARGEST_NUMBER = (1 << 20) - 1


class BlockwiseError(CoapError):
    """The peer's blocks do not make a body."""


@dataclass(frozen=True, slots=True)
class Block:
    """The value of Block1 or Block2 (RFC 7959 2.2): number, more, size exponent."""

    number: int
    more: bool
    exponent: int

    @property
    def size(self) -> int:
        return 16 << self.exponent

    @property
    def offset(self) -> int:
        return self.number << (self.exponent + 4)

    def encode(self) -> bytes:
        if not (0 <= self.number <= _LARGEST_NUMBER and 0 <= self.exponent <= LARGEST_EXPONENT):
            raise ValueError(f"no block has number {self.number} and size exponent {self.exponent}")
        return uint_value(self.number << 4 | self.more << 3 | self.exponent)

    @staticmethod
    def decode(value: bytes) -> Block:
        if len(value) > 3:
            raise BlockwiseError(CoapRefusal.BLOCK_OPTION_TOO_LONG, len(value))
        bits = int.from_bytes(value, "big")
        if bits & 7 > LARGEST_EXPONENT:
            raise BlockwiseError(CoapRefusal.BLOCK_SIZE_RESERVED)  # RFC 7959 2.2
        return Block(bits >> 4, bool(bits & 8), bits & 7)


def block_of(message: Message, option: int) -> Block | None:
    """The Block1 or Block2 option of the message; BlockwiseError when it is none."""
    value = message.first(option)
    return None if value is None else Block.decode(value)


def with_block(options: Options, option: int, block: Block, *more: tuple[int, bytes]) -> Options:
    return in_order([*without(options, option), (option, block.encode()), *more])


def is_whole(message: Message) -> bool:
    """A response that has its whole body, where nothing was in blocks before: it names no block, and wants no Echo."""
    if message.code == Code.UNAUTHORIZED:
        return False
    for number, _ in message.options:  # noqa: SIM110  asked for every response: no generator
        if number in _BLOCKS:
            return False
    return True


class Transfer:
    """The client's side of one request: the body up in Block1, the response's body down in Block2."""

    __slots__ = ("_asked", "_body", "_echo", "_end", "_exponent", "_first", "_longest", "repeats", "request")

    def __init__(self, request: Request, exponent: int = LARGEST_EXPONENT, longest: int = LONGEST_BODY) -> None:
        self.request = request
        self._exponent = exponent
        self._longest = longest
        self._end: int | None = None  # how much of the request's body is under way; None: all of it, without blocks
        self._first: Message | None = None  # the response's first block
        self._body = bytearray()
        self._asked: Request | None = None  # last; None before the first request of ours
        self._echo: tuple[tuple[int, bytes], ...] = ()
        self.repeats = False
        """What is out was asked before, without this Echo value."""

    @property
    def received(self) -> int:
        """How much of the response's body is there."""
        return len(self._body)

    def start(self) -> Request:
        """The request to begin with."""
        self._asked = self._upload(0) if len(self.request.payload) > 16 << self._exponent else self.request
        return self._asked

    def proceed(self, message: Message) -> Request | Message:
        """What to ask next, or the response with its whole body; BlockwiseError when there will be none."""
        if self._end is None and self._first is None and is_whole(message):
            self.repeats = False
            return message
        echo = echo_of(message) if message.code == Code.UNAUTHORIZED else None
        self.repeats = echo is not None and self._asked is not None and not self.repeats
        if self.repeats and echo is not None and self._asked is not None:
            self._echo = ((int(ECHO), echo),)
            uploads = self._end is not None and self._first is None  # the server may have the body no more
            step: Request | Message = self._upload(0) if uploads else self._asked
        else:
            step = self._after(message)
        if isinstance(step, Message):
            return step
        self._asked = step
        if not self._echo:
            return step
        return replace(step, options=in_order([*without(step.options, ECHO), *self._echo]), encoded=b"")

    def _after(self, message: Message) -> Request | Message:
        block = block_of(message, BLOCK1)
        if block is not None and self._first is None:
            if message.code == Code.REQUEST_ENTITY_TOO_LARGE and self._is_smaller(block):
                self._exponent = block.exponent
                return self._upload(0)  # RFC 7959 2.9.3
            if self._end is not None and is_success(message.code):
                self._check_uploaded(message, block)
        if self._end is not None and self._end < len(self.request.payload) and is_success(message.code):
            if block is None:
                raise BlockwiseError(CoapRefusal.BODY_TAKEN_EARLY, self._end, len(self.request.payload))
            self._exponent = min(self._exponent, block.exponent)  # RFC 7959 2.5: the server may ask for smaller ones
            return self._upload(self._end)
        return self._download(message)

    def _is_smaller(self, block: Block) -> bool:
        size = len(self.request.payload) if self._end is None else 16 << self._exponent
        return block.size < size

    def _check_uploaded(self, message: Message, block: Block) -> None:
        assert self._end is not None
        if block.number != (self._end - 1) >> (self._exponent + 4):
            raise BlockwiseError(CoapRefusal.BLOCK_NOT_SENT, block.number)
        if message.code == Code.CONTINUE and self._end == len(self.request.payload):
            raise BlockwiseError(CoapRefusal.CONTINUE_AFTER_LAST)

    def _upload(self, offset: int) -> Request:
        payload, size = self.request.payload, 16 << self._exponent
        self._end = min(offset + size, len(payload))
        block = Block(offset // size, self._end < len(payload), self._exponent)
        if (len(payload) - 1) // size > _LARGEST_NUMBER:
            raise BlockwiseError(CoapRefusal.BODY_NEEDS_LARGER_BLOCKS, len(payload), size)
        total = ((int(SIZE1), uint_value(len(payload))),) if offset == 0 else ()
        options = with_block(without(self.request.options, SIZE1), BLOCK1, block, *total)
        return replace(self.request, options=options, payload=payload[offset : self._end], encoded=b"")

    def _download(self, message: Message) -> Request | Message:
        block = block_of(message, BLOCK2)
        if self._first is None:
            if block is None or block.number != 0 or not block.more:
                return message  # RFC 7959 2.4: the only block, or the one that the request named
            self._first = message
        elif not is_success(message.code):
            return message
        if block is None or block.offset != len(self._body):
            raise BlockwiseError(CoapRefusal.BLOCK_OUT_OF_ORDER, expected=len(self._body))
        if block.more and len(message.payload) != block.size:
            raise BlockwiseError(CoapRefusal.BLOCK_LENGTH, len(message.payload), block.size)
        if message.first(OptionNumber.ETAG) != self._first.first(OptionNumber.ETAG):
            raise BlockwiseError(CoapRefusal.BODY_CHANGED)  # RFC 7959 2.4
        if len(self._body) + len(message.payload) > self._longest:
            raise BlockwiseError(CoapRefusal.BODY_TOO_LONG, expected=self._longest)
        self._body += message.payload
        return self._next(block) if block.more else self._whole(self._first, bytes(self._body))

    def _next(self, block: Block) -> Request:
        following = Block(len(self._body) // block.size, False, block.exponent)
        options = without(self.request.options, BLOCK1, SIZE1, OptionNumber.OBSERVE)  # RFC 7959 3.3, 3.4
        in_blocks = self._end is not None or len(self.request.payload) > 16 << self._exponent  # RFC 7959 3.3
        payload = self.request.payload if self.request.code == Code.FETCH and not in_blocks else b""
        return replace(self.request, options=with_block(options, BLOCK2, following), payload=payload, encoded=b"")

    def _whole(self, message: Message, body: bytes) -> Message:
        return replace(message, options=without(message.options, BLOCK1, BLOCK2, SIZE2), payload=body)


Key: TypeAlias = tuple[Address, int, Options, bytes]
"""Endpoint, method, and the options that say what is asked for (RFC 7959 2.4, 2.5); of a FETCH its payload, too.

Echo is no part of a cache key (RFC 9175 2.2.1)."""


def _key(peer: Address, message: Message, *ignored: int) -> Key:
    options = without(message.options, BLOCK1, BLOCK2, SIZE1, SIZE2, ECHO, OptionNumber.OBSERVE, *ignored)
    return peer, message.code, options, _payload_of_key(message)


def _payload_of_key(message: Message) -> bytes:
    """RFC 8132 2: what a FETCH asks for is in its payload, too.

    Not where that came in blocks: the requests for the blocks of its answer have no payload (RFC 7959 3.3).
    """
    in_blocks = any(number == BLOCK1 for number, _ in message.options)
    return message.payload if message.code == Code.FETCH and not in_blocks else b""


@dataclass(slots=True)
class _Body:
    """A body on its way, in or out."""

    expires_at: Seconds
    data: bytes | bytearray  # bytearray while it grows
    options: Options = ()
    code: int = 0


class _Bodies:
    """Some bodies: the oldest goes when they are too many, too much or too old."""

    __slots__ = ("_bodies", "_bytes", "_most", "_most_bytes")

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._bodies: OrderedDict[Key, _Body] = OrderedDict()

    def get(self, now: Seconds, key: Key) -> _Body | None:
        self._forget(now)
        return self._bodies.get(key)

    def put(self, now: Seconds, key: Key, body: _Body) -> None:
        """Keep the body, or keep it longer and count it again."""
        self.pop(key)
        body.expires_at = now + EXCHANGE_LIFETIME
        self._bodies[key] = body
        self._bytes += len(body.data)
        self._forget(now)

    def append(self, now: Seconds, key: Key, body: _Body, payload: bytes) -> None:
        self.pop(key)
        body.data += payload
        self.put(now, key, body)

    def pop(self, key: Key) -> None:
        body = self._bodies.pop(key, None)
        if body is not None:
            self._bytes -= len(body.data)

    def _forget(self, now: Seconds) -> None:
        while self._bodies:
            key, body = next(iter(self._bodies.items()))
            if body.expires_at > now and len(self._bodies) <= self._most and self._bytes <= self._most_bytes:
                return
            self.pop(key)


class Uploads:
    """The server's side of Block1: puts the requests' bodies together."""

    __slots__ = ("_bodies", "_exponent", "_longest")

    def __init__(self, exponent: int = LARGEST_EXPONENT, longest: int = LONGEST_BODY, most: int = 64) -> None:
        self._exponent = exponent
        self._longest = longest
        self._bodies = _Bodies(most, max(longest, most * 4096))

    def handle_request(self, now: Seconds, peer: Address, message: Message) -> Message | Response:
        """The request with its whole body, or how to answer this block of it."""
        try:
            block = block_of(message, BLOCK1)
        except BlockwiseError as error:
            return Response(Code.BAD_REQUEST, payload=str(error).encode())
        if block is None:
            return message
        if block.more and len(message.payload) != block.size:
            return Response(Code.BAD_REQUEST, payload=b"payload and block size differ")  # RFC 7959 2.3
        exponent = min(block.exponent, self._exponent)
        if max(block.offset + len(message.payload), message.uint(SIZE1) or 0) > self._longest:
            size1 = (int(SIZE1), uint_value(self._longest))
            hint = Block(block.number, block.more, exponent)
            return Response(Code.REQUEST_ENTITY_TOO_LARGE, with_block((), BLOCK1, hint, size1))  # RFC 7959 2.9.3
        return self._take(now, _key(peer, message), message, block, exponent)

    def _take(self, now: Seconds, key: Key, message: Message, block: Block, exponent: int) -> Message | Response:
        body = _Body(now, bytearray()) if block.number == 0 else self._bodies.get(now, key)
        if body is None or block.offset not in (len(body.data), len(body.data) - len(message.payload)):
            self._bodies.pop(key)
            return Response(Code.REQUEST_ENTITY_INCOMPLETE, with_block((), BLOCK1, block))  # RFC 7959 2.9.2
        new = message.payload if block.offset == len(body.data) else b""  # else the last block, once again
        if not block.more:
            self._bodies.pop(key)
            return replace(
                message, options=without(message.options, SIZE1), payload=bytes(body.data) + new
            )  # the Block1 option stays: finish() reads it
        self._bodies.append(now, key, body, new)
        return Response(Code.CONTINUE, with_block((), BLOCK1, Block(block.number, True, exponent)))

    def finish(self, request: Message, response: Response) -> Response:
        """The response with the Block1 option that answers the request's last block (RFC 7959 2.3)."""
        block = block_of(request, BLOCK1)
        if block is None:
            return response
        return replace(
            response, options=with_block(response.options, BLOCK1, Block(block.number, False, block.exponent))
        )


def _with_etag(response: Response) -> Response:
    """Blocks of two representations must not be mixed up (RFC 7959 2.4)."""
    if response.code != Code.CONTENT or any(number == OptionNumber.ETAG for number, _ in response.options):
        return response
    etag = crc32(response.payload).to_bytes(4, "big")
    return replace(response, options=in_order([*response.options, (int(OptionNumber.ETAG), etag)]))


class Downloads:
    """The server's side of Block2: cuts the responses' bodies and keeps them until they have been fetched."""

    __slots__ = ("_bodies", "_exponent", "_most", "_observed")

    def __init__(self, exponent: int = LARGEST_EXPONENT, longest: int = LONGEST_BODY, most: int = 64) -> None:
        self._exponent = exponent
        self._most = most
        self._bodies = _Bodies(most, max(longest, most * 4096))
        self._observed: dict[tuple[Address, bytes], Key] = {}

    def handle_request(self, now: Seconds, peer: Address, message: Message) -> Response | None:
        """The next block of a body that is kept, an error, or None: the application has to answer."""
        try:
            block = block_of(message, BLOCK2)
        except BlockwiseError as error:
            return Response(Code.BAD_REQUEST, payload=str(error).encode())
        if block is None or block.number == 0:
            return None
        body = self._bodies.get(now, _key(peer, message, OptionNumber.REQUEST_TAG))
        if body is not None:
            return self._cut(Response(body.code, body.options, bytes(body.data)), block)
        if message.code in (Code.GET, Code.FETCH):
            return None  # whoever has forgotten it asks the application again, and cuts its answer
        return Response(Code.REQUEST_ENTITY_INCOMPLETE)  # it must not be done twice

    def cut(self, now: Seconds, peer: Address, request: Message, response: Response) -> Response:
        """The block that the request asks for, or the first one of a response that is too large."""
        asked = block_of(request, BLOCK2)
        exponent = self._exponent if asked is None else min(asked.exponent, self._exponent)
        key = _key(peer, request, OptionNumber.REQUEST_TAG) if len(response.payload) > 16 << exponent else None
        if request.observe == 0:
            make_room(self._observed, 16 * self._most)
            self._observed[peer, request.token] = key or _key(peer, request, OptionNumber.REQUEST_TAG)
        if not is_success(response.code) or (asked is None and key is None):
            return response
        if key is not None:
            response = self._keep(now, key, response)
        return self._cut(response, asked or Block(0, False, exponent))

    def cut_notification(self, now: Seconds, peer: Address, token: bytes, response: Response) -> Response:
        """The first block; the others are asked for with requests of their own (RFC 7959 3.4)."""
        key = self._observed.get((peer, token))
        if len(response.payload) <= 16 << self._exponent:
            if key is not None:
                self._bodies.pop(key)
            return response
        response = _with_etag(response) if key is None else self._keep(now, key, response)
        return self._cut(response, Block(0, False, self._exponent))

    def _keep(self, now: Seconds, key: Key, response: Response) -> Response:
        response = _with_etag(response)
        self._bodies.put(now, key, _Body(now, response.payload, response.options, response.code))
        return response

    def _cut(self, response: Response, asked: Block) -> Response:
        exponent = min(asked.exponent, self._exponent)
        size, offset, total = 16 << exponent, asked.offset, len(response.payload)
        if offset >= total and offset > 0:
            return Response(Code.BAD_REQUEST, payload=b"no such block")
        block = Block(offset // size, offset + size < total, exponent)
        options = without(response.options, OptionNumber.OBSERVE) if offset else response.options
        size2 = ((int(SIZE2), uint_value(total)),) if block.more and offset == 0 else ()
        return replace(
            response,
            options=with_block(options, BLOCK2, block, *size2),
            payload=response.payload[offset : offset + size],
        )
