"""How much history is kept, and how quickly one finds something in much of it."""

from __future__ import annotations

import pytest
from storage_events import DEVICE, registered

from nbtwin.operators.store.access import AuditLine, AuditRepository
from nbtwin.operators.store.store import Store, StoreLocked

OTHER = "863703030820001"


def test_history_is_kept_by_age_and_by_count(where: str) -> None:
    with Store.open(where) as store:
        store.commit([registered(float(at)) for at in range(100)])
        store.commit([registered(float(at), OTHER) for at in range(3)])
        assert store.prune() == 0
        assert store.prune(before=10.0) == 10 + 3
        assert store.prune(keep=20) == 70
        assert [entry.at for entry in store.history(DEVICE)] == [float(at) for at in range(80, 100)]
        assert store.history(f"cmdmp:{OTHER}") == []
        assert store.count() == 2  # a device without history is still a device
        assert store.prune(keep=0) == 20


def test_history_is_read_a_page_at_a_time(where: str) -> None:
    with Store.open(where) as store:
        store.commit([registered(float(at)) for at in range(10)])
        assert store.history_count(DEVICE) == 10
        assert [entry.at for entry in store.history(DEVICE, limit=3)] == [7.0, 8.0, 9.0]
        assert [entry.at for entry in store.history(DEVICE, limit=3, offset=3)] == [4.0, 5.0, 6.0]
        assert [entry.at for entry in store.history(DEVICE, limit=3, offset=9)] == [0.0]


def test_devices_come_in_the_order_that_was_asked_for(where: str) -> None:
    with Store.open(where) as store:
        for at, imei in ((3.0, "863703030820002"), (1.0, OTHER), (2.0, "863703030820003")):
            store.commit([registered(at, imei)])
        assert [device.imei[-1] for device in store.devices()] == ["1", "2", "3"]
        assert [device.imei[-1] for device in store.devices(order="last_seen_at")] == ["1", "3", "2"]
        assert [device.imei[-1] for device in store.devices(order="last_seen_at", descending=True, limit=1)] == ["2"]
        for at, imei, model in ((4.0, "863703030820004", "BC28"), (5.0, "863703030820005", "BC25")):
            store.commit([registered(at, imei, model=model)])
        for descending, order in ((False, "54"), (True, "45")):
            found = store.devices(order="model", descending=descending)
            assert "".join(device.imei[-1] for device in found)[:2] == order
        with pytest.raises(ValueError, match="not by 'record; DROP"):
            store.devices(order="record; DROP TABLE devices")  # type: ignore[arg-type]


def test_only_one_process_writes_devices_and_others_may_look(where: str) -> None:
    with Store.open(where, claim=True) as store:
        with pytest.raises(StoreLocked, match="store-in-use"):
            Store.open(where, claim=True, lock_timeout=0.01)
        with Store.open(where) as beside:
            store.commit([registered()])
            assert beside.count() == 1
    with Store.open(where, claim=True) as store:
        assert store.count() == 1


def test_the_audit_log_outlives_the_retention_of_history(where: str) -> None:
    with Store.open(where) as store:
        audit = store.part(AuditRepository)
        for at in range(5):
            audit.record(AuditLine(float(at), f"user-{at % 2}", "admin", "POST", f"/api/{at}", 200, {"name": "50%_x"}))
        assert store.prune(before=1e9, keep=0) == 0
        assert [line.at for line in audit.lines()] == [4.0, 3.0, 2.0, 1.0, 0.0]
        assert [line.at for line in audit.lines(who="user-1")] == [3.0, 1.0]
        assert [line.at for line in audit.lines(since=1.0, until=3.0)] == [2.0, 1.0]
        assert audit.count(containing="/API/3") == 1
        assert audit.count(containing="50%_X") == 5
        assert audit.count(containing="5%") == 0
        assert audit.prune_audit(before=3.0) == 3
        assert audit.count() == 2
