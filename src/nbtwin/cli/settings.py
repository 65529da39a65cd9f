"""What a command of a lab is to do, and who said so: an option, the environment, `nbtwin.toml`, or nobody.

An option wins over the environment, that over the file, and the file over what is so by default. What is said is taken
as a whole: `--module` on the command line takes the place of the file's modules (D174). Knows parameters of commands
by name, and no lab that runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from nbtwin.cli.labs_folder import state_of
from nbtwin.cli.refusals import CliRefusal
from nbtwin.engine import Address
from nbtwin.operators.store.database import DURABILITIES, Durability
from nbtwin.runtime.errors import Mistakes, WrongUsage
from nbtwin.runtime.lab_file import NAME, STATE, LabFile, LabFileError, database_of, is_here, load
from nbtwin.runtime.spec import (
    ModuleSpec,
    Serial,
    parse_address,
    parse_history,
    parse_host,
    parse_patience,
    parse_ports,
    parse_size,
    parse_spec,
    parse_zone,
)  # fmt: skip

if TYPE_CHECKING:
    from nbtwin.cli.live import Options

PORTS = {"cmdmp": 5683, "telecom": 5685, "unicom": 5687, "andlink": 5783}
ANY = "127.0.0.1:0"
_PARAMETERS = {
    "state": "state", "database": "database", "http": "http", "bind": "bind", "advertise": "advertise",
    "allow_host": "allow_host", "tokens": "tokens", "clock": "clock", "seed": "seed", "strict": "strict",
    "patience": "patience", "zone": "zone", "durability": "durability", "history": "history", "timeline": "timeline",
    "timeline_size": "timeline_size", "trace": "trace", "pcap": "pcap", "routes": "route", "faults": "fault",
    "objects": "defined", "log_level": "log_level", "log_json": "log_json", "modules": "module", "platforms": "ports",
}  # fmt: skip
"""What is said, under its name in the file, and the parameter of the commands."""
_PATHS = ("state", "trace", "pcap")
_LAB = "--lab"


@dataclass(frozen=True)
class Setting:
    """``source``: an option, an environment variable ($NAME), FILE:LINE, or "" where nobody has said anything.

    ``sources``: of each entry of a list, where they have several.
    """

    value: Any
    source: str = ""
    sources: Sequence[str] = ()

    @property
    def is_option(self) -> bool:
        return self.source.startswith("--")


@dataclass
class Settings:
    """``free``: ports and serial addresses are any free ones, but for what an option says."""

    values: dict[str, Setting]
    file: LabFile | None = None
    free: bool = False
    modules: list[ModuleSpec] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        return self.values[name].value

    @property
    def platforms(self) -> dict[str, Address]:
        said = self.values["platforms"]
        host = parse_host(self["bind"], "--bind")
        if isinstance(said.value, str):
            found = parse_ports(said.value, host)
        else:
            found = {name: (host, PORTS[name] if port is None else port) for name, port in said.value.items()}
        if self.free and not said.is_option:
            return dict.fromkeys(found, (host, 0))
        return found

    @property
    def strict(self) -> frozenset[str]:
        if self["strict"]:
            return frozenset(self.platforms)
        if self.file is None or self.values["strict"].is_option or self.file.tables.platforms is None:
            return frozenset()
        return frozenset(name for name, table in self.file.tables.platforms.given.items() if table.strict)

    def options(self, *, whole: bool = False, fresh: bool = False) -> Options:
        """For `cli.live`."""
        from nbtwin.cli.live import Options

        age, lines = parse_history(self["history"])
        size = self["timeline_size"]
        return Options(
            self["state"],
            modules=self.modules,
            platforms=self.platforms,
            routes=list(self["routes"]),
            faults=list(self["faults"]),
            http=None if self["http"] is None else parse_address(self["http"], "--http"),
            simulated=self._is_simulated,
            seed=self["seed"],
            timeline=self["timeline"],
            trace=self["trace"],
            pcap=self["pcap"],
            database=self["database"],
            hosts=list(self["allow_host"]),
            tokens=self["tokens"],
            advertise=self["advertise"],
            log_json=self["log_json"],
            durability=self._durability,
            keep_age=age,
            keep_lines=lines,
            timeline_size=None if size is None else parse_size(str(size), "--timeline-size"),
            strict=self.strict,
            patience=parse_patience(self["patience"]),
            zone=parse_zone(self["zone"]),
            whole=whole,
            fresh=fresh,
            objects=[Path(path) for path in self["objects"]],
            appkeys=self.file.appkeys if self.file is not None else {},
            psk=self.file.psk if self.file is not None else (),
        )

    @property
    def _durability(self) -> Durability:
        for known in DURABILITIES:
            if self["durability"] == known:
                return known
        raise WrongUsage(CliRefusal.NONE_OF, "--durability", value=self["durability"], known=list(DURABILITIES))

    @property
    def _is_simulated(self) -> bool:
        if self["clock"] not in ("live", "simulated"):
            raise WrongUsage(CliRefusal.NONE_OF, "--clock", value=self["clock"], known=["live", "simulated"])
        return bool(self["clock"] == "simulated")


def find(config: Path | None) -> LabFile | None:
    """The file that is named, else the one of this folder, if it has one. WrongUsage, Mistakes."""
    if config is not None:
        return loaded(config)
    return loaded(Path(NAME)) if is_here() else None


def loaded(config: Path) -> LabFile:
    try:
        return load(config)
    except OSError as error:
        raise WrongUsage.of(error, str(config)) from None
    except LabFileError as error:
        raise Mistakes([WrongUsage.of(mistake) for mistake in error.mistakes]) from None


_DEFAULTS: Mapping[str, Any] = {
    "state": Path(STATE), "database": None, "http": None, "bind": "127.0.0.1", "advertise": None, "allow_host": (),
    "tokens": False, "clock": "live", "seed": None, "strict": False, "patience": None, "zone": None,
    "durability": "process", "history": None,
    "timeline": "none", "timeline_size": None, "trace": None, "pcap": None, "routes": (), "faults": (), "objects": (),
    "log_level": "warning", "log_json": False, "modules": (),
    "platforms": ",".join(f"{name}={port}" for name, port in PORTS.items()),
}  # fmt: skip
"""Of what a command has no parameter for. A command's own defaults come before these."""


