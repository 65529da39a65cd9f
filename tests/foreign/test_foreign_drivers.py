"""Drivers from PyPI, unmodified, at the serial ports of a live lab: start-up, a datagram to a real peer and back."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from running import Running

FOLDER = Path(__file__).parent / "python"
SERVER = "198.51.100.7"
MODELS = {"ublox": "BC28", "sixfab-nbiot": "BC95-R2.0", "pynbntnmodem": "BC26"}
PATIENCE = 120.0


def prepared() -> str:
    made = subprocess.run([FOLDER / "prepare", "--offline"], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"the drivers are not here; tests/foreign/python/prepare installs them ({made.stderr[:200]!r})")
    return made.stdout.strip()


def echo(peer: socket.socket) -> None:
    while True:
        data, source = peer.recvfrom(2048)
        if not data:
            return
        peer.sendto(data, source)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """What each of them tells, all at once at a module of their own."""
    folder, state = prepared(), tmp_path_factory.mktemp("lab")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        address = peer.getsockname()
        threading.Thread(target=echo, args=(peer,), daemon=True).start()
        modules = [word for name, model in MODELS.items() for word in ("--module", f"{model},name={name}")]
        asked = ("--http", "127.0.0.1:0", "--ports", "cmdmp=0,telecom=0,unicom=0,andlink=0")
        with Running("up", *modules, *asked, "--route", f"{SERVER}:7={address[0]}:{address[1]}", state=state):
            programs = {
                name: subprocess.Popen(
                    [sys.executable, FOLDER / "main.py", folder, name, state / "serial" / name, SERVER, "7"],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                )
                for name in MODELS
            }  # fmt: skip
            try:
                said = {name: program.communicate(timeout=PATIENCE)[0] for name, program in programs.items()}
            finally:
                for program in programs.values():
                    program.kill()
                    program.wait()
        peer.sendto(b"", address)  # that was all
    return {name: [line.split("\t") for line in text.splitlines()] for name, text in said.items()}


def test_a_driver_of_u_bloxs_sara_n211_speaks_to_the_neul_family(told: dict[str, list[list[str]]]) -> None:
    assert told["ublox"] == [["ready"], ["opened", "1"], ["received", "hello"], ["closed", "1"]]


def test_a_board_for_the_raspberry_pi_attaches_and_stops_at_its_own_fault(told: dict[str, list[list[str]]]) -> None:
    steps = [line for line in told["sixfab-nbiot"] if line[0] in ("ready", "attached", "opened", "stopped")]
    assert steps == [["ready", "OK"], ["attached", "OK"], ["opened", "1"], ["stopped", "hex() of a text"]]


def test_a_library_for_modems_of_nb_iot_reads_what_3gpp_has_and_sends_by_our_sockets(
    told: dict[str, list[list[str]]],
) -> None:
    steps = dict([(line[0], line[1:]) for line in told["pynbntnmodem"]])
    assert steps["ready"][:2] == ["QUECTEL_LTD", "UNKNOWN"]
    assert (steps["registered"], steps["context"]) == (["HOME"], ["1"])
    assert int(steps["signal"][0]) < 0
    assert steps["power saving"][0] == "0"
    assert (steps["opened"], steps["received"], steps["closed"]) == (["True"], ["hello"], ["True"])
