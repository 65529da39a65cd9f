"""Large batches on both databases: however events are dealt out, the tables say what the events say one by one."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import get_args

import msgspec
import pytest
from storage_events import PEER

from nbtwin.lwm2m.server.events import Registration
from nbtwin.operators import events as ev
from nbtwin.operators.inventory.devices import Device, HistoryEntry
from nbtwin.operators.inventory.fold import FOLDED, fold
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.operators.remarks import Remark, RemarkCode
from nbtwin.operators.store.database import Repository
from nbtwin.operators.store.devices import words_of
from nbtwin.operators.store.store import PARTS, Store, StoreError

EPOCH = 1000.0
TEXTS = ("", "M5310-A", "BC28", 'a\\b"c', "two\nlines\tand a tab\r", "物联网 Ä", "\\N", "\\.")
DEVICES = tuple(f"andlink:86370303082{number:04}" for number in range(90))


def stream(seed: int, length: int) -> list[ev.DeviceEvent]:
    """Of every kind of event, in an order that no platform would come up with."""
    dice = random.Random(seed)
    pick = dice.choice
    found: list[ev.DeviceEvent] = []
    for number in range(length):
        at, device = float(number), pick(DEVICES)
        imei = device.partition(":")[2]
        peer = (pick(("10.0.0.1", "10.0.0.1", "2001:db8::1")), pick((5683, 5684)))
        location = f"{dice.randrange(1 << 32):08x}"
        known = Registration(
            imei, imei, location, peer, pick((60, 3600)), pick(("U", "UQ")), "1.0", pick(("</1/0>", "</3/0>")), at, at,
            pick(("", "13800138000")),
        )  # fmt: skip
        identity = ev.DeviceIdentity(
            imei, imsi=pick(("", "460001", "460002")), iccid=pick(("", "8986")), model=pick(TEXTS), firmware=pick(TEXTS)
        )
        remarks = pick(((), (), (Remark(RemarkCode.MODEL_MISSING),)))
        registered = ev.DeviceRegistered(
            at, device, peer, identity, pick((known, known, known, None)), pick(((), (ev.DeviceFlag.USIM_MOVED,))),
            remarks, pick((0, 60)),
        )  # fmt: skip
        path, value = pick(("/3303/0/5700", "/19/0/0")), pick((1, 1.0, True, "x", None, [1], "\\\t", 0.0, -0.0))
        found.append(
            pick(
                (
                    *(registered,) * 6,
                    *(ev.DeviceUpdated(at, device, peer, pick((60, 3600)), pick((True, False)), pick(("", "UQ"))),) * 4,
                    ev.DeviceDeregistered(at, device),
                    ev.DeviceExpired(at, device),
                    ev.DeviceRefused(at, device, peer, "4.01", PlatformRefusal.COMMAND_EXPIRED, remarks=remarks),
                    ev.InventoryRead(at, device, {1: pick(TEXTS), 3: pick(TEXTS)}),
                    ev.InventoryUnread(at, device, PlatformRefusal.COMMAND_EXPIRED),
                    ev.DeviceBootstrapped(at, device, peer),
                    ev.DeviceDescribed(at, device, {1: pick(TEXTS), 17: pick(TEXTS)}),
                    ev.ObservationStarted(at, device, path, location),
                    ev.ObservationEnded(at, device, path, PlatformRefusal.COMMAND_EXPIRED),
                    ev.DataReceived(at, device, path, pick(("notification", "post")), dice.randbytes(4), None, True),
                    *(ev.ResourceNotified(at, device, path, value),) * 3,
                    ev.OperationAnswered(at, 0, device, "read", path, "2.05", value),
                )
            )
        )
    return found


def folded(events: list[ev.DeviceEvent]) -> tuple[dict[str, Device], dict[str, list[HistoryEntry]]]:
    """As a lab without a store has it: in memory, one by one."""
    devices: dict[str, Device] = {}
    history: dict[str, list[HistoryEntry]] = {}
    for event in events:
        device, entry = fold(devices.get(event.device), event, EPOCH)
        if device is not None:
            devices[device.id] = device
        if entry is not None:
            history.setdefault(entry.device, []).append(entry)
    return devices, history


def plain(values: Sequence[Device] | Sequence[HistoryEntry]) -> list[str]:
    """As they come out of a file. 1, 1.0 and True are three values."""
    return [repr(msgspec.json.decode(msgspec.json.encode(value), type=type(value))) for value in values]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_who_does_not_keep_every_event_says_of_which_types(part: type[Repository]) -> None:
    assert bool(part.sometimes) is (part.keeps is not Repository.keeps)
    assert part.sometimes <= part.events


@pytest.mark.parametrize(("portion", "length"), [(1, 300), (1200, 1200)])
def test_however_events_are_dealt_out_the_tables_say_the_same(
    where: str, portion: int, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = stream(portion, length)
    devices, history = folded(events)
    monkeypatch.setattr("nbtwin.operators.store.devices._CACHED_DEVICES", 40)
    for half in (events[: length // 2], events[length // 2 :]):  # and a restart in between
        with Store.open(where, epoch=EPOCH) as store:
            for start in range(0, len(half), portion):
                store.commit(half[start : start + portion])
    with Store.open(where) as store:
        kept = store.devices()
        assert plain(kept) == plain([devices[name] for name in sorted(devices)])
        for device in kept:
            assert plain([store.device(device.id) or device]) == plain([device])
            assert plain(store.history(device.id)) == plain(history[device.id])
        seen = sorted((device.last_seen_at, device.id) for device in kept)
        assert [device.id for device in store.devices(order="last_seen_at")] == [name for _, name in seen]
        rows = store.database.rows(
            "SELECT id, imei, state, words FROM devices JOIN device_words ON devices.number = device_words.number"
            " ORDER BY id"
        )
        assert rows == [(each.id, each.imei, each.state, words_of(each)) for each in kept]
        found = store.database.rows("SELECT device, location, port, refreshed_at FROM registrations ORDER BY device")
        active = [each for each in kept if each.state == "registered"]
        assert [(row[0], row[1] or "", row[2], row[3]) for row in found] == [
            (each.id, each.location, each.port, each.refreshed_at) for each in active
        ]
        store.check()


def test_every_event_of_a_device_can_be_folded() -> None:
    assert frozenset(get_args(ev.DeviceEvent)) == FOLDED


def test_a_large_batch_that_fails_leaves_nothing(where: str) -> None:
    identity = [ev.DeviceIdentity(name.partition(":")[2], model=TEXTS[3]) for name in DEVICES]
    first, again = (
        [ev.DeviceRegistered(at, name, PEER, who, None) for name, who in zip(DEVICES, identity, strict=True)]
        for at in (1.0, 2.0)
    )
    with Store.open(where) as store, Store.open(where) as other:
        for _ in range(2):
            store.commit(first)
        assert other.forget_device(DEVICES[-1])
        with pytest.raises(StoreError, match="store-device-gone"):
            store.commit(again)
        assert {device.registrations for device in store.devices()} == {2}
        assert store.commit(again) == len(DEVICES)
        assert sorted(device.registrations for device in store.devices()) == [1, *[3] * (len(DEVICES) - 1)]
        assert [entry.at for entry in store.history(DEVICES[0])] == [1.0, 1.0, 2.0]
        other.forget_device(DEVICES[0])
        assert store.commit(first[1:2]) == 1, "another device's"
        assert store.device(DEVICES[0]) is None
        assert store.commit(first[:1]) == 1
        assert [entry.at for entry in store.history(DEVICES[0])] == [1.0]


def test_a_checkpoint_brings_a_long_log_where_it_belongs(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbtwin.operators.store.sqlite._MUCH", 1, raising=False)
    with Store.open(where) as store:
        store.database.checkpoint()
        before = os.stat(where).st_size if store.database.kind == "sqlite" else 0
        store.commit(stream(1, 200))
        store.database.checkpoint()
        if store.database.kind == "sqlite":
            assert os.stat(where).st_size > before, "a reader without the log finds them"
        store.check()
