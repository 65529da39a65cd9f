"""Plans in YAML and lists of devices in CSV: everything that is wrong in them at once, with line and column.

Knows the two formats and what each field may be; nothing is sent before a file is found right.
"""

from __future__ import annotations

import csv
import difflib
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any, get_args

import msgspec
import yaml

from nbtwin.fleet.plan import Card, Deed, FleetDevices, FleetModules, FleetPhase, NamedDevice
from nbtwin.fleet.refusals import FleetRefusal
from nbtwin.foreign import detail_of
from nbtwin.runtime.errors import Mistakes, WrongUsage
from nbtwin.runtime.syntax import syntax_of
from nbtwin.timeline.span import SpanError, parse_span

_LARGEST_NAME = 200
_LONGEST_KEY = 64
_LONGEST_LINE = 4096
_PATTERN = re.compile(r"(?:[^{}]|\{(?:n(?::\d{1,2}[dxX]?)?|name)\})+")
Reader = tuple[Callable[[str], Any], str]
"""How a value is read (ValueError: it is none), and what it may be, as people write it."""


def on_one_line(text: str) -> str:
    """As an error shows it."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()


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


def read_digits(text: str) -> str:
    """An IMSI or an IMEI."""
    if not (text.isascii() and text.isdecimal() and len(text) == 15):
        raise ValueError
    return text


def read_line(text: str) -> str:
    """An AT command line, as a host sends it."""
    if not (text.isascii() and text.isprintable() and 0 < len(text) <= _LONGEST_LINE):
        raise ValueError
    return text


def _switch(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _text(text: str) -> str:
    return text


def read_pattern(text: str) -> str:
    """Of names: ``{n}``, ``{n:07}`` and ``{n:x}`` are the number. ValueError for another one."""
    if "{name}" in text:
        raise ValueError
    return read_identity(text)


def read_identity(text: str) -> str:
    """The same, or with ``{name}``, the device's."""
    if _PATTERN.fullmatch(text) is None:
        raise ValueError
    return check_name(text.format(n=1, name="x")) and text


def check_name(name: str) -> str:
    if not name or len(name.encode()) > _LARGEST_NAME or not name.isprintable() or any(c in "&#" for c in name):
        raise ValueError
    return name


def read_key(text: str) -> bytes:
    key = bytes.fromhex(text)
    if not 1 <= len(key) <= _LONGEST_KEY:
        raise ValueError
    return key


def read_network(text: str) -> str:
    if ipaddress.ip_network(text).version != 4:
        raise ValueError
    return text


def read_bootstrap(text: str) -> bool | str:
    """Whether, or where."""
    return text if text.startswith("coap") else _switch(text)


def read_sockets(text: str) -> int:
    """``addresses``, ``each``, or how many."""
    known = {"addresses": 0, "each": -1}
    return known[text] if text in known else int(_within(int(text), 1, 60000))


