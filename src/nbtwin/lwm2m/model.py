"""Objects and resources as tables. Those of a module's client are here: LwM2M 1.0 TS, appendix E, in its order, and
object 19; what a platform knows besides is in `objects`.

Knows what a resource is called and may do; knows no value and no encoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, Flag, auto
from typing import NamedTuple, TypeAlias


class ResourceType(Enum):
    """LwM2M 1.0 TS, appendix C."""

    STRING = "String"
    INTEGER = "Integer"
    FLOAT = "Float"
    BOOLEAN = "Boolean"
    OPAQUE = "Opaque"
    TIME = "Time"
    OBJLNK = "Objlnk"
    UNSIGNED = "Unsigned Integer"  # of LwM2M 1.1, as the next
    CORELNK = "Corelnk"
    NONE = "none"  # what is executed has no value


class AllowedOperations(Flag):
    NONE = 0  # only the bootstrap interface reaches it
    R = auto()
    W = auto()
    E = auto()
    RW = R | W


class ObjectLink(NamedTuple):
    """A reference to an object instance; 65535:65535 is none."""

    object_id: int
    instance_id: int

    def __str__(self) -> str:
        return f"{self.object_id}:{self.instance_id}"


Value: TypeAlias = "str | int | float | bool | bytes | ObjectLink"
ResourceNode: TypeAlias = "Value | dict[int, Value]"
"""The value of a resource; of a multiple one its instances."""
InstanceNode: TypeAlias = "dict[int, ResourceNode]"
ObjectNode: TypeAlias = "dict[int, InstanceNode]"
Node: TypeAlias = "ResourceNode | InstanceNode | ObjectNode"
"""What stands at a path: the depth of the path tells which of the three."""


@dataclass(frozen=True, slots=True)
class ResourceDefinition:
    id: int
    name: str
    type: ResourceType
    operations: AllowedOperations
    multiple: bool = False
    mandatory: bool = False
    unit: str = ""
    range: str = ""  # which values, or how many bytes of them: `objects.limits`
    since: str = ""  # the version of the object that brought it; "": the first
    until: str = ""  # the last one that had it; "": it is still there


@dataclass(frozen=True, slots=True)
class ObjectDefinition:
    id: int
    name: str
    resources: Mapping[int, ResourceDefinition]
    multiple: bool = False
    mandatory: bool = False
    version: str = "1.0"
    versions: tuple[str, ...] = ("1.0",)  # all that these rows tell, the oldest first


def object_definition(
    id: int,
    name: str,
    *rows: ResourceDefinition,
    multiple: bool = False,
    mandatory: bool = False,
    versions: tuple[str, ...] = ("1.0",),
) -> ObjectDefinition:
    """Of the newest of these versions."""
    return ObjectDefinition(id, name, {row.id: row for row in rows}, multiple, mandatory, versions[-1], versions)


_STR, _INT, _BOOL, _OPAQUE, _TIME = (
    ResourceType.STRING,
    ResourceType.INTEGER,
    ResourceType.BOOLEAN,
    ResourceType.OPAQUE,
    ResourceType.TIME,
)
_R, _W, _RW, _E, _NO = (
    AllowedOperations.R,
    AllowedOperations.W,
    AllowedOperations.RW,
    AllowedOperations.E,
    AllowedOperations.NONE,
)
_row = ResourceDefinition
_ONE, _MANY = False, True
_MUST = True

SECURITY = object_definition(
    0, "LWM2M Security",  # E.1
    _row(0, "LWM2M Server URI", _STR, _NO, _ONE, _MUST),
    _row(1, "Bootstrap-Server", _BOOL, _NO, _ONE, _MUST),
    _row(2, "Security Mode", _INT, _NO, _ONE, _MUST),
    _row(3, "Public Key or Identity", _OPAQUE, _NO, _ONE, _MUST),
    _row(4, "Server Public Key", _OPAQUE, _NO, _ONE, _MUST),
    _row(5, "Secret Key", _OPAQUE, _NO, _ONE, _MUST),
    _row(6, "SMS Security Mode", _INT, _NO),
    _row(7, "SMS Binding Key Parameters", _OPAQUE, _NO),
    _row(8, "SMS Binding Secret Key(s)", _OPAQUE, _NO),
    _row(9, "LWM2M Server SMS Number", _STR, _NO),
    _row(10, "Short Server ID", _INT, _NO),
    _row(11, "Client Hold Off Time", _INT, _NO),
    _row(12, "Bootstrap-Server Account Timeout", _INT, _NO),
    multiple=True,
)  # fmt: skip

SERVER = object_definition(
    1, "LWM2M Server",  # E.2
    _row(0, "Short Server ID", _INT, _R, _ONE, _MUST),
    _row(1, "Lifetime", _INT, _RW, _ONE, _MUST),
    _row(2, "Default Minimum Period", _INT, _RW),
    _row(3, "Default Maximum Period", _INT, _RW),
    _row(4, "Disable", ResourceType.NONE, _E),
    _row(5, "Disable Timeout", _INT, _RW),
    _row(6, "Notification Storing When Disabled or Offline", _BOOL, _RW, _ONE, _MUST),
    _row(7, "Binding", _STR, _RW, _ONE, _MUST),
    _row(8, "Registration Update Trigger", ResourceType.NONE, _E, _ONE, _MUST),
    multiple=True,
)  # fmt: skip

DEVICE = object_definition(
    3, "Device",  # E.4
    _row(0, "Manufacturer", _STR, _R),
    _row(1, "Model Number", _STR, _R),
    _row(2, "Serial Number", _STR, _R),
    _row(3, "Firmware Version", _STR, _R),
    _row(4, "Reboot", ResourceType.NONE, _E, _ONE, _MUST),
    _row(5, "Factory Reset", ResourceType.NONE, _E),
    _row(6, "Available Power Sources", _INT, _R, _MANY),
    _row(7, "Power Source Voltage", _INT, _R, _MANY),
    _row(8, "Power Source Current", _INT, _R, _MANY),
    _row(9, "Battery Level", _INT, _R),
    _row(10, "Memory Free", _INT, _R),
    _row(11, "Error Code", _INT, _R, _MANY, _MUST),
    _row(12, "Reset Error Code", ResourceType.NONE, _E),
    _row(13, "Current Time", _TIME, _RW),
    _row(14, "UTC Offset", _STR, _RW),
    _row(15, "Timezone", _STR, _RW),
    _row(16, "Supported Binding and Modes", _STR, _R, _ONE, _MUST),
    _row(17, "Device Type", _STR, _R),
    _row(18, "Hardware Version", _STR, _R),
    _row(19, "Software Version", _STR, _R),
    _row(20, "Battery Status", _INT, _R),
    _row(21, "Memory Total", _INT, _R),
    _row(22, "ExtDevInfo", ResourceType.OBJLNK, _R, _MANY),
)  # fmt: skip

CONNECTIVITY_MONITORING = object_definition(
    4, "Connectivity Monitoring",  # E.5
    _row(0, "Network Bearer", _INT, _R, _ONE, _MUST),
    _row(1, "Available Network Bearer", _INT, _R, _MANY, _MUST),
    _row(2, "Radio Signal Strength", _INT, _R, _ONE, _MUST),
    _row(3, "Link Quality", _INT, _R),
    _row(4, "IP Addresses", _STR, _R, _MANY, _MUST),
    _row(5, "Router IP Addresses", _STR, _R, _MANY),
    _row(6, "Link Utilization", _INT, _R),
    _row(7, "APN", _STR, _R, _MANY),
    _row(8, "Cell ID", _INT, _R),
    _row(9, "SMNC", _INT, _R),
    _row(10, "SMCC", _INT, _R),
)  # fmt: skip

FIRMWARE_UPDATE = object_definition(
    5, "Firmware Update",  # E.6
    _row(0, "Package", _OPAQUE, _W, _ONE, _MUST),
    _row(1, "Package URI", _STR, _RW, _ONE, _MUST),
    _row(2, "Update", ResourceType.NONE, _E, _ONE, _MUST),
    _row(3, "State", _INT, _R, _ONE, _MUST),
    _row(5, "Update Result", _INT, _R, _ONE, _MUST),
    _row(6, "PkgName", _STR, _R),
    _row(7, "PkgVersion", _STR, _R),
    _row(8, "Firmware Update Protocol Support", _INT, _R, _MANY),
    _row(9, "Firmware Update Delivery Method", _INT, _R, _ONE, _MUST),
)  # fmt: skip

BINARY_APP_DATA_CONTAINER = object_definition(
    19, "BinaryAppDataContainer",
    _row(0, "Data", _OPAQUE, _RW, _MANY, _MUST),
    _row(1, "Data Priority", _INT, _RW),
    _row(2, "Data Creation Time", _TIME, _RW),
    _row(3, "Data Description", _STR, _RW),
    _row(4, "Data Format", _STR, _RW),
    _row(5, "App ID", _INT, _RW),
    multiple=True,
)  # fmt: skip

Objects: TypeAlias = Mapping[int, ObjectDefinition]

OBJECTS: Objects = {
    definition.id: definition
    for definition in (
        SECURITY, SERVER, DEVICE, CONNECTIVITY_MONITORING, FIRMWARE_UPDATE, BINARY_APP_DATA_CONTAINER,
    )
}  # fmt: skip
