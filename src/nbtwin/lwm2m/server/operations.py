"""What an LwM2M server asks of the Clients that are registered: the operations of LwM2M 1.0 TS, 5.4 and 5.5.

Knows tokens, operations and observations; must not know how a Client registers, nor which operations there are: each is
a CoAP request (LwM2M 1.0 TS, 8.2.4 and 8.2.5), an observation one with Observe 0.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Reversible
from dataclasses import dataclass

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.events import CoapEvent, Request, ResponseReceived
from nbtwin.coap.message import options, uint_of
from nbtwin.coap.numbers import Code, OptionNumber
from nbtwin.engine import Address, Outbox, Refusal, Seconds
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.events import ClientOperationAnswered, ClientOperationFailed, Registration, ServerEvent


@dataclass(slots=True)
class ServerOperation:
    """One that is open, or an observation."""

    client: str
    path: Path
    request: Request
    is_answered: bool = False

    @property
    def observes(self) -> bool:
        return uint_of(self.request.options, OptionNumber.OBSERVE) == 0


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
        self._operations: dict[bytes, ServerOperation] = {}  # by token
        self._tokens: dict[str, dict[bytes, None]] = {}  # by client, in the order in which they were sent

    def send(self, now: Seconds, client: str, path: Path, request: Request, token: bytes | None = None) -> bytes:
        """The token. ``token``: of the observation that this request ends (RFC 7641 3.6, GET with Observe 1).

        KeyError when the client is not registered.
        """
        peer = self._by_client[client].peer
        if token is None:
            token = self._new_token()
        else:
            self.cancel(now, token)
        self.coap.send_request(now, peer, request, token=token)
        self._keep_operation(token, ServerOperation(client, path, request))
        return token

    def cancel(self, now: Seconds, token: bytes) -> None:
        """Forget it without an event: what still comes is answered with RST (RFC 7641 3.6)."""
        operation = self._forget_operation(token)
        if (registration := self._by_client.get(operation.client)) is not None:
            self.coap.cancel(now, token, registration.peer)

    def has_room(self, client: str) -> bool:
        """Whether one more operation would leave or wait for its turn (RFC 7252 4.7)."""
        return self.coap.has_room(self._by_client[client].peer)

    def adopt_observation(self, client: str, path: Path, token: bytes) -> None:
        """Take back an observation that was kept elsewhere. KeyError when the client is not registered."""
        peer = self._by_client[client].peer
        request = Request(Code.GET, options(path=path.segments, observe=0))
        self.coap.adopt(peer, token, request)
        self._keep_operation(token, ServerOperation(client, path, request, is_answered=True))

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
        self._cancel_all(now, ended, registration.peer)
        for token in ended:
            operation = self._operations.pop(token)
            if not operation.is_answered:
                self._fail(now, token, operation, refusal)

    def _move_operations(self, now: Seconds, client: str, old: Address, new: Address) -> None:
        """They follow the Client to its new address.

        An observation goes on there. What has no answer yet is asked again if it may be asked twice (RFC 7252 5.1: all
        but POST); else it is waited for where it was sent.
        """
        operations = {token: self._operations[token] for token in self._tokens.get(client, ())}
        moved = {
            token: operation
            for token, operation in operations.items()
            if operation.is_answered or operation.request.code != Code.POST
        }
        self._cancel_all(now, moved, old)
        for token, operation in moved.items():
            if operation.is_answered:
                self.coap.adopt(new, token, operation.request)
            else:
                self.coap.send_request(now, new, operation.request, token=token)

    def _cancel_all(self, now: Seconds, tokens: Reversible[bytes], peer: Address) -> None:
        """The newest first: else each that is out makes room for the next, which would leave before its own end."""
        for token in reversed(tokens):
            self.coap.cancel(now, token, peer)

    def _on_response(self, now: Seconds, event: ResponseReceived) -> None:
        operation = self._operations.get(event.token)
        if operation is None:
            return  # of a client that has gone meanwhile
        operation.is_answered = True
        if not (operation.observes and event.message.observe is not None):
            self._forget_operation(event.token)
        self._events.append(ClientOperationAnswered(now, event.token, operation.client, operation.path, event.message))

    def _on_failure(self, now: Seconds, token: bytes, refusal: Refusal) -> None:
        if token in self._operations:
            self._fail(now, token, self._forget_operation(token), refusal)

    def _fail(self, now: Seconds, token: bytes, operation: ServerOperation, refusal: Refusal) -> None:
        self._events.append(ClientOperationFailed(now, token, operation.client, operation.path, refusal))
