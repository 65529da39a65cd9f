"""RFC 2217: every command is acknowledged, whoever asks; pyserial's client gets on with it."""

import asyncio

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st
from lab_peers import ToyModule

from nbtwin.edge.rfc2217 import (
    BINARY,
    COM_PORT,
    DO,
    DONT,
    ECHO,
    IAC,
    SB,
    SE,
    WILL,
    WONT,
    Rfc2217,
)
from nbtwin.edge.serial_line import ModuleLine
from nbtwin.edge.serial_rfc2217 import Rfc2217Port
from nbtwin.lab.world import World


def sub(command: int, value: bytes = b"") -> bytes:
    escaped = value.replace(b"\xff", b"\xff\xff")
    return bytes((IAC, SB, COM_PORT, command)) + escaped + bytes((IAC, SE))


def answers(*asked: tuple[int, bytes]) -> bytes:
    telnet = Rfc2217()
    for command, value in asked:
        assert telnet.receive(sub(command, value)) == b""
    return telnet.to_send()


@pytest.mark.parametrize(
    ("command", "value", "answer"),
    [
        (0, b"", b"nbtwin"),
        (1, (115200).to_bytes(4, "big"), (115200).to_bytes(4, "big")),
        (1, bytes(4), (9600).to_bytes(4, "big")),  # zero is a question
        (1, b"\xff\xff\xff\xff", b"\xff\xff\xff\xff"),
        (1, b"", (9600).to_bytes(4, "big")),
        (2, b"\x07", b"\x07"),
        (2, b"\x00", b"\x08"),
        (2, b"\x09", b"\x08"),
        (3, b"\x02", b"\x02"),
        (3, b"\x00", b"\x01"),
        (4, b"\x02", b"\x02"),
        (4, b"", b"\x01"),
        *[(5, bytes((n,)), bytes((n,))) for n in (1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 16, 17, 18, 19)],
        (5, b"\x00", b"\x01"),
        (5, b"\x04", b"\x06"),
        (5, b"\x07", b"\x08"),
        (5, b"\x0a", b"\x0b"),
        (5, b"\x0d", b"\x0e"),
        (10, b"\x42", b"\x42"),
        (12, b"\x03", b"\x03"),
        (6, b"", b"\x00"),
        (7, b"", b"\xb0"),
    ],
)
def test_every_com_port_command_is_acknowledged_with_what_is_in_force(
    command: int, value: bytes, answer: bytes
) -> None:
    assert answers((command, value)) == sub(command + 100, answer)


def test_the_modem_state_follows_its_mask() -> None:
    assert answers((11, b"\xff")) == sub(111, b"\xff") + sub(107, b"\xb0")
    assert answers((11, b"\x10")) == sub(111, b"\x10") + sub(107, b"\x10")


def test_what_was_set_is_what_a_question_finds() -> None:
    assert answers((5, b"\x09"), (5, b"\x07")) == sub(105, b"\x09") * 2
    assert answers((3, b"\x03"), (3, b"\x00")) == sub(103, b"\x03") * 2


def test_suspend_and_resume_and_a_clients_own_signature_get_no_answer() -> None:
    assert answers((8, b""), (9, b""), (0, b"client 1.0"), (99, b"?")) == b""


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        (bytes((IAC, DO, ECHO)), bytes((IAC, WILL, ECHO))),
        (bytes((IAC, WILL, BINARY)), bytes((IAC, DO, BINARY))),
        (bytes((IAC, DO, 24)), bytes((IAC, WONT, 24))),
        (bytes((IAC, WILL, 31)), bytes((IAC, DONT, 31))),
        (bytes((IAC, WILL, ECHO)), bytes((IAC, DONT, ECHO))),
        (bytes((IAC, DONT, 24)), b""),
        (bytes((IAC, WONT, 24)), b""),
        (bytes((IAC, DO, ECHO, IAC, DO, ECHO)), bytes((IAC, WILL, ECHO))),
        (bytes((IAC, DO, ECHO, IAC, DONT, ECHO)), bytes((IAC, WILL, ECHO, IAC, WONT, ECHO))),
    ],
)
def test_options_are_answered_once(heard: bytes, said: bytes) -> None:
    telnet = Rfc2217()
    assert telnet.receive(heard) == b""
    assert telnet.to_send() == said


