"""`nbtwin up`: the lines that scripts wait for, DOC-C's examples byte for byte, and what survives `kill -9`."""

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import serial
from running import Running, SerialOverTcp, nbtwin

UP = ("--ports", "cmdmp=0", "--http", "127.0.0.1:0")
SHOWN = ("--timeline", "text")
REGISTERED = r".* device information read"
ATTACHED = r".* < \+IP: "
BOOTED = r".* < \+CPIN: READY"
BC260Y = "BC260Y-CN,sim=mobile,serial=tcp:127.0.0.1:0"


def test_up_prints_a_line_for_each_thing_and_then_ready(tmp_path: Path) -> None:
    with Running("up", "--module", BC260Y, "--module", "BC28,sim=none,name=second", *UP, state=tmp_path) as lab:
        first, second, platform, console, ready = lab.lines[:5]
        assert first.startswith("module name=bc260y-cn model=BC260Y-CN imei=86")
        assert " serial=tcp:127.0.0.1:" in first
        assert second.startswith("module name=second model=BC28 ")
        assert " serial=/dev/pts/" in second
        assert platform.startswith("platform operator=cmdmp udp=127.0.0.1:")
        assert console.startswith("console http://127.0.0.1:")
        assert ready == "ready"
        assert lab.stop() == 0


def test_two_modules_with_one_imei_are_told_of(tmp_path: Path) -> None:
    specs = [f"BC28,name={name},imei=863703030000017" for name in ("one", "other")]
    with Running("up", "--module", specs[0], "--module", specs[1], *UP, state=tmp_path) as lab:
        lab.wait_for(r"nbtwin: other has the IMEI of one, 863703030000017: a platform takes them for one device")


def test_doc_c_examples_byte_for_byte_and_state_6_once_registered(tmp_path: Path) -> None:
    """DOC-C 3.2.1-3.2.3; D2: no space inside an answer."""
    with (
        Running("up", "--module", BC260Y, *UP, *SHOWN, state=tmp_path) as lab,
        SerialOverTcp(lab.wait_for(ATTACHED) and lab.module()["serial"]) as host,
    ):
        first = host.ask("ATE0")
        assert first.startswith(b"\r\nRDY\r\n")  # the boot text is the first host's (D176)
        assert first.endswith(b"\r\nATE0\r\r\nOK\r\n")
        assert host.ask("AT+QSREGENABLE?") == b"\r\n+QSREGENABLE: 0\r\n\r\nOK\r\n"
        assert host.ask("AT+QSREGENABLE=1") == b"\r\nOK\r\n"
        assert host.ask("AT+QDMPCFG=0,0") == b"\r\nOK\r\n"
        assert host.ask("AT+QDMPCFG=4,0") == b"\r\n+QDMPCFG: 0,0\r\n\r\nOK\r\n"
        assert host.ask("AT+QDMPCFG=1,117.161.2.7,5683,420") == b"\r\nOK\r\n"
        assert host.ask("AT+QDMPCFG=4,1") == b"\r\n+QDMPCFG: 1,117.161.2.7,5683,420\r\n\r\nOK\r\n"
        assert host.ask('AT+QDMPCFG=2,"M100000089","95Go****",1,863703030822519') == b"\r\nOK\r\n"
        answer = b"\r\n+QDMPCFG: 2,M100000089,95Go****,1,863703030822519\r\n\r\nOK\r\n"
        assert host.ask("AT+QDMPCFG=4,2") == answer
        assert host.ask("AT+QDMPCFG=5,4") == b"\r\nOK\r\n"
        assert host.ask('AT+QDMPCFGEX=1,0,"00-01-6C-06-A6-29"') == b"\r\nOK\r\n"
        assert host.ask("AT+QDMPCFGEX=1,1") == b"\r\n+QDMPCFGEX: 1,00-01-6C-06-A6-29\r\n\r\nOK\r\n"
        lab.wait_for(REGISTERED)
        assert host.ask("AT+QDMPCFG=6") == b"\r\n+QDMPCFG: 6,6\r\n\r\nOK\r\n"


