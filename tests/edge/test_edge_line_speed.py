"""A host at the wrong speed hears what a UART hears (D110): a PTY's speed is its terminal's, TCP has none."""

import asyncio
import random

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st
from lab_peers import ToyModule

from nbtwin.edge.serial_line import ModuleLine
from nbtwin.edge.serial_pty import PtyPort
from nbtwin.edge.serial_rfc2217 import Rfc2217Port
from nbtwin.edge.serial_tcp import TcpPort
from nbtwin.lab.uart import heard
from nbtwin.lab.world import World
from nbtwin.module.identity import ModuleIdentity, imei_of
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES
from nbtwin.timeline.ring import Timeline

OK = b"\r\nOK\r\n"
SPEEDS = (4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800)


@given(st.binary(max_size=60), st.sampled_from(SPEEDS), st.sampled_from((0.985, 0.99, 1.0, 1.01, 1.015)))
def test_speeds_that_are_almost_the_same_understand_one_another(data: bytes, speed: int, skew: float) -> None:
    assert heard(data, speed, round(speed * skew)) == data


@given(st.binary(max_size=60), st.sampled_from(SPEEDS), st.sampled_from(SPEEDS))
def test_any_bytes_at_any_speeds_are_bytes(data: bytes, sent_at: int, read_at: int) -> None:
    found = heard(data, sent_at, read_at)
    assert len(found) <= len(data) * max(1, -(-read_at // sent_at)) * 10 // 2 + 1
    assert sent_at != read_at or found == data


def test_what_is_sent_at_one_speed_is_another_text_at_another() -> None:
    for sent_at in SPEEDS:
        for read_at in SPEEDS:
            if sent_at != read_at:
                found = heard(b"AT\r", sent_at, read_at)
                assert b"AT" not in found
                assert b"OK" not in heard(OK, sent_at, read_at)
    assert heard(b"\0", 4800, 9600) == b"\0", "a break is one byte"


@pytest.fixture
def world() -> World:
    return World(timeline=Timeline())


def talk(url: str, speed: int, wanted: int = 6, timeout: float = 5) -> bytes:
    with serial.serial_for_url(url, speed, timeout=timeout) as line:
        line.write(b"AT\r")
        return bytes(line.read(wanted))


def said(world: World) -> list[str]:
    assert world.timeline is not None
    return [entry.text() for entry in world.timeline.reader.after()]


@pytest.mark.asyncio
async def test_a_pty_host_at_the_modules_speed_is_answered_and_at_another_not(world: World) -> None:
    node = world.add_module("bc28", ToyModule())
    port = PtyPort(ModuleLine(world, node))
    try:
        assert await asyncio.to_thread(talk, port.where, 9600) == OK
        for _ in range(2):
            assert OK not in await asyncio.to_thread(talk, port.where, 115200, 6, 0.3)
        told = f"the host at {port.where} speaks at 115200, the module at 9600: both receive garbage"
        assert said(world).count(told) == 1
    finally:
        port.close()


@pytest.mark.asyncio
async def test_a_tcp_port_has_no_speed(world: World) -> None:
    node = world.add_module("bc28", ToyModule())
    port = await TcpPort.open(ModuleLine(world, node))
    try:
        url = f"socket://{port.address[0]}:{port.address[1]}"
        assert await asyncio.to_thread(talk, url, 115200) == OK
    finally:
        port.close()


@pytest.mark.asyncio
@pytest.mark.filterwarnings("ignore:set(Daemon|Name)\\(\\) is deprecated:DeprecationWarning")  # in pyserial
async def test_an_rfc_2217_host_is_understood_at_the_modules_speed_alone(world: World) -> None:
    node = world.add_module("bc28", ToyModule())
    port = await Rfc2217Port.open(ModuleLine(world, node))
    try:
        url = f"rfc2217://{port.address[0]}:{port.address[1]}"
        assert await asyncio.to_thread(talk, url, 9600) == OK
        assert OK not in await asyncio.to_thread(talk, url, 57600, 6, 0.3)
    finally:
        port.close()


@pytest.mark.asyncio
async def test_a_host_follows_the_speed_that_it_has_asked_for(world: World) -> None:
    """OK comes at the former speed; what comes after it at the new one."""
    identity = ModuleIdentity("m", imei_of("m"), PROFILES["BC26"].firmware)
    module = Module(PROFILES["BC26"], identity, MemoryStorage(), random.Random(1))
    node = world.add_module("bc26", module)
    world.perform(node, module.power_on)
    world.advance(10)
    port = PtyPort(ModuleLine(world, node))

    def change() -> tuple[bytes, bytes]:
        with serial.Serial(port.where, 115200, timeout=30) as line:
            line.write(b"ATE0\r")
            line.read_until(OK)
            line.write(b"AT+IPR=9600\r")
            first = bytes(line.read(6))
            line.baudrate = 9600
            line.write(b"AT\r")
            return first, bytes(line.read(6))

    try:
        assert await asyncio.to_thread(change) == (OK, OK)
    finally:
        port.close()
