"""SenML JSON and SenML CBOR (RFC 8428) as LwM2M 1.1 uses them (TS Core 1.1, 7.4.4 and 7.4.5).

Knows records: base name, name, one value. Times and nodes are read over; what stands at a path is what counts. Bytes
from the network are bounded before anything is made of them: CBOR nests `DEEPEST` levels at the most, its tags are read
over (RFC 8949 3.4: a reader that knows the format needs none), and nothing may follow the one value.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, cast

import cbor2
import msgspec

from nbtwin.engine import UNDECODABLE
from nbtwin.lwm2m.content.refusals import ContentError, ContentRefusal
from nbtwin.lwm2m.model import Node, ObjectLink, Objects, ResourceDefinition, ResourceType, Value
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path

_LABELS = {-2: "bn", 0: "n", 2: "v", 3: "vs", 4: "vb", 8: "vd"}  # RFC 8428 6, table 4
_NUMBERS = {name: number for number, name in _LABELS.items()}
_VALUES = ("v", "vs", "vb", "vd", "vlo")
_LARGEST = 1 << 63
DEEPEST = 8
"""Levels of CBOR; SenML needs three."""
_LONGEST = 40
"""Characters of what somebody sent in an error."""
_SENML = "SenML"
_BASE_VERSION, _HIGHEST_VERSION = "bver", 10


def decode_json(path: Path, payload: bytes, objects: Objects) -> Node:
    """The node at the path. ContentError for anything else."""
    try:
        document = msgspec.json.decode(payload)
    except UNDECODABLE as error:
        raise ContentError(ContentRefusal.UNDECODABLE, format="SenML JSON", detail=str(error)) from None
    return _decode(path, document, objects)


def decode_cbor(path: Path, payload: bytes, objects: Objects) -> Node:
    """The node at the path. ContentError for anything else."""
    document = _read_cbor(payload)
    if not isinstance(document, list) or not all(isinstance(record, dict) for record in document):
        raise ContentError(ContentRefusal.NO_RECORDS, format="SenML CBOR")
    named = [{_LABELS.get(key, key): value for key, value in record.items()} for record in document]
    return _decode(path, named, objects)


class _AnyTag(dict[int, Any]):
    """What `cbor2` is to do for a tag, whatever its number: give what it marks. No dates, references or big numbers."""

    def __missing__(self, tag: int) -> Any:
        return lambda value, immutable: value


_TAGS = _AnyTag()


def _read_cbor(payload: bytes) -> Any:
    stream = BytesIO(payload)
    try:
        document = cbor2.CBORDecoder(stream, max_depth=DEEPEST, semantic_decoders=_TAGS).decode()
    except (cbor2.CBORError, RecursionError) as error:
        raise ContentError(ContentRefusal.UNDECODABLE, format="SenML CBOR", detail=str(error)) from None
    if stream.tell() != len(payload):
        raise ContentError(ContentRefusal.BYTES_LEFT, format="SenML CBOR", count=len(payload) - stream.tell())
    return document


def _decode(path: Path, document: Any, objects: Objects) -> Node:
    if not isinstance(document, list) or not all(isinstance(record, dict) for record in document):
        raise ContentError(ContentRefusal.NO_RECORDS, format=_SENML)
    root: dict[int, Any] = {}
    base = ""
    for record in document:
        _check_labels(record)
        base = _text(record.get("bn", base))
        values = [label for label in _VALUES if label in record]
        if not values and "n" not in record:
            continue  # base values alone
        full = Path(base + _text(record.get("n", "")))
        if not path.covers(full) or len(full) < 3:
            raise ContentError(ContentRefusal.OUTSIDE, format=_SENML, target=str(full), path=str(path))
        if len(values) != 1:
            raise ContentError(ContentRefusal.VALUE_COUNT, format=_SENML, count=len(values), path=str(full))
        _place(root, full, _value(full, values[0], record[values[0]], objects), row_at(full, objects))
    return _under(root, path)


def _check_labels(record: Mapping[Any, Any]) -> None:
    for label in record:
        if not isinstance(label, int | str):
            raise ContentError(ContentRefusal.LABEL_KIND)
        if isinstance(label, str) and label.endswith("_"):
            raise ContentError(ContentRefusal.LABEL_UNKNOWN, label=label[:_LONGEST])  # RFC 8428 4.4
    version = record.get(_BASE_VERSION, record.get(-1, _HIGHEST_VERSION))
    if isinstance(version, bool) or not isinstance(version, int) or version > _HIGHEST_VERSION:
        raise ContentError(ContentRefusal.VERSION, version=_said(version))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ContentError(ContentRefusal.NO_NAME, value=_said(value))
    return value


def _said(given: Any) -> str:
    return f"{given!r:.{_LONGEST}}"


def _value(path: Path, label: str, given: Any, objects: Objects) -> Value:
    row = row_at(path, objects)
    type_ = row.type if row is not None else None
    number = isinstance(given, int | float) and not isinstance(given, bool) and -_LARGEST <= given < _LARGEST
    match label:
        case "vb" if isinstance(given, bool) and type_ in (ResourceType.BOOLEAN, None):
            return given
        case "v" if number and type_ is ResourceType.FLOAT:
            return float(given)
        case "v" if number and type_ in (ResourceType.INTEGER, ResourceType.TIME) and given == int(given):
            return int(given)
        case "v" if type_ is ResourceType.UNSIGNED and _is_unsigned(given):
            return int(given)
        case "v" if number and type_ is None:
            return cast(Value, given)
        case "vs" if isinstance(given, str) and type_ in (ResourceType.STRING, ResourceType.CORELNK, None):
            return given
        case "vlo" if isinstance(given, str) and type_ in (ResourceType.OBJLNK, None):
            return _link(given)
        case "vd" if type_ in (ResourceType.OPAQUE, None):
            return _opaque(given)
    named = type_.value if type_ else ""
    raise ContentError(ContentRefusal.LABEL_TYPE, label=label, value=_said(given), path=str(path), type=named)


def _is_unsigned(given: Any) -> bool:
    number = isinstance(given, int | float) and not isinstance(given, bool)
    return number and 0 <= given < 2 * _LARGEST and given == int(given)


def _link(text: str) -> ObjectLink:
    object_id, colon, instance_id = text.partition(":")
    if not (colon and object_id.isdigit() and instance_id.isdigit()):
        raise ContentError(ContentRefusal.NO_LINK, value=text[:_LONGEST])
    return ObjectLink(int(object_id), int(instance_id))


def _opaque(given: Any) -> bytes:
    """In JSON: base64 for URLs, without padding (RFC 8428 4.3)."""
    if isinstance(given, bytes):
        return given
    try:
        return base64.urlsafe_b64decode(_text(given) + "=" * (-len(_text(given)) % 4))
    except (ValueError, binascii.Error):
        raise ContentError(ContentRefusal.NO_BASE64URL) from None


def _place(root: dict[int, Any], path: Path, value: Value, row: ResourceDefinition | None) -> None:
    at = root
    for id in path[:-1]:
        at = at.setdefault(id, {})
        if not isinstance(at, dict):
            raise ContentError(ContentRefusal.INSTANCES_MIXED, format=_SENML, path=str(path))
    if isinstance(at.get(path[-1]), dict):
        raise ContentError(ContentRefusal.INSTANCES_MIXED, format=_SENML, path=str(path))
    at[path[-1]] = {0: value} if row is not None and row.multiple and len(path) == 3 else value


def _under(root: dict[int, Any], path: Path) -> Node:
    node: Any = root
    for id in path:
        if not isinstance(node, dict) or id not in node:
            if len(path) < 3:
                return {}
            raise ContentError(ContentRefusal.VALUE_MISSING, format=_SENML, path=str(path))
        node = node[id]
    return cast(Node, node)


# Writing


def encode_json(path: Path, node: Node, objects: Objects) -> bytes:
    """One record a value, the base name in the first."""
    return msgspec.json.encode([_plain(record) for record in _records(path, node, objects)])


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    data = record.get("vd")
    if isinstance(data, bytes):
        record["vd"] = base64.urlsafe_b64encode(data).decode().rstrip("=")
    return record


def encode_cbor(path: Path, node: Node, objects: Objects) -> bytes:
    """As `encode_json`, labels as numbers (RFC 8428 6)."""
    return cbor2.dumps(
        [{_NUMBERS.get(label, label): value for label, value in r.items()} for r in _records(path, node, objects)]
    )


def _records(path: Path, node: Node, objects: Objects) -> list[dict[str, Any]]:
    """The base name stands in the first record alone; one value needs no other name."""
    leaves = list(_leaves(path, node))
    single = len(leaves) == 1 and leaves[0][0] == path
    base = str(path) if single or not path else f"{path}/"
    records: list[dict[str, Any]] = []
    for full, value in leaves:
        label, shown = _labelled(full, value, objects)
        name = {} if single else {"n": "/".join(map(str, full[len(path) :]))}
        records.append({**({} if records else {"bn": base}), **name, label: shown})
    return records


def _leaves(path: Path, node: Node) -> Iterator[tuple[Path, Value]]:
    if isinstance(node, dict):
        for id, child in sorted(cast("dict[int, Any]", node).items()):
            yield from _leaves(path.child(id), child)
    else:
        yield path, node


def _labelled(path: Path, value: Value, objects: Objects) -> tuple[str, Any]:
    row = row_at(path, objects)
    if isinstance(value, bool) or (row is not None and row.type is ResourceType.BOOLEAN):
        return "vb", bool(value)
    if isinstance(value, ObjectLink):
        return "vlo", str(value)
    if isinstance(value, int | float):
        return "v", value
    if isinstance(value, bytes) or (row is not None and row.type is ResourceType.OPAQUE):
        return "vd", value if isinstance(value, bytes) else str(value).encode()
    return "vs", value
