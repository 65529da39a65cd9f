"""What Send carries (LwM2M 1.1 TS Core, 6.4.6): values with their paths and times, unasked, at `/dp`.

Knows the payload and what is refused of it; must not know who sends it, nor what becomes of the values.
"""

from __future__ import annotations

from functools import lru_cache

from nbtwin.coap.link_format import parse as parse_links
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import composite
from nbtwin.lwm2m.content.readings import Reading, in_time
from nbtwin.lwm2m.content.refusals import ContentError
from nbtwin.lwm2m.model import Objects
from nbtwin.lwm2m.path import Path, PathError
from nbtwin.lwm2m.server.refusals import RequestRefused
from nbtwin.operators.refusals import SendRefusal

FORMATS = composite.FORMATS
READINGS_AT_MOST = 1000
"""Of one Send: each is a line of history."""


class UnreadableSend(RequestRefused):
    """Its payload is not what its Content-Format says, or not a value of its path."""

    def __init__(self, error: ContentError | PathError) -> None:
        super().__init__(Code.BAD_REQUEST, SendRefusal.UNREADABLE, str(error.code))
        self.why = error.data


def readings_of(message: Message, links: str, version: str, objects: Objects) -> list[Reading]:
    """The oldest first. RequestRefused: 4.15 another format, 4.00 unreadable, 4.13 too many, 4.04 an unknown object.

    ``links`` and ``version``: what the device registered. All of a Send is taken, or nothing (D155).
    """
    form = message.content_format
    if form not in composite.formats_of(version):
        subject = "" if form is None else str(form)
        raise RequestRefused(
            Code.UNSUPPORTED_CONTENT_FORMAT, SendRefusal.FORMAT, "Send takes SenML or LwM2M CBOR", subject=subject
        )
    try:
        found = composite.readings_of(form, message.payload, objects)
    except (ContentError, PathError) as error:
        raise UnreadableSend(error) from None
    if not found:
        raise RequestRefused(Code.BAD_REQUEST, SendRefusal.EMPTY, "nothing is sent")
    if len(found) > READINGS_AT_MOST:
        raise RequestRefused(
            Code.REQUEST_ENTITY_TOO_LARGE, SendRefusal.TOO_MANY, f"{READINGS_AT_MOST} values are the most",
            limit=READINGS_AT_MOST,
        )  # fmt: skip
    registered = _objects_in(links)
    unknown = next((reading.path for reading in found if reading.path[0] not in registered), None)
    if unknown is not None:
        raise RequestRefused(
            Code.NOT_FOUND, SendRefusal.OBJECT, f"object {unknown[0]} is not registered", subject=f"/{unknown[0]}"
        )
    return in_time(found)


@lru_cache(maxsize=1024)  # a fleet of one model sends one list
def _objects_in(links: str) -> frozenset[int]:
    found: set[int] = set()
    for link in parse_links(links):
        try:
            found.update(Path(link.target)[:1])
        except DecodeError:
            continue  # a link that means nothing to us
    return frozenset(found)
