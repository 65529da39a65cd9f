"""`nbtwin check`: our own module and one at a port, saved, gone on with, compared; what is wrong is one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from running import Running, environment, nbtwin

NO_POSIX = """
import sys
import serial.urlhandler.protocol_socket  # whose own half of this system is loaded: it has one for Windows
sys.modules |= dict.fromkeys(("termios", "tty", "pty", "fcntl", "resource", "pwd", "grp"))
from nbtwin.cli.main import run
run()
"""


def test_our_own_module_is_checked_saved_reported_and_compared_with_another(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    files = ("--html", str(tmp_path / "page.html"), "--junit", str(tmp_path / "run.xml"))
    done = nbtwin("check", "virtual:BC25", "--only", "errors/*", "--json", "--save", str(one), *files)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["kind"], told["model"]) == ("check", "BC25")
    assert [each["name"] for each in told["items"][:3]] == ["errors/mode-0", "errors/mode-1", "errors/mode-2"]
    assert told["items"][2]["evidence"][0]["way"] == "to"
    assert "BC25" in (tmp_path / "page.html").read_text()
    assert "errors/mode-2" in (tmp_path / "run.xml").read_text()
    done = nbtwin("check", "virtual:BC28", "--model", "BC25", "--only", "errors/mode-2", "--save", str(other))
    assert done.returncode == 1
    assert done.stderr == "nbtwin: BC25: 1 of 2 cases failed\n"
    done = nbtwin("check", "--compare", str(one), str(other), "--json")
    changed = {each["name"]: (each["before"], each["after"]) for each in json.loads(done.stdout)["items"]}
    assert changed["errors/mode-2"] == ("pass", "fail")


def test_a_module_at_a_port_is_asked_who_it_is_and_keeps_its_settings(tmp_path: Path) -> None:
    state, run = tmp_path / "state", tmp_path / "run.json"
    with Running("module", "BC26,serial=tcp:127.0.0.1:0,name=meter", state=state) as lab:
        url = lab.module()["serial"].replace("tcp:", "socket://")
        done = nbtwin("check", url, "--model", "BC28", "--only", "line/*")
        assert done.returncode == 1
        assert "the module is a BC26, not the BC28 of --model" in done.stderr
        done = nbtwin("check", url, "--only", "cmdmp/*", "--only", "blanks/*", "--save", str(run), "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["model"] == "BC26"
        assert told["verdicts"]["fail"] == 0
        assert {each["name"] for each in told["items"] if each["verdict"] == "not-applicable"} == {
            "cmdmp/read-while-off"
        }
        assert told["unrestored"] == []
        again = nbtwin("check", url, "--only", "cmdmp/*", "--only", "blanks/*", "--resume", str(run), "--json")
        assert len(json.loads(again.stdout)["items"]) == len(told["items"])


def test_it_works_without_what_windows_does_not_have(tmp_path: Path) -> None:
    """By simulation: the modules are missing."""
    state = tmp_path / "state"
    with Running("module", "BC26,serial=tcp:127.0.0.1:0,name=meter", state=state) as lab:
        url = lab.module()["serial"].replace("tcp:", "socket://")
        done = subprocess.run(
            [sys.executable, "-c", NO_POSIX, "check", url, "--only", "line/*", "--power", "ask"],
            capture_output=True, text=True, timeout=60, check=False, env=environment(), stdin=subprocess.DEVNULL,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "BC26: 8 pass, 0 fail, 0 inconclusive, 0 not applicable\n"


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("[]")
    for arguments, said in (
        (("virtual:BC28", "--only", "nosuch*"), "no case matches nosuch*"),
        (("--compare", str(file), str(file)), "is no saved run of nbtwin check"),
    ):
        done = nbtwin("check", *arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1
