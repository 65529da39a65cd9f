"""`nbtwin exec -- COMMAND`: what the command finds, what becomes of its exit status, what is left when it has ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from preloaded import completed, started
from running import environment

_HOST = r"""
import json, os, sys, time, urllib.request
import serial
port = serial.serial_for_url(os.environ["NBTWIN_SERIAL_METER"], timeout=1)
said = b""
for _ in range(60):  # it may be booting
    port.write(b"AT+CGMM\r")
    said += port.read(200)
    if b"BC28" in said:
        break
modules = json.load(urllib.request.urlopen(os.environ["NBTWIN_URL"] + "/api/v1/modules"))
print(json.dumps({
    "model": modules[0]["model"], "imei": modules[0]["imei"], "said": os.environ["NBTWIN_IMEI"],
    "name": os.environ["NBTWIN_NAME"] == os.environ["NBTWIN_NAME_METER"] == modules[0]["name"],
    "baud": [os.environ["NBTWIN_BAUD"], os.environ["NBTWIN_BAUD_METER"]],
    "answered": b"BC28" in said, "platforms": sorted(name for name in os.environ if name.startswith("NBTWIN_CMDMP")),
}))
"""


def execute(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return completed("exec", *arguments, cwd=folder, timeout=120, env=environment())


def test_a_command_finds_its_lab_in_its_environment(tmp_path: Path) -> None:
    done = execute(tmp_path, "--module", "BC28,name=meter", "--", sys.executable, "-c", _HOST)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["model"], found["platforms"]) == ("BC28", ["NBTWIN_CMDMP"])
    assert found["imei"] == found["said"]
    assert found["name"]
    assert found["baud"] == ["9600", "9600"]
    assert found["answered"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("script", "status"), [("exit 3", 3), ("kill -TERM $$", 128 + signal.SIGTERM)])
def test_the_exit_status_is_the_commands_and_what_happened_is_kept(tmp_path: Path, script: str, status: int) -> None:
    done = execute(tmp_path, "--artifacts", "kept", "--", "sh", "-c", script)
    assert (done.returncode, done.stdout) == (status, "")
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [
        "capture.pcapng", "sequence.mmd", "timeline.txt",
    ]  # fmt: skip
    assert "kept/timeline.txt" in done.stderr
    assert "powered on" in (tmp_path / "kept" / "timeline.txt").read_text()


def test_a_command_that_a_signal_ended_is_named_with_it(tmp_path: Path) -> None:
    done = execute(tmp_path, "--", "sh", "-c", "kill -SEGV $$")
    assert (done.returncode, done.stderr.splitlines()[0]) == (128 + signal.SIGSEGV, "nbtwin: sh: was ended by SIGSEGV")


_WAITS_FOR_ITS_BOOT = r"""
import os, sys, time, urllib.request, json
import serial
state = lambda: json.load(urllib.request.urlopen(os.environ["NBTWIN_URL"] + "/api/v1/modules"))[0]["power"]
before = state()
where, baud = os.environ["NBTWIN_SERIAL"], int(os.environ["NBTWIN_BAUD"])
port = serial.serial_for_url(where.replace("tcp:", "socket://"), timeout=20, baudrate=baud)
print(before, port.read_until(b"RDY\r\n"), os.environ["NBTWIN_BAUD"])
"""


@pytest.mark.parametrize("serial", ["pty", "tcp:127.0.0.1:0"])
def test_a_module_is_switched_on_when_its_port_is_opened_and_its_banner_is_heard(tmp_path: Path, serial: str) -> None:
    options = ["--power-on", "open", "--rate", "20", "--module", f"BC25,serial={serial}"]
    done = execute(tmp_path, *options, "--", sys.executable, "-c", _WAITS_FOR_ITS_BOOT)
    assert done.stdout == "off b'\\r\\nRDY\\r\\n' 115200\n", done.stdout + done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--power-on", "later"], "nbtwin: --power-on: 'later' is none of start, open\n"),
        (["--rate", "5", "--clock", "simulated"], "nbtwin: --rate: "),
    ],
)
def test_wrong_options_are_one_line(tmp_path: Path, options: list[str], said: str) -> None:
    done = execute(tmp_path, *options, "--", "true")
    assert done.returncode == 2
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


def test_a_command_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = execute(tmp_path, "--", "no-such-command")
    assert done.returncode == 127
    assert done.stderr == "nbtwin: no-such-command: cannot be started: No such file or directory\n"


def test_the_commands_own_options_are_not_ours(tmp_path: Path) -> None:
    done = execute(tmp_path, "--", "echo", "--seed", "--help", "-q")
    assert (done.returncode, done.stdout) == (0, "--seed --help -q\n")


def test_what_the_command_has_started_does_not_outlive_the_lab(tmp_path: Path) -> None:
    done = execute(tmp_path, "--", "sh", "-c", "sleep 600 & echo $!")
    process = Path("/proc", done.stdout.strip(), "stat")
    assert not process.exists() or process.read_text().rpartition(")")[2].split()[0] == "Z"  # nobody reaps here


def test_two_labs_side_by_side_have_ports_of_their_own(tmp_path: Path) -> None:
    command = ["exec", "--", "sh", "-c", "echo $NBTWIN_URL $NBTWIN_CMDMP; read x"]
    both = [
        started(*command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())
        for _ in range(2)
    ]
    said = [each.stdout.readline().split() for each in both if each.stdout is not None]
    for each in both:
        each.communicate("\n", timeout=60)
    assert len({*said[0], *said[1]}) == 4
    assert [each.returncode for each in both] == [0, 0]
