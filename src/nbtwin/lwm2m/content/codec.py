"""What stands at a path, in each content format: text, opaque, TLV, JSON (LwM2M 1.0 TS, 6.4), CBOR and SenML (1.1),
LwM2M CBOR (1.2).

Knows the object tables for the data types; knows no message and no access rights.
"""

from __future__ import annotations

from typing import cast

from nbtwin.coap.numbers import ContentFormat
from nbtwin.lwm2m.content import json_format, lwm2m_cbor, senml, tlv
from nbtwin.lwm2m.content.refusals import ContentError, ContentRefusal, UnsupportedFormat
from nbtwin.lwm2m.content.tlv import TlvEntry, TlvKind
from nbtwin.lwm2m.content.values import decode_value, encode_value, format_value, parse_value
from nbtwin.lwm2m.model import (
    OBJECTS,
    InstanceNode,
    Node,
    ObjectNode,
    Objects,
    ResourceNode,
    ResourceType,
    Value,
)
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path

DRAFT_TEXT, DRAFT_OPAQUE = 1541, 1544
"""Numbers of the drafts before LwM2M 1.0, which are still met (as 1542 and 1543 are)."""
_TEXT = (ContentFormat.TEXT, DRAFT_TEXT)
_OPAQUE = (ContentFormat.OCTET_STREAM, DRAFT_OPAQUE)
_TLV = (ContentFormat.LWM2M_TLV, ContentFormat.OLD_LWM2M_TLV)
_JSON = (ContentFormat.LWM2M_JSON, ContentFormat.OLD_LWM2M_JSON)
FORMATS = frozenset(_TEXT + _OPAQUE + _TLV + _JSON)
"""Of LwM2M 1.0: what a client here speaks. Servers read and write CBOR, SenML and LwM2M CBOR as well."""


def encode(content_format: int, path: Path, node: Node, objects: Objects = OBJECTS) -> bytes:
    """The node at the path in this content format. UnsupportedFormat where the format cannot carry it."""
    if content_format in _TLV:
        return tlv.encode(_entries(path, node, objects))
    if content_format in _JSON:
        return json_format.encode(path, node, objects)
    if content_format == ContentFormat.SENML_JSON:
        return senml.encode_json(path, node, objects)
    if content_format == ContentFormat.SENML_CBOR:
        return senml.encode_cbor(path, node, objects)
    if content_format == ContentFormat.LWM2M_CBOR:
        return lwm2m_cbor.encode({path: node}, objects)
    if content_format in _OPAQUE and len(path) == 3 and isinstance(node, dict) and len(node) == 1:
        (node,) = node.values()  # the one instance of a multiple resource, as servers ask for it
    if isinstance(node, dict) or len(path) < 3:
        raise UnsupportedFormat(ContentRefusal.FORMAT_ONE_VALUE, format=int(content_format), path=str(path))
    type_ = type_at(path, objects)
    if content_format in _TEXT:
        return format_value(type_, node).encode()
    if content_format == ContentFormat.CBOR:
        return lwm2m_cbor.encode_value(path, node, objects)
    if content_format in _OPAQUE and type_ is ResourceType.OPAQUE:
        return encode_value(type_, node)
    raise UnsupportedFormat(ContentRefusal.FORMAT_UNFIT, format=int(content_format), path=str(path))


def decode(content_format: int, path: Path, payload: bytes, objects: Objects = OBJECTS) -> Node:
    """What was read from, or is to be written to, this path. Values of unknown resources stay bytes."""
    if content_format in _TLV:
        return _from_entries(path, tlv.decode(payload), objects)
    if content_format in _JSON:
        return json_format.decode(path, payload, objects)
    if content_format == ContentFormat.SENML_JSON:
        return senml.decode_json(path, payload, objects)
    if content_format == ContentFormat.SENML_CBOR:
        return senml.decode_cbor(path, payload, objects)
    if content_format == ContentFormat.LWM2M_CBOR:
        return lwm2m_cbor.decode(path, payload, objects)
    if content_format == ContentFormat.CBOR and len(path) > 2:
        return lwm2m_cbor.decode_value(path, payload, objects)
    if len(path) < 3 or not (content_format in _TEXT or content_format in _OPAQUE):
        raise UnsupportedFormat(ContentRefusal.FORMAT_UNFIT, format=int(content_format), path=str(path))
    type_ = type_at(path, objects)
    if content_format in _OPAQUE:
        if type_ not in (ResourceType.OPAQUE, ResourceType.NONE):
            raise UnsupportedFormat(ContentRefusal.NOT_OPAQUE, path=str(path))
        return payload
    return parse_value(type_, cast(str, decode_value(ResourceType.STRING, payload)))


