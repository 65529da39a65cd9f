"""SenML JSON and SenML CBOR (RFC 8428) as LwM2M 1.1 uses them (TS Core 1.1, 7.4.4 and 7.4.5).

Knows records: base name, base time, name, time, one value. Units are read over: the resource has its own. A base value
is refused, for it would change a value, and LwM2M uses none. How CBOR is read is `cbor`.
"""

from __future__ import annotations

import base64
import binascii
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import cbor2
import msgspec

from nbtwin.engine import UNDECODABLE
from nbtwin.foreign import detail_of
from nbtwin.lwm2m.content import cbor
from nbtwin.lwm2m.content.readings import Reading, node_at
from nbtwin.lwm2m.content.refusals import ContentError, ContentRefusal
from nbtwin.lwm2m.content.values import parse_link
from nbtwin.lwm2m.model import Node, ObjectLink, Objects, ResourceType, Value
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path

_LABELS = {-5: "bv", -3: "bt", -2: "bn", 0: "n", 2: "v", 3: "vs", 4: "vb", 6: "t", 8: "vd"}  # RFC 8428 6, table 4
_NUMBERS = {name: number for number, name in _LABELS.items()}
_VALUES = ("v", "vs", "vb", "vd", "vlo")
_LARGEST = 1 << 63
_LATEST = 1 << 40
"""Seconds since 1970: some thirty thousand years."""
_LONGEST = 40
"""Characters of what somebody sent in an error."""
_SENML = "SenML"
_BASE_VERSION, _HIGHEST_VERSION = "bver", 10


def decode_json(path: Path, payload: bytes, objects: Objects) -> Node:
    """The node at the path. ContentError for anything else."""
    return _node(path, readings_json(payload, objects), objects)


def decode_cbor(path: Path, payload: bytes, objects: Objects) -> Node:
    """The node at the path. ContentError for anything else."""
    return _node(path, readings_cbor(payload, objects), objects)


def _node(path: Path, readings: list[Reading], objects: Objects) -> Node:
    for reading in readings:
        if not path.covers(reading.path):
            raise ContentError(ContentRefusal.OUTSIDE, format=_SENML, target=str(reading.path), path=str(path))
    return node_at(path, readings, objects, _SENML)


def readings_json(payload: bytes, objects: Objects, *, named: bool = False) -> list[Reading]:
    """All records with their names and times resolved (RFC 8428 4.6). ``named``: paths without values are wanted."""
    try:
        document = msgspec.json.decode(payload)
    except UNDECODABLE as error:
        raise ContentError(ContentRefusal.UNDECODABLE, format="SenML JSON", detail=detail_of(error)) from None
    return _readings(document, objects, named)


def readings_cbor(payload: bytes, objects: Objects, *, named: bool = False) -> list[Reading]:
    """As `readings_json`."""
    document = cbor.read(payload, "SenML CBOR")
    if not isinstance(document, list) or not all(isinstance(record, dict) for record in document):
        raise ContentError(ContentRefusal.NO_RECORDS, format="SenML CBOR")
    return _readings([{_LABELS.get(key, key): value for key, value in r.items()} for r in document], objects, named)


def _readings(document: Any, objects: Objects, named: bool) -> list[Reading]:
    if not isinstance(document, list) or not all(isinstance(record, dict) for record in document):
        raise ContentError(ContentRefusal.NO_RECORDS, format=_SENML)
    found: list[Reading] = []
    base, base_time = "", None
    for record in document:
        _check_labels(record)
        base = _text(record.get("bn", base))
        base_time = _time(record["bt"]) if "bt" in record else base_time
        values = [label for label in _VALUES if label in record]
        if not values and "n" not in record and not (named and "bn" in record):
            continue  # base values alone
        path = Path(base + _text(record.get("n", "")))
        if len(values) != (not named):
            raise ContentError(ContentRefusal.VALUE_COUNT, format=_SENML, count=len(values), path=str(path))
        if named:
            found.append(Reading(path, None))
            continue
        if len(path) < 3:
            raise ContentError(ContentRefusal.OUTSIDE, format=_SENML, target=str(path), path="/")
        time = _time(record["t"]) + (base_time or 0) if "t" in record else base_time
        found.append(Reading(path, _value(path, values[0], record[values[0]], objects), time))
    return found


