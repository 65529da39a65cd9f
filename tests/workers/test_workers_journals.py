"""The thread that folds the workers' journals, alone: what a reader of the database may rely on."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

from nbtwin.operators.events import DeviceIdentity, DeviceRegistered
from nbtwin.operators.store.journal import Journal, prefix_of
from nbtwin.operators.store.journal_format import EventDecoder
from nbtwin.operators.store.store import KEPT, Store
from nbtwin.runtime.workers.journals import Owner, Release, WorkerJournals

DEVICE = "telecom:867724030000017"


def test_who_reads_waits_until_the_process_that_had_a_device_has_been_told(tmp_path: Path) -> None:
    """D206."""
    heard: list[tuple[Release, bool]] = []
    told = threading.Event()

    def released(releases: object) -> None:
        assert isinstance(releases, list)
        heard.extend((each, journals.behind) for each in releases)
        told.set()

    store = Store.open(tmp_path / "inventory.sqlite")
    prefix = prefix_of(store.database.name, store.database.kind, tmp_path)
    assert prefix is not None
    journals = WorkerJournals(store, prefix, lambda events: None, released)
    journals.owners[DEVICE] = Owner(0, 1.0)
    journals.start()
    try:
        with closing(Journal(prefix, 7, "", store.epoch, EventDecoder(KEPT), waits_for_disk=False)) as written:
            journals.add(1, 7)
            registered = DeviceRegistered(2.0, DEVICE, ("127.0.0.1", 40000), DeviceIdentity(DEVICE[8:]), None)
            written.append([registered])
            assert told.wait(30)
            assert heard == [(Release(0, DEVICE, 2.0), True)]
            journals.retire(1)
    finally:
        journals.close()
        store.close()
