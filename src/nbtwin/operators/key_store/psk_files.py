"""Keys of Andlink devices as files: JSON and CSV, in and out. Knows texts; knows no database and no handshake.

Such a file holds the keys in clear.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import msgspec

from nbtwin.engine import UNDECODABLE
from nbtwin.foreign import detail_of
from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.operators.key_store.refusals import KeyRefusal, PskError

COLUMNS = ("device", "bootstrap_key", "key", "bootstrap_identity", "identity")
FORMATS = ("json", "csv")


def format_keys(keys: Iterable[DeviceKeys], form: str) -> str:
    """One of FORMATS."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(list(keys)), indent=2).decode() + "\n"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(entry, column) for column in COLUMNS] for entry in keys)
    return text.getvalue()


def parse_keys(text: str) -> list[DeviceKeys]:
    """Either format, told by the first character. PskError says which entry is wrong, without its keys."""
    text = text.removeprefix("\ufeff")  # what spreadsheets put before a CSV
    found = _from_json(text) if text.lstrip()[:1] in ("[", "{") else _from_csv(text)
    return [entry.checked() for entry in found]


def _from_json(text: str) -> list[DeviceKeys]:
    try:
        return msgspec.json.decode(text, type=list[DeviceKeys])
    except UNDECODABLE as error:
        raise PskError(KeyRefusal.FILE_JSON, detail=detail_of(error)) from None


def _from_csv(text: str) -> list[DeviceKeys]:
    rows = csv.DictReader(io.StringIO(text))
    names = [name.strip() for name in rows.fieldnames or ()]
    if "device" not in names or not set(names) <= set(COLUMNS):
        raise PskError(KeyRefusal.FILE_COLUMNS, known=list(COLUMNS))
    rows.fieldnames = names
    found = []
    try:
        for row in rows:
            if None in row or None in row.values():
                raise PskError(KeyRefusal.FILE_ROW, line=rows.line_num)
            found.append(DeviceKeys(**{name: value.strip() for name, value in row.items()}))
    except csv.Error as error:
        raise PskError(KeyRefusal.FILE_CSV, line=rows.line_num, detail=detail_of(error)) from None
    return found
