"""What a Client sends to register and to update, checked (LwM2M 1.0 TS, 5.3; TS Core 1.1 and 1.2, 6.2).

Knows the parameters and their limits, and which version of the enabler has which (D157); must not know who is
registered. A registration's ``binding`` has the transports and, in Queue Mode, a "Q" among them, as LwM2M 1.0 writes it
in the parameter ``b``; 1.1 has a parameter of its own for that.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from nbtwin.coap.events import RequestReceived
from nbtwin.coap.link_format import parse as parse_links
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code, OptionNumber
from nbtwin.engine import DAY, DecodeError, Seconds
from nbtwin.lwm2m.server.events import Registration
from nbtwin.lwm2m.server.records import UpdateRequest as UpdateRequest
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal, RequestRefused
from nbtwin.lwm2m.versions import V1_0, V1_1, V1_2, VERSIONS, is_since

_URI_QUERY, _CONTENT_FORMAT = int(OptionNumber.URI_QUERY), int(OptionNumber.CONTENT_FORMAT)
_LINK_FORMAT = (b"\x28", b"\x00\x28")
"""Content-Format 40, in as many bytes as it may have."""
DEFAULT_LIFETIME = int(DAY)  # LwM2M 1.0 TS, table 15
LONGEST_LIFETIME = 0xFFFFFFFF
_BINDINGS_1_0 = frozenset(("U", "UQ", "S", "SQ", "US", "UQS"))
"""The combinations of LwM2M 1.0 (TS 1.0.2, 5.3.1.1), where Queue Mode is a letter beside the transport's."""
_TRANSPORTS = {V1_1: frozenset("UTSN"), V1_2: frozenset("UMHTSN")}
"""UDP, MQTT, HTTP, TCP, SMS, Non-IP, in any combination from 1.1 on (TS Core 1.1 and 1.2, 6.2.1.2)."""
_LETTERS = frozenset("UMHTSNQ")
_NOT_OFFERED = frozenset("TMHQ")
"""What comes over UDP and has none but these wants something else."""
_MSISDN = re.compile(r"[0-9]{1,15}")
"""Without "+" before the country code (TS Transport 1.1, 6.4.2)."""
_EXTERNAL_IDENTIFIER = re.compile(r"[!-?A-~]{1,63}@[!-?A-~]{1,63}")
"""LwM2M 1.2 has it in the same place (TS Core 1.2, 6.2.1)."""
_QUEUE_MODE = (b"Q", b"Q=")
_ANY_VERSION = re.compile(r"\d{1,3}\.\d{1,3}(\.\d{1,3})?")


def parse_register(
    now: Seconds, received: RequestReceived, *, objects_required: bool = True, name_required: bool = True
) -> Registration:
    """What is to be registered; ``client`` and ``location`` are not known yet.

    Raises RequestRefused: 4.00 for what is malformed or not of its version, 4.09 where LwM2M 1.2 leaves the objects to
    a profile, 4.12 for a version that is not spoken here, 4.15 for another body.
    """
    message, endpoint, objects = received.message, "", ""
    said: list[bytes] = []
    content_format: bytes | None = None
    for number, item in message.options:
        if number == _URI_QUERY:
            if item[:3] == b"ep=":
                endpoint = item[3:].decode()
            else:
                said.append(item)
        elif number == _CONTENT_FORMAT and content_format is None:
            content_format = item
    terms = _usual_terms(tuple(said)) if len(said) <= _USUAL else _terms(tuple(said))
    if name_required and not endpoint:
        raise RequestRefused(Code.BAD_REQUEST, Lwm2mServerRefusal.NAME_MISSING, "no endpoint client name (ep)")
    if message.payload:
        objects = _objects(content_format, message.payload)
    elif objects_required:
        # a profile (pid) may stand for the list from 1.2 on: a server that knows none says 4.09 (TS Core 1.2, 6.2.1)
        code = Code.CONFLICT if is_since(terms.version, V1_2) else Code.BAD_REQUEST
        raise RequestRefused(code, Lwm2mServerRefusal.OBJECTS_MISSING, "no list of objects")
    return Registration(
        "", endpoint, "", received.peer, terms.lifetime, terms.binding, terms.version, objects, now, now, terms.sms
    )


class _Terms(NamedTuple):
    """What a Client says beside its name and its objects."""

    lifetime: int
    binding: str
    version: str
    sms: str


def _terms(said: tuple[bytes, ...]) -> _Terms:
    lifetime, binding, version, queue = DEFAULT_LIFETIME, "U", V1_0, False
    sms: str | None = None
    for item in said:
        name, _, value = item.decode().partition("=")
        if name == "lt":
            lifetime = _lifetime(value)
        elif name == "b":
            binding = value
        elif name == "lwm2m":
            version = _version(value)
        elif name == "sms":
            sms = value
        elif item in _QUEUE_MODE:
            queue = True
    binding = _binding(version, binding, queue)
    if sms is not None:
        _check_sms(version, sms)
    return _Terms(lifetime, binding, version, sms or "")


