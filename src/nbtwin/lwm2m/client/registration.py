"""The registration interface of a client (LwM2M 1.0 TS, 5.3): Register, Update, De-register over a CoAP endpoint.

Keeps the location and the one open request; knows no lifetime, no timer and no operator: those belong to its owner, who
hands it the endpoint's events.
"""

from __future__ import annotations

from nbtwin.coap.endpoint import (
    CoapEndpoint,
    Request,
    RequestAborted,
    RequestReset,
    RequestUnanswered,
    ResponseReceived,
    Waits,
)
from nbtwin.coap.events import CoapEvent
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code, ContentFormat, dotted
from nbtwin.engine import Address, Seconds
from nbtwin.lwm2m.client.registration_events import Deregistered as Deregistered
from nbtwin.lwm2m.client.registration_events import DeregistrationRefused as DeregistrationRefused
from nbtwin.lwm2m.client.registration_events import DeregistrationUnanswered as DeregistrationUnanswered
from nbtwin.lwm2m.client.registration_events import Registered as Registered
from nbtwin.lwm2m.client.registration_events import RegistrationOperation as RegistrationOperation
from nbtwin.lwm2m.client.registration_events import RegistrationOutcome as RegistrationOutcome
from nbtwin.lwm2m.client.registration_events import RegistrationRefusal as RegistrationRefusal
from nbtwin.lwm2m.client.registration_events import RegistrationRefused as RegistrationRefused
from nbtwin.lwm2m.client.registration_events import RegistrationUnanswered as RegistrationUnanswered
from nbtwin.lwm2m.client.registration_events import Updated as Updated
from nbtwin.lwm2m.client.registration_events import UpdateRefused as UpdateRefused
from nbtwin.lwm2m.client.registration_events import UpdateUnanswered as UpdateUnanswered


class ClientRegistration:
    """One registration at one server. At most one request is open; a new one takes the place of the old."""

    __slots__ = ("_endpoint", "_open", "host", "location", "peer")

    def __init__(self, endpoint: CoapEndpoint) -> None:
        self._endpoint = endpoint
        self.peer: Address | None = None
        self.location: tuple[str, ...] | None = None
        self.host: str | None = None
        self._open: tuple[bytes, RegistrationOperation] | None = None

    @property
    def open(self) -> bool:
        """A request of this registration waits for its answer."""
        return self._open is not None

    def register(
        self,
        now: Seconds,
        peer: Address,
        query: tuple[str, ...],
        links: bytes,
        *,
        host: str | None = None,
        waits: Waits | None = None,
    ) -> None:
        """``host`` is the name of the server where it is known by one (Uri-Host)."""
        self._cancel(now)
        self.peer, self.host, self.location = peer, host, None
        found = options(host=host, path=("rd",), content_format=ContentFormat.LINK_FORMAT, query=query)
        self._send(now, RegistrationOperation.REGISTER, Request(Code.POST, found, links), waits)

    def update(
        self, now: Seconds, query: tuple[str, ...] = (), links: bytes = b"", *, waits: Waits | None = None
    ) -> None:
        """POST to the location (5.3.2). AssertionError when nothing is registered."""
        content_format = ContentFormat.LINK_FORMAT if links else None
        found = options(host=self.host, path=self._path(), content_format=content_format, query=query)
        self._send(now, RegistrationOperation.UPDATE, Request(Code.POST, found, links), waits)

    def deregister(self, now: Seconds, *, waits: Waits | None = None) -> None:
        """DELETE of the location (5.3.3). AssertionError when nothing is registered."""
        found = options(host=self.host, path=self._path())
        self._send(now, RegistrationOperation.DEREGISTER, Request(Code.DELETE, found), waits)

    def forget(self, now: Seconds) -> None:
        """What is still answered no longer matters."""
        self._cancel(now)
        self.location = None

    def _cancel(self, now: Seconds) -> None:
        """Nobody waits for its answer any more; nor shall what comes next (RFC 7252 4.7)."""
        if self._open is not None and self.peer is not None:
            self._endpoint.cancel(now, self._open[0], self.peer)
        self._open = None

    def _path(self) -> tuple[str, ...]:
        assert self.location is not None, "nothing is registered"
        return self.location

    def _send(self, now: Seconds, operation: RegistrationOperation, request: Request, waits: Waits | None) -> None:
        assert self.peer is not None
        self._cancel(now)
        self._open = (self._endpoint.send_request(now, self.peer, request, waits), operation)

    def handle_event(self, event: CoapEvent) -> RegistrationOutcome | None:
        """The endpoint's event, when it ends the open request: what became of it. None for any other."""
        if self._open is None:
            return None
        match event:
            case ResponseReceived() | RequestReset() | RequestUnanswered() | RequestAborted() if (
                event.token == self._open[0] and event.peer == self.peer
            ):
                operation, self._open = self._open[1], None
            case _:
                return None
        match event:
            case ResponseReceived(message=message):
                return self._answered(operation, message.code, message.location)
            case RequestReset():
                return operation.refused(RegistrationRefusal.RESET, "")
            case RequestAborted():
                return operation.refused(RegistrationRefusal.ABORTED, "")
            case RequestUnanswered():
                return operation.unanswered()

    def _answered(self, operation: RegistrationOperation, code: int, location: tuple[str, ...]) -> RegistrationOutcome:
        if code != operation.success:
            if operation is RegistrationOperation.UPDATE and code == Code.NOT_FOUND:
                self.location = None  # after any other failed Update it is still good (5.3.2)
            return operation.refused(RegistrationRefusal.ERROR, dotted(code))
        match operation:
            case RegistrationOperation.REGISTER if not location:
                return operation.refused(RegistrationRefusal.NO_LOCATION, dotted(code))
            case RegistrationOperation.REGISTER:
                self.location = location
                return Registered(location)
            case RegistrationOperation.UPDATE:
                return Updated()
            case RegistrationOperation.DEREGISTER:
                self.location = None
                return Deregistered()
