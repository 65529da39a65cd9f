"""The store, on both databases: what is committed is there, what is broken is told."""

from __future__ import annotations

import random
import re

import pytest
from operators_bench import Bench, name_of
from storage_events import DEVICE, PEER, registered, registration

from nbtwin.coap.numbers import Code
from nbtwin.operators import events as ev
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.inventory.devices import EXPIRED, REGISTERED
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD, AppkeyStore
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.operators.store.store import Store, StoreError


def test_a_device_and_its_history_are_there_after_a_restart(where: str) -> None:
    with Store.open(where, epoch=1000.0) as store:
        kept = store.commit(
            [
                registered(1.0, imsi="460040123456789"),
                ev.InventoryRead(2.0, DEVICE, {6606: "EC616"}),
                ev.DeviceUpdated(3.0, DEVICE, ("10.0.0.2", 5683), 3600, address_changed=True),
            ]
        )
        assert kept == 3
    with Store.open(where) as store:
        device = store.device(DEVICE)
        assert device is not None
        assert (device.state, device.values, device.host) == (REGISTERED, {6606: "EC616"}, "10.0.0.2")
        assert (device.first_seen_at, device.last_seen_at) == (1001.0, 1003.0)
        assert [(entry.at, entry.code) for entry in store.history(DEVICE)] == [
            (1001.0, "device-registered"),
            (1002.0, "inventory-read"),
            (1003.0, "device-updated"),
        ]


def test_a_registration_outlives_the_platform_and_ends_when_it_would_have(where: str) -> None:
    with Store.open(where) as store:
        bench = Bench(store=store)
        location = bench.register(lifetime=3600).location
    with Store.open(where) as store:
        bench = Bench(CmdmpPlatform(random.Random(2), store.keys), store)
        assert bench.platform.restore(store.registrations("cmdmp")) == 1
        bench.now = 3000.0
        assert bench.update(location).code == Code.CHANGED
        bench.advance(3600 + 128)
        device = store.device(DEVICE)
        assert device is not None
        assert device.state == EXPIRED
        assert list(store.registrations("cmdmp")) == []


def test_all_of_many_registrations_come_back_once_and_what_they_have_in_common_is_in_memory_once(where: str) -> None:
    imeis = [f"8637030300{number:05}" for number in range(1201)]
    with Store.open(where) as store:
        store.commit([registered(1.0, imei) for imei in imeis])
    with Store.open(where) as store:
        devices = list(store.registrations("cmdmp"))
        assert [device.imei for device in devices] == imeis
        assert len({id(device.objects) for device in devices}) == 1
        assert list(store.registrations("andlink")) == []


def test_a_fresh_store_knows_the_lab_credentials_and_never_lists_a_password(where: str) -> None:
    """D20: the factory credentials of the lab exist out of the box, and do not come back once removed."""
    with Store.open(where) as store:
        (key,) = store.keys.list()
        assert key.appkey == LAB_APPKEY
        assert LAB_PASSWORD not in repr(store.keys.list())
        bench = Bench(store=store)
        assert bench.register().code == Code.CREATED
        store.keys.add("M200000001", "another-password-0001")
        assert store.keys.remove(LAB_APPKEY)
        assert not store.keys.remove(LAB_APPKEY)
        assert bench.register().code == Code.FORBIDDEN
    with Store.open(where) as store:
        assert [key.appkey for key in store.keys.list()] == ["M200000001"]


def test_keys_changed_by_another_process_are_taken_over(where: str) -> None:
    with Store.open(where) as store, Store.open(where) as other:
        assert not store.refresh_keys()
        other.keys.add("M200000001", "another-password-0001")
        bench = Bench(store=store)
        name = name_of(appkey="M200000001", password="another-password-0001")
        assert bench.register(name).code == Code.FORBIDDEN
        assert store.refresh_keys()
        assert bench.register(name).code == Code.CREATED


@pytest.mark.parametrize("appkey", ["", "a@#@b", "a\nb"])
def test_an_appkey_that_cannot_stand_in_a_name_is_not_taken(appkey: str) -> None:
    with pytest.raises(ValueError, match="appkey"):
        AppkeyStore().add(appkey, "password")


def test_search_finds_whatever_is_known_of_a_device(where: str) -> None:
    with Store.open(where) as store:
        store.commit([registered(0.0, str(863703030820000 + n), imsi=f"46004{n:010}") for n in range(20)])
        store.commit([ev.InventoryRead(1.0, "cmdmp:863703030820007", {6606: "EC616 100%"})])
        assert store.count("cmdmp") == store.count(state=REGISTERED) == 20
        assert [device.imei for device in store.devices(containing="ec616 100%")] == ["863703030820007"]
        assert store.devices(containing="1_0%") == []
        assert [device.imei[-2:] for device in store.devices(limit=2, offset=5)] == ["05", "06"]
        assert store.devices("telecom") == []


def test_who_never_registered_becomes_no_device(where: str) -> None:
    with Store.open(where) as store:
        store.commit([ev.DeviceRefused(0.0, DEVICE, PEER, "4.01", PlatformRefusal.APPKEY_UNKNOWN), object()])
        assert store.count() == 0
        store.commit([registered(), ev.DeviceRefused(1.0, DEVICE, PEER, "4.01", PlatformRefusal.APPKEY_UNKNOWN)])
        assert [entry.code for entry in store.history(DEVICE)] == ["device-registered", "device-refused"]


