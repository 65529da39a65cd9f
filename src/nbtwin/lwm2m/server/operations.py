"""What an LwM2M server asks of the Clients that are registered: the operations of LwM2M 1.0 TS, 5.4 and 5.5.

Knows tokens, operations and observations; must not know how a Client registers.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.events import Request, ResponseReceived
from nbtwin.coap.message import Options, options
from nbtwin.coap.numbers import Code, ContentFormat
from nbtwin.engine import Address, Outbox, Seconds
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.events import ClientOperationAnswered, ClientOperationFailed, Registration


class ServerOperations(Outbox[Any]):
    """Each verb returns the token that its events carry. KeyError when the client is not registered."""

    def __init__(self, random: random.Random, endpoint: BlockwiseEndpoint) -> None:
        super().__init__()
        self.coap = endpoint
        self._random = random
        self._by_client: dict[str, Registration] = {}
        self._operations: dict[bytes, tuple[str, Path, bool]] = {}  # token -> client, path, is an observation
        self._observations: dict[str, set[bytes]] = {}  # client -> tokens

    def read(self, now: Seconds, client: str, path: Path, *, accept: int | None = None) -> bytes:
        return self._operate(now, client, path, Code.GET, options(path=path.segments, accept=accept))

    def discover(self, now: Seconds, client: str, path: Path) -> bytes:
        return self.read(now, client, path, accept=ContentFormat.LINK_FORMAT)

    def observe(self, now: Seconds, client: str, path: Path, *, accept: int | None = None) -> bytes:
        wanted = options(path=path.segments, accept=accept, observe=0)
        return self._operate(now, client, path, Code.GET, wanted, observation=True)

    def cancel_observation(self, now: Seconds, token: bytes) -> None:
        """Forget it: the next notification is answered with RST (RFC 7641 3.6)."""
        client, _, _ = self._operations.pop(token)
        self._observations.get(client, set()).discard(token)
        if (registration := self._by_client.get(client)) is not None:
            self.coap.cancel(now, token, registration.peer)

    def end_observation(self, now: Seconds, token: bytes) -> None:
        """Say so (RFC 7641 3.6, GET with Observe 1): the answer comes under the same token."""
        client, path, _ = self._operations[token]
        self.cancel_observation(now, token)
        request = Request(Code.GET, options(path=path.segments, observe=1))
        self.coap.send_request(now, self._by_client[client].peer, request, token=token)
        self._operations[token] = (client, path, False)

    def adopt_observation(self, client: str, path: Path, token: bytes) -> None:
        """Take back an observation that was kept elsewhere. KeyError when the client is not registered."""
        peer = self._by_client[client].peer
        self.coap.adopt(peer, token, Request(Code.GET, options(path=path.segments, observe=0)))
        self._operations[token] = (client, path, True)
        self._observations.setdefault(client, set()).add(token)

    def write(self, now: Seconds, client: str, path: Path, content_format: int, payload: bytes) -> bytes:
        """Replace (PUT)."""
        wanted = options(path=path.segments, content_format=content_format)
        return self._operate(now, client, path, Code.PUT, wanted, payload)

    def write_partly(self, now: Seconds, client: str, path: Path, content_format: int, payload: bytes) -> bytes:
        """Partial Update of an Object Instance, or Create when the path is an Object (POST)."""
        wanted = options(path=path.segments, content_format=content_format)
        return self._operate(now, client, path, Code.POST, wanted, payload)

    def write_attributes(self, now: Seconds, client: str, path: Path, attributes: Mapping[str, object]) -> bytes:
        """One that is None is taken away."""
        query = [name if value is None else f"{name}={value}" for name, value in attributes.items()]
        return self._operate(now, client, path, Code.PUT, options(path=path.segments, query=query))

    def execute(self, now: Seconds, client: str, path: Path, arguments: str = "") -> bytes:
        return self._operate(now, client, path, Code.POST, options(path=path.segments), arguments.encode())

    def delete(self, now: Seconds, client: str, path: Path) -> bytes:
        return self._operate(now, client, path, Code.DELETE, options(path=path.segments))

    def _operate(
        self,
        now: Seconds,
        client: str,
        path: Path,
        code: Code,
        wanted: Options,
        payload: bytes = b"",
        *,
        observation: bool = False,
    ) -> bytes:
        peer = self._by_client[client].peer
        token = self._new_token()
        self.coap.send_request(now, peer, Request(code, wanted, payload), token=token)
        self._operations[token] = (client, path, observation)
        if observation:
            self._observations.setdefault(client, set()).add(token)
        return token

    def _new_token(self) -> bytes:
        """One that no other client's operation has: the token alone names it."""
        while True:
            token = self._random.getrandbits(48).to_bytes(6, "big")
            if token not in self._operations:
                return token

    def _end_observations(self, now: Seconds, registration: Registration) -> None:
        """They end with the registration (LwM2M 1.0 TS, 5.5)."""
        for token in self._observations.pop(registration.client, ()):
            self._operations.pop(token, None)
            self.coap.cancel(now, token, registration.peer)

    def _move_observations(self, now: Seconds, registration: Registration, peer: Address) -> None:
        """They follow the client to its new address."""
        for token in self._observations.get(registration.client, ()):
            path = self._operations[token][1]
            self.coap.cancel(now, token, registration.peer)
            self.coap.adopt(peer, token, Request(Code.GET, options(path=path.segments, observe=0)))

    def _on_response(self, now: Seconds, event: ResponseReceived) -> None:
        operation = self._operations.get(event.token)
        if operation is None:
            return  # of a client that has gone meanwhile
        client, path, observation = operation
        if not (observation and event.message.observe is not None):
            del self._operations[event.token]
            self._observations.get(client, set()).discard(event.token)
        self._events.append(ClientOperationAnswered(now, event.token, client, path, event.message))

    def _on_failure(self, now: Seconds, token: bytes, why: str) -> None:
        operation = self._operations.pop(token, None)
        if operation is not None:
            self._events.append(ClientOperationFailed(now, token, operation[0], operation[1], why))