def test_kill_9_loses_neither_the_settings_nor_the_registration(tmp_path: Path) -> None:
    with (
        Running("up", "--module", BC260Y, *UP, *SHOWN, state=tmp_path) as lab,
        SerialOverTcp(lab.module()["serial"]) as host,
    ):
        lab.wait_for(BOOTED)
        host.ask("AT+QDMPCFG=1,117.161.2.7,5683,300")
        lab.wait_for(REGISTERED)
        imei = lab.module()["imei"]
        lab.kill()
    with Running("up", "--module", BC260Y + ",name=other", *UP, state=tmp_path) as lab:  # which may register soon
        devices = httpx.get(f"{lab.console()}/api/v1/platforms/cmdmp/devices").json()
        assert (imei, "registered") in [(device["imei"], device["state"]) for device in devices]
    with (
        Running("up", "--module", BC260Y, *UP, *SHOWN, state=tmp_path) as lab,
        SerialOverTcp(lab.module()["serial"]) as host,
    ):
        assert lab.module()["imei"] == imei
        lab.wait_for(BOOTED)
        assert b"+QDMPCFG: 1,117.161.2.7,5683,300\r\n" in host.ask("AT+QDMPCFG=4,1")


@pytest.mark.parametrize("damage", [b"", b"not an NVRAM image"])
def test_a_broken_nvram_file_is_set_aside_and_said_so(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "bc260y-cn.nvram").write_bytes(damage)
    with Running("up", "--module", "BC260Y-CN", *UP, state=tmp_path) as lab:
        lab.wait_for("nbtwin: .*bc260y-cn.nvram: broken: .*kept as bc260y-cn.nvram.broken-1")
    assert (tmp_path / "bc260y-cn.nvram.broken-1").read_bytes() == damage


def test_a_pty_is_a_serial_port_like_any_other(tmp_path: Path) -> None:
    with Running("up", "--module", "BC260Y-CN", *UP, *SHOWN, state=tmp_path) as lab:
        lab.wait_for(BOOTED)
        with serial.Serial(lab.module()["serial"], 115200, timeout=30) as port:
            port.write(b"AT+CGMM\r")
            assert port.read_until(b"OK\r\n").endswith(b"\r\nQuectel_BC260Y-CN\r\n\r\nOK\r\n")


@pytest.mark.filterwarnings("ignore:set(Daemon|Name)")  # pyserial 3.5
def test_an_rfc_2217_port_takes_a_speed_and_answers(tmp_path: Path) -> None:
    with Running("up", "--module", "BC28,serial=rfc2217:127.0.0.1:0", *UP, *SHOWN, state=tmp_path) as lab:
        lab.wait_for(r".* < Neul")
        where = lab.module()["serial"].removeprefix("rfc2217:")
        with serial.serial_for_url(f"rfc2217://{where}", 9600, timeout=30) as port:
            port.write(b"AT\r")
            assert port.read_until(b"OK\r\n").endswith(b"\r\nOK\r\n")


