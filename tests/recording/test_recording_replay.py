"""A recording that is played: a host cannot tell it from the module; whoever sends something else is told so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lines import ReplayPort, Tap, dialogue, reread

import nbtwin
from nbtwin.api.simulated import SimulatedBackend
from nbtwin.recording.file import Recording
from nbtwin.recording.replay import CommandUnknown, Deviated, Matching, RecordingEnded, SentBeyond
from nbtwin.testing.serial_line import SimulatedSerial

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "python-host" / "src"))
from meterhost.meter import Meter

TALK = dialogue(
    (0.4, "<", b"\r\nRDY\r\n"),
    (2.0, ">", b"AT+CGMM\r"), (2.1, "<", b"\r\nBC26\r\n\r\nOK\r\n"), (9.0, "<", b"\r\n+CEREG: 1\r\n"),
    (20.0, ">", b"AT+CSQ\r"), (20.1, "<", b"\r\n+CSQ: 20,0\r\n"), (20.2, "<", b"\r\nOK\r\n"),
    (21.0, ">", b"AT+CSQ\r"), (21.1, "<", b"\r\n+CSQ: 9,0\r\n\r\nOK\r\n"),
)  # fmt: skip


class SimulatedHostPort:
    """The simulated module's port, its bytes seen by a tap."""

    def __init__(self, lab: nbtwin.Lab, name: str) -> None:
        assert isinstance(lab._session.backend, SimulatedBackend)
        world = lab._session.backend.lab.world
        node = world.modules[name]
        self.tap = Tap(lambda: world.now, node.sinks)
        self._port = SimulatedSerial(world, node)
        self.clock = lambda: world.now

    @property
    def timeout(self) -> float | None:
        return self._port.timeout

    @timeout.setter
    def timeout(self, value: float | None) -> None:
        self._port.timeout = value

    def read(self, size: int = 1, /) -> bytes:
        return self._port.read(size)

    def write(self, data: bytes, /) -> int:
        self.tap.sent(data)
        return self._port.write(data)


@pytest.mark.parametrize("model", ["BC28", "BC25", "BC260Y-CN"])
def test_the_examples_host_cannot_tell_a_redacted_recording_from_the_module(model: str) -> None:
    with nbtwin.Lab(seed=5) as lab:
        module = lab.add_module(model, name="meter")
        port = SimulatedHostPort(lab, "meter")
        began = port.clock()
        met = Meter(port, model, port.clock)
        met.start()
        seen = (met.starts, met.written, met.urcs)
        imei = module.imei
    recording = reread(port.tap.pieces)
    assert imei.encode() not in b"".join(piece.data for piece in recording.pieces)
    for matching in (Matching.STRICT, Matching.RELAXED):
        played = ReplayPort(recording, matching, began=began)
        again = Meter(played, model, lambda played=played: played.now)  # type: ignore[misc]
        again.start()
        assert (again.starts, again.written, again.urcs) == seen
        assert [found for found in played.found if not isinstance(found, RecordingEnded)] == []


@given(st.lists(st.floats(0.0, 30.0), min_size=3, max_size=3))
def test_strict_gives_every_byte_in_its_order_however_fast_the_host_is(waits: list[float]) -> None:
    port = ReplayPort(reread(TALK))
    got = b""
    for line, wait in zip((b"AT+CGMM\r", b"AT+CSQ\r", b"AT+CSQ\r"), waits, strict=True):
        got += port.all_until(port.now + wait)
        port.write(line)
    got += port.all_until(port.now + 100)
    assert got == b"".join(piece.data for piece in TALK if piece.data[:2] != b"AT")
    assert port.found == [RecordingEnded()]


def test_strict_keeps_the_times_of_then() -> None:
    port = ReplayPort(reread(TALK))
    assert port.all_until(0.39) == b""
    assert port.all_until(0.41) == b"\r\nRDY\r\n"
    port.now = 50.0
    port.write(b"AT+CGMM\r")
    assert port.all_until(50.09) == b""
    assert port.all_until(50.11) == b"\r\nBC26\r\n\r\nOK\r\n"
    assert port.all_until(56.9) == b""
    assert port.all_until(57.1) == b"\r\n+CEREG: 1\r\n"


def test_strict_is_silent_from_the_first_other_line_on() -> None:
    port = ReplayPort(reread(TALK))
    port.write(b"AT+CGMM\r")
    assert b"BC26" in port.all_until(10.0)
    for byte in b"AT+CESQ\r":
        port.write(bytes([byte]))
    assert port.found == [Deviated(2, "AT+CSQ", "AT+CE")]
    port.write(b"AT+CSQ\r")
    assert port.all_until(100.0) == b""


