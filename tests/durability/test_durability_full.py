"""A disk that takes nothing more (here: files that may not grow): modules answer on, who cannot be promised anything is
told so or waits, and with room again all of it goes on. No `--trace` stops anybody either (D224)."""

from __future__ import annotations

import resource
import socket
from pathlib import Path

import httpx
from durability_bench import ACCEPTED, HoldBench
from running import Running, SerialOverTcp

from nbtwin.coap.message import decode

ASKED = ("up", "--module", "BC260Y-CN,serial=tcp:127.0.0.1:0", "--ports", "telecom=0", "--http", "127.0.0.1:0")
SAVES = "AT+QDMPCFG=1,192.0.2.9,5683,7200"
FULL = 64
"""Bytes of a file; a pipe and a socket take what they take."""


def let_grow(lab: Running, most: int) -> None:
    _, hard = resource.prlimit(lab.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(lab.process.pid, resource.RLIMIT_FSIZE, (most, hard))


def test_on_a_full_disk_modules_answer_on_nothing_is_promised_and_with_room_again_all_goes_on(tmp_path: Path) -> None:
    bench = HoldBench("telecom")
    request = bench.registration()
    bench.close()
    with (
        Running(*ASKED, "--trace", str(tmp_path / "trace.jsonl"), state=tmp_path) as lab,
        httpx.Client(base_url=f"{lab.console()}/api/v1", timeout=60) as http,
        SerialOverTcp(lab.module()["serial"]) as serial,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
    ):
        peer.connect(("127.0.0.1", int(lab.platform()["udp"].rpartition(":")[2])))
        serial.read_until(b"+CPIN: READY\r\n")
        let_grow(lab, FULL)
        peer.send(request)
        assert b"ERROR" in serial.ask(SAVES), "what cannot be kept is not promised"
        while (ready := http.get("/ready")).status_code == 200:
            """The datagram is on its way."""
        assert ready.json()["held"] > 0
        for _ in range(20):
            assert serial.ask("AT+CSQ").endswith(b"\r\nOK\r\n")
        assert http.get("/modules").status_code == 200
        lab.wait_for("nbtwin: --trace .*trace.jsonl: ")
        let_grow(lab, resource.RLIM_INFINITY)
        peer.settimeout(60)
        assert decode(peer.recv(2048)).code == ACCEPTED["telecom"]
        assert b"OK" in serial.ask(SAVES)
        while http.get("/ready").status_code != 200:
            """It is asked once a second."""
        assert lab.stop() == 0
