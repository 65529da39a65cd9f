"""The bill of materials says what a user gets, from the lock."""

import json
import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from tools.sbom import VENDORED, bill, closure, lock_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return bill("0.2.0", 1_764_000_000)


def by_name(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {component["name"]: component for component in document["components"]}


def test_it_is_cyclonedx_and_the_same_each_time(document: dict[str, Any]) -> None:
    assert (document["bomFormat"], document["specVersion"], document["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", document["serialNumber"])
    assert document["metadata"]["timestamp"] == "2025-11-24T16:00:00Z"
    assert document == bill("0.2.0", 1_764_000_000)
    assert document["serialNumber"] != bill("0.2.1", 1_764_000_000)["serialNumber"]


def test_it_has_what_an_installation_brings_in_the_versions_of_the_lock(document: dict[str, Any]) -> None:
    components, locked = by_name(document), lock_of()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    python = {name: each for name, each in components.items() if each["purl"].startswith("pkg:pypi/")}
    assert {name: each["version"] for name, each in python.items()}.items() <= locked.items()
    assert {"cryptography", "cffi", "starlette", "pydantic-core", "babel"} <= python.keys()
    assert not {"mypy", "ruff", "schemathesis", "hatchling"} & python.keys()
    optional = {name for name, each in python.items() if each["scope"] == "optional"}
    assert {"psycopg", "psycopg-binary", "nats-py", "pytest", "pluggy"} <= optional
    assert not optional & closure(project["dependencies"], locked).keys()


def test_it_has_the_javascript_inside_the_wheel(document: dict[str, Any]) -> None:
    folders = {path.name for path in (ROOT / "src/nbtwin/web/static/vendor").iterdir()}
    assert folders == VENDORED.keys()
    assert set(VENDORED.values()) <= by_name(document).keys()


def test_each_component_has_a_licence_and_says_what_it_needs(document: dict[str, Any]) -> None:
    refs = {component["bom-ref"] for component in document["components"]} | {
        document["metadata"]["component"]["bom-ref"]
    }
    assert all(component["licenses"] for component in document["components"])
    assert {each["ref"] for each in document["dependencies"]} == refs
    needs = {each["ref"]: set(each["dependsOn"]) for each in document["dependencies"]}
    assert set().union(*needs.values()) <= refs
    anyio = f"pkg:pypi/anyio@{distribution('anyio').version}"
    assert f"pkg:pypi/idna@{distribution('idna').version}" in needs[anyio]


def test_it_names_no_host(document: dict[str, Any]) -> None:
    assert "://" not in json.dumps(document)


def test_a_lock_that_is_not_what_is_installed_makes_none(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "package-lock.json"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    lock = (ROOT / "requirements.lock").read_text()
    (tmp_path / "requirements.lock").write_text(re.sub(r"^anyio==.*", "anyio==0.0.1", lock, flags=re.MULTILINE))
    with pytest.raises(ValueError, match=r"anyio is .*, not 0\.0\.1 as in the lock"):
        bill("0.2.0", root=tmp_path)