_SPAN: Reader = (parse_span, "10s, 5min, 1h")
_LONGER: Reader = (lambda text: _within(parse_span(text), 0.001, inf), "1ms, 10s, 5min")
_SHARE = _number(0, 1)
_SWITCH: Reader = (_switch, "true, false")
_KEY: Reader = (read_key, "00112233…")
_NAME: Reader = (read_pattern, "meter-{n:07}")
_IDENTITY: Reader = (read_identity, "{name}, psk-{n:07}")
_CARD = _choice(*get_args(Card))
_BOOTSTRAP: Reader = (read_bootstrap, "true, false, coap://HOST:PORT")
_LINE: Reader = (read_line, "AT+CSQ")
_RATE = _number(0.001, 1_000_000)
DEVICES: Mapping[str, Reader] = {
    "count": _whole(1, 10_000_000), "name": _NAME, "identity": _IDENTITY, "key": _KEY, "model": (_text, "BC260Y-CN"),
    "csv": (_text, "devices.csv"),
}  # fmt: skip
PHASE: Mapping[str, Reader] = {
    "do": _choice(*get_args(Deed)), "rate": _RATE, "to": _RATE, "for": _SPAN, "wave": _LONGER, "depth": _SHARE,
}  # fmt: skip
MODULES: Mapping[str, Reader] = {"operator": _CARD}
LINES = ("settings", "script")
NOT_OF_MODULES = (
    "lifetime", "version", "queue", "bootstrap", "payload", "non", "connection_id", "malformed", "wrong_keys",
    "ack_timeout", "retransmissions",
)  # fmt: skip
"""Fields of a plan that whole modules decide themselves."""
ONLY_MODULES, NEVER_MODULES = ("at",), ("update", "uplink", "notify")
"""What a phase does with one kind of device alone."""
PLAN: Mapping[str, Reader] = {
    "target": (_text, "coap://HOST:PORT"), "seed": _whole(0, 2**63), "lifetime": _whole(1, 2**31),
    "version": _choice("1.0", "1.1", "1.2"), "queue": _SPAN, "bootstrap": _BOOTSTRAP, "payload": _whole(1, 1000),
    "non": _SHARE, "connection_id": _SWITCH, "duplicates": _SHARE, "malformed": _SHARE, "wrong_keys": _SHARE,
    "loss": _SHARE, "ack_timeout": _LONGER, "retransmissions": _whole(0, 20), "slow": _SPAN, "grace": _SPAN,
    "again": _SPAN, "again_most": _SPAN, "again_spread": _SHARE,
    "keep": _SWITCH, "sockets": (read_sockets, "addresses, each, 1-60000"), "network": (read_network, "127.16.0.0/12"),
}  # fmt: skip


@dataclass
class PlanFile:
    """What a file says, as the fields of `FleetPlan`."""

    fields: dict[str, Any] = field(default_factory=dict)
    devices: dict[str, Any] = field(default_factory=dict)
    phases: list[FleetPhase] = field(default_factory=list)
    modules: FleetModules | None = None
    places: dict[str, str] = field(default_factory=dict)
    """Where a field of the plan stands, and one of a part of it (``devices.model``): file, line, column."""


