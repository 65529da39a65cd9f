"""Pulling a firmware package (docs/spec/wire.md, Andlink firmware): one GET with Block2 over coap or coaps.

Knows the way from a URI to the firmware object; knows no registration.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from nbtwin.coap.endpoint import CoapEndpoint
from nbtwin.coap.events import CoapEvent, Request, RequestAborted, RequestReset, RequestUnanswered, ResponseReceived
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code, dotted
from nbtwin.engine import Address, Seconds
from nbtwin.lwm2m.addresses import is_address
from nbtwin.lwm2m.client.accounts import parse_uri
from nbtwin.lwm2m.client.channel import ChannelRefusal, Connected, Connections, NotConnected, Target
from nbtwin.lwm2m.client.config import SecurityConfig
from nbtwin.lwm2m.client.firmware_update import FirmwareCause, FirmwareReason, FirmwareResult, FirmwareUpdateClient

PACKAGE = "package"
"""The purpose of the connection."""
_FAILURES: Mapping[ChannelRefusal, tuple[FirmwareResult, FirmwareReason]] = {
    ChannelRefusal.NAME_UNKNOWN: (FirmwareResult.INVALID_URI, FirmwareReason.NAME_UNKNOWN),
    ChannelRefusal.NO_KEY: (FirmwareResult.CONNECTION_LOST, FirmwareReason.NO_KEY),
    ChannelRefusal.HANDSHAKE_FAILED: (FirmwareResult.CONNECTION_LOST, FirmwareReason.HANDSHAKE_FAILED),
}


class PackageDownload:
    """Follows ``firmware.wanted``: starts a download when it is set, ends one when it is taken back."""

    def __init__(self, endpoint: CoapEndpoint, connections: Connections, firmware: FirmwareUpdateClient) -> None:
        self._endpoint = endpoint
        self._connections = connections
        self._firmware = firmware
        self._uri: str | None = None
        self._open: tuple[bytes, Address] | None = None

    @property
    def busy(self) -> bool:
        return self._uri is not None

    def follow(self, now: Seconds, security: SecurityConfig) -> bool:
        """Whether there was something to do."""
        wanted = self._firmware.wanted
        if wanted == self._uri:
            return False
        self._end(now)
        if wanted is not None:
            self._uri = wanted
            scheme, host, port = parse_uri(wanted)
            target = Target(host, port, scheme == "coaps", security.psk, security.silence)
            self._connections.connect(now, PACKAGE, target)
        return True

    def _end(self, now: Seconds) -> None:
        self._connections.abandon(PACKAGE)
        if self._open is not None:
            self._endpoint.cancel(now, *self._open)
        self._uri = self._open = None

    def handle_connection(self, now: Seconds, outcome: Connected | NotConnected) -> None:
        """What became of the connection for `PACKAGE`: the GET, or the end."""
        if self._uri is None:
            return
        if isinstance(outcome, NotConnected):
            result, reason = _FAILURES[outcome.refusal]
            self._fail(result, FirmwareCause(reason, server=outcome.server))
            return
        parts = urlsplit(self._uri)
        host = parts.hostname if parts.hostname and not is_address(parts.hostname) else None
        path = tuple(unquote(segment) for segment in parts.path.split("/")[1:])
        query = tuple(unquote(argument) for argument in parts.query.split("&")) if parts.query else ()
        wanted = options(host=host, path=path if path != ("",) else (), query=query)
        self._open = (self._endpoint.send_request(now, outcome.peer, Request(Code.GET, wanted)), outcome.peer)

    def lost(self) -> None:
        """Coverage went during the look-up."""
        if self._uri is not None and self._open is None:
            self._fail(FirmwareResult.CONNECTION_LOST, FirmwareCause(FirmwareReason.COVERAGE_LOST))

    def handle_event(self, event: CoapEvent) -> bool:
        """Whether the event was about this download."""
        if self._open is None:
            return False
        token, _ = self._open
        match event:
            case ResponseReceived(token=received, message=message) if received == token:
                self._uri = self._open = None
                if message.code == Code.CONTENT:
                    self._firmware.downloaded(message.payload)
                else:
                    cause = FirmwareCause(FirmwareReason.REFUSED, response_code=dotted(message.code))
                    self._fail(FirmwareResult.INVALID_URI, cause)
            case RequestUnanswered() | RequestReset() | RequestAborted() if event.token == token:
                self._fail(FirmwareResult.CONNECTION_LOST, FirmwareCause(FirmwareReason.TRANSFER_BROKEN_OFF))
            case _:
                return False
        return True

    def _fail(self, result: FirmwareResult, cause: FirmwareCause) -> None:
        self._uri = self._open = None
        self._firmware.download_failed(result, cause)
