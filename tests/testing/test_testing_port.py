"""``--nb-port``: the same tests, unedited, with virtual modules behind a real PTY, a TCP port and an RFC 2217 port."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import pytest

import nbtwin
from nbtwin.api.real import module as real_module

pytest_plugins = ["pytester"]
Run: TypeAlias = Callable[..., str]
SAME = """
import pytest

def test_registers(nb_lab, nb_module):
    nb_lab.run_until(nb_module.attached() & nb_module.registered("cmdmp"), within="60s")
    state = nb_module.state
    assert (state.power, state.attached, state.rssi) == ("on", True, 20)
    assert state.cmdmp_state == "REG_SUCCESS"
    assert (len(state.imei), state.imsi[:5], len(state.iccid)) == (15, "46004", 20)
    assert state.firmware.startswith(nb_module.model.replace("-CN", "CN"))

def test_answers(nb_lab, nb_module):
    answer = nb_module.at("AT+CSQ")
    assert (answer.ok, answer.value("+CSQ")[:3]) == (True, "20,")
    assert nb_module.at("AT+CFUN=7").final == "ERROR"
    assert nb_module.at("AT+CMEE?").value("+CMEE") == "0"
    assert nb_module.at("AT+CMEE=1;E0").ok

def test_restarts(nb_lab, nb_module):
    assert nb_module.at("AT+NRB" if nb_module.model == "BC28" else "AT+QRST=1").ok
    assert nb_module.at("AT").ok
    assert nb_module.powered("on")

def test_host(nb_serial, nb_module):
    nb_serial.write(b"AT+CGMM\\r")
    nb_serial.timeout = 5
    assert nb_serial.read_until(b"OK\\r\\n").endswith(b"OK\\r\\n")
    nb_serial.close()

def test_report(nb_lab, nb_module, tmp_path):
    assert nb_module.at("AT+CSQ").ok
    nb_lab.report(tmp_path / "real.html")
    assert "AT+CSQ" in (tmp_path / "real.html").read_text("utf-8")

def test_nvram(nb_module):
    assert nb_module.nvram.state

def test_watchdog(nb_module):
    nb_module.bite()

def test_keys(nb_lab, nb_module):
    assert nb_lab.appkeys.all()

def test_after(nb_module):
    assert nb_module.at("AT").ok

def test_day(nb_clock, nb_module):
    nb_clock.advance("24h")

def test_fault(nb_faults, nb_module):
    nb_faults.add("loss", probability=0.5)

def test_coverage(nb_module):
    nb_module.set_coverage(False)

def test_power(nb_module):
    nb_module.power_off()

def test_platform(nb_platform):
    assert nb_platform.name == "cmdmp"

def test_telecom(nb_lab, nb_module):
    assert not nb_module.registered("telecom")

def test_asleep(nb_module):
    assert not nb_module.powered("asleep")

def test_packets(nb_lab, nb_module):
    assert nb_lab.packets(source=nb_module, operation="Update") == []

def test_two(nb_module, nb_modules):
    nb_modules("BC28")

@pytest.mark.nb_module("BC32")
def test_other_model(nb_module):
    assert nb_module.model == "BC32"

@pytest.mark.nb_module(sim="telecom")
def test_other_card(nb_module):
    assert nb_module.at("AT").ok

@pytest.mark.nb_module(firmware="F1")
def test_other_firmware(nb_module):
    assert nb_module.at("AT").ok

@pytest.mark.nb_module(settings=["AT+CMEE=1"])
def test_factory(nb_module):
    assert nb_module.at("AT").ok
"""
RATE = 10
"""Seconds of the virtual modules in one of the wall clock's: nobody waits for a boot."""
_NETWORK = "the network of a real module is not the test's"
_HANDS = "nobody is there to press the real module's switches or to change its card"
SKIPPED = {
    "test_day": "advance: a real module's time passes by itself",
    "test_fault": f"add_fault: {_NETWORK}",
    "test_coverage": f"set_coverage: {_NETWORK}",
    "test_power": f"power_off: {_HANDS}",
    "test_platform": "platform: no lab is named that the real module registers with (--nb-url)",
    "test_telecom": "registered('telecom'): no command of the ",
    "test_asleep": "powered('asleep'): no command of the ",
    "test_nvram": "nvram: no command of the ",
    "test_watchdog": f"power: {_HANDS}",
    "test_keys": "appkeys: no lab is named that the real module registers with (--nb-url)",
    "test_packets": "packets: what a real module sends through the air is not seen at its port",
    "test_two": "add_module: at the port there is one real module",
    "test_other_model": "model: the test is for 'BC32', the real module has '",
    "test_other_card": "sim: the test is for 'telecom', the real module has 'mobile'",
    "test_other_firmware": "firmware: the test is for 'F1', the real module has '",
    "test_factory": "settings: a real module is not delivered by the test, and nothing is saved in it",
}


