"""Pulling a firmware package (docs/spec/wire.md, Andlink firmware): one GET with Block2 over coap or coaps.

Knows the way from a URI to the firmware object; knows no registration.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from nbtwin.coap.endpoint import CoapEndpoint
from nbtwin.coap.events import Request, RequestAborted, RequestReset, RequestUnanswered, ResponseReceived
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code
from nbtwin.engine import Address, Seconds
from nbtwin.lwm2m.addresses import is_address
from nbtwin.lwm2m.client.accounts import parse_uri
from nbtwin.lwm2m.client.channel import Connected, Connections, NotConnected, Target
from nbtwin.lwm2m.client.config import SecurityConfig
from nbtwin.lwm2m.client.firmware_update import FirmwareResult, FirmwareUpdateClient

PACKAGE = "package"
"""The purpose of the connection."""


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

    def follow(self, now: Seconds, way: SecurityConfig) -> bool:
        """Whether there was something to do."""
        wanted = self._firmware.wanted
        if wanted == self._uri:
            return False
        self._end(now)
        if wanted is not None:
            self._uri = wanted
            scheme, host, port = parse_uri(wanted)
            self._connections.connect(now, PACKAGE, Target(host, port, scheme == "coaps", way.psk, way.silence))
        return True

    def _end(self, now: Seconds) -> None:
        self._connections.abandon(PACKAGE)
        if self._open is not None:
            self._endpoint.cancel(now, *self._open)
        self._uri = self._open = None

    def handle_connection(self, now: Seconds, outcome: Connected | NotConnected) -> None:
        if self._uri is None:
            return
        if isinstance(outcome, NotConnected):
            self._failed(
                FirmwareResult.INVALID_URI if outcome.why.endswith("unknown") else FirmwareResult.CONNECTION_LOST,
                outcome.why,
            )
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
            self._failed(FirmwareResult.CONNECTION_LOST, "coverage lost during the look-up")

    def handle_event(self, event: object) -> bool:
        """Whether the event was about this download."""
        if self._open is None or getattr(event, "token", None) != self._open[0]:
            return False
        match event:
            case ResponseReceived(message=message):
                self._uri = self._open = None
                if message.code == Code.CONTENT:
                    self._firmware.downloaded(message.payload)
                else:
                    self._failed(FirmwareResult.INVALID_URI, f"answered {message.code >> 5}.{message.code & 31:02d}")
            case RequestUnanswered() | RequestReset() | RequestAborted():
                self._failed(FirmwareResult.CONNECTION_LOST, "the transfer broke off")
            case _:
                return False
        return True

    def _failed(self, result: FirmwareResult, why: str) -> None:
        self._uri = self._open = None
        self._firmware.download_failed(result, why)
