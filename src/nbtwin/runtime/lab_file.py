"""`nbtwin.toml`: a lab described once. Every mistake of a file at once, each with its line and what is allowed.

Knows what may stand in the file and reads the files and variables that it names for secrets; opens no lab. Paths in it
are from its own folder. What wins over it is decided by whoever starts the lab (D174).
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from nbtwin.engine import CodedError
from nbtwin.foreign import Where, detail_of, spell
from nbtwin.lab.faults import Fault
from nbtwin.lab.network import Route
from nbtwin.module.profile import UnknownModel
from nbtwin.operators.key_store.appkeys import AppkeyStore
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.operators.store.database import Durability, kind_of
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.errors import SpecError, UsageRefusal
from nbtwin.runtime.shape import KindPhrase, Misfit, convert
from nbtwin.runtime.spec import (
    KEYS,
    ModuleSpec,
    module_spec,
    parse_address,
    parse_history,
    parse_host,
    parse_patience,
    parse_size,
    parse_zone,
    profile_of,
)  # fmt: skip
from nbtwin.runtime.syntax import toml_problem
from nbtwin.runtime.toml_places import lines_of

NAME = "nbtwin.toml"
STATE = ".nbtwin"
_PORTS = 3
"""Of UDP, that the andlink platform takes; the others take one."""

Port: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=65535)]


class _Table(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A key that is not known is a mistake."""


class ModuleTable(_Table):
    """A SPEC, field by field."""

    model: str
    name: str | None = None
    sim: str | None = None
    imsi: str | None = None
    plmn: str | None = None
    iccid: str | None = None
    serial: str = "pty"
    imei: str | None = None
    firmware: str | None = None
    vendor: str | None = None

    @property
    def parts(self) -> dict[str, str]:
        """As a SPEC has them, but for the model."""
        given = {key: getattr(self, key) for key in KEYS}
        return {key: value for key, value in given.items() if value is not None and (key, value) != ("serial", "pty")}

    @property
    def text(self) -> str:
        return ",".join((self.model, *(f"{key}={value}" for key, value in self.parts.items())))

    @property
    def spec(self) -> ModuleSpec:
        return module_spec(self.model, **self.parts)


class PlatformTable(_Table):
    port: Port | None = None
    strict: bool = False


class PlatformTables(_Table):
    cmdmp: PlatformTable | None = None
    telecom: PlatformTable | None = None
    unicom: PlatformTable | None = None
    andlink: PlatformTable | None = None

    @property
    def given(self) -> dict[str, PlatformTable]:
        return {name: table for name in self.__struct_fields__ if (table := getattr(self, name)) is not None}


class AppkeyTable(_Table):
    """The password by value, or where it is: an environment variable, a file."""

    appkey: str
    password: str | None = None
    password_env: str | None = None
    password_file: str | None = None


class PskTable(_Table):
    """Each key by value (hexadecimal digits), or where it is."""

    device: str
    bootstrap_key: str | None = None
    bootstrap_key_env: str | None = None
    bootstrap_key_file: str | None = None
    key: str | None = None
    key_env: str | None = None
    key_file: str | None = None
    bootstrap_identity: str = ""
    identity: str = ""


class LabTables(_Table):
    """What may stand in the file. None, or nothing: not said."""

    state: str | None = None
    database: str | None = None
    http: str | None = None
    bind: str | None = None
    advertise: str | None = None
    allow_host: list[str] | None = None
    tokens: bool | None = None
    clock: Literal["live", "simulated"] | None = None
    seed: Annotated[int, msgspec.Meta(ge=0)] | None = None
    strict: bool | None = None
    patience: str | None = None
    zone: str | None = None
    durability: Durability | None = None
    history: str | None = None
    timeline: Literal["text", "json", "none"] | None = None
    timeline_size: str | int | None = None
    trace: str | None = None
    pcap: str | None = None
    routes: list[str] | None = None
    faults: list[str | dict[str, Any]] | None = None
    objects: list[str] | None = None
    log_level: Literal["debug", "info", "warning", "error"] | None = None
    log_json: bool | None = None
    modules: list[ModuleTable] | None = None
    platforms: PlatformTables | None = None
    appkeys: list[AppkeyTable] = []
    psk: list[PskTable] = []


