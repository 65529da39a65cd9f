"""CMDMP registrations a second into SQLite over loopback UDP, beside a bare UDP echo and a bare SQLite insert."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from nbtwin.cli.benchmarks.figures import Figure
from nbtwin.cli.benchmarks.processes import UDP_ECHO, echo, nbtwin
from nbtwin.cli.errors import Failed

_ROW = "x" * 900  # bytes: about what a device's record has


def measure(seconds: float) -> list[Figure]:
    with tempfile.TemporaryDirectory() as state, echo(UDP_ECHO) as bare:
        echoes = _load(bare[1], seconds / 2)["rate"]
        with nbtwin("platform", "--ports", "cmdmp=0", "--state", state) as server:
            before = server.cpu
            port = int(server.value("udp").rpartition(":")[2])
            measured = _load(port, seconds)
            cpu = server.cpu - before
        inserts = _inserts(Path(state) / "bare.sqlite", seconds / 2)
        kept = sqlite3.connect(Path(state) / "inventory.sqlite").execute("SELECT count(*) FROM devices").fetchone()[0]
    if measured["refused"] or not measured["answered"] or not kept:
        raise Failed(f"bench: the platform refused: {measured}, {kept} devices kept")
    total = measured["answered"] + measured["rate"] * 0.5  # the warm-up is in the CPU time as well
    notes = f"each verified, committed, answered, its /666/0 read and decrypted; {cpu / total * 1e6:.0f} µs of CPU each"
    references = {
        "bare UDP echo (Python, batches of 64)": echoes,
        "bare SQLite insert, one a transaction (WAL)": inserts,
    }
    return [Figure("CMDMP registrations into SQLite", measured["rate"], "/s", references, notes)]


def _load(port: int, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "nbtwin.cli.benchmarks.registration_load", str(port), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _inserts(path: Path, seconds: float) -> float:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("CREATE TABLE devices (id INTEGER PRIMARY KEY, record TEXT)")
        done, began = 0, time.perf_counter()
        while (took := time.perf_counter() - began) < seconds:
            for _ in range(50):
                db.execute("INSERT INTO devices (record) VALUES (?)", (_ROW,))
            done += 50
        return done / took
    finally:
        db.close()
