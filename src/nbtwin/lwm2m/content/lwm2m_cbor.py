"""LwM2M CBOR (LwM2M 1.2 TS Core, 7.4.7): maps in maps, whose keys are identifiers or arrays of several of them.

``{[3, 0]: {0: "x", 6: {0: 1, 1: 5}}}`` and ``{3: {0: {0: "x"}, [0, 6, 0]: 1, ...}}`` say where a value stands with the
keys on the way to it. No times, no units. A path that is only named has null for its value. The root has no name here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import cbor2

from nbtwin.lwm2m.content import cbor
from nbtwin.lwm2m.content.readings import Reading, node_at
from nbtwin.lwm2m.content.refusals import ContentError, ContentRefusal, UnsupportedFormat
from nbtwin.lwm2m.content.values import fits_64_bits, parse_link
from nbtwin.lwm2m.model import Node, ObjectLink, Objects, ResourceType, Value
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import DEEPEST, HIGHEST_ID, Path

FORM = "LwM2M CBOR"
_LONGEST = 40
"""Characters of what somebody sent in an error."""


def decode(path: Path, payload: bytes, objects: Objects) -> Node:
    """The node at the path. ContentError for anything else."""
    found = readings(payload, objects)
    for reading in found:
        if not path.covers(reading.path):
            raise ContentError(ContentRefusal.OUTSIDE, format=FORM, target=str(reading.path), path=str(path))
    return node_at(path, found, objects, FORM)


def readings(payload: bytes, objects: Objects, *, named: bool = False) -> list[Reading]:
    """All values. ``named``: paths without values are wanted, and nothing else."""
    document = cbor.read(payload, FORM)
    if not isinstance(document, Mapping):
        raise ContentError(ContentRefusal.NO_MAP, format=FORM)
    found: dict[Path, Reading] = {}
    for path, given in _leaves((), document):
        if path in found:
            raise ContentError(ContentRefusal.VALUE_COUNT, format=FORM, count=2, path=str(path))
        if given is None or named:
            if given is not None or not named:
                raise ContentError(ContentRefusal.VALUE_COUNT, format=FORM, count=int(named), path=str(path))
            found[path] = Reading(path, None)
        elif len(path) < 3:
            raise ContentError(ContentRefusal.OUTSIDE, format=FORM, target=str(path), path="/")
        else:
            found[path] = Reading(path, _value(path, given, objects))
    return list(found.values())


def _leaves(above: tuple[int, ...], node: Mapping[Any, Any]) -> Iterator[tuple[Path, Any]]:
    for key, child in node.items():
        ids = key if isinstance(key, tuple) else (key,)
        if not ids or not all(type(id) is int and 0 <= id <= HIGHEST_ID for id in ids):
            raise ContentError(ContentRefusal.KEY, format=FORM, value=_said(key))
        path = (*above, *ids)
        if len(path) > DEEPEST:
            raise ContentError(ContentRefusal.KEY, format=FORM, value=_said(path))
        if isinstance(child, Mapping):
            yield from _leaves(path, child)
        else:
            yield Path(path), child


def _value(path: Path, given: Any, objects: Objects) -> Value:
    row = row_at(path, objects)
    type_ = row.type if row is not None else None
    match given:
        case bool() if type_ in (ResourceType.BOOLEAN, None):
            return given
        case bool():
            pass
        case int() | float() if type_ is ResourceType.FLOAT:
            return float(given)
        case int() | float() if type_ in (ResourceType.INTEGER, ResourceType.TIME):
            if fits_64_bits(given) and given == int(given):
                return int(given)
        case int() | float() if type_ is ResourceType.UNSIGNED:
            if 0 <= given < 1 << 64 and given == int(given):
                return int(given)
        case int() if type_ is None and fits_64_bits(given):
            return given
        case float() if type_ is None:
            return given
        case str() if type_ is ResourceType.OBJLNK:
            return parse_link(given)
        case str() if type_ in (ResourceType.STRING, ResourceType.CORELNK, None):
            return given
        case bytes() if type_ in (ResourceType.OPAQUE, None):
            return given
    raise ContentError(ContentRefusal.CBOR_TYPE, value=_said(given), path=str(path), type=type_.value if type_ else "")


def _said(given: Any) -> str:
    return f"{given!r:.{_LONGEST}}"


def decode_value(path: Path, payload: bytes, objects: Objects) -> Value:
    """One value without keys: the format that is called CBOR (LwM2M 1.1 TS Core, 7.4.3)."""
    return _value(path, cbor.read(payload, "CBOR"), objects)


# Writing


def encode_value(path: Path, value: Value, objects: Objects) -> bytes:
    """One value without keys."""
    return cbor2.dumps(_shown(path, value, objects))


def encode(nodes: Mapping[Path, Node], objects: Objects) -> bytes:
    """What stands at each of the paths."""
    return cbor2.dumps({_key(path): _shown(path, node, objects) for path, node in nodes.items()})


def encode_paths(paths: Iterable[Path]) -> bytes:
    """The paths alone."""
    return cbor2.dumps({_key(path): None for path in paths})


def _key(path: Path) -> int | tuple[int, ...]:
    if not path:
        raise UnsupportedFormat(ContentRefusal.FORMAT_UNFIT, format=11544, path="/")
    return tuple(path) if len(path) > 1 else path[0]


def _shown(path: Path, node: Node, objects: Objects) -> Any:
    if isinstance(node, dict):
        children = sorted(cast("dict[int, Any]", node).items())
        return {id: _shown(path.child(id), child, objects) for id, child in children}
    if isinstance(node, ObjectLink):
        return str(node)
    row = row_at(path, objects)
    if row is not None and row.type is ResourceType.BOOLEAN:
        return bool(node)
    if row is not None and row.type is ResourceType.OPAQUE and isinstance(node, str):
        return node.encode()
    return node
