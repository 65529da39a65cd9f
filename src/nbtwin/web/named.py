"""What the definitions of a device's objects say of the values that are shown: name, type and unit beside each path.

Knows definitions and paths; knows no route.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from nbtwin.engine import DecodeError
from nbtwin.lwm2m.model import Objects
from nbtwin.lwm2m.objects.registry import FIRST, ObjectRegistry
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path
from nbtwin.operators.inventory.devices import Device
from nbtwin.selfreg.cmdmp import OBJECT_666


class ResourceNamed(BaseModel):
    """What its definition says of a resource."""

    name: str = Field(description="of the definition")
    type: str = Field(description="of LwM2M, such as String or Integer")
    unit: str = Field(description="empty: none, or the device says it")


_OF_CMDMP: Objects = {OBJECT_666.id: OBJECT_666}


def definitions_of(registry: ObjectRegistry, device: Device) -> Objects:
    """Of the objects that the device registered, and the one of CMDMP."""
    return {**registry.of(device.objects, device.lwm2m_version or FIRST), **_OF_CMDMP}


def newest_of(registry: ObjectRegistry) -> Objects:
    """Where it is not known which device they are of."""
    return {**registry.newest, **_OF_CMDMP}


def path_or_none(text: str) -> Path | None:
    try:
        return Path(text)
    except DecodeError:
        return None


def about(path: str, value: Any, objects: Objects) -> dict[str, ResourceNamed]:
    """Of each resource in a value, by its path."""
    at = path_or_none(path)
    if at is None:  # several paths, each with its value
        several = value.items() if isinstance(value, Mapping) else ()
        return {name: one for at, child in several for name, one in _about_text(at, child, objects).items()}
    return _about(at, value, _OF_CMDMP if at[:1] == (OBJECT_666.id,) else objects)


def _about_text(path: Any, value: Any, objects: Objects) -> dict[str, ResourceNamed]:
    at = path_or_none(path) if isinstance(path, str) else None
    return {} if at is None else _about(at, value, objects)


def _about(path: Path, value: Any, objects: Objects) -> dict[str, ResourceNamed]:
    if len(path) >= 3:
        row = row_at(path, objects)
        return {} if row is None else {str(path): ResourceNamed(name=row.name, type=row.type.value, unit=row.unit)}
    if not isinstance(value, Mapping):
        return {}
    found: dict[str, ResourceNamed] = {}
    for id, child in value.items():
        if str(id).isdecimal() and int(id) <= 65535:
            found |= _about(path.child(int(id)), child, objects)
    return found