@pytest.fixture(scope="module")
def ports() -> Iterator[Mapping[str, str]]:
    """What ``--nb-port`` is given, by model; where their lab is."""
    serials = {"BC260Y-CN": "pty", "BC28": "tcp:127.0.0.1:0", "BC26": "rfc2217:127.0.0.1:0"}
    with nbtwin.Lab(live=True) as lab:
        lab.set_rate(RATE)
        modules = [lab.add_module(model, serial=serial) for model, serial in serials.items()]
        urls = {module.model: module.serial.replace("tcp:", "socket://") for module in modules}
        yield {"lab": lab.url, **{model: url.replace("2217:", "2217://") for model, url in urls.items()}}


@pytest.mark.parametrize("model", ["BC260Y-CN", "BC28", "BC26"])
def test_the_same_tests_run_with_a_module_on_a_port_and_what_it_cannot_do_is_skipped_with_the_reason(
    pytest_run: Run, ports: Mapping[str, str], model: str
) -> None:
    said = pytest_run(SAME, f"--nb-port={ports[model]}", "--nb-model", model, "--tb", "short")
    assert " 6 passed, 16 skipped in " in said, said
    for reason in SKIPPED.values():
        assert reason in said, reason


def test_the_same_tests_run_in_a_simulated_lab(pytest_run: Run) -> None:
    said = pytest_run(SAME, "--nb-model", "BC28", "--tb", "short")
    assert " 22 passed in " in said, said


def test_the_platforms_of_a_running_lab_are_those_of_the_module_that_registers_with_it(
    pytest_run: Run, ports: Mapping[str, str]
) -> None:
    test = """
import pytest

def test_device(nb_lab, nb_module, nb_platform):
    nb_lab.run_until(nb_module.registered("cmdmp"), within="60s")
    device = nb_platform.device(nb_module.imei)
    assert device.registered
    assert device.read("/3/0/0") == "Quectel"

def test_telecom(nb_module):
    assert not nb_module.registered("telecom")

def test_unknown(nb_module):
    with pytest.raises(LookupError):
        nb_module.registered("cmdm")
"""
    said = pytest_run(test, f"--nb-port={ports['BC26']}", "--nb-url", ports["lab"], "--tb", "short")
    assert " 3 passed in " in said, said


def test_the_same_tests_run_in_live_labs_each_with_ports_of_its_own(pytest_run: Run, pytester: pytest.Pytester) -> None:
    test = """
import pytest

def test_registers(nb_lab, nb_module, nb_platform):
    assert nb_lab.url and nb_module.serial.startswith("/dev/")
    nb_lab.advance("10s")
    nb_lab.run_until(nb_module.attached() & nb_module.registered("cmdmp"), within="60s")
    assert nb_platform.device(nb_module.imei).read("/3/0/0") == "Quectel"

@pytest.mark.nb_lab(latency="1s")
def test_slow(nb_lab):
    pass

@pytest.fixture
def after(nb_module):
    yield
    raise RuntimeError

def test_after(after):
    pass
"""
    said = pytest_run(test, "--nb-live", "--tb", "short")
    assert " 2 passed, 1 skipped, 1 error in " in said, said
    assert "latency is for a simulated lab" in said, said
    assert (pytester.path / "nbtwin-artifacts" / "test_users.py" / "test_after" / "timeline.txt").is_file()