def _check_labels(record: Mapping[Any, Any]) -> None:
    for label in record:
        if not isinstance(label, int | str):
            raise ContentError(ContentRefusal.LABEL_KIND)
        if label == "bv" or (isinstance(label, str) and label.endswith("_")):
            raise ContentError(ContentRefusal.LABEL_UNKNOWN, label=label[:_LONGEST])  # RFC 8428 4.4
    version = record.get(_BASE_VERSION, record.get(-1, _HIGHEST_VERSION))
    if isinstance(version, bool) or not isinstance(version, int) or version > _HIGHEST_VERSION:
        raise ContentError(ContentRefusal.VERSION, version=_said(version))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ContentError(ContentRefusal.NO_NAME, value=_said(value))
    return value


def _time(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LATEST <= value <= _LATEST:
        raise ContentError(ContentRefusal.TIME, value=_said(value))
    return float(value)


def _said(given: Any) -> str:
    return f"{given!r:.{_LONGEST}}"


def _value(path: Path, label: str, given: Any, objects: Objects) -> Value:
    row = row_at(path, objects)
    type_ = row.type if row is not None else None
    number = isinstance(given, int | float) and not isinstance(given, bool) and -_LARGEST <= given < _LARGEST
    match label:
        case "vb" if isinstance(given, bool) and type_ in (ResourceType.BOOLEAN, None):
            return given
        case "v" if type_ is ResourceType.FLOAT and _is_finite(given):
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
            return parse_link(given)
        case "vd" if type_ in (ResourceType.OPAQUE, None):
            return _opaque(given)
    named = type_.value if type_ else ""
    raise ContentError(ContentRefusal.LABEL_TYPE, label=label, value=_said(given), path=str(path), type=named)


def _is_finite(given: Any) -> bool:
    """A number that is a Float; RFC 8428 4.3 and 6 allow no others."""
    return isinstance(given, int | float) and not isinstance(given, bool) and abs(given) <= sys.float_info.max


def _is_unsigned(given: Any) -> bool:
    number = isinstance(given, int | float) and not isinstance(given, bool)
    return number and 0 <= given < 2 * _LARGEST and given == int(given)


def _opaque(given: Any) -> bytes:
    """In JSON: base64 for URLs, without padding (RFC 8428 4.3)."""
    if isinstance(given, bytes):
        return given
    try:
        return base64.urlsafe_b64decode(_text(given) + "=" * (-len(_text(given)) % 4))
    except (ValueError, binascii.Error):
        raise ContentError(ContentRefusal.NO_BASE64URL) from None


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
    return _numbered(_records(path, node, objects))


def encode_several_json(nodes: Mapping[Path, Node], objects: Objects) -> bytes:
    """What stands at each of several paths, in one pack."""
    return msgspec.json.encode([_plain(record) for record in _records_of(nodes, objects)])


def encode_several_cbor(nodes: Mapping[Path, Node], objects: Objects) -> bytes:
    """As `encode_several_json`."""
    return _numbered(_records_of(nodes, objects))


def encode_paths_json(paths: Iterable[Path]) -> bytes:
    """A record without a value for each path (LwM2M 1.1 TS Core, 6.3.8)."""
    return msgspec.json.encode([{"n": str(path)} for path in paths])


def encode_paths_cbor(paths: Iterable[Path]) -> bytes:
    """As `encode_paths_json`."""
    return _numbered([{"n": str(path)} for path in paths])


def _numbered(records: list[dict[str, Any]]) -> bytes:
    return cbor2.dumps([{_NUMBERS.get(label, label): value for label, value in r.items()} for r in records])


def _records_of(nodes: Mapping[Path, Node], objects: Objects) -> list[dict[str, Any]]:
    leaves = [leaf for path, node in nodes.items() for leaf in _leaves(path, node)]
    return [
        {"n": str(path), label: shown} for path, value in leaves for label, shown in [_labelled(path, value, objects)]
    ]


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
