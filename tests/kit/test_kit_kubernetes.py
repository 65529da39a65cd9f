"""The kit's fleet for Kubernetes: each pod's command is one part of one fleet, and their output is the whole."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml
from preloaded import started
from running import Running, nbtwin

KIT = Path(__file__).parents[2] / "kit" / "kubernetes"


def test_the_pods_of_the_fleet_are_its_parts_and_their_output_is_the_whole(tmp_path: Path) -> None:
    job: dict[str, Any] = yaml.safe_load((KIT / "fleet.yaml").read_text(encoding="utf-8"))
    spec = job["spec"]
    assert (spec["completionMode"], spec["parallelism"]) == ("Indexed", spec["completions"])
    (container,) = spec["template"]["spec"]["containers"]
    (mount,) = container["volumeMounts"]
    plan = tmp_path / "plan.yaml"
    ports = "andlink=0,cmdmp=0,telecom=0,unicom=0"
    with Running("platform", "--ports", ports, state=tmp_path / "state") as platform:
        port = platform.wait_for(r"platform operator=andlink udp=127.0.0.1:(\d+)")[1]
        plan.write_text(
            f"target: coap://127.0.0.1:{port}\ndevices: {{count: 22}}\nphases:\n  - {{do: register, rate: 200}}\n"
        )
        pods = []
        for index in range(spec["completions"]):  # as the controller sets JOB_COMPLETION_INDEX
            args = [
                each.replace("$(JOB_COMPLETION_INDEX)", str(index)).replace(f"{mount['mountPath']}/", f"{tmp_path}/")
                for each in container["args"]
            ]
            pods.append(started(*args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        for index, pod in enumerate(pods):
            (tmp_path / f"{index}.part").write_text(pod.communicate()[0])
            assert pod.returncode == 0
    parts = sorted(map(str, tmp_path.glob("*.part")))
    told = json.loads(nbtwin("fleet", "report", *parts, "--json").stdout)
    assert told["outcomes"] == {"register": {"ok": 22}, "deregister": {"ok": 22}}
    assert told["shards"] == ["done"] * spec["completions"]