def test_what_was_said_on_the_port_is_kept_with_its_times(
    pytest_run: Run, pytester: pytest.Pytester, ports: Mapping[str, str]
) -> None:
    test = """
def test_wrong(nb_lab, nb_module):
    assert nb_module.at("ATI").ok
    nb_lab.run_until(nb_module.said("+NEVER"), within="100ms")
"""
    said = pytest_run(test, f"--nb-port={ports['BC28']}")
    assert "bc28-1.said('+NEVER') was not so within 100ms; there is: -" in said
    kept = pytester.path / "nbtwin-artifacts" / "test_users.py" / "test_wrong"
    lines = (kept / "timeline.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split(maxsplit=2)[2] for line in lines[-5:]] == [
        "ATI",
        "Quectel",
        "BC28",
        "Revision:BC28JAR01A10_ONT",
        "OK",
    ]
    times = [line.split()[0] for line in lines]
    assert times == sorted(times)
    assert times[-1] > "00:00:00.000"
    assert "ATI" in (kept / "sequence.mmd").read_text(encoding="utf-8")
    assert b"AT" in (kept / "capture.pcapng").read_bytes()


def test_what_is_wrong_with_a_port_is_one_line(
    pytest_run: Run, ports: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    test = """
def test_one(nb_module):
    pass

def test_two(nb_lab):
    pass
"""
    monkeypatch.setattr(real_module, "PROBE_WITHIN", 0.05)
    pty = ports["BC260Y-CN"]
    silent, slave = os.openpty()
    free = "socket://127.0.0.1:1"
    try:
        for options, line in (
            (("--nb-port=/dev/ttyNONE",), "/dev/ttyNONE: there is no such port"),
            ((f"--nb-port={free}",), f"{free}: the port cannot be opened: "),
            (("--nb-port=sockt://x:1",), "sockt://x:1: the port cannot be opened: "),
            (
                (f"--nb-port={os.ttyname(slave)}", "--nb-model=BC28"),
                f"{os.ttyname(slave)}: no answer to AT at 9600 baud: the module is off or asleep, it is no module, or"
                " --nb-baud is another",
            ),
            (
                (f"--nb-port={pty}", "--nb-baud=9600"),
                f"{pty}: what comes at 9600 baud is no answer to AT: --nb-baud is another",
            ),
            (
                (f"--nb-port={pty}", "--nb-model=BC260Y-CN", "--nb-model=BC26"),
                "",
            ),
            (
                (f"--nb-port={pty}", "--nb-model=BC26"),
                f"{pty}: AT+CGMM says 'Quectel_BC260Y-CN': the module is a BC260Y-CN, not the BC26 of --nb-model",
            ),
        ):
            said = pytest_run(test, *options)
            if line:
                assert said.count(f"\n{line}") == 2, said
                assert " 2 errors in " in said, said
                assert "Traceback" not in said, said
            else:
                assert " 2 passed, 1 skipped in " in said, said
    finally:
        os.close(silent)
        os.close(slave)


def test_a_port_that_somebody_else_has_is_told(pytest_run: Run, ports: Mapping[str, str]) -> None:
    """Whatever speaks on it meanwhile would be mixed up with the test."""
    port = real_module.RealPort(ports["BC260Y-CN"], "BC260Y-CN")
    try:
        said = pytest_run("def test_one(nb_module): pass", f"--nb-port={ports['BC260Y-CN']}")
    finally:
        port.close()
    assert f"{ports['BC260Y-CN']}: another program has the port" in said, said


def test_options_that_do_not_go_together_end_the_run(pytest_run: Run) -> None:
    said = pytest_run("def test_one(): pass", "--nb-baud", "9600")
    assert "ERROR: --nb-baud is the speed of --nb-port, and there is no --nb-port" in said, said
    said = pytest_run("def test_one(): pass", "--nb-url", "http://127.0.0.1:1")
    assert "ERROR: --nb-url names the lab that the module of --nb-port registers with, and there is no --nb" in said, (
        said
    )
    said = pytest_run("def test_one(): pass", "--nb-port=/dev/ttyUSB0", "--nb-live")
    assert "ERROR: --nb-port and --nb-live exclude each other" in said, said
    plugins = ("nbtwin.testing.plugin", "xdist.plugin")
    said = pytest_run("def test_one(): pass", "--nb-port=/dev/ttyUSB0", "-n", "2", plugins=plugins)
    assert "one port is not for 2 workers at once: run the tests of --nb-port with -n 0" in said, said
    assert " 1 passed in " in pytest_run("def test_one(): pass", "--nb-port=/dev/ttyUSB0", "-n", "0", plugins=plugins)
