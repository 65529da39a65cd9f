"""`nbtwin check` on a port with bad luck: signals, a cable that goes and comes back; the module is as it was."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from running import environment, nbtwin

from nbtwin.check.virtual import VirtualBench
from nbtwin.profiles.models import PROFILES

SERVER = "AT+QDMPCFG=1,192.0.2.1"


class Socketed(VirtualBench):
    """A module behind a TCP port, in simulated time; what is to happen at a line happens once, after its answer."""

    def __init__(self) -> None:
        super().__init__(PROFILES["BC26"])
        self.at, self.happens = b"", lambda: None
        self.drops = False
        self._said = bytearray()
        self._node.sinks.append(self._said.extend)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def once(self, at: str, happens: Callable[[], object], *, drops: bool = False) -> None:
        self.at, self.happens, self.drops = at.encode(), happens, drops

    def _serve(self) -> None:
        while True:
            try:
                host, _ = self._listener.accept()
            except OSError:
                return
            with host, suppress(ConnectionError):
                self._serve_host(host)

    def _serve_host(self, host: socket.socket) -> None:
        while data := host.recv(4096):
            self._to_module(data)
            super().run(lambda: False, 0.1)
            text, self._said[:] = bytes(self._said), b""
            if self.at and self.at in data:
                self.at = b""
                self.happens()
                if self.drops:
                    return
            host.sendall(text)

    def ask(self, line: str) -> bytes:
        with socket.create_connection(self._listener.getsockname()) as host:
            host.sendall(line.encode() + b"\r")
            return host.recv(4096)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture
def module() -> Iterator[Socketed]:
    found = Socketed()
    yield found
    found.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_it_ends_the_run_and_not_the_putting_back(
    module: Socketed, number: signal.Signals, tmp_path: Path
) -> None:
    """D189. How it goes on is said."""
    run = tmp_path / "run.json"
    before = module.ask("AT+QDMPCFG=4,1")
    command = [sys.executable, "-m", "nbtwin", "check", module.url, "--only", "takes/*", "--save", str(run)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # whoever runs the tests may ignore it, as nohup does
    ) as running:  # fmt: skip
        module.once(SERVER, lambda: running.send_signal(number))
        told, wrong = running.communicate(timeout=60)
    assert running.returncode == 1, wrong
    assert f"--resume {run} goes on from here" in told.decode()
    saved = json.loads(run.read_text())
    assert (saved["ended"], saved.get("unrestored", [])) == ("check-stopped", [])
    assert module.at == b""
    assert module.ask("AT+QDMPCFG=4,1") == before


def test_a_run_that_goes_on_with_some_of_its_cases_keeps_what_is_known_of_the_others(tmp_path: Path) -> None:
    run = tmp_path / "run.json"
    wrong = ("check", "virtual:BC28", "--model", "BC25", "--only", "errors/*", "--only", "line/*")
    nbtwin(*wrong, "--save", str(run))
    saved = {each["case"]: each["verdict"] for each in json.loads(run.read_text())["outcomes"]}
    assert saved["errors/mode-2"] == "fail"
    nbtwin("check", "virtual:BC28", "--model", "BC25", "--only", "line/AT", "--resume", str(run))
    assert {each["case"]: each["verdict"] for each in json.loads(run.read_text())["outcomes"]} == saved


def test_what_was_not_agreed_to_is_played_when_the_run_goes_on_with_yes(module: Socketed, tmp_path: Path) -> None:
    run, keys = tmp_path / "run.json", ("--only", "bounds/+QDMPCFG/2/tmlType/*")

    def verdicts(*more: str) -> set[tuple[str, str | None]]:
        done = nbtwin("check", module.url, *keys, *more, "--json")
        cases = [each for each in json.loads(done.stdout)["items"] if each["name"].startswith("bounds/")]
        return {(each["verdict"], each["code"]) for each in cases}

    assert verdicts("--save", str(run)) == {("not-applicable", "check-not-agreed")}
    assert verdicts("--resume", str(run), "--yes") == {("pass", None)}
    assert verdicts("--resume", str(run)) == {("pass", None)}  # what is known stays


def test_a_cable_that_goes_and_comes_back_costs_its_case_and_the_settings_are_put_back(module: Socketed) -> None:
    """D190."""
    before = module.ask("AT+QDMPCFG=4,1")
    module.once(SERVER, lambda: None, drops=True)
    done = nbtwin("check", module.url, "--only", "takes/*", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "the port is gone: waiting for it, 1min at most (Ctrl-C ends the run)\n"
    assert {each["code"] for each in told["items"] if each["verdict"] == "inconclusive"} == {"check-port-lost"}
    assert (told["ended"], told["unrestored"]) == (None, [])
    assert told["verdicts"]["pass"] > told["verdicts"]["inconclusive"]
    assert module.ask("AT+QDMPCFG=4,1") == before
