"""The clauses of an operator's acceptance test, as data: one table file for each operator (D194).

A clause has a title in both languages, where it stands in each vendor document, a decision where the documents leave a
doubt, and a scenario that shows it: steps, faults, expectations and conditions. Its numbers are printed ones, not those
of our profiles: a profile that is wrong has to fail. Knows the files' shape; runs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any

import msgspec
import yaml

from nbtwin.module.profile import Profile
from nbtwin.scenario.loading import load
from nbtwin.scenario.model import Scenario

OPERATORS = ("telecom", "unicom", "mobile", "andlink")
_SCENARIO = ("steps", "faults", "expect", "until")


class Holds(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One condition, on what left the module and what the platform says, from ``since`` to ``until``."""

    since: str | float = 0
    until: str | float | None = None
    messages: int | None = None
    sent: int | None = None
    packets: list[str | float] | None = None
    rest: str | float | None = None
    apart: str | float | None = None
    accepted: bool | None = None
    form: bool | None = None
    events: dict[str, int] | None = None


class Real(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How a real module shows it: it is restarted, and then this has to hold."""

    within: str
    holds: list[Holds]


class Title(msgspec.Struct, forbid_unknown_fields=True):
    en: str
    zh: str


class Clause(msgspec.Struct, kw_only=True):
    """As it holds for one model. ``fields`` are those of a scenario."""

    id: str
    title: Title
    document: str
    chapter: str
    decision: str = ""
    holds: list[Holds] = []
    fields: dict[str, Any] = {}
    real: Real | None = None
    other_card: bool = False
    """It needs another one than the operator's."""
    applies: bool = True
    """The model's documents have it."""


class Table(msgspec.Struct, kw_only=True):
    operator: str
    platform: str
    clauses: list[Clause]


class Subject(msgspec.Struct, kw_only=True):
    """The module under test, as the user names it."""

    profile: Profile
    imei: str = ""
    firmware: str = ""
    vendor: str = ""
    imsi: str = ""
    iccid: str = ""
    plmn: str = ""


def table(operator: str, subject: Subject) -> Table:
    """The operator's clauses for this module."""
    text = (resources.files(__package__) / f"{operator}.yaml").read_text(encoding="utf-8")
    read = _filled(yaml.safe_load(text), _commands(subject.profile))
    clauses = [_clause(read, one, subject) for one in read["clauses"]]
    return Table(operator=read["operator"], platform=read["platform"], clauses=clauses)


def _commands(profile: Profile) -> dict[str, str]:
    """In the model's own names."""
    switch, dmp = profile.switch, profile.cmdmp.name
    name = switch.name if switch is not None else ""
    return {
        "$enable": f"AT{name}=1", "$disable": f"AT{name}=0", "$ask": f"AT{name}?", "$switched": f"{name}: 1",
        "$mobile": f"AT{name}=1" if name == "+QSELFREGISTER" else "", "$dmp": f"AT{dmp}",
    }  # fmt: skip


def _filled(value: Any, commands: dict[str, str]) -> Any:
    """With commands in the place of their marks; a list without what is empty then."""
    if isinstance(value, dict):
        return {name: _filled(each, commands) for name, each in value.items()}
    if isinstance(value, list):
        return [made for each in value if (made := _filled(each, commands)) != ""]
    if isinstance(value, str):
        for mark, command in commands.items():
            value = value.replace(mark, command)
    return value


def _clause(read: dict[str, Any], one: dict[str, Any], subject: Subject) -> Clause:
    found = next((name for name in subject.profile.documents if name in one["by"]), None)
    its = {**one, **(one["by"][found] if found is not None else {})}
    its |= one.get("models", {}).get(subject.profile.model, {})
    settings = its.get("settings", read["settings"])
    card = its.get("sim", read["sim"])
    module: dict[str, Any] = {"name": "module", "model": subject.profile.model, "settings": settings, "sim": card}
    numbers = [f"{name}={value}" for name in ("imsi", "plmn", "iccid") if (value := getattr(subject, name))]
    if numbers and card == read["sim"]:
        module["sim"] = ",".join(numbers)
    for name in ("imei", "firmware", "vendor"):
        if value := its.get(name) or getattr(subject, name):
            module[name] = value
    platform: dict[str, Any] = {"operator": read["platform"], "strict": True}
    if "psk" in its:
        platform["psk"] = {"module": its["psk"]}
    others = [name for name in ("cmdmp", "telecom", "unicom", "andlink") if name != read["platform"]]
    fields = {name: its[name] for name in _SCENARIO if name in its}
    fields |= {"title": one["id"], "modules": [module], "platforms": [platform, *others]}
    return Clause(
        id=one["id"],
        title=msgspec.convert(one["title"], Title),
        document=found or next(iter(one["by"])),
        chapter=str(its.get("chapter", "")),
        decision=its.get("decision", ""),
        holds=msgspec.convert(its.get("holds", []), list[Holds]),
        fields=fields,
        real=msgspec.convert(its["real"], Real) if "real" in its else None,
        other_card=card != read["sim"],
        applies=found is not None,
    )


def scenario_of(clause: Clause, faults: Sequence[str] = ()) -> Scenario:
    """As the scenario runner takes it. ``faults``: besides its own."""
    fields = {**clause.fields, "faults": [*clause.fields.get("faults", []), *faults]}
    return load(yaml.safe_dump(fields, allow_unicode=True), clause.id)