def _text_of(path: Path) -> str:
    """Mistakes, with the place of what is no UTF-8."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Mistakes([WrongUsage(FleetRefusal.YAML, str(path), detail=detail_of(error))]) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_in(path, data[: error.start].decode("utf-8-sig", "replace"))
        raise Mistakes([WrongUsage(FleetRefusal.YAML, place, detail=detail_of(error))]) from None


def _place_in(path: Path, before: str) -> str:
    """Of what comes behind this text."""
    return f"{path}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def read_plan(path: Path) -> PlanFile:
    """Mistakes, with all of them."""
    text = _text_of(path)
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        place = _place_in(path, text[: error.position])
        raise Mistakes([WrongUsage(FleetRefusal.YAML, place, detail=detail_of(error))]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark is not None else str(path)
        raise Mistakes([WrongUsage(FleetRefusal.YAML, where, detail=syntax_of(str(error.problem)))]) from None
    except (RecursionError, yaml.YAMLError) as error:
        raise Mistakes([WrongUsage(FleetRefusal.YAML, str(path), detail=detail_of(error))]) from None
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value):
        raise Mistakes([WrongUsage(FleetRefusal.PLAN_EMPTY, f"{path}:1:1")])
    source = _Source(path)
    found = PlanFile()
    found.fields = source.mapping(root, PLAN, ("devices", "phases", "modules"))
    parts = dict(source.entries(root))
    found.places = {name: source.place(node) for name, node in parts.items()}
    for part in ("devices", "modules"):
        found.places |= {f"{part}.{name}": source.place(node) for name, node in source.entries(parts.get(part))}
    if (node := parts.get("devices")) is not None:
        found.devices = source.mapping(node, DEVICES)
    if (node := parts.get("modules")) is not None:
        found.modules = source.modules(node)
        for key in source.keys(root):
            if key.value in NOT_OF_MODULES:
                source.mistake(key, WrongUsage(FleetRefusal.NOT_WITH_MODULES, "", key=key.value))
    if (node := parts.get("phases")) is not None:
        found.phases = source.phases(node, whole="modules" in parts)
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

    def place(self, node: yaml.Node | None) -> str:
        if node is None:
            return str(self.path)
        return f"{self.path}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"

    def mistake(self, node: yaml.Node | None, why: WrongUsage) -> None:
        self.mistakes.append(WrongUsage(why.code, self.place(node), **why.fields))

    def entries(self, node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
        if isinstance(node, yaml.MappingNode):
            yield from ((str(key.value), value) for key, value in node.value)

    def keys(self, node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
        if isinstance(node, yaml.MappingNode):
            yield from (key for key, _ in node.value if isinstance(key, yaml.ScalarNode))

    def lines(self, node: yaml.Node) -> tuple[str, ...]:
        """AT command lines; one may stand alone."""
        found: list[str] = []
        read, may_be = _LINE
        for each in node.value if isinstance(node, yaml.SequenceNode) else (node,):
            said = each.value if isinstance(each, yaml.ScalarNode) else ""
            try:
                found.append(read(said))
            except ValueError:
                self.mistake(each, WrongUsage(FleetRefusal.VALUE, "", value=on_one_line(said), known=may_be))
        return tuple(found)

    def modules(self, node: yaml.Node) -> FleetModules:
        values = self.mapping(node, MODULES, LINES)
        values |= {key: self.lines(value) for key, value in self.entries(node) if key in LINES}
        return FleetModules(**values)

    def mapping(self, node: yaml.Node | None, known: Mapping[str, Reader], others: tuple[str, ...] = ()) -> dict[
        str, Any
    ]:  # fmt: skip
        found: dict[str, Any] = {}
        if not isinstance(node, yaml.MappingNode):
            self.mistake(node, WrongUsage(FleetRefusal.NO_FIELDS, "", known=[*known, *others]))
            return found
        lines: dict[str, int] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in lines:
                self.mistake(key, WrongUsage(FleetRefusal.NAME_TWICE, "", name=name, line=lines[name]))
            lines[name] = key.start_mark.line + 1
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
                self.mistake(value, WrongUsage(FleetRefusal.VALUE, "", value=on_one_line(said), known=may_be))
        return found

    def phases(self, node: yaml.Node, whole: bool) -> list[FleetPhase]:
        """``whole``: of whole modules."""
        found = []
        for each in node.value if isinstance(node, yaml.SequenceNode) else (node,):
            before = len(self.mistakes)
            does = dict(self.entries(each)).get("do")
            values = self.mapping(each, PHASE, () if does is not None and does.value != "at" else ("lines",))
            values |= {key: self.lines(value) for key, value in self.entries(each) if key == "lines"}
            if values.get("do") in (NEVER_MODULES if whole else ONLY_MODULES):
                code = FleetRefusal.NOT_WITH_MODULES if whole else FleetRefusal.MODULES_NEEDED
                self.mistake(dict(self.entries(each))["do"], WrongUsage(code, "", key=values["do"]))
            if len(self.mistakes) > before:
                continue
            needed: tuple[str, ...] = ("for",) if values.get("do") == "rest" else ("rate",)
            needed += ("for",) if values.get("do") in ("update", "uplink", "notify") else ()
            needed += ("lines",) if values.get("do") == "at" else ()
            missing = [name for name in ("do", *needed) if name not in values]
            for name in missing:
                self.mistake(each, WrongUsage(FleetRefusal.FIELD_MISSING, "", key=name))
            if not missing:
                found.append(msgspec.convert(values, FleetPhase))
        return found


# Devices

READERS: Mapping[str, tuple[Reader, FleetRefusal]] = {
    "name": ((check_name, ""), FleetRefusal.NAME),
    "identity": ((check_name, ""), FleetRefusal.NAME),
    "key": ((read_key, ""), FleetRefusal.KEY),
    "model": ((_text, ""), FleetRefusal.NAME),
    "operator": (_CARD, FleetRefusal.VALUE),
    "imsi": ((read_digits, "460000000000001"), FleetRefusal.VALUE),
    "imei": ((read_digits, "863703030000017"), FleetRefusal.VALUE),
}
"""By column: how a cell is read, and what one is told that cannot be."""
ONLY_ONE = ("name", "imsi", "imei")
"""What no two devices have."""


def read_devices(path: Path) -> tuple[NamedDevice, ...]:
    """Mistakes, with all of them: what a column may be, names that stand twice."""
    return _Rows(path, re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", _text_of(path))).devices()


class _Rows:
    """The rows of a list of devices, with the places of their cells."""

    def __init__(self, path: Path, lines: list[str]) -> None:
        self._path, self._lines = path, lines
        self._first = 0  # of the lines that the present row is made of
        self._lines_of: dict[tuple[str, str], int] = {}  # of what one device alone has, by column and cell
        self._mistakes: list[WrongUsage] = []

    def devices(self) -> tuple[NamedDevice, ...]:
        reader = csv.reader(self._lines, strict=True)
        found: list[NamedDevice] = []
        try:
            header = self._header(next(reader, []))
            self._first = reader.line_num
            for row in reader:
                device = self._device(row, header) if row else None
                if device is not None:
                    found.append(device)
                self._first = reader.line_num
        except csv.Error as error:
            self._mistake((self._first + 1, 1), FleetRefusal.YAML, detail=detail_of(error))
        if not found and not self._mistakes:
            self._mistake((2, 1), FleetRefusal.EMPTY)
        if self._mistakes:
            raise Mistakes(self._mistakes)
        return tuple(found)

    def _header(self, header: list[str]) -> list[str]:
        for at, name in enumerate(header):
            if name not in READERS:
                said = on_one_line(name)
                self._mistake(self._place(at), FleetRefusal.COLUMN_UNKNOWN, value=said, known=list(READERS))
            elif name in header[:at]:
                self._mistake(self._place(at), FleetRefusal.NAME_TWICE, name=name, line=1)
        if "name" not in header:
            self._mistake((1, 1), FleetRefusal.COLUMN_MISSING, key="name")
        if self._mistakes:
            raise Mistakes(self._mistakes)
        return header

    def _device(self, row: list[str], header: list[str]) -> NamedDevice | None:
        if len(row) != len(header):
            place = self._place(min(len(row), len(header)))
            self._mistake(place, FleetRefusal.CELLS, count=len(row), expected=len(header))
            return None
        values: dict[str, Any] = {}
        before = len(self._mistakes)
        for at, (name, cell) in enumerate(zip(header, row, strict=True)):
            if not cell and name != "name":
                continue
            (read, may_be), refusal = READERS[name]
            try:
                values[name] = read(cell)
                if name in ONLY_ONE and self._lines_of.setdefault((name, cell), self._first + 1) != self._first + 1:
                    line = self._lines_of[name, cell]
                    self._mistake(self._place(at), FleetRefusal.NAME_TWICE, name=cell, line=line)
            except ValueError:
                known = {} if refusal is not FleetRefusal.VALUE else {"known": may_be}
                self._mistake(self._place(at), refusal, value=on_one_line(cell), **known)
        return None if len(self._mistakes) > before else NamedDevice(**values)

    def _mistake(self, place: tuple[int, int], code: FleetRefusal, **fields: Any) -> None:
        self._mistakes.append(WrongUsage(code, f"{self._path}:{place[0]}:{place[1]}", **fields))

    def _place(self, cell: int) -> tuple[int, int]:
        """Line and column in which a cell of the present row begins; of one that is not there, where it would."""
        line, column, quoted = self._first, 0, False
        while line < len(self._lines):
            for column, letter in enumerate(self._lines[line].rstrip("\r\n")):
                if not cell:
                    return line + 1, column + 1
                quoted ^= letter == '"'
                cell -= letter == "," and not quoted
            if not quoted:
                break
            line += 1
        end = len(self._lines[line].rstrip("\r\n")) if line < len(self._lines) else column
        return line + 1, end + 1


def devices_of(values: Mapping[str, Any], beside: Path, places: Mapping[str, str]) -> FleetDevices:
    """Of a plan file: ``csv`` stands beside it."""
    rest = {name: value for name, value in values.items() if name not in ("csv", "count")}
    if "csv" in values:
        named = read_devices(beside.parent / values["csv"])
        return FleetDevices(count=len(named), named=named, **rest)
    found = FleetDevices(count=values.get("count", 1000), **rest)
    check_pattern(found, places.get("devices.name", str(beside)))
    return found


def check_pattern(devices: FleetDevices, where: str) -> None:
    """WrongUsage for a pattern that gives several devices one name."""
    if devices.count > 1 and not devices.named and devices.name_of(0) == devices.name_of(1):
        raise WrongUsage(FleetRefusal.NAME_SAME, where, value=devices.name)
