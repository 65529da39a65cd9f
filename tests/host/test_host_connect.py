"""`nbtwin.host`: a module at any port, at a line of a simulated world, with an event loop and without."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

import nbtwin
from nbtwin import host
from nbtwin.api.real.module import RealPort
from nbtwin.edge.host_port import HostPort
from nbtwin.host.connecting import find_speed
from nbtwin.host.line import PortTransport, WorldTransport, has_speed, url_of
from nbtwin.host.module import Module

ANSWERS = {
    b"AT": b"\r\nOK\r\n",
    b"AT+CGMM": b"\r\nBC28\r\n\r\nOK\r\n",
    b"AT+CGATT?": b"\r\n+CSCON:1\r\n\r\n+CGATT:1\r\n\r\nOK\r\n",
    b"AT+BAD": b"\r\nERROR\r\n",
}


def answering(read: int, write: int, answers: dict[bytes, bytes] = ANSWERS) -> None:
    """A module in a thread, until its line ends."""
    come = b""
    with suppress(OSError):
        while data := os.read(read, 100):
            come += data
            *lines, come = come.split(b"\r")
            for line in lines:
                os.write(write, answers.get(line, b""))


@contextmanager
def tcp_module(answers: dict[bytes, bytes] = ANSWERS) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host_name, port = listener.getsockname()

        def serve() -> None:
            with suppress(OSError):
                while True:
                    there, _ = listener.accept()
                    with there:
                        answering(there.fileno(), there.fileno(), answers)

        threading.Thread(target=serve, daemon=True).start()
        yield f"tcp:{host_name}:{port}"


@pytest.mark.parametrize("transport", ["pyserial", "serialx"])
def test_a_module_at_a_tcp_port_as_it_is_printed(transport: str) -> None:
    with tcp_module() as port, host.connect(port, model="BC28", transport=transport) as module:
        assert module.send("AT+CGMM").lines == ("BC28",)
        assert module.ask("AT+CGATT?").value("+CGATT") == "1"
        assert module.urcs() == ["+CSCON:1"]
        with pytest.raises(host.CommandError) as refused:
            module.ask("AT+BAD")
        assert refused.value.fields["command"] == "AT+BAD"


@pytest.mark.parametrize("transport", ["pyserial", "serialx"])
def test_the_same_with_an_event_loop(transport: str) -> None:
    async def run() -> None:
        with tcp_module() as port:
            async with host.connect_async(port, transport=transport) as module:
                heard = asyncio.ensure_future(anext(module.urcs()))
                seen = asyncio.ensure_future(anext(module.events()))
                await asyncio.sleep(0)
                first, second = await asyncio.gather(module.send("AT+CGMM"), module.send("AT+CGATT?"))
                assert (first.lines, second.lines) == (("BC28",), ("+CGATT:1",))
                assert await heard == "+CSCON:1"
                assert (await seen)[1] == host.BytesSent((await seen)[0], b"AT+CGMM\r")
            with pytest.raises(host.HostError) as closed:
                await module.send("AT")
            assert closed.value.code == host.HostRefusal.CLOSED

    asyncio.run(run())


def test_a_module_of_a_simulated_lab_on_its_time() -> None:
    with nbtwin.Lab() as lab:
        backend, name = lab._session.backend, lab.add_module("BC26").name
        world = backend.lab.world  # type: ignore[attr-defined]
        with host.over(WorldTransport(world, world.modules[name]), model="BC26") as module:
            assert module.wait_for_start(10) is not None
            assert module.ask("AT+CGMM").lines == ("Quectel_BC26",)
            began = lab.now
            assert module.wait_for_urc("+CPIN:", 60) == "+CPIN: READY"
            assert lab.now - began == module.now - began < 60


@pytest.mark.parametrize(
    ("port", "url", "speed"),
    [
        ("tcp:127.0.0.1:7000", "socket://127.0.0.1:7000", False),
        ("rfc2217:127.0.0.1:7000", "rfc2217://127.0.0.1:7000", True),
        ("socket://h:1", "socket://h:1", False),
        ("rfc2217://h:1", "rfc2217://h:1", True),
        ("loop://", "loop://", False),
        ("COM3", "COM3", True),
        ("/dev/ttyUSB0", "/dev/ttyUSB0", True),
    ],
)
def test_every_form_of_a_port(port: str, url: str, speed: bool) -> None:
    assert (url_of(port), has_speed(url)) == (url, speed)


def found(url: str, *speeds: int) -> host.Module:
    module = Module(PortTransport(HostPort(url, speeds[0]), has_speed=has_speed(url)))
    try:
        find_speed(module, speeds, 2, 0.1)
    except BaseException:
        module.close()
        raise
    return module


def test_nobody_there_and_something_else_there_are_told_apart() -> None:
    with pytest.raises(host.HostError) as garbled:
        found("loop://", 9600)  # our own bytes
    assert garbled.value.code == host.HostRefusal.GARBLED
    assert "41 54 0d" in str(garbled.value)
    master, slave = os.openpty()
    with pytest.raises(host.HostError) as silent:
        found(os.ttyname(slave), 9600, 4800)
    assert (silent.value.code, silent.value.fields["bauds"]) == (host.HostRefusal.SILENT, [9600, 4800])
    os.close(slave)
    os.close(master)


WITHOUT_POSIX = """
import sys, serial
for name in ("termios", "fcntl", "pty", "tty", "resource", "grp", "pwd"):
    sys.modules[name] = None
