"""Values with their paths and times, as SenML packs and LwM2M CBOR maps carry them, and the node that they make.

Knows paths and values; knows no format. A time is what RFC 8428 4.5.3 says: from `ABSOLUTE` on seconds since 1970,
below that seconds from now (so that the past is negative); None where the format or the record says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from nbtwin.lwm2m.content.refusals import ContentError, ContentRefusal
from nbtwin.lwm2m.model import Node, Objects, Value
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path

ABSOLUTE = 1 << 28


class Reading(NamedTuple):
    path: Path
    value: Value | None
    """None: a path is named, and nothing said of it."""
    time: float | None = None


def in_time(readings: Iterable[Reading]) -> list[Reading]:
    """The oldest first; those of one time as they came."""
    return sorted(readings, key=lambda reading: _order(reading.time))


def _order(time: float | None) -> tuple[bool, float]:
    """Times since 1970 before those from now, as nobody here knows when now is."""
    time = time or 0.0
    return time < ABSOLUTE, time


def node_at(path: Path, readings: Iterable[Reading], objects: Objects, form: str) -> Node:
    """What stands at the path by these readings, which lie under it: of each resource the newest."""
    root: dict[int, Any] = {}
    for reading in in_time(readings):
        _place(root, reading, form, objects)
    return _under(root, path, form)


def _place(root: dict[int, Any], reading: Reading, form: str, objects: Objects) -> None:
    at, path, row = root, reading.path, row_at(reading.path, objects)
    for id in path[:-1]:
        inside: Any = at.setdefault(id, {})
        if not isinstance(inside, dict):
            raise ContentError(ContentRefusal.INSTANCES_MIXED, format=form, path=str(path))
        at = inside
    value: Any = {0: reading.value} if row is not None and row.multiple and len(path) == 3 else reading.value
    if isinstance(at.get(path[-1]), dict) and not isinstance(value, dict):
        raise ContentError(ContentRefusal.INSTANCES_MIXED, format=form, path=str(path))
    at[path[-1]] = value


def _under(root: dict[int, Any], path: Path, form: str) -> Node:
    node: Any = root
    for id in path:
        if not isinstance(node, dict) or id not in node:
            if len(path) < 3:
                return {}
            raise ContentError(ContentRefusal.VALUE_MISSING, format=form, path=str(path))
        node = node[id]
    return cast(Node, node)
