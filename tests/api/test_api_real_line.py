"""The host's end of a real module's line: what is made of silence, of a restart, and of what nobody asked for."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from nbtwin.api.real.line import PortLine
from nbtwin.edge.host_port import HostPort
from nbtwin.host.driver import Recovery
from nbtwin.host.line import PortTransport
from nbtwin.host.module import Module
from nbtwin.lab.recorder import LineRecorder
from nbtwin.timeline.ring import Timeline

DEAF = b""
"""The peer boots: what comes now, it does not hear."""
ANSWERS = {
    b"AT\r": [b"\r\nOK\r\n"],
    b"ATE1\r": [b"ATE1\r\r\nOK\r\n"],
    b"AT+NRB\r": [b"\r\nREBOOTING\r\n", b"\r\nNeul\r\n", b"OK\r\n"],
    b"AT+QRST=1\r": [b"\r\nOK\r\n", DEAF, b"\r\nRDY\r\n"],
    b"AT+CFUN=1,1\r": [b"\r\nOK\r\n", DEAF, b"\r\nRDY\r\n"],
    b"AT+CSQ\r": [b"\r\n+CSQ:20,", b"99\r\n\r\n+CEREG:1\r\n\r\nOK\r\n"],
}
"""What the peer writes, and in which pieces; it says nothing to any other line."""


@pytest.fixture
def line() -> Iterator[PortLine]:
    master, slave = os.openpty()
    asked: list[bytes] = []

    def answer() -> None:
        with suppress(OSError):
            while True:
                while not b"".join(asked).endswith(b"\r"):
                    asked.append(os.read(master, 100))
                for piece in ANSWERS.get(b"".join(asked), ()):
                    if piece != DEAF:
                        os.write(master, piece)
                    elif select.select([master], [], [], 0.2)[0]:
                        os.read(master, 100)
                asked.clear()

    port = HostPort(os.ttyname(slave), 115200)
    peer = threading.Thread(target=answer, daemon=True)
    peer.start()
    module = Module(PortTransport(port), recovery=Recovery(silence=0.1, probe_every=0.2, quiet=0.05))
    yield PortLine(module, LineRecorder(Timeline(100)), "module")
    module.close()
    os.close(slave)  # the peer reads EIO: nobody has the other end any more
    peer.join(5)
    os.close(master)


def test_an_answer_in_pieces_is_one_and_what_comes_within_it_by_itself_is_none_of_it(line: PortLine) -> None:
    answer = line.send("AT+CSQ", None, 5.0)
    assert (answer.lines, answer.final, answer.urcs) == (("+CSQ:20,99",), "OK", ("+CEREG:1",))


def test_a_module_that_echoes_and_does_not_even_do_that_is_silent(line: PortLine) -> None:
    assert line.send("ATE1", None, 5.0).ok
    assert line.send("AT+CGATT?", None, 300.0).final == ""
    assert line.send("AT+CSQ", None, 5.0).ok


@pytest.mark.timeout(30)
@pytest.mark.parametrize("command", ["AT+NRB", "AT+QRST=1", "AT+CFUN=1,1"])
def test_the_command_after_a_restart_waits_for_the_banner_and_no_longer(line: PortLine, command: str) -> None:
    """It comes before the OK of AT+NRB, and after that of the others (D21, D101)."""
    assert line.send(command, None, 5.0).ok
    assert line.send("AT+CSQ", None, 5.0).lines == ("+CSQ:20,99",)
