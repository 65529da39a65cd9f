"""`nbtwin record`, `replay` and `transcript` as a user has them: real ports, real processes."""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import serial

from in_process import Done
from nbtwin.recording.file import Ending, read_recording

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from running import WITHOUT_POSIX, Running, nbtwin

IMEI = "867724030000225"
LINES = [
    "ATE0",
    "AT+CGMM",
    "AT+CGSN=1",
    f'AT+DMPCONFIG=2,"M100000089","geheim77",1,"{IMEI}"',
    "AT+DMPCONFIG?",
    "AT+NONSENSE",
]


def talk(port: str) -> list[str]:
    """What a host hears, command by command."""
    heard = []
    with serial.serial_for_url(port.replace("tcp:", "socket://", 1), 9600, timeout=20) as line:
        assert line.read_until(b"Neul\r\nOK\r\n").endswith(b"OK\r\n")  # what it said before waits for its first host
        for command in LINES:
            line.write(command.encode() + b"\r")
            said = b""
            while not said.endswith((b"OK\r\n", b"ERROR\r\n")):
                said += line.read(1)
            heard.append(said.decode())
    return heard


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, list[str]]:
    file = tmp_path / "field.rec"
    with Running(
        "up", "--module", f"BC28,serial=tcp:127.0.0.1:0,imei={IMEI}", "--ports", "cmdmp=0", state=tmp_path / "lab"
    ) as lab:
        module = lab.wait_for(r"module .* serial=(\S+)")[1]
        with Running("record", module, str(file), "--serial", "tcp:127.0.0.1:0", state=None) as recorder:
            host = recorder.wait_for(r"host (\S+) module (\S+)")
            heard = talk(host[1])
            again = nbtwin("record", module, str(file))
            assert (again.returncode, again.stdout) == (2, "")
            assert "is there already: --force" in again.stderr
            recorder.process.send_signal(signal.SIGINT)
            assert recorder.process.wait(30) == 0
    return file, heard


def test_a_session_is_recorded_without_what_identifies_it_and_played_again(
    recorded: tuple[Path, list[str]], tmp_path: Path
) -> None:
    file, heard = recorded
    text = file.read_text()
    assert IMEI not in text
    assert "geheim77" not in text
    assert file.stat().st_mode & 0o077 == 0
    assert any(IMEI in said for said in heard)
    assert json.loads(text.splitlines()[-1])["entries"] == len(text.splitlines()) - 2
    for serial_port in ("pty", "tcp:127.0.0.1:0"):
        with Running("replay", str(file), "--serial", serial_port, "--once", state=None) as replay:
            port = replay.wait_for(r"replay (\S+) ")[1]
            played = talk(port)
            replay.wait_for("the recording has ended")
            assert replay.process.wait(30) == 0
        shown = {said: other for said, other in zip(heard, played, strict=True) if said != other}
        assert list(shown) == [said for said in heard if IMEI in said]
    made = tmp_path / "field.yaml"
    assert nbtwin("transcript", str(file), "--out", str(made)).returncode == 0
    assert "AT+CGMM" in made.read_text()
    ran = nbtwin("run", str(made))
    assert "AT+NONSENSE" in made.read_text()
    assert ran.returncode in (0, 1), ran.stderr


