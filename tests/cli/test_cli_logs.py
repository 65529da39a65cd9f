"""The log of a lab: one line for what whoever runs it must know, on standard error, and never a secret in it."""

import io
import json
import logging
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import preloaded
import pytest
from running import Running, environment, nbtwin

from nbtwin.cli import logs
from nbtwin.operators.store.database import StoreError, StoreRefusal
from nbtwin.runtime.commit_log import LoggedCommit
from nbtwin.runtime.errors import WrongUsage

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) nbtwin\.[a-z]+: .+")
PSK = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("nbtwin")
    kept = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:], root.level, ours.level = kept


def logged(level: str = "debug", *, as_json: bool = False) -> io.StringIO:
    stream = io.StringIO()
    logs.configure(level, as_json, stream)
    return stream


def test_a_line_has_the_time_the_level_and_the_floor() -> None:
    stream = logged("info")
    logging.getLogger("nbtwin.edge").info("the port is %d", 5683)
    logging.getLogger("nbtwin.edge").debug("nobody wants to know")
    (line,) = stream.getvalue().splitlines()
    assert LINE.fullmatch(line)
    assert line.endswith(" INFO nbtwin.edge: the port is 5683")


def test_json_lines_have_the_traceback_and_the_fields_of_the_entry() -> None:
    stream = logged(as_json=True)
    try:
        raise RuntimeError("out of luck")
    except RuntimeError:
        logging.getLogger("nbtwin.web").exception("error %s", "1a2b3c4d", extra={"fields": {"entry": "1a2b3c4d"}})
    entry = json.loads(stream.getvalue())
    assert (entry["level"], entry["logger"], entry["message"]) == ("error", "nbtwin.web", "error 1a2b3c4d")
    assert entry["entry"] == "1a2b3c4d"
    assert "RuntimeError: out of luck" in entry["traceback"]


def test_an_entry_cannot_be_forged_by_what_peers_send() -> None:
    stream = logged()
    logging.getLogger("nbtwin.web").warning(
        "token refused: GET %s", "/x\n2026-01-01T00:00:00.000Z INFO nbtwin.web: all is well"
    )
    assert len(stream.getvalue().splitlines()) == 1
    assert "/x\\n2026" in stream.getvalue()


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    ("text", "secret", "stays"),
    [
        ("token nbt_AbCdEf0123456789-_xyz was sent", "AbCdEf0123456789", "was sent"),
        ("Authorization: Bearer something.else was sent", "something.else", "was sent"),
        (f"a key {PSK} of the device", PSK, "of the device"),
        (f"{{'device': '867724030000225', 'bootstrap_key': '{PSK[:8]}'}}", PSK[:8], "867724030000225"),
        ('{"appkey":"M100000090","password":"a b,c"}', "a b,c", "M100000090"),
        ("password=hunter2&user=lab", "hunter2", "user=lab"),
        ("postgresql://lab:hunter2@db.example/lab?schema=x", "hunter2", "lab:****@db.example/lab?schema=x"),
        ("psk: deadbeef", "deadbeef", "psk"),
        ('AT+QDMPCFG=0,1,"M1","hunter2"', "", "AT+QDMPCFG"),
        ('AT+QSECSWT=1,60 then AT+CPIN="4711"', "4711", "AT+QSECSWT"),
        (f'AT+QSETPSK="867724030000225","{PSK[:20]}"', PSK[:20], "QSETPSK"),
    ],
)
def test_each_kind_of_secret_is_masked_in_messages_fields_and_tracebacks(
    text: str, secret: str, stays: str, as_json: bool
) -> None:
    stream = logged(as_json=as_json)
    log = logging.getLogger("nbtwin.web")
    log.info("%s", text, extra={"fields": {"said": text}})
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("broken")
    said = stream.getvalue()
    assert not secret or secret not in said
    assert stays.replace('"', '\\"') in said or stays in said
    assert "Traceback" in said


