"""`--pcap`: a capture of a lab that runs and of a scenario, read by tshark as it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from running import Running, SerialOverTcp, nbtwin

IMEI = "867724030000225"
BOOTSTRAP_KEY = "30313233343536373839303132336162"  # DOC-E 6.2
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


def test_a_lab_that_is_killed_leaves_a_capture_with_at_lines_and_dtls_that_tshark_decrypts(tmp_path: Path) -> None:
    """DOC-E 6.2 over real sockets, and then `kill -9`."""
    capture, state = tmp_path / "lab.pcapng", tmp_path / "state"
    keys = ("--bootstrap-key", BOOTSTRAP_KEY, "--generate", "--state", str(state))
    assert nbtwin("platform", "keys", "psk", "add", IMEI, *keys).returncode == 0
    spec = f"BC28,imei={IMEI},serial=tcp:127.0.0.1:0,name=module"
    options = ("--ports", "andlink=0", "--timeline", "text", "--pcap", str(capture))
    with Running("up", "--module", spec, *options, state=state) as lab:
        lab.wait_for(r".* < Neul")
        with SerialOverTcp(lab.module()["serial"]) as host:
            host.ask('AT+QLASERVERIP="BS","lwm.home.komect.com",5684')
            host.ask(f"AT+QLASETBSPSK={IMEI},{BOOTSTRAP_KEY}")
            host.ask("AT+QLABSSECSWT=1,0")
            host.send(b"AT+NRB\r")
            lab.wait_for(r".* module → andlink  DTLS  to Read /3/0: ")
            lab.kill()
    fields = ("ip.dst", "coap.opt.uri_path_recon", "lwm2mtlv.resource.manufacturer")
    inside = tshark(capture, *fields, only="dtls && coap")
    assert inside[0][:2] == ["192.0.2.11", "/bs"], "the address that the module knows"
    assert {"/0/1", "/1/0", "/rd", "/19/1/0"} <= {path for _, path, _ in inside}
    assert inside[-1][1:] == ["/3/0", "Quectel"], "what was printed is in it"
    lines = tshark(capture, "frame.interface_name", "at.data", only="at")
    assert ["AT module", "+QLADTLSSTAT:0\\r\\n"] in lines


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
