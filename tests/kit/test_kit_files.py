"""The kit for CI: its files are what their readers take, and the shell in them does what it says."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nbtwin.runtime.spec import parse_spec

KIT = Path(__file__).parents[2] / "kit"
COMMANDS = Path(sys.executable).parent


def read(name: str) -> Any:
    return yaml.safe_load((KIT / name).read_text(encoding="utf-8"))


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a job: folders of its own, and this nbtwin on its path."""
    (tmp_path / "temp").mkdir()
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "nbtwin"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m nbtwin "$@"\n')
    command.chmod(0o755)
    yield {
        **os.environ,
        "PATH": f"{command.parent}:{COMMANDS}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_ENV": str(tmp_path / "github.env"),
        "GITHUB_PATH": str(tmp_path / "github.path"),
    }
    started = tmp_path / "temp" / "nbtwin-lab.pid"
    if started.exists():
        try:
            os.kill(int(started.read_text()), signal.SIGTERM)
        except ProcessLookupError:
            return


def step(name: str, runner: dict[str, str], folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """A step of the action, with what its `env` takes from the inputs."""
    action = read("github/action.yml")
    inputs = {key: str(each.get("default", "")) for key, each in action["inputs"].items()} | given
    (found,) = [each for each in action["runs"]["steps"] if each["name"] == name]
    taken = {
        variable: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: inputs[match[1]], value)
        for variable, value in found["env"].items()
    }
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found["run"]]  # as the runner starts `bash`
    return subprocess.run(shell, cwd=folder, env={**runner, **taken}, capture_output=True, text=True, timeout=60)


def test_the_action_takes_nothing_into_its_shell_but_by_the_environment() -> None:
    for each in read("github/action.yml")["runs"]["steps"]:
        assert "${{" not in each.get("run", ""), f"{each['name']}: an input would be run as shell"
        assert ("uses" in each) != (each.get("shell") == "bash")


def test_every_input_of_the_action_is_described_and_used() -> None:
    text = (KIT / "github/action.yml").read_text()
    for name, each in read("github/action.yml")["inputs"].items():
        assert each["description"]
        assert f"inputs.{name}" in text.partition("\nruns:")[2], f"{name} is used nowhere"


def test_the_action_runs_a_command_with_its_modules_and_fails_with_it(runner: dict[str, str], tmp_path: Path) -> None:
    command = """
        echo "$NBTWIN_MODEL_METER and $NBTWIN_MODEL_OTHER" >said
        test -e "$NBTWIN_SERIAL"
        false | true
        echo no >said
    """
    modules = "BC28,name=meter\nBC95 R2.0,name=other\n"
    done = step(
        "Run the command with a lab", runner, tmp_path,
        run=command, modules=modules, options="--seed 7", artifacts="kept",
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "said").read_text() == "BC28 and BC95 R2.0\n"
    assert {path.name for path in (tmp_path / "kept").iterdir()} >= {"timeline.txt", "capture.pcapng"}


def test_the_action_keeps_a_lab_for_the_steps_that_follow_and_ends_it(runner: dict[str, str], tmp_path: Path) -> None:
    started = step("Start a lab for the steps that follow", runner, tmp_path, modules="BC28,name=meter")
    assert started.returncode == 0, started.stderr
    told = dict(line.split("=", 1) for line in (tmp_path / "github.env").read_text().splitlines())
    assert told["NBTWIN_MODEL_METER"] == "BC28"
    assert Path(told["NBTWIN_SERIAL"]).exists()
    ended = step("End the lab", runner, tmp_path, stop="true", failed="true")
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "nbtwin-artifacts" / "timeline.txt").exists()
    with pytest.raises(ProcessLookupError):  # its PTY may be another's by now
        os.kill(int((tmp_path / "temp" / "nbtwin-lab.pid").read_text()), 0)


def test_a_lab_that_cannot_start_fails_the_step_with_its_reason(runner: dict[str, str], tmp_path: Path) -> None:
    started = step("Start a lab for the steps that follow", runner, tmp_path, modules="BC99")
    assert started.returncode == 1
    assert "BC99" in started.stderr


def test_the_gitlab_job_runs_its_command_and_fails_with_it(runner: dict[str, str], tmp_path: Path) -> None:
    job = read("gitlab/nbtwin.gitlab-ci.yml")[".nbtwin"]
    assert job["artifacts"] == {"when": "on_failure", "paths": ["nbtwin-artifacts"], "expire_in": "1 week"}
    given = {
        "NBTWIN_MODULES": "BC28,name=meter\nBC95 R2.0,name=other\n",
        "NBTWIN_RUN": 'echo "$NBTWIN_MODEL_METER and $NBTWIN_MODEL_OTHER" >said; exit 3',
    }
    script = ["sh", "-c", "set -e\n" + "\n".join(job["script"])]
    environment = {**runner, **job["variables"], **given}
    done = subprocess.run(script, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    assert (tmp_path / "said").read_text() == "BC28 and BC95 R2.0\n"
    assert (tmp_path / "nbtwin-artifacts" / "timeline.txt").exists()


def test_compose_shares_one_network_and_waits_for_health() -> None:
    services = read("compose.yaml")["services"]
    lab, tests = services["nbtwin"], services["tests"]
    assert tests["network_mode"] == "service:nbtwin"
    assert tests["depends_on"] == {"nbtwin": {"condition": "service_healthy"}}
    (module,) = [word.removeprefix("--module=") for word in lab["command"] if word.startswith("--module=")]
    assert parse_spec(module).profile.model == "BC260Y-CN"
    assert f",serial={tests['environment']['NBTWIN_SERIAL']}" in module
    assert f"--http={tests['environment']['NBTWIN_URL'].removeprefix('http://')}" in lab["command"]
    assert (KIT / lab["build"]["context"] / lab["build"]["dockerfile"]).is_file()


def test_the_image_is_not_root_keeps_its_state_on_a_volume_and_watches_its_health() -> None:
    last = (KIT / "image/Containerfile").read_text().rpartition("\nFROM ")[2]
    steps = dict(line.split(" ", 1) for line in re.findall(r"^[A-Z]+ .*", last, re.MULTILINE))
    assert int(steps["USER"]) > 0
    assert json.loads(steps["CMD"])[:3] == ["up", "--state", steps["VOLUME"]]
    assert json.loads(steps["ENTRYPOINT"])[0] == "tini"
    assert "/api/v1/health" in last


def test_the_dev_container_is_json_and_installs_nbtwin() -> None:
    template = json.loads((KIT / "devcontainer/devcontainer.json").read_text())
    assert "nbtwin[pytest]" in template["postCreateCommand"]
    assert "://" not in json.dumps(template)