def test_the_timeline_is_printed_and_traced(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    with Running(
        "up", "--module", "BC260Y-CN", *UP, *SHOWN, "--trace", str(trace), "--seed", "7", state=tmp_path
    ) as lab:
        lab.wait_for(r".* waiting 1s: the module to boot")
        lab.wait_for(r".* < RDY")
        lab.wait_for(r".* bc260y-cn → cmdmp  Register: CON POST \S*/rd\?lwm2m=1.0&ep=")
        lab.wait_for(r".* REG_SUCCESS \(6\)")
        lab.wait_for(r".* device information read")
        lab.stop()
    assert '"kind":"datagram"' in trace.read_text()


def test_the_terminal_answers_a_script_line_by_line(tmp_path: Path) -> None:
    with Running("up", "--module", BC260Y, *UP, *SHOWN, state=tmp_path) as lab:
        lab.wait_for(ATTACHED)
        done = nbtwin("at", lab.module()["serial"], stdin="ATE0\nAT+CGMR\nAT+NOSUCH\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "RDY"  # the boot text is the first host's (D176)
    assert done.stdout.split()[-6:] == ["ATE0", "OK", "Revision:", "BC260YCNAAR01A04", "OK", "ERROR"]


def test_a_simulated_clock_stands_still_until_it_is_advanced(tmp_path: Path) -> None:
    asked = ("up", "--module", BC260Y, *UP, "--clock", "simulated")
    with Running(*asked, state=tmp_path) as lab, httpx.Client(base_url=f"{lab.console()}/api/v1") as api:
        assert api.get("/modules/bc260y-cn").json()["power"] == "booting"
        api.post("/clock/advance", json={"span": "10s"})
        assert api.get("/modules/bc260y-cn").json()["cmdmp_state"] == 6
        with SerialOverTcp(lab.module()["serial"]) as host:
            assert host.ask("AT+QDMPCFG=6").endswith(b"\r\n+QDMPCFG: 6,6\r\n\r\nOK\r\n")
        api.post("/clock/advance", json={"span": "24h"})
        assert api.get("/modules/bc260y-cn").json()["cmdmp_state"] == 11


def test_the_lab_does_not_run_backwards_after_it_was_advanced(tmp_path: Path) -> None:
    with Running("up", *UP, state=tmp_path) as lab, httpx.Client(base_url=f"{lab.console()}/api/v1") as api:
        before = api.post("/clock/advance", json={"span": "2d"}).json()
        assert before["ahead"] == pytest.approx(2 * 86400, abs=1)
        assert lab.stop() == 0
    with Running("up", *UP, state=tmp_path) as lab:
        assert httpx.get(f"{lab.console()}/api/v1/clock").json()["now"] >= before["now"]


def test_files_with_secrets_are_the_owners_alone(tmp_path: Path) -> None:
    with Running("platform", "--ports", "cmdmp=0", state=tmp_path):
        assert os.stat(tmp_path / "inventory.sqlite").st_mode & 0o077 == 0
    trace, capture = tmp_path / "trace.jsonl", tmp_path / "capture.pcapng"
    written = ("--trace", str(trace), "--pcap", str(capture))
    with (
        Running("up", "--module", BC260Y, *UP, *SHOWN, *written, state=tmp_path) as lab,
        SerialOverTcp(lab.wait_for(BOOTED) and lab.module()["serial"]) as host,
    ):
        assert host.ask('AT+QDMPCFG=2,"M1","s3cret",1,863703030822519').endswith(b"\r\nOK\r\n")
    files = [path for path in tmp_path.iterdir() if path.name != ".lock"]
    assert {trace, capture, tmp_path / "bc260y-cn.nvram"} <= set(files)
    assert [path.name for path in files if os.stat(path).st_mode & 0o077] == []


def test_up_sends_devices_where_advertise_says_and_its_own_module_finds_it_there(tmp_path: Path) -> None:
    """A foreign client that bootstraps here needs a host that exists; by default it is told the operator's name."""
    options = ("--ports", "andlink=0", "--advertise", "lab.example", "--http", "127.0.0.1:0", *SHOWN)
    with Running("up", "--module", "BC28,serial=tcp:127.0.0.1:0", *options, state=tmp_path) as lab:
        lab.wait_for(r".* < Neul")
        with SerialOverTcp(lab.module()["serial"]) as host:
            host.ask('AT+QLASERVERIP="BS","lwm.home.komect.com",5683')
            host.send(b"AT+NRB\r")
            lab.wait_for(r".* lab\.example")
            lab.wait_for(r".* < \+QLAEVTIND:0")
        device = f"andlink:{lab.module()['imei']}"
        found = httpx.get(f"{lab.console()}/api/v1/platforms/andlink/devices/{device}").json()
        assert found["state"] == "registered"


def test_a_trace_that_nobody_reads_holds_up_no_module_and_is_whole_once_somebody_does(tmp_path: Path) -> None:
    pipe = tmp_path / "trace"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
    with (
        Running("up", "--module", BC260Y, *UP, "--trace", str(pipe), state=tmp_path) as lab,
        SerialOverTcp(lab.module()["serial"]) as host,
        httpx.Client(base_url=f"{lab.console()}/api/v1") as api,
    ):
        host.read_until(b"\r\n+CFUN: 1\r\n")  # it has booted, and hears
        for _ in range(50):
            assert host.ask("AT+CGSN=1").endswith(b"\r\nOK\r\n")
        assert api.get("/modules/bc260y-cn").json()["power"] == "on"
        os.set_blocking(reader, True)
        with ThreadPoolExecutor() as beside:
            told = beside.submit(_all_of, reader)
            assert lab.stop() == 0
            lines = told.result(60)
    assert lines.count(b'"line":"AT+CGSN=1"') == 50


def _all_of(reader: int) -> bytes:
    with open(reader, "rb") as pipe:
        return pipe.read()
