"""Wrong usage ends with one clear line and exit status 2; help teaches; light commands stay light."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from running import Running, nbtwin

UNKNOWN = "unknown model 'BC99'; the models are BC35-G, BC28, BC95 R2.0, BC26, BC20, BC260Y-CN"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--bad"], "--bad"),
        (["bogus"], "bogus"),
        (["models", "show", "BC99"], UNKNOWN),
        (["models", "diff", "BC28", "BC99"], UNKNOWN),
        (["explain", "AT", "--model", "BC99"], UNKNOWN),
        (["explain"], "LINE"),
        (["up", "--module", "BC99"], UNKNOWN),
        (["up", "--module", "BC28,sim=orange"], "sim: 'orange' is none of mobile, telecom, unicom, none"),
        (["up", "--module", "BC28,colour=red"], "'colour=red' is none of sim=…, imsi=…"),
        (["up", "--module", "BC28,serial=usb"], "serial: 'usb' is none of pty, tcp:HOST:PORT"),
        (["up", "--http", "8080"], "'8080' is not HOST:PORT"),
        (["up", "--http", "0.0.0.0:8080", "--ports", "cmdmp=0"], "nbtwin token create NAME --role admin --state"),
        (["up", "--clock", "sundial"], "--clock: 'sundial' is none of live, simulated"),
        (["up", "--ports", "cmdmp=high"], "'cmdmp=high' is not OPERATOR=PORT"),
        (["up", "--ports", "orange=5683"], "there is no platform 'orange'"),
        (["up", "--fault", "gremlins"], "gremlins"),
        (["up", "--timeline", "morse"], "--timeline: 'morse' is none of text, json, none"),
        (["module", "BC28", "--route", "nowhere"], "REAL=TARGET"),
        (["platform", "--ports", "cmdmp=0", "keys", "list"], "--ports before keys has no effect"),
        (["at", "tcp:nowhere"], "tcp:nowhere: 'nowhere' is not HOST:PORT"),
        (
            ["at", "/dev/there-is-no-such-port"],
            "/dev/there-is-no-such-port: there is no such port",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_one_clear_line_and_exit_2(arguments: list[str], says: str, tmp_path: Path) -> None:
    where = ["--state", str(tmp_path)] if arguments[0] in ("up", "module") else []
    done = nbtwin(*arguments, *where)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("nbtwin: ")
    assert says in done.stderr
    assert "ready" not in done.stdout


def test_wrong_usage_is_told_before_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        up = ("up", "--ports", f"cmdmp={taken.getsockname()[1]}", "--state", str(tmp_path))
        for arguments, says in [
            ((), "is in use"),
            (("--fault", "gremlins"), "gremlins"),
            (("--timeline", "morse"), "'morse' is none of"),
            (("--database", "mysql://host/x"), "mysql:// is no database"),
        ]:
            done = nbtwin(*up, *arguments)
            assert done.returncode in (1, 2), done.stderr
            assert says in done.stderr


def test_an_option_of_a_group_holds_for_its_subcommands(tmp_path: Path) -> None:
    """Two levels deep; the store is where --state says, and not in the working directory."""
    where = ["platform", "--state", str(tmp_path), "keys"]
    assert nbtwin(*where, "add", "M100000099", "--password", "secret-password").returncode == 0
    assert "M100000099\tsecr****\n" in nbtwin(*where, "list").stdout
    assert (tmp_path / "inventory.sqlite").exists()


def test_a_busy_udp_port_is_named(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        done = nbtwin("platform", "--ports", f"cmdmp={port}", "--state", str(tmp_path))
    assert (done.returncode, done.stderr) == (2, f"nbtwin: UDP port {port} on 127.0.0.1 is in use\n")


@pytest.mark.parametrize("option", ["serial", "http"])
def test_a_busy_tcp_port_is_named(option: str, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        where = f"127.0.0.1:{port}"
        asked = ["--module", f"BC28,serial=tcp:{where}"] if option == "serial" else ["--http", where]
        done = nbtwin("up", *asked, "--ports", "cmdmp=0", "--state", str(tmp_path))
    assert (done.returncode, done.stderr) == (2, f"nbtwin: TCP port {port} on 127.0.0.1 is in use\n")


def test_one_state_directory_is_used_by_one_process_at_a_time(tmp_path: Path) -> None:
    with Running("platform", "--ports", "cmdmp=0", state=tmp_path) as first:
        done = nbtwin("platform", "--ports", "cmdmp=0", "--state", str(tmp_path))
        assert done.returncode == 2
        assert f"in use by process {first.process.pid}" in done.stderr


@pytest.mark.parametrize(
    "command", ["", "demo", "up", "module", "platform", "platform keys", "models", "explain", "at"]
)
def test_help_is_there_and_shows_an_example_or_says_what_it_does(command: str) -> None:
    done = nbtwin(*command.split(), "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: nbtwin {command}".rstrip())
    assert len(done.stdout.splitlines()) > 4


def test_light_commands_import_nothing_heavy() -> None:
    heavy = {
        "fastapi", "uvicorn", "pydantic", "asyncio", "sqlite3", "cryptography", "rich", "yaml", "hashlib", "socket",
        "nbtwin.at", "nbtwin.module", "nbtwin.profiles", "nbtwin.mqtt",
    }  # fmt: skip
    code = "import sys, nbtwin.cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert heavy & set(done.stdout.split()) == set()