def test_agreement_with_our_own_offer_is_not_answered_again() -> None:
    telnet = Rfc2217()
    telnet.greet()
    offered = telnet.to_send()
    assert bytes((IAC, WILL, COM_PORT)) in offered
    telnet.receive(bytes((IAC, DO, BINARY, IAC, WILL, BINARY)))
    assert telnet.to_send() == b""
    telnet.receive(bytes((IAC, DO, COM_PORT, IAC, DO, COM_PORT)))
    assert telnet.to_send() == sub(107, b"\xb0"), "the modem state, once, unasked"


@given(st.binary(max_size=60), st.booleans(), st.integers(1, 60))
def test_any_data_passes_both_ways_in_any_pieces(data: bytes, binary: bool, size: int) -> None:
    telnet = Rfc2217()
    if binary:
        telnet.receive(bytes((IAC, WILL, BINARY)))
    else:
        data = data.replace(b"\r\0", b"\r")  # without BINARY <CR> <NUL> is <CR> (RFC 854)
    wire = telnet.to_host(data)
    assert b"".join(telnet.receive(wire[i : i + size]) for i in range(0, len(wire), size)) == data


@given(st.lists(st.sampled_from([IAC, DO, DONT, WILL, WONT, SB, SE, COM_PORT, 0, 1, 5, 13, 65]), max_size=80))
def test_any_bytes_leave_it_whole(noise: list[int]) -> None:
    telnet = Rfc2217()
    telnet.receive(bytes(noise))
    telnet.to_send()
    telnet.receive(bytes((SE, IAC, SE)) + bytes((0, IAC, SE)))
    telnet.to_send()
    telnet.receive(sub(1, (4800).to_bytes(4, "big")))
    telnet.receive(b"" if telnet.baudrate == 4800 else sub(1, (4800).to_bytes(4, "big")))
    assert telnet.baudrate == 4800


def test_an_endless_subnegotiation_costs_no_memory() -> None:
    telnet = Rfc2217()
    telnet.receive(bytes((IAC, SB, COM_PORT)) + b"x" * 1_000_000)
    assert len(telnet._sub) <= 257


def test_carriage_return_nul_is_a_carriage_return_until_binary_is_agreed() -> None:
    telnet = Rfc2217()
    assert telnet.receive(b"AT\r") + telnet.receive(b"\0AT\0") == b"AT\rAT\0"
    telnet.receive(bytes((IAC, WILL, BINARY)))
    assert telnet.receive(b"AT\r\0") == b"AT\r\0"


@pytest.mark.asyncio
@pytest.mark.filterwarnings("ignore:set(Daemon|Name)\\(\\) is deprecated:DeprecationWarning")  # in pyserial
async def test_pyserials_client_opens_the_port_sets_its_lines_and_talks() -> None:
    world, module = World(), ToyModule()
    node = world.add_module("bc28", module)
    port = await Rfc2217Port.open(ModuleLine(world, node))
    heard: list[bytes] = []
    module_heard = module.handle_serial
    module.handle_serial = lambda now, data: (heard.append(data), module_heard(now, data))[1]  # type: ignore[method-assign]

    def talk() -> tuple[bytes, bool, bool, bool, bytes]:
        host, number = port.address
        with serial.serial_for_url(f"rfc2217://{host}:{number}", baudrate=115200, parity="E", timeout=30) as line:
            line.dtr = False
            line.rts = False
            line.send_break(0.01)
            line.baudrate = 9600
            line.write(b"AT\r")
            answer = line.read(6)
            line.write(b"\xff\x00\xff\r")
            return answer, line.cts, line.dsr, line.cd, line.read(9)

    try:
        answer, cts, dsr, cd, error = await asyncio.to_thread(talk)
    finally:
        port.close()
    assert (answer, cts, dsr, cd) == (b"\r\nOK\r\n", True, True, True)
    assert b"".join(heard) == b"AT\r\xff\x00\xff\r"
    assert error == b"\r\nERROR\r\n"


def test_dtr_that_goes_on_again_is_a_pulse() -> None:
    """D109."""
    telnet = Rfc2217()
    for value, pulses in ((8, 0), (9, 0), (9, 0), (8, 1), (8, 1), (11, 1), (12, 1), (9, 1), (8, 2)):
        telnet.receive(sub(5, bytes((value,))))
        assert telnet.dtr_pulses == pulses


