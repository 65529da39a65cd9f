"""Plans in YAML and lists of devices in CSV: everything that is wrong in them at once, with line and column.

Knows the two formats and what each field may be; nothing is sent before a file is found right.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import msgspec
import yaml

from nbtwin.fleet.plan import Deed, FleetDevices, FleetPhase, NamedDevice
from nbtwin.fleet.refusals import FleetRefusal
from nbtwin.foreign import detail_of
from nbtwin.runtime.errors import Mistakes, WrongUsage
from nbtwin.timeline.span import SpanError, parse_span

_LARGEST_NAME = 200
_LONGEST_KEY = 64
Reader = tuple[Callable[[str], Any], str]
"""How a value is read (ValueError: it is none), and what it may be, as people write it."""


def _whole(least: int, most: int) -> Reader:
    return lambda text: _within(int(text), least, most), f"{least}-{most}"


def _number(least: float, most: float) -> Reader:
    return lambda text: _within(float(text), least, most), f"{least:g}-{most:g}"


def _within(value: Any, least: float, most: float) -> Any:
    if not least <= value <= most:
        raise ValueError
    return value


def _choice(*known: str) -> Reader:
    def read(text: str) -> str:
        if text not in known:
            raise ValueError
        return text

    return read, ", ".join(known)


def _switch(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _text(text: str) -> str:
    return text


def read_pattern(text: str) -> str:
    """ValueError where ``{n}`` makes no name of it."""
    try:
        name = text.format(n=1, name="x")
    except (KeyError, IndexError, AttributeError) as error:
        raise ValueError from error
    return check_name(name) and text


def check_name(name: str) -> str:
    if not name or len(name.encode()) > _LARGEST_NAME or not name.isprintable() or any(c in "&#" for c in name):
        raise ValueError
    return name


def read_key(text: str) -> bytes:
    key = bytes.fromhex(text)
    if not 1 <= len(key) <= _LONGEST_KEY:
        raise ValueError
    return key


def read_sockets(text: str) -> int:
    """``addresses``, ``each``, or how many."""
    known = {"addresses": 0, "each": -1}
    return known[text] if text in known else int(_within(int(text), 1, 60000))


_SPAN: Reader = (parse_span, "10s, 5min, 1h")
_SHARE = _number(0, 1)
_SWITCH: Reader = (_switch, "true, false")
_KEY: Reader = (read_key, "00112233…")
_NAME: Reader = (read_pattern, "meter-{n:07}")
_RATE = _number(0.001, 1_000_000)
DEVICES: Mapping[str, Reader] = {
    "count": _whole(1, 10_000_000), "name": _NAME, "identity": _NAME, "key": _KEY, "model": (_text, "BC260Y-CN"),
    "csv": (_text, "devices.csv"),
}  # fmt: skip
PHASE: Mapping[str, Reader] = {
    "do": _choice(*get_args(Deed)), "rate": _RATE, "to": _RATE, "for": _SPAN, "wave": _SPAN, "depth": _SHARE,
}  # fmt: skip
PLAN: Mapping[str, Reader] = {
    "target": (_text, "coap://HOST:PORT"), "seed": _whole(0, 2**63), "lifetime": _whole(1, 2**31),
    "version": _choice("1.0", "1.1", "1.2"), "queue": _SPAN, "bootstrap": _SWITCH, "payload": _whole(1, 1000),
    "non": _SHARE, "connection_id": _SWITCH, "duplicates": _SHARE, "malformed": _SHARE, "wrong_keys": _SHARE,
    "loss": _SHARE, "ack_timeout": _SPAN, "retransmissions": _whole(0, 20), "slow": _SPAN, "grace": _SPAN,
    "keep": _SWITCH, "sockets": (read_sockets, "addresses, each, 1-60000"), "network": (_text, "127.16.0.0/12"),
}  # fmt: skip


@dataclass
class PlanFile:
    """What a file says, as the fields of `FleetPlan`."""

    fields: dict[str, Any] = field(default_factory=dict)
    devices: dict[str, Any] = field(default_factory=dict)
    phases: list[FleetPhase] = field(default_factory=list)


def read_plan(path: Path) -> PlanFile:
    """Mistakes, with all of them."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark is not None else str(path)
        raise Mistakes([WrongUsage(FleetRefusal.YAML, where, detail=" ".join(str(error.problem).split()))]) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Mistakes([WrongUsage(FleetRefusal.YAML, str(path), detail=detail_of(error))]) from None
    source = _Source(path)
    found = PlanFile()
    found.fields = source.mapping(root, PLAN, ("devices", "phases"))
    for key, node in source.entries(root):
        if key == "devices":
            found.devices = source.mapping(node, DEVICES)
        elif key == "phases":
            found.phases = source.phases(node)
    if not source.mistakes and not found.phases:
        source.mistake(root, WrongUsage(FleetRefusal.FIELD_MISSING, "", key="phases"))
    if source.mistakes:
        raise Mistakes(source.mistakes)
    return found


