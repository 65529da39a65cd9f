"""`nbtwin run`, as somebody at a terminal sees it: the timeline, the verdicts, the exit status, the first mistake."""

from __future__ import annotations

import json
import re
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

EVERY_CLAIM = """title: x
modules:
  - {name: meter, model: BC260Y-CN}
steps:
  - {at: 1min, send: AT, answer: OK}
until: 1h
expect:
  - platform: cmdmp
    state: 6
    registration: UNINITIALISED
    power: 'on'
    attached: true
    requests: [4s]
    sent: 1..
    received: ..9
    bytes: 1..9999
    awake: 0..1h
    connected: 0..1h
    said: [AT, OK]
    device: {state: registered, registrations: 1}
"""
EVERY_CLAIM_WRONG = """title: x
modules:
  - {name: meter, model: BC260Y-CN}
steps:
  - {at: 1min, send: AT, answer: ERROR}
until: 1h
expect:
  - platform: cmdmp
    state: 8
    registration: REGISTERED
    power: asleep
    attached: false
    requests: []
    sent: 9..
    received: ..0
    bytes: 1..2
    awake: 0..1s
    connected: 0..1ms
    said: [ATI]
    device: {state: expired, registrations: 2, flags: [stolen]}
"""
CLAIMS = (
    "state", "registration", "power", "attached", "requests", "sent", "received", "bytes", "awake", "connected", "said",
    "device", "answer",
)  # fmt: skip
ENGLISH = re.compile(r"[a-z]{2,} [a-z]{2,}")


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


@pytest.mark.parametrize("passes", [True, False])
def test_verdicts_have_the_same_codes_and_fields_in_both_languages_and_other_words(
    command: Command, tmp_path: Path, passes: bool
) -> None:
    file = tmp_path / "both.yaml"
    file.write_text(EVERY_CLAIM if passes else EVERY_CLAIM_WRONG)
    told = {}
    for language in ("en", "zh"):
        lines = map(json.loads, command("--lang", language, "run", str(file), "--json").stdout.splitlines())
        told[language] = [line for line in lines if line["kind"] in ("verdict", "summary")]
    english, chinese = ([line.pop("text") for line in told[language]] for language in ("en", "zh"))
    assert told["en"] == told["zh"]
    assert {line["code"] for line in told["en"][:-1]} == {"expectation-met" if passes else "expectation-not-met"}
    assert {line["fields"]["claim"] for line in told["en"][:-1]} >= {f"claim-{name}" for name in CLAIMS}
    assert not set(english) & set(chinese)
    assert [text for text in chinese if ENGLISH.search(text)] == []
    assert all(("，期望 " in text) is not passes for text in chinese[:-1])


def test_verdicts_on_the_screen_are_in_the_language_that_is_asked_for(command: Command) -> None:
    done = command("--lang", "zh", "run", str(EXAMPLES / "telecom-server-down.yaml"), "--quiet")
    assert done.stdout.splitlines()[1].endswith("（种子 1）")
    for said in ("请求：在 4 s, 7 s, 13 s, 25 s, 49 s", "电源：休眠", "请求：无", "telecom 中的注册次数：1"):
        assert said in done.stdout


def test_a_long_verdict_is_whole(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "long.yaml"
    line = "AT+QDMPCFGEX=2,0," + ",".join(f'"{letter * 60}"' for letter in "abcd")
    file.write_text(
        "title: long\nmodules: [{name: meter, model: BC260Y-CN}]\n"
        f"steps:\n  - {{at: 1min, send: '{line}'}}\nuntil: 2min\nexpect:\n  - said: ['{line}', OK]\n"
    )
    done = command("run", str(file), "--quiet")
    assert f"{line} / OK" in done.stdout


def test_the_seed_can_be_given_and_the_same_seed_gives_the_same_output(command: Command) -> None:
    path = str(EXAMPLES / "loss-one-in-five.yaml")
    outputs = [command("run", path, "--seed", seed).stdout for seed in ("4", "4", "5")]
    assert outputs[0] == outputs[1] != outputs[2]
    assert "(seed 4)" in outputs[0]


def test_title_and_remarks_are_told_in_the_readers_language(command: Command) -> None:
    done = command("--lang", "zh", "run", str(EXAMPLES / "wrong-password.yaml"), "--quiet")
    assert "BC260Y-CN 密码错误，一天后改正" in done.stdout
    assert "D33：已保存，尚未生效" in done.stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title: {en: x}\nmodules: [{model: BC25}]", ":1: title: a text in two languages needs zh"),
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