@pytest.mark.asyncio
@pytest.mark.filterwarnings("ignore:set(Daemon|Name)\\(\\) is deprecated:DeprecationWarning")  # in pyserial
async def test_dtr_off_and_on_pulls_the_wake_up_pin_before_what_is_written() -> None:
    world = World()
    node = world.add_module("bc26", ToyModule())
    port = await Rfc2217Port.open(ModuleLine(world, node))

    def pulse() -> bytes:
        with serial.serial_for_url(f"rfc2217://{port.address[0]}:{port.address[1]}", timeout=30) as client:
            client.write(b"AT\r")
            heard = bytes(client.read(6))
            client.dtr = False
            client.dtr = True
            client.write(b"AT\r")
            return heard + bytes(client.read(12))

    try:
        assert await asyncio.to_thread(pulse) == b"\r\nOK\r\nwoken \r\nOK\r\n"
    finally:
        port.close()


@pytest.mark.asyncio
async def test_while_the_host_asks_for_silence_its_data_waits() -> None:
    world, module = World(), ToyModule()
    node = world.add_module("bc28", module)
    port = await Rfc2217Port.open(ModuleLine(world, node))
    try:
        reader, writer = await asyncio.open_connection(*port.address)
        async with asyncio.timeout(60):
            await reader.readuntil(bytes((IAC, DO, 3)))
            writer.write(sub(8) + b"AT\r" + sub(0))
            assert await reader.readexactly(12) == sub(100, b"nbtwin")
            assert port._held == b"\r\nOK\r\n"
            writer.write(sub(9))
            assert await reader.readexactly(6) == b"\r\nOK\r\n"
        writer.close()
        await writer.wait_closed()
    finally:
        port.close()


def test_ri_is_told_once_for_each_change_and_not_to_who_masks_it() -> None:
    """D185."""
    telnet = Rfc2217()
    telnet.receive(bytes((255, 251, 44)))  # IAC WILL COM-PORT
    telnet.to_send()
    said = []
    for active in (True, True, False):
        telnet.set_ring(active)
        said.append(telnet.to_send())
    assert said == [bytes((255, 250, 44, 107, 0xF0, 255, 240)), b"", bytes((255, 250, 44, 107, 0xB4, 255, 240))]
    telnet.receive(bytes((255, 250, 44, 11, 0xB0, 255, 240)))  # SET-MODEMSTATE-MASK without RI
    telnet.to_send()
    telnet.set_ring(True)
    assert telnet.to_send() == b""


@pytest.mark.asyncio
async def test_ri_is_active_for_a_moment_at_a_urc_and_not_at_an_answer() -> None:
    """D185."""
    world = World()
    node = world.add_module("bc28", ToyModule())
    port = await Rfc2217Port.open(ModuleLine(world, node))
    try:
        reader, writer = await asyncio.open_connection(*port.address)
        async with asyncio.timeout(60):
            await reader.readuntil(bytes((IAC, DO, 3)))
            writer.write(bytes((IAC, WILL, COM_PORT)) + b"AT\r")
            await reader.readuntil(sub(107, b"\xb0"))
            assert await reader.readuntil(b"OK\r\n") == b"\r\nOK\r\n"
            node.to_host(b"\r\n+CSCON:1\r\n")
            assert await reader.readuntil(b"1\r\n") == sub(107, b"\xf0") + b"\r\n+CSCON:1\r\n"
            assert await reader.readexactly(7) == sub(107, b"\xb4")
        writer.close()
        await writer.wait_closed()
    finally:
        port.close()


@pytest.mark.asyncio
async def test_lines_that_are_not_connected_do_not_ring_and_have_no_carrier_until_they_are() -> None:
    """D213."""
    world = World()
    node = world.add_module("bc28", ToyModule())
    fault = world.add_fault("serial_pins,pins=ri+dcd")
    port = await Rfc2217Port.open(ModuleLine(world, node))
    try:
        reader, writer = await asyncio.open_connection(*port.address)
        async with asyncio.timeout(60):
            await reader.readuntil(bytes((IAC, DO, 3)))
            writer.write(bytes((IAC, WILL, COM_PORT)) + b"AT\r")
            await reader.readuntil(sub(107, b"\x30"))
            assert await reader.readuntil(b"OK\r\n") == b"\r\nOK\r\n"
            node.to_host(b"\r\n+CSCON:1\r\n")
            assert await reader.readuntil(b"1\r\n") == b"\r\n+CSCON:1\r\n"
            world.faults.remove(fault)
            node.to_host(b"\r\n+CSCON:0\r\n")
            assert await reader.readuntil(b"0\r\n") == sub(107, b"\xb8") + sub(107, b"\xf0") + b"\r\n+CSCON:0\r\n"
        writer.close()
        await writer.wait_closed()
    finally:
        port.close()
