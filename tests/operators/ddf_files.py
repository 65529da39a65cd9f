"""Object definitions as files, made for tests."""

from __future__ import annotations

from typing import Any

ITEM = {
    "Name": "Level", "Operations": "RW", "MultipleInstances": "Single", "Mandatory": "Mandatory", "Type": "Float",
    "RangeEnumeration": "0..100", "Units": "%", "Description": "How full it is.",
}  # fmt: skip
OBJECT = {
    "Name": "Tank", "Description1": "", "ObjectID": "33001", "ObjectURN": "urn:oma:lwm2m:x:33001",
    "MultipleInstances": "Multiple", "Mandatory": "Optional",
}  # fmt: skip


def item(id: Any = 1, **changed: str | None) -> str:
    return f'<Item ID="{id}">{_elements(ITEM | changed)}</Item>'


def object_of(*items: str, **changed: str | None) -> str:
    rows = "".join(items or (item(),))
    return f'<Object ObjectType="MODefinition">{_elements(OBJECT | changed)}<Resources>{rows}</Resources></Object>'


def file_of(*objects: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<LWM2M>\n{chr(10).join(objects or (object_of(),))}\n</LWM2M>'.encode()
    )


def _elements(said: dict[str, str | None]) -> str:
    return "".join(f"<{name}>{text}</{name}>" for name, text in said.items() if text is not None)


TANK = file_of(
    object_of(
        item(1),
        item(2, Name="Alarm", Type="Boolean", RangeEnumeration="", Units=""),
        item(3, Name="Empty", Operations="E", Type="", RangeEnumeration="", Units=""),
        item(4, Name="Serial", Operations="R", Type="String", RangeEnumeration="1..16", Units=""),
        item(5, Name="Pulses", Type="Unsigned Integer", RangeEnumeration="", Units=""),
        item(6, Name="Valves", Type="Integer", MultipleInstances="Multiple", RangeEnumeration="0,1", Units=""),
    )
)
"""Object 33001: one resource of each kind."""
