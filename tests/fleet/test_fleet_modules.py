"""Whole modules of a fleet against a server in memory, in simulated time: what they do, and their hosts."""

from __future__ import annotations

import pytest
from fleet_server import DELAY, Drive, Reply, Server, piggybacked, plan

from nbtwin.coap.message import Message, decode, encode
from nbtwin.coap.numbers import Code, Type
from nbtwin.fleet.delivery import imei_of_number
from nbtwin.fleet.plan import FleetModules, FleetPhase, FleetPlan
from nbtwin.fleet.tally import FleetStats, Outcome
from nbtwin.selfreg.numbering import luhn_digit

REGISTER = FleetPhase(do="register", rate=2)
MOBILE = FleetModules()
ANDLINK = FleetModules(settings=("AT+DMPCONFIG=0,0", 'AT+QLASERVERIP="LWM2M","192.0.2.11",5683'))


def modules(*phases: FleetPhase, devices: int = 4, model: str = "BC260Y-CN", whole: FleetModules = MOBILE,
            **more: object) -> FleetPlan:  # fmt: skip
    made = plan(*(phases or (REGISTER,)), devices=devices, modules=whole, **more)
    return made.__class__(**{**{name: getattr(made, name) for name in made.__struct_fields__},
                             "devices": made.devices.__class__(devices, model=model)})  # fmt: skip


def finished(drive: Drive, until: float) -> FleetStats:
    drive.run(until)
    drive.engine.finish(drive.now)
    return drive.engine.stats(drive.now)


def adds_up(stats: FleetStats) -> bool:
    return sum(stats.begun.values()) == stats.ended + stats.under_way


def test_modules_boot_and_register_by_themselves_each_from_its_own_place() -> None:
    server = Server()
    stats = finished(Drive(modules(), server), 60)
    assert stats.outcomes == {"register": {"ok": 4}}
    assert stats.registered == 4
    assert stats.counts["booted"] == 4
    assert sorted(server.registered.values()) == [0, 1, 2, 3]
    assert stats.waits["register"].longest == pytest.approx(DELAY, rel=0.2)  # from its request, not from its boot
    assert adds_up(stats)


def test_hosts_send_their_script_and_what_the_plan_says() -> None:
    script = FleetModules(script=("ATE0", "AT+NOTHING"))
    lines = FleetPhase(do="at", rate=10, span=20, lines=("AT+CSQ",))
    stats = finished(Drive(modules(REGISTER, lines, whole=script), Server()), 60)
    at = stats.outcomes["at"]
    assert at[Outcome.REFUSED] == stats.codes["ERROR"] == 4
    assert set(at) == {Outcome.OK, Outcome.REFUSED}
    assert at[Outcome.OK] > 100
    assert adds_up(stats)


def test_a_reboot_by_the_host_is_a_registration_more() -> None:
    again = FleetPhase(do="at", rate=2, lines=("AT+QRST=1",))
    stats = finished(Drive(modules(REGISTER, FleetPhase(do="rest", span=30), again), Server()), 120)
    assert stats.outcomes["register"] == {"ok": 8}
    assert stats.counts["booted"] == 8
    assert stats.registered == 4
    assert adds_up(stats)


def test_reset_pins_and_translations_that_change() -> None:
    server = Server()
    phases = (
        REGISTER,
        FleetPhase(do="rest", span=30),
        FleetPhase(do="rebind", rate=2),
        FleetPhase(do="reboot", rate=2),
    )
    stats = finished(Drive(modules(*phases), server), 120)
    assert stats.outcomes["register"] == {"ok": 8}
    assert (stats.counts["rebound"], stats.counts["rebooted"]) == (4, 4)
    assert sorted({lane for _, lane, _ in server.got}) == list(range(8))
    assert adds_up(stats)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (lambda asked: piggybacked(asked, Code.FORBIDDEN), Outcome.REFUSED),
        (lambda asked: piggybacked(asked, Code.CREATED), Outcome.WRONG),  # without a location
        (lambda asked: encode(Message(Type.RST, Code.EMPTY, asked.message_id)), Outcome.RESET),
        (lambda asked: b"\x00", Outcome.RUBBISH),
        (lambda asked: b"", Outcome.RUBBISH),
    ],
)
def test_what_a_server_answers_modules_has_a_class(said: object, outcome: Outcome) -> None:
    server = Server(lambda now, lane, data: [(DELAY, said(decode(data)))])  # type: ignore[operator]
    stats = finished(Drive(modules(devices=2), server), 300)
    assert stats.outcomes["register"] == {outcome: 2}
    assert stats.registered == 0
    assert adds_up(stats)


@pytest.mark.parametrize("card", ["mobile", "telecom", "unicom"])
def test_a_silent_server_and_one_that_the_network_calls_away(card: str) -> None:
    for away in (False, True):
        drive = Drive(
            modules(devices=1, model="BC25", whole=FleetModules(operator=card)), Server(lambda now, lane, data: [])
        )
        while not drive.server.got:
            drive.step()
        if away:
            drive.engine.handle_unreachable(-1, drive.server.got[0][2])
        stats = finished(drive, drive.now + 200)
        assert stats.outcomes["register"] == {Outcome.AWAY if away else Outcome.SILENT: 1}


def test_modules_of_andlink_register_send_and_leave_when_their_host_asks() -> None:
    inner = Server()
    observed: set[int] = set()

    def observes(now: float, lane: int, data: bytes) -> list[Reply]:
        asked = decode(data)
        said = inner.properly(now, lane, data)
        if asked.texts(11) == ("rd",) and lane not in observed:
            observed.add(lane)
            ask = Message(Type.CON, Code.GET, 9, b"o", ((6, b""), (11, b"19"), (11, b"0"), (11, b"0")))
            said.append((0.1, encode(ask)))
        return said

    value = FleetPhase(do="at", rate=2, lines=("AT+QLASENDDATA=0x0100,2,{}",))
    phases = (REGISTER, FleetPhase(do="rest", span=30), value)
    drive = Drive(modules(*phases, model="BC28", whole=ANDLINK), Server(observes))
    drive.run(60)
    assert drive.engine.stats(drive.now).registered == 4
    drive.engine.begin_leaving()
    stats = finished(drive, 90)
    assert drive.engine.left
    assert stats.registered == 0
    assert stats.outcomes["register"] == stats.outcomes["deregister"] == {"ok": 4}
    assert stats.outcomes["uplink"] == {"ok": 4}
    assert inner.registered == {}
    assert adds_up(stats)


def test_the_same_seed_makes_the_same_modules_do_the_same() -> None:
    runs = []
    for seed in (7, 7, 8):
        server = Server()
        finished(Drive(modules(devices=3, seed=seed, loss=0.2), server), 60)
        runs.append([(at, lane, data) for at, lane, data in server.got])
    assert runs[0] == runs[1] != runs[2]


def test_every_device_has_an_imei_of_its_own() -> None:
    found = [imei_of_number(number) for number in range(0, 2_000_000, 1009)]
    assert len(set(found)) == len(found)
    assert all(len(imei) == 15 and luhn_digit(imei[:14]) == imei[14] for imei in found)
