"""Devices, values and object tables in the JSON shapes of Eclipse Leshan's demonstration server (2.0.0-M4).

Observed at that server with our own module; nothing of it is here. Where later versions of it name more (`kind`,
`type`), that is added. Knows shapes; knows no route.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from nbtwin.coap.link_format import parse
from nbtwin.coap.numbers import Code
from nbtwin.engine import CodedError, DecodeError
from nbtwin.lwm2m.model import ObjectDefinition, Objects, ResourceDefinition, ResourceType
from nbtwin.lwm2m.objects.record import operations_of
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.timeline.catalogue import words
from nbtwin.web.object_tree import registered
from nbtwin.web.operations import OperationResult
from nbtwin.web.refusals import ApiRefusal


def name_of(device: Device) -> str:
    """What stands for it in an address: its endpoint name, or, where that is a ciphertext (CMDMP), its IMEI."""
    return device.id.partition(":")[2]


def registration(device: Device) -> dict[str, Any]:
    return {
        "endpoint": name_of(device),
        "registrationId": device.location.partition("/")[2],
        "registrationDate": _date(device.registered_at),
        "lastUpdate": _date(device.refreshed_at),
        "address": f"{device.host}:{device.port}",
        "lwM2mVersion": device.version if device.version[:2] in ("1.", "2.") else "1.0",
        "lifetime": int(device.lifetime),
        "bindingMode": device.binding or "U",
        "rootPath": "/",
        "objectLinks": _links(device.objects),
        "secure": bool(device.psk_identity),
        "additionalRegistrationAttributes": {},
        "queuemode": "Q" in device.binding,
    }


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _links(objects: str) -> list[dict[str, Any]]:
    try:
        links = parse(objects)
    except DecodeError:
        return []
    return [
        {"url": link.target, "attributes": {name: _quoted(value) for name, value in link.attributes}} for link in links
    ]


def _quoted(value: str | None) -> Any:
    """Numbers as they are, text in its own quotes."""
    if value is None:
        return None
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else f'"{value}"'


def response(result: OperationResult, objects: Objects) -> dict[str, Any]:
    """What came of an operation."""
    is_readable = result.refusal is None or result.refusal.code != PlatformRefusal.VALUE_UNREADABLE
    success = result.code.startswith("2.") and is_readable
    shown: dict[str, Any] = {
        "status": status(result.code), "valid": is_readable, "success": success, "failure": not success,
    }  # fmt: skip
    if not success:
        said = result.refusal.fields if result.refusal is not None else {}
        why = said.get("why")  # Leshan speaks English
        message = words(why["code"], **{k: v for k, v in why.items() if k != "code"}) if why else said.get("diagnostic")
        return shown | ({"errormessage": message} if message else {})
    if result.operation == "discover":
        links = result.value if isinstance(result.value, list) else []
        shown["objectLinks"] = [
            {"url": link["path"], "attributes": {k: _quoted(v) for k, v in link.items() if k != "path"}}
            for link in links
        ]
    elif result.operation in ("read-composite", "observe-composite"):
        found = result.value if isinstance(result.value, Mapping) else {}
        shown["content"] = {path: content(Path(path), value, objects) for path, value in found.items()}
    elif result.operation in ("read", "observe"):
        shown["content"] = content(Path(result.path), result.value, objects)
    return shown


def status(code: str) -> str:
    """`2.05` as `CONTENT(205)`."""
    major, _, minor = code.partition(".")
    number = int(major) << 5 | int(minor)
    name = Code(number).name if number in tuple(Code) else "UNKNOWN"
    return f"{name}({major}{minor})"


# values to their shapes


def content(path: Path, value: Any, objects: Objects) -> dict[str, Any]:
    """Everything, an object, an instance, a resource or a resource instance, by the depth of its path."""
    if not path:
        return {
            "kind": "root",
            "objects": [content(path.child(int(id)), child, objects) for id, child in _items(value)],
        }
    if len(path) == 1:
        instances = [content(path.child(int(id)), child, objects) for id, child in _items(value)]
        return {"kind": "obj", "id": path[0], "instances": instances}
    if len(path) == 2:
        resources = [content(path.child(int(id)), child, objects) for id, child in _items(value)]
        return {"kind": "instance", "id": path[1], "resources": resources}
    type_, multiple = _type_at(path, objects)
    kind = {"type": type_.value.upper() if type_ is not None else "STRING"}
    if len(path) == 3 and (isinstance(value, dict) or multiple):
        values = value if isinstance(value, dict) else {"0": value}
        shown = {id: _shown(type_, one) for id, one in values.items()}
        return {"kind": "multiResource", "id": path[2], **kind, "values": shown}
    name = "singleResource" if len(path) == 3 else "resourceInstance"
    return {"kind": name, "id": path[-1], **kind, "value": _shown(type_, value)}


def _items(value: Any) -> list[tuple[str, Any]]:
    return [(id, child) for id, child in value.items() if id.isdigit()] if isinstance(value, dict) else []


def _type_at(path: Path, objects: Objects) -> tuple[ResourceType | None, bool]:
    row = row_at(path, objects)
    return (row.type, row.multiple) if row is not None else (None, False)


def _shown(type_: ResourceType | None, value: Any) -> Any:
    """Opaque values are hexadecimal digits here."""
    if type_ is ResourceType.OPAQUE and isinstance(value, str):
        return value[2:] if value.startswith("0x") else value.encode().hex()
    if type_ is ResourceType.TIME and isinstance(value, int | float):
        return _date(value)
    return value


# shapes to values


class NodeRefused(CodedError, ValueError):
    """A body that is none of Leshan's nodes."""


