"""Firmware at the Andlink platform: packages are served for pull, written for push; what a campaign asks of a device.

Knows object 5 and packages by name; must not know whose turn it is in a campaign, nor where packages are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import quote

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.echo import EchoValues
from nbtwin.coap.events import RequestReceived, Response
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber
from nbtwin.engine import Seconds
from nbtwin.lwm2m.firmware.file import FirmwareFile
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.server import LwM2mServer
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.andlink.listeners import Listeners
from nbtwin.operators.campaigns.scheduler import Asked, Told
from nbtwin.operators.device_management.management import Answer, DeviceManagement, Then
from nbtwin.operators.device_management.values import node_of

SERVED = "fw"
"""/fw/<name of the package>."""
PACKAGE, URI, UPDATE, STATE, RESULT = (Path((5, 0, resource)) for resource in (0, 1, 2, 3, 5))

PackageOf: TypeAlias = Callable[[str], FirmwareFile | None]
_ETAG = int(OptionNumber.ETAG)


class FirmwareUpdater:
    """`campaigns.scheduler.DeviceUpdater`, and the packages' server."""

    def __init__(
        self,
        server: LwM2mServer,
        devices: DeviceManagement,
        settings: AndlinkSettings,
        package_of: PackageOf,
        echoes: EchoValues,
    ) -> None:
        self._server = server
        self._devices = devices
        self.settings = settings
        self._package_of = package_of
        self._echoes = echoes

    # what campaigns ask for

    def is_registered(self, client: str) -> bool:
        return client in self._server.registrations

    def has_package(self, package: str) -> bool:
        return self._package_of(package) is not None

    def observe_firmware(self, now: Seconds, client: str) -> None:
        for path in (STATE, RESULT):
            self._devices.observe(now, client, path)

    def write_uri(self, now: Seconds, client: str, package: str, then: Told) -> None:
        self._devices.request(now, client, "write", URI, self.uri_of(client, package), _told(then))

    def reset(self, now: Seconds, client: str) -> None:
        self._devices.request(now, client, "write", URI, "")

    def push(self, now: Seconds, client: str, package: str, then: Told) -> None:
        file = self._package_of(package)
        self._devices.request(now, client, "write", PACKAGE, b"" if file is None else file.content, _told(then))

    def execute(self, now: Seconds, client: str, then: Told) -> None:
        self._devices.request(now, client, "execute", UPDATE, None, _told(then))

    def read_state(self, now: Seconds, client: str, then: Asked) -> None:
        self._devices.request(now, client, "read", STATE, None, _asked(then))

    def read_result(self, now: Seconds, client: str, then: Asked) -> None:
        self._devices.request(now, client, "read", RESULT, None, _asked(then))

    # packages

    def uri_of(self, client: str, package: str) -> str:
        """Where this device fetches it: over DTLS if it speaks DTLS."""
        plain, secure = self.settings.ports
        behind_dtls = Listeners.identity_of(self._server.registrations[client].peer) is not None
        scheme, port = ("coaps", secure) if behind_dtls else ("coap", plain)
        return f"{scheme}://{self.settings.host}:{port}/{SERVED}/{quote(package)}"

    def serve(self, now: Seconds, received: RequestReceived, coap: BlockwiseEndpoint) -> bool:
        """GET /fw/<name>, block by block; whether a part of a package was given away.

        Without DTLS it goes where a device is registered, or where an Echo value has come back from (D141, RFC 9175
        2.4): nobody has a package sent to somebody else's address.
        """
        message = received.message
        file = self._package_of(message.path[1]) if len(message.path) == 2 else None
        if message.code != Code.GET:
            coap.respond(now, received, Response(Code.METHOD_NOT_ALLOWED))
        elif file is None:
            coap.respond(now, received, Response(Code.NOT_FOUND))
        elif not self._is_at_home(now, received):
            coap.respond(now, received, self._echoes.challenge(now, received.peer))
        else:
            found = ((_ETAG, file.etag), *options(content_format=ContentFormat.OCTET_STREAM))
            coap.respond(now, received, Response(Code.CONTENT, found, file.content))
            return True
        return False

    def _is_at_home(self, now: Seconds, received: RequestReceived) -> bool:
        """Whether whoever asks is where the request says it comes from."""
        peer = received.peer
        return (
            Listeners.identity_of(peer) is not None
            or self._server.has_client_at(peer[0])
            or self._echoes.is_reachable(now, peer, received.message)
        )


def _told(then: Told) -> Then:
    return lambda now, answer: then(now, answer.client, answer.response_code, answer.refusal is None)


def _asked(then: Asked) -> Then:
    return lambda now, answer: then(now, answer.client, _number(answer))


def _number(answer: Answer) -> int | None:
    """The integer that a read of STATE or RESULT gave."""
    node = None if answer.message is None or answer.refusal is not None else node_of(answer.path, answer.message)
    return node if isinstance(node, int) else None
