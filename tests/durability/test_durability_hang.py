"""A PostgreSQL server that hangs (SIGSTOP): nobody is answered, the rest of the lab goes on, later all of it (D119)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from durability_bench import ACCEPTED, HoldBench
from running import Running, SerialOverTcp

from benchmarks.postgres import NoServer, PrivateServer, private_server
from nbtwin.coap.message import decode
from nbtwin.operators.store.database import StoreError, StoreRefusal
from nbtwin.operators.store.postgres import PostgresDatabase
from nbtwin.operators.store.postgres_watch import StatementWatch
from nbtwin.operators.store.store import Store


@pytest.fixture
def server() -> Iterator[PrivateServer]:
    try:
        with private_server() as server:
            yield server
            server.thaw()
    except NoServer as reason:
        pytest.skip(str(reason))


def test_a_statement_that_is_not_answered_is_given_up_and_the_next_one_is_answered_again(server: PrivateServer) -> None:
    with Store.open(server.url, claim=True) as store:
        database = store.database
        assert isinstance(database, PostgresDatabase)
        database._watch.stop()
        database._watch = StatementWatch(database.name, longest=0.5)
        database._watch.start()
        server.freeze()
        with pytest.raises(StoreError) as given_up:
            store.probe()
        assert (given_up.value.code, given_up.value.fields) == (StoreRefusal.UNANSWERED, {"seconds": 0.5})
        with pytest.raises(StoreError):
            store.count()
        server.thaw()
        store.probe()
        assert store.count() == 0


def test_with_a_journal_answers_and_serial_lines_go_on_while_the_server_hangs(
    server: PrivateServer, tmp_path: Path
) -> None:
    bench = HoldBench("telecom")
    request = bench.registration()
    bench.close()
    asked = ("--module", "BC260Y-CN,serial=tcp:127.0.0.1:0", "--ports", "telecom=0", "--database", server.url)
    with (
        Running("up", *asked, state=tmp_path) as lab,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
        SerialOverTcp(lab.module()["serial"]) as serial,
    ):
        peer.connect(("127.0.0.1", int(lab.platform()["udp"].rpartition(":")[2])))
        peer.settimeout(60)
        serial.read_until(b"+CPIN: READY\r\n")
        server.freeze()
        peer.send(request)
        assert decode(peer.recv(2048)).code == ACCEPTED["telecom"]
        assert b"OK" in serial.ask("AT")
        lab.kill()
        server.thaw()
    with Store.open(server.url, state=tmp_path) as store:
        assert store.count("telecom") == 1


def test_while_the_server_hangs_the_lab_says_so_goes_on_and_answers_when_it_is_back(
    server: PrivateServer, tmp_path: Path
) -> None:
    bench = HoldBench("telecom")
    request = bench.registration()
    bench.close()
    asked = (
        "up", "--module", "BC260Y-CN,serial=tcp:127.0.0.1:0", "--ports", "telecom=0", "--http", "127.0.0.1:0",
        "--database", server.url, "--durability", "database",
    )  # fmt: skip
    with (
        Running(*asked, state=tmp_path) as lab,
        httpx.Client(base_url=lab.console(), timeout=60) as http,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
        SerialOverTcp(lab.module()["serial"]) as serial,
    ):
        peer.connect(("127.0.0.1", int(lab.platform()["udp"].rpartition(":")[2])))
        serial.read_until(b"+CPIN: READY\r\n")
        server.freeze()
        peer.send(request)
        while (ready := http.get("/api/v1/ready")).status_code == 200:
            """The commit is young."""
        assert ready.json()["ready"] is False
        while ready.json()["trouble"]["code"] == "store-commit-slow":
            began = time.perf_counter()
            assert b"OK" in serial.ask("AT")
            ready = http.get("/api/v1/ready")
            assert ready.status_code == 503
            assert time.perf_counter() - began < 5, "the loop waits for the database"
        peer.setblocking(False)
        with pytest.raises(BlockingIOError):
            peer.recv(2048)
        server.thaw()
        peer.settimeout(60)
        assert decode(peer.recv(2048)).code == ACCEPTED["telecom"]
        while http.get("/api/v1/ready").status_code != 200:
            """It is probed once a second."""

        lab.stop()
    with Store.open(server.url) as store:
        assert store.count("telecom") == 1
