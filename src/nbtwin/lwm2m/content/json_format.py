"""The JSON format of LwM2M 1.0 (TS, 6.4.4): base name, entries with one of ``v``, ``bv``, ``sv``, ``ov``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from nbtwin.engine import UNDECODABLE
from nbtwin.foreign import detail_of
from nbtwin.lwm2m.content.refusals import ContentError, ContentRefusal
from nbtwin.lwm2m.content.values import fits_64_bits, format_value, parse_value
from nbtwin.lwm2m.model import Node, ObjectLink, Objects, ResourceType, Value
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path


class JsonEntry(msgspec.Struct, omit_defaults=True):
    n: str = ""
    v: int | float | None = None
    bv: bool | None = None
    sv: str | None = None
    ov: str | None = None
    t: int | float | None = None


class JsonDocument(msgspec.Struct, omit_defaults=True):
    e: list[JsonEntry]
    bn: str = ""
    bt: int | float | None = None


_JSON = "JSON"
_decoder = msgspec.json.Decoder(JsonDocument)


def encode(path: Path, node: Node, objects: Objects) -> bytes:
    """LwM2M JSON (1.0 TS, 6.4.4) of the node at the path."""
    depth = len(path)
    entries = [_entry(full, full[depth:], value, objects) for full, value in _leaves(path, node)]
    base = str(path) + "/" if depth < 3 or isinstance(node, dict) else str(path)
    return msgspec.json.encode(JsonDocument(bn=base, e=entries))


def _leaves(path: Path, node: Node) -> Iterator[tuple[Path, Value]]:
    if isinstance(node, dict):
        for id, child in sorted(cast("dict[int, Any]", node).items()):
            yield from _leaves(path.child(id), child)
    else:
        yield path, node


def _entry(path: Path, rest: tuple[int, ...], value: Value, objects: Objects) -> JsonEntry:
    row = row_at(path, objects)
    name, type_ = "/".join(map(str, rest)), row.type if row is not None else ResourceType.OPAQUE
    match type_:
        case ResourceType.INTEGER | ResourceType.UNSIGNED | ResourceType.TIME | ResourceType.FLOAT:
            return JsonEntry(n=name, v=cast("int | float", value))
        case ResourceType.BOOLEAN:
            return JsonEntry(n=name, bv=bool(value))
        case ResourceType.OBJLNK:
            return JsonEntry(n=name, ov=str(cast(ObjectLink, value)))
        case _:
            return JsonEntry(n=name, sv=format_value(type_, value))


def decode(path: Path, payload: bytes, objects: Objects) -> Node:
    """The node at the path. ContentError for anything else."""
    try:
        document = _decoder.decode(payload)
    except UNDECODABLE as error:
        raise ContentError(ContentRefusal.UNDECODABLE, format=_JSON, detail=detail_of(error)) from None
    root: dict[int, Any] = {}
    for entry in document.e:
        full = Path(document.bn + entry.n if document.bn else str(path) + "/" + entry.n)
        if not path.covers(full) or len(full) < 3:
            raise ContentError(ContentRefusal.OUTSIDE, format=_JSON, target=str(full), path=str(path))
        row = row_at(full, objects)
        _place(
            root,
            full,
            _value(full, entry, row.type if row is not None else None),
            multiple=row is not None and row.multiple,
        )
    return _under(root, path)


def _value(path: Path, entry: JsonEntry, type_: ResourceType | None) -> Value:
    """Where no table has the type, the entry says it."""
    if entry.sv is not None:
        return entry.sv if type_ is None else parse_value(type_, entry.sv)
    if entry.ov is not None:
        return parse_value(ResourceType.OBJLNK, entry.ov)
    given = entry.v if entry.v is not None else entry.bv
    if given is None:
        raise ContentError(ContentRefusal.VALUE_MISSING, format=_JSON, path=str(path))
    if type_ is None:
        return given
    if type_ is ResourceType.FLOAT and not isinstance(given, bool):
        return float(given)
    expected = {ResourceType.BOOLEAN: bool, ResourceType.INTEGER: int, ResourceType.TIME: int}.get(type_)
    if type(given) is not expected or not fits_64_bits(given):
        raise ContentError(ContentRefusal.VALUE_TYPE, value=f"{given!r:.40}", type=type_.value)
    return given


def _place(root: dict[int, Any], path: Path, value: Value, *, multiple: bool) -> None:
    at = root
    for id in path[:-1]:
        at = at.setdefault(id, {})
        if not isinstance(at, dict):
            raise ContentError(ContentRefusal.INSTANCES_MIXED, format=_JSON, path=str(path))
    if isinstance(at.get(path[-1]), dict):
        raise ContentError(ContentRefusal.INSTANCES_MIXED, format=_JSON, path=str(path))
    at[path[-1]] = {0: value} if multiple and len(path) == 3 else value


def _under(root: dict[int, Any], path: Path) -> Node:
    node: Any = root
    for id in path:
        if not isinstance(node, dict) or id not in node:
            return {} if len(path) < 3 else _missing(path)
        node = node[id]
    return cast(Node, node)


def _missing(path: Path) -> Node:
    raise ContentError(ContentRefusal.VALUE_MISSING, format=_JSON, path=str(path))