_usual_terms = lru_cache(maxsize=1024)(_terms)  # but for their names, the clients of a fleet say the same
_USUAL = 8
"""So many parameters at most: what strangers send must not fill the memory."""


def parse_update(message: Message, registration: Registration) -> UpdateRequest:
    """Raises RequestRefused as parse_register does.

    An Update says what has changed (TS Core 1.1, 6.2.2): from 1.1 on, where Queue Mode is not of the binding, a new
    binding leaves it as it is.
    """
    objects = _objects(message.first(_CONTENT_FORMAT), message.payload) if message.payload else None
    query = tuple([item.decode("utf-8", "replace") for number, item in message.options if number == _URI_QUERY])
    request = UpdateRequest(None, None, objects, query)
    if not query:
        return request  # the usual one: it is still there
    version, was, binding, queue = registration.version, registration.binding, None, False
    for item in query:
        name, _, value = item.partition("=")
        if name == "lt":
            request.lifetime = _lifetime(value)
        elif name == "b":
            binding = value
        elif name == "Q":
            queue = True
        elif name == "sms":
            _check_sms(version, value)
            request.sms = value
    if binding is not None or queue:
        kept = is_since(version, V1_1) and "Q" in was
        transports = was.replace("Q", "") if binding is None else binding
        request.binding = _binding(version, transports, queue or kept)
    return request


def _lifetime(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= LONGEST_LIFETIME):
        raise RequestRefused(
            Code.BAD_REQUEST, Lwm2mServerRefusal.LIFETIME, f"lifetime (lt) is {text[:20]!r}, not 1-{LONGEST_LIFETIME}",
            subject=text[:20], limit=LONGEST_LIFETIME,
        )  # fmt: skip
    return int(text)


@lru_cache(maxsize=1024)
def _binding(version: str, text: str, queue: bool) -> str:
    """As a registration has it. ``queue``: the parameter Q stands beside it."""
    letters = set(text)
    if len(letters) != len(text) or not letters <= _LETTERS or letters <= {"Q"}:
        raise RequestRefused(
            Code.BAD_REQUEST, Lwm2mServerRefusal.BINDING, f"binding (b) is {text[:20]!r}", subject=text[:20]
        )
    if letters <= _NOT_OFFERED:  # D167
        raise RequestRefused(
            Code.BAD_REQUEST, Lwm2mServerRefusal.BINDING_TRANSPORT, f"no transport of binding (b) {text!r} is offered",
            subject=text,
        )  # fmt: skip
    is_old = not is_since(version, V1_1)
    if (queue or text not in _BINDINGS_1_0) if is_old else not letters <= _TRANSPORTS[version]:
        said = f"b={text}{'&Q' if queue else ''}"
        raise RequestRefused(
            Code.BAD_REQUEST, Lwm2mServerRefusal.BINDING_VERSION, f"LwM2M {version} has no {said}",
            subject=f"lwm2m={version}&{said}",
        )  # fmt: skip
    return text + "Q" if queue else text


def _check_sms(version: str, text: str) -> None:
    if not (_MSISDN.fullmatch(text) or (is_since(version, V1_2) and _EXTERNAL_IDENTIFIER.fullmatch(text))):
        raise RequestRefused(
            Code.BAD_REQUEST, Lwm2mServerRefusal.SMS_NUMBER, f"sms is {text[:20]!r}", subject=text[:20]
        )


def _version(text: str) -> str:
    """One that a server here speaks; any other is 4.12, a later minor one, too (TS Core 1.2, 5.2.1 and 6.2.1)."""
    if text not in VERSIONS:
        if _ANY_VERSION.fullmatch(text):
            raise RequestRefused(
                Code.PRECONDITION_FAILED, Lwm2mServerRefusal.VERSION_UNSUPPORTED,
                f"LwM2M {text} is not spoken here, {', '.join(VERSIONS)} are", subject=text,
            )  # fmt: skip
        raise RequestRefused(
            Code.BAD_REQUEST, Lwm2mServerRefusal.VERSION, f"version (lwm2m) is {text[:20]!r}", subject=text[:20]
        )
    return text


def _objects(content_format: bytes | None, payload: bytes) -> str:
    """The link list as text. ``content_format``: the option's value; one of a wrong length is as good as none."""
    if content_format is not None and content_format not in _LINK_FORMAT and len(content_format) <= 2:
        raise RequestRefused(
            Code.UNSUPPORTED_CONTENT_FORMAT, Lwm2mServerRefusal.OBJECTS_FORMAT,
            "the list of objects is application/link-format (40)",
        )  # fmt: skip
    text = _checked_links(payload)
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
