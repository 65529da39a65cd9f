"""The application's data on object 19: uplink, and the reads and writes that the host answers.

docs/spec/wire.md, Andlink uplink; docs/spec/wire.md, Andlink downlink. Knows the CoAP side of both; knows no AT command
and no registration.
"""

from __future__ import annotations

from dataclasses import dataclass

from nbtwin.coap.endpoint import CoapEndpoint
from nbtwin.coap.events import (
    CoapEvent,
    NotificationAborted,
    NotificationAcknowledged,
    NotificationReset,
    NotificationUnanswered,
    Request,
    RequestAborted,
    RequestAcknowledged,
    RequestReceived,
    RequestReset,
    RequestUnanswered,
    Response,
    ResponseReceived,
)
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code, ContentFormat, is_success
from nbtwin.engine import Address, Deadline, Seconds
from nbtwin.lwm2m.client.events import AndlinkReason, DataReported, ReadRequested, RequestExpired, WriteRequested
from nbtwin.lwm2m.client.observations import Observations, with_order
from nbtwin.lwm2m.client.states import DataStatus, UplinkMode
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.model import Value
from nbtwin.lwm2m.path import Path

UPLINK = Path("/19/1/0")
HOST_ANSWERS_WITHIN: Seconds = 10
"""DOC-E 4.1, 4.2."""
MOST_OPEN = 16
"""Reads and writes that may wait for the host at once; one more is answered 5.03 (assumed)."""


def data_content(accept: int | None, path: Path, payload: bytes) -> tuple[int, bytes]:
    """The application's bytes in the format asked for: as they are, or as the opaque value of a resource in TLV."""
    if accept in (ContentFormat.LWM2M_TLV, ContentFormat.OLD_LWM2M_TLV):
        assert accept is not None
        node: dict[int, Value] = {0: payload}
        return accept, codec.encode(accept, path, node)
    return (ContentFormat.OCTET_STREAM if accept is None else accept), payload


class Uplink:
    """One CON at a time (D24); what became of it is kept for AT+QLADASTATUS?."""

    def __init__(self, endpoint: CoapEndpoint, observations: Observations, mode: UplinkMode, name: str) -> None:
        self._endpoint = endpoint
        self._observations = observations
        self._mode = mode
        self._name = name  # the endpoint client name
        self.status = DataStatus.NOT_SENT
        self._open: bytes | int | None = None  # the token of a request, the message ID of a notification

    @property
    def waits(self) -> bool:
        """A CON is out and nobody knows yet what becomes of it."""
        return self._open is not None

    def send(self, now: Seconds, peer: Address, confirmable: bool, payload: bytes) -> bool:
        """False where the profile wants a notification and nobody observes."""
        observer = self._observations.of(UPLINK) if self._mode is not UplinkMode.POST else None
        if observer is not None:
            content_format, body = data_content(self._observations.accept_of(observer), UPLINK, payload)
            response = Response(Code.CONTENT, options(content_format=content_format), body)
            sent: bytes | int = self._endpoint.notify(
                now, peer, observer.token, with_order(response, observer), confirmable
            )
        elif self._mode is UplinkMode.NOTIFY:
            return False
        else:
            found = options(path=("dp",), query=(f"ep={self._name}",), content_format=ContentFormat.LWM2M_JSON)
            sent = self._endpoint.send_request(now, peer, Request(Code.POST, found, payload, confirmable))
        if confirmable:
            self._open, self.status = sent, DataStatus.WAITING
        return True

    def handle_event(self, event: CoapEvent) -> DataReported | None:
        """The end of the CON that is out: an empty ACK or a 2.xx is success."""
        status = self._status_after(event)
        if status is None:
            return None
        self._open, self.status = None, status
        return DataReported(status)

    def _status_after(self, event: CoapEvent) -> DataStatus | None:
        if self._open is None:
            return None
        match event:
            case ResponseReceived(token=self._open, message=message):
                return DataStatus.SUCCEEDED if is_success(message.code) else DataStatus.FAILED
            case RequestAcknowledged(token=self._open) | NotificationAcknowledged(message_id=self._open):
                return DataStatus.SUCCEEDED
            case RequestReset(token=self._open) | NotificationReset(message_id=self._open):
                return DataStatus.RESET
            case RequestUnanswered(token=self._open) | NotificationUnanswered(message_id=self._open):
                return DataStatus.TIMED_OUT
            case RequestAborted(token=self._open) | NotificationAborted(message_id=self._open):
                return DataStatus.FAILED
            case _:
                return None

    def forget(self) -> DataReported | None:
        """The registration is gone: the data did not arrive, as far as anybody knows."""
        if self._open is None:
            return None
        self._open, self.status = None, DataStatus.FAILED
        return DataReported(self.status)


@dataclass(frozen=True, slots=True)
class _Open:
    received: RequestReceived
    path: Path
    until: Seconds


class Downlink:
    """Requests that wait for the host, by message ID and token."""

    def __init__(self, endpoint: CoapEndpoint) -> None:
        self._endpoint = endpoint
        self._open: dict[tuple[int, bytes], _Open] = {}

    def __bool__(self) -> bool:
        return bool(self._open)

    def take(self, now: Seconds, received: RequestReceived, path: Path) -> ReadRequested | WriteRequested | None:
        """Acknowledge at once, and ask the host."""
        if len(self._open) >= MOST_OPEN:
            self._endpoint.respond(now, received, Response(Code.SERVICE_UNAVAILABLE))
            return None
        message = received.message
        self._endpoint.acknowledge(now, received)
        self._open[message.message_id, message.token] = _Open(received, path, now + HOST_ANSWERS_WITHIN)
        query = "&".join(message.query)
        if message.code == Code.GET:
            return ReadRequested(message.message_id, message.token, query)
        return WriteRequested(message.message_id, message.token, message.payload, query)

    def awaits(self, message_id: int, token: bytes) -> bool:
        """Whether such a request waits for the host."""
        return (message_id, token) in self._open

    def respond(self, now: Seconds, message_id: int, token: bytes, code: Code, payload: bytes) -> None:
        """KeyError when it does not wait (any more)."""
        request = self._open.pop((message_id, token))
        if not payload:
            response = Response(code)
        else:
            content_format, body = data_content(request.received.message.accept, request.path, payload)
            response = Response(code, options(content_format=content_format), body)
        self._endpoint.respond(now, request.received, response)

    def handle_timer(self, now: Seconds) -> list[RequestExpired]:
        expired = [key for key, request in self._open.items() if now >= request.until]
        for key in expired:
            self._endpoint.respond(now, self._open.pop(key).received, Response(Code.SERVICE_UNAVAILABLE))
        return [RequestExpired(*key) for key in expired]

    def next_deadline(self) -> Deadline | None:
        if not self._open:
            return None
        return Deadline(min(request.until for request in self._open.values()), AndlinkReason.HOST_ANSWER)

    def forget(self) -> None:
        """They end with the registration: nobody is answered."""
        self._open.clear()
