"""A definition as plain data, as the database and the API have it. Knows neither."""

from __future__ import annotations

import msgspec

from nbtwin.lwm2m.model import AllowedOperations, ObjectDefinition, ResourceDefinition, ResourceType, object_definition

_FLAGS = (AllowedOperations.R, AllowedOperations.W, AllowedOperations.E)
_OPERATIONS = {"": AllowedOperations.NONE, "RW": AllowedOperations.RW} | {flag.name or "": flag for flag in _FLAGS}


class ResourceRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: int
    name: str
    type: str
    operations: str  # R, W, E, RW; "": only the bootstrap interface reaches it
    multiple: bool = False
    mandatory: bool = False
    unit: str = ""
    range: str = ""


class ObjectRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: int
    version: str
    name: str
    multiple: bool
    mandatory: bool
    resources: list[ResourceRecord]


def operations_of(operations: AllowedOperations) -> str:
    return "".join(flag.name or "" for flag in _FLAGS if flag in operations)


def record_of(definition: ObjectDefinition) -> ObjectRecord:
    rows = [
        ResourceRecord(
            row.id, row.name, row.type.value, operations_of(row.operations), row.multiple, row.mandatory, row.unit,
            row.range,
        )
        for row in definition.resources.values()
    ]  # fmt: skip
    id, version, name = definition.id, definition.version, definition.name
    return ObjectRecord(id, version, name, definition.multiple, definition.mandatory, rows)


def definition_of(record: ObjectRecord) -> ObjectDefinition:
    """ValueError, KeyError for words that are none."""
    rows = [
        ResourceDefinition(
            row.id, row.name, ResourceType(row.type), _OPERATIONS[row.operations], row.multiple, row.mandatory,
            row.unit, row.range,
        )
        for row in record.resources
    ]  # fmt: skip
    return object_definition(
        record.id, record.name, *rows,
        multiple=record.multiple, mandatory=record.mandatory, versions=(record.version,),
    )  # fmt: skip
