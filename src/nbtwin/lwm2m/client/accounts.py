"""What a bootstrap server leaves behind: the accounts of a client (LwM2M 1.0 TS, 5.2 and appendix E.1, E.2).

Knows Write, Delete, Discover and Finish of the bootstrap interface; knows no timer, and not who may use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from nbtwin.coap.events import Response
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import COAP_PORT, COAPS_PORT, Code, ContentFormat
from nbtwin.engine import CodedError, DecodeError, Refusal
from nbtwin.lwm2m.client.channel import Psk
from nbtwin.lwm2m.content.codec import decode
from nbtwin.lwm2m.content.refusals import UnsupportedFormat
from nbtwin.lwm2m.model import InstanceNode, Node, ObjectNode
from nbtwin.lwm2m.object_store import ObjectRefused, content
from nbtwin.lwm2m.path import Path

SECURITY, SERVER = 0, 1
URI, IS_BOOTSTRAP, MODE, IDENTITY, KEY, SECURITY_SSID = 0, 1, 2, 3, 5, 10
SSID, LIFETIME, STORES_NOTIFICATIONS = 0, 1, 6
PRE_SHARED_KEY, NO_SECURITY = 0, 3
"""Security Mode (E.1.1)."""
MOST_INSTANCES = 8
_OTHER_TRANSPORTS = ("coap+tcp", "coaps+tcp", "coap+ws", "coaps+ws")
"""RFC 8323 8: not offered (D167)."""


class AccountRefusal(Refusal):
    """Why what was bootstrapped is no account."""

    SECURITY_MODE = "account-security-mode"  # mode
    NONE = "account-none"
    NO_SERVER = "account-no-server"  # ssid
    NO_URI = "account-no-uri"  # uri
    NO_COAP_URI = "account-no-coap-uri"  # uri
    OTHER_TRANSPORT = "account-other-transport"  # uri


class AccountError(CodedError, DecodeError):
    """What was bootstrapped is no account, or a URI is none of CoAP."""


@dataclass(frozen=True, slots=True)
class Account:
    """The LwM2M server that was bootstrapped."""

    host: str
    port: int
    secure: bool
    psk: Psk | None
    short_server_id: int
    lifetime: int | None
    stores_notifications: bool = False


class Bootstrap:
    """Collects what is written until Finish. ``account`` is the result."""

    def __init__(self) -> None:
        self.objects: dict[int, ObjectNode] = {SECURITY: {}, SERVER: {}}
        self.account: Account | None = None
        self.refused: AccountError | None = None
        """Why the last Finish was."""

    def handle(self, message: Message) -> Response:
        """A request of the bootstrap server. Finish is accepted only when there is an account (else 4.06)."""
        if message.code == Code.POST and message.path == ("bs",):
            return self._finish()
        try:
            path = Path.from_segments(message.path)
            match message.code:
                case Code.PUT:
                    self._write(path, message.content_format, message.payload)
                    return Response(Code.CHANGED)
                case Code.DELETE:
                    self._delete(path)
                    return Response(Code.DELETED)
                case Code.GET if message.accept == ContentFormat.LINK_FORMAT:
                    return content(ContentFormat.LINK_FORMAT, self._links(path).encode())
                case _:
                    return Response(Code.METHOD_NOT_ALLOWED)
        except ObjectRefused as refused:
            return Response(refused.code)
        except UnsupportedFormat:
            return Response(Code.UNSUPPORTED_CONTENT_FORMAT)
        except DecodeError:
            return Response(Code.BAD_REQUEST)

    def _write(self, path: Path, content_format: int | None, payload: bytes) -> None:
        """5.2.7.1: whatever was there is replaced, instances are created."""
        if not path or path[0] not in self.objects or len(path) > 3:
            raise ObjectRefused(Code.NOT_FOUND)  # security and server accounts alone are bootstrapped here
        default = ContentFormat.TEXT if len(path) == 3 else ContentFormat.LWM2M_TLV
        node = decode(default if content_format is None else content_format, path, payload)
        written = self._written(path, node)
        kept = {**self.objects[path[0]], **written}
        if len(kept) > MOST_INSTANCES:
            raise ObjectRefused(Code.BAD_REQUEST)
        self.objects[path[0]] = kept

    def _written(self, path: Path, node: Node) -> ObjectNode:
        match len(path):
            case 1:
                return cast(ObjectNode, node)
            case 2:
                return {path[1]: cast(InstanceNode, node)}
            case _:
                old = self.objects[path[0]].get(path[1], {})
                return {path[1]: cast(InstanceNode, {**old, path[2]: node})}

    def _delete(self, path: Path) -> None:
        """5.2.7.2: the root means everything that can be deleted."""
        if not path:
            for id in self.objects:
                self.objects[id] = {}
        elif path[0] not in self.objects or len(path) > 2:
            raise ObjectRefused(Code.NOT_FOUND)
        elif len(path) == 1:
            self.objects[path[0]] = {}
        else:
            self.objects[path[0]] = {id: node for id, node in self.objects[path[0]].items() if id != path[1]}

    def _links(self, path: Path) -> str:
        """5.2.7.3: objects and instances, the enabler version first, and which server an account is of."""
        found = [Path((object_id,)) for object_id in self.objects]
        found += [Path((object_id, id)) for object_id, instances in self.objects.items() for id in sorted(instances)]
        found = [other for other in sorted(found) if path.covers(other)]
        if path and not found:
            raise ObjectRefused(Code.NOT_FOUND)
        return ",".join(['</>;lwm2m="1.0"', *(f"<{other}>{self._ssid(other)}" for other in found)])

    def _ssid(self, path: Path) -> str:
        """Of an account that is not the bootstrap server's, which has none."""
        if len(path) < 2:
            return ""
        instance = self.objects[path[0]][path[1]]
        if path[0] == SERVER:
            ssid = instance.get(SSID)
        else:
            ssid = None if instance.get(IS_BOOTSTRAP) else instance.get(SECURITY_SSID)
        return f";ssid={ssid}" if isinstance(ssid, int) else ""

    def _finish(self) -> Response:
        try:
            self.account = self._find_account()
        except AccountError as error:
            self.refused = error
            return Response(Code.NOT_ACCEPTABLE, payload=str(error).encode())
        return Response(Code.CHANGED)

    def _find_account(self) -> Account:
        for security in self.objects[SECURITY].values():
            if security.get(IS_BOOTSTRAP):
                continue
            ssid = _number(security.get(SECURITY_SSID, 1))
            server = self._server_of(ssid)
            scheme, host, port = parse_uri(str(security.get(URI, "")))
            mode = _number(security.get(MODE, NO_SECURITY))
            if mode not in (PRE_SHARED_KEY, NO_SECURITY):
                raise AccountError(AccountRefusal.SECURITY_MODE, mode=mode)
            lifetime = _number(server[LIFETIME]) if LIFETIME in server else None
            secure, stores = scheme == "coaps" or mode == PRE_SHARED_KEY, bool(server.get(STORES_NOTIFICATIONS))
            return Account(host, port, secure, _psk(security), ssid, lifetime, stores)
        raise AccountError(AccountRefusal.NONE)

    def _server_of(self, ssid: int) -> InstanceNode:
        for server in self.objects[SERVER].values():
            if server.get(SSID) == ssid:
                return server
        raise AccountError(AccountRefusal.NO_SERVER, ssid=ssid)


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1


def _psk(security: InstanceNode) -> Psk | None:
    identity, key = security.get(IDENTITY), security.get(KEY)
    return Psk(identity, key) if isinstance(identity, bytes) and isinstance(key, bytes) and key else None


def parse_uri(uri: str) -> tuple[str, str, int]:
    """Scheme, host and port of a coap or coaps URI (RFC 7252 6.4); an AccountError for anything else."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        raise AccountError(AccountRefusal.NO_URI, uri=uri) from None
    if parts.scheme in _OTHER_TRANSPORTS:
        raise AccountError(AccountRefusal.OTHER_TRANSPORT, uri=uri)
    if parts.scheme not in ("coap", "coaps") or not parts.hostname or port == 0 or parts.username is not None:
        raise AccountError(AccountRefusal.NO_COAP_URI, uri=uri)
    return parts.scheme, parts.hostname, port or (COAP_PORT if parts.scheme == "coap" else COAPS_PORT)
