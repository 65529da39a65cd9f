"""`nbtwin run`, as somebody at a terminal sees it: the timeline, the verdicts, the exit status, the first mistake."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running import nbtwin

Command = Callable[..., Any]

EXAMPLES = Path(__file__).parents[2] / "examples"
WRONG = """title: wrong on purpose
modules:
  - {name: meter, model: BC260Y-CN}
steps:
  - {at: 1min, send: AT, answer: ERROR}
until: 1h
expect:
  - {state: 8, why: D14}
  - {power: on}
"""


def test_a_good_scenario_prints_its_timeline_and_its_verdicts_and_exits_0() -> None:
    done = nbtwin("run", str(EXAMPLES / "telecom-server-down.yaml"))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert any("meter → telecom" in line and "CON POST zzhc.vnet.cn/nb" in line for line in lines)
    assert any("round 1 has failed" in line for line in lines)
    verdicts = [line for line in lines if line.startswith("  ✓ ")]
    assert len(verdicts) == 8
    assert "at 4 s, 7 s, 13 s, 25 s, 49 s" in verdicts[0]
    assert not [line for line in lines if line.startswith("  ✗ ")]


def test_a_scenario_that_is_not_fulfilled_says_where_and_exits_1(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(WRONG)
    done = command("run", str(file), "--quiet")
    assert done.returncode == 1
    assert done.stderr == f"nbtwin: {file}: 2 of 3 expectations not met\n"
    first, second, third = (line for line in done.stdout.splitlines() if line.startswith("  "))
    assert first.startswith("  ✗ ")
    assert first.endswith(f"answer to AT: OK, expected ERROR  {file}:5")
    assert second.endswith(f"state: 6 REG_SUCCESS, expected 8 REG_TIMEOUT  {file}:8 D14")
    assert third.startswith("  ✓ ")


def test_json_lines_are_the_timeline_and_then_the_verdicts(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(WRONG)
    done = command("run", str(file), "--json")
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert {"number", "at", "source", "kind", "code", "text", "fields"} <= set(entries[0])
    assert [entry["kind"] for entry in entries[-4:]] == ["verdict"] * 3 + ["summary"]
    assert entries[-1]["fields"]["passed"] is False
    assert [entry["fields"]["passed"] for entry in entries[-4:-1]] == [False, False, True]


def test_the_seed_can_be_given_and_the_same_seed_gives_the_same_output(command: Command) -> None:
    path = str(EXAMPLES / "loss-one-in-five.yaml")
    outputs = [command("run", path, "--seed", seed).stdout for seed in ("4", "4", "5")]
    assert outputs[0] == outputs[1] != outputs[2]
    assert "(seed 4)" in outputs[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title: x\nmodules:\n  - {model: BC25, simm: mobile}\n", ":3: modules[1].simm: no such field; is it sim?"),
        (
            "title: x\nmodules:\n  - model: BC25\n    settings: [AT+NO]\n",
            ":3: modules[1].settings: BC25 answers AT+NO with",
        ),
        ("a: [1,\n b: 2", ":2: expected ',' or ']'"),
    ],
)
def test_a_file_that_cannot_be_run_is_one_line_and_exit_2(
    command: Command, tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    done = command("run", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"nbtwin: {file}{says}")


@pytest.mark.parametrize(("path", "says"), [("/there/is/no.yaml", "No such file"), ("/", "Is a directory")])
def test_a_file_that_cannot_be_read_is_one_line_and_exit_2(command: Command, path: str, says: str) -> None:
    done = command("run", path)
    assert done.returncode == 2
    assert done.stderr == f"nbtwin: {path}: {says}{' or directory' if 'no' in path else ''}\n"


@pytest.mark.parametrize(("identity", "passes"), [("863703030822519", True), ("863703030822518", False)])
def test_a_module_is_delivered_with_its_own_imei_as_psk_id_and_with_no_other(
    command: Command, tmp_path: Path, identity: str, passes: bool
) -> None:
    """DOC-E 3.3: the PSK identity is the module's IMEI."""
    line = f"AT+QLASETPSK={identity},000102030405060708090A0B0C0D0E0F"
    file = tmp_path / "own.yaml"
    file.write_text(
        "title: a module's own IMEI\n"
        f"modules:\n  - {{name: valve, model: BC28, imei: '863703030822519', settings: ['{line}']}}\n"
        "expect:\n  - {at: 10s, power: 'on'}\n"
    )
    done = command("run", str(file))
    assert (done.returncode == 0) is passes
    assert passes or line in done.stderr
