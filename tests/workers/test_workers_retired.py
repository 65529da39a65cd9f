"""Before another worker takes a dead one's place, the tables have all that it had acknowledged (D207)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from nbtwin.engine import Fact
from nbtwin.lwm2m.server.events import Registration
from nbtwin.operators.events import DeviceIdentity, DeviceRegistered
from nbtwin.operators.store.journal import Journal, prefix_of
from nbtwin.operators.store.journal_format import EventDecoder
from nbtwin.operators.store.store import KEPT, Store
from nbtwin.runtime.workers.journals import WorkerJournals

PEER = ("10.0.0.1", 5683)


def registered(imei: str) -> DeviceRegistered:
    known = Registration(imei, imei, "00aa", PEER, 3600, "U", "1.0", "</1/0>", 1.0, 1.0)
    return DeviceRegistered(1.0, f"cmdmp:{imei}", PEER, DeviceIdentity(imei), known)


def test_what_a_dead_worker_had_acknowledged_is_in_the_tables_before_its_journal_goes(tmp_path: Path) -> None:
    """While the thread that folds is busy with what came before: it has not looked at this journal yet."""
    busy, goes_on = threading.Event(), threading.Event()

    def told(events: Sequence[Fact]) -> None:
        busy.set()
        goes_on.wait(60)

    with Store.open(tmp_path / "inventory.sqlite", claim=True) as store:
        database = store.database
        prefix = prefix_of(database.name, database.kind, tmp_path)
        assert prefix is not None
        journals = WorkerJournals(store, prefix, told, lambda releases: None)
        dead = Journal(prefix, 7, database.name, store.epoch, EventDecoder(KEPT), waits_for_disk=False)
        with ThreadPoolExecutor(1) as beside:
            journals.start()
            try:
                journals.add(0, dead.id)
                dead.append([registered("863703030820001")])
                assert busy.wait(60)
                dead.append([registered("863703030820002")])
                dead.close()
                retired = beside.submit(journals.retire, 0)
                wait([retired], 0.2)  # one that does not wait for the fold has deleted the journal by then
                goes_on.set()
                retired.result(60)
            finally:
                goes_on.set()
                journals.close()
        assert {device.imei for device in store.devices()} == {"863703030820001", "863703030820002"}
        assert not list(tmp_path.glob(f"{prefix.name}*"))
