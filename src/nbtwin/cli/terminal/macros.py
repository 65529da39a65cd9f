"""Macros: scripts by name and key, in the user's folder of settings (XDG Base Directory; docs/terminal.md, Macros)."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.terminal.script import Step, load, parse
from nbtwin.runtime.errors import UsageRefusal, WrongUsage
from nbtwin.runtime.syntax import toml_problem

KEYS = tuple(f"f{number}" for number in range(5, 13))
"""The others are the terminal's own."""


@dataclass(frozen=True)
class Macro:
    name: str
    steps: tuple[Step, ...]
    key: str | None = None


def settings_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home()) / "nbtwin"
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".config") / "nbtwin"


def macros_file() -> Path:
    return settings_folder() / "macros.toml"


def macros(path: Path | None = None) -> dict[str, Macro]:
    """By name; none where there is no file. WrongUsage for what is wrong in it."""
    path = path or macros_file()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage.of(error, str(path)) from None
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, detail = toml_problem(text, error)
        raise WrongUsage(UsageRefusal.TOML, f"{path}:{line}", detail=detail) from None
    made = {name: _macro(path, text, name, table) for name, table in tables.items()}
    keys = [macro.key for macro in made.values() if macro.key is not None]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise WrongUsage(CliRefusal.MACRO_KEY_TWICE, str(path), key=twice)
    return made


def _macro(path: Path, text: str, name: str, table: Any) -> Macro:
    where = f"{path}: [{name}]"
    script = table.get("script") if isinstance(table, dict) else None
    if not isinstance(script, str):
        raise WrongUsage(CliRefusal.MACRO_WITHOUT_SCRIPT, where)
    if unknown := sorted(set(table) - {"script", "key"}):
        raise WrongUsage(CliRefusal.NONE_OF, where, value=unknown[0], known=["script", "key"])
    key = table.get("key")
    if key is not None and key not in KEYS:
        raise WrongUsage(CliRefusal.NONE_OF, f"{where} key", value=str(key), known=list(KEYS))
    steps = parse(script, str(path), lambda other: load(path.parent / other), _first_line(text, name))
    return Macro(name, tuple(steps), key)


def _first_line(text: str, name: str) -> int:
    """Where the script of a macro begins in the file."""
    lines = text.splitlines()
    head = re.compile(rf"\s*\[\s*[\"']?{re.escape(name)}[\"']?\s*\]")
    start = next((number for number, line in enumerate(lines) if head.match(line)), 0)
    for number in range(start, len(lines)):
        if re.match(r"\s*script\s*=", lines[number]):
            opened = re.search(r"(\"\"\"|''')\s*$", lines[number])
            return number + (2 if opened else 1)
    return start + 1
