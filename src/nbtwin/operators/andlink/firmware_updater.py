"""Firmware at the Andlink platform: packages are served for pull, written for push, and campaigns get their hands.

Knows object 5 and packages by name; must not know whose turn it is in a campaign, nor where packages are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TypeAlias
from urllib.parse import quote

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.events import RequestReceived, Response
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber
from nbtwin.engine import Seconds
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.server import LwM2mServer
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.andlink.listeners import Listeners
from nbtwin.operators.device_management.commands import CommandAnswer, Commands, Send
from nbtwin.operators.device_management.request_queue import QueuedRequest, RequestQueue
from nbtwin.operators.device_management.values import node_of

SERVED = "fw"
"""/fw/<name of the package>."""
PACKAGE, URI, UPDATE, STATE, RESULT = (Path((5, 0, resource)) for resource in (0, 1, 2, 3, 5))
WRITTEN, EXECUTED, STATE_READ, RESULT_READ, ASIDE = "written", "executed", "state", "result", "aside"
"""Purposes of errands; what comes of the last one is of no interest."""

PackageOf: TypeAlias = Callable[[str], bytes | None]
_ETAG = int(OptionNumber.ETAG)


class FirmwareUpdater:
    """`campaign_runner.Hands`, and the packages' server."""

    def __init__(
        self,
        server: LwM2mServer,
        commands: Commands,
        errands: RequestQueue,
        settings: AndlinkSettings,
        package_of: PackageOf,
    ) -> None:
        self._server = server
        self._commands = commands
        self._errands = errands
        self.settings = settings
        self._package_of = package_of

    # what campaigns ask for

    def is_registered(self, client: str) -> bool:
        return client in self._server.registrations

    def has_package(self, package: str) -> bool:
        return self._package_of(package) is not None

    def observe_firmware(self, now: Seconds, client: str) -> None:
        for path in (STATE, RESULT):
            if path not in self._commands.observed(client) and not self._errands.has(client, "observe", path):
                self._add(now, client, ASIDE, "observe", path, self._observe(client, path))

    def _observe(self, client: str, path: Path) -> Send:
        return lambda now: self._server.observe(now, client, path)

    def write_uri(self, now: Seconds, client: str, package: str) -> None:
        self._write_uri(now, client, self.uri_of(client, package), WRITTEN)

    def reset(self, now: Seconds, client: str) -> None:
        self._write_uri(now, client, "", ASIDE)

    def _write_uri(self, now: Seconds, client: str, uri: str, purpose: str) -> None:
        body = uri.encode()
        self._add(
            now, client, purpose, "write", URI,
            lambda now: self._server.write(now, client, URI, ContentFormat.TEXT, body),
        )  # fmt: skip

    def push(self, now: Seconds, client: str, package: str) -> None:
        content = self._package_of(package) or b""
        self._add(
            now, client, WRITTEN, "write", PACKAGE,
            lambda now: self._server.write(now, client, PACKAGE, ContentFormat.OCTET_STREAM, content),
        )  # fmt: skip

    def execute(self, now: Seconds, client: str) -> None:
        self._add(now, client, EXECUTED, "execute", UPDATE, lambda now: self._server.execute(now, client, UPDATE))

    def read_state(self, now: Seconds, client: str) -> None:
        self._add(now, client, STATE_READ, "read", STATE, lambda now: self._server.read(now, client, STATE))

    def read_result(self, now: Seconds, client: str) -> None:
        self._add(now, client, RESULT_READ, "read", RESULT, lambda now: self._server.read(now, client, RESULT))

    def _add(self, now: Seconds, client: str, purpose: str, name: str, path: Path, send: Send) -> None:
        self._errands.add(now, client, QueuedRequest(purpose, name, path, send))

    # packages

    def uri_of(self, client: str, package: str) -> str:
        """Where this device fetches it: over DTLS if it speaks DTLS."""
        plain, secure = self.settings.ports
        behind_dtls = Listeners.identity_of(self._server.registrations[client].peer) is not None
        scheme, port = ("coaps", secure) if behind_dtls else ("coap", plain)
        return f"{scheme}://{self.settings.host}:{port}/{SERVED}/{quote(package)}"

    def serve(self, now: Seconds, received: RequestReceived, coap: BlockwiseEndpoint) -> bool:
        """GET /fw/<name>, block by block; whether there is such a package."""
        message = received.message
        content = self._package_of(message.path[1]) if len(message.path) == 2 else None
        if message.code != Code.GET:
            coap.respond(now, received, Response(Code.METHOD_NOT_ALLOWED))
        elif content is None:
            coap.respond(now, received, Response(Code.NOT_FOUND))
        else:
            found = ((_ETAG, _etag(content)), *options(content_format=ContentFormat.OCTET_STREAM))
            coap.respond(now, received, Response(Code.CONTENT, found, content))
            return True
        return False


def _etag(content: bytes) -> bytes:
    """The end of a package is its checksum: it need not be computed for every block."""
    return content[-8:] if len(content) >= 8 else sha256(content).digest()[:8]


def number_of(answered: CommandAnswer) -> int | None:
    """The integer that a read of STATE or RESULT gave."""
    message = answered.message
    node = node_of(answered.command.path, message) if message is not None and not answered.why else None
    return node if isinstance(node, int) else None
