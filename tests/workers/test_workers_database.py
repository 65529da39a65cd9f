"""A database that is slow, away or frozen, behind a platform in several processes: answers go on, and all are kept."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from test_workers_processes import Fleet, fleet, inventory
from workers_bench import lab, pids, register, updates

from benchmarks.postgres import NoServer, private_server
from nbtwin.coap.numbers import Code
from nbtwin.operators.store.store import Store

__all__ = ["fleet"]


def wait_until_ready(console: str, wanted: int) -> None:
    with httpx.Client(base_url=console, timeout=60) as client:
        while client.get("/api/v1/ready").status_code != wanted:
            pass


def test_while_somebody_else_holds_the_database_answers_go_on_and_are_kept(tmp_path: Path, fleet: Fleet) -> None:
    with lab(tmp_path, "--http", "127.0.0.1:0") as running:
        before = fleet(running, 30)
        register(before)
        inventory(running.console())
        with closing(sqlite3.connect(tmp_path / "inventory.sqlite", isolation_level=None)) as intruder:
            intruder.execute("BEGIN IMMEDIATE")
            later = fleet(running, 60)
            register(later)
            assert updates(later) == {Code.CHANGED}
            wait_until_ready(running.console(), 503)
            os.kill(pids(running)[0], signal.SIGKILL)  # its successor has to wait for what it has acknowledged
            intruder.execute("ROLLBACK")
        assert updates([*before, *later]) == {Code.CHANGED}
        wait_until_ready(running.console(), 200)
        known = inventory(running.console(), state="registered")
        assert known.keys() == {device.imei for device in [*before, *later]}
        assert {known[device.imei]["updates"] for device in later} == {2}
        assert running.stop() == 0


@pytest.mark.parametrize("durability", ["process", "disk"])
def test_a_server_that_crashes_takes_nothing_that_was_answered(tmp_path: Path, fleet: Fleet, durability: str) -> None:
    try:
        server = private_server(durable=True)
        database = server.__enter__()
    except NoServer as reason:
        pytest.skip(str(reason))
    try:
        with lab(tmp_path, "--database", database.url, "--durability", durability) as running:
            devices = fleet(running, 200)

            def crash(count: int) -> None:
                if count == 100:
                    database.crash()
                    database.start()

            register(devices, crash)
            assert updates(devices) == {Code.CHANGED}
            running.kill()
        with Store.open(database.url, state=tmp_path) as store:
            kept = {device.imei: device for device in store.registrations("cmdmp")}
        assert {imei: kept[imei].location for imei in kept} == {device.imei: device.location for device in devices}
        assert {device.updates for device in kept.values()} == {1}
    finally:
        server.__exit__(None, None, None)
