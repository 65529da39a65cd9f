"""Values between the platform's callers and the wire: plain JSON values on one side, content formats on the other.

Knows formats and data types; knows no device and no message exchange. Opaque bytes are text where they are text, else
"0x" and hexadecimal digits. A value of a resource that is in no table goes out as plain text, which needs no type, or
with the type that its caller names: ``{"type": "float", "value": 21}``. Else it is refused: bytes would be a guess.
A value that its resource's definition does not take (another type, out of its range) is refused as well, and an
operation that the definition does not allow is not: the device answers that (D152).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import Any, Self, cast

from nbtwin.coap.link_format import LinkError
from nbtwin.coap.link_format import decode as decode_links
from nbtwin.coap.link_format import parse as parse_links
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import ContentFormat
from nbtwin.engine import CodedError, DecodeError
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.content.composite import formats_of
from nbtwin.lwm2m.content.refusals import ContentError, UnsupportedFormat
from nbtwin.lwm2m.content.values import decode_value, format_value, parse_value
from nbtwin.lwm2m.model import (
    OBJECTS,
    AllowedOperations,
    InstanceNode,
    Node,
    ObjectDefinition,
    ObjectLink,
    Objects,
    ResourceDefinition,
    ResourceNode,
    ResourceType,
    Value,
)
from nbtwin.lwm2m.objects.limits import limits_of
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path, PathError
from nbtwin.lwm2m.versions import V1_1, is_since
from nbtwin.operators.inventory.andlink import shown
from nbtwin.operators.refusals import PlatformError, PlatformRefusal, WriteRefusal

_LONGEST = 60
"""Characters of a value that are told again."""
_ARGUMENT = r"[0-9](?:='[!#-&(-\[\]-~ ]*')?"
_ARGUMENTS = re.compile(rf"{_ARGUMENT}(?:,{_ARGUMENT})*")
_PLAIN = (str, int, float)
_OF_INSTANCES = (ContentFormat.LWM2M_TLV, ContentFormat.SENML_CBOR, ContentFormat.SENML_JSON, ContentFormat.LWM2M_JSON)
"""In the order in which the platform likes them."""


class ValueUnreadable(CodedError, ValueError):
    """A successful answer, or a notification, whose payload is no value of what stands at its path (D131)."""

    @classmethod
    def of(cls, error: CodedError) -> Self:
        return cls(error.code, **error.fields)


def value_of(path: Path, message: Message, objects: Objects = OBJECTS) -> Any:
    """What an answer carries; None where it carries nothing. ValueUnreadable."""
    if not message.payload and (len(path) < 3 or message.content_format is None):
        return None
    if message.content_format == ContentFormat.LINK_FORMAT:
        return links_of(path, message)
    return plain(node_of(path, message, objects))


def text_of(path: Path, message: Message, objects: Objects = OBJECTS) -> Any:
    """What a device may say beside its 2.xx where no value is asked for."""
    return shown(message.payload) if message.payload else None


def links_of(path: Path, message: Message, objects: Objects = OBJECTS) -> Any:
    """The answer to a Discover: a path with its attributes for each link. ValueUnreadable."""
    if not message.payload:
        return None
    try:
        return [{"path": link.target, **dict(link.attributes)} for link in decode_links(message.payload)]
    except LinkError as error:
        raise ValueUnreadable.of(error) from None


def node_of(path: Path, message: Message, objects: Objects = OBJECTS) -> Node:
    """What stands at the path, by the data types. ValueUnreadable where the payload is nothing of the kind.

    Any bytes are a value of an opaque resource, and of one that is in no table: in a format that is not LwM2M's they
    are the value, and so is text that is not base64 as appendix C wants it.
    """
    content_format = message.content_format
    if content_format is None:
        content_format = ContentFormat.TEXT if len(path) > 2 else ContentFormat.LWM2M_TLV
    try:
        if content_format == ContentFormat.TEXT and len(path) > 2 and not _is_known(path, objects):
            return cast(str, decode_value(ResourceType.STRING, message.payload))
        return codec.decode(content_format, path, message.payload, objects)
    except (ContentError, PathError, UnsupportedFormat) as error:
        is_opaque = len(path) > 2 and codec.type_at(path, objects) is ResourceType.OPAQUE
        if is_opaque and content_format not in _OF_INSTANCES:
            return message.payload
        raise ValueUnreadable.of(error) from None


def _is_known(path: Path, objects: Objects) -> bool:
    """Whether the data type at the path is in the tables."""
    return row_at(path, objects) is not None


def plain(node: Node) -> Any:
    """As JSON has it, which has no infinite numbers."""
    if isinstance(node, dict):
        return {str(id): plain(cast(Node, child)) for id, child in node.items()}
    if isinstance(node, bytes):
        return shown(node)
    if isinstance(node, float) and not isfinite(node):
        return str(node)
    return str(node) if isinstance(node, ObjectLink) else node


def texts_of(node: Node) -> dict[int, str]:
    """The resources of an instance as text, each; a multiple one's instances with commas between."""
    if not isinstance(node, dict):
        return {}
    found: dict[int, str] = {}
    for id, value in node.items():
        many = value.values() if isinstance(value, dict) else (value,)
        found[id] = ",".join(str(plain(cast(Node, one))) for one in many)
    return found


