"""Names, groups and tags of devices: kept, searched, there after `kill -9`; when devices were registered."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from storage_events import DEVICE, registered

from nbtwin.operators import events as ev
from nbtwin.operators.inventory.labels import TAGS_AT_MOST, Label, LabelChange, LabelRefused
from nbtwin.operators.store.backup import backup, restore
from nbtwin.operators.store.devices import Choice
from nbtwin.operators.store.labels import LabelRepository
from nbtwin.operators.store.reachability import heard_at, oldest_line, online_curve, registered_spans
from nbtwin.operators.store.store import Store

SECOND, THIRD = "cmdmp:863703030820001", "cmdmp:863703030820002"


def fleet(store: Store) -> LabelRepository:
    store.commit([registered(1.0, device.partition(":")[2]) for device in (DEVICE, SECOND, THIRD)])
    labels = store.part(LabelRepository)
    labels.change([DEVICE, SECOND], LabelChange(group="Line 2", add=("field", "v2")))
    labels.change([DEVICE], LabelChange(name="水表 7", remove=("v2",)))
    return labels


def found(store: Store, containing: str = "", group: str = "", tags: tuple[str, ...] = ()) -> list[str]:
    choice = Choice("cmdmp", containing=containing, group=group, tags=tags)
    ids = [device.id for device in store.devices_of(choice)]
    assert ids == store.device_ids(choice)
    assert store.count_of(choice) == len(ids)
    return ids


def test_devices_are_found_by_name_group_and_tags(where: str) -> None:
    with Store.open(where) as store:
        labels = fleet(store)
        assert labels.of([DEVICE, SECOND, THIRD]) == {
            DEVICE: Label("水表 7", "Line 2", ("field",)),
            SECOND: Label("", "Line 2", ("field", "v2")),
        }
        both = sorted((DEVICE, SECOND))
        assert found(store, group="Line 2") == both
        assert found(store, tags=("field",)) == both
        assert found(
            store,
            tags=(
                "field",
                "v2",
            ),
        ) == [SECOND]
        assert found(store, containing="水表") == [DEVICE]
        assert found(store, containing="line 2", tags=("v2",)) == [SECOND]
        assert found(store, tags=("gone",)) == []
        assert (labels.tags("cmdmp"), labels.groups("cmdmp")) == ([("field", 2), ("v2", 1)], [("Line 2", 2)])


def test_what_a_device_says_leaves_its_label_and_forgetting_it_takes_it_along(where: str) -> None:
    with Store.open(where) as store:
        labels = fleet(store)
        store.commit([registered(9.0, model="BC28")])
        assert found(store, containing="水表") == [DEVICE]
        store.forget_device(DEVICE)
        assert labels.of([DEVICE]) == {}
        assert labels.tags("cmdmp") == [("field", 1), ("v2", 1)]


def test_a_label_that_cannot_be_changes_nothing(where: str) -> None:
    with Store.open(where) as store:
        labels = fleet(store)
        before = labels.of([DEVICE, SECOND])
        many = tuple(f"t{number}" for number in range(TAGS_AT_MOST))
        for change in (
            LabelChange(add=("two words",)),
            LabelChange(add=("",)),
            LabelChange(name="x" * 101),
            LabelChange(group="line\n2"),
            LabelChange(add=many),
        ):
            with pytest.raises(LabelRefused):
                labels.change([THIRD, DEVICE], change)
        assert labels.of([DEVICE, SECOND, THIRD]) == before


def test_labels_are_in_a_backup(where: str, tmp_path: Path) -> None:
    with Store.open(where) as store:
        labels = fleet(store)
        before = labels.of([DEVICE, SECOND])
        backup(store.database, tmp_path / "lab.backup")
        labels.change([DEVICE, SECOND], LabelChange(name="", group="", tags=()))
        assert labels.of([DEVICE, SECOND]) == {}
        restore(store.database, tmp_path / "lab.backup", replace=True)
        store.reload()
        assert labels.of([DEVICE, SECOND]) == before


_CHILD = """
import sys, time
from nbtwin.operators.inventory.labels import LabelChange
from nbtwin.operators.store.devices import Choice
from nbtwin.operators.store.labels import LabelRepository
from nbtwin.operators.store.store import Store
store = Store.open(sys.argv[1], claim=True)
store.part(LabelRepository).change([sys.argv[2]], LabelChange(name="kept", add=("kept",)))
print("acknowledged", flush=True)
time.sleep(60)
"""


def test_what_was_acknowledged_survives_kill_9(where: str) -> None:
    with Store.open(where) as store:
        store.commit([registered(1.0)])
    with subprocess.Popen([sys.executable, "-c", _CHILD, where, DEVICE], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "acknowledged\n"
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    with Store.open(where) as store:
        assert store.part(LabelRepository).of([DEVICE]) == {DEVICE: Label("kept", "", ("kept",))}
        assert found(store, tags=("kept",)) == [DEVICE]


def test_how_many_were_online_and_one_of_them_when(where: str) -> None:
    with Store.open(where) as store:
        second = SECOND.partition(":")[2]
        store.commit([registered(10.0), registered(20.0, second), registered(25.0)])  # the last one: not a step
        store.commit([ev.DeviceExpired(30.0, DEVICE), ev.DeviceDeregistered(34.0, SECOND), registered(36.0, second)])
        store.commit([registered(55.0)])
        curve = online_curve(store.database, "cmdmp", 0.0, 60.0, 6)
        assert [(point.at, point.online) for point in curve] == [
            (0.0, 0), (10.0, 1), (20.0, 2), (30.0, 1), (40.0, 1), (50.0, 1), (60.0, 2)
        ]  # fmt: skip
        assert (curve[4].low, curve[4].high) == (0, 1)  # between two points nobody was there
        spans = registered_spans(store.database, DEVICE)
        assert [tuple(span) for span in spans] == [(10.0, 30.0, "device-expired"), (55.0, None, "")]
        assert heard_at(store.database, DEVICE) == [10.0, 25.0, 55.0]
        assert oldest_line(store.database, "cmdmp") == 10.0


def test_what_history_has_forgotten_is_not_made_up(where: str) -> None:
    with Store.open(where) as store:
        store.commit([registered(10.0), ev.DeviceExpired(30.0, DEVICE), registered(50.0)])
        store.forget_history(20.0)
        assert [point.online for point in online_curve(store.database, "cmdmp", 0.0, 60.0, 3)] == [1, 1, 0, 1]
        assert registered_spans(store.database, DEVICE)[0].since is None
        assert oldest_line(store.database, "cmdmp") == 30.0
