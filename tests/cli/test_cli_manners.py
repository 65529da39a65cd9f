"""What every tool of the command line does: help by -h, the nearest of what was meant, a pipe whose reader leaves."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from running import Running, environment

from nbtwin.cli.main import app, status_of

HAN = re.compile("[\u4e00-\u9fff]")
EXAMPLE = str(Path(__file__).parents[2] / "examples" / "telecom-server-down.yaml")
PIPE_LEFT = 128 + signal.SIGPIPE


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


@pytest.mark.parametrize("path", [*commands(typer.main.get_command(app))], ids=" ".join)
def test_every_command_is_explained_by_h_as_by_help(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for option in ("-h", "--help"):
        assert app([*path, option], prog_name="nbtwin", standalone_mode=False) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert shown[0].startswith(" ".join(("Usage: nbtwin", *path)))
    assert "-h, --help" in shown[0]


@pytest.mark.parametrize("group", ["", "db", "platform keys"])
def test_without_a_command_a_group_teaches(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(group.split()) == 0
    taught = capsys.readouterr()
    assert taught.err == ""
    assert status_of([*group.split(), "--help"]) == 0
    assert taught.out == capsys.readouterr().out


WRONG = [
    (["modles"], "there is no command 'modles'; did you mean module, models?"),
    (["models", "shwo"], "there is no command 'shwo'; did you mean show?"),
    (["models", "--jsn"], "there is no option --jsn"),
    (["up", "--modul", "BC28"], "there is no option --modul; did you mean --module?"),
    (["explain"], "LINE is missing; -h shows what there is"),
    (["up", "--seed"], "--seed: needs a value"),
    (["up", "--strict=3"], "--strict: takes no value"),
    (["db", "info", "here", "there"], "too much: here, there; -h shows what is taken"),
    (["up", "--seed", "x"], "--seed: must be a number"),
    (["db", "audit", "--limit", "0"], "--limit: must be a number, 1 or more"),
    (["cost", "BC28", "--days", "x"], "--days: must be a number from 1 to 3660"),
]


@pytest.mark.parametrize(
    ("arguments", "says"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_wrong_line_is_named_with_what_may_have_been_meant(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"nbtwin: {says}")
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [arguments for arguments, _ in WRONG], ids=" ".join)
def test_a_wrong_line_is_named_in_chinese_without_a_word_of_the_librarys(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert status_of(arguments) == 2
    said = capsys.readouterr().err
    assert HAN.search(said)
    assert not re.search("[a-z]+ [a-z]+ [a-z]+", said.replace("nbtwin", ""))


# Pipes and files


@pytest.mark.parametrize(("command", "buffered"), [("models", ""), ("db -h", "1"), (f"run {EXAMPLE} --json", "")])
def test_a_reader_that_leaves_ends_a_command_in_silence(command: str, buffered: str, tmp_path: Path) -> None:
    """The pipe has lost its reader before the first byte."""
    reader, writer = os.pipe()
    os.close(reader)
    done = _run(command, tmp_path, writer, unbuffered=buffered)
    os.close(writer)
    assert (done.returncode, done.stderr) == (PIPE_LEFT, b"")


def test_a_full_disk_is_one_line_and_exit_1(tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = _run("models", tmp_path, full.fileno())
    assert done.returncode == 1
    assert done.stderr == b"nbtwin: standard output cannot be written: No space left on device\n"


def test_a_closed_output_is_one_line_and_exit_1(tmp_path: Path) -> None:
    line = f"exec {sys.executable} -m nbtwin db -h >&-"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == b"nbtwin: standard output cannot be written: Bad file descriptor\n"


def test_messages_never_go_to_standard_output_for_want_of_standard_error(tmp_path: Path) -> None:
    line = f"exec {sys.executable} -m nbtwin models show nothing 2>&-"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize("shown", ["none", "json"])
def test_a_lab_ends_when_the_reader_of_its_lines_has_left(shown: str, tmp_path: Path) -> None:
    """`nbtwin up | head -1`: also when all its lines have been printed before. It is closed as by Ctrl-C."""
    lab = Running("up", "--module", "BC28", "--ports", "cmdmp=0", "--timeline", shown, state=tmp_path)
    assert lab.process.stdout is not None
    lab.process.stdout.close()
    assert lab.process.wait(30) == PIPE_LEFT
    assert (tmp_path / "inventory.sqlite").exists()
    assert not (tmp_path / "inventory.sqlite-wal").exists()  # the store was closed


def test_a_lab_whose_reader_left_while_it_was_stopped_is_closed_all_the_same(tmp_path: Path) -> None:
    """It notices twice in one turn of its loop: that nobody reads any more, and at what it is to print."""
    lab = Running("up", "--module", "BC28", "--ports", "cmdmp=0", "--timeline", "json", state=tmp_path)
    assert lab.process.stdout is not None
    lab.process.send_signal(signal.SIGSTOP)
    lab.process.stdout.close()
    with pytest.raises(subprocess.TimeoutExpired):
        lab.process.wait(5)  # meanwhile its module should have booted
    lab.process.send_signal(signal.SIGCONT)
    assert lab.process.wait(30) == PIPE_LEFT
    assert not (tmp_path / "inventory.sqlite-wal").exists()


def _run(command: str, where: Path, output: int, unbuffered: str = "") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "nbtwin", *command.split()],
        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, timeout=60, check=False, cwd=where,
        env={**environment(), "PYTHONUNBUFFERED": unbuffered},
    )  # fmt: skip


# Secrets


def test_a_password_is_not_asked_for_where_there_is_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reader, writer = os.pipe()  # that nobody writes to: whoever asked would wait
    with open(reader, encoding="utf-8") as stdin, open(writer, "w", encoding="utf-8"):
        monkeypatch.setattr(sys, "stdin", stdin)
        assert status_of(["platform", "keys", "add", "M100000099", "--state", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "nbtwin: no terminal to ask at: give --password, or set NBTWIN_PASSWORD\n"


def test_a_password_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBTWIN_PASSWORD", "secret-password")
    assert status_of(["platform", "keys", "add", "M100000099", "--state", str(tmp_path)]) == 0
    assert status_of(["platform", "keys", "list", "--state", str(tmp_path)]) == 0
    assert "M100000099\tsecr****\n" in capsys.readouterr().out


def test_a_password_is_asked_for_unseen_at_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pid, terminal = os.forkpty()
    if pid == 0:
        add = ["platform", "keys", "add", "M100000099", "--state", str(tmp_path)]
        os.execv(sys.executable, [sys.executable, "-m", "nbtwin", *add])
    shown = _read_until(terminal, b"Password: ")
    os.write(terminal, b"secret-password\n")
    shown += _read_until(terminal, None)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)
    assert b"secret" not in shown
    assert status_of(["platform", "keys", "list", "--state", str(tmp_path)]) == 0
    assert "M100000099\tsecr****\n" in capsys.readouterr().out


def _read_until(terminal: int, end: bytes | None) -> bytes:
    """None: until the terminal's last process has gone."""
    data = b""
    while end is None or end not in data:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # EIO: nobody has it open any more
            return data
        data += more
    return data