def test_history_and_devices_can_be_forgotten(where: str) -> None:
    with Store.open(where) as store:
        store.commit([registered(0.0), registered(100.0), registered(0.0, "863703030820001")])
        assert store.forget_history(before=50.0) == 2
        assert [entry.at for entry in store.history(DEVICE)] == [100.0]
        assert store.forget_device(DEVICE)
        assert not store.forget_device(DEVICE)
        assert store.device(DEVICE) is None
        assert store.history(DEVICE) == []
        assert store.count() == 1
        store.commit([registered(200.0)])
        device = store.device(DEVICE)
        assert device is not None
        assert device.registrations == 1  # known anew, not brought back from memory


def test_a_damaged_record_is_told_by_name(where: str) -> None:
    with Store.open(where) as store:
        store.commit([registered()])
        with store.database.transaction():
            store.database.run("UPDATE devices SET record = '{'")
        with pytest.raises(StoreError, match=f"{re.escape(store.path)}: store-record-damaged"):
            store.device(DEVICE)
        with pytest.raises(StoreError, match="store-record-damaged"):
            store.devices()


def test_a_ring_keeps_the_keys_that_did_not_change() -> None:
    ring = AppkeyStore({"a": "1", "b": "2"})
    kept = ring.get("a")
    ring.replace({"a": "1", "b": "3", "c": "4"})
    assert ring.get("a") is kept
    assert ring.passwords == {"a": "1", "b": "3", "c": "4"}
    assert "c" in ring
    assert len(ring) == 3
    assert [key.password for key in ring.list()] == ["****"] * 3  # too short to show any of it


def test_what_happened_to_a_device_stands_in_its_history(where: str) -> None:
    with Store.open(where) as store:
        store.commit(
            [
                registered(0.0),
                ev.InventoryUnread(1.0, DEVICE, PlatformRefusal.INVENTORY_MALFORMED),
                ev.InventoryRead(2.0, DEVICE, {6603: "NULL"}),
                ev.InventoryRead(3.0, DEVICE, {6603: "NULL"}),  # no news
                ev.DeviceDeregistered(4.0, DEVICE),
                registered(5.0),
                ev.DeviceExpired(6.0, DEVICE),
            ]
        )
        assert [(entry.at, entry.code) for entry in store.history(DEVICE)] == [
            (0.0, "device-registered"),
            (1.0, "inventory-unread"),
            (2.0, "inventory-read"),
            (4.0, "device-deregistered"),
            (5.0, "device-registered"),
            (6.0, "device-expired"),
        ]
        assert [entry.at for entry in store.history(DEVICE, limit=2)] == [5.0, 6.0]
        assert store.commit([]) == 0


def test_a_store_with_more_devices_than_it_keeps_in_memory(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbtwin.operators.store.devices._CACHED_DEVICES", 10)
    imeis = [str(863703030820000 + n) for n in range(50)]
    with Store.open(where, durability="database") as store:
        for _ in range(3):
            store.commit([registered(0.0, imei) for imei in imeis])
        assert {device.registrations for device in store.devices()} == {3}


@pytest.mark.parametrize(
    "name",
    ["a\0b", "a\u2400b", random.Random(1).randbytes(30_000).hex(), "\u7269\u8054\u7f51", "' OR 1=1; --", "%s ? {like}"],
)
def test_no_name_or_value_that_a_device_sends_stops_the_batch_it_is_in(where: str, name: str) -> None:
    hostile = ev.DeviceRegistered(
        0.0, f"cmdmp:{name}", PEER, ev.DeviceIdentity(name, model=name), registration(0.0, name, "2")
    )
    for _ in range(2):
        with Store.open(where) as store:
            assert store.commit([hostile, registered(), hostile]) == 3
    with Store.open(where) as store:
        assert {device.registrations for device in store.devices()} == {2, 4}
        device = store.device(f"cmdmp:{name}")
        assert device is not None
        assert len(store.history(f"cmdmp:{name}")) == 4


def test_a_device_that_another_process_has_deleted_is_not_lost_without_a_word(where: str) -> None:
    with Store.open(where) as store, Store.open(where) as other:
        store.commit([registered(0.0)])
        assert other.forget_device(DEVICE)
        with pytest.raises(StoreError, match="store-device-gone"):
            store.commit([registered(1.0)])
        assert store.commit([registered(1.0)]) == 1  # as the platform does with a batch that failed
        device = store.device(DEVICE)
        assert device is not None
        assert device.registrations == 1


def test_search_follows_what_changes(where: str) -> None:
    with Store.open(where) as store:
        store.commit([registered(0.0, model="BC28")])
        assert store.count(containing="bc28") == 1
        store.commit([registered(1.0, model="物联网 Ä1")])
        assert (store.count(containing="bc28"), store.count(containing="物联网 ä")) == (0, 1)
        store.commit([ev.DeviceUpdated(2.0, DEVICE, ("192.0.2.77", 1), 60, address_changed=True)])
        assert store.count(containing="192.0.2.77") == 1
        store.forget_device(DEVICE)
        assert store.count(containing="192.0.2.77") == 0
        store.commit([registered(3.0)])
        assert store.count(containing="ä1") == 0
