"""The terminal as its user has it: keys in, screen out. Skipped where tmux is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from running import Running
from tmux import Screen, available

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's tmux")
PROMPT = r"^> ?$"
MODEL = "the module is a BC260Y-CN"
MACROS = """
[who]
key = "f5"
script = \"\"\"
AT+CGMM
expect *BC260Y-CN
AT+CGMR
\"\"\"
"""


class Lab:
    """A module at a TCP port, and the API for what a test arranges."""

    def __init__(self, running: Running) -> None:
        self.port = running.module()["serial"]
        self.api = httpx.Client(base_url=f"{running.console()}/api/v1", timeout=60)

    def post(self, path: str, **body: object) -> None:
        answer = self.api.post(path, json=body)
        assert answer.is_success, answer.text


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    state = tmp_path_factory.mktemp("lab")
    spec = "BC260Y-CN,name=meter,serial=tcp:127.0.0.1:0"
    with Running("up", "--module", spec, "--ports", "cmdmp=0", "--http", "127.0.0.1:0", state=state) as running:
        there = Lab(running)
        yield there
        there.api.close()


def test_a_line_is_completed_explained_answered_and_kept_for_the_next_time(lab: Lab, tmp_path: Path) -> None:
    with Screen(tmp_path, "at", lab.port) as screen:
        screen.wait_for(MODEL)
        screen.type("AT+QDMPCFG")
        screen.wait_for(r"AT\+QDMPCFGEX=\s+write")
        screen.type("=1,117.161.2.7,99999")
        screen.wait_for("'99999', not an integer 1-65535")
        screen.keys("Enter")
        screen.wait_for(r"^\d\d:\d\d:\d\d\.\d{3}Z > AT\+QDMPCFG=1,117\.161\.2\.7,99999$")
        screen.wait_for(r"^\d\d:\d\d:\d\d\.\d{3}Z   ERROR$")
        screen.wait_for(r"# <server_Port> is '99999'")
        screen.keys("C-d")
        screen.wait_for("left with 0")
    with Screen(tmp_path, "at", lab.port) as again:
        again.wait_for(MODEL)
        again.keys("Up")
        again.wait_for(r"^> AT\+QDMPCFG=1,117\.161\.2\.7,99999$")


def test_a_urc_stands_aside_and_leaves_the_line_that_is_edited_whole(lab: Lab, tmp_path: Path) -> None:
    lab.post("/modules/meter/coverage", coverage=True)
    with Screen(tmp_path, "at", lab.port, "--model", "BC260Y-CN") as screen:
        screen.wait_for(PROMPT)
        screen.enter("AT+CEREG=1")
        screen.wait_for(r"   OK$")
        screen.type("AT+CGSN=")
        screen.wait_for(r"^> AT\+CGSN=$")
        lab.post("/modules/meter/coverage", coverage=False)
        lab.post("/modules/meter/coverage", coverage=True)
        screen.wait_for(r"^\S+ \* \+CEREG: \d$")
        screen.type("1")
        screen.keys("Enter")
        screen.wait_for(r" > AT\+CGSN=1$")
        screen.wait_for(r"   \+CGSN: \d{15}$")


def test_many_lines_are_pasted_one_by_one_and_each_is_answered(lab: Lab, tmp_path: Path) -> None:
    kept = tmp_path / "kept.log"
    with Screen(tmp_path, "at", lab.port, "--log", str(kept)) as screen:
        screen.wait_for(MODEL)
        screen.paste("".join(f"AT+CGSN={number % 2}\n" for number in range(40)) + "AT+NOSUCH\nAT+CG")
        screen.wait_for("41 lines sent: 40 OK, 1 with an error")
        screen.wait_for(r"^> AT\+CG$")
    passed = [line.split(" ", 2)[2] for line in kept.read_text().splitlines()]
    start = next(place for place, line in enumerate(passed) if line.startswith("# 41 lines"))
    passed = [line for line in passed[start:] if re.match(r"> AT|< (OK|ERROR)", line)]
    assert [line[0] for line in passed] == [">", "<"] * 41


def test_bytes_macros_scripts_and_what_they_expect(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "config" / "nbtwin").mkdir(parents=True)
    (tmp_path / "config" / "nbtwin" / "macros.toml").write_text(MACROS)
    wrong = tmp_path / "wrong.at"
    wrong.write_text("AT+CGMM\nexpect *BC28\n")
    with Screen(tmp_path, "at", lab.port, "--model", "BC260Y-CN") as screen:
        screen.wait_for(PROMPT)
        screen.keys("F5")
        screen.wait_for("# who passed: 2 steps")
        screen.enter(":macros")
        screen.wait_for(r"# who \(f5\): 2 steps")
        screen.enter(f":run {wrong}")
        screen.wait_for(rf"# {re.escape(str(wrong))}:1: AT\+CGMM was to be answered \*BC28")
        screen.enter(":hex on")
        screen.wait_for(r"\| hex \|")
        screen.enter("AT")
        screen.wait_for(r"> 41 54 0d +AT\.$")
        screen.enter(":nosuch")
        screen.wait_for("there is no command ':nosuch'")
        screen.enter(":quit")
        screen.wait_for("left with 0")


def test_a_port_that_goes_away_is_named_and_opened_again_when_it_is_back(lab: Lab, tmp_path: Path) -> None:
    spare = {"model": "BC28", "name": "spare", "serial": "tcp:127.0.0.1:0"}
    port = lab.api.post("/modules", json=spare).json()["serial"]
    with Screen(tmp_path, "at", port, "--model", "BC28") as screen:
        screen.wait_for(r"\* OK$")
        lab.api.delete("/modules/spare")
        screen.wait_for(f"# {port} went away: ")
        screen.wait_for(r"^gone> ?$")
        screen.enter("AT")
        screen.wait_for("# not sent, AT: the port is not there")
        lab.post("/modules", **{**spare, "serial": port})
        screen.wait_for(f"# {port} is back after ")
        screen.wait_for(r"\* OK$", times=2)  # behind Neul: it has started again
        screen.enter("AT+CGMM")
        screen.wait_for(r"   OK$")
    lab.api.delete("/modules/spare")


def test_the_terminal_speaks_chinese(lab: Lab, tmp_path: Path) -> None:
    with Screen(tmp_path, "--lang", "zh", "at", lab.port) as screen:
        screen.wait_for("模块为 BC260Y-CN")
        screen.type("AT+CFUN=4")
        screen.wait_for("飞行模式")
        screen.keys("C-c", "F1")
        screen.wait_for(":run 文件  执行脚本")