class _Source:
    """The nodes of a file: values with their places."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mistakes: list[WrongUsage] = []

    def mistake(self, node: yaml.Node | None, why: WrongUsage) -> None:
        where = str(self.path)
        if node is not None:
            where += f":{node.start_mark.line + 1}:{node.start_mark.column + 1}"
        self.mistakes.append(WrongUsage(why.code, where, **why.fields))

    def entries(self, node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
        if isinstance(node, yaml.MappingNode):
            yield from ((str(key.value), value) for key, value in node.value)

    def mapping(self, node: yaml.Node | None, known: Mapping[str, Reader], others: tuple[str, ...] = ()) -> dict[
        str, Any
    ]:  # fmt: skip
        found: dict[str, Any] = {}
        if not isinstance(node, yaml.MappingNode):
            self.mistake(node, WrongUsage(FleetRefusal.FIELD_MISSING, "", key=", ".join([*known, *others][:3])))
            return found
        for key, value in node.value:
            name = str(key.value)
            if name in others:
                continue
            if name not in known:
                near = difflib.get_close_matches(name, [*known, *others], 1)
                why = WrongUsage(
                    FleetRefusal.FIELD_UNKNOWN, "", near=near[0] if near else None, known=[*known, *others]
                )
                self.mistake(key, why)
                continue
            read, may_be = known[name]
            try:
                if not isinstance(value, yaml.ScalarNode):
                    raise ValueError
                found[name] = read(value.value)
            except (ValueError, KeyError, SpanError):
                said = value.value if isinstance(value, yaml.ScalarNode) else ""
                self.mistake(value, WrongUsage(FleetRefusal.VALUE, "", value=said, known=may_be))
        return found

    def phases(self, node: yaml.Node) -> list[FleetPhase]:
        found = []
        for each in node.value if isinstance(node, yaml.SequenceNode) else (node,):
            before = len(self.mistakes)
            values = self.mapping(each, PHASE)
            if len(self.mistakes) > before:
                continue
            needed: tuple[str, ...] = ("for",) if values.get("do") == "rest" else ("rate",)
            needed += ("for",) if values.get("do") in ("update", "uplink", "notify") else ()
            missing = [name for name in ("do", *needed) if name not in values]
            for name in missing:
                self.mistake(each, WrongUsage(FleetRefusal.FIELD_MISSING, "", key=name))
            if not missing:
                found.append(msgspec.convert(values, FleetPhase))
        return found


# Devices

_COLUMNS = ("name", "identity", "key", "model")


def read_devices(path: Path) -> tuple[NamedDevice, ...]:
    """Mistakes, with all of them: what a column may be, names that stand twice."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _devices(path, csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Mistakes([WrongUsage(FleetRefusal.YAML, str(path), detail=detail_of(error))]) from None


def _devices(path: Path, rows: Any) -> tuple[NamedDevice, ...]:
    header: list[str] = next(rows, [])
    mistakes = [
        WrongUsage(FleetRefusal.COLUMN_UNKNOWN, f"{path}:1:{_column(header, at)}", value=name, known=list(_COLUMNS))
        for at, name in enumerate(header)
        if name not in _COLUMNS
    ]
    if "name" not in header:
        mistakes.append(WrongUsage(FleetRefusal.COLUMN_MISSING, f"{path}:1:1", key="name"))
    if mistakes:
        raise Mistakes(mistakes)
    found: dict[str, NamedDevice] = {}
    lines: dict[str, int] = {}
    for row in rows:
        line = rows.line_num
        if not row:
            continue
        if len(row) != len(header):
            where = f"{path}:{line}:{_column(row, min(len(row), len(header)))}"
            mistakes.append(WrongUsage(FleetRefusal.CELLS, where, count=len(row), expected=len(header)))
            continue
        device = _device(path, line, dict(zip(header, row, strict=True)), row, header, mistakes)
        if device is None:
            continue
        if device.name in found:
            where = f"{path}:{line}:{_column(row, header.index('name'))}"
            mistakes.append(WrongUsage(FleetRefusal.NAME_TWICE, where, name=device.name, line=lines[device.name]))
        found[device.name], lines[device.name] = device, line
    if not found and not mistakes:
        mistakes.append(WrongUsage(FleetRefusal.EMPTY, str(path)))
    if mistakes:
        raise Mistakes(mistakes)
    return tuple(found.values())


def _device(
    path: Path, line: int, cells: dict[str, str], row: list[str], header: list[str], mistakes: list[WrongUsage]
) -> NamedDevice | None:
    readers = {"name": (check_name, FleetRefusal.NAME), "key": (read_key, FleetRefusal.KEY)}
    values: dict[str, Any] = {}
    wrong = False
    for name, cell in cells.items():
        read, refusal = readers.get(name, (_text, FleetRefusal.NAME))
        if not cell and name != "name":
            continue
        try:
            values[name] = read(cell)
        except ValueError:
            mistakes.append(WrongUsage(refusal, f"{path}:{line}:{_column(row, header.index(name))}", value=cell))
            wrong = True
    return None if wrong else NamedDevice(**values)


def _column(row: list[str], at: int) -> int:
    """Where a cell begins, unless one before it is quoted."""
    return sum(len(cell) + 1 for cell in row[:at]) + 1


def devices_of(values: Mapping[str, Any], beside: Path) -> FleetDevices:
    """Of a plan file: ``csv`` stands beside it."""
    rest = {name: value for name, value in values.items() if name not in ("csv", "count")}
    if "csv" in values:
        named = read_devices(beside.parent / values["csv"])
        return FleetDevices(count=len(named), named=named, **rest)
    return FleetDevices(count=values.get("count", 1000), **rest)
