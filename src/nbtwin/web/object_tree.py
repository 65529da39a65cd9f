"""A device's objects as a tree: what it registered, what the tables call it, the newest values that are known.

Knows link lists and object tables; knows no route.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from nbtwin.coap.link_format import parse
from nbtwin.engine import DecodeError, Seconds
from nbtwin.lwm2m.model import Objects
from nbtwin.lwm2m.objects.record import operations_of
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path
from nbtwin.operators.inventory.devices import Device
from nbtwin.web.named import path_or_none as _path

Values = Mapping[str, tuple[Any, Seconds]]


class ResourceShown(BaseModel):
    id: int = Field(description="of the resource in its object")
    path: str = Field(description="such as /3/0/9")
    name: str = Field(description="of the definition; empty: it is not known")
    type: str = Field(description="of the definition; empty: it is not known")
    operations: str = Field(description="R, W, E, RW; empty: none, or not known")
    multiple: bool = Field(description="it has instances of its own")
    mandatory: bool = Field(description="every instance of the object has it")
    unit: str = Field(description="what the definition says, or else the device in Sensor Units; empty: none is known")
    range: str = Field(description="which values it takes; of text and bytes how many bytes")
    value: Any = Field(description="the newest; null: none is known")
    at: float | None = Field(description="when the value was learnt; null: never")


class InstanceShown(BaseModel):
    id: int = Field(description="of the instance")
    path: str = Field(description="such as /3/0")
    resources: list[ResourceShown] = Field(description="by id")


class ObjectShown(BaseModel):
    id: int = Field(description="of the object")
    name: str = Field(description="of the definition; empty: it is not known")
    version: str | None = Field(description="that the device registered; null: it said none")
    instances: list[InstanceShown] = Field(description="by id")


def tree_of(device: Device, values: Values, objects: Objects) -> list[ObjectShown]:
    known = {**_stored(device), **values}
    versions, instances = registered(device.objects)
    for path in known:  # what was read need not have been registered
        at = _path(path)
        if at is not None and len(at) >= 2:
            instances.setdefault(at[0], set()).add(at[1])
    return [
        ObjectShown(
            id=number,
            name=objects[number].name if number in objects else f"object {number}",
            version=versions.get(number),
            instances=[_instance(Path((number, instance)), known, objects) for instance in sorted(instances[number])],
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


def _instance(path: Path, known: Mapping[str, tuple[Any, Seconds | None]], objects: Objects) -> InstanceShown:
    definition = objects.get(path[0])
    numbers = set(definition.resources) if definition is not None else set()
    for text in known:
        at = _path(text)
        if at is not None and len(at) >= 3 and at[:2] == path:
            numbers.add(at[2])
    resources = [_resource(path.child(number), objects, known) for number in sorted(numbers)]
    return InstanceShown(id=path[1], path=str(path), resources=resources)


def _resource(path: Path, objects: Objects, known: Mapping[str, tuple[Any, Seconds | None]]) -> ResourceShown:
    row = row_at(path, objects)
    value, at = known.get(str(path), (None, None))
    return ResourceShown(
        id=path[2],
        path=str(path),
        name=row.name if row is not None else f"resource {path[2]}",
        type=row.type.value if row is not None else "",
        operations=operations_of(row.operations) if row is not None else "",
        multiple=row.multiple if row is not None else False,
        mandatory=row.mandatory if row is not None else False,
        unit=(row.unit if row is not None else "") or _unit_said(path, known),
        range=row.range if row is not None else "",
        value=value,
        at=at,
    )


_MEASURED = frozenset({5600, 5601, 5602, 5603, 5604, 5650, 5700, 5702, 5703, 5704, 5900})
_SENSOR_UNITS = 5701


def _unit_said(path: Path, known: Mapping[str, tuple[Any, Seconds | None]]) -> str:
    """IPSO Smart Objects: a resource of the instance has the unit of those that are measured."""
    said, _ = known.get(f"/{path[0]}/{path[1]}/{_SENSOR_UNITS}", (None, None))
    return said if path[2] in _MEASURED and isinstance(said, str) and len(said) <= 40 else ""