@pytest.mark.parametrize(
    "text",
    ["KeyError: 'meter'", "commit of 3 events failed: disk full", "module added: meter, BC28, tcp:127.0.0.1:7001"],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    stream = logged()
    logging.getLogger("nbtwin.runtime").info("%s", text)
    assert stream.getvalue().endswith(f": {text}\n")


def test_a_level_that_is_none_is_wrong_usage() -> None:
    with pytest.raises(WrongUsage, match="--log-level: 'loud' is none of debug, info, warning, error"):
        logs.configure("loud", False)


def test_commits_that_fail_that_succeed_again_and_that_are_slow_are_one_line_each() -> None:
    stream = logged("warning")
    outcomes = iter(
        [None, StoreError(StoreRefusal.FAILED, "lab.sqlite", detail="disk full"), ValueError("a defect"), None]
    )

    def commit(events: object) -> None:
        if (error := next(outcomes)) is not None:
            raise error

    logged_commit = LoggedCommit(commit)
    logged_commit([1])
    with pytest.raises(StoreError):
        logged_commit([1, 2])
    with pytest.raises(ValueError, match="defect"):
        logged_commit([1, 2, 3])
    logged_commit([1, 2, 3])
    lines = [line for line in stream.getvalue().splitlines() if LINE.fullmatch(line)]
    assert [line.partition("nbtwin.store: ")[2].partition(" in ")[0] for line in lines] == [
        "commit of 2 events failed: lab.sqlite: disk full",
        "commit of 3 events failed: a defect",
        "commits succeed again, after 2 failures",
    ]
    assert "Traceback" in stream.getvalue()  # of the defect alone
    assert stream.getvalue().count("Traceback") == 1


def test_a_slow_commit_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = logged("warning")
    times = iter([10.0, 10.4, 20.0, 20.7])
    monkeypatch.setattr("nbtwin.runtime.commit_log.time.monotonic", lambda: next(times))
    commit = LoggedCommit(lambda events: None)
    commit([1])
    commit([1, 2])
    (line,) = stream.getvalue().splitlines()
    assert line.endswith(" WARNING nbtwin.store: commit of 2 events took 0.7 s")


def started(state: Path, *options: str) -> Running:
    asked = ("up", "--module", "BC28,name=meter,serial=tcp:127.0.0.1:0", "--ports", "cmdmp=0", "--http", "127.0.0.1:0")
    return Running(*asked, *options, state=state)


def test_by_default_a_lab_that_is_well_logs_nothing(tmp_path: Path) -> None:
    with started(tmp_path) as lab:
        assert lab.stop() == 0
        assert not [line for line in lab.lines if LINE.fullmatch(line)]


def test_starts_and_stops_are_logged_on_standard_error_and_scripts_read_what_they_read(tmp_path: Path) -> None:
    command = ["up", "--module", "BC28,name=meter", "--ports", "cmdmp=0"]
    options = ("--http", "127.0.0.1:0", "--log-level", "info", "--log-json", "--state", str(tmp_path))
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with preloaded.started(*command, *options, **piped, env=environment()) as lab:
        assert lab.stdout is not None
        printed = []
        while not printed or printed[-1] != "ready":
            printed.append(lab.stdout.readline().rstrip("\n"))
        lab.terminate()
        rest, log = lab.communicate(timeout=30)
    assert [line.partition(" ")[0] for line in printed] == ["module", "platform", "console", "ready"]
    assert rest == ""
    entries = [json.loads(line) for line in log.splitlines()]
    assert {entry["level"] for entry in entries} == {"info"}
    told = [(entry["logger"], entry["message"].partition(":")[0]) for entry in entries]
    for expected in (
        ("nbtwin.runtime", "lab started"),
        ("nbtwin.runtime", "platform started"),
        ("nbtwin.runtime", "module added"),
        ("nbtwin.cli", "console started"),
        ("nbtwin.cli", "stopping"),
        ("nbtwin.cli", "console stopped"),
        ("nbtwin.runtime", "lab stopped"),
    ):
        assert expected in told
    assert told[-1] == ("nbtwin.runtime", "lab stopped")


def test_with_json_warnings_are_entries_of_the_log_as_well(tmp_path: Path) -> None:
    (tmp_path / "meter.nvram").write_bytes(b"broken")
    with started(tmp_path, "--log-json") as lab:
        said = next(line for line in lab.lines if line.startswith("{"))
        entry = json.loads(said)
        assert entry["level"] == "warning"
        assert "kept as meter.nvram.broken-1" in entry["message"]
        assert not [line for line in lab.lines if line.startswith("nbtwin: ")]


def test_a_database_that_fails_is_one_warning_for_each_commit(tmp_path: Path) -> None:
    with started(tmp_path) as lab:
        other = sqlite3.connect(tmp_path / "inventory.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        lab.wait_for(r"\S+ WARNING nbtwin\.store: commit of \d+ events failed: .*locked by another process")
        other.close()
        lab.wait_for(r"\S+ WARNING nbtwin\.store: commits succeed again, after \d+ failures")


def test_a_scenario_logs_its_start_and_its_end() -> None:
    done = nbtwin("run", "examples/telecom-server-down.yaml", "--quiet", "--log-level", "info", "--seed", "7")
    assert done.returncode == 0
    lines = [line for line in done.stderr.splitlines() if LINE.fullmatch(line)]
    assert [line.partition("nbtwin.scenario: ")[2].partition(":")[0] for line in lines] == [
        "scenario started",
        "scenario ended",
    ]
    assert "seed 7" in lines[0]
