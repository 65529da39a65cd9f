"""Our endpoint on the site of the plugtests, and our endpoint as its client; the other side is raw messages."""

from __future__ import annotations

import random
from typing import Any

from plugtest_cases import LINKS, Exchange
from plugtest_site import (
    ACK,
    BLOCK1,
    BLOCK2,
    CHANGED,
    CON,
    CONTENT,
    CONTENT_FORMAT,
    CONTINUE,
    GET,
    NON,
    OBSERVE,
    PUT,
    RST,
    URI_PATH,
    Options,
    Raw,
    Site,
    block,
    path,
    read,
    uint,
    write,
)  # fmt: skip

from nbtwin.coap import link_format
from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.critical_options import UNDERSTOOD
from nbtwin.coap.endpoint import Request, RequestReceived, Response, ResponseReceived
from nbtwin.coap.message import in_order
from nbtwin.coap.numbers import Code, OptionNumber
from nbtwin.coap.observe import Observers
from nbtwin.engine import Address

CLIENT: Address = ("192.0.2.1", 40000)
SERVER: Address = ("192.0.2.2", 5683)
CONDITIONAL = UNDERSTOOD | {OptionNumber.IF_MATCH, OptionNumber.IF_NONE_MATCH}


class SiteApplication:
    """What an application on our endpoint does with a request; ``slow`` waits to be answered."""

    def __init__(self) -> None:
        self.site = Site()
        self.observers = Observers()
        self.value = b"zero"
        self.slow: list[RequestReceived] = []

    def react(self, endpoint: BlockwiseEndpoint, now: float, event: Any) -> None:
        self.observers.handle_event(now, event)
        if not isinstance(event, RequestReceived):
            return
        where = "/".join(event.message.path)
        if where == "separate":
            self.slow.append(event)
            endpoint.acknowledge(now, event)
        elif where == "obs":
            self._observed(endpoint, now, event)
        else:
            endpoint.respond(now, event, self._answer(where, event))

    def _answer(self, where: str, event: RequestReceived) -> Response:
        message = event.message
        links = {
            ".well-known/core": link_format.encode(link_format.filtered(link_format.decode(LINKS), message.query)),
            "path": b"</path/sub1>,</path/sub2>",
        }
        if where in links:
            return Response(CONTENT, ((CONTENT_FORMAT, uint(40)),), links[where])
        if where == "path/sub1":
            return Response(CONTENT, (), b"/path/sub1")
        return Response(*self.site.answer(message.code, where, message.options, message.payload))

    def _observed(self, endpoint: BlockwiseEndpoint, now: float, event: RequestReceived) -> None:
        if event.message.code == PUT:
            endpoint.respond(now, event, Response(CHANGED))
            self.change(endpoint, now, event.message.payload)
            return
        observer = self.observers.handle_request(now, event.peer, event.message, "obs")
        endpoint.respond(now, event, self._value(None if observer is None else observer.order))

    def _value(self, order: int | None) -> Response:
        found = ((OBSERVE, uint(order)),) if order is not None else ()
        return Response(CONTENT, (*found, (CONTENT_FORMAT, b"")), self.value)

    def change(self, endpoint: BlockwiseEndpoint, now: float, value: bytes, confirmable: bool = True) -> None:
        self.value = value
        for observer in self.observers.of("obs"):
            endpoint.notify(now, observer.peer, observer.token, self._value(observer.next_order()), confirmable)

    def end_with(self, endpoint: BlockwiseEndpoint, now: float, code: int) -> None:
        for observer in self.observers.of("obs"):
            endpoint.notify(now, observer.peer, observer.token, Response(code), True)
            self.observers.remove(observer.peer, observer.token)


