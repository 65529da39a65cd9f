"""Composite operations between the platform's callers and the wire (LwM2M 1.1 TS Core, 6.3.8 to 6.3.10 and 6.4.4).

One request names paths of several objects in its payload and has no Uri-Path (LwM2M 1.1 TS Transport, 6.4): FETCH reads
and observes, iPATCH writes (RFC 8132). What a device does not have is missing in its answer; that is no error. Knows
formats and plain values; knows no device and no message exchange.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, cast

from nbtwin.coap.events import Request
from nbtwin.coap.link_format import parse as parse_links
from nbtwin.coap.message import Message, options
from nbtwin.coap.numbers import Code
from nbtwin.lwm2m.content import composite
from nbtwin.lwm2m.content.readings import Reading, in_time, node_at
from nbtwin.lwm2m.content.refusals import ContentError, ContentRefusal, UnsupportedFormat
from nbtwin.lwm2m.model import OBJECTS, Node, Objects
from nbtwin.lwm2m.path import Path, PathError, Paths
from nbtwin.lwm2m.secrets import MASK, is_key
from nbtwin.operators.device_management.values import ValueUnreadable, node_to_write, plain

_FORM = "composite"


class NodeReading(NamedTuple):
    """What stands at a path that was asked for, and when it was so, as far as the device says."""

    path: Path
    node: Node
    time: float | None


@lru_cache(maxsize=256)
def composite_format(links: str, version: str) -> int:
    """In which a device is asked, by the formats that its registration names, if it names any (D154)."""
    known = composite.formats_of(version)
    wanted = next((link.first("ct") or "" for link in parse_links(links) if link.target == "/"), "")
    listed = wanted.replace(",", " ").split()
    return next((form for form in known if str(int(form)) in listed), known[0])


# Requests


def read_request(paths: Paths, _: Any, form: int | None, objects: Objects) -> Request:
    return _fetch(paths, form, None)


def observe_request(paths: Paths, _: Any, form: int | None, objects: Objects = OBJECTS) -> Request:
    return _fetch(paths, form, 0)


def cancel_request(paths: Paths, _: Any, form: int | None, objects: Objects) -> Request:
    return _fetch(paths, form, 1)


def _fetch(paths: Paths, form: int | None, observe: int | None) -> Request:
    form = composite.FORMATS[0] if form is None else form
    named = options(content_format=form, accept=form, observe=observe)
    return Request(Code.FETCH, named, composite.encode_paths(form, paths))


def write_request(paths: Paths, values: Mapping[str, Any], form: int | None, objects: Objects) -> Request:
    """``values`` by path: as a write takes them, each."""
    form = composite.FORMATS[0] if form is None else form
    nodes: dict[Path, Node] = {}
    for text, value in values.items():
        path = Path(text)
        nodes[path], objects = node_to_write(path, value, objects)
    return Request(Code.IPATCH, options(content_format=form), composite.encode_values(form, nodes, objects))


# Answers


def has_times(message: Message) -> bool:
    """Whether a notification says when its values were so: it may have several of one resource (D156)."""
    try:
        found = composite.readings_of(message.content_format, message.payload)
    except (ContentError, PathError, UnsupportedFormat):
        return False
    return any(reading.time is not None for reading in found)


def values_of(paths: Paths, message: Message, objects: Objects) -> dict[str, Any]:
    """The plain value at each path that the answer has something of. ValueUnreadable. Keys are masked."""
    found: dict[Path, list[Reading]] = {}
    for path, reading in _by_path(paths, message, objects):
        found.setdefault(path, []).append(reading)
    return {str(path): plain(_node(path, readings, objects)) for path, readings in found.items()}


def readings_of(paths: Paths, message: Message, objects: Objects) -> list[NodeReading]:
    """What the answer or notification has of each path, and for each time, the oldest first. ValueUnreadable."""
    found: dict[tuple[Path, float | None], list[Reading]] = {}
    for path, reading in _by_path(paths, message, objects):
        found.setdefault((path, reading.time), []).append(reading)
    return [NodeReading(path, _node(path, readings, objects), time) for (path, time), readings in found.items()]


def _by_path(paths: Paths, message: Message, objects: Objects) -> list[tuple[Path, Reading]]:
    if not message.payload:
        return []
    try:
        found = in_time(composite.readings_of(message.content_format, message.payload, objects))
    except (ContentError, PathError, UnsupportedFormat) as error:
        raise ValueUnreadable.of(error) from None
    sorted_ = [(path, reading) for reading in found for path in paths if path.covers(reading.path)]
    asked = {reading.path for _, reading in sorted_}
    strange = next((reading for reading in found if reading.path not in asked), None)
    if strange is not None:
        raise ValueUnreadable(ContentRefusal.OUTSIDE, format=_FORM, target=str(strange.path), path=str(paths))
    return sorted_


def _node(path: Path, readings: list[Reading], objects: Objects) -> Node:
    try:
        return _masked(path, node_at(path, readings, objects, _FORM))
    except ContentError as error:
        raise ValueUnreadable.of(error) from None


def _masked(path: Path, node: Node) -> Node:
    if is_key(path):
        return MASK
    if isinstance(node, dict):
        return cast(Node, {id: _masked(path.child(id), cast(Node, child)) for id, child in node.items()})
    return node
