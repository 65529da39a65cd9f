"""One run of the bootstrap interface from the client's side: request, writes, Finish, or no end.

docs/spec/wire.md, Andlink bootstrap. Knows the exchange and its limit in time; knows no registration and no retries.
"""

from __future__ import annotations

from nbtwin.coap.endpoint import CoapEndpoint
from nbtwin.coap.events import (
    CoapEvent,
    Request,
    RequestAborted,
    RequestReceived,
    RequestReset,
    RequestUnanswered,
    ResponseReceived,
)
from nbtwin.coap.message import options
from nbtwin.coap.numbers import MAX_TRANSMIT_WAIT, Code, dotted, is_success
from nbtwin.engine import Address, Deadline, Seconds
from nbtwin.lwm2m.client.accounts import Account, AccountError, Bootstrap
from nbtwin.lwm2m.client.events import AndlinkReason, Cause


class Bootstrapping:
    """At most one run at a time; ``end`` forgets it and all that was written."""

    def __init__(self, endpoint: CoapEndpoint) -> None:
        self._endpoint = endpoint
        self._written: Bootstrap | None = None
        self._peer: Address | None = None
        self._token = b""
        self._until: Seconds | None = None  # the server must go on before

    @property
    def running(self) -> bool:
        """From the request to Finish, or to its failure."""
        return self._written is not None

    def begin(self, now: Seconds, peer: Address, endpoint_name: str) -> None:
        """Bootstrap-Request (LwM2M 1.0 TS, 5.2.7.1)."""
        request = Request(Code.POST, options(path=("bs",), query=(f"ep={endpoint_name}",)))
        self._written, self._peer, self._until = Bootstrap(), peer, None
        self._token = self._endpoint.send_request(now, peer, request)

    def end(self) -> None:
        """Forget the run and what it wrote."""
        self._written = self._peer = self._until = None

    def is_from_its_server(self, received: RequestReceived) -> bool:
        """Whether a request is the bootstrap server's, and a run is on."""
        return self._written is not None and received.peer == self._peer

    def handle_event(self, now: Seconds, event: CoapEvent) -> Cause | None:
        """The answer to our request: why it has failed; after a success the server goes on."""
        if self._written is None:
            return None
        match event:
            case ResponseReceived(token=self._token, message=message) if is_success(message.code):
                self._until = now + MAX_TRANSMIT_WAIT
            case ResponseReceived(token=self._token, message=message):
                return Cause(AndlinkReason.BOOTSTRAP_REFUSED, response_code=dotted(message.code))
            case RequestReset() | RequestUnanswered() | RequestAborted() if event.token == self._token:
                return Cause(AndlinkReason.BOOTSTRAP_UNANSWERED)
        return None

    def handle_request(self, now: Seconds, received: RequestReceived) -> Account | AccountError | None:
        """What the server writes; the account once it has finished, or why it could not."""
        assert self._written is not None
        self._endpoint.respond(now, received, self._written.handle(received.message))
        self._until = now + MAX_TRANSMIT_WAIT
        account, refused = self._written.account, self._written.refused
        if refused is not None:
            self._written.refused = None  # it may be mended
            return refused
        if account is not None:
            self.end()
        return account

    def handle_timer(self, now: Seconds) -> Cause | None:
        if self._until is None or now < self._until:
            return None
        return Cause(AndlinkReason.BOOTSTRAP_UNFINISHED)

    def next_deadline(self) -> Deadline | None:
        return None if self._until is None else Deadline(self._until, AndlinkReason.BOOTSTRAP_SERVER)
