"""LwM2M operations by name: what a request asks for, and which request an answer or a notification belongs to.

LwM2M 1.0 TS 5 and 8.2.3 to 8.2.6, with the names of its tables; 1.1 where a peer is newer. Knows CoAP messages and who
exchanges them; keeps a bounded memory of tokens and of where clients are registered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code, ContentFormat, Type, is_request, is_response
from nbtwin.engine import Address, DecodeError
from nbtwin.lwm2m.path import Path
from nbtwin.timeline.dtls_trace import put

_MOST = 10_000
_ATTRIBUTES = ("pmin", "pmax", "gt", "lt", "st")  # LwM2M 1.0 TS, 5.1.2
_OF_REGISTRATIONS: Mapping[int, str] = {Code.POST: "Update", Code.PUT: "Update", Code.DELETE: "De-register"}
OBSERVE, CANCEL = "Observe", "Cancel Observation"
Way = tuple[Address, Address]


class Operation(NamedTuple):
    """`name` as a line begins with it: "Register", "to Observe /19/1/0", "Notify /19/1/0"."""

    name: str
    path: Path | None
    """Of the objects in the payload, where it is known."""


@dataclass(slots=True)
class _Asked:
    name: str
    path: Path | None
    answered: bool = False


class Operations:
    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[Address, Address, bytes], _Asked] = OrderedDict()
        self._locations: OrderedDict[tuple[Way, tuple[str, ...]], None] = OrderedDict()
        self._bootstrapping: OrderedDict[Way, None] = OrderedDict()  # client and server

    def name(self, source: Address, destination: Address, message: Message) -> Operation | None:
        """None: not LwM2M, or an answer to nothing that was seen."""
        if is_request(message.code):
            return self._request(source, destination, message)
        if is_response(message.code):
            return self._response(source, destination, message)
        return None

    def _request(self, source: Address, destination: Address, message: Message) -> Operation | None:
        segments = message.path
        path, key = _object_path(segments), (source, destination, message.token)
        if path is None:
            name = self._interface(source, destination, message, segments)
        else:
            name = _management(message, path, (destination, source) in self._bootstrapping)
        if name is None:
            self._asked.pop(key, None)  # the token is in use for something else now
            return None
        put(self._asked, key, _Asked(name, path), _MOST)
        return Operation(name, path)

    def _interface(self, source: Address, destination: Address, message: Message, path: tuple[str, ...]) -> str | None:
        """Bootstrap and registration, which a client asks for; and the end of a bootstrap."""
        match message.code, path:
            case Code.POST, ("bs",):
                if any(item.startswith("ep=") for item in message.query):
                    put(self._bootstrapping, (source, destination), None, _MOST)
                    return "Bootstrap-Request"
                self._bootstrapping.pop((destination, source), None)
                return "Bootstrap-Finish"
            case Code.DELETE, () if (destination, source) in self._bootstrapping:
                return "Bootstrap-Delete /"
            case Code.POST, ("rd",):
                return "Register"
            case Code.POST, ("dp",):
                return "Send"
            case Code.GET, (".well-known", "core"):
                return "Discover /"
        if path[:1] == ("rd",) or ((source, destination), path) in self._locations:
            return _OF_REGISTRATIONS.get(message.code)
        return None

    def _response(self, source: Address, destination: Address, message: Message) -> Operation | None:
        key = (destination, source, message.token)
        asked = self._asked.get(key)
        if asked is None:
            return None
        if asked.name == "Register" and message.location:
            put(self._locations, ((destination, source), message.location), None, _MOST)
        name = f"to {asked.name}"
        if asked.name.startswith(OBSERVE) and message.observe is not None:
            if asked.answered and message.type is not Type.ACK:
                name = f"Notify {asked.path}"
            asked.answered = True
            self._asked.move_to_end(key)
        return Operation(name, asked.path)


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
            attributes = [item for item in message.query if item.partition("=")[0] in _ATTRIBUTES]
            return "Write-Attributes" if attributes and not message.payload else "Write"
        case Code.POST:
            return {1: "Create", 2: "Write"}.get(len(path), "Execute")
        case Code.DELETE:
            return "Delete"
        case _:
            return None
