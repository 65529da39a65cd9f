"""A fact as plain JSON: its code, and its fields by name. What files, the API and the catalogue see of it.

Knows no fact in particular. Enums of codes are their value, of numbers their name; bytes are hex; a fact inside a fact
is an object with its ``code`` among its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from enum import Enum
from typing import Any

import msgspec

from nbtwin.engine import Fact, code_of_name
from nbtwin.timeline.facts import UnknownFact

_LONGEST_BYTES = 2048
_PREVIEW = 32
_AS_IT_IS = frozenset({str, int, float, bool, type(None)})


def code_of(fact: Any) -> str:
    """As in JSON and in the catalogue."""
    if isinstance(fact, UnknownFact):
        return fact.told
    return fact.code if isinstance(fact, Fact) else code_of_name(type(fact).__name__)


def fields_of(fact: Any) -> dict[str, Any]:
    """The fields, without the code."""
    if isinstance(fact, UnknownFact):
        return {str(name): plain(value) for name, value in fact.fields.items()}
    return {name: plain(getattr(fact, name)) for name in _names(fact)}


def printable(text: str) -> str:
    """The text with everything escaped that could move a terminal's cursor: peers write what they like."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def plain(value: Any) -> Any:
    """The value as JSON knows it."""
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, Enum):
        return value.value if isinstance(value, str) else value.name
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return value.hex() if len(value) <= _LONGEST_BYTES else f"{value[:_PREVIEW].hex()}… ({len(value)} bytes)"
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Fact):
        return {"code": code_of(value), **fields_of(value)}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    names = _names(value)
    return {name: plain(getattr(value, name)) for name in names} if names else str(value)


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    if is_dataclass(value) and not isinstance(value, type):
        return tuple(field.name for field in dataclass_fields(value))
    return ()
