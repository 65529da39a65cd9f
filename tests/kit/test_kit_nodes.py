"""Compose file and Kubernetes manifests of several nodes: what they start begins, and no secret stands in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from in_process import Done, command

__all__ = ["command"]

NODES = Path(__file__).parents[2] / "kit" / "nodes"


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((NODES / name).read_text(encoding="utf-8")))


def of_compose() -> tuple[list[str], dict[str, str]]:
    """What a node is started with, and its environment."""
    node = documents("compose.yaml")[0]["services"]["node-b"]
    return node["command"], node["environment"]


def of_kubernetes() -> tuple[list[str], dict[str, str]]:
    (nodes,) = [
        each
        for each in documents("kubernetes.yaml")
        if each["metadata"]["name"] == "nbtwin" and "replicas" in each["spec"]
    ]
    (container,) = nodes["spec"]["template"]["spec"]["containers"]
    environment = {each["name"]: each.get("value", "nbtwin-1") for each in container["env"]}
    return container["args"], environment


@pytest.mark.parametrize("made", [of_compose, of_kubernetes])
def test_what_they_start_is_a_node_that_only_lacks_its_database(
    made: Callable[[], tuple[list[str], dict[str, str]]], command: Callable[..., Done], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    arguments, environment = made()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    here = {"--state": str(tmp_path), "--http": "127.0.0.1:0", "--bind": "127.0.0.1", "--ports": "cmdmp=0"}
    asked = [f"{option}={here.get(option, value)}" if "=" in each else each
             for each in arguments for option, _, value in [each.partition("=")]]  # fmt: skip
    assert {option.partition("=")[0] for option in arguments} >= {"--state", "--bind", "--ports", "--http"}
    ended = command(*asked)
    assert ended.returncode == 1
    assert "postgresql://nbtwin@postgres/nbtwin" in ended.stderr


def test_no_secret_stands_in_them() -> None:
    for name in ("compose.yaml", "kubernetes.yaml"):
        text = (NODES / name).read_text(encoding="utf-8")
        for line in re.findall(r"^ *\w*(?:PASSWORD|TOKEN): .*$", text, re.MULTILINE):
            assert re.search(r": \$\{\w+:\?\}$", line), line
        for url in re.findall(r"(?:nats|postgresql)://([^@\s]*)@", text):
            assert url in ("nbtwin", "${NATS_TOKEN:?}", "$(NATS_TOKEN)"), url


def test_probes_name_a_host_that_the_console_takes_and_a_page_that_needs_no_token() -> None:
    (nodes,) = [each for each in documents("kubernetes.yaml") if "replicas" in each["spec"]]
    (container,) = nodes["spec"]["template"]["spec"]["containers"]
    probes = {name: container[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {probe["path"] for probe in probes.values()} == {"/api/v1/health", "/api/v1/ready"}
    assert all(probe["httpHeaders"] == [{"name": "Host", "value": "localhost"}] for probe in probes.values())
