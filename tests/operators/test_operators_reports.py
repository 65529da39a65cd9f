"""What modules report, and what the platform makes of it (docs/spec/wire.md, Telecom and Unicom)."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

import pytest
from operators_bench import Bench

from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import DAY, HOUR
from nbtwin.operators import events as ev
from nbtwin.operators.events import DeviceFlag as Flag
from nbtwin.operators.self_registration import SelfRegistrationPlatform
from nbtwin.operators.store.store import Store
from nbtwin.operators.telecom import TelecomPlatform
from nbtwin.operators.unicom import UnicomPlatform
from nbtwin.selfreg.payloads import accepted
from nbtwin.timeline.catalogue import words

EXAMPLE = bytes.fromhex("44021234a1b2c3d43c7a7a68632e766e65742e636e826e621132ff") + (
    b"eyJSRUdWRVIiOiIyIiwiTUVJRCI6Ijg2MzcwMzAzMDgyMjUxOSIsIk1PREVMIjoiUVVFLUJDMjYwWS1DTiIsIlNXVkVSIjoiQkMyNjBZQ05BQVI"
    b"wMUEwNCIsIlNJTTFJQ0NJRCI6Ijg5ODYxMTE4MjQ1MDAxMjM0NTY3IiwiU0lNMUxURUlNU0kiOiI0NjAxMTAxMjM0NTY3ODkifQ=="
)
"""The example of docs/spec/wire.md, Telecom and Unicom, letter for letter."""
IMEI = "863703030822519"


def telecom(store: Store | None = None, seed: int = 1) -> Bench:
    return Bench(TelecomPlatform(random.Random(seed)), store)


def report(bench: Bench, **changes: str) -> tuple[str, ...]:
    """Report, be accepted, and tell the flags it raised."""
    members = {"REGVER": "2", "MEID": IMEI, "MODEL": "QUE-BC25", "SWVER": "V1", "SIM1ICCID": "A", "SIM1LTEIMSI": "1"}
    payload = base64.b64encode(json.dumps({**members, **changes}).encode())
    (answer,) = bench.give(bench.request(path=["nb"], content_format=50, payload=payload))
    assert accepted(answer)
    flags: tuple[str, ...] = bench.events(ev.DeviceRegistered)[-1].flags
    return flags


def test_the_published_example_is_accepted_in_json() -> None:
    bench = telecom()
    (answer,) = bench.give(EXAMPLE)
    assert (answer.type, answer.code, answer.message_id, answer.token.hex()) == (
        Type.ACK,
        Code.CHANGED,
        0x1234,
        "a1b2c3d4",
    )
    assert answer.content_format == 50
    assert answer.payload == b'{"resultCode":"0","resultDesc":"Success"}'
    (registered,) = bench.events(ev.DeviceRegistered)
    identity = registered.identity
    assert registered.device == f"telecom:{IMEI}"
    assert (identity.model, identity.firmware, identity.version) == ("QUE-BC260Y-CN", "BC260YCNAAR01A04", "2")
    assert (identity.iccid, identity.imsi) == ("89861118245001234567", "460110123456789")


@pytest.mark.parametrize("platform", [TelecomPlatform, UnicomPlatform])
@pytest.mark.parametrize("more", [{"path": ["nb"]}, {}, {"content_format": 0}, {"path": [""], "content_format": 50}])
@pytest.mark.parametrize("members", [["MEID", "X"], ["X", "SWVER", "MEID"]])
def test_every_observed_variant_is_understood(
    platform: type[SelfRegistrationPlatform], more: dict[str, object], members: list[str]
) -> None:
    bench = Bench(platform(random.Random(1)))
    payload = base64.b64encode(json.dumps({name: IMEI if name == "MEID" else "x" for name in members}).encode())
    (answer,) = bench.give(bench.request(payload=payload, **more))
    assert accepted(answer)
    assert bench.events(ev.DeviceRegistered)[0].device == f"{platform.name}:{IMEI}"


def test_unicom_names_the_model_differently() -> None:
    bench = Bench(UnicomPlatform(random.Random(1)))
    payload = base64.b64encode(json.dumps({"REGVER": "1", "MEID": IMEI, "MODELSMS": "QUE-BC25"}).encode())
    (answer,) = bench.give(bench.request(payload=payload))
    assert accepted(answer)
    assert bench.events(ev.DeviceRegistered)[0].identity.model == "QUE-BC25"


@pytest.mark.parametrize(
    "payload", [b"", b"%%%", base64.b64encode(b"[]"), base64.b64encode(b'{"MEID":"none"}'), base64.b64encode(b"{}")]
)
def test_what_is_no_report_is_4_00_and_no_success(payload: bytes) -> None:
    bench = telecom()
    (answer,) = bench.give(bench.request(path=["nb"], payload=payload))
    assert answer.code == Code.BAD_REQUEST
    assert not accepted(answer)
    assert json.loads(answer.payload)["resultCode"] == "1"
    assert [event.response_code for event in bench.events(ev.DeviceRefused)] == ["4.00"]
    assert bench.events(ev.DeviceRegistered) == []


@pytest.mark.parametrize(
    ("language", "why"),
    [("en", "this is no report: the JSON is no object"), ("zh", "上报内容不合法：JSON 不是对象")],
)
def test_why_it_is_no_report_is_said_in_the_language_of_the_reader(language: str, why: str) -> None:
    bench = telecom()
    bench.give(bench.request(path=["nb"], payload=base64.b64encode(b"[]")))
    (refused,) = bench.events(ev.DeviceRefused)
    assert words(refused, language).endswith(why)


def test_other_paths_and_methods_are_refused() -> None:
    bench = telecom()
    (answer,) = bench.give(bench.request(path=["rd"]))
    assert answer.code == Code.NOT_FOUND
    (answer,) = bench.give(bench.request(Code.GET, path=["nb"]))
    assert answer.code == Code.METHOD_NOT_ALLOWED


def test_a_retransmission_gets_the_same_answer_and_registers_nothing_twice() -> None:
    bench = telecom()
    platform = bench.platform
    platform.handle_datagram(0.0, ("10.0.0.1", 5683), EXAMPLE)
    ((_, first),) = platform.datagrams_to_send()
    platform.events()
    platform.handle_datagram(9.0, ("10.0.0.1", 5683), EXAMPLE)
    ((_, again),) = platform.datagrams_to_send()
    assert again == first
    assert not any(type(event) is ev.DeviceRegistered for event in platform.events())


def test_endless_members_are_refused() -> None:
    bench = telecom()
    payload = base64.b64encode(json.dumps({"MEID": IMEI, "MODEL": "x" * 129}).encode())
    (answer,) = bench.give(bench.request(path=["nb"], payload=payload))
    assert answer.code == Code.BAD_REQUEST


def test_the_refusals_of_a_device_that_says_who_it_is_are_counted() -> None:
    store = Store.open(":memory:")
    bench = telecom(store)
    report(bench)
    payload = base64.b64encode(json.dumps({"MEID": IMEI, "MODEL": "x" * 129}).encode())
    for _ in range(2):
        bench.give(bench.request(path=["nb"], payload=payload))
    bench.give(bench.request(path=["nb"], payload=b"{"))  # nobody's
    device = store.device(f"telecom:{IMEI}")
    assert device is not None
    assert (device.registrations, device.refusals) == (1, 2)
    store.close()


def test_changed_firmware_and_changed_pairing_are_flagged() -> None:
    bench = telecom()
    assert report(bench) == ()
    assert report(bench) == ()
    bench.now = 2 * DAY
    assert report(bench, SWVER="V2") == (Flag.FIRMWARE_CHANGED,)
    assert report(bench, SWVER="V2", SIM1ICCID="B", SIM1LTEIMSI="2") == (Flag.PAIRING_CHANGED,)
    assert report(bench, SWVER="V3", SIM1ICCID="C", SIM1LTEIMSI="2") == (
        Flag.FIRMWARE_CHANGED,
        Flag.PAIRING_CHANGED,
    )


def test_a_card_that_comes_back_within_a_day_is_two_modules_with_one_imei() -> None:
    bench = telecom()
    report(bench)
    bench.now = HOUR
    assert report(bench, SIM1ICCID="B") == (Flag.PAIRING_CHANGED,)
    bench.now = 2 * HOUR
    assert report(bench) == (Flag.PAIRING_CHANGED, Flag.DUPLICATE_IMEI)
    bench.now = 3 * DAY
    assert report(bench, SIM1ICCID="B") == (Flag.PAIRING_CHANGED,)  # a card moved back after days is no sign


def test_another_model_under_the_same_imei_is_a_duplicate() -> None:
    bench = telecom()
    report(bench)
    assert report(bench, MODEL="QUE-BC26") == (Flag.DUPLICATE_IMEI,)


def test_the_memory_of_pairings_outlives_the_platform(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store.open(path, epoch=1e9) as store:
        bench = telecom(store)
        report(bench)
        bench.now = HOUR
        report(bench, SIM1ICCID="B")
    with Store.open(path, epoch=1e9) as store:
        bench = telecom(store, seed=2)
        assert bench.platform.restore(store.registrations("telecom")) == 1
        bench.now = 2 * HOUR
        assert report(bench) == (Flag.PAIRING_CHANGED, Flag.DUPLICATE_IMEI)
        device = store.device(f"telecom:{IMEI}")
        assert device is not None
        assert device.flags == [Flag.PAIRING_CHANGED, Flag.DUPLICATE_IMEI]
        history = store.history(f"telecom:{IMEI}")
        assert [entry.code for entry in history] == ["device-registered"] * 3
        assert history[1].fields["iccid"] == ["A", "B"]
        assert history[2].fields["flags"] == [Flag.PAIRING_CHANGED, Flag.DUPLICATE_IMEI]


def test_the_memory_of_pairings_is_bounded() -> None:
    from nbtwin.operators.sim_bindings import SimBindings

    pairings = SimBindings(size=10)
    for n in range(1000):
        pairings.take(0.0, f"{n}", "m", "f", "i", "s")
    assert len(pairings._known) <= 10


def unicom_report(bench: Bench, **changes: str) -> None:
    members = {"REGVER": "1", "MEID": IMEI, "MODELSMS": "QUE-BC25", "SWVER": "V1", "SIM1ICCID": "A", "SIM1LTEIMSI": "1"}
    payload = base64.b64encode(json.dumps({**members, **changes}).encode())
    (answer,) = bench.give(bench.request(path=[], content_format=50, payload=payload))
    assert accepted(answer)


def test_unicom_tells_updates_from_registrations_and_who_is_overdue(tmp_path: Path) -> None:
    """D139."""
    store = Store.open(str(tmp_path / "nbtwin.db"))
    bench = Bench(UnicomPlatform(random.Random(1)), store)

    def counted() -> tuple[int, int, str]:
        device = store.device(f"unicom:{IMEI}")
        assert device is not None
        return device.registrations, device.updates, device.state

    unicom_report(bench)
    assert [device.lifetime for device in store.registrations("unicom")] == [30 * DAY]
    bench.advance(30 * DAY)
    unicom_report(bench)
    assert counted() == (1, 1, "registered")
    bench.advance(5 * DAY)
    unicom_report(bench, SWVER="V2")
    assert counted() == (2, 1, "registered"), "what changed is a registration"
    restarted = Bench(UnicomPlatform(random.Random(2)), store)
    restarted.now = bench.now
    assert restarted.platform.restore(store.registrations("unicom")) == 1
    restarted.advance(30 * DAY + 3 * HOUR - 1)
    assert counted() == (2, 1, "registered")
    restarted.advance(2)
    assert counted() == (2, 1, "expired")
    unicom_report(restarted, SWVER="V2")
    assert counted() == (3, 1, "registered")
    store.close()


def test_telecom_waits_for_nobody() -> None:
    bench = telecom()
    report(bench)
    report(bench)
    assert len(bench.events(ev.DeviceRegistered)) == 2
    bench.advance(400 * DAY)
    assert bench.platform.next_deadline() is None


def test_bindings_come_back_in_any_order_and_the_oldest_are_forgotten_first() -> None:
    from nbtwin.operators.inventory.devices import Device, Pairing
    from nbtwin.operators.sim_bindings import SimBindings

    usims = [Pairing(f"8986{number}", f"46000{number}", float(number)) for number in range(10)]
    devices = [
        Device(
            id=f"telecom:{n}", platform="telecom", imei=str(n), refreshed_at=float(n), model="M", pairings=[usims[n]]
        )
        for n in (3, 0, 9, 5, 1, 7, 2, 8, 6, 4)
    ]
    pairings = SimBindings(size=10)
    assert pairings.restore(iter(devices)) == 10, "one by one: never all of them at once"
    pairings.take(10.0, "new", "M", "", "898610", "4600010")  # makes room
    assert pairings.take(11.0, "9", "N", "", usims[9].iccid, usims[9].imsi) == (Flag.DUPLICATE_IMEI,)
    assert Flag.DUPLICATE_IMEI not in pairings.take(11.0, "4", "N", "", usims[4].iccid, usims[4].imsi), "forgotten"


def test_bindings_of_devices_that_another_process_has_had_come_beside_those_that_are_here() -> None:
    from nbtwin.operators.inventory.devices import Device, Pairing
    from nbtwin.operators.sim_bindings import SimBindings

    pairings = SimBindings()
    pairings.take(1.0, "1", "M", "", "89861", "460001")
    moved = Device(id="telecom:2", platform="telecom", imei="2", model="M", pairings=[Pairing("89862", "460002", 2.0)])
    assert [pairings.restore([moved]), pairings.restore([moved]), pairings.restore([])] == [1, 1, 0]
    assert pairings.take(3.0, "2", "M", "", "89862", "460002") == ()
    assert pairings.take(4.0, "1", "N", "", "89861", "460001") == (Flag.DUPLICATE_IMEI,)
    assert pairings.take(5.0, "3", "M", "", "89862", "460002") == (Flag.USIM_MOVED,)
