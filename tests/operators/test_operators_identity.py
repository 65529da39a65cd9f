"""Somebody else's identity at the platforms: refused where it contradicts, flagged where it may be honest (D135, D136).

A CMDMP name says who it is twice: in clear the terminal's IMEI and the appkey, in the ciphertext the module and its
USIM. Whoever has an appkey of their own can write a name about anybody.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from operators_bench import IMEI, IMSI, LAB_APPKEY, LAB_PASSWORD, Bench, name_of

from nbtwin.coap.numbers import Code
from nbtwin.operators import events as ev
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.events import DeviceFlag as Flag
from nbtwin.operators.key_store.appkeys import AppkeyStore
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.operators.store.store import Store
from nbtwin.selfreg.cmdmp import TerminalIdentity, endpoint_name, update_name

OTHER_APPKEY, OTHER_PASSWORD = "M100000555", "another customer's password"
OTHER_IMEI, OTHER_IMSI = "863703030000001", "460040000000001"
THIEF = ("10.9.9.9", 5683)


def bench_of(keys: AppkeyStore | None = None) -> Bench:
    keys = keys or AppkeyStore({LAB_APPKEY: LAB_PASSWORD})
    keys.add(OTHER_APPKEY, OTHER_PASSWORD)
    return Bench(CmdmpPlatform(random.Random(1), keys))


def about(
    terminal: str = IMEI, *, module: str = IMEI, imsi: str = IMSI, other_customer: bool = False, update: bool = False
) -> str:
    """A name of a terminal, and what it says inside."""
    appkey, password = (OTHER_APPKEY, OTHER_PASSWORD) if other_customer else (LAB_APPKEY, LAB_PASSWORD)
    make = update_name if update else endpoint_name
    return make(1, TerminalIdentity(module, "", imsi), appkey, password, terminal)


def flags(bench: Bench) -> tuple[Flag, ...]:
    registered: ev.DeviceRegistered = bench.events(ev.DeviceRegistered)[-1]
    return registered.flags


@pytest.mark.parametrize(
    "name",
    [
        about(other_customer=True, update=True),
        about(module=OTHER_IMEI, update=True),
        about(imsi=OTHER_IMSI, update=True),
        about(module=OTHER_IMEI, imsi=OTHER_IMSI, other_customer=True, update=True),
    ],
    ids=["appkey", "IMEI", "IMSI", "all of them"],
)
def test_an_update_that_says_another_identity_inside_moves_nobody(name: str) -> None:
    """4.04, as for every location that is another device's."""
    bench = bench_of()
    location = bench.register().location
    assert bench.update(location, name, peer=THIEF).code == Code.NOT_FOUND
    assert bench.platform.server.registrations[IMEI].peer != THIEF
    assert bench.events(ev.DeviceRefused)[-1].refusal is PlatformRefusal.LOCATION_OF_ANOTHER
    assert bench.update(location).code == Code.CHANGED


def test_an_empty_field_of_an_update_contradicts_nothing() -> None:
    bench = bench_of()
    location = bench.register().location
    assert bench.update(location, about(imsi="", update=True)).code == Code.CHANGED


def test_a_registration_of_another_customers_module_takes_no_name_that_is_taken() -> None:
    bench = bench_of()
    location = bench.register().location
    stolen = about(module=OTHER_IMEI, imsi=OTHER_IMSI, other_customer=True)
    assert bench.register(stolen, peer=THIEF).code == Code.FORBIDDEN
    assert bench.events(ev.DeviceRefused)[-1].refusal is PlatformRefusal.NAME_OF_ANOTHER
    assert bench.update(location).code == Code.CHANGED
    bench.give(bench.request(Code.DELETE, path=location))
    assert bench.register(stolen, peer=THIEF).code == Code.CREATED  # a terminal was sold with another module in it
    assert set(flags(bench)) == {Flag.PAIRING_CHANGED, Flag.APPKEY_CHANGED, Flag.DUPLICATE_IMEI}


def test_another_appkey_for_the_same_module_is_taken_and_flagged() -> None:
    """A module that was configured anew registers without a de-registration before."""
    bench = bench_of()
    bench.register()
    assert flags(bench) == ()
    assert bench.register(about(other_customer=True)).code == Code.CREATED
    assert flags(bench) == (Flag.APPKEY_CHANGED,)


def test_another_module_under_the_same_terminal_imei_is_flagged() -> None:
    bench = bench_of()
    bench.register()
    assert bench.register(about(module=OTHER_IMEI)).code == Code.CREATED
    assert flags(bench) == (Flag.DUPLICATE_IMEI,)


def test_one_imei_with_alternating_usims_is_flagged_as_at_telecoms() -> None:
    bench = bench_of()
    seen = []
    for imsi in (IMSI, OTHER_IMSI, IMSI):
        bench.register(about(imsi=imsi))
        seen.append(flags(bench))
    assert seen == [(), (Flag.PAIRING_CHANGED,), (Flag.PAIRING_CHANGED, Flag.DUPLICATE_IMEI)]


def test_one_usim_under_two_imeis_is_flagged() -> None:
    bench = bench_of()
    bench.register()
    bench.register(name_of(OTHER_IMEI))
    assert flags(bench) == (Flag.USIM_MOVED,)
    bench.register()
    assert flags(bench) == (Flag.USIM_MOVED,)
    bench.register()
    assert flags(bench) == ()


def test_what_a_name_is_compared_with_outlives_the_platform(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store.open(path, epoch=1e9) as store:
        store.keys.add(OTHER_APPKEY, OTHER_PASSWORD)
        bench = Bench(CmdmpPlatform(random.Random(1), store.keys), store)
        location = bench.register().location
    with Store.open(path, epoch=1e9) as store:
        store.keys.add(OTHER_APPKEY, OTHER_PASSWORD)
        bench = Bench(CmdmpPlatform(random.Random(2), store.keys), store)
        assert bench.platform.restore(store.registrations("cmdmp")) == 1
        assert bench.update(location, about(imsi=OTHER_IMSI, update=True), peer=THIEF).code == Code.NOT_FOUND
        assert bench.update(location).code == Code.CHANGED
        bench.register(about(other_customer=True))
        assert flags(bench) == (Flag.APPKEY_CHANGED,)
        bench.register(name_of(OTHER_IMEI))
        assert flags(bench) == (Flag.USIM_MOVED,)
