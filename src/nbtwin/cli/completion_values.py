"""What the value of an option or an argument may be: models, cards, operators, names of modules, files of scenarios.

Knows the forms that `--help` shows (MODEL, SPEC, NAME …); what it does not know the shell completes by files. Reads
files, and changes none.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

CHOICES = re.compile(r"^\[?([a-z0-9]+(?:\|[A-Za-z0-9]+)+)\]?…?$")
"""Forms that say themselves what there is: ``live|simulated``; what is in capitals is no value."""
_SERIAL = ("pty", "tcp:127.0.0.1:", "rfc2217:127.0.0.1:")


def values_of(form: str, path: tuple[str, ...], word: str, state: Path) -> Iterable[str]:
    """``form``: as `--help` shows it; ``path``: the command; ``word``: what is there of the value already."""
    if found := CHOICES.match(form):
        return [each for each in found[1].split("|") if not each.isupper()]
    if (known := _FORMS.get((path[:1], form))) or (known := _FORMS.get(((), form))):
        return known(word, state)
    return ()


def _models(word: str, state: Path) -> Iterable[str]:
    from nbtwin.profiles.models import PROFILES

    return [profile.model.replace(" ", "-") for profile in PROFILES.values()]


def _specs(word: str, state: Path) -> Iterable[str]:
    """MODEL,key=value,…: the part behind the last comma."""
    from nbtwin.runtime.spec import KEYS, SIMS

    before, comma, last = word.rpartition(",")
    if not comma:
        return [text for model in _models(word, state) for text in (model, f"{model},")]
    key, equals, _ = last.partition("=")
    if not equals:
        taken = {part.partition("=")[0] for part in before.split(",")}
        return [f"{before},{key}=" for key in KEYS if key not in taken]
    values = {"sim": SIMS, "serial": _SERIAL}.get(key, ())
    return [f"{before},{key}={value}" for value in values]


def _modules(word: str, state: Path) -> Iterable[str]:
    from nbtwin.edge.nvram_file import modules_in

    return modules_in(state)


def _modules_and_files(word: str, state: Path) -> Iterable[str]:
    return [*_modules(word, state), *_files(word, "")]


def _scenarios(word: str, state: Path) -> Iterable[str]:
    return [*_files(word, ".yaml"), *(_files("examples/", ".yaml") if "/" not in word else ())]


def _files(word: str, ending: str) -> list[str]:
    """Folders, and the files that end so."""
    found = sorted(glob.glob(glob.escape(word) + "*"))
    return [
        f"{path}/" if os.path.isdir(path) else path for path in found if os.path.isdir(path) or path.endswith(ending)
    ]


def _ports(word: str, state: Path) -> Iterable[str]:
    links = sorted(str(path) for path in (state / "serial").glob("*"))
    devices = [path for form in ("/dev/ttyUSB*", "/dev/ttyACM*", "/dev/pts/[0-9]*") for path in sorted(glob.glob(form))]
    return [*links, *devices, "tcp:127.0.0.1:", "rfc2217://127.0.0.1:"]


def _operators(word: str, state: Path) -> Iterable[str]:
    """OPERATOR=PORT, several with commas."""
    from nbtwin.runtime.platforms import PLATFORMS

    before = word.rpartition(",")
    return [f"{before[0]}{before[1]}{operator}=" for operator in PLATFORMS]


def _faults(word: str, state: Path) -> Iterable[str]:
    from dataclasses import fields

    from nbtwin.lab.faults import Fault, FaultKind

    before, comma, _ = word.rpartition(",")
    keys = [f"{field.name}=" for field in fields(Fault) if field.name != "kind"]
    return [f"{before},{key}" for key in keys] if comma else map(str, FaultKind)


def _objects(word: str, state: Path) -> Iterable[str]:
    from nbtwin.lwm2m.objects.registry import BUILT_IN

    return [str(number) for number in sorted({number for number, _ in BUILT_IN})]


def _at_lines(word: str, state: Path) -> Iterable[str]:
    from nbtwin.profiles.models import PROFILES

    return sorted({f"AT{command.name}" for profile in PROFILES.values() for command in profile.commands})


_FORMS: dict[tuple[tuple[str, ...], str], Callable[[str, Path], Iterable[str]]] = {
    ((), "MODEL"): _models,
    ((), "SPEC"): _specs,
    ((), "SCENARIO.yaml…"): _scenarios,
    ((), "PORT"): _ports,
    ((), "OPERATOR=PORT[,…]"): _operators,
    ((), "FAULT"): _faults,
    ((), "OBJECT"): _objects,
    ((), "LINE"): _at_lines,
    ((), "[LINE]…"): _at_lines,
    (("nvram",), "NAME"): _modules,
    (("nvram",), "NAME|FILE"): _modules_and_files,
}
