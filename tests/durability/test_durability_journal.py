"""A lab on the wall clock whose database takes nothing: answers leave, reads are refused, both are told (D178)."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from durability_bench import ACCEPTED, HoldBench

from nbtwin.coap.message import decode
from nbtwin.lab.hold import CommitFailed, CommitRecovered
from nbtwin.operators.store.database import StoreLocked, StoreRefusal
from nbtwin.operators.store.store import Store
from nbtwin.runtime.lab import LabRuntime


async def told(lab: LabRuntime, kind: type) -> str:
    """By whom, once it is."""
    while True:
        for entry in lab.timeline.entries():
            if isinstance(entry.fact, kind):
                return entry.source
        await asyncio.to_thread(_look, lab)


def _look(lab: LabRuntime) -> None:
    try:
        lab.store.probe()
    except StoreLocked:
        """It was asked."""


async def life(lab: LabRuntime, intruder: sqlite3.Connection, peer: socket.socket, request: bytes) -> None:
    node = lab.add_platform("telecom", ("127.0.0.1", 0))
    intruder.execute("BEGIN IMMEDIATE")
    peer.connect(node.address)
    peer.send(request)
    assert decode(await asyncio.to_thread(peer.recv, 2048)).code == ACCEPTED["telecom"]
    with pytest.raises(StoreLocked) as refused:
        await asyncio.to_thread(lab.store.count)
    assert refused.value.code == StoreRefusal.LOCKED
    assert lab.store_trouble is not None
    assert lab.store_trouble.code == StoreRefusal.LOCKED
    assert await told(lab, CommitFailed) == "telecom"
    intruder.execute("ROLLBACK")
    assert await told(lab, CommitRecovered) == "telecom"
    assert await asyncio.to_thread(lab.store.count) == 1


def test_while_the_database_is_locked_answers_leave_and_reads_are_refused_and_both_are_told(tmp_path: Path) -> None:
    bench = HoldBench("telecom")
    request = bench.registration()
    bench.close()

    async def run() -> None:
        lab = LabRuntime(tmp_path, seed=1)
        try:
            with (
                closing(sqlite3.connect(tmp_path / "inventory.sqlite", isolation_level=None)) as intruder,
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
            ):
                peer.settimeout(60)
                await life(lab, intruder, peer, request)
        finally:
            await lab.close()

    asyncio.run(run())
    assert list(tmp_path.glob("*-facts-*")) == []
    with Store.open(tmp_path / "inventory.sqlite") as store:
        assert store.count("telecom") == 1


def test_what_another_process_adds_is_taken_over_while_the_journal_waits_to_be_folded(tmp_path: Path) -> None:
    bench = HoldBench("telecom")
    request = bench.registration()
    bench.close()

    async def run() -> None:
        lab, goes_on = LabRuntime(tmp_path, seed=1), threading.Event()
        try:
            assert lab.store.folding is not None
            fold = lab.store.folding.fold
            lab.store.folding.fold = lambda taken, number: goes_on.wait() and fold(taken, number)
            node = lab.add_platform("telecom", ("127.0.0.1", 0))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
                peer.settimeout(60)
                peer.connect(node.address)
                peer.send(request)
                assert decode(await asyncio.to_thread(peer.recv, 2048)).code == ACCEPTED["telecom"]
            with Store.open(tmp_path / "inventory.sqlite") as elsewhere:
                elsewhere.keys.add("M200000001", "another-password-0001")
            while "M200000001" not in lab.store.keys:
                assert lab.store_trouble is None
                await asyncio.sleep(0)
        finally:
            goes_on.set()
            await lab.close()

    asyncio.run(run())
    with Store.open(tmp_path / "inventory.sqlite") as store:
        assert store.count("telecom") == 1