def opaque_of(path: Path, message: Message, objects: Objects = OBJECTS) -> bytes:
    """The application's bytes at a resource of object 19, out of whatever they were wrapped in. ValueUnreadable."""
    node = unwrapped(node_of(path, message, objects))
    if not isinstance(node, bytes):
        count = len(node) if isinstance(node, dict) else 0
        raise ValueUnreadable(PlatformRefusal.VALUES_NOT_ONE, count=count, path=str(path))
    return node


def unwrapped(node: Node) -> Node:
    """The one value that stands there alone, in whatever it stands."""
    while isinstance(node, dict) and len(node) == 1:
        node = cast(Node, next(iter(node.values())))
    return node


class TypeUnknown(ValueError):
    """The format needs a data type, and neither a table nor the caller names one."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"the data type of {path} is not known")
        self.path = path


def body_of(path: Path, value: Any, content_format: int | None = None, objects: Objects = OBJECTS) -> tuple[int, bytes]:
    """Content format and payload of a write. ValueError for a value that does not belong there."""
    if isinstance(value, bytes) and content_format is not None:
        return content_format, value
    is_plain = len(path) > 2 and not isinstance(value, Mapping | bytes) and not _is_known(path, objects)
    if is_plain and content_format in (None, ContentFormat.TEXT):
        return ContentFormat.TEXT, (str(int(value)) if isinstance(value, bool) else str(value)).encode()
    objects = _with_named_types(path, value, objects)
    node = _node(path, value, objects)
    if content_format is None:
        content_format = _usual_format(path, node)
    return content_format, codec.encode(content_format, path, node, objects)


def node_to_write(path: Path, value: Any, objects: Objects) -> tuple[Node, Objects]:
    """What is to be written there, and the tables with what the caller says of types. ValueError as `body_of`."""
    objects = _with_named_types(path, value, objects)
    return _node(path, value, objects), objects


@lru_cache(maxsize=256)
def preferred_format(links: str, version: str) -> int | None:
    """In which several values are written, by the formats that a registration names; None where it says nothing.

    From LwM2M 1.1 on TLV is of yesterday (TS Core 1.2, 7.4): SenML comes first, also where nothing is said (D157).
    """
    wanted = next((link.first("ct") or "" for link in parse_links(links) if link.target == "/"), "")
    listed = wanted.replace(",", " ").split()
    if not is_since(version, V1_1):
        return next((form for form in _OF_INSTANCES if str(int(form)) in listed), None)
    known = formats_of(version)
    liked = (*known, *(form for form in _OF_INSTANCES if form not in known))
    return next((form for form in liked if str(int(form)) in listed), known[0])


def is_structured(path: Path, value: Any) -> bool:
    """Whether a write has several values: an object's, an instance's, those of a resource."""
    return len(path) < 3 or (isinstance(value, Mapping) and set(value) != {"type", "value"})


def _usual_format(path: Path, node: Node) -> int:
    if len(path) < 3 or isinstance(node, dict):
        return ContentFormat.LWM2M_TLV
    return ContentFormat.OCTET_STREAM if isinstance(node, bytes) else ContentFormat.TEXT


def _named(value: Any) -> tuple[ResourceType, Any] | None:
    """The type and the value of one whose caller names its type."""
    if not isinstance(value, Mapping) or set(value) != {"type", "value"}:
        return None
    found = next((type_ for type_ in ResourceType if type_.value.lower() == str(value["type"]).lower()), None)
    if found is None or found is ResourceType.NONE:
        raise PlatformError(WriteRefusal.NO_TYPE, type=str(value["type"])[:_LONGEST])
    return found, value["value"]


def _with_named_types(path: Path, value: Any, objects: Objects) -> Objects:
    """The tables, and what the caller says of resources that are not in them."""
    found: dict[int, tuple[ResourceType, bool]] = {}  # and whether instances of it are named

    def look(at: Path, child: Any) -> None:
        named = _named(child)
        if named is not None and len(at) > 2:
            found.setdefault(at[2], (named[0], len(at) > 3))
        elif isinstance(child, Mapping):
            for id, one in child.items():
                look(at.child(_id(id)), one)

    look(path, value)
    unknown = {id: said for id, said in found.items() if not _is_known(Path((path[0], 0, id)), objects)}
    if not unknown:
        return objects
    known = objects.get(path[0])
    rows = {id: ResourceDefinition(id, "", type_, AllowedOperations.RW, many) for id, (type_, many) in unknown.items()}
    resources = {**(known.resources if known is not None else {}), **rows}
    return {**objects, path[0]: ObjectDefinition(path[0], known.name if known is not None else "", resources)}


def _node(path: Path, value: Any, objects: Objects) -> Node:
    named = _named(value)
    if named is not None and len(path) > 2:
        type_, value = named
        if type_ is not codec.type_at(path, objects):
            raise PlatformError(WriteRefusal.OTHER_TYPE, path=str(path), type=type_.value)
    row = row_at(path, objects)
    if isinstance(value, Mapping):
        if len(path) > 3:
            raise PlatformError(WriteRefusal.ONE_VALUE, path=str(path))
        if len(path) == 3 and row is not None and not row.multiple and set(map(str, value)) != {"0"}:
            raise PlatformError(WriteRefusal.NOT_MULTIPLE, path=str(path))
        children = {_id(id): _node(path.child(_id(id)), child, objects) for id, child in value.items()}
        return cast("ResourceNode | InstanceNode", children)
    if len(path) < 3:
        raise PlatformError(WriteRefusal.NO_OBJECT, path=str(path), value=str(value)[:_LONGEST])
    if row is None and not isinstance(value, bytes) and not _is_hexadecimal(value):
        raise TypeUnknown(path)
    found = _value(path, codec.type_at(path, objects), value)
    return found if row is None else _within(path, row, found)


def _within(path: Path, row: ResourceDefinition, value: Value) -> Value:
    """The value, if its resource takes it."""
    limits = limits_of(row)
    if limits is None or limits.allow(value):
        return value
    if limits.by_length:
        length = len(value if isinstance(value, bytes) else str(value).encode())
        raise PlatformError(WriteRefusal.OTHER_LENGTH, length=length, path=str(path), range=row.range)
    shown, unit = str(value)[:_LONGEST], row.unit
    raise PlatformError(WriteRefusal.OUT_OF_RANGE, value=shown, path=str(path), range=row.range, unit=unit)


def arguments_of(text: str) -> str:
    """Of an execution, as they are sent (LwM2M 1.0 TS, 5.4.5): ``0='on',1``. PlatformError for what are none."""
    if text and _ARGUMENTS.fullmatch(text) is None:
        raise PlatformError(WriteRefusal.NO_ARGUMENTS)  # they are not told again: there may be keys in them
    return text


def _is_hexadecimal(value: Any) -> bool:
    """Written as opaque bytes are."""
    return isinstance(value, str) and value.startswith("0x")


def _id(text: Any) -> int:
    try:
        (id,) = Path.from_segments((str(text),))
    except DecodeError:
        raise PlatformError(WriteRefusal.NO_NUMBER, value=str(text)[:_LONGEST]) from None
    return id


def _loosely(type_: ResourceType, value: Any) -> Any:
    """Where JSON's type is another: 0 and 1 are booleans too. ValueError for all else."""
    if type_ is ResourceType.BOOLEAN and (isinstance(value, str) or value in (0, 1)):
        return value
    raise ValueError(value)


def _value(path: Path, type_: ResourceType, value: Any) -> Value:
    try:
        if isinstance(value, bytes):
            return value if type_ is ResourceType.OPAQUE else parse_value(type_, value.decode())
        if not isinstance(value, _PLAIN) or isinstance(value, bool) is not (type_ is ResourceType.BOOLEAN):
            value = _loosely(type_, value)
        if type_ is ResourceType.OPAQUE:
            text = str(value)
            return bytes.fromhex(text[2:]) if text.startswith("0x") else text.encode()
        return parse_value(type_, format_value(type_, value) if not isinstance(value, str) else value)
    except (ValueError, TypeError, AttributeError):
        shown = str(value)[:_LONGEST]
        raise PlatformError(WriteRefusal.NO_VALUE, value=shown, type=type_.value, path=str(path)) from None
