"""The LwM2M server: who is registered, and what is asked of them (LwM2M 1.0 TS, 5.3 to 5.5).

Knows Register, Update, De-register, lifetimes and the operations towards a client, over a CoAP endpoint. Must not know
any operator, database or device: who may register is asked of a `Policy`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any, Protocol, assert_never

from msgspec.structs import replace

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.events import (
    BlockReceived,
    CoapEvent,
    MessageDropped,
    NotificationAborted,
    NotificationAcknowledged,
    NotificationReset,
    NotificationUnanswered,
    PingAborted,
    PingAnswered,
    PingUnanswered,
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
from nbtwin.coap.link_format import encode as encode_links
from nbtwin.coap.link_format import filtered
from nbtwin.coap.link_format import parse as parse_links
from nbtwin.coap.message import encode_content, options, segments_of
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber
from nbtwin.coap.records import Key
from nbtwin.engine import AT_ONCE, Address, Datagram, Deadline, Refusal, Seconds
from nbtwin.lwm2m.server.events import (
    ClientDeregistered,
    ClientExpired,
    ClientRefused,
    ClientRegistered,
    ClientUpdated,
    Lwm2mServerReason,
    Registration,
    RequestForwarded,
)
from nbtwin.lwm2m.server.lifetimes import Lifetimes
from nbtwin.lwm2m.server.operations import ServerOperations
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal, RequestRefused
from nbtwin.lwm2m.server.requests import UpdateRequest, parse_register, parse_update
from nbtwin.lwm2m.server.usual import changed, created

__all__ = ["LwM2mServer", "Policy", "Registration", "RequestRefused", "UpdateRequest"]

_POST, _DELETE = Code.POST, Code.DELETE
_LOCATION_PATH = int(OptionNumber.LOCATION_PATH)
_RD = [b"rd"]
_PEERS = 1024
"""Addresses behind which several Clients may be: the last ones."""
_WELL_KNOWN = [b".well-known", b"core"]
_CREATED = int(Code.CREATED)
_CHANGED = Response(Code.CHANGED)
_DELETED = Response(Code.DELETED)
_LOCATION = encode_content(((_LOCATION_PATH, b"rd"), (_LOCATION_PATH, bytes(10))))[:-10]
"""Before the ten characters of a location."""


class Policy(Protocol):
    """Who may register, and under which name, and who may change a registration. All raise RequestRefused."""

    def admit(self, now: Seconds, registration: Registration) -> str: ...

    def admit_update(self, now: Seconds, peer: Address, registration: Registration, request: UpdateRequest) -> None: ...

    def admit_deregistration(
        self, now: Seconds, peer: Address, registration: Registration, request: UpdateRequest
    ) -> None: ...


class Everybody:
    """The policy of a server that asks for nothing but an endpoint client name."""

    def admit(self, now: Seconds, registration: Registration) -> str:
        return registration.endpoint

    def admit_update(self, now: Seconds, peer: Address, registration: Registration, request: UpdateRequest) -> None:
        return None

    def admit_deregistration(
        self, now: Seconds, peer: Address, registration: Registration, request: UpdateRequest
    ) -> None:
        return None


class LwM2mServer(ServerOperations):
    """One UDP port. Give it datagrams and the time; take datagrams and events."""

    def __init__(
        self,
        random: random.Random,
        *,
        policy: Policy | None = None,
        endpoint: BlockwiseEndpoint | None = None,
        grace: Seconds = 0.0,
        objects_required: bool = True,
        names_required: bool = True,
        other_paths: Iterable[str] = (),
        links: Iterable[str] = (),
        registrations_at_most: int = 1_000_000,
    ) -> None:
        super().__init__(random, endpoint or BlockwiseEndpoint(random))
        self._policy: Policy = policy or Everybody()
        self.grace = grace  # how much longer than the lifetime a registration is kept
        self._objects_required = objects_required
        self._names_required = names_required  # else the policy knows a client by its keys (LwM2M 1.1)
        self._other_paths = frozenset(path.encode() for path in other_paths)
        self._links = parse_links(",".join(('</rd>;rt="core.rd";ct=40', *(f"</{path}>" for path in links))))
        self._at_most = registrations_at_most
        self._peers: dict[Address, Address] = {}  # the last ones that registered
        self._by_location: dict[str, str] = {}  # the client's name
        self._expiries = Lifetimes(self._end_of)
        self._instant: Any = 0.0  # of the last registration
        self._draw: Callable[[int], Any] = random.getrandbits

    # The engine

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        self.coap.handle_datagram(now, source, data)
        self._react(now)

    def handle_timer(self, now: Seconds) -> None:
        self.coap.handle_timer(now)
        self._react(now)
        self._expire(now)

    def datagrams_to_send(self) -> list[Datagram]:
        return self.coap.datagrams_to_send()

    def next_deadline(self) -> Deadline | None:
        waits, first = self.coap.next_deadline(), self._expiries.first()
        if first is None or (waits is not None and waits.at <= first[0]):
            return waits
        return Deadline(first[0], Lwm2mServerReason.LIFETIME_END, first[1])

    # Who is registered

    def has_client_at(self, host: str) -> bool:
        """Whether somebody is registered at this host, under whatever port."""
        return host in self._at_host

    def client_at(self, peer: Address) -> str | None:
        """Who is registered at this address, or in this session: whoever registered or updated there last."""
        return self._at_peer.get(peer)

    def client_under(self, location: str) -> str | None:
        """Who is registered under this location."""
        return self._by_location.get(location)

    def restore(self, registration: Registration) -> None:
        """Take back a registration that was kept elsewhere. What has expired meanwhile is told by the next timer."""
        if (old := self._by_client.get(registration.client)) is not None:
            self._by_location.pop(old.location, None)
        self._keep(replace(registration, peer=self._shared(registration.peer)))

    def drop(self, now: Seconds, client: str, refusal: Refusal = Lwm2mServerRefusal.FORGOTTEN) -> Registration | None:
        """Forget a registration without a word: its client gets 4.04 for the next update. What is open has failed."""
        registration = self._by_client.pop(client, None)
        if registration is not None:
            self._leave_host(registration)
            self._leave_peer(registration)
            del self._by_location[registration.location]
            self._end_operations(now, registration, refusal)
            if not self._by_client:
                self._expiries.renew(())
        return registration

    def _shared(self, peer: Address) -> Address:
        """Many Clients may be behind one address: then it is in memory once."""
        known = self._peers.get(peer)
        if known is None:
            if len(self._peers) >= _PEERS:
                self._peers.clear()
            known = self._peers[peer] = peer
        return known

    def _shared_instant(self, now: Seconds) -> Any:
        """One object for all that came in a batch: compiled code would make one for each that keeps it."""
        if self._instant != now:
            self._instant = now
        return self._instant

    # What the endpoint tells

    def _react(self, now: Seconds) -> None:
        for event in self.coap.events():
            self.handle_event(now, event)

    def handle_event(self, now: Seconds, event: CoapEvent) -> None:
        """What the endpoint told; for a caller that shares the endpoint among several."""
        match event:
            case RequestReceived():
                self._on_request(now, event)
            case ResponseReceived():
                self._on_response(now, event)
            case RequestUnanswered():
                self._on_failure(now, event.token, Lwm2mServerRefusal.UNANSWERED)
            case RequestReset():
                self._on_failure(now, event.token, Lwm2mServerRefusal.RESET)
            case RequestAborted():
                self._on_failure(now, event.token, event.refusal)
            case (
                RequestAcknowledged()
                | Retransmitted()
                | NotificationAcknowledged()
                | NotificationReset()
                | NotificationUnanswered()
                | NotificationAborted()
                | ResponseDelivered()
                | ResponseUndelivered()
                | PingAnswered()
                | PingUnanswered()
                | PingAborted()
                | BlockReceived()
                | MessageDropped()
            ):
                self._events.append(event)  # the endpoint's own
            case _:
                assert_never(event)

    def handle_expiries(self, now: Seconds) -> None:
        """The part of ``handle_timer`` that is not the endpoint's."""
        self._expire(now)

    def _on_request(self, now: Seconds, received: RequestReceived) -> None:
        path, client = segments_of(received.message.options), ""
        try:
            if path == _RD:
                self._on_register(now, received)
            elif len(path) == 2 and path[0] == b"rd" and (known := self._by_location.get(path[1].decode())) is not None:
                client = known
                self._on_registered_client(now, received, self._by_client[client])
            elif path == _WELL_KNOWN:
                self._on_well_known(now, received)
            elif path and path[0] in self._other_paths:
                self._events.append(RequestForwarded(now, received))
            elif path[:1] == _RD:
                raise _unknown(Lwm2mServerRefusal.LOCATION_UNKNOWN, "no registration at", path)
            else:
                raise _unknown(Lwm2mServerRefusal.PATH_UNKNOWN, "no such path:", path)
        except RequestRefused as refused:
            self._refuse(now, received, client or refused.client, refused)

    def _on_well_known(self, now: Seconds, received: RequestReceived) -> None:
        """RFC 6690 4: what there is to ask for; a query filters by resource type."""
        message = received.message
        if message.code != Code.GET:
            raise RequestRefused(Code.METHOD_NOT_ALLOWED, Lwm2mServerRefusal.LINKS_METHOD, "links are read with GET")
        links = encode_links(filtered(self._links, message.query))
        found = options(content_format=ContentFormat.LINK_FORMAT)
        self.coap.respond(now, received, Response(Code.CONTENT, found, links))

    def _on_register(self, now: Seconds, received: RequestReceived) -> None:
        if received.message.code != _POST:
            raise RequestRefused(Code.METHOD_NOT_ALLOWED, Lwm2mServerRefusal.REGISTER_METHOD, "only POST registers")
        asked = parse_register(
            now, received, objects_required=self._objects_required, name_required=self._names_required
        )
        client = self._policy.admit(now, asked)
        old = self._by_client.get(client)
        if old is not None:
            client = old.client  # the name that is kept already, and is found by what it is
            del self._by_location[old.location]
        elif len(self._by_client) >= self._at_most:
            raise RequestRefused(
                Code.SERVICE_UNAVAILABLE, Lwm2mServerRefusal.REGISTRATIONS_FULL,
                f"{self._at_most} registrations are the most", client, limit=self._at_most,
            )  # fmt: skip
        peer = old.peer if old is not None and old.peer == asked.peer else self._shared(asked.peer)
        registration = asked.taken(self._shared_instant(now), client, self._new_location(), peer)
        self._keep(registration)
        self._events.append(ClientRegistered(now, registration, old))
        if old is not None and client in self._tokens:
            self._end_operations(now, old, Lwm2mServerRefusal.REPLACED)
        location = registration.location.encode()
        options = ((_LOCATION_PATH, b"rd"), (_LOCATION_PATH, location))
        self.coap.respond(now, received, Response(_CREATED, options, b"", _LOCATION + location))

    def _on_registered_client(self, now: Seconds, received: RequestReceived, registration: Registration) -> None:
        code = received.message.code
        if code == _DELETE:
            request = UpdateRequest(None, None, None, received.message.query)
            self._policy.admit_deregistration(now, received.peer, registration, request)
            self._events.append(ClientDeregistered(now, registration))
            self.drop(now, registration.client, Lwm2mServerRefusal.DEREGISTERED)
            self.coap.respond(now, received, _DELETED)
        elif code == _POST:
            self._on_update(now, received, registration)
        else:
            raise RequestRefused(
                Code.METHOD_NOT_ALLOWED, Lwm2mServerRefusal.LOCATION_METHOD,
                "a registration is updated with POST, deleted with DELETE",
            )  # fmt: skip

    def _on_update(self, now: Seconds, received: RequestReceived, registration: Registration) -> None:
        peer = received.peer
        request = parse_update(received.message, registration)
        self._policy.admit_update(now, peer, registration, request)
        old = registration.peer
        registration = registration.updated(self._shared_instant(now), peer, request)
        self._keep(registration)
        self._events.append(ClientUpdated(now, registration, peer != old, request))
        self.coap.respond(now, received, _CHANGED)
        if peer != old:
            self._move_operations(now, registration.client, peer)

    def _refuse(self, now: Seconds, received: RequestReceived, client: str, refused: RequestRefused) -> None:
        self.coap.respond(now, received, Response(refused.code, (), refused.diagnostic.encode()))
        self._events.append(
            ClientRefused(
                now, received.peer, client, refused.code, refused.refusal, refused.subject, refused.limit
            )
        )  # fmt: skip

    # What is usual (`usual`): as `_on_register` and `_on_update` do it, of one who says what it said before

    def known(self, peer: Address, client: str, form: Registration) -> Registration | None:
        """The registration of a client that registers again from where it is, and says what it said."""
        old = self._by_client.get(client)
        if old is None or (self._tokens and client in self._tokens) or not old.is_again(client, peer, form):
            return None
        return old

    def known_at(self, peer: Address, location: str) -> Registration | None:
        """The registration that is updated from where it is."""
        client = self._by_location.get(location)
        if client is None:
            return None
        old = self._by_client[client]
        return old if old.peer == peer else None

    def take_again(self, now: Seconds, old: Registration, form: Registration, key: Key, data: bytes) -> Registration:
        """It has registered again: under another location, and that is all."""
        client = old.client
        del self._by_location[old.location]
        location = self._new_location()
        registration = old.again(self._shared_instant(now), location, form)
        self._by_location[location] = client
        self._by_client[client], self._at_peer[key[0]] = registration, client  # as `_keep` does it
        self.coap.reply_at_once(now, key, created(data, _LOCATION + location.encode()))
        return registration

    def refresh(self, now: Seconds, client: str, old: Registration, key: Key, data: bytes) -> None:
        """It goes on."""
        registration = old.refreshed(self._shared_instant(now))
        self._by_client[client], self._at_peer[key[0]] = registration, client
        self.coap.reply_at_once(now, key, changed(data))

    # Locations and lifetimes

    def _new_location(self) -> str:
        while True:
            location: str = self._draw(40).to_bytes(5, "big").hex()  # compiled, a format would take three times as long
            if location not in self._by_location:
                return location

    def _keep(self, registration: Registration) -> None:
        client, peer = registration.client, registration.peer
        old = self._by_client.get(client)
        if old is not None and old.peer == peer:  # the usual case of what `_locate` does
            self._by_client[client], self._at_peer[peer] = registration, client
        else:
            self._locate(registration)
        self._by_location[registration.location] = client
        ends_at = registration.refreshed_at + registration.lifetime + self.grace
        if old is None or ends_at < old.refreshed_at + old.lifetime + self.grace:  # else it is looked at early enough
            self._expiries.add(ends_at, client)
            if len(self._expiries) > 2 * len(self._by_client) + 64:  # most of them have gone before their time
                self._expiries.renew(self._by_client)

    def _end_of(self, client: str) -> Seconds | None:
        registration = self._by_client.get(client)
        return None if registration is None else registration.refreshed_at + registration.lifetime + self.grace

    def _expire(self, now: Seconds) -> None:
        for _ in range(AT_ONCE):
            first = self._expiries.first()
            if first is None or first[0] > now:
                return
            client = first[1]
            self._events.append(ClientExpired(now, self._by_client[client]))
            self.drop(now, client, Lwm2mServerRefusal.EXPIRED)


def _unknown(refusal: Refusal, what: str, path: list[bytes]) -> RequestRefused:
    subject = f"/{'/'.join([segment.decode() for segment in path])[:80]}"
    return RequestRefused(Code.NOT_FOUND, refusal, f"{what} {subject}", subject=subject)
