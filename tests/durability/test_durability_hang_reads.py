"""Pages and API while the database does not answer: they wait or are refused, and nobody else notices (D119)."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from durability_bench import ACCEPTED, HoldBench
from running import Running, SerialOverTcp

from benchmarks.postgres import NoServer, PrivateServer, private_server
from nbtwin.coap.message import decode

ASKED = ("up", "--module", "BC260Y-CN,serial=tcp:127.0.0.1:0", "--ports", "telecom=0", "--http", "127.0.0.1:0")
READS = (
    "/platforms", "/platforms/telecom", "/platforms/telecom/devices", "/platforms/telecom/devices.csv",
    "/platforms/telecom/devices/867724030000225", "/platforms/telecom/devices/867724030000225/history",
    "/platforms/telecom/devices/867724030000225/objects", "/overview", "/metrics", "/api/clients",
)  # fmt: skip
ANSWERED = (200, 404, 503)
BOOTED = b"+CPIN: READY\r\n"
"""What a module is sent while it boots is lost."""


@pytest.fixture
def server() -> Iterator[PrivateServer]:
    try:
        with private_server() as server:
            yield server
            server.thaw()
    except NoServer as reason:
        pytest.skip(str(reason))


def registration() -> bytes:
    bench = HoldBench("telecom")
    request = bench.registration()
    bench.close()
    return request


def goes_on(lab: Running, http: httpx.Client, serial: SerialOverTcp) -> None:
    """AT, whatever needs no database, and a platform whose answers wait for the journal alone."""
    assert b"OK" in serial.ask("AT")
    for path in ("/api/v1/modules", "/api/v1/health", "/api/v1/traces?limit=1", "/api/v1/clock", "/"):
        assert http.get(path).status_code == 200, path
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.connect(("127.0.0.1", int(lab.platform()["udp"].rpartition(":")[2])))
        peer.settimeout(30)
        peer.send(registration())
        assert decode(peer.recv(2048)).code == ACCEPTED["telecom"]
    assert b"OK" in serial.ask("AT+CGMM")


def test_more_reads_than_there_are_threads_hang_with_the_server_and_nothing_else_does(
    server: PrivateServer, tmp_path: Path
) -> None:
    with (
        Running(*ASKED, "--database", server.url, state=tmp_path) as lab,
        httpx.Client(base_url=lab.console(), timeout=60, limits=httpx.Limits(max_connections=100)) as http,
        SerialOverTcp(lab.module()["serial"]) as serial,
        ThreadPoolExecutor(60) as readers,
    ):
        serial.read_until(BOOTED)
        server.freeze()
        paths = [path if path.startswith(("/api", "/metrics")) else f"/api/v1{path}" for path in READS * 6]
        hanging = [readers.submit(http.get, path) for path in paths]
        goes_on(lab, http, serial)
        assert not any(one.done() and one.result().status_code == 200 for one in hanging[:7])
        server.thaw()
        assert {one.result().status_code for one in hanging} <= set(ANSWERED)
        assert http.get("/api/v1/platforms").status_code == 200


def test_while_another_process_has_the_file_locked_pages_are_read_and_changes_are_refused(tmp_path: Path) -> None:
    with (
        Running(*ASKED, state=tmp_path) as lab,
        httpx.Client(base_url=lab.console(), timeout=60) as http,
        SerialOverTcp(lab.module()["serial"]) as serial,
        closing(sqlite3.connect(tmp_path / "inventory.sqlite", isolation_level=None)) as other,
    ):
        serial.read_until(BOOTED)
        other.execute("BEGIN IMMEDIATE")
        refused = http.post("/api/v1/appkeys", json={"appkey": "M100000001", "password": "secret"})
        assert refused.status_code == 503, refused.text
        goes_on(lab, http, serial)
        for path in READS:
            shown = http.get(path if path.startswith(("/api", "/metrics")) else f"/api/v1{path}")
            assert shown.status_code in ANSWERED, path
        other.execute("ROLLBACK")
        assert http.post("/api/v1/appkeys", json={"appkey": "M100000001", "password": "secret"}).status_code == 201