def value_of(path: Path, node: Any, objects: Objects) -> Any:
    """What a body says, as the platforms' verbs take it. NodeRefused, or ValueError, for a body that is none."""
    if not isinstance(node, Mapping):
        raise NodeRefused(ApiRefusal.NODE_NONE)
    if len(path) == 2:
        return {str(_id(row)): value_of(path.child(_id(row)), row, objects) for row in _rows(node, "resources")}
    if len(path) < 2:
        raise NodeRefused(ApiRefusal.NODE_PATH, path=str(path))
    type_, _ = _type_at(path, objects)
    if isinstance(node.get("values"), Mapping):
        return {str(id): _taken(type_, one, node) for id, one in node["values"].items()}
    if "value" not in node:
        raise NodeRefused(ApiRefusal.NODE_VALUE_MISSING)
    return _taken(type_, node["value"], node)


def _rows(node: Mapping[str, Any], name: str) -> list[Any]:
    rows = node.get(name)
    if not isinstance(rows, list):
        raise NodeRefused(ApiRefusal.NODE_ROWS_MISSING, name=name)
    return rows


def _id(node: Any) -> int:
    id = node.get("id") if isinstance(node, Mapping) else None
    if not isinstance(id, int) or isinstance(id, bool) or not 0 <= id <= 65535:
        raise NodeRefused(ApiRefusal.NODE_ID_MISSING)
    return id


def _taken(type_: ResourceType | None, value: Any, node: Mapping[str, Any]) -> Any:
    """Of a resource that is in no table the node says the type."""
    if type_ is None and isinstance(node.get("type"), str):
        if node["type"].upper() == "OPAQUE" and isinstance(value, str):
            value = "0x" + bytes.fromhex(value).hex()
        return {"type": node["type"], "value": value}
    if type_ is ResourceType.OPAQUE and isinstance(value, str):
        return "0x" + bytes.fromhex(value).hex()
    return value


# object tables


def object_specs(device: Device, objects: Objects) -> list[dict[str, Any]]:
    """What its registered objects are made of."""
    versions, instances = registered(device.objects)
    return [_spec(objects[id], versions.get(id)) for id in sorted(instances) if id in objects]


def _spec(definition: ObjectDefinition, version: str | None) -> dict[str, Any]:
    return {
        "id": definition.id, "name": definition.name, "mandatory": definition.mandatory,
        "instancetype": "multiple" if definition.multiple else "single", "urn": f"urn:oma:lwm2m:oma:{definition.id}",
        "version": version or "1.0", "lwm2mversion": "1.0", "description": "", "description2": "",
        "resourcedefs": [_row(row) for row in definition.resources.values()],
    }  # fmt: skip


def _row(row: ResourceDefinition) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "operations": operations_of(row.operations), "mandatory": row.mandatory,
        "instancetype": "multiple" if row.multiple else "single", "type": row.type.value.lower(), "range": row.range,
        "units": row.unit, "description": "",
    }  # fmt: skip
