"""The bill of materials: CycloneDX 1.6, from requirements.lock, package-lock.json and what pyproject.toml asks for.

What a user gets: the packages that `pip install nbtwin` brings (scope `required`), those of the extras (`optional`),
and the JavaScript inside the wheel. Nothing of development. The same lock gives the same bytes. The environment it runs
in must hold the lock, whose packages say what they need; it knows no registry.

    python -m tools.sbom > nbtwin.cdx.json
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
VENDORED = {"fluent": "@fluent/bundle", "htm": "htm", "preact": "preact", "uplot": "uplot"}
"""Folder of src/nbtwin/web/static/vendor to package of npm."""
Json = dict[str, Any]


def bill(version: str, epoch: int = 0, root: Path = ROOT) -> Json:
    """The document. ``epoch`` is its time, seconds since 1970. ValueError where lock and environment disagree."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    locked = lock_of(root)
    extras = [name for names in project["optional-dependencies"].values() for name in names]
    required = closure(project["dependencies"], locked)
    optional = closure([*project["dependencies"], *extras], locked)
    components = [_component(name, locked[name], "required" if name in required else "optional") for name in optional]
    browser = [_vendored(folder, name, root) for folder, name in sorted(VENDORED.items())]
    itself = {
        "type": "application", "bom-ref": f"pkg:pypi/nbtwin@{version}", "name": "nbtwin", "version": version,
        "purl": f"pkg:pypi/nbtwin@{version}", "licenses": [{"license": {"id": project["license"]}}],
    }  # fmt: skip
    named = {canonicalize_name(Requirement(text).name) for text in [*project["dependencies"], *extras]}
    needs = {
        itself["bom-ref"]: [*(_purl(name, locked) for name in sorted(named)), *(each["bom-ref"] for each in browser)]
    }
    needs |= {_purl(name, locked): [_purl(each, locked) for each in sorted(optional[name])] for name in optional}
    needs |= {each["bom-ref"]: [] for each in browser}
    content: Json = {
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": itself,
        },
        "components": [*components, *browser],
        "dependencies": [{"ref": name, "dependsOn": sorted(of)} for name, of in sorted(needs.items())],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(content, sort_keys=True))
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{serial}", "version": 1}
    return {**head, **content}


def lock_of(root: Path = ROOT) -> dict[str, str]:
    """Versions by canonical name."""
    lines = (root / "requirements.lock").read_text().splitlines()
    pairs = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def closure(wanted: Iterable[str], locked: dict[str, str]) -> dict[str, set[str]]:
    """What is installed with these, by name, each with what it needs itself; in order of the names."""
    found: dict[str, set[str]] = {}
    waiting = [Requirement(text) for text in wanted]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in locked:
            raise ValueError(f"{name} is not in requirements.lock")
        needs = [*_needs(name, locked[name], requirement.extras)]
        known = found.setdefault(name, set())
        fresh = [each for each in needs if canonicalize_name(each.name) not in known]
        known |= {canonicalize_name(each.name) for each in needs}
        waiting += fresh
    return dict(sorted(found.items()))


def _needs(name: str, version: str, extras: set[str]) -> Iterator[Requirement]:
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        raise ValueError(f"{name} is locked but not installed: run scripts/setup") from None
    if installed.version != version:
        raise ValueError(f"{name} is {installed.version}, not {version} as in the lock: run scripts/setup")
    for text in installed.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield requirement


def _purl(name: str, locked: dict[str, str]) -> str:
    return f"pkg:pypi/{name}@{locked[name]}"


def _component(name: str, version: str, scope: str) -> Json:
    metadata = distribution(name).metadata
    purl = f"pkg:pypi/{name}@{version}"
    made: Json = {"type": "library", "bom-ref": purl, "name": name, "version": version, "scope": scope, "purl": purl}
    if "License-Expression" in metadata:
        made["licenses"] = [{"expression": metadata["License-Expression"]}]
    elif name_of_it := _licence_name(metadata.get_all("License") or [], metadata.get_all("Classifier") or []):
        made["licenses"] = [{"license": {"name": name_of_it}}]
    return made


def _licence_name(stated: list[str], classifiers: list[str]) -> str | None:
    """A short name: the field `License` of old metadata may hold a whole licence."""
    for text in stated:
        if text and len(text) < 60 and "\n" not in text:
            return text
    told = [name.rpartition(" :: ")[2] for name in classifiers if name.startswith("License :: ")]
    return told[0] if told else None


def _vendored(folder: str, name: str, root: Path) -> Json:
    packages = json.loads((root / "package-lock.json").read_text())["packages"]
    locked = packages[f"node_modules/{name}"]
    stated = (root / "src/nbtwin/web/static/vendor" / folder / "VERSION.txt").read_text()
    if not re.search(rf"\b{re.escape(locked['version'])}\b", stated):
        raise ValueError(f"vendor/{folder} is not {name} {locked['version']} of package-lock.json")
    purl = f"pkg:npm/{name.replace('@', '%40')}@{locked['version']}"
    return {
        "type": "library", "bom-ref": purl, "name": name, "version": locked["version"], "scope": "required",
        "purl": purl, "licenses": [{"license": {"id": locked["license"]}}],
    }  # fmt: skip


def main() -> None:
    import nbtwin

    json.dump(bill(nbtwin.__version__), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
