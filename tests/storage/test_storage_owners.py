"""Several processes write one PostgreSQL: whose a device is, each upon what others have written (D217, D218)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from operators_bench import IMEI
from storage_events import DEVICE, PEER, registered

from nbtwin.operators import events as ev
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.operators.store.database import StoreLocked, StoreRefusal
from nbtwin.operators.store.devices import DeviceRepository
from nbtwin.operators.store.owners import LEASE, LEFT_AFTER, OwnerRepository, Sharing
from nbtwin.operators.store.store import Store

IMEI2 = "863703030822527"
ELSEWHERE = ("10.0.0.2", 5683)
Join = Callable[[str], tuple[Store, Sharing]]


@pytest.fixture
def join(postgresql: str) -> Iterator[Join]:
    """Another member, of the node of that name."""
    with ExitStack() as closing:

        def another(node: str) -> tuple[Store, Sharing]:
            store = closing.enter_context(Store.open(postgresql, lock_timeout=10.0))
            store.sharing = Sharing(store.part(OwnerRepository), store.part(DeviceRepository), node, 0)
            return store, store.sharing

        yield another


def updated(at: float, peer: tuple[str, int] = PEER) -> ev.DeviceUpdated:
    return ev.DeviceUpdated(at, DEVICE, peer, 3600, address_changed=peer != PEER)


def pass_time(store: Store, span: float) -> None:
    """By the server's clock, for all members."""
    store.database.run("UPDATE nodes SET renewed_at = renewed_at - ?", (span,))


def test_each_writes_upon_what_the_other_has_written(join: Join) -> None:
    (a, of_a), (b, of_b) = join("a"), join("b")
    a.commit([registered(1)])
    assert of_a.taken == []
    for at in range(2, 12, 2):
        b.commit([updated(at)])
        assert of_b.taken == [(DEVICE, "a", 0)]
        a.commit([updated(at + 1)])
        assert of_a.taken == [(DEVICE, "b", 0)]
    device = a.device(DEVICE)
    assert device is not None
    assert (device.updates, device.refreshed_at) == (10, 11)
    assert a.history_count(DEVICE) == b.history_count(DEVICE)


def test_an_end_counts_only_from_who_has_the_device(join: Join) -> None:
    (a, _), (b, _) = join("a"), join("b")
    a.commit([registered(1)])
    b.commit([updated(2)])
    a.commit([ev.DeviceExpired(3, DEVICE)])
    a.commit([ev.DeviceDeregistered(4, DEVICE)])
    assert b.count(state="registered") == 1
    b.commit([ev.DeviceExpired(3602, DEVICE)])
    assert b.count(state="registered") == 0


def test_what_is_told_of_a_device_that_has_gone_is_kept_and_moves_nothing(join: Join) -> None:
    (a, of_a), (b, _) = join("a"), join("b")
    a.commit([registered(1)])
    b.commit([updated(2)])
    a.commit([ev.InventoryUnread(3, DEVICE, PlatformRefusal.SESSION_MISSING)])
    assert of_a.taken == []
    b.commit([updated(4)])
    device = b.device(DEVICE)
    assert device is not None
    assert device.updates == 2
    assert b.part(OwnerRepository).owner_of(DEVICE) is not None
    assert of_a.not_mine([DEVICE]) == [DEVICE]
    assert [line.code for line in b.history(DEVICE)][-2] == "inventory-unread"


@pytest.mark.parametrize("named", [{"locations": ["1"]}, {"peers": ["10.0.0.2:5683"]}, {"devices": [DEVICE]}])
def test_a_device_is_found_by_what_it_names(join: Join, named: dict[str, list[str]]) -> None:
    (a, _), (_, of_b) = join("a"), join("b")
    a.commit([registered(1)])
    a.commit([updated(2, ELSEWHERE)])
    devices, moved = of_b.take(**named)  # type: ignore[arg-type]
    assert [(device.id, device.host, device.location) for device in devices] == [(DEVICE, "10.0.0.2", "rd/1")]
    assert moved == [(DEVICE, "a", 0)]
    assert of_b.take(**named)[1] == []  # type: ignore[arg-type]
    assert of_b.take(locations=["2"], peers=["10.0.0.1:5683"], devices=["cmdmp:9"]) == ([], [])