def type_at(path: Path, objects: Objects) -> ResourceType:
    """The data type of the resource at (or above) this path; OPAQUE where nobody knows."""
    row = row_at(path, objects)
    return row.type if row is not None else ResourceType.OPAQUE


def _entries(path: Path, node: Node, objects: Objects) -> list[TlvEntry]:
    match len(path):
        case 1:
            instances = cast(ObjectNode, node)
            return [
                TlvEntry(TlvKind.OBJECT_INSTANCE, id, entries=tuple(_entries(path.child(id), instance, objects)))
                for id, instance in sorted(instances.items())
            ]
        case 2:
            resources = cast(InstanceNode, node)
            return [_resource(path.child(id), value, objects) for id, value in sorted(resources.items())]
        case 3:
            return [_resource(path, cast(ResourceNode, node), objects)]
        case 4:
            return [
                TlvEntry(TlvKind.RESOURCE_INSTANCE, path[3], encode_value(type_at(path, objects), cast(Value, node)))
            ]
        case _:
            raise UnsupportedFormat(ContentRefusal.SEVERAL_OBJECTS)


def _resource(path: Path, node: ResourceNode, objects: Objects) -> TlvEntry:
    type_ = type_at(path, objects)
    if not isinstance(node, dict):
        return TlvEntry(TlvKind.RESOURCE, path[2], encode_value(type_, node))
    instances = (
        TlvEntry(TlvKind.RESOURCE_INSTANCE, id, encode_value(type_, value)) for id, value in sorted(node.items())
    )
    return TlvEntry(TlvKind.MULTIPLE_RESOURCE, path[2], entries=tuple(instances))


def _from_entries(path: Path, entries: tuple[TlvEntry, ...], objects: Objects) -> Node:
    match len(path):
        case 1:
            return _instances(path, entries, objects)
        case 2:
            if len(entries) == 1 and entries[0].kind is TlvKind.OBJECT_INSTANCE:  # 6.4.3.1 allows both
                if entries[0].id != path[1]:
                    raise ContentError(ContentRefusal.OTHER_INSTANCE, id=entries[0].id, path=str(path))
                entries = entries[0].entries
            return _resources(path, entries, objects)
        case 3:
            return _one_resource(path, entries, objects)
        case 4 if len(entries) == 1 and entries[0].kind in (TlvKind.RESOURCE_INSTANCE, TlvKind.RESOURCE):
            return decode_value(type_at(path, objects), entries[0].value)
        case _:
            raise ContentError(ContentRefusal.TLV_ELSEWHERE, path=str(path))


def _instances(path: Path, entries: tuple[TlvEntry, ...], objects: Objects) -> ObjectNode:
    instances: ObjectNode = {}
    for entry in entries:
        if entry.kind is not TlvKind.OBJECT_INSTANCE:
            raise ContentError(ContentRefusal.TLV_NO_INSTANCE, kind=entry.kind.name, path=str(path))
        instances[entry.id] = _resources(path.child(entry.id), entry.entries, objects)
    return instances


def _resources(path: Path, entries: tuple[TlvEntry, ...], objects: Objects) -> InstanceNode:
    resources: InstanceNode = {}
    for entry in entries:
        if entry.kind not in (TlvKind.RESOURCE, TlvKind.MULTIPLE_RESOURCE):
            raise ContentError(ContentRefusal.TLV_NO_RESOURCE, kind=entry.kind.name, path=str(path))
        resources[entry.id] = _resource_node(path.child(entry.id), entry, objects)
    return resources


def _resource_node(path: Path, entry: TlvEntry, objects: Objects) -> ResourceNode:
    type_ = type_at(path, objects)
    if entry.kind is TlvKind.MULTIPLE_RESOURCE:
        return {instance.id: decode_value(type_, instance.value) for instance in entry.entries}
    return decode_value(type_, entry.value)


def _one_resource(path: Path, entries: tuple[TlvEntry, ...], objects: Objects) -> ResourceNode:
    if entries and all(entry.kind is TlvKind.RESOURCE_INSTANCE for entry in entries):  # the head left out
        return {entry.id: decode_value(type_at(path, objects), entry.value) for entry in entries}
    if len(entries) != 1 or entries[0].kind not in (TlvKind.RESOURCE, TlvKind.MULTIPLE_RESOURCE):
        raise ContentError(ContentRefusal.ONE_RESOURCE, path=str(path))
    if entries[0].id != path[2]:
        raise ContentError(ContentRefusal.OTHER_RESOURCE, id=entries[0].id, path=str(path))
    return _resource_node(path, entries[0], objects)