class OurServer:
    """The site on our endpoint; its client hands in messages and gets messages."""

    def __init__(self, block_size: int = 1024) -> None:
        self.application = SiteApplication()
        self.endpoint = BlockwiseEndpoint(random.Random(1), understood=CONDITIONAL, block_size=block_size)
        self.now = 0.0
        self.seen: list[Any] = []

    @property
    def site(self) -> Site:
        return self.application.site

    def give(self, data: bytes) -> list[bytes]:
        self.endpoint.handle_datagram(self.now, CLIENT, data)
        return self._drain()

    def hear(self, message: Raw) -> list[Raw]:
        return [read(data) for data in self.give(write(message))]

    def answer_separately(self) -> list[Raw]:
        event = self.application.slow.pop()
        answer = self.site.answer(GET, "separate", (), b"")
        self.endpoint.respond(self.now, event, Response(*answer))
        return list(map(read, self._drain()))

    def change(self, value: bytes, confirmable: bool = True) -> list[Raw]:
        self.application.change(self.endpoint, self.now, value, confirmable)
        return list(map(read, self._drain()))

    def end_with(self, code: int) -> list[Raw]:
        self.application.end_with(self.endpoint, self.now, code)
        return list(map(read, self._drain()))

    def advance(self, seconds: float) -> list[Raw]:
        sent, end = [], self.now + seconds
        while (deadline := self.endpoint.next_deadline()) is not None and deadline.at <= end:
            self.now = max(self.now, deadline.at)
            self.endpoint.handle_timer(self.now)
            sent += map(read, self._drain())
        self.now = end
        return sent

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.seen if isinstance(event, kind)]

    def _drain(self) -> list[bytes]:
        for event in self.endpoint.events():
            self.seen.append(event)
            self.application.react(self.endpoint, self.now, event)
        self.seen += self.endpoint.events()
        return [data for _, data in self.endpoint.datagrams_to_send()]


class RawServer:
    """The site in raw messages: piggybacked answers, but for /separate; blocks of at most ``largest``."""

    def __init__(self) -> None:
        self.site = Site()
        self.heard: list[Raw] = []
        self.links = b""
        self.largest = 64
        self.observed = b"zero"
        self.last_id = 500
        self.unacknowledged = 0
        self._uploads: dict[str, bytes] = {}
        self._answers: dict[str, tuple[int, Options, bytes]] = {}
        self._known: dict[int, list[Raw]] = {}

    def hear(self, message: Raw) -> list[Raw]:
        self.heard.append(message)
        if message.type in (ACK, RST):
            self.unacknowledged -= 1
            return []
        if message.code == 0:
            return [Raw(RST, 0, message.id)]
        if message.id not in self._known:
            self._known[message.id] = self._answer(message)
        return self._known[message.id]

    def repeat(self) -> list[Raw]:
        """The confirmable answers that nobody has acknowledged."""
        return [one for sent in self._known.values() for one in sent if one.type == CON] if self.unacknowledged else []

    def _answer(self, message: Raw) -> list[Raw]:
        where = "/".join(value.decode() for value in message.all(URI_PATH))
        code, options, body = self._content(message, where)
        if where == "separate":
            self.last_id += 1
            answer = Raw(message.type, code, self.last_id, message.token, options, body)
            self.unacknowledged += message.type == CON
            return [Raw(ACK, 0, message.id), answer] if message.type == CON else [answer]
        self.last_id += message.type == NON
        type, id = (ACK, message.id) if message.type == CON else (NON, self.last_id)
        return [Raw(type, code, id, message.token, options, body)]

    def _content(self, message: Raw, where: str) -> tuple[int, Options, bytes]:
        upload = message.block(BLOCK1)
        if upload is not None:
            number, more, size = upload
            used = min(size, self.largest)
            self._uploads[where] = (self._uploads.get(where, b"") if number else b"") + message.payload
            told = (BLOCK1, block(number, more, used))
            if more:
                return CONTINUE, (told,), b""
            message = Raw(message.type, message.code, message.id, message.token, message.options, self._uploads[where])
            return self._cut(message, where, (told,))
        return self._cut(message, where, ())

    def _cut(self, message: Raw, where: str, more: Options) -> tuple[int, Options, bytes]:
        wanted = message.block(BLOCK2)
        number, size = (wanted[0], min(wanted[2], self.largest)) if wanted else (0, self.largest)
        if number == 0 or where == "obs":
            self._answers[where] = self._whole(message, where)
        code, options, body = self._answers[where]
        if len(body) <= size and wanted is None:
            return code, (*options, *more), body
        part, last = body[number * size : (number + 1) * size], (number + 1) * size >= len(body)
        return code, (*options, *more, (BLOCK2, block(number, not last, size))), part

    def _whole(self, message: Raw, where: str) -> tuple[int, Options, bytes]:
        if where == ".well-known/core":
            return CONTENT, ((CONTENT_FORMAT, uint(40)),), self.links
        if where == "path":
            return CONTENT, ((CONTENT_FORMAT, uint(40)),), b"</path/sub1>,</path/sub2>"
        if where == "path/sub1":
            return CONTENT, (), b"/path/sub1"
        if where == "obs":
            observe = ((OBSERVE, uint(1)),) if message.all(OBSERVE) == [b""] else ()
            return CONTENT, (*observe, (CONTENT_FORMAT, b"")), self.observed
        return self.site.answer(message.code, where, message.options, message.payload)


