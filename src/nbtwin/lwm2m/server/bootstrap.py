"""The LwM2M bootstrap server: gives a Client its accounts and lets it go (LwM2M 1.0 TS, 5.2; TS Core 1.1 and 1.2, 6.1).

Knows Bootstrap-Request, -Discover, -Read, -Delete, -Write and -Finish over a CoAP endpoint, and the Bootstrap-Pack of
LwM2M 1.2, one answer in the place of all of them. Must not know which Client gets what: that is asked of
``accounts_of``. One step at a time: the next one leaves when the one before was answered.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, filterfalse
from typing import NamedTuple

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.endpoint import CoapEndpoint
from nbtwin.coap.events import (
    CoapEvent,
    Request,
    RequestAborted,
    RequestReceived,
    RequestReset,
    RequestUnanswered,
    Response,
    ResponseReceived,
)
from nbtwin.coap.link_format import Link, LinkError
from nbtwin.coap.link_format import decode as decode_links
from nbtwin.coap.message import Message, options, segments_of
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber, dotted, is_success
from nbtwin.engine import Address, Datagram, Deadline, Outbox, Refusal, Seconds
from nbtwin.lwm2m.content.codec import encode
from nbtwin.lwm2m.content.composite import FORMATS as PACKS  # TS Transport 1.2, 6.4.1: the same
from nbtwin.lwm2m.content.composite import encode_values
from nbtwin.lwm2m.model import InstanceNode, Value
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.bootstrap_events import BootstrapAborted as BootstrapAborted
from nbtwin.lwm2m.server.bootstrap_events import BootstrapEvent as BootstrapEvent
from nbtwin.lwm2m.server.bootstrap_events import BootstrapFinished as BootstrapFinished
from nbtwin.lwm2m.server.bootstrap_events import BootstrapRefused as BootstrapRefused
from nbtwin.lwm2m.server.bootstrap_events import BootstrapStarted as BootstrapStarted
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal, RequestRefused

_FORMATS = {str(int(form)): form for form in (ContentFormat.LWM2M_TLV, *PACKS)}
"""What a Client may prefer (pct), as it says it (TS Core 1.1, 6.1.7.1)."""
_SECURITY, _SERVER, _ACCESS_CONTROL = 0, 1, 2
READABLE = (_SERVER, _ACCESS_CONTROL)
"""The objects of a Bootstrap-Read (TS Core 1.2, 6.1.7.4)."""
_DISCOVER = "Discover /"
_REQUESTED = ([b"bs"], [b"bspack"])
_FIRST = (b"bs", b"bspack")
_URI_PATH = int(OptionNumber.URI_PATH)
NO_SECURITY, PRE_SHARED_KEY = 3, 0  # Security Mode (E.1.1)


@dataclass(frozen=True)
class ServerAccount:
    """One LwM2M server that a Client is to register with: an instance of /0 and one of /1."""

    uri: str  # "coap://host:port" or "coaps://host:port"; over coaps without a key the Client has to have one
    lifetime: int = 86400
    binding: str = "U"
    short_server_id: int = 1
    identity: bytes = b""
    key: bytes = b""

    def security(self) -> InstanceNode:
        """E.1: a server that is no bootstrap server."""
        mode = PRE_SHARED_KEY if self.key or self.uri.startswith("coaps:") else NO_SECURITY
        values: dict[int, Value] = {0: self.uri, 1: False, 2: mode, 3: self.identity, 4: b"", 5: self.key}
        return {**values, 10: self.short_server_id}

    def server(self) -> InstanceNode:
        """E.2."""
        return {0: self.short_server_id, 1: self.lifetime, 6: True, 7: self.binding}


class _Step(NamedTuple):
    name: str
    request: Request
    optional: bool = False  # goes on when the Client refuses it
    asks: str = ""  # the path whose answer is kept


@dataclass(slots=True)
class _Session:
    client: str
    peer: Address
    steps: Iterator[_Step]
    answers: dict[str, Message] = field(default_factory=dict)
    step: _Step | None = None
    token: bytes = b""


class BootstrapServer(Outbox[BootstrapEvent | CoapEvent]):
    """One UDP port."""

    def __init__(
        self,
        random: random.Random,
        accounts_of: Callable[[str, Address], tuple[ServerAccount, ...]],
        *,
        endpoint: CoapEndpoint | None = None,
        name_of: Callable[[Address], str] = lambda peer: "",
        deletes_first: bool = True,
        discovers_first: bool = False,
        reads_first: Iterable[int] = (),
        packs: bool = True,
        sessions_at_most: int = 10_000,
    ) -> None:
        super().__init__()
        self.coap = endpoint or BlockwiseEndpoint(random)
        self._accounts_of = accounts_of
        self._name_of = name_of  # of a peer whose keys say who it is (TS Core 1.1, 6.1.7.1: ep may be left out)
        self._deletes_first = deletes_first
        self._discovers_first = discovers_first
        self._reads_first = tuple(reads_first)  # of READABLE
        self._packs = packs
        self._at_most = sessions_at_most
        self._sessions: dict[Address, _Session] = {}

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        self.coap.handle_datagram(now, source, data)
        self._react(now)

    def handle_timer(self, now: Seconds) -> None:
        self.coap.handle_timer(now)
        self._react(now)

    def datagrams_to_send(self) -> list[Datagram]:
        return self.coap.datagrams_to_send()

    def next_deadline(self) -> Deadline | None:
        return self.coap.next_deadline()

    def _react(self, now: Seconds) -> None:
        for event in self.coap.events():
            if not self.handle_event(now, event):
                if isinstance(event, RequestReceived):
                    path = f"/{'/'.join(event.message.path)[:80]}"
                    self._refuse(
                        now, event, _client_of(event),
                        RequestRefused(
                            Code.NOT_FOUND, Lwm2mServerRefusal.PATH_UNKNOWN, f"no such path: {path}", subject=path
                        ),
                    )  # fmt: skip
                elif not isinstance(event, ResponseReceived | RequestUnanswered | RequestReset | RequestAborted):
                    self._events.append(event)

    def handle_event(self, now: Seconds, event: object) -> bool:
        """What the endpoint told; False when it is not about bootstrapping, for whoever shares the endpoint."""
        if isinstance(event, RequestReceived):
            for number, value in event.message.options:
                if number >= _URI_PATH:  # the first segment says it, mostly
                    if (
                        number > _URI_PATH
                        or value not in _FIRST
                        or segments_of(event.message.options) not in _REQUESTED
                    ):
                        return False
                    self._on_request(now, event)
                    return True
            return False
        if not self._sessions or not isinstance(
            event, ResponseReceived | RequestUnanswered | RequestReset | RequestAborted
        ):
            return False
        session = self._session_of(event.peer, event.token)
        if session is None:
            return False
        if isinstance(event, ResponseReceived):
            self._on_answer(now, session, event)
        elif isinstance(event, RequestAborted):
            self._fail(now, session, event.refusal)
        else:
            unanswered = isinstance(event, RequestUnanswered)
            self._fail(now, session, Lwm2mServerRefusal.UNANSWERED if unanswered else Lwm2mServerRefusal.RESET)
        return True

    def end_exchanges(self, now: Seconds, peer: Address) -> None:
        """Nothing from this peer arrives any more: it has to ask again."""
        session = self._sessions.get(peer)
        if session is not None:
            self.coap.cancel(now, session.token, peer)
            self._fail(now, session, Lwm2mServerRefusal.SESSION_ENDED)

    def _on_request(self, now: Seconds, received: RequestReceived) -> None:
        """Bootstrap-Request (5.2.7.1, table 12): 2.04, and the writing begins. Bootstrap-Pack-Request: 2.05 and all."""
        client = _client_of(received) or self._name_of(received.peer)
        wants_pack = received.message.path == ("bspack",)
        try:
            if wants_pack:
                self._hand_over(now, received, client)
            else:
                self._start(now, received, client)
        except RequestRefused as refused:
            self._refuse(now, received, client, refused)

    def _accounts(self, received: RequestReceived, client: str) -> tuple[ServerAccount, ...]:
        """At least one; raises RequestRefused."""
        if not client:
            raise RequestRefused(Code.BAD_REQUEST, Lwm2mServerRefusal.NAME_MISSING, "no endpoint client name (ep)")
        accounts = self._accounts_of(client, received.peer)
        if not accounts:
            raise RequestRefused(Code.BAD_REQUEST, Lwm2mServerRefusal.ACCOUNTS_MISSING, "no accounts for this client")
        return accounts

    def _start(self, now: Seconds, received: RequestReceived, client: str) -> None:
        """A Client that asks again while it is served has lost what it had: from the beginning."""
        if received.message.code != Code.POST:
            raise RequestRefused(
                Code.METHOD_NOT_ALLOWED, Lwm2mServerRefusal.BOOTSTRAP_METHOD, "only POST asks for a bootstrap"
            )
        peer = received.peer
        if peer not in self._sessions and len(self._sessions) >= self._at_most:
            raise RequestRefused(
                Code.SERVICE_UNAVAILABLE, Lwm2mServerRefusal.BOOTSTRAPS_FULL,
                f"{self._at_most} sessions are the most", limit=self._at_most,
            )  # fmt: skip
        accounts, form = self._accounts(received, client), _preferred(received.message)
        self._forget_session(now, peer)
        self.coap.respond(now, received, Response(Code.CHANGED))
        answers: dict[str, Message] = {}
        session = self._sessions[peer] = _Session(client, peer, self._steps(accounts, form, answers), answers)
        self._events.append(BootstrapStarted(now, client, peer))
        self._step(now, session)

    def _hand_over(self, now: Seconds, received: RequestReceived, client: str) -> None:
        """Bootstrap-Pack-Request (TS Core 1.2, 6.1.7.7): no Finish follows."""
        message, peer = received.message, received.peer
        if message.code != Code.GET or not self._packs:
            raise RequestRefused(
                Code.METHOD_NOT_ALLOWED, Lwm2mServerRefusal.PACK_METHOD, "a Bootstrap-Pack is had with GET, if at all"
            )
        accounts = self._accounts(received, client)
        form = PACKS[0] if message.accept is None else message.accept
        if form not in PACKS:
            raise RequestRefused(
                Code.NOT_ACCEPTABLE, Lwm2mServerRefusal.PACK_FORMAT, f"no Bootstrap-Pack in format {form}",
                subject=str(form),
            )  # fmt: skip
        self._forget_session(now, peer)
        payload = encode_values(form, dict(_instances(accounts, count(1))))
        self.coap.respond(now, received, Response(Code.CONTENT, options(content_format=form), payload))
        self._events.append(BootstrapStarted(now, client, peer))
        self._events.append(BootstrapFinished(now, client, peer))

    def _forget_session(self, now: Seconds, peer: Address) -> None:
        if (old := self._sessions.pop(peer, None)) is not None:
            self.coap.cancel(now, old.token, peer)

    def _refuse(self, now: Seconds, received: RequestReceived, client: str, refused: RequestRefused) -> None:
        self.coap.respond(now, received, Response(refused.code, (), refused.diagnostic.encode()))
        self._events.append(
            BootstrapRefused(
                now, received.peer, client, refused.code, refused.refusal, refused.subject, refused.limit
            )
        )  # fmt: skip

    def _step(self, now: Seconds, session: _Session) -> None:
        step = session.step = next(session.steps, None)
        if step is None:
            del self._sessions[session.peer]
            self._events.append(BootstrapFinished(now, session.client, session.peer, session.answers))
            return
        session.token = self.coap.send_request(now, session.peer, step.request)

    def _on_answer(self, now: Seconds, session: _Session, event: ResponseReceived) -> None:
        step, message = session.step, event.message
        assert step is not None
        if step.asks and is_success(message.code):
            session.answers[step.asks] = message
        if is_success(message.code) or step.optional:
            self._step(now, session)
        else:
            self._fail(now, session, Lwm2mServerRefusal.ERROR_ANSWER, dotted(message.code))

    def _fail(self, now: Seconds, session: _Session, refusal: Refusal, response_code: str = "") -> None:
        del self._sessions[session.peer]
        name = session.step.name if session.step is not None else ""
        self._events.append(BootstrapAborted(now, session.client, session.peer, name, refusal, response_code))

    def _session_of(self, peer: Address, token: bytes) -> _Session | None:
        session = self._sessions.get(peer)
        return session if session is not None and session.token == token else None

    def _steps(self, accounts: tuple[ServerAccount, ...], form: int, answers: Mapping[str, Message]) -> Iterator[_Step]:
        """Look at and delete what is there, write what shall be, finish (5.2.1)."""
        if self._discovers_first:
            discover = Request(Code.GET, options(accept=ContentFormat.LINK_FORMAT))
            yield _Step(_DISCOVER, discover, optional=True, asks="/")
        for number in self._reads_first:
            path = Path((number,))
            read = Request(Code.GET, options(path=path.segments, accept=form))
            yield _Step(f"Read {path}", read, optional=True, asks=str(path))
        if self._deletes_first:
            yield _Step("Delete /", Request(Code.DELETE))
        for path, values in _instances(accounts, _free(answers.get("/"))):
            found = options(path=path.segments, content_format=form)
            yield _Step(f"Write {path}", Request(Code.PUT, found, encode(form, path, values)))
        yield _Step("Finish", Request(Code.POST, options(path=("bs",))))


def _client_of(received: RequestReceived) -> str:
    return next((item[3:] for item in received.message.query if item.startswith("ep=")), "")


def _preferred(message: Message) -> int:
    """The content format that the Client asks for (pct, TS Core 1.1, 6.1.7.1), else TLV. RequestRefused."""
    given = next((item[4:] for item in message.query if item.startswith("pct=")), None)
    if given is None:
        return ContentFormat.LWM2M_TLV
    if given not in _FORMATS:
        is_number = given.isascii() and given.isdigit()
        raise RequestRefused(
            Code.UNSUPPORTED_CONTENT_FORMAT if is_number else Code.BAD_REQUEST, Lwm2mServerRefusal.PREFERRED_FORMAT,
            f"preferred content format (pct) is {given[:20]!r}", subject=given[:20],
        )  # fmt: skip
    return _FORMATS[given]


def _instances(accounts: tuple[ServerAccount, ...], free: Iterator[int]) -> Iterator[tuple[Path, InstanceNode]]:
    """What shall be there: of /0 at numbers that are free, of /1 from 0."""
    for account in accounts:
        yield Path((_SECURITY, next(free))), account.security()
    for number, account in enumerate(accounts):
        yield Path((_SERVER, number)), account.server()


def _free(discovered: Message | None) -> Iterator[int]:
    """Instances of /0 that are not the bootstrap server's own account, which no write may replace.

    In what a Bootstrap-Discover answers it is the one without ``ssid`` (TS Core 1.1, 6.1.7.3); who does not say has it
    at 0, as most do.
    """
    found = () if discovered is None else links_in(discovered)
    instances = [(link.target.strip("/").split("/"), link) for link in found]
    own = {
        int(at[1]) for at, link in instances
        if len(at) == 2 and at[0] == str(_SECURITY) and at[1].isdecimal() and not link.has("ssid")
    } or {0}  # fmt: skip
    return filterfalse(own.__contains__, count())  # compiled, a generator expression would be made whole


def links_in(discovered: Message) -> tuple[Link, ...]:
    """What a Client has, by its answer to Bootstrap-Discover; nothing where that is no list of links.

    The enabler's version belongs to the root. In the examples of LwM2M 1.0 it stands alone, and a server may take that
    (TS Core 1.2, 6.1.7.3).
    """
    payload = discovered.payload
    try:
        return decode_links(b"</>;" + payload if payload.startswith(b"lwm2m=") else payload)
    except LinkError:
        return ()
