"""An LwM2M client that is nothing but bytes, in front of our platform: no code of ours on its side."""

from __future__ import annotations

import random
from typing import Any

from plugtest_site import (
    ACCEPT,
    ACK,
    CON,
    CONTENT,
    CONTENT_FORMAT,
    GET,
    OBSERVE,
    POST,
    URI_PATH,
    URI_QUERY,
    Options,
    Raw,
    path,
    read,
    uint,
    write,
)  # fmt: skip

from nbtwin.engine import Address
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.key_store.psk import PskStore

NAME = "867724030000225"
PEER: Address = ("10.0.0.1", 5683)


class RawDevice:
    """It registers, is asked, and answers what the test says."""

    def __init__(self, version: str = "1.0", links: bytes = b"</1/0>,</3/0>", **settings: Any) -> None:
        settings = {"observe": (), "read": (), **settings}
        self.platform = AndlinkPlatform(random.Random(1), PskStore(), settings=AndlinkSettings(**settings))
        self.version, self.links = version, links
        self.now = 0.0
        self.log: list[Any] = []
        self._id = 0

    # what it says by itself

    def post(self, where: str, *query: str, code: int = POST, body: bytes = b"", form: int | None = None) -> list[Raw]:
        self._id += 1
        options = [*path(where), *((URI_QUERY, part.encode()) for part in query)]
        options += [(CONTENT_FORMAT, uint(form))] if form is not None else []
        return self.give(Raw(CON, code, self._id, b"dv", tuple(options), body))

    def register(self, *query: str, lifetime: int = 300) -> Raw:
        binding = query or ("b=U",)
        asked = (f"lwm2m={self.version}", f"ep={NAME}", f"lt={lifetime}", *binding)
        return self.post("rd", *asked, body=self.links, form=40)[0]

    def notify(self, observed: Raw, order: int, body: bytes, form: int = 0, type: int = CON) -> list[Raw]:
        self._id += 1
        options = ((OBSERVE, uint(order)), (CONTENT_FORMAT, uint(form)))
        return self.give(Raw(type, CONTENT, 5000 + self._id, observed.token, options, body))

    # what it is asked, and answers

    def asked(self, verb: str, where: str, *arguments: Any, **how: Any) -> tuple[int, Raw]:
        """The ticket, and the one request that leaves."""
        ticket = self.platform.devices.ask(self.now, NAME, verb, where, *arguments, **how)
        (request,) = self._sent()
        return ticket, request

    def answer(
        self, request: Raw, code: int, body: bytes = b"", form: int | None = None, more: Options = ()
    ) -> list[Raw]:
        options = ((CONTENT_FORMAT, uint(form)),) if form is not None else ()
        return self.give(Raw(ACK, code, request.id, request.token, (*options, *more), body))

    def outcome(self, ticket: int) -> ev.OperationAnswered:
        (found,) = [e for e in self.log if isinstance(e, ev.OperationAnswered) and e.ticket == ticket]
        return found

    def seen(self, kind: type) -> list[Any]:
        return [event for event in self.log if isinstance(event, kind)]

    def give(self, message: Raw) -> list[Raw]:
        self.platform.handle_datagram(self.now, PEER, write(message))
        return self._sent()

    def advance(self, seconds: float) -> list[Raw]:
        sent, end = [], self.now + seconds
        while (deadline := self.platform.next_deadline()) is not None and deadline.at <= end:
            self.now = max(self.now, deadline.at)
            self.platform.handle_timer(self.now)
            sent += self._sent()
        self.now = end
        return sent

    def _sent(self) -> list[Raw]:
        self.log += self.platform.events()
        return [
            read(data) for listener, to, data in self.platform.datagrams_by_listener() if (listener, to) == (0, PEER)
        ]


def where_of(request: Raw) -> str:
    return "/" + "/".join(part.decode() for part in request.all(URI_PATH))


def is_get(request: Raw, where: str, form: int | None = None) -> bool:
    return (request.code, where_of(request), request.uint(ACCEPT)) == (GET, where, form)