import asyncio
from nbtwin import host
port = sys.argv[1]
with host.connect(port) as module:
    print(module.model, module.ask("AT+CGATT?").lines)
async def run():
    async with host.connect_async(port) as module:
        print((await module.ask("AT+CGMM")).lines)
asyncio.run(run())
"""


def test_it_works_where_there_is_no_termios_no_fcntl_and_no_pty() -> None:
    """As on Windows, but for pyserial, which has its own modules there."""
    with tcp_module() as port:
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_POSIX, port], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.stdout.splitlines() == ["BC28 ('+CGATT:1',)", "('BC28',)"], done.stderr


@pytest.mark.parametrize("transport", ["pyserial", "serialx"])
def test_a_cable_that_goes_in_the_middle_of_a_command_is_said_to_be_that(transport: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            there, _ = listener.accept()
            with there:
                come = b""
                while not come.endswith(b"AT+CSQ\r"):
                    come += there.recv(100)
                    if come.endswith(b"AT\r"):
                        there.sendall(ANSWERS[b"AT"])

        threading.Thread(target=serve, daemon=True).start()
        host_name, port = listener.getsockname()
        url = f"tcp:{host_name}:{port}"
        with host.connect(url, model="BC28", check_model=False, transport=transport) as module:
            with pytest.raises(host.HostError) as lost:
                module.send("AT+CSQ")
            assert (lost.value.code, lost.value.fields["command"]) == (host.HostRefusal.LOST, "AT+CSQ")
            with pytest.raises(host.HostError):
                module.send("AT")


def test_an_event_loop_learns_that_the_cable_is_gone_wherever_it_waits() -> None:
    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            gone = threading.Event()

            def serve() -> None:
                there, _ = listener.accept()
                with there:
                    there.recv(100)
                    there.sendall(ANSWERS[b"AT"])
                    gone.wait(30)

            threading.Thread(target=serve, daemon=True).start()
            host_name, port = listener.getsockname()
            async with host.connect_async(f"tcp:{host_name}:{port}", model="BC28", check_model=False) as module:
                reader = asyncio.ensure_future(anext(module.urcs()))
                await asyncio.sleep(0)
                gone.set()
                with pytest.raises(host.HostError) as lost:
                    await reader
                assert lost.value.code == host.HostRefusal.LOST
                with pytest.raises(host.HostError):
                    await module.send("AT")

    asyncio.run(run())


def test_another_model_than_the_one_that_was_named_is_said_with_both_names() -> None:
    with tcp_module() as port:
        with pytest.raises(host.HostError) as other:
            host.connect(port, model="BC26")
        assert (other.value.code, other.value.fields["found"]) == (host.HostRefusal.MODEL_OTHER, "BC28")
        with pytest.raises(host.HostError) as unknown:
            host.connect(port, transport="modem")
        assert unknown.value.code == host.HostRefusal.TRANSPORT_UNKNOWN


def test_the_speed_is_found_by_itself_on_a_line_that_has_one() -> None:
    """What is sent at another speed arrives as other bytes (D110), of which the module makes a line before AT."""
    with nbtwin.Lab(live=True) as lab:
        twin = lab.add_module("BC260Y-CN")
        assert lab.run_until(twin.powered("on"), within=30)
        assert twin.at("AT+IPR=57600").ok
        with host.connect(twin.serial) as module:
            assert (module.model, module.baud) == ("BC260Y-CN", 57600)
            assert module.ask("AT+CGMM").lines == ("Quectel_BC260Y-CN",)


def test_a_command_whose_caller_has_gone_keeps_its_answer_from_the_next() -> None:
    async def run() -> None:
        with tcp_module() as port:
            async with host.connect_async(port, model="BC28", check_model=False) as module:
                sent = asyncio.Event()
                loop = asyncio.get_running_loop()

                def listener(_: float, event: host.LineEvent) -> None:
                    if isinstance(event, host.BytesSent) and event.data == b"AT+CGMM\r":
                        loop.call_soon_threadsafe(sent.set)

                await module.call(lambda inner: inner.watch(listener))
                leaving = asyncio.ensure_future(module.send("AT+CGMM"))
                await sent.wait()
                leaving.cancel()
                assert (await module.send("AT+CGATT?")).lines == ("+CGATT:1",)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("final", "code", "number", "text"),
    [
        ("ERROR", host.HostRefusal.REFUSED_PLAIN, None, ""),
        ("+CME ERROR: 50", host.HostRefusal.REFUSED_CODED, 50, "Incorrect parameters"),
        ("+CME ERROR: Incorrect parameters", host.HostRefusal.REFUSED_CODED, 50, "Incorrect parameters"),
        ("+CME ERROR: 999", host.HostRefusal.REFUSED, 999, ""),
        ("+CME ERROR: something else", host.HostRefusal.REFUSED, None, ""),
    ],
)
def test_a_refusal_is_told_in_each_form_that_a_module_may_give_it(
    final: str, code: host.HostRefusal, number: int | None, text: str
) -> None:
    with tcp_module({**ANSWERS, b"AT+CFUN=7": f"\r\n{final}\r\n".encode()}) as port, host.connect(port) as module:
        with pytest.raises(host.CommandError) as refused:
            module.ask("AT+CFUN=7")
        assert (refused.value.code, refused.value.number, refused.value.text) == (code, number, text)
        assert "AT+CFUN=7" in str(refused.value)
        assert "None" not in str(refused.value)


def test_garbage_instead_of_an_answer_and_another_host_each_have_their_own_error() -> None:
    answers = {**ANSWERS, b"AT+CSQ": b"\xf8\x80\x1c\xfe\xf0", b"AT+CGMR": b"\r\nAT+CFUN=0\r\n\r\nOK\r\n"}
    with tcp_module(answers) as port, host.connect(port) as module:
        with pytest.raises(host.HostError) as stranger:
            module.ask("AT+CGMR")
        assert (stranger.value.code, stranger.value.fields["heard"]) == (host.HostRefusal.OTHER_HOST, "AT+CFUN=0")
        with pytest.raises(host.HostError) as garbled:
            module.ask("AT+CSQ", within=0.2)
        assert (garbled.value.code, garbled.value.fields["data"]) == (host.HostRefusal.GARBLED_ANSWER, "f8 80 1c fe f0")
        with pytest.raises(host.HostError) as nothing:
            module.ask("AT+CPIN?", within=0.2)
        assert nothing.value.code == host.HostRefusal.UNANSWERED


@contextmanager
def taken_port() -> Iterator[str]:
    """As a lab's TCP port is while another host has it: who connects is turned away."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host_name, port = listener.getsockname()

        def serve() -> None:
            with suppress(OSError):
                while True:
                    listener.accept()[0].close()

        threading.Thread(target=serve, daemon=True).start()
        yield f"tcp:{host_name}:{port}"


@pytest.mark.parametrize("transport", ["pyserial", "serialx"])
def test_a_port_that_another_program_has_is_said_to_be_taken_and_not_gone(transport: str) -> None:
    with taken_port() as port, pytest.raises(host.HostError) as refused:
        host.connect(port, model="BC28", transport=transport)
    assert str(refused.value.code) == "host-taken"
    assert "another program has the port" in str(refused.value)


def test_checks_are_told_the_same_of_a_taken_port() -> None:
    with taken_port() as port, pytest.raises(host.HostError) as refused:
        RealPort(port, "BC28")
    assert str(refused.value.code) == "host-taken"