@dataclass(frozen=True)
class LabFile:
    """A file without a mistake."""

    path: Path
    tables: LabTables
    lines: Mapping[Where, int]
    appkeys: Mapping[str, str] = field(default_factory=dict, repr=False)
    psk: tuple[DeviceKeys, ...] = field(default=(), repr=False)

    def line_of(self, *path: str | int) -> int:
        """Where it stands, or else what it is in."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    @cached_property
    def folder(self) -> Path:
        return self.path.parent

    def said(self, name: str) -> bool:
        return getattr(self.tables, name) is not None


def is_here() -> bool:
    """Whether this folder has the file, even one that cannot be read: whoever reads it then says so."""
    return os.path.lexists(NAME)


def kept_in(path: Path) -> tuple[Path, str | None]:
    """The state directory and the database that a file names, whatever else is wrong in it. LabFileError, OSError."""
    content = path.read_bytes()
    try:
        data = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise LabFileError([_no_toml(path, content, error)]) from None
    state, database = data.get("state"), data.get("database")
    where = path.parent / (state if isinstance(state, str) else STATE)
    return where, database_of(path.parent, database) if isinstance(database, str) else None


def database_of(folder: Path, text: str) -> str:
    """A URL as it is, a file from the folder."""
    return text if "://" in text else str(folder / text)


class LabFileError(Exception):
    """A file that describes no lab: all its mistakes, each of them one line, in the order of the file."""

    def __init__(self, mistakes: list[SpecError]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


def load(path: Path) -> LabFile:
    """LabFileError for what is wrong, OSError for a file that cannot be read."""
    content = path.read_bytes()
    try:
        text = content.decode()
        data = tomllib.loads(text)
        lines = lines_of(text)
    except (ValueError, RecursionError) as error:
        raise LabFileError([_no_toml(path, content, error)]) from None
    checking = _Checking(path, lines)
    converted = convert(data, LabTables)
    for misfit in converted.misfits:
        if not _follows(misfit, converted.misfits):
            checking.add(misfit.path, _said_of(misfit, data))
    if converted.value is not None:
        told = [misfit.path for misfit in converted.misfits]
        for where, problem in checking.check(converted.value):
            here = converted.in_file(where)
            if not any(one[: len(here)] == here for one in told):
                checking.add(here, problem)
    if checking.mistakes or converted.value is None:
        raise LabFileError([mistake for _, mistake in sorted(checking.mistakes, key=lambda told: told[0])])
    return LabFile(path, converted.value, lines, checking.passwords, tuple(checking.device_keys))


def _no_toml(path: Path, content: bytes, error: Exception) -> SpecError:
    if isinstance(error, UnicodeDecodeError):
        line = content.count(b"\n", 0, error.start) + 1
        return SpecError(UsageRefusal.TOML, f"{path}:{line}", detail=detail_of(error))
    line, detail = toml_problem(content.decode(), error)
    return SpecError(UsageRefusal.TOML, f"{path}:{line}", detail=detail)


def _follows(misfit: Misfit, others: list[Misfit]) -> bool:
    """A key that is missing because it is misspelt."""
    beside = [other.unknown for other in others if other.unknown is not None and other.path[:-1] == misfit.path]
    return misfit.missing is not None and bool(difflib.get_close_matches(misfit.missing, beside, 1))


_TABLES: dict[str, type[_Table]] = {"modules": ModuleTable, "appkeys": AppkeyTable, "psk": PskTable}
_WORDS = {
    "clock": ["live", "simulated"],
    "timeline": ["text", "json", "none"],
    "log_level": ["debug", "info", "warning", "error"],
}


def _said_of(misfit: Misfit, data: Any) -> CodedError:
    if misfit.unknown is not None:
        known = list(_table_of(misfit.path[:-1]).__struct_fields__)
        near = difflib.get_close_matches(misfit.unknown, known, 1)
        return SpecError(UsageRefusal.KEY_UNKNOWN, near=near[0] if near else "", known=known)
    if misfit.missing is not None:
        return SpecError(UsageRefusal.KEY_MISSING, key=misfit.missing)
    if misfit.choice is not None:
        return SpecError(UsageRefusal.NONE_OF, value=misfit.choice, known=_WORDS[str(misfit.path[0])])
    if misfit.kinds is not None:
        expected, given = misfit.kinds
        return SpecError(UsageRefusal.KIND, expected=_of_toml(expected), given=given)
    for name in misfit.path:
        data = data[name]
    if misfit.path[-1] == "port":
        return SpecError(UsageRefusal.PORT, value=data)
    return SpecError(UsageRefusal.FOREIGN, detail=misfit.why)


def _of_toml(kind: dict[str, Any]) -> dict[str, Any]:
    """There is no way to say nothing."""
    if "rest" not in kind:
        return kind
    rest = _of_toml(kind["rest"])
    return kind["first"] if rest["code"] == KindPhrase.NULL else {**kind, "rest": rest}


def _table_of(path: Where) -> type[_Table]:
    if not path:
        return LabTables
    if path[0] == "platforms":
        return PlatformTable if len(path) > 1 else PlatformTables
    return _TABLES[str(path[0])]


Found: TypeAlias = Iterator[tuple[Where, CodedError]]


class _Checking:
    """What no type says, and the secrets that are found on the way."""

    def __init__(self, path: Path, lines: Mapping[Where, int]) -> None:
        self._path, self._lines = path, lines
        self.mistakes: list[tuple[int, SpecError]] = []
        self.passwords: dict[str, str] = {}
        self.device_keys: list[DeviceKeys] = []

    def add(self, where: Where, error: CodedError) -> None:
        line = LabFile(self._path, LabTables(), self._lines).line_of(*where)
        inner = error.where if error.where != spell(where[-1:]) else ""
        place = ": ".join(filter(None, (f"{self._path}:{line}", spell(where), inner)))
        self.mistakes.append((line, SpecError(error.code, place, **error.fields)))

    def check(self, tables: LabTables) -> Found:
        yield from self._single(tables)
        yield from self._modules(tables.modules or [])
        yield from self._platforms(tables.platforms.given if tables.platforms is not None else {})
        yield from self._appkeys(tables.appkeys)
        yield from self._psk(tables.psk)

    def _single(self, tables: LabTables) -> Found:
        checks: list[tuple[Where, Any, Callable[[Any], object]]] = [
            *(((name,), getattr(tables, name), _filled) for name in ("state", "database", "trace", "pcap")),
            (("database",), tables.database, kind_of),
            (("http",), tables.http, lambda text: parse_address(text, "")),
            (("bind",), tables.bind, lambda text: parse_host(text, "")),
            (("patience",), tables.patience, lambda text: parse_patience(text, "")),
            (("zone",), tables.zone, lambda text: parse_zone(text, "")),
            (("history",), tables.history, lambda text: parse_history(text, "")),
            (("timeline_size",), tables.timeline_size, lambda size: parse_size(str(size), "")),
            *((("routes", number), route, Route.parse) for number, route in enumerate(tables.routes or [])),
            *((("faults", number), fault, Fault.parse) for number, fault in enumerate(tables.faults or [])),
            *((("objects", number), file, self._there) for number, file in enumerate(tables.objects or [])),
        ]
        for where, value, check in checks:
            if value is not None:
                yield from _trouble(where, check, value)

    def _there(self, file: str) -> None:
        if not (self._path.parent / file).is_file():
            raise SpecError(UsageRefusal.FILE_MISSING, value=file)

    def _modules(self, modules: list[ModuleTable]) -> Found:
        names, addresses, imeis = set[str](), set[str](), set[str]()
        for number, module in enumerate(modules):
            here = ("modules", number)
            yield from _trouble((*here, "model"), lambda table: profile_of(table.model), module)
            for error in _module_mistakes(module):
                yield (*here, error.where), error
            for key, value, seen in (
                ("name", module.name, names), ("serial", module.serial, addresses), ("imei", module.imei, imeis),
            ):  # fmt: skip
                if value in seen:
                    yield (*here, key), SpecError(UsageRefusal.TWICE, value=value)
                if value is not None and value != "pty" and not value.endswith(":0"):
                    seen.add(value)
            if module.name in PlatformTables.__struct_fields__:
                yield (*here, "name"), SpecError(UsageRefusal.NAME_TAKEN, name=module.name)

    def _platforms(self, platforms: dict[str, PlatformTable]) -> Found:
        taken: dict[int, str] = {}
        for name, platform in platforms.items():
            if platform.port:
                for port in range(platform.port, platform.port + (_PORTS if name == "andlink" else 1)):
                    if port in taken:
                        here: Where = ("platforms", name, "port")
                        yield here, SpecError(UsageRefusal.PORT_OF_TWO, port=port, platform=taken[port])
                    taken.setdefault(port, name)

    def _appkeys(self, tables: list[AppkeyTable]) -> Found:
        for number, table in enumerate(tables):
            here = ("appkeys", number)
            if table.appkey in self.passwords:
                yield (*here, "appkey"), SpecError(UsageRefusal.TWICE, value=table.appkey)
            yield from _trouble((*here, "appkey"), lambda one: AppkeyStore().add(one.appkey, ""), table)
            try:
                self.passwords[table.appkey] = self._secret(table, "password") or ""
                if not any(getattr(table, name) is not None for name in _ways("password")):
                    yield here, SpecError(UsageRefusal.KEY_MISSING, key="password")
            except SpecError as error:
                yield (*here, error.where), error

    def _psk(self, tables: list[PskTable]) -> Found:
        known = PskStore()
        for number, table in enumerate(tables):
            here: Where = ("psk", number)
            if known.get(table.device) is not None:
                yield (*here, "device"), SpecError(UsageRefusal.TWICE, value=table.device)
            try:
                keys = DeviceKeys(
                    device=table.device,
                    bootstrap_key=self._secret(table, "bootstrap_key") or "",
                    key=self._secret(table, "key") or "",
                    bootstrap_identity=table.bootstrap_identity,
                    identity=table.identity,
                )
                known.add(keys)
                self.device_keys.append(keys)
            except SpecError as error:
                yield (*here, error.where), error
            except (CodedError, ValueError) as error:
                yield here, SpecError.of(error)

    def _secret(self, table: _Table, name: str) -> str | None:
        """By value, from the environment or from a file; None where nothing is said. SpecError, at the key."""
        given = [way for way in _ways(name) if getattr(table, way) is not None]
        if len(given) > 1:
            raise SpecError(UsageRefusal.WAYS, given[-1], known=given)
        if not given:
            return None
        value = str(getattr(table, given[0]))
        if given[0].endswith("_env"):
            if value not in os.environ:
                raise SpecError(UsageRefusal.VARIABLE_MISSING, given[0], variable=value)
            return os.environ[value]
        if given[0].endswith("_file"):
            try:
                return (self._path.parent / value).read_text("utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                raise SpecError(UsageRefusal.FOREIGN, given[0], detail=detail_of(error)) from None
        return value


def _ways(secret: str) -> tuple[str, str, str]:
    return secret, f"{secret}_env", f"{secret}_file"


def _module_mistakes(module: ModuleTable) -> Iterator[SpecError]:
    """Of each of its fields but the model; ``where`` is the field."""
    model = module.model if _is_known(module.model) else next(iter(PROFILES))  # which is told at the model
    for parts in (
        {"serial": module.serial}, {"imei": module.imei}, {"name": module.name}, {"vendor": module.vendor},
        {"sim": module.sim, "imsi": module.imsi, "plmn": module.plmn, "iccid": module.iccid},
    ):  # fmt: skip
        try:
            module_spec(model, **{key: value for key, value in parts.items() if value is not None})
        except SpecError as error:
            yield SpecError(error.code, error.where or next(iter(parts)), **error.fields)
    if module.firmware == "":
        yield SpecError(UsageRefusal.EMPTY, "firmware", key="firmware")


def _filled(path: str) -> None:
    if not path:
        raise SpecError(UsageRefusal.EMPTY_PATH)


def _is_known(model: str) -> bool:
    try:
        profile_of(model)
    except UnknownModel:
        return False
    return True


def _trouble(where: Where, check: Callable[[Any], object], value: Any) -> Found:
    try:
        check(value)
    except (CodedError, ValueError, LookupError) as error:
        yield where, SpecError.of(error)