def test_who_is_behind_dtls_is_found_by_its_keys_name_from_any_address(join: Join) -> None:
    (a, _), (_, of_b) = join("a"), join("b")
    a.commit([registered(1, psk_identity="meter-7")])
    a.commit([updated(2, ELSEWHERE)])
    assert [device.id for device in of_b.take(peers=["psk:meter-7"])[0]] == [DEVICE]


def test_what_a_member_had_that_has_ended_is_left_to_the_others_after_a_while(join: Join) -> None:
    """D218."""
    (a, of_a), (_, of_b) = join("a"), join("b")
    a.commit([registered(1)])
    owners = a.part(OwnerRepository)
    pass_time(a, LEASE + 1)
    owners.renew(of_b.number)
    owner = owners.owner_of(DEVICE)
    assert owner is not None
    assert (owner.node, owner.lives) == ("a", False)
    assert of_b.ended(own=False) == []
    pass_time(a, LEFT_AFTER)
    owners.renew(of_b.number)
    assert of_b.ended(own=False) == [of_a.number]
    assert of_b.left_by([of_a.number], "") == [(DEVICE, "1")]
    assert [device.id for device in of_b.take(devices=[DEVICE], only_left=True)[0]] == [DEVICE]
    assert of_b.ended(own=False) == []
    assert of_a.take(devices=[DEVICE], only_left=True) == ([], []), "it has somebody who lives"


def test_a_nodes_successor_has_what_it_had_at_once_and_what_nobody_ever_had(join: Join, postgresql: str) -> None:
    with Store.open(postgresql) as alone:
        alone.commit([registered(1, IMEI2)])
    a, of_a = join("a")
    a.commit([registered(1)])
    owners = a.part(OwnerRepository)
    owners.end("a")
    _, of_next = join("a")
    assert of_next.number > of_a.number
    assert of_next.ended(own=True) == [of_a.number]
    assert [name for name, _ in of_next.ownerless("")] == [f"cmdmp:{IMEI2}"]
    found, moved = of_next.take(devices=[DEVICE, f"cmdmp:{IMEI2}"], only_left=True)
    assert {device.id for device in found} == {DEVICE, f"cmdmp:{IMEI2}"}
    assert (of_next.ended(own=True), of_next.ownerless("")) == ([], [])
    assert len(moved) == 1


def test_names_that_nobody_registered_fill_no_table(join: Join) -> None:
    a, _ = join("a")
    a.commit([ev.DeviceRefused(1, "cmdmp:made-up", PEER, "4.01", PlatformRefusal.CIPHERTEXT_BASE64)])
    assert a.database.rows("SELECT count(*) FROM owners") == [(0,)]


def test_a_name_that_no_index_would_take_is_filed_as_the_inventory_files_it(join: Join) -> None:
    (a, _), (b, _) = join("a"), join("b")
    imei = "9" * 40_000 + "\0"
    for at, store in enumerate((a, b, a)):
        store.commit([registered(at, imei)])
    assert [device.registrations for device in a.devices()] == [3]


def test_new_devices_of_several_at_once_are_all_kept(join: Join) -> None:
    members = [join(name)[0] for name in ("a", "b", "c")]
    batches = [[registered(1, f"{member}{number:014d}") for number in range(100)] for member in range(3)]
    failed: list[Exception] = []

    def commit(store: Store, batch: list[ev.DeviceRegistered]) -> None:
        try:
            for event in batch:
                store.commit([event, registered(2, IMEI)])
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=commit, args=each) for each in zip(members, batches, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert members[0].count() == 301
    device = members[0].device(DEVICE)
    assert device is not None
    assert device.registrations == 300


def test_one_of_a_name_and_a_lab_alone_excludes_all(postgresql: str) -> None:
    with Store.open(postgresql, claim=True, node="a"), Store.open(postgresql, claim=True, node="b"):
        with pytest.raises(StoreLocked) as again:
            Store.open(postgresql, claim=True, node="a", lock_timeout=0.05)
        assert (again.value.code, again.value.fields) == (StoreRefusal.NODE_IN_USE, {"node": "a"})
        with pytest.raises(StoreLocked) as alone:
            Store.open(postgresql, claim=True, lock_timeout=0.05)
        assert alone.value.code == StoreRefusal.IN_USE
    with Store.open(postgresql, claim=True), pytest.raises(StoreLocked) as node:
        Store.open(postgresql, claim=True, node="a", lock_timeout=0.05)
    assert node.value.code == StoreRefusal.IN_USE
