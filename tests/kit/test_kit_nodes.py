"""Compose file and Kubernetes manifests of several nodes: what they start begins, and no secret stands in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from in_process import Done, command
from nbtwin.operators.andlink.listeners import LISTENING_PORTS

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


def workloads() -> dict[str, dict[str, Any]]:
    """By name: pod templates of the manifests."""
    found = {each["metadata"]["name"]: each for each in documents("kubernetes.yaml") if "template" in each["spec"]}
    return {name: each["spec"]["template"] for name, each in found.items()}


def services() -> dict[str, dict[str, Any]]:
    return {
        each["metadata"]["name"]: each["spec"] for each in documents("kubernetes.yaml") if each["kind"] == "Service"
    }


def listened(arguments: list[str]) -> set[tuple[int, str]]:
    """What a node listens on, by its command line."""
    options = dict(option.removeprefix("--").split("=", 1) for option in arguments[1:])
    first = {operator: int(port) for operator, port in (each.split("=") for each in options["ports"].split(","))}
    udp = [first["cmdmp"], *(first["andlink"] + number for number in range(len(LISTENING_PORTS)))]
    return {(int(options["http"].rpartition(":")[2]), "TCP"), *((port, "UDP") for port in udp)}


def published(ports: list[str]) -> list[tuple[int, int, str]]:
    """Of a compose file: outside, inside, protocol."""
    found: list[tuple[int, int, str]] = []
    for port in ports:
        said, _, protocol = port.partition("/")
        outside, inside = (list(map(int, each.split("-"))) for each in said.split(":"))
        pairs = zip(range(outside[0], outside[-1] + 1), range(inside[0], inside[-1] + 1), strict=True)
        found += [(*pair, (protocol or "tcp").upper()) for pair in pairs]
    return found


def test_every_port_that_a_node_listens_on_is_led_to_it_and_no_other() -> None:
    arguments, _ = of_compose()
    nodes = {name: each for name, each in documents("compose.yaml")[0]["services"].items() if "environment" in each}
    led = [published(each["ports"]) for name, each in nodes.items() if name.startswith("node-")]
    assert [{(inside, protocol) for _, inside, protocol in one} for one in led] == [listened(arguments)] * 2
    outside = [(port, protocol) for one in led for port, _, protocol in one]
    assert len(outside) == len(set(outside)), "both are on one machine"
    arguments, _ = of_kubernetes()
    (container,) = workloads()["nbtwin"]["spec"]["containers"]
    assert {(each["containerPort"], each.get("protocol", "TCP")) for each in container["ports"]} == listened(arguments)
    through = [each for name in ("devices", "console") for each in services()[name]["ports"]]
    assert {(each["port"], each.get("protocol", "TCP")) for each in through} == listened(arguments)


def test_what_a_node_writes_to_belongs_to_its_user() -> None:
    """Its root is read-only; runc gives a tmpfs to root, so the state is the image's own volume."""
    image = (NODES.parent / "image" / "Containerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    (user,), (volume,) = (re.findall(rf"^{step} (\S+)$", image, re.MULTILINE) for step in ("USER", "VOLUME"))
    node = documents("compose.yaml")[0]["services"]["node-a"]
    assert f"--state={volume}" in node["command"]
    assert (node["read_only"], node["tmpfs"]) == (True, ["/tmp"])
    pod = workloads()["nbtwin"]["spec"]
    who = pod["securityContext"]
    assert (who["runAsUser"], who["fsGroup"], who["runAsNonRoot"]) == (int(user), int(user), True)
    (container,) = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    mounts = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
    assert mounts.keys() == {volume, "/tmp"}
    assert {each["name"] for each in pod["volumes"] if "emptyDir" in each} == set(mounts.values())


def test_every_name_in_the_manifests_leads_somewhere() -> None:
    """Selectors, secrets, variables, hosts."""
    pods, made = workloads(), (NODES / "kubernetes.yaml").read_text(encoding="utf-8")
    labels = [template["metadata"]["labels"] for template in pods.values()]
    assert all(each["selector"] in labels for each in services().values())
    secrets = dict(re.findall(r"--from-literal=(\w+)=(\w+)", made))
    for template in pods.values():
        for container in template["spec"]["containers"]:
            known: set[str] = set()
            for variable in container["env"]:
                assert set(re.findall(r"\$\((\w+)\)", variable.get("value", ""))) <= known, variable
                known.add(variable["name"])
                asked = variable.get("valueFrom", {}).get("secretKeyRef")
                assert asked is None or (asked["name"] == "nbtwin" and asked["key"] in secrets), variable
            assert set(re.findall(r"\$\((\w+)\)", " ".join(container.get("args", [])))) <= known
    hosts = re.findall(r"@(\w+)(?::\d+)?(?:/|$)", "\n".join(of_kubernetes()[1].values()), re.MULTILINE)
    assert set(hosts) == {"postgres", "nats"} <= services().keys()
    compose = documents("compose.yaml")[0]["services"]
    assert {"postgres", "nats"} <= compose.keys()
    assert compose["node-a"]["environment"].keys() == compose["node-b"]["environment"].keys()
