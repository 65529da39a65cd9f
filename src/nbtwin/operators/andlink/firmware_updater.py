"""Firmware at the Andlink platform: packages are served for pull, written for push; what a campaign asks of a device.

Knows object 5 and packages by name; must not know whose turn it is in a campaign, nor where packages are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

from msgspec.structs import replace as with_fields

from nbtwin.coap.blockwise import BlockwiseError, block_of
from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.echo import EchoValues
from nbtwin.coap.events import RequestReceived, Response
from nbtwin.coap.message import Message, options
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber
from nbtwin.engine import Seconds
from nbtwin.lwm2m.firmware.file import FileKind, FirmwareFile
from nbtwin.lwm2m.model import Node
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.lwm2m.server.server import LwM2mServer
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.andlink.listeners import Listeners
from nbtwin.operators.campaigns.scheduler import Asked, Done, LookedOver, Told, Versioned
from nbtwin.operators.campaigns.ways import Abilities, Chosen, Mode, Scheme, choose_way
from nbtwin.operators.device_management.management import Answer, DeviceManagement, Then
from nbtwin.operators.device_management.values import ValueUnreadable, node_of

SERVED = "fw"
"""/fw/<name of the package>."""
FIRMWARE = Path((5, 0))
PACKAGE, URI, UPDATE, STATE, RESULT = (Path((5, 0, resource)) for resource in (0, 1, 2, 3, 5))
PACKAGE_VERSION, SCHEMES, METHOD = (Path((5, 0, resource)) for resource in (7, 8, 9))
CANCEL, SEVERITY, DEFER = (Path((5, 0, resource)) for resource in (10, 11, 13))
"""Of LwM2M 1.1: no device needs them."""
MODEL, VERSION = Path((3, 0, 1)), Path((3, 0, 3))

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
        has_key: Callable[[str], bool] = lambda client: False,
    ) -> None:
        self._server = server
        self._devices = devices
        self.settings = settings
        self._package_of = package_of
        self._echoes = echoes
        self._has_key = has_key
        self._unobservable: set[tuple[str, Path]] = set()  # client and path: until it registers again

    # what campaigns ask for

    def is_registered(self, client: str) -> bool:
        return client in self._server.registrations

    def expires_at(self, client: str) -> Seconds:
        """When its registration ends unless it is heard before: so long it may be out of reach and come back."""
        registration = self._server.registrations[client]
        return registration.refreshed_at + registration.lifetime + self._server.grace

    def size_of(self, package: str) -> int | None:
        file = self._package_of(package)
        return None if file is None else len(file.content)

    def observe_firmware(self, now: Seconds, client: str) -> None:
        for path in (STATE, RESULT):
            if (client, path) not in self._unobservable:
                self._devices.observe(now, client, path, self._on_observed)

    def _on_observed(self, now: Seconds, answer: Answer) -> None:
        """Who refuses to be observed is asked from time to time, and not to be observed again."""
        if answer.message is not None and answer.refusal is not None:
            self._unobservable.add((answer.client, answer.path))

    def forget(self, client: str) -> None:
        """It has registered anew: another try."""
        if self._unobservable:
            self._unobservable.difference_update([(client, STATE), (client, RESULT)])

    def look_over(self, now: Seconds, client: str, package: str, then: LookedOver) -> None:
        """The whole instance first: one message for everything. Older stacks refuse that, and are asked one by one."""
        found: dict[Path, Answer] = {}

        def on_instance(now: Seconds, answer: Answer) -> None:
            node = _node(answer)
            if answer.message is None:
                then(now, client, None)
            elif isinstance(node, dict):
                on_read(now, _abilities(node))
            else:
                one_by_one(now)

        def one_by_one(now: Seconds) -> None:
            wanted = next((path for path in (STATE, SCHEMES, METHOD) if path not in found), None)
            if wanted is not None:
                self._ask(now, client, wanted, on_one)
                return
            node = {path[2]: value for path, answer in found.items() if (value := _node(answer)) is not None}
            on_read(now, _abilities(node))

        def on_one(now: Seconds, answer: Answer) -> None:
            if answer.message is None:
                then(now, client, None)
                return
            if answer.path == STATE and answer.refusal is not None:
                then(now, client, Abilities(response_code=answer.response_code))
                return
            found[answer.path] = answer
            one_by_one(now)

        def on_read(now: Seconds, said: Abilities) -> None:
            file = self._package_of(package)
            if file is None or file.kind is not FileKind.RAW or not file.models:
                then(now, client, said)
            else:
                self._ask(now, client, MODEL, lambda now, answer: on_model(now, said, answer))

        def on_model(now: Seconds, said: Abilities, answer: Answer) -> None:
            if answer.message is None:
                then(now, client, None)
            else:
                then(now, client, with_fields(said, model=_text(answer)))

        self._ask(now, client, FIRMWARE, on_instance)

    def fits(self, package: str, model: str) -> bool:
        """Whether a package is for a model; where neither is known, nobody can say no."""
        file = self._package_of(package)
        return file is None or not file.models or not model or model in file.models

    def way_for(self, client: str, mode: Mode, said: Abilities) -> Chosen:
        """How a package gets to it. Without keys it cannot come over DTLS."""
        secure = Listeners.identity_of(self._server.registrations[client].peer) is not None
        served = {Scheme.COAP}
        if secure or self._has_key(client):
            served.add(Scheme.COAPS)
        if self.settings.http:
            served.add(Scheme.HTTP)
        return choose_way(mode, said, served, secure=secure)

    def write_uri(
        self, now: Seconds, client: str, package: str, scheme: Scheme, key: str, then: Told
    ) -> None:  # fmt: skip
        self._request(now, client, "write", URI, self.uri_of(client, package, scheme, key), _told(then))

    def push(self, now: Seconds, client: str, package: str, then: Told) -> None:
        file = self._package_of(package)
        self._request(now, client, "write", PACKAGE, b"" if file is None else file.content, _told(then))

    def reset(self, now: Seconds, client: str, then: Done | None = None) -> None:
        """An empty URI (E.6). Who refuses that has Cancel (1.1, resource 10), or wants a package of a zero byte."""
        ways: list[tuple[str, Path, Any]] = [("write", URI, ""), ("execute", CANCEL, None), ("write", PACKAGE, b"\0")]

        def next_way(now: Seconds, answer: Answer | None) -> None:
            refused = answer is None or (answer.message is not None and answer.refusal is not None)
            if refused and ways and self.is_registered(client):
                verb, path, value = ways.pop(0)
                self._devices.request(now, client, verb, path, value, next_way, reports=False)
            elif then is not None:
                then(now, client)

        next_way(now, None)

    def execute(self, now: Seconds, client: str, severity: int | None, defer: Seconds | None, then: Told) -> None:
        """With what 1.1 has for that: how urgent it is, and how long the device's user may put it off."""
        for path, value in ((SEVERITY, severity), (DEFER, None if defer is None else round(defer))):
            if value is not None:
                self._request(now, client, "write", path, {"type": "integer", "value": value}, reports=False)
        self._request(now, client, "execute", UPDATE, None, _told(then))

    def read_state(self, now: Seconds, client: str, then: Asked) -> None:
        self._request(now, client, "read", STATE, None, _asked(then))

    def read_result(self, now: Seconds, client: str, then: Asked) -> None:
        self._request(now, client, "read", RESULT, None, _asked(then))

    def read_version(self, now: Seconds, client: str, then: Versioned) -> None:
        """What runs (/3/0/3); where that cannot be read, what the firmware object says of its package (/5/0/7)."""

        def on_version(now: Seconds, answer: Answer) -> None:
            if answer.message is None:
                then(now, client, None)
            elif (text := _text(answer)) or answer.path == PACKAGE_VERSION:
                then(now, client, text)
            else:
                self._ask(now, client, PACKAGE_VERSION, on_version)

        self._ask(now, client, VERSION, on_version)

    def _ask(self, now: Seconds, client: str, path: Path, then: Then) -> None:
        self._request(now, client, "read", path, None, then, reports=False)

    def _request(
        self, now: Seconds, client: str, verb: str, path: Path, value: Any, then: Then | None = None,
        *, reports: bool = True,
    ) -> None:  # fmt: skip
        """No answer where its registration has ended meanwhile."""
        if self.is_registered(client):
            self._devices.request(now, client, verb, path, value, then, reports=reports)
        elif then is not None:
            then(now, Answer(client, verb, path, None, Lwm2mServerRefusal.EXPIRED))

    # packages

    def uri_of(self, client: str, package: str, scheme: Scheme | None = None, key: str = "") -> str:
        """Where this device fetches it: over DTLS if it speaks DTLS. ``key`` opens the package over HTTP (D163)."""
        plain, secure = self.settings.ports
        if scheme is None:
            behind_dtls = Listeners.identity_of(self._server.registrations[client].peer) is not None
            scheme = Scheme.COAPS if behind_dtls else Scheme.COAP
        if scheme is Scheme.HTTP:
            return f"{self.settings.http}/{SERVED}/{key}/{quote(package)}"
        port = secure if scheme is Scheme.COAPS else plain
        return f"{scheme.name.lower()}://{self.settings.host}:{port}/{SERVED}/{quote(package)}"

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

    def end_of_part(self, request: Message) -> int:
        """Where the block that it asks for ends in the package."""
        size = self.size_of(request.path[1]) or 0
        try:
            block = block_of(request, OptionNumber.BLOCK2)
        except BlockwiseError:
            return 0
        return 0 if block is None else min(block.offset + block.size, size)

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
    return lambda now, answer: then(now, answer.client, _number(_node(answer)), answer.message is not None)


def _node(answer: Answer) -> Node | None:
    """What a read gave; None where it gave nothing that can be read."""
    if answer.message is None or answer.refusal is not None:
        return None
    try:
        return node_of(answer.path, answer.message)
    except ValueUnreadable:
        return None


def _number(node: Node | None) -> int | None:
    return node if isinstance(node, int) and not isinstance(node, bool) else None


def _text(answer: Answer) -> str:
    node = _node(answer)
    return node if isinstance(node, str) else ""


def _abilities(node: Mapping[int, Any]) -> Abilities:
    """Of the resources of /5/0. One value where several may be is one of them: older stacks send it so."""
    schemes = node.get(SCHEMES[2])
    if isinstance(schemes, dict):
        schemes = tuple(value for value in schemes.values() if isinstance(value, int))
    elif schemes is not None:
        schemes = (schemes,) if isinstance(schemes, int) else None
    return Abilities(
        state=_number(node.get(STATE[2])), result=_number(node.get(RESULT[2])), schemes=schemes,
        method=_number(node.get(METHOD[2])),
    )  # fmt: skip
