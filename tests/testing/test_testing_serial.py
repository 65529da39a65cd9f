"""`nb_serial`: a module's line as pyserial has one, in the lab's time."""

from __future__ import annotations

import pytest
import serial

import nbtwin
from nbtwin.testing.serial_line import open_serial


@pytest.fixture
def lab() -> nbtwin.Lab:
    return nbtwin.Lab()


def test_a_read_waits_in_the_labs_time_and_gives_what_came(lab: nbtwin.Lab) -> None:
    port = open_serial(lab, lab.add_module("BC25"))
    port.timeout = 30
    assert port.read_until(b"RDY\r\n") == b"\r\nRDY\r\n"
    assert lab.now == 1.0
    port.write(b"ATE0\r")
    assert port.readline() == b"\r\n"  # "+CFUN: 1" had come with the banner
    port.reset_input_buffer()
    port.timeout = 0.25
    before = lab.now
    assert (port.read(500), lab.now) == (b"", before + 0.25)
    port.write(b"AT+CGMM\r")
    assert port.in_waiting == len(b"\r\nQuectel_BC25\r\n\r\nOK\r\n")
    assert port.read(4) == b"\r\nQu"


def test_without_a_timeout_it_waits_for_what_is_asked_for(lab: nbtwin.Lab) -> None:
    port = open_serial(lab, lab.add_module("BC28"))
    port.timeout = None
    assert port.read(8) == b"\r\nNeul\r\n"


def test_what_is_said_while_nobody_listens_is_lost(lab: nbtwin.Lab) -> None:
    port = open_serial(lab, lab.add_module("BC25"))
    port.close()
    lab.advance("10s")
    with pytest.raises(serial.serialutil.PortNotOpenError):
        port.read()
    with pytest.raises(serial.serialutil.PortNotOpenError):
        port.write(b"AT\r")
    port.open()
    port.timeout = 1
    assert port.read() == b""
    port.write(b"ATE0\r")
    assert port.read(100).endswith(b"OK\r\n")


def test_dtr_off_and_on_wakes_a_module_that_sleeps(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN")
    port = open_serial(lab, module)
    lab.run_until(module.attached(), within="1min")
    module.at('AT+CPSMS=1,,,"01000011","00000001"')
    lab.run_until(module.powered("asleep"), within="2h")
    port.dtr = False
    assert module.state.power == "asleep"
    port.dtr = True
    assert module.state.power != "asleep"


@pytest.mark.parametrize("serial", ["pty", "tcp:127.0.0.1:0"])
def test_in_a_live_lab_it_is_the_modules_real_port_at_its_speed(serial: str) -> None:
    with nbtwin.Lab(live=True, platforms=[]) as lab:
        module = lab.add_module("BC28", serial=serial)
        lab.run_until(module.powered("on"), within="1min")
        with open_serial(lab, module) as port:
            port.timeout = 20
            assert port.read_until(b"OK\r\n") == b"\r\nNeul\r\nOK\r\n"  # D176
            port.write(b"AT\r")
            assert port.read_until(b"OK\r\n") == b"\r\nOK\r\n"
