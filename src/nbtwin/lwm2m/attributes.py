"""The attributes that Write-Attributes sets, and Discover shows (LwM2M 1.0 TS, 5.1.2; TS Core 1.1 and 1.2, 5.1.2).

Knows which version has which, where each may be set and what its value may be; knows no observation and no message
exchange. What a Client does with them is its own affair.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from math import isfinite

from nbtwin.engine import CodedError, DecodeError, Refusal
from nbtwin.lwm2m.model import OBJECTS, AllowedOperations, Objects, ResourceType
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.versions import V1_0, V1_1, V1_2, is_since

_LONGEST = 40
"""Characters of a value: far more than any needs."""
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
"""TS Core 1.2, 5.1.2 has no sign, but a temperature has one, and the other implementations take it."""
_ANYWHERE, _AT_RESOURCES = range(1, 5), range(3, 5)
"""How many identifiers the path has: object, instance, resource and, from 1.1 on, resource instance."""


class AttributeRefusal(Refusal):
    """Why a Write-Attributes is refused."""

    UNKNOWN = "attribute-unknown"  # name
    NO_NUMBER = "attribute-no-number"  # query
    RANGE = "attribute-range"
    NOT_NUMERICAL = "attribute-not-numerical"  # name
    NOT_BOOLEAN = "attribute-not-boolean"  # name
    NOT_READABLE = "attribute-not-readable"  # name, path
    NO_FLAG = "attribute-no-flag"  # name
    NO_WHOLE_NUMBER = "attribute-no-whole-number"  # name
    LEVEL = "attribute-level"  # name, path
    VERSION = "attribute-version"  # name, since, version
    LIMITS = "attribute-limits"  # lt, gt, st
    PERIODS = "attribute-periods"  # epmin, epmax


class AttributeRefused(CodedError, DecodeError):
    """What is no notification attribute of its path, or no value of one."""


class _Form(Enum):
    WHOLE = auto()  # 0 and up
    NUMBER = auto()
    STEP = auto()  # a number, 0 and up
    FLAG = auto()  # 0 or 1


NUMERICAL = frozenset(
    type_ for type_ in ResourceType if type_.value in ("Integer", "Unsigned Integer", "Float", "Time")
)
"""Data types whose values are numbers (LwM2M 1.0 TS, appendix C)."""
_BOOLEAN = frozenset((ResourceType.BOOLEAN,))


@dataclass(frozen=True, slots=True)
class NotificationAttribute:
    """A row of the table of the <NOTIFICATION> class."""

    name: str
    form: _Form
    levels: range = _ANYWHERE
    of: frozenset[ResourceType] = frozenset()  # empty: of any resource that can be read
    since: str = V1_0


NOTIFICATION: Mapping[str, NotificationAttribute] = {
    row.name: row
    for row in (
        NotificationAttribute("pmin", _Form.WHOLE),
        NotificationAttribute("pmax", _Form.WHOLE),
        NotificationAttribute("gt", _Form.NUMBER, _AT_RESOURCES, NUMERICAL),
        NotificationAttribute("lt", _Form.NUMBER, _AT_RESOURCES, NUMERICAL),
        NotificationAttribute("st", _Form.STEP, _AT_RESOURCES, NUMERICAL),
        NotificationAttribute("epmin", _Form.WHOLE, since=V1_1),
        NotificationAttribute("epmax", _Form.WHOLE, since=V1_1),
        NotificationAttribute("edge", _Form.FLAG, _AT_RESOURCES, _BOOLEAN, V1_2),
        NotificationAttribute("con", _Form.FLAG, since=V1_2),
        NotificationAttribute("hqmax", _Form.WHOLE, since=V1_2),
    )
}
"""By name, in the order of TS Core 1.2."""


def check(path: Path, given: Mapping[str, object], version: str, objects: Objects = OBJECTS) -> None:
    """Whether a Client of this version may be sent these; None takes one away (D158). AttributeRefused."""
    for name, value in given.items():
        row = NOTIFICATION.get(name)
        if row is None:
            raise AttributeRefused(AttributeRefusal.UNKNOWN, name=name[:_LONGEST])
        if not is_since(version, row.since):
            raise AttributeRefused(AttributeRefusal.VERSION, name=name, since=row.since, version=version)
        if value is not None:
            if len(path) not in row.levels:
                raise AttributeRefused(AttributeRefusal.LEVEL, name=name, path=str(path))
            check_resource(path, name, objects)
            _check_value(row, value)
    check_together(given)


def check_observation(given: Mapping[str, object], version: str) -> None:
    """Whether an Observe may carry attributes of its own (TS Core 1.2, 6.4.1), all with values. AttributeRefused."""
    for name, value in given.items():
        if not is_since(version, V1_2):
            raise AttributeRefused(AttributeRefusal.VERSION, name=name[:_LONGEST], since=V1_2, version=version)
        if value is None:
            raise AttributeRefused(AttributeRefusal.NO_NUMBER, query=name[:_LONGEST])


def check_resource(path: Path, name: str, objects: Objects = OBJECTS) -> None:
    """Whether the resource is one that the attribute is for; one in no table may be. AttributeRefused."""
    definition = row_at(path, objects)
    if definition is None:
        return
    of = NOTIFICATION[name].of
    if AllowedOperations.R not in definition.operations:
        raise AttributeRefused(AttributeRefusal.NOT_READABLE, name=name, path=str(path))
    if of and definition.type not in of:
        refusal = AttributeRefusal.NOT_BOOLEAN if of is _BOOLEAN else AttributeRefusal.NOT_NUMERICAL
        raise AttributeRefused(refusal, name=name)


def _check_value(row: NotificationAttribute, value: object) -> None:
    name = row.name
    is_number = isinstance(value, int | float) and isfinite(value)
    if row.form is _Form.FLAG:
        if not is_number or value not in (0, 1):
            raise AttributeRefused(AttributeRefusal.NO_FLAG, name=name)
        return
    text = text_of(value) if is_number and not isinstance(value, bool) else ""
    if not text or len(text) > _LONGEST:
        raise AttributeRefused(AttributeRefusal.NO_NUMBER, query=f"{name}={value}"[:_LONGEST])
    if row.form is _Form.WHOLE and not text.isdigit():
        raise AttributeRefused(AttributeRefusal.NO_WHOLE_NUMBER, name=name)
    if row.form is _Form.STEP and text.startswith("-"):
        raise AttributeRefused(AttributeRefusal.RANGE)


def queries_of(given: Mapping[str, object]) -> tuple[str, ...]:
    """A Write-Attributes as queries (TS Transport 1.1, 6.4.3)."""
    return tuple(name if value is None else f"{name}={text_of(value)}" for name, value in given.items())


def text_of(value: object) -> str:
    """As the table writes numbers: digits, perhaps a point; no exponent."""
    if not isinstance(value, float):
        return str(int(value) if isinstance(value, bool) else value)
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def check_together(given: Mapping[str, object]) -> None:
    """What is set in one operation has to agree (TS Core 1.2, 5.1.2). AttributeRefused."""
    lt, gt, st = (_number(given.get(name)) for name in ("lt", "gt", "st"))
    if lt is not None and gt is not None and not lt + 2 * (st or 0) < gt:
        raise AttributeRefused(AttributeRefusal.LIMITS, lt=lt, gt=gt, st=st)
    epmin, epmax = _number(given.get("epmin")), _number(given.get("epmax"))
    if epmin is not None and epmax is not None and not epmin < epmax:
        raise AttributeRefused(AttributeRefusal.PERIODS, epmin=epmin, epmax=epmax)


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) else None


def parse_number(query: str, text: str, *, whole: bool) -> float:
    """The value in a query, as a Client reads it. AttributeRefused for anything but digits with a sign and a point."""
    if len(text) > _LONGEST or not _NUMBER.fullmatch(text) or (whole and "." in text):
        raise AttributeRefused(AttributeRefusal.NO_NUMBER, query=query[:_LONGEST])
    return int(text) if whole else float(text)
