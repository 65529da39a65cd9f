"""A device's objects as a tree: what it registered, what the tables call it, the newest values that are known.

Knows link lists and object tables; knows no route.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from nbtwin.coap.link_format import parse
from nbtwin.engine import DecodeError, Seconds
from nbtwin.lwm2m.model import OBJECTS, ObjectDefinition
from nbtwin.lwm2m.objects.record import operations_of as operations_of
from nbtwin.lwm2m.path import Path
from nbtwin.operators.inventory.devices import Device
from nbtwin.selfreg.cmdmp import OBJECT_666

DEFINITIONS: Mapping[int, ObjectDefinition] = {**OBJECTS, OBJECT_666.id: OBJECT_666}
Values = Mapping[str, tuple[Any, Seconds]]


class ResourceShown(BaseModel):
    id: int
    path: str
    name: str
    type: str
    operations: str = Field(description="R, W, E, RW; empty: none, or not known")
    multiple: bool
    value: Any
    at: float | None = Field(description="when the value was learnt; null: never")


class InstanceShown(BaseModel):
    id: int
    path: str
    resources: list[ResourceShown]


class ObjectShown(BaseModel):
    id: int
    name: str
    version: str | None
    instances: list[InstanceShown]


def tree_of(device: Device, values: Values) -> list[ObjectShown]:
    known = {**_stored(device), **values}
    versions, instances = registered(device.objects)
    for path in known:  # what was read need not have been registered
        at = _path(path)
        if at is not None and len(at) >= 2:
            instances.setdefault(at[0], set()).add(at[1])
    return [
        ObjectShown(
            id=number,
            name=_name(number),
            version=versions.get(number),
            instances=[_instance(Path((number, instance)), known) for instance in sorted(instances[number])],
        )
        for number in sorted(instances)
    ]


def registered(objects: str) -> tuple[dict[int, str], dict[int, set[int]]]:
    """Versions and instances by object, from a registration's link list."""
    versions: dict[int, str] = {}
    instances: dict[int, set[int]] = {}
    try:
        links = parse(objects)
    except DecodeError:
        return versions, instances
    for link in links:
        at = _path(link.target)
        if at:
            instances.setdefault(at[0], set()).update(at[1:2])
            if (version := link.first("ver")) is not None:
                versions[at[0]] = version
    return versions, instances


def _stored(device: Device) -> dict[str, tuple[Any, Seconds | None]]:
    """What the inventory keeps over a restart."""
    described = "/666/0" if device.platform == "cmdmp" else "/3/0"
    stored: dict[str, tuple[Any, Seconds | None]] = {
        f"{described}/{number}": (value, None) for number, value in device.values.items()
    }
    return stored | {path: (value, None) for path, value in device.resources.items()}


def _instance(path: Path, known: Mapping[str, tuple[Any, Seconds | None]]) -> InstanceShown:
    definition = DEFINITIONS.get(path[0])
    numbers = set(definition.resources) if definition is not None else set()
    for text in known:
        at = _path(text)
        if at is not None and len(at) >= 3 and at[:2] == path:
            numbers.add(at[2])
    resources = [_resource(path.child(number), definition, known) for number in sorted(numbers)]
    return InstanceShown(id=path[1], path=str(path), resources=resources)


def _resource(
    path: Path, definition: ObjectDefinition | None, known: Mapping[str, tuple[Any, Seconds | None]]
) -> ResourceShown:
    row = definition.resources.get(path[2]) if definition is not None else None
    value, at = known.get(str(path), (None, None))
    return ResourceShown(
        id=path[2],
        path=str(path),
        name=row.name if row is not None else f"resource {path[2]}",
        type=row.type.value if row is not None else "",
        operations=operations_of(row.operations) if row is not None else "",
        multiple=row.multiple if row is not None else False,
        value=value,
        at=at,
    )


def _name(number: int) -> str:
    return DEFINITIONS[number].name if number in DEFINITIONS else f"object {number}"


def _path(text: str) -> Path | None:
    try:
        return Path(text)
    except DecodeError:
        return None