def test_strict_tells_who_goes_on_behind_the_end() -> None:
    port = ReplayPort(reread(dialogue((0, ">", b"AT\r"), (0.1, "<", b"\r\nOK\r\n"))))
    port.write(b"AT\r")
    assert port.all_until(1.0) == b"\r\nOK\r\n"
    port.write(b"ATI\r")
    assert port.found == [RecordingEnded(), SentBeyond("ATI")]


def test_relaxed_takes_commands_in_any_order_and_writing_and_repeats_the_last_answer() -> None:
    port = ReplayPort(reread(TALK), Matching.RELAXED)
    port.all_until(1.0)
    port.write(b"at+csq\r")
    assert port.all_until(2.0) == b"\r\n+CSQ: 20,0\r\n\r\nOK\r\n"
    for _ in range(2):
        port.write(b"AT +CSQ \r\n")
        assert port.all_until(port.now + 1) == b"\r\n+CSQ: 9,0\r\n\r\nOK\r\n"
    port.write(b"AT+CGMM\r")
    assert b"BC26" in port.all_until(port.now + 1)
    port.write(b"AT+CGMR\r")
    assert port.all_until(port.now + 1) == b"\r\nERROR\r\n"
    assert port.found == [CommandUnknown("AT+CGMR")]


def test_relaxed_lets_no_answer_wait_for_what_comes_by_itself() -> None:
    port = ReplayPort(reread(TALK), Matching.RELAXED)
    port.all_until(1.0)
    port.write(b"AT+CGMM\r")
    assert b"BC26" in port.all_until(2.0)
    port.write(b"AT+CSQ\r")
    assert port.all_until(2.5) == b"\r\n+CSQ: 20,0\r\n\r\nOK\r\n"
    assert port.all_until(8.5) == b"\r\n+CEREG: 1\r\n"


def test_answers_are_these_alone_and_at_once() -> None:
    port = ReplayPort(reread(TALK), Matching.ANSWERS)
    assert port.all_until(5.0) == b""
    for line, answer in ((b"AT+CGMM\r", b"\r\nBC26\r\n\r\nOK\r\n"), (b"AT+CSQ\r", b"\r\n+CSQ: 20,0\r\n\r\nOK\r\n")):
        port.write(line)
        assert port.all_until(port.now) == answer
    assert port.all_until(100.0) == b""


def secret_setting() -> Recording:
    line = b'AT+QDMPCFG=2,"M1","geheim77",0\r'
    return reread(
        dialogue((0, ">", line), (0.1, "<", line + b"\r\n\r\nOK\r\n"), (1, ">", b"AT\r"), (1.1, "<", b"\r\nOK\r\n"))
    )


@pytest.mark.parametrize("matching", [Matching.STRICT, Matching.RELAXED, Matching.ANSWERS])
@pytest.mark.parametrize("secret", [b"geheim77", b"longerthanbefore", b"x"])
def test_a_host_sends_its_own_secret_and_hears_it_in_the_echo(matching: Matching, secret: bytes) -> None:
    recording = secret_setting()
    assert b"geheim77" not in b"".join(piece.data for piece in recording.pieces)
    port = ReplayPort(recording, matching)
    line = b'AT+QDMPCFG=2,"M1","' + secret + b'",0\r'
    port.write(line)
    assert port.all_until(0.5) == line + b"\r\n\r\nOK\r\n"
    port.write(b"AT\r")
    assert port.all_until(port.now + 1) == b"\r\nOK\r\n"


DATA = dialogue(
    (0, ">", b"AT+QLASENDDATA=0x0100,4\r"), (0.1, "<", b"\r\n> "), (0.5, ">", b"ab\rd"), (0.7, "<", b"\r\nOK\r\n"),
    (1.0, ">", b"AT\r"), (1.1, "<", b"\r\nOK\r\n"),
)  # fmt: skip


@pytest.mark.parametrize("matching", [Matching.RELAXED, Matching.ANSWERS])
def test_data_after_a_prompt_are_as_many_bytes_as_then_whatever_they_are(matching: Matching) -> None:
    port = ReplayPort(reread(DATA), matching)
    port.write(b"AT+QLASENDDATA=0x0100,4\r")
    assert port.all_until(0.3) == b"\r\n> "
    port.write(b"AT")
    assert port.all_until(0.6) == b""
    port.write(b"\r1AT\r")
    assert port.all_until(2.0) == b"\r\nOK\r\n\r\nOK\r\n"
    port.write(b"AT+QLASENDDATA=0x0100,4\r")
    port.all_until(port.now + 1)
    port.write(b"\x1b")
    assert port.all_until(port.now + 1) == b"\r\nERROR\r\n"
