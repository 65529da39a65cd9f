"""Values between the platform's callers and the wire: plain JSON values on one side, content formats on the other.

Knows formats and data types; knows no device and no message exchange. Opaque bytes are text where they are text, else
"0x" and hexadecimal digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from nbtwin.coap.link_format import decode as decode_links
from nbtwin.coap.link_format import parse as parse_links
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import ContentFormat
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.content.values import format_value, parse_value
from nbtwin.lwm2m.model import OBJECTS, InstanceNode, Node, ObjectLink, ResourceNode, ResourceType, Value
from nbtwin.lwm2m.path import Path
from nbtwin.operators.inventory.andlink import shown

_OF_INSTANCES = (ContentFormat.LWM2M_TLV, ContentFormat.SENML_CBOR, ContentFormat.SENML_JSON, ContentFormat.LWM2M_JSON)
"""In the order in which the platform likes them."""


def value_of(path: Path, message: Message) -> Any:
    """What an answer carries; None where it carries nothing."""
    if not message.payload:
        return None
    if message.content_format == ContentFormat.LINK_FORMAT:
        return links_of(path, message)
    node = node_of(path, message)
    return shown(message.payload) if node is None else plain(node)


def links_of(path: Path, message: Message) -> Any:
    """The answer to a Discover: a path with its attributes for each link."""
    if not message.payload:
        return None
    try:
        return [{"path": link.target, **dict(link.attributes)} for link in decode_links(message.payload)]
    except DecodeError:
        return shown(message.payload)


def node_of(path: Path, message: Message) -> Node | None:
    """What stands at the path, by the data types; None where the payload is nothing of the kind."""
    content_format = message.content_format
    if content_format is None:
        content_format = ContentFormat.TEXT if len(path) > 2 else ContentFormat.LWM2M_TLV
    try:
        if content_format == ContentFormat.TEXT and not _is_known(path):
            return message.payload.decode()
        return codec.decode(content_format, path, message.payload)
    except (DecodeError, UnicodeDecodeError, codec.UnsupportedFormat):
        return None


def _is_known(path: Path) -> bool:
    """Whether the data type at the path is in the tables."""
    definition = OBJECTS.get(path[0]) if path else None
    return len(path) > 2 and definition is not None and path[2] in definition.resources


def plain(node: Node) -> Any:
    if isinstance(node, dict):
        return {str(id): plain(cast(Node, child)) for id, child in node.items()}
    if isinstance(node, bytes):
        return shown(node)
    return str(node) if isinstance(node, ObjectLink) else node


def texts_of(node: Node | None) -> dict[int, str]:
    """The resources of an instance as text, each; a multiple one's instances with commas between."""
    if not isinstance(node, dict):
        return {}
    found: dict[int, str] = {}
    for id, value in node.items():
        many = value.values() if isinstance(value, dict) else (value,)
        found[id] = ",".join(str(plain(cast(Node, one))) for one in many)
    return found


def opaque_of(path: Path, message: Message) -> bytes:
    """The application's bytes at a resource of object 19, out of whatever they were wrapped in."""
    node = node_of(path, message)
    while isinstance(node, dict) and len(node) == 1:
        node = cast(Node, next(iter(node.values())))
    return node if isinstance(node, bytes) else message.payload


def body_of(path: Path, value: Any, content_format: int | None = None) -> tuple[int, bytes]:
    """Content format and payload of a write. ValueError for a value that does not belong there."""
    if isinstance(value, bytes) and content_format is not None:
        return content_format, value
    if len(path) > 2 and not isinstance(value, Mapping | bytes) and not _is_known(path):
        return ContentFormat.TEXT, (str(int(value)) if isinstance(value, bool) else str(value)).encode()
    node = _node(path, value)
    if content_format is None:
        content_format = _usual_format(path, node)
    try:
        return content_format, codec.encode(content_format, path, node)
    except codec.UnsupportedFormat as error:
        raise ValueError(str(error)) from None


@lru_cache(maxsize=256)
def preferred_format(objects: str) -> int | None:
    """What a registration's link list says of the formats its client reads; None where it says nothing."""
    wanted = next((link.first("ct") or "" for link in parse_links(objects) if link.target == "/"), "")
    listed = wanted.replace(",", " ").split()
    return next((form for form in _OF_INSTANCES if str(int(form)) in listed), None)


def _usual_format(path: Path, node: Node) -> int:
    if len(path) < 3 or isinstance(node, dict):
        return ContentFormat.LWM2M_TLV
    return ContentFormat.OCTET_STREAM if isinstance(node, bytes) else ContentFormat.TEXT


def _node(path: Path, value: Any) -> Node:
    if isinstance(value, Mapping):
        if len(path) > 3:
            raise ValueError(f"{path} is one value")
        children = {_id(id): _node(path.child(_id(id)), child) for id, child in value.items()}
        return cast("ResourceNode | InstanceNode", children)
    if len(path) < 3:
        raise ValueError(f"{path} takes an object of values by number, not {value!r:.40}")
    return _value(path, codec.type_at(path, OBJECTS), value)


def _id(text: Any) -> int:
    try:
        (id,) = Path.from_segments((str(text),))
    except DecodeError as error:
        raise ValueError(str(error)) from None
    return id


def _value(path: Path, type_: ResourceType, value: Any) -> Value:
    try:
        if isinstance(value, bytes):
            return value if type_ is ResourceType.OPAQUE else parse_value(type_, value.decode())
        if type_ is ResourceType.OPAQUE:
            text = str(value)
            return bytes.fromhex(text[2:]) if text.startswith("0x") else text.encode()
        return parse_value(type_, format_value(type_, value) if not isinstance(value, str) else value)
    except (ValueError, TypeError, AttributeError):
        raise ValueError(f"{value!r:.60} is no {type_.value} for {path}") from None
