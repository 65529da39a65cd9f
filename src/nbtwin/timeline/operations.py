"""LwM2M operations by name: what a request asks for, and which request an answer or a notification belongs to.

LwM2M 1.0 TS 5 and 8.2.3 to 8.2.6, with the names of its tables; 1.1 where a peer is newer. Knows CoAP messages and who
exchanges them. As messages pass only what later ones depend on is kept, as it is, in a bounded memory; names are given
when somebody reads.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from nbtwin.coap.message import Message, decode
from nbtwin.coap.numbers import Code, ContentFormat, Type, is_request
from nbtwin.coap.observe import REGISTER
from nbtwin.engine import Address, DecodeError
from nbtwin.lwm2m.attributes import NOTIFICATION
from nbtwin.lwm2m.content import composite
from nbtwin.lwm2m.content.refusals import UnsupportedFormat
from nbtwin.lwm2m.path import Path

_MOST = 10_000
_OF_REGISTRATIONS: Mapping[int, str] = {Code.POST: "Update", Code.PUT: "Update", Code.DELETE: "De-register"}
OBSERVE, CANCEL = "Observe", "Cancel Observation"
OBSERVE_COMPOSITE, CANCEL_COMPOSITE = "Observe-Composite", "Cancel Observation-Composite"
_POST = int(Code.POST)
NAMES = frozenset((
    "Bootstrap-Request", "Bootstrap-Pack-Request", "Bootstrap-Finish", "Bootstrap-Discover", "Bootstrap-Read",
    "Bootstrap-Write", "Bootstrap-Delete", "Register", "Update", "De-register", "Send", "Discover", "Read", "Write",
    "Write-Attributes", "Execute", "Create", "Delete", OBSERVE, CANCEL, "Notify", "Read-Composite", "Write-Composite",
    OBSERVE_COMPOSITE, CANCEL_COMPOSITE,
))  # fmt: skip
"""All that there are, without their paths."""


def split(name: str) -> tuple[str, str]:
    """Its name and its path, "" for none: "Cancel Observation" and "/3/0/9"."""
    operation, slash, path = name.partition(" /")
    return operation, f"/{path}" if slash else ""


class NamedOperation(NamedTuple):
    """`name` as a line begins with it: "Register", "to Observe /19/1/0", "Notify /19/1/0"."""

    name: str
    path: Path | None
    """Of the objects in the payload, where it is known."""
    answers: str = ""
    """The name of what an answer belongs to: "Observe /19/1/0"."""


class Context(msgspec.Struct, frozen=True, gc=False):
    """What a message means because of those before it."""

    request: bytes | None
    """That is answered; None: this is a request itself."""
    bootstrapping: bool
    nth: int = 0
    """The how-many-th answer."""


class OperationNames:
    """By requester, responder and token: the request, whether it was part of a bootstrap, and its answers so far."""

    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[Address, Address, bytes], Context] = OrderedDict()
        self._bootstrapping: OrderedDict[tuple[Address, Address], None] = OrderedDict()  # client and server

    def pass_by(self, source: Address, destination: Address, data: bytes) -> Context | None:
        """A CoAP message, as bytes. None: nothing of before matters to it."""
        if len(data) < 4:
            return None
        code, token = data[1], data[4 : 4 + (data[0] & 15)]
        if 0 < code < 32:
            if code == _POST and b"bs" in data[:64]:
                self._on_bootstrap(source, destination, data)
            bootstrapping = bool(self._bootstrapping) and (destination, source) in self._bootstrapping
            asked, key = self._asked, (source, destination, token)
            asked.pop(key, None)
            asked[key] = context = Context(data, bootstrapping)
            if len(asked) > _MOST:
                asked.popitem(last=False)
            return context
        key = (destination, source, token)
        if code < 64 or (before := self._asked.get(key)) is None:
            return None
        self._asked[key] = context = Context(before.request, before.bootstrapping, before.nth + 1)
        return context

    def _on_bootstrap(self, source: Address, destination: Address, data: bytes) -> None:
        try:
            message = decode(data)
        except DecodeError:
            return
        if message.path != ("bs",):
            return
        if _asks_for_bootstrap(message):
            self._bootstrapping[source, destination] = None
            if len(self._bootstrapping) > _MOST:
                self._bootstrapping.popitem(last=False)
        else:
            self._bootstrapping.pop((destination, source), None)


def name(message: Message, context: Context | None) -> NamedOperation | None:
    """None: not LwM2M, or an answer to nothing that was seen."""
    if context is None:
        return None
    if is_request(message.code):
        return _request(message, context.bootstrapping)
    try:
        request = decode(context.request or b"")
    except DecodeError:
        return None
    asked = _request(request, context.bootstrapping)
    if asked is None:
        return None
    later = context.nth > 1 and message.type is not Type.ACK
    if later and request.observe == REGISTER and message.observe is not None:
        return NamedOperation(f"Notify {asked.path or asked.name.partition(' ')[2]}".rstrip(), asked.path)
    return NamedOperation(f"to {asked.name}", asked.path, asked.name)


def _request(message: Message, bootstrapping: bool) -> NamedOperation | None:
    segments = message.path
    path = _object_path(segments)
    if path is not None:
        found = _management(message, path, bootstrapping)
        return None if found is None else NamedOperation(found, path)
    if not segments and (found := _composite(message)) is not None:
        return NamedOperation(found, None)
    found = _interface(message, segments, bootstrapping)
    return None if found is None else NamedOperation(found, None)


def _composite(message: Message) -> str | None:
    """Of LwM2M 1.1 (TS Transport, 6.4): its paths are in the payload."""
    match message.code, message.observe:
        case Code.FETCH, None:
            name = "Read-Composite"
        case Code.FETCH, observe:
            name = OBSERVE_COMPOSITE if observe == REGISTER else CANCEL_COMPOSITE
        case Code.IPATCH, _:
            name = "Write-Composite"
        case _:
            return None
    return f"{name} {_paths_in(message)}".rstrip()


def _paths_in(message: Message) -> str:
    """ "" for a part of something longer, and for what is no list of paths."""
    form, payload = message.content_format, message.payload
    try:
        if message.code == Code.FETCH:
            paths = composite.paths_of(form, payload)
        else:
            paths = [reading.path for reading in composite.readings_of(form, payload)]
    except (DecodeError, UnsupportedFormat):
        return ""
    return ",".join(map(str, paths))


def _interface(message: Message, path: tuple[str, ...], bootstrapping: bool) -> str | None:
    """Bootstrap and registration, which a client asks for; and the end of a bootstrap."""
    match message.code, path:
        case Code.POST, ("bs",):
            return "Bootstrap-Request" if _asks_for_bootstrap(message) else "Bootstrap-Finish"
        case Code.GET, ("bspack",):
            return "Bootstrap-Pack-Request"
        case Code.DELETE, () if bootstrapping:
            return "Bootstrap-Delete /"
        case Code.POST, ("rd",):
            return "Register"
        case Code.POST, ("dp",):
            return "Send"
        case Code.GET, (".well-known", "core"):
            return "Discover /"
    return _OF_REGISTRATIONS.get(message.code) if path[:1] == ("rd",) else None


def _asks_for_bootstrap(message: Message) -> bool:
    return any(item.startswith("ep=") for item in message.query)


def _object_path(segments: tuple[str, ...]) -> Path | None:
    """Objects, or None; the root is no object's."""
    try:
        return Path.from_segments(segments) if segments else None
    except DecodeError:
        return None


def _management(message: Message, path: Path, bootstrapping: bool) -> str | None:
    name = _name(message, path)
    if name is None:
        return None
    if bootstrapping and name in ("Read", "Write", "Delete", "Discover"):
        name = f"Bootstrap-{name}"
    return f"{name} {path}"


def _name(message: Message, path: Path) -> str | None:
    match message.code:
        case Code.GET if message.observe is not None:
            return CANCEL if message.observe == 1 else OBSERVE
        case Code.GET:
            return "Discover" if message.accept == ContentFormat.LINK_FORMAT else "Read"
        case Code.PUT:
            attributes = [item for item in message.query if item.partition("=")[0] in NOTIFICATION]
            return "Write-Attributes" if attributes and not message.payload else "Write"
        case Code.POST if len(path) == 3 and message.content_format not in (None, ContentFormat.TEXT):
            return "Write"  # of a part of a resource (LwM2M 1.1); arguments are text
        case Code.POST:
            return {1: "Create", 2: "Write"}.get(len(path), "Execute")
        case Code.DELETE:
            return "Delete"
        case _:
            return None