def settings_of(
    context: typer.Context, file: LabFile | None, *, lab: str | None = None, free: bool = False
) -> Settings:
    """Of this command, as it was called. WrongUsage for what an option says wrongly."""
    values = {name: _setting(context, file, name, parameter) for name, parameter in _PARAMETERS.items()}
    settings = Settings(values, file, free or lab is not None)
    if lab is not None:
        if values["state"].is_option:
            raise WrongUsage(CliRefusal.LAB_HAS_ITS_STATE, "--state", lab=lab)
        values["state"] = Setting(state_of(lab), _LAB)
        if not values["http"].is_option:
            values["http"] = Setting(ANY, _LAB)
        if not values["platforms"].is_option:
            values["platforms"] = Setting(",".join(f"{name}=0" for name in settings.platforms), _LAB)
    settings.modules = _modules(settings)
    return settings


def _setting(context: typer.Context, file: LabFile | None, name: str, parameter: str) -> Setting:
    source = context.get_parameter_source(parameter) if parameter in context.params else None
    value = context.params.get(parameter, _DEFAULTS[name])
    if source is not None and source.name == "COMMANDLINE":
        return Setting(value, f"--{_option(parameter)}")
    if source is not None and source.name == "ENVIRONMENT":
        return Setting(value, f"${_variable(context, parameter)}")
    if file is not None and file.said(name):
        return _of_file(file, name)
    if name == "state" and file is not None:
        return Setting(file.folder / STATE)
    return Setting(value)


def _option(parameter: str) -> str:
    return "objects" if parameter == "defined" else parameter.replace("_", "-")


def _variable(context: typer.Context, parameter: str) -> str:
    return next(str(each.envvar) for each in context.command.params if each.name == parameter)


def _of_file(file: LabFile, name: str) -> Setting:
    value = getattr(file.tables, name)
    source = f"{file.path}:{file.line_of(name)}"
    if isinstance(value, list):
        sources = [f"{file.path}:{file.line_of(name, number)}" for number in range(len(value))]
        return Setting(_LISTS.get(name, _as_it_is)(file, value), source, sources)
    if name == "platforms":
        return Setting({each: table.port for each, table in value.given.items()}, source)
    if name == "database":
        return Setting(database_of(file.folder, value), source)
    return Setting(file.folder / value if name in _PATHS else value, source)


def _as_it_is(file: LabFile, values: list[Any]) -> list[Any]:
    return values


def _faults(file: LabFile, values: list[Any]) -> list[str]:
    from nbtwin.lab.faults import Fault

    return [Fault.parse(value).spec for value in values]


_LISTS: dict[str, Callable[[LabFile, list[Any]], list[Any]]] = {
    "objects": lambda file, values: [file.folder / value for value in values],
    "modules": lambda file, values: [table.text for table in values],
    "faults": _faults,
}


def _modules(settings: Settings) -> list[ModuleSpec]:
    said = settings.values["modules"]
    if settings.file is None or said.is_option or not settings.file.tables.modules:
        return [parse_spec(text) for text in said.value]
    specs = [table.spec for table in settings.file.tables.modules]
    return [_anywhere(spec) for spec in specs] if settings.free else specs


def _anywhere(spec: ModuleSpec) -> ModuleSpec:
    """At any free port."""
    from dataclasses import replace

    address = spec.serial.address
    return spec if address is None else replace(spec, serial=Serial(spec.serial.kind, (address[0], 0)))
