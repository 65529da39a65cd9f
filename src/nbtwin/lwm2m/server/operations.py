"""What an LwM2M server asks of the Clients that are registered: the operations of LwM2M 1.0 TS, 5.4 and 5.5.

Knows tokens, operations and observations; must not know how a Client registers, nor which operations there are: each is
a CoAP request (LwM2M 1.0 TS, 8.2.4 and 8.2.5), an observation one with Observe 0.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Reversible

from msgspec.structs import replace

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.events import CoapEvent, Request, ResponseReceived
from nbtwin.engine import Address, Outbox, Refusal, Seconds
from nbtwin.lwm2m.path import Path, Paths
from nbtwin.lwm2m.server.events import ClientOperationAnswered, ClientOperationFailed, Registration, ServerEvent
from nbtwin.lwm2m.server.records import ServerOperation as ServerOperation
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal


class ServerOperations(Outbox[ServerEvent | CoapEvent]):
    """Requests to Clients, each under a token that the events about it carry.

    An operation that was sent ends in one of ClientOperationAnswered and ClientOperationFailed, at the latest with its
    registration. An observation lives on after its answer: every notification is a ClientOperationAnswered.
    """

    def __init__(self, random: random.Random, endpoint: BlockwiseEndpoint) -> None:
        super().__init__()
        self.coap = endpoint
        self._random = random
        self._by_client: dict[str, Registration] = {}
        self.registrations: Mapping[str, Registration] = self._by_client
        """By client name. To be read only."""
        self._at_host: dict[str, int] = {}  # how many Clients
        self._at_peer: dict[Address, str] = {}  # the Client's name
        self._operations: dict[bytes, ServerOperation] = {}  # by token
        self._tokens: dict[str, dict[bytes, None]] = {}  # by client, in the order in which they were sent

    def send(
        self, now: Seconds, client: str, path: Path | Paths, request: Request, token: bytes | None = None
    ) -> bytes:
        """The token. ``token``: of the observation that this request ends (RFC 7641 3.6: with Observe 1).

        KeyError when the client is not registered.
        """
        peer = self._by_client[client].peer
        if token is None:
            token = self._new_token()
        else:
            self.cancel(now, token)
        self.coap.send_request(now, peer, request, token=token)
        self._operations[token] = ServerOperation(client, path, request, peer)  # as `_keep_operation` does
        tokens = self._tokens.get(client)
        if tokens is None:
            tokens = self._tokens[client] = {}
        tokens[token] = None
        return token

    def cancel(self, now: Seconds, token: bytes) -> None:
        """Forget it without an event: what still comes is answered with RST (RFC 7641 3.6)."""
        self.coap.cancel(now, token, self._forget_operation(token).peer)

    def has_room(self, client: str) -> bool:
        """Whether one more operation would leave or wait for its turn (RFC 7252 4.7)."""
        return self.coap.has_room(self._by_client[client].peer)

    def request_of(self, token: bytes) -> Request:
        """With which an observation was asked for."""
        return self._operations[token].request

    def adopt_observation(self, client: str, path: Path | Paths, token: bytes, request: Request) -> None:
        """Take back an observation that was kept elsewhere. KeyError when the client is not registered."""
        peer = self._by_client[client].peer
        self.coap.adopt(peer, token, request)
        self._keep_operation(token, ServerOperation(client, path, request, peer, is_answered=True))

    def tokens_of(self, client: str) -> Iterable[bytes]:
        """Of what is open there or observes, in the order in which it was sent."""
        return self._tokens.get(client, ())

    def _keep_operation(self, token: bytes, operation: ServerOperation) -> None:
        self._operations[token] = operation
        self._tokens.setdefault(operation.client, {})[token] = None

    def _forget_operation(self, token: bytes) -> ServerOperation:
        operation = self._operations.pop(token)
        tokens = self._tokens[operation.client]
        del tokens[token]
        if not tokens:
            del self._tokens[operation.client]
        return operation

    def _new_token(self) -> bytes:
        """One that no other client's operation has: the token alone names it."""
        while True:
            token = self._random.getrandbits(48).to_bytes(6, "big")
            if token not in self._operations:
                return token

    def _end_operations(self, now: Seconds, registration: Registration, refusal: Refusal) -> None:
        """All of them end with the registration (LwM2M 1.0 TS, 5.5); what has no answer yet has failed."""
        ended = self._tokens.pop(registration.client, {})
        self._cancel_all(now, ended)
        for token in ended:
            operation = self._operations.pop(token)
            if not operation.is_answered:
                self._fail(now, token, operation, refusal)

    def follow(self, now: Seconds, client: str, peer: Address) -> None:
        """This is where the Client is now: whoever brings the channels knows by other signs than an Update."""
        self._locate(replace(self._by_client[client], peer=peer))
        self._move_operations(now, client, peer)

    def observes(self, client: str, token: bytes) -> bool:
        """Whether notifications of this client come under this token."""
        operation = self._operations.get(token)
        return operation is not None and operation.client == client and operation.observes and operation.is_answered

    def end_exchanges(self, now: Seconds, client: str, peer: Address, *, repeatable: bool) -> None:
        """Nothing from this peer arrives any more: what has no answer yet has failed (RFC 7252 9.1.2).

        Without ``repeatable`` only what may not be asked twice: the rest is asked again where the Client shows up.
        """
        for token in list(self._tokens.get(client, ())):
            operation = self._operations[token]
            if operation.peer == peer and not operation.is_answered and (repeatable or not operation.may_be_repeated):
                self.cancel(now, token)
                self._fail(now, token, operation, Lwm2mServerRefusal.SESSION_ENDED)

    def _locate(self, registration: Registration) -> None:
        """Keep it in place of what was known of its Client."""
        old = self._by_client.get(registration.client)
        self._by_client[registration.client] = registration
        if old is not None and old.peer != registration.peer:
            self._leave_peer(old)
        self._at_peer[registration.peer] = registration.client
        if old is None or old.peer[0] != registration.peer[0]:
            host = registration.peer[0]
            self._at_host[host] = self._at_host.get(host, 0) + 1
            if old is not None:
                self._leave_host(old)

    def _leave_peer(self, registration: Registration) -> None:
        if self._at_peer.get(registration.peer) == registration.client:  # else another came to its address
            del self._at_peer[registration.peer]

    def _leave_host(self, registration: Registration) -> None:
        host = registration.peer[0]
        self._at_host[host] -= 1
        if not self._at_host[host]:
            del self._at_host[host]

    def _move_operations(self, now: Seconds, client: str, new: Address) -> None:
        """They follow the Client to its new address, or into its new session.

        An observation goes on there. What has no answer yet is asked again if it may be asked twice (RFC 7252 5.1: all
        but POST); else it is waited for where it was sent.
        """
        operations = {token: self._operations[token] for token in self._tokens.get(client, ())}
        moved = {
            token: operation
            for token, operation in operations.items()
            if operation.is_answered or operation.may_be_repeated
        }
        self._cancel_all(now, moved)
        for token, operation in moved.items():
            operation.peer = new
            if operation.is_answered:
                self.coap.adopt(new, token, operation.request)
            else:
                self.coap.send_request(now, new, operation.request, token=token)

    def _cancel_all(self, now: Seconds, tokens: Reversible[bytes]) -> None:
        """The newest first: else each that is out makes room for the next, which would leave before its own end."""
        for token in reversed(tokens):
            self.coap.cancel(now, token, self._operations[token].peer)

    def _on_response(self, now: Seconds, event: ResponseReceived) -> None:
        operation = self._operations.get(event.token)
        if operation is None:
            return  # of a client that has gone meanwhile
        operation.is_answered = True
        if event.message.observe is None or not operation.observes:
            self._forget_operation(event.token)
        self._events.append(ClientOperationAnswered(now, event.token, operation.client, operation.path, event.message))

    def _on_failure(self, now: Seconds, token: bytes, refusal: Refusal) -> None:
        if token in self._operations:
            self._fail(now, token, self._forget_operation(token), refusal)

    def _fail(self, now: Seconds, token: bytes, operation: ServerOperation, refusal: Refusal) -> None:
        self._events.append(ClientOperationFailed(now, token, operation.client, operation.path, refusal))
