"""What a plan needs of the machine is counted before anything is sent: each limit from both sides."""

from __future__ import annotations

import msgspec
import pytest
from fleet_server import plan

from nbtwin.fleet.plan import FleetDevices, FleetModules, FleetPhase, FleetPlan, FleetTarget
from nbtwin.fleet.refusals import FleetRefusal
from nbtwin.fleet.room import check_room, free_ports, sockets_for, target_of
from nbtwin.fleet.tracking import flows
from nbtwin.runtime.errors import WrongUsage

SECURE = FleetTarget("127.0.0.1", 5684, True, "127.0.0.1")
PLAIN = FleetTarget("127.0.0.1", 5683, False, "127.0.0.1")
KEY = bytes(16)
WHOLE = FleetModules()
KEYED = FleetModules(script=("AT+QLASETPSK=0,{key}",))
ASKED: list[dict[str, object]] = [
    {"queue": 10.0},
    {"bootstrap": True},
    {"phases": (FleetPhase(do="register", rate=10), FleetPhase(do="notify", rate=1, span=1))},
]
"""What needs to know whom a server asks."""


def sized(devices: int, **fields: object) -> FleetPlan:
    """``group``: the devices, where they are others than so many with a key."""
    made = plan(FleetPhase(do="register", rate=1000))
    return msgspec.structs.replace(made, devices=fields.pop("group", FleetDevices(devices, key=KEY)), **fields)


@pytest.mark.parametrize(
    ("fits", "does_not", "why"),
    [
        (sized(14, network="127.16.0.0/28"), sized(15, network="127.16.0.0/28"), FleetRefusal.NO_ADDRESSES),
        (sized(14, network="127.16.0.0/28"), sized(14, network="192.0.2.0/28"), FleetRefusal.NO_ALIAS),
        (sized(1), sized(0), FleetRefusal.EMPTY),
        (sized(1000), sized(1 << 40, network="127.0.0.0/8", sockets=4), FleetRefusal.NO_MEMORY),
        (
            sized(1000, modules=WHOLE, group=FleetDevices(1000)),
            sized(100_000_000, modules=WHOLE, network="127.0.0.0/8"),
            FleetRefusal.NO_ADDRESSES,
        ),
        (
            sized(65536, sockets=16, phases=(FleetPhase(do="register", rate=4000),)),
            sized(1_000_000, sockets=15, phases=(FleetPhase(do="register", rate=4000),)),
            FleetRefusal.NUMBERS_USED_UP,
        ),
        (sized(10, target=SECURE), sized(10, target=SECURE, sockets=2), FleetRefusal.SECURE_SHARED),
        (
            sized(10, bootstrap=True, bootstrap_at=PLAIN, target=SECURE, group=FleetDevices(10)),
            sized(10, bootstrap=True, bootstrap_at=SECURE, target=PLAIN, group=FleetDevices(10)),
            FleetRefusal.KEY_NEEDED,
        ),
        (
            sized(10, target=SECURE),
            sized(10, target=SECURE, group=FleetDevices(10)),
            FleetRefusal.KEY_NEEDED,
        ),
        (
            sized(10, modules=WHOLE, group=FleetDevices(10)),
            sized(10, modules=WHOLE, group=FleetDevices(10), sockets=2),
            FleetRefusal.MODULES_SHARED,
        ),
        (sized(10, modules=KEYED), sized(10, modules=WHOLE), FleetRefusal.KEYS_UNUSED),
        (sized(10, modules=KEYED), sized(10, modules=KEYED, group=FleetDevices(10)), FleetRefusal.KEY_NEEDED),
        (sized(10, target=SECURE, wrong_keys=0.5), sized(10, wrong_keys=0.5), FleetRefusal.NOT_PLAIN),
        *((sized(10, **ask), sized(10, sockets=4, **ask), FleetRefusal.OWN_PLACE) for ask in ASKED),
    ],
)
def test_a_plan_that_fits_goes_and_one_that_does_not_is_refused(
    fits: FleetPlan, does_not: FleetPlan, why: FleetRefusal
) -> None:
    check_room(fits, 1)
    with pytest.raises(WrongUsage) as refused:
        check_room(does_not, 1)
    assert refused.value.code is why


def test_ports_are_those_of_the_machine_whatever_processes_share_them() -> None:
    """Open files are each process's own."""
    check_room(sized(free_ports(), sockets=-1), 64)
    with pytest.raises(WrongUsage) as refused:
        check_room(sized(free_ports() + 1, sockets=-1), 64)
    assert refused.value.code is FleetRefusal.NO_PORTS


def test_what_stands_in_a_plan_is_refused_at_its_place() -> None:
    with pytest.raises(WrongUsage) as refused:
        check_room(sized(15, network="127.16.0.0/28"), 1, {"network": "night.yaml:3:10", "sockets": "night.yaml:4:1"})
    assert refused.value.where == "night.yaml:3:10"


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


def test_sockets_are_as_many_as_message_ids_and_devices_ask_for() -> None:
    here, there = target_of("coap://127.0.0.1", []), target_of("coap://192.0.2.200", ["192.0.2.200"])
    fast = (FleetPhase(do="register", rate=100_000),)
    assert sockets_for(sized(10, target=here, phases=fast)) == 0
    assert sockets_for(sized(10, target=there, network="10.20.0.0/16")) == 0
    assert sockets_for(sized(10, target=here, bootstrap=True, hosts={"mine": "192.0.2.200"})) == -1
    assert sockets_for(sized(10, target=there, phases=(FleetPhase(do="register", rate=4000),))) == 16
    for own in (*ASKED, {"modules": WHOLE}, {"target": target_of("coaps://192.0.2.200", ["192.0.2.200"])}):
        assert sockets_for(sized(10, **{"target": there, **own})) == -1


def test_what_the_kernel_would_have_to_follow_is_each_address_for_as_long_as_it_keeps_one() -> None:
    storm = (FleetPhase(do="register", rate=4000),)
    assert flows(sized(1_000_000, phases=storm), 120) == 480_001
    assert flows(sized(1_000, phases=storm), 120) == 1_001
    assert flows(sized(1_000_000, sockets=16, phases=storm), 120) == 17
