"""What a plan needs of the machine is counted before anything is sent: each limit from both sides."""

from __future__ import annotations

import msgspec
import pytest
from fleet_server import plan

from nbtwin.fleet.plan import FleetDevices, FleetModules, FleetPhase, FleetPlan, FleetTarget
from nbtwin.fleet.refusals import FleetRefusal
from nbtwin.fleet.room import check_room, sockets_for, target_of
from nbtwin.runtime.errors import WrongUsage

SECURE = FleetTarget("127.0.0.1", 5684, True, "127.0.0.1")
KEY = bytes(16)


def sized(devices: int, **fields: object) -> FleetPlan:
    """``group``: the devices, where they are others than so many with a key."""
    made = plan(FleetPhase(do="register", rate=1000))
    return msgspec.structs.replace(made, devices=fields.pop("group", FleetDevices(devices, key=KEY)), **fields)


@pytest.mark.parametrize(
    ("fits", "does_not", "why"),
    [
        (sized(14, network="127.16.0.0/28"), sized(15, network="127.16.0.0/28"), FleetRefusal.NO_ADDRESSES),
        (sized(1), sized(0), FleetRefusal.EMPTY),
        (sized(1000), sized(1 << 40, network="127.0.0.0/8", sockets=4), FleetRefusal.NO_MEMORY),
        (
            sized(1000, modules=FleetModules()),
            sized(100_000_000, modules=FleetModules(), network="127.0.0.0/8"),
            FleetRefusal.NO_ADDRESSES,
        ),
        (
            sized(65536, sockets=16, phases=(FleetPhase(do="register", rate=4000),)),
            sized(1_000_000, sockets=15, phases=(FleetPhase(do="register", rate=4000),)),
            FleetRefusal.NUMBERS_USED_UP,
        ),
        (sized(10, target=SECURE), sized(10, target=SECURE, sockets=2), FleetRefusal.SECURE_SHARED),
        (
            sized(10, target=SECURE),
            sized(10, target=SECURE, group=FleetDevices(10)),
            FleetRefusal.KEY_NEEDED,
        ),
        (sized(10, modules=FleetModules()), sized(10, modules=FleetModules(), sockets=2), FleetRefusal.MODULES_SHARED),
    ],
)
def test_a_plan_that_fits_goes_and_one_that_does_not_is_refused(
    fits: FleetPlan, does_not: FleetPlan, why: FleetRefusal
) -> None:
    check_room(fits, 1)
    with pytest.raises(WrongUsage) as refused:
        check_room(does_not, 1)
    assert refused.value.code is why


@pytest.mark.parametrize(
    ("target", "mine", "refused"),
    [
        ("coap://127.0.0.1", [], None),
        ("coap://[::1]:5783", [], None),
        ("coap://localhost", [], None),
        ("coap://192.0.2.200", ["192.0.2.200"], None),
        ("coap://192.0.2.200", [], FleetRefusal.TARGET_NOT_MINE),
        ("coap://server.example", [], FleetRefusal.TARGET_NOT_MINE),
        ("coap://192.0.2.200", ["192.0.2.201"], FleetRefusal.TARGET_NOT_MINE),
        ("coap://117.161.2.41", ["117.161.2.41"], FleetRefusal.TARGET_OPERATOR),
        ("coap://[::ffff:117.161.2.41]", ["::ffff:117.161.2.41"], FleetRefusal.TARGET_OPERATOR),
        ("coaps://LWM.home.komect.com.", ["lwm.home.komect.com"], FleetRefusal.TARGET_OPERATOR),
        ("coap://a.m.fxltsbl.com", ["a.m.fxltsbl.com"], FleetRefusal.TARGET_OPERATOR),
        ("coap://127.0.0.1:0", [], FleetRefusal.TARGET),
    ],
)
def test_a_target_is_ones_own_and_never_an_operators(
    target: str, mine: list[str], refused: FleetRefusal | None
) -> None:
    if refused is None:
        assert target_of(target, mine).port in (5683, 5783)
        return
    with pytest.raises(WrongUsage) as error:
        target_of(target, mine)
    assert error.value.code is refused


def test_sockets_are_as_many_as_message_ids_and_dtls_ask_for() -> None:
    here, there = target_of("coap://127.0.0.1", []), target_of("coap://192.0.2.200", ["192.0.2.200"])
    assert sockets_for(here, 100_000) == 0
    assert sockets_for(there, 4000) == 16
    assert sockets_for(there, 4000, whole=True) == -1
    assert sockets_for(target_of("coaps://192.0.2.200", ["192.0.2.200"]), 10) == -1