def test_a_recorder_that_is_killed_leaves_what_was_said_and_a_replay_tells_so(tmp_path: Path) -> None:
    source, file = tmp_path / "log.txt", tmp_path / "cut.rec"
    source.write_text("AT\nOK\nAT+CSQ\n+CSQ: 20,0\nOK\n")
    with (
        Running("replay", str(source), "--match", "relaxed", "--serial", "tcp:127.0.0.1:0", state=None) as module,
        Running(
            "record", module.wait_for(r"replay (\S+)")[1], str(file), "--serial", "tcp:127.0.0.1:0", state=None
        ) as recorder,
    ):
        with serial.serial_for_url(recorder.wait_for(r"host tcp:(\S+)")[1].join(("socket://", "")), timeout=20) as line:
            line.write(b"AT+CSQ\r")
            assert line.read_until(b"OK\r\n").endswith(b"OK\r\n")
            line.write(b"AT+CSQ\r")  # with its end the answer before has been kept
            assert line.read_until(b"OK\r\n").endswith(b"OK\r\n")
        recorder.process.kill()
        recorder.process.wait(30)
    with Running("replay", str(file), "--serial", "tcp:127.0.0.1:0", state=None) as replay:
        replay.wait_for(r"\S+ has no end: it was cut off after")
        with serial.serial_for_url(replay.wait_for(r"replay tcp:(\S+)")[1].join(("socket://", "")), timeout=20) as line:
            line.write(b"AT+CSQ\r")
            assert b"+CSQ: 20,0" in line.read_until(b"OK\r\n")
            line.write(b"AT+CGMR\r")
            replay.wait_for(r"the host's line 2 is another one: 'AT\+C.*', recorded was 'AT\+CSQ'")
        replay.process.send_signal(signal.SIGTERM)
        assert replay.process.wait(30) == 1


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("replay", "missing.rec"), 2, "missing.rec"),
        (("replay", "text"), 1, "has no line that is an AT command"),
        (("replay", "log", "--match", "loosely"), 2, "loosely"),
        (("replay", "log", "--serial", "usb"), 2, "usb"),
        (("replay", "log", "--serial", "tcp:127.0.0.1:0", "--link", "x"), 2, "a link is to a pseudo-terminal"),
        (("replay", "log", "--speed", "0"), 2, "--speed"),
        (("record", "/dev/ttyNONE", "new.rec"), 2, "/dev/ttyNONE"),
        (("transcript", "log"), 2, "does not say which model"),
        (("transcript", "log", "--model", "BC99"), 2, "BC99"),
    ],
)
def test_what_cannot_be_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: Callable[..., Done],
    arguments: tuple[str, ...],
    status: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("no commands here\n")
    (tmp_path / "log").write_text("AT\nOK\n")
    done = command(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert said in done.stderr
    assert not (tmp_path / "new.rec").exists()


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[str]:
    """A port with a module that knows AT+CSQ."""
    source = tmp_path / "log.txt"
    source.write_text("AT+CSQ\n+CSQ: 20,0\nOK\n")
    with Running("replay", str(source), "--match", "answers", "--serial", "tcp:127.0.0.1:0", state=None) as module:
        yield module.wait_for(r"replay (\S+)")[1]


def test_a_full_disk_ends_the_recording_and_what_was_written_can_be_played(answers: str, tmp_path: Path) -> None:
    file = tmp_path / "full.rec"
    with Running("record", answers, str(file), "--serial", "tcp:127.0.0.1:0", state=None) as recorder:
        host = recorder.wait_for(r"host tcp:(\S+)")[1].join(("socket://", ""))
        resource.prlimit(recorder.process.pid, resource.RLIMIT_FSIZE, (600, 600))
        with serial.serial_for_url(host, timeout=20) as line, suppress(serial.SerialException):  # until it ends
            for _ in range(20):
                line.write(b"AT+CSQ\r")
                line.read_until(b"OK\r\n")
        recorder.wait_for(r"nbtwin: .*full\.rec: (No space left on device|File too large)")
        assert recorder.process.wait(30) == 1
    assert file.stat().st_size == 600
    recording = read_recording(file.read_bytes())
    assert recording.ending is Ending.CUT_OFF
    assert b"AT+CSQ\r" in [piece.data for piece in recording.pieces]


def test_a_beginning_that_is_refused_leaves_no_file_and_spoils_none(
    answers: str, tmp_path: Path, command: Callable[..., Done]
) -> None:
    file = tmp_path / "new.rec"
    taken = answers.removeprefix("tcp:")
    done = command("record", answers, str(file), "--serial", f"tcp:{taken}")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert not file.exists()
    file.write_text("mine")
    assert command("record", answers, str(file), "--serial", f"tcp:{taken}", "--force").returncode == 2
    assert file.read_text() == "mine"
    full = command("record", answers, "/dev/full", "--serial", "tcp:127.0.0.1:0", "--force")
    assert (full.returncode, full.stdout, full.stderr.count("\n")) == (2, "", 1)
    assert "/dev/full: No space left on device" in full.stderr


def test_record_and_replay_work_without_the_modules_that_windows_does_not_have(tmp_path: Path) -> None:
    log, file = tmp_path / "log.txt", tmp_path / "w.rec"
    log.write_text("AT+CSQ\n+CSQ: 20,0\nOK\n")
    started = [sys.executable, "-c", WITHOUT_POSIX]
    with Running(
        "replay", str(log), "--match", "relaxed", "--serial", "tcp:127.0.0.1:0", state=None, by=started
    ) as module:
        port = module.wait_for(r"replay (\S+)")[1]
        with Running("record", port, str(file), "--serial", "tcp:127.0.0.1:0", state=None, by=started) as recorder:
            host = recorder.wait_for(r"host tcp:(\S+)")[1].join(("socket://", ""))
            with serial.serial_for_url(host, timeout=20) as line:
                line.write(b"AT+CSQ\r")
                assert b"+CSQ: 20,0" in line.read_until(b"OK\r\n")
            recorder.process.send_signal(signal.SIGINT)
            assert recorder.process.wait(30) == 0
    assert read_recording(file.read_bytes()).ending is Ending.WHOLE
