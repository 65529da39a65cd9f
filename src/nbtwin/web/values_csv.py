"""Values of a device as CSV: each row has path, name, type, unit and value, for spreadsheets and scripts.

Text comes from devices: a spreadsheet must not take it for a formula, so a text that begins like one has an apostrophe
before it. Knows no route.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from nbtwin.engine import Seconds
from nbtwin.lwm2m.model import Objects
from nbtwin.web.named import about

HEAD = ("path", "name", "type", "unit", "value", "at")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[tuple[str, Any, Seconds | None]], objects: Objects) -> str:
    """Of path, value and time; a multiple resource has a row for each instance."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(HEAD)
    for path, value, at in rows:
        for leaf, one in _leaves(path, value):
            named = about(leaf, None, objects).get(leaf)
            said = (named.name, named.type, named.unit) if named is not None else ("", "", "")
            writer.writerow((leaf, *map(cell, said), cell(one), "" if at is None else f"{at:.3f}"))
    return file.getvalue()


def _leaves(path: str, value: Any) -> list[tuple[str, Any]]:
    if path.count("/") == 3 and isinstance(value, Mapping):
        return [(f"{path}/{id}", one) for id, one in value.items()]
    return [(path, value)]


def cell(value: Any) -> str:
    """A value as text; null is empty."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return "" if value is None else msgspec.json.encode(value).decode()
