"""The state directory is the lab: it comes back after a stop and after `kill -9` (D170), beside what the command line
says (D171), unless it is to begin anew (D172)."""

from __future__ import annotations

import json
import os
import signal
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from running import Running, nbtwin

UP = ("up", "--http", "127.0.0.1:0", "--ports", "cmdmp=0,telecom=0,unicom=0,andlink=0")
_FLEETING = {
    "serial", "waiting", "standing", "internet", "power", "attached", "connected", "cmdmp_state", "cmdmp_state_name",
    "andlink",
}  # fmt: skip


def ask(url: str, path: str, body: Any = None, method: str | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/api/v1/{path}", data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        said = answer.read()
    return json.loads(said) if said else None


def url_of(lab: Running) -> str:
    return lab.wait_for(r"console (\S+)")[1]


def made_of(url: str) -> dict[str, Any]:
    """What does not change by itself."""
    modules = [
        {key: value for key, value in module.items() if key not in _FLEETING} | {"off": module["power"] == "off"}
        for module in ask(url, "modules")
    ]
    clock = ask(url, "clock")
    platforms = [{"name": platform["name"], "strict": platform["strict"]} for platform in ask(url, "platforms")]
    return {
        "modules": modules, "faults": ask(url, "faults"), "rate": clock["rate"], "pace": clock["pace"],
        "platforms": platforms, "tcp": [each["serial"] for each in ask(url, "modules") if ":" in each["serial"]],
    }  # fmt: skip


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_lab_that_ended_is_the_same_lab_afterwards(tmp_path: Path, end: signal.Signals) -> None:
    with Running(*UP, "--module", "BC28", state=tmp_path) as before:
        url = url_of(before)
        for number in range(11):
            serial = "tcp:127.0.0.1:0" if number % 4 == 0 else "pty"
            ask(url, "modules", {"model": "BC260Y-CN", "name": f"m{number}", "sim": "telecom", "serial": serial})
        ask(url, "modules/m1/power", {"action": "off"})
        ask(url, "modules/m2/usim", {"operator": "unicom"}, "PUT")
        ask(url, "modules/m3/coverage", {"coverage": False})
        ask(url, "modules/m4/signal", {"rssi": 7})
        ask(url, "modules/m10", method="DELETE")
        ask(url, "faults", {"fault": "loss,source=m5,packets=3"})
        number = ask(url, "faults", {"fault": "delay,seconds=1"})["number"]
        ask(url, "faults", {"fault": "duplication,start=1h,end=2h"})
        ask(url, f"faults/{number}", method="DELETE")
        ask(url, "platforms/cmdmp/strict", {"strict": True}, "PUT")
        ask(url, "clock/rate", {"rate": 5})
        ask(url, "clock/advance", {"span": "2d"})
        was, at = made_of(url), ask(url, "clock")["now"]
        os.kill(before.process.pid, end)
        before.process.wait(30)
    with Running(*UP, "--module", "BC28", state=tmp_path) as after:
        url = url_of(after)
        ask(url, "clock/advance", {"span": "5min"})  # they have booted
        assert made_of(url) == was
        assert ask(url, "clock")["now"] >= at - 1
        assert len(was["modules"]) == 11
        assert (tmp_path / "serial" / "m0").exists() is False
        assert os.readlink(tmp_path / "serial" / "m1") == ask(url, "modules/m1")["serial"]


def test_the_platforms_alone_leave_the_modules_of_the_directory_as_they_are(tmp_path: Path) -> None:
    with Running(*UP, state=tmp_path) as lab:
        ask(url_of(lab), "modules", {"model": "BC28", "name": "meter"})
        ask(url_of(lab), "modules", {"model": "BC28", "name": "gone"})
    with Running("platform", *UP[1:], state=tmp_path) as lab:
        assert ask(url_of(lab), "modules") == []
        ask(url_of(lab), "faults", {"fault": "delay,seconds=1"})
    with Running(*UP, state=tmp_path) as lab:
        url = url_of(lab)
        assert [module["name"] for module in ask(url, "modules")] == ["meter", "gone"]
        assert len(ask(url, "faults")) == 1
        ask(url, "modules/gone", method="DELETE")
    with Running(*UP, state=tmp_path) as lab:
        assert [module["name"] for module in ask(url_of(lab), "modules")] == ["meter"]


def test_a_lab_that_begins_anew_has_nothing_of_the_one_before(tmp_path: Path) -> None:
    with Running(*UP, state=tmp_path) as lab:
        ask(url_of(lab), "modules", {"model": "BC28", "name": "old"})
    (tmp_path / "notes.txt").write_text("mine")
    with Running(*UP, "--fresh", "--module", "BC26", state=tmp_path) as lab:
        assert [module["name"] for module in ask(url_of(lab), "modules")] == ["bc26"]
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_module_whose_port_is_taken_is_told_and_comes_back_another_time(tmp_path: Path) -> None:
    with Running(*UP, state=tmp_path) as lab:
        url = url_of(lab)
        ask(url, "modules", {"model": "BC28", "name": "tcp", "serial": "tcp:127.0.0.1:0"})
        where = ask(url, "modules/tcp")["serial"]
    host, port = where.removeprefix("tcp:").rsplit(":", 1)
    with socket.create_server((host, int(port))), Running(*UP, state=tmp_path) as lab:
        lab.wait_for(r"nbtwin: .*tcp cannot come back, and stays in the state directory")
        assert ask(url_of(lab), "modules") == []
        ask(url_of(lab), "modules", {"model": "BC28", "name": "other"})
    with Running(*UP, state=tmp_path) as lab:
        assert {module["name"]: module["serial"] for module in ask(url_of(lab), "modules")}["tcp"] == where


def test_a_change_that_cannot_be_kept_is_not_acknowledged(tmp_path: Path) -> None:
    with Running(*UP, state=tmp_path) as lab:
        url = url_of(lab)
        (tmp_path / ".lab.new").mkdir()  # nobody can write there, root neither
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(url, "faults", {"fault": "loss"})
        assert refused.value.code == 503
        refused.value.close()
        assert len(ask(url, "faults")) == 1  # in force, and not kept
        (tmp_path / ".lab.new").rmdir()
        ask(url, "faults", {"fault": "delay"})
        lab.kill()
    with Running(*UP, state=tmp_path) as lab:
        assert [fault["detail"]["kind"] for fault in ask(url_of(lab), "faults")] == ["loss", "delay"]


def test_a_lab_that_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "lab").write_text("nonsense")
    with Running(*UP, state=tmp_path) as lab:
        assert ask(url_of(lab), "modules") == []
    assert (tmp_path / "lab.broken-1").read_text() == "nonsense"


def test_a_second_lab_on_the_same_directory_is_one_line_and_touches_nothing(tmp_path: Path) -> None:
    with Running(*UP, "--module", "BC28", state=tmp_path):
        done = nbtwin(*UP, "--fresh", "--state", str(tmp_path))
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert (tmp_path / "lab").exists()