class OurClient:
    """Our endpoint asks; the raw server answers at once, unless a datagram is to be lost."""

    def __init__(self, block_size: int = 1024, seed: int = 1) -> None:
        self.endpoint = BlockwiseEndpoint(random.Random(seed), block_size=block_size)
        self.server = RawServer()
        self.now = 0.0
        self.seen: list[Any] = []
        self.sent: list[Raw] = []
        self._lost: set[tuple[str, int]] = set()
        self._count = {"to": 0, "from": 0}
        self._last = b""

    def loses(self, way: str, number: int, one: bool = False) -> None:
        """Of those "to" the server, or "from" it: the one of that number, or all up to it."""
        self._lost = {(way, lost) for lost in ([number] if one else range(number + 1))}

    def ask(self, wanted: Exchange) -> ResponseReceived:
        found = in_order((*path(wanted.where), *wanted.options))
        request = Request(Code(wanted.code), found, wanted.body, confirmable=wanted.type == CON)
        before = len(self.told(ResponseReceived))
        self.endpoint.send_request(self.now, SERVER, request, token=wanted.token)
        self.run(self.now + 100, lambda: len(self.told(ResponseReceived)) > before)
        answer: ResponseReceived = self.told(ResponseReceived)[before]
        return answer

    def run(self, until: float, done: Any = lambda: False) -> None:
        """Until it is so or the time has come; the server repeats every two seconds what is not acknowledged."""
        self._drain()
        while not done():
            deadline = self.endpoint.next_deadline()
            times = [deadline.at] if deadline is not None else []
            times += [self.now + 2] if self.server.unacknowledged else []
            if not times or min(times) > until:
                break
            self.now = max(self.now, min(times))
            self._arrive(self.server.repeat())
            self.endpoint.handle_timer(self.now)
            self._drain()

    def notified(self, order: int | None, body: bytes, type: int = CON, code: int = CONTENT) -> list[Raw]:
        """A notification of /obs, cut like everything; what our client says to it at once."""
        self.server.last_id += 1
        more = ((BLOCK2, block(0, True, 64)),) if len(body) > 64 else ()
        observe = ((OBSERVE, uint(order)),) if order is not None else ()
        options = (*observe, *(((CONTENT_FORMAT, b""),) if body else ()), *more)
        self._last = write(Raw(type, code, self.server.last_id, b"o", options, body[:64]))
        return self.again()

    def again(self) -> list[Raw]:
        self.endpoint.handle_datagram(self.now, SERVER, self._last)
        self.seen += self.endpoint.events()
        answers = [read(data) for _, data in self.endpoint.datagrams_to_send()]
        self._arrive([told for answer in answers if answer.code for told in self.server.hear(answer)])
        return [answer for answer in answers if not answer.code]

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.seen if isinstance(event, kind)]

    def _drain(self) -> None:
        moving = True
        while moving:
            self.seen += self.endpoint.events()
            moving = False
            for _, data in self.endpoint.datagrams_to_send():
                moving = True
                self.sent.append(read(data))
                if not self._loses("to"):
                    self._arrive(self.server.hear(self.sent[-1]))

    def _arrive(self, messages: list[Raw]) -> None:
        for message in messages:
            if not self._loses("from"):
                self.endpoint.handle_datagram(self.now, SERVER, write(message))
        self.seen += self.endpoint.events()

    def _loses(self, way: str) -> bool:
        number = self._count[way]
        self._count[way] += 1
        return (way, number) in self._lost
