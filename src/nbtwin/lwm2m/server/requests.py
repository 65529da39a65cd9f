"""What a Client sends to register and to update, checked (LwM2M 1.0 TS, 5.3 and tables 15 and 16).

Knows the parameters and their limits; must not know who is registered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nbtwin.coap.events import RequestReceived
from nbtwin.coap.link_format import parse as parse_links
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber
from nbtwin.engine import DAY, DecodeError, Seconds
from nbtwin.lwm2m.server.events import Registration
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal, RequestRefused

_URI_QUERY = int(OptionNumber.URI_QUERY)
DEFAULT_LIFETIME = DAY  # LwM2M 1.0 TS, table 15
LONGEST_LIFETIME = 0xFFFFFFFF
BINDINGS = frozenset("UMHTSNQ")
"""Letters of the transports and, in LwM2M 1.0, of Queue Mode (1.0 TS, 5.3.1.1; 1.1 TS Core, 6.2.1.2)."""
_VERSION = re.compile(r"1\.\d{1,2}")
_ANY_VERSION = re.compile(r"\d{1,3}\.\d{1,3}(\.\d{1,3})?")


@dataclass(slots=True)
class UpdateRequest:
    """None where the Client leaves it as it is."""

    lifetime: Seconds | None
    binding: str | None
    objects: str | None
    query: tuple[str, ...]

    def first(self, *names: str) -> str | None:
        """The value of the first query parameter that has one of these names."""
        for item in self.query:
            name, _, value = item.partition("=")
            if name in names:
                return value
        return None


def parse_register(
    now: Seconds, received: RequestReceived, *, objects_required: bool = True, name_required: bool = True
) -> Registration:
    """What is to be registered; ``client`` and ``location`` are not known yet.

    Raises RequestRefused: 4.00 for what is malformed, 4.12 for another major version, 4.15 for another body.
    """
    message, queue, endpoint, objects = received.message, False, "", ""
    said: dict[str, Any] = {"lifetime": DEFAULT_LIFETIME, "binding": "U", "version": "1.0"}
    for number, item in message.options:
        if number != _URI_QUERY:
            continue
        if item[:3] == b"ep=":
            endpoint = item[3:].decode()
            continue
        if item in (b"Q", b"Q="):  # LwM2M 1.1 says it beside the binding
            queue = True
            continue
        name, value = _parameter(item)
        if name:
            said[name] = value
    if queue and "Q" not in said["binding"]:
        said["binding"] += "Q"
    if name_required and not endpoint:
        raise RequestRefused(Code.BAD_REQUEST, Lwm2mServerRefusal.NAME_MISSING, "no endpoint client name (ep)")
    if message.payload:
        objects = _objects(message)
    elif objects_required:
        raise RequestRefused(Code.BAD_REQUEST, Lwm2mServerRefusal.OBJECTS_MISSING, "no list of objects")
    return Registration("", endpoint, "", received.peer, objects=objects, registered_at=now, refreshed_at=now, **said)


@lru_cache(maxsize=1024)  # but for their names, the clients of a fleet say the same
def _parameter(item: bytes) -> tuple[str, int | str]:
    """The attribute of a Registration and its value; "" for a parameter that means nothing here."""
    name, _, value = item.decode().partition("=")
    if name == "lt":
        return "lifetime", _lifetime(value)
    if name == "b":
        return "binding", _binding(value)
    if name == "lwm2m":
        return "version", _version(value)
    return "", ""


def parse_update(message: Message) -> UpdateRequest:
    """Raises RequestRefused as parse_register does."""
    query = message.query
    request = UpdateRequest(None, None, _objects(message) if message.payload else None, query)
    for item in query:
        name, _, value = item.partition("=")
        if name == "lt":
            request.lifetime = _lifetime(value)
        elif name == "b":
            request.binding = _binding(value)
    return request


def _lifetime(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= LONGEST_LIFETIME):
        raise RequestRefused(
            Code.BAD_REQUEST, Lwm2mServerRefusal.LIFETIME, f"lifetime (lt) is {text[:20]!r}, not 1-{LONGEST_LIFETIME}",
            subject=text[:20], limit=LONGEST_LIFETIME,
        )  # fmt: skip
    return int(text)


def _binding(text: str) -> str:
    letters = set(text)
    if len(letters) != len(text) or not letters <= BINDINGS or letters <= {"Q"}:
        raise RequestRefused(
            Code.BAD_REQUEST, Lwm2mServerRefusal.BINDING, f"binding (b) is {text[:20]!r}", subject=text[:20]
        )
    return text


def _version(text: str) -> str:
    if not _VERSION.fullmatch(text):
        if _ANY_VERSION.fullmatch(text):
            raise RequestRefused(
                Code.PRECONDITION_FAILED, Lwm2mServerRefusal.VERSION_UNSUPPORTED,
                f"LwM2M {text} is not spoken here, 1.x is", subject=text,
            )  # fmt: skip
        raise RequestRefused(
            Code.BAD_REQUEST, Lwm2mServerRefusal.VERSION, f"version (lwm2m) is {text[:20]!r}", subject=text[:20]
        )
    return text


def _objects(message: Message) -> str:
    """The link list as text."""
    content_format = message.content_format
    if content_format is not None and content_format != ContentFormat.LINK_FORMAT:
        raise RequestRefused(
            Code.UNSUPPORTED_CONTENT_FORMAT, Lwm2mServerRefusal.OBJECTS_FORMAT,
            "the list of objects is application/link-format (40)",
        )  # fmt: skip
    text = _checked_links(message.payload)
    if text is None:
        raise RequestRefused(
            Code.BAD_REQUEST, Lwm2mServerRefusal.OBJECTS_MALFORMED,
            "the list of objects is not link-format (RFC 6690)",
        )  # fmt: skip
    return text


@lru_cache(maxsize=4096)  # a fleet of one model sends one list
def _checked_links(payload: bytes) -> str | None:
    try:
        text = payload.decode()
        parse_links(text)
    except (DecodeError, UnicodeDecodeError):
        return None
    return text
