"""`--pcap`: a capture of a lab that runs and of a scenario, read by tshark as it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from running import Running, SerialOverTcp, nbtwin

EXAMPLES = Path(__file__).parents[2] / "examples"


def tshark(capture: Path, *fields: str, only: str) -> list[list[str]]:
    found = shutil.which("tshark")
    if found is None:
        pytest.skip("tshark is not installed")
    wanted = [argument for field in fields for argument in ("-e", field)]
    command = [found, "-n", "-r", str(capture), "-Y", only, "-T", "fields", *wanted]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "cut short" not in run.stderr
    return [row.split("\t") for row in run.stdout.splitlines()]


def test_a_lab_that_is_killed_leaves_a_capture_with_its_datagrams_and_at_lines(tmp_path: Path) -> None:
    capture = tmp_path / "lab.pcapng"
    spec = "BC260Y-CN,serial=tcp:127.0.0.1:0,name=module"
    options = ("--ports", "cmdmp=0", "--timeline", "text", "--pcap", str(capture))
    with Running("up", "--module", spec, *options, state=tmp_path / "state") as lab:
        lab.wait_for(r".* < \+CPIN: READY")
        with SerialOverTcp(lab.module()["serial"]) as host:
            host.ask("AT+QDMPCFG=0,1")
        lab.wait_for(r".* module → cmdmp  Register: ")
        lab.wait_for(r".* cmdmp → module  to Register: ")
        lab.kill()
    messages = tshark(capture, "ip.dst", "coap.code", only="coap && !icmp")
    assert [code for _, code in messages[:2]] == ["2", "65"]
    assert messages[0][0] == "117.161.2.41", "the address that the module knows"
    lines = tshark(capture, "frame.interface_name", "at.data", only="at")
    assert ["AT module", "AT+QDMPCFG=0,1\\r"] in lines


def test_a_scenario_writes_its_capture_also_where_nothing_is_printed(tmp_path: Path) -> None:
    capture = tmp_path / "scenario.pcapng"
    done = nbtwin("run", str(EXAMPLES / "loss-one-in-five.yaml"), "--quiet", "--pcap", str(capture))
    assert done.returncode == 0, done.stdout
    rows = tshark(capture, "coap.type", "frame.comment", only="coap")
    assert any(comment == "lost" for _, comment in rows)
    assert any(comment.startswith("retransmission: sending 3") for _, comment in rows)


def test_a_capture_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    done = nbtwin("run", str(EXAMPLES / "loss-one-in-five.yaml"), "--pcap", str(tmp_path / "no" / "file"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nbtwin: --pcap ")
