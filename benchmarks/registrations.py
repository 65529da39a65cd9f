"""CMDMP registrations a second over loopback UDP into SQLite and PostgreSQL, and how long each waited for its answer;
and what a timeline and its reader cost, for each platform.

Each beside a bare UDP echo under the same load, and a bare insert and commit of a row of the same size in the same
database. PostgreSQL is a server of the benchmark's own (`postgres`); where there is none, its row is left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import ROOT
from benchmarks.figures import Figure
from benchmarks.postgres import NoServer, private_server
from benchmarks.processes import UDP_ECHO, Server, echo, nbtwin
from nbtwin.operators.store.database import Database
from nbtwin.operators.store.store import Store, open_database
from nbtwin.runtime.errors import Failed, UsageRefusal
from nbtwin.runtime.platforms import PLATFORMS

WAYS = {
    "unwatched": "",
    "watched": "timeline in memory and file",
    "watched and read": "and a page that is open: one reader of events",
}
ROUNDS = 7
_PAGE = "&".join(f"types={each}" for each in ("entry", "module", "removed", "clock", "operation"))  # what a page asks
_ROW = "x" * 900  # bytes: about what a device's record has


def measure(seconds: float) -> list[Figure]:
    with echo(UDP_ECHO) as bare:
        echoes = _load(bare[1], seconds / 2, "echo")["rate"]
        with tempfile.TemporaryDirectory() as state:
            figures = [_into("SQLite", str(Path(state) / "inventory.sqlite"), echoes, seconds)]
        figures += _watched(seconds)
        try:
            with private_server() as server:
                figures.append(_into("PostgreSQL", server.url, echoes, seconds))
        except NoServer as reason:
            print(f"bench: {reason}", file=sys.stderr)
    return figures


def _into(database: str, where: str, echoes: float, seconds: float) -> Figure:
    with tempfile.TemporaryDirectory() as state:
        with nbtwin("platform", "--ports", "cmdmp=0", "--state", state, "--database", where) as server:
            before = server.cpu
            port = int(server.value("udp").rpartition(":")[2])
            measured = _load(port, seconds, "cmdmp")
            cpu = server.cpu - before
        with Store.open(where) as store:
            kept = store.count()
        inserts = _inserts(open_database(where), seconds / 2)
    if measured["refused"] or not measured["answered"] or not kept:
        raise Failed(UsageRefusal.FOREIGN, "bench", detail=f"the platform refused: {measured}, {kept} devices kept")
    total = measured["total"]  # with the warm-up, which is in the CPU time as well
    waits = ", ".join(f"{name} {measured[name] * 1000:.0f}" for name in ("p50", "p95", "p99"))
    notes = (
        f"each verified, committed, answered, its /666/0 read and decrypted; {cpu / total * 1e6:.0f} µs of CPU each;"
        f" 64 open, answered after {waits} ms"
    )
    references = {
        "bare UDP echo (Python, batches of 64)": echoes,
        f"bare {database} insert, one a transaction": inserts,
    }
    return Figure(f"CMDMP registrations into {database}", measured["rate"], "/s", references, notes)


def _watched(seconds: float) -> list[Figure]:
    """What a registration costs a platform that is watched, in the CPU time that it costs unwatched: the median of
    `ROUNDS`, in each of which the three ways are measured one after the other; beside it the least and the most."""
    return [figure for operator in PLATFORMS for figure in _watched_platform(operator, seconds)]


def _watched_platform(operator: str, seconds: float) -> list[Figure]:
    rounds = list(_rounds(operator, seconds / 3))
    unwatched = median(each["unwatched"] for each in rounds)
    figures = []
    for way, notes in WAYS.items():
        if way == "unwatched":
            continue
        ratios = sorted(each[way] / each["unwatched"] for each in rounds)
        figures.append(
            Figure(
                f"CPU of a registration at {operator}, {way}", median(ratios) * unwatched, "µs",
                {"the same, unwatched": unwatched},
                f"{notes}; {ROUNDS} rounds, {ratios[0]:.2f} to {ratios[-1]:.2f}",
            )
        )  # fmt: skip
    return figures


def _rounds(operator: str, seconds: float) -> Iterator[dict[str, float]]:
    """In each, microseconds of CPU by way: three servers that stay, of which each serves in turn."""
    with ExitStack() as stack:
        servers = {way: _server(stack, operator, way) for way in WAYS}
        for server in servers.values():
            _cpu_of_one(server, operator, seconds)  # what is made once is made
        for number in range(ROUNDS):
            order = list(WAYS) if number % 2 else list(reversed(WAYS))
            yield {way: _cpu_of_one(servers[way], operator, seconds) for way in order}


def _server(stack: ExitStack, operator: str, way: str) -> Server:
    state = stack.enter_context(tempfile.TemporaryDirectory())
    watched = () if way == "unwatched" else ("--http", "127.0.0.1:0")
    server = stack.enter_context(nbtwin("platform", "--ports", f"{operator}=0", "--state", state, *watched))
    if way == "watched and read":
        stack.enter_context(_reader(server.lines))
    return server


def _cpu_of_one(server: Server, operator: str, seconds: float) -> float:
    """Microseconds, user and system."""
    port, before = int(server.value("udp").rpartition(":")[2]), server.cpu
    measured = _load(port, seconds, operator)
    cpu = server.cpu - before
    if measured["refused"] or not measured["answered"]:
        raise Failed(UsageRefusal.FOREIGN, "bench", detail=f"the platform refused: {measured}")
    return cpu / float(measured["total"]) * 1e6


@contextmanager
def _reader(lines: list[str]) -> Iterator[None]:
    """Follows the events of the console that one of the lines names."""
    url = next(line.split()[1] for line in lines if line.startswith("console "))
    process = subprocess.Popen([sys.executable, "-c", _FOLLOW, f"{url}/api/v1/events?{_PAGE}"], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield
    finally:
        process.kill()
        process.communicate()


_FOLLOW = """
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as events:
    events.readline()
    print("connected", flush=True)
    while events.read1(65536):
        pass
"""


def _load(port: int, seconds: float, operator: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.registration_load", str(port), str(seconds), operator]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True, cwd=ROOT)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _inserts(db: Database, seconds: float) -> float:
    """On a connection of the store's kind, with its settings: WAL and NORMAL, or the server's own."""
    try:
        db.run("CREATE TABLE bare (id {number}, record TEXT)")
        done, began = 0, time.perf_counter()
        while (took := time.perf_counter() - began) < seconds:
            for _ in range(20):
                db.run("INSERT INTO bare (record) VALUES (?)", (_ROW,))
            done += 20
        return done / took
    finally:
        db.close()
