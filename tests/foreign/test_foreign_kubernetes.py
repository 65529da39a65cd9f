"""The manifests of the kit, judged by Kubernetes' own schema, which knows every field and refuses others."""

from __future__ import annotations

import json
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema_rs import Draft202012Validator

KIT = Path(__file__).parents[2] / "kit" / "kubernetes"
MANIFESTS = [
    pytest.param(each, id=f"{path.stem}-{each['kind']}-{each['metadata']['name']}")
    for path in sorted(KIT.glob("*.yaml"))
    for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))
]


@pytest.fixture(scope="module")
def definitions() -> dict[str, Any]:
    found = subprocess.run(
        [Path(__file__).parent / "kubernetes" / "prepare", "--offline"], capture_output=True, text=True, check=False
    )
    if found.returncode:
        pytest.skip("Kubernetes' schema is not there: tests/foreign/kubernetes/prepare")
    said: dict[str, Any] = json.loads(Path(found.stdout.strip()).read_text())["$defs"]
    return said


def against(definitions: dict[str, Any], manifest: dict[str, Any]) -> list[str]:
    """What the schema of its kind has against it."""
    group, _, version = manifest["apiVersion"].rpartition("/")
    wanted = {"group": group, "version": version, "kind": manifest["kind"]}
    (name,) = [name for name, each in definitions.items() if wanted in each.get("x-kubernetes-group-version-kind", ())]
    schema = {"$ref": f"#/$defs/{name}", "$defs": definitions}
    return [f"{'/'.join(map(str, error.instance_path))}: {error.message}"
            for error in Draft202012Validator(schema).iter_errors(manifest)]  # fmt: skip


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_kubernetes_takes_the_manifest(definitions: dict[str, Any], manifest: dict[str, Any]) -> None:
    assert against(definitions, manifest) == []


def test_a_field_that_kubernetes_does_not_know_is_found(definitions: dict[str, Any]) -> None:
    manifest = deepcopy(MANIFESTS[0].values[0])
    assert isinstance(manifest, dict)
    manifest["spec"]["completionsMode"] = "Indexed"
    assert any("completionsMode" in each for each in against(definitions, manifest))
