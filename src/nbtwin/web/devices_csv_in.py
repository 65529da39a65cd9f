"""A table of devices that somebody brings: what it asks for, or everything that is wrong with it, line and column.

A column that is there replaces what was known; of keys an empty cell leaves it as it is. What the lab's own table has
beside (`devices_csv.HEAD`) is passed over, so that it comes back in. Knows no route and changes nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbtwin.engine import CodedError, Refusal
from nbtwin.operators.inventory.labels import Label, LabelChange, LabelRefused, tags_in
from nbtwin.operators.key_store.appkeys import AppkeyStore
from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.operators.key_store.refusals import AppkeyError, KeyRefusal, PskError
from nbtwin.web.devices_csv import HEAD
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.texts import is_storable

LARGEST = 16 << 20
ROWS_AT_MOST = 100_000
"""The head not among them."""
_TOLD = 200
"""Errors that are told; the first ones."""
_LONGEST_NAME = 250
_NAMING = ("id", "imei", "device")
_LABELS = ("name", "group", "tags")
KEY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "andlink": ("bootstrap_key", "key", "bootstrap_identity", "identity"),
    "cmdmp": ("appkey", "password"),
}
"""By operator."""
_SEPARATORS = ",;\t"
_FORMULA = ("'=", "'+", "'-", "'@", "'\t", "'\r")  # as `values_csv.cell` writes them


@dataclass(frozen=True)
class CsvError:
    """One thing that is wrong. Lines count from 1, the head is the first."""

    line: int
    column: str
    code: Refusal
    fields: Mapping[str, Any]


@dataclass
class DeviceTable:
    """What it asks for, if nothing is wrong."""

    labels: dict[str, LabelChange] = field(default_factory=dict)
    keys: list[DeviceKeys] = field(default_factory=list)
    appkeys: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    """By name of a device."""
    errors: list[CsvError] = field(default_factory=list)
    has_keys: bool = False

    def wrong(self, line: int, column: str, code: Refusal, **fields: Any) -> None:
        if len(self.errors) < _TOLD:
            self.errors.append(CsvError(line, column, code, fields))


def read_table(content: bytes, platform: str, operator: str) -> DeviceTable:
    """All of it."""
    table = DeviceTable()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        table.wrong(content.count(b"\n", 0, error.start) + 1, "", ApiRefusal.CSV_TEXT)
        return table
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, list[str]]] = []
    next_at = 1
    try:
        for row in reader:
            rows += [(next_at, [cell.strip() for cell in row])] if any(map(str.strip, row)) else []
            next_at = reader.line_num + 1
    except csv.Error:
        table.wrong(next_at, "", ApiRefusal.CSV_DAMAGED)
        return table
    if len(rows) < 2:
        table.wrong(1, "", ApiRefusal.CSV_EMPTY)
    elif len(rows) > ROWS_AT_MOST + 1:
        table.wrong(rows[ROWS_AT_MOST + 1][0], "", ApiRefusal.CSV_ROWS, limit=ROWS_AT_MOST)
    else:
        _Rows(table, platform, operator).read(rows[0][1], rows[1:])
    return table


class _Rows:
    def __init__(self, table: DeviceTable, platform: str, operator: str) -> None:
        self._table, self._platform = table, platform
        self._keys = KEY_COLUMNS.get(operator, ())

    def read(self, head: list[str], rows: list[tuple[int, list[str]]]) -> None:
        names = [name.lower() for name in head]
        known = (*_NAMING, *_LABELS, *self._keys)
        for place, name in enumerate(names):
            if name not in known and name not in HEAD:
                self._table.wrong(1, head[place], ApiRefusal.CSV_COLUMN, known=list(known))
            elif name in names[:place]:
                self._table.wrong(1, name, ApiRefusal.CSV_COLUMN_TWICE)
        naming = next((name for name in _NAMING if name in names), None)
        if naming is None:
            self._table.wrong(1, "", ApiRefusal.CSV_NO_DEVICE, known=list(_NAMING))
        self._table.has_keys = not set(self._keys).isdisjoint(names)
        if self._table.errors or naming is None:
            return
        for line, cells in rows:
            if len(cells) != len(names):
                self._table.wrong(line, "", ApiRefusal.CSV_CELLS, found=len(cells), wanted=len(names))
                continue
            self._row(line, naming, dict(zip(names, map(_unescaped, cells), strict=True)))

    def _row(self, line: int, naming: str, cells: dict[str, str]) -> None:
        table, name = self._table, cells[naming].removeprefix(f"{self._platform}:")
        if not name or len(name) > _LONGEST_NAME or not name.isprintable() or not is_storable(name):
            table.wrong(line, naming, ApiRefusal.CSV_DEVICE, limit=_LONGEST_NAME)
            return
        if name in table.lines:
            table.wrong(line, naming, ApiRefusal.CSV_DEVICE_TWICE, first=table.lines[name])
            return
        table.lines[name] = line
        device = f"{self._platform}:{name}"
        self._label(line, device, cells)
        given = {column: cells[column] for column in self._keys if cells.get(column)}
        if "appkey" in given or "password" in given:
            self._appkey(line, given.get("appkey", ""), given.get("password", ""))
        elif given:
            self._device_keys(line, name, given)

    def _label(self, line: int, device: str, cells: dict[str, str]) -> None:
        changes: dict[str, Any] = {}
        for column in _LABELS:
            if column not in cells:
                continue
            value: Any = tags_in(cells[column]) if column == "tags" else cells[column]
            try:
                LabelChange(**{column: value}).checked().of(Label(), device)
            except LabelRefused as error:
                self._refused(line, column, error)
            else:
                changes[column] = value
        if changes:
            self._table.labels[device] = LabelChange(**changes)

    def _device_keys(self, line: int, name: str, given: dict[str, str]) -> None:
        keys = DeviceKeys(device=name, **given)
        try:
            keys.checked()
        except PskError as error:
            column = "identity" if error.code == KeyRefusal.NAME else "key"
            self._refused(line, next((one for one in (column, f"bootstrap_{column}") if one in given), column), error)
        else:
            self._table.keys.append(keys)

    def _appkey(self, line: int, appkey: str, password: str) -> None:
        """One of many devices: it may stand in several lines, always with the same password."""
        if not password or self._table.appkeys.get(appkey, password) != password or not is_storable(password):
            self._table.wrong(line, "password", ApiRefusal.CSV_PASSWORD)
            return
        try:
            AppkeyStore.check(appkey)
        except AppkeyError as error:
            self._refused(line, "appkey", error)
        else:
            self._table.appkeys[appkey] = password

    def _refused(self, line: int, column: str, error: CodedError) -> None:
        self._table.wrong(line, column, error.code, **error.fields)


def _unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith(_FORMULA) else cell
