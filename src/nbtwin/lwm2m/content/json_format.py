"""The JSON format of LwM2M 1.0 (TS, 6.4.4): base name, entries with one of ``v``, ``bv``, ``sv``, ``ov``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from nbtwin.engine import UNDECODABLE, DecodeError
from nbtwin.lwm2m.content.values import format_value, parse_value
from nbtwin.lwm2m.model import Node, ObjectLink, Objects, ResourceDefinition, ResourceType, Value
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
    name, type_ = "/".join(map(str, rest)), _row(path, objects)[0]
    match type_:
        case ResourceType.INTEGER | ResourceType.TIME | ResourceType.FLOAT:
            return JsonEntry(n=name, v=cast("int | float", value))
        case ResourceType.BOOLEAN:
            return JsonEntry(n=name, bv=bool(value))
        case ResourceType.OBJLNK:
            return JsonEntry(n=name, ov=str(cast(ObjectLink, value)))
        case _:
            return JsonEntry(n=name, sv=format_value(type_, value))


def _row(path: Path, objects: Objects) -> tuple[ResourceType, bool]:
    definition = objects.get(path[0]) if path else None
    row: ResourceDefinition | None = definition.resources.get(path[2]) if definition and len(path) > 2 else None
    return (row.type, row.multiple) if row else (ResourceType.OPAQUE, False)


def decode(path: Path, payload: bytes, objects: Objects) -> Node:
    """The node at the path. DecodeError for anything else."""
    try:
        document = _decoder.decode(payload)
    except UNDECODABLE as error:
        raise DecodeError(f"JSON: {error}") from None
    root: dict[int, Any] = {}
    for entry in document.e:
        full = Path(document.bn + entry.n if document.bn else str(path) + "/" + entry.n)
        if not path.covers(full) or len(full) < 3:
            raise DecodeError(f"JSON: {full} does not lie under {path}")
        _place(root, full, _value(full, entry, objects), multiple=_row(full, objects)[1])
    return _under(root, path)


def _value(path: Path, entry: JsonEntry, objects: Objects) -> Value:
    type_ = _row(path, objects)[0]
    if entry.sv is not None:
        return parse_value(type_, entry.sv) if type_ in (ResourceType.STRING, ResourceType.OPAQUE) else entry.sv
    if entry.ov is not None:
        return parse_value(ResourceType.OBJLNK, entry.ov)
    given = entry.v if entry.v is not None else entry.bv
    if given is None:
        raise DecodeError(f"JSON: no value for {path}")
    if type_ is ResourceType.FLOAT and not isinstance(given, bool):
        return float(given)
    if type(given) is not {ResourceType.BOOLEAN: bool, ResourceType.INTEGER: int, ResourceType.TIME: int}.get(type_):
        raise DecodeError(f"JSON: {given!r} is no {type_.value}")
    return given


def _place(root: dict[int, Any], path: Path, value: Value, *, multiple: bool) -> None:
    at = root
    for id in path[:-1]:
        at = at.setdefault(id, {})
        if not isinstance(at, dict):
            raise DecodeError(f"JSON: {path} is given both with and without instances")
    if isinstance(at.get(path[-1]), dict):
        raise DecodeError(f"JSON: {path} is given both with and without instances")
    at[path[-1]] = {0: value} if multiple and len(path) == 3 else value


def _under(root: dict[int, Any], path: Path) -> Node:
    node: Any = root
    for id in path:
        if not isinstance(node, dict) or id not in node:
            return {} if len(path) < 3 else _missing(path)
        node = node[id]
    return cast(Node, node)


def _missing(path: Path) -> Node:
    raise DecodeError(f"JSON: no value for {path}")
