"""The LwM2M bootstrap server: gives a Client its accounts and lets it go (LwM2M 1.0 TS, 5.2).

Knows Bootstrap-Request, -Delete, -Write and -Finish over a CoAP endpoint. Must not know which Client gets what: that is
asked of ``accounts_of``. One step at a time: the next one leaves when the one before was answered.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

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
from nbtwin.coap.message import Message, options
from nbtwin.coap.numbers import Code, ContentFormat, dotted, is_success
from nbtwin.engine import Address, Datagram, Deadline, Fact, Outbox, Refusal, RefusalCode, Seconds
from nbtwin.lwm2m.content.codec import encode
from nbtwin.lwm2m.model import InstanceNode, Value
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal, RequestRefused

_FORMATS = frozenset(
    str(int(form)) for form in (ContentFormat.LWM2M_TLV, ContentFormat.SENML_JSON, ContentFormat.SENML_CBOR)
)
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


class BootstrapStarted(Fact, frozen=True):
    at: Seconds
    client: str
    peer: Address


class BootstrapFinished(Fact, frozen=True):
    at: Seconds
    client: str
    peer: Address


class BootstrapAborted(Fact, frozen=True):
    """A step was refused or not answered; the Client may ask again."""

    at: Seconds
    client: str
    peer: Address
    step: str  # "Write /0/1"
    refusal: RefusalCode
    response_code: str = ""  # "4.00"; "" when no answer came


class BootstrapRefused(Fact, frozen=True):
    """A request that starts nothing."""

    at: Seconds
    peer: Address
    client: str
    response_code: int
    refusal: RefusalCode
    subject: str = ""  # what was wrong, as it came
    limit: int = 0  # how much may be


BootstrapEvent: TypeAlias = BootstrapStarted | BootstrapFinished | BootstrapAborted | BootstrapRefused


class _Step(NamedTuple):
    name: str
    request: Request
    optional: bool = False  # goes on when the Client refuses it


@dataclass(slots=True)
class _Session:
    client: str
    peer: Address
    steps: Iterator[_Step]
    step: str = ""
    optional: bool = False
    token: bytes = b""


class BootstrapServer(Outbox[BootstrapEvent | CoapEvent]):
    """One UDP port."""

    def __init__(
        self,
        random: random.Random,
        accounts_of: Callable[[str, Address], tuple[ServerAccount, ...]],
        *,
        endpoint: CoapEndpoint | None = None,
        deletes_first: bool = True,
        discovers_first: bool = False,
        sessions_at_most: int = 10_000,
    ) -> None:
        super().__init__()
        self.coap = endpoint or BlockwiseEndpoint(random)
        self._accounts_of = accounts_of
        self._deletes_first = deletes_first
        self._discovers_first = discovers_first
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
            if event.message.path != ("bs",):
                return False
            self._on_request(now, event)
            return True
        if not isinstance(event, ResponseReceived | RequestUnanswered | RequestReset | RequestAborted):
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
        """Bootstrap-Request (5.2.7.1, table 12): 2.04, and the writing begins."""
        client = _client_of(received)
        try:
            accounts = self._accounts(received, client)
        except RequestRefused as refused:
            self._refuse(now, received, client, refused)
        else:
            self._start(now, received, client, accounts)

    def _accounts(self, received: RequestReceived, client: str) -> tuple[ServerAccount, ...]:
        """At least one; raises RequestRefused."""
        if received.message.code != Code.POST:
            raise RequestRefused(
                Code.METHOD_NOT_ALLOWED, Lwm2mServerRefusal.BOOTSTRAP_METHOD, "only POST asks for a bootstrap"
            )
        if not client:
            raise RequestRefused(Code.BAD_REQUEST, Lwm2mServerRefusal.NAME_MISSING, "no endpoint client name (ep)")
        if received.peer not in self._sessions and len(self._sessions) >= self._at_most:
            raise RequestRefused(
                Code.SERVICE_UNAVAILABLE, Lwm2mServerRefusal.BOOTSTRAPS_FULL,
                f"{self._at_most} sessions are the most", limit=self._at_most,
            )  # fmt: skip
        accounts = self._accounts_of(client, received.peer)
        if not accounts:
            raise RequestRefused(Code.BAD_REQUEST, Lwm2mServerRefusal.ACCOUNTS_MISSING, "no accounts for this client")
        return accounts

    def _start(self, now: Seconds, received: RequestReceived, client: str, accounts: tuple[ServerAccount, ...]) -> None:
        """A Client that asks again while it is served has lost what it had: from the beginning."""
        peer = received.peer
        if (old := self._sessions.get(peer)) is not None:
            self.coap.cancel(now, old.token, peer)
        self.coap.respond(now, received, Response(Code.CHANGED))
        form = _preferred(received.message)
        steps = _steps(accounts, form, discovers=self._discovers_first, deletes=self._deletes_first)
        session = self._sessions[peer] = _Session(client, peer, steps)
        self._events.append(BootstrapStarted(now, client, peer))
        self._step(now, session)

    def _refuse(self, now: Seconds, received: RequestReceived, client: str, refused: RequestRefused) -> None:
        self.coap.respond(now, received, Response(refused.code, (), refused.diagnostic.encode()))
        self._events.append(
            BootstrapRefused(
                now, received.peer, client, refused.code, refused.refusal, refused.subject, refused.limit
            )
        )  # fmt: skip

    def _step(self, now: Seconds, session: _Session) -> None:
        step = next(session.steps, None)
        if step is None:
            del self._sessions[session.peer]
            self._events.append(BootstrapFinished(now, session.client, session.peer))
            return
        session.step, session.optional = step.name, step.optional
        session.token = self.coap.send_request(now, session.peer, step.request)

    def _on_answer(self, now: Seconds, session: _Session, event: ResponseReceived) -> None:
        if is_success(event.message.code) or session.optional:
            self._step(now, session)
        else:
            self._fail(now, session, Lwm2mServerRefusal.ERROR_ANSWER, dotted(event.message.code))

    def _fail(self, now: Seconds, session: _Session, refusal: Refusal, response_code: str = "") -> None:
        del self._sessions[session.peer]
        self._events.append(BootstrapAborted(now, session.client, session.peer, session.step, refusal, response_code))

    def _session_of(self, peer: Address, token: bytes) -> _Session | None:
        session = self._sessions.get(peer)
        return session if session is not None and session.token == token else None


def _client_of(received: RequestReceived) -> str:
    return next((item[3:] for item in received.message.query if item.startswith("ep=")), "")


def _preferred(message: Message) -> int:
    """The content format that the Client asks for (pct, LwM2M 1.1 TS Core, 6.1.7.1), else TLV."""
    given = next((item[4:] for item in message.query if item.startswith("pct=")), "")
    return int(given) if given in _FORMATS else ContentFormat.LWM2M_TLV


def _steps(accounts: tuple[ServerAccount, ...], form: int, *, discovers: bool, deletes: bool) -> Iterator[_Step]:
    """Look at and delete what is there, write what shall be, finish (5.2.1).

    Instances of /0 count from 1: 0 is where a Client keeps the bootstrap server's own account.
    """
    if discovers:
        yield _Step("Discover /", Request(Code.GET, options(accept=ContentFormat.LINK_FORMAT)), optional=True)
    if deletes:
        yield _Step("Delete /", Request(Code.DELETE))
    for number, account in enumerate(accounts, 1):
        yield _write(Path((0, number)), account.security(), form)
    for number, account in enumerate(accounts):
        yield _write(Path((1, number)), account.server(), form)
    yield _Step("Finish", Request(Code.POST, options(path=("bs",))))


def _write(path: Path, values: InstanceNode, form: int) -> _Step:
    found = options(path=path.segments, content_format=form)
    return _Step(f"Write {path}", Request(Code.PUT, found, encode(form, path, values)))
