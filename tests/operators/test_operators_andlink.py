"""The Andlink platform without DTLS: registration, commands, data, restarts (docs/spec/wire.md, Andlink)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from andlink_bench import DEVICE, IMEI, AndlinkBench

from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.operators import events as ev
from nbtwin.operators.refusals import PlatformError, PlatformRefusal


def test_a_registration_is_followed_by_observations_and_a_reading_of_the_device() -> None:
    """docs/spec/wire.md, Andlink registration; D17: events 0, 3 and 5."""
    bench = AndlinkBench()
    node = bench.registered()
    assert [line for line in bench.said(node) if line.startswith("+QLAEVTIND")] == [
        "+QLAEVTIND:0", "+QLAEVTIND:3", "+QLAEVTIND:5",
    ]  # fmt: skip
    assert bench.platform.devices.observed(IMEI) == ["/19/1/0", "/5/0/3"]
    device = bench.store.device(DEVICE)
    assert device is not None
    assert (device.state, device.model, device.imei) == ("registered", "BC28", IMEI)
    assert device.resources == {"/5/0/3": 0}


def test_a_read_ends_with_its_value() -> None:
    bench = AndlinkBench()
    bench.registered()
    answer = bench.do(bench.platform.devices.ask, IMEI, "read", "/3/0/0")
    assert (answer.device, answer.operation, answer.path) == (DEVICE, "read", "/3/0/0")
    assert (answer.response_code, answer.value, answer.refusal) == ("2.05", "Quectel", None)


def test_uplink_data_come_as_notifications() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.host(node, 'AT+QLASENDDATA=0x0100,5,{"a":')
    bench.world.advance(5)
    (data,) = bench.seen(ev.DataReceived)
    assert (data.path, data.way, data.payload, data.confirmable) == ("/19/1/0", "notification", b'{"a":', True)
    assert "+QLADATASTATUS:4" in bench.said(node)


def test_doc_e_6_1_bootstrap_registration_and_data_both_ways_without_dtls() -> None:
    bench = AndlinkBench()
    node = bench.add_module()
    bench.host(node, 'AT+QLASERVERIP="BS","112.13.96.205",5783', "AT+QLABSSECSWT=0", "AT+NRB")
    bench.world.advance(30)
    events = [line for line in bench.said(node) if line.startswith("+QLA")]
    assert events == ["+QLAEVTIND:4", "+QLAEVTIND:0", "+QLAEVTIND:3", "+QLAEVTIND:5"]
    assert bench.seen(ev.DeviceBootstrapped)[0].device == DEVICE
    ticket = bench.perform(bench.platform.devices.ask, IMEI, "read", "/19/1/0")
    bench.world.advance(1)
    (asked,) = bench.said(node)
    (read,) = re.findall(r'\+QLAREAD: (\d+),"([0-9A-F]+)"', asked)
    payload = '{"firstName": "Brett", "lastName": "McLaughlin"}'
    bench.respond(node, read, payload)
    assert bench.answer(ticket).value == payload
    bench.host(node, 'AT+QLASENDDATA=0x0100,26,[{"n":"19/1/0","p1":"v1"}]')
    bench.world.advance(5)
    assert bench.seen(ev.DataReceived)[-1].payload == b'[{"n":"19/1/0","p1":"v1"}]'
    assert bench.said(node) == ["+QLADATASTATUS:4"]


def test_a_write_reaches_the_host_and_its_answer_comes_back() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.said(node)
    ticket = bench.perform(bench.platform.devices.ask, IMEI, "write", "/19/0/0", "turn on")
    bench.world.advance(1)
    (asked,) = bench.said(node)
    found = re.fullmatch(r'\+QLAWRITE: (\d+),"([0-9A-F]+)",turn on', asked)
    assert found is not None
    bench.host(node, f"AT+QLASENDRSP={found[1]},{found[2]},2,0")
    assert bench.answer(ticket).response_code == "2.04"


def test_several_reads_are_open_at_once_and_each_gets_its_own_answer() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.said(node)
    tickets = [bench.perform(bench.platform.devices.ask, IMEI, "read", path) for path in ("/19/0/0", "/19/1/0")]
    bench.world.advance(1)
    asked = [re.findall(r'(\d+),"([0-9A-F]+)"', line)[0] for line in bench.said(node)]
    for read, text in reversed(list(zip(asked, ("first", "other"), strict=True))):
        bench.respond(node, read, text)
    assert [bench.answer(ticket).value for ticket in tickets] == ["first", "other"]


def test_a_host_that_is_silent_ends_the_command_with_5_03() -> None:
    bench = AndlinkBench()
    bench.registered()
    assert bench.do(bench.platform.devices.ask, IMEI, "read", "/19/0/0").response_code == "5.03"


@pytest.mark.parametrize(
    ("verb", "arguments", "code"),
    [
        ("read", ("/3/0",), "2.05"),
        ("read", ("/3/0/99",), "4.04"),
        ("read", ("/4/0",), "4.04"),
        ("discover", ("/1",), "2.05"),
        ("write", ("/1/0/1", 3600), "2.04"),
        ("write", ("/3/0/0", "another"), "4.05"),
        ("write-attributes", ("/5/0/3", {"pmin": 5, "pmax": 60}), "2.04"),
        ("write-attributes", ("/5/0/3", {"pmax": 0}), "4.00"),
        ("execute", ("/1/0/8",), "2.04"),
        ("execute", ("/3/0/0",), "4.05"),
        ("create", ("/19", {"7": {"0": "x"}}), "4.05"),
        ("delete", ("/19/1",), "4.05"),
    ],
)
def test_commands_and_their_refusals(verb: str, arguments: tuple[Any, ...], code: str) -> None:
    bench = AndlinkBench()
    bench.registered()
    answer = bench.do(bench.platform.devices.ask, IMEI, verb, *arguments)
    assert answer.response_code == code
    assert (answer.refusal is None) is code.startswith("2.")
    (line,) = [line for line in bench.store.history(DEVICE) if line.fields.get("ticket") == answer.ticket]
    assert line.fields["response_code"] == code


def test_attributes_are_shown_by_discover_and_taken_away_again() -> None:
    bench = AndlinkBench()
    bench.registered()
    bench.do(bench.platform.devices.ask, IMEI, "write-attributes", "/5/0/3", {"pmin": 5})
    shown = bench.do(bench.platform.devices.ask, IMEI, "discover", "/5/0/3").value
    assert shown == [{"path": "/5/0/3", "pmin": "5"}]
    bench.do(bench.platform.devices.ask, IMEI, "write-attributes", "/5/0/3", {"pmin": None})
    assert bench.do(bench.platform.devices.ask, IMEI, "discover", "/5/0/3").value == [{"path": "/5/0/3"}]


def test_an_observation_is_cancelled_and_begun_again() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    assert bench.do(bench.platform.devices.ask, IMEI, "cancel", "/19/1/0").response_code == "2.05"
    assert bench.platform.devices.observed(IMEI) == ["/5/0/3"]
    bench.host(node, "AT+QLASENDDATA=0x0100,4,post")
    bench.world.advance(5)
    assert bench.do(bench.platform.devices.ask, IMEI, "observe", "/19/1/0").response_code == "2.05"
    bench.host(node, "AT+QLASENDDATA=0x0100,4,told")
    bench.world.advance(5)
    data = bench.seen(ev.DataReceived)
    assert [(event.way, event.payload) for event in data] == [("post", b"post"), ("notification", b"told")]
    device = bench.store.device(DEVICE)
    assert device is not None
    assert sorted(device.observations) == ["/19/1/0", "/5/0/3"]
    with pytest.raises(PlatformError, match="platform-path-not-observed"):
        bench.perform(bench.platform.devices.ask, IMEI, "cancel", "/3/0")


def test_commands_for_strangers_and_impossible_paths_are_refused_at_once() -> None:
    bench = AndlinkBench()
    bench.registered()
    with pytest.raises(PlatformError) as error:
        bench.perform(bench.platform.devices.ask, "123", "read", "/3/0")
    assert (error.value.code, error.value.fields) == (PlatformRefusal.DEVICE_NOT_REGISTERED, {"client": "123"})
    for path, value in (("/3/x", 1), ("/1/0/1", "many"), ("/1/0", 5), ("/1/0/1/0", {"0": 1})):
        with pytest.raises(ValueError, match=r"."):
            bench.perform(bench.platform.devices.ask, IMEI, "write", path, value)


def test_a_device_that_is_off_ends_a_command_without_an_answer() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.world.perform(node, node.module.power_off)
    answer = bench.do(bench.platform.devices.ask, IMEI, "read", "/3/0", within=300)
    assert (answer.response_code, answer.refusal) == ("", Lwm2mServerRefusal.UNANSWERED)


def test_what_is_open_ends_with_the_registration() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    ticket = bench.perform(bench.platform.devices.ask, IMEI, "read", "/19/0/0")
    bench.world.advance(1)
    bench.host(node, "AT+QLASREGIND=1")
    assert bench.answer(ticket, within=5).refusal is Lwm2mServerRefusal.DEREGISTERED
    device = bench.store.device(DEVICE)
    assert device is not None
    assert device.state == "de-registered"


def test_nothing_leaves_before_it_is_durable() -> None:
    """An acknowledged notification survives `kill -9`, as a registration does."""
    bench = AndlinkBench()
    node = bench.registered()
    bench.failing = True
    bench.host(node, "AT+QLASENDDATA=0x0100,4,data")
    bench.world.advance(8)
    assert bench.said(node)[-1:] != ["+QLADATASTATUS:4"]
    bench.failing = False
    bench.world.advance(60)
    assert bench.said(node)[-1] == "+QLADATASTATUS:4"
    assert [line.fields["data"] for line in bench.store.history(DEVICE) if line.code == "data-received"] == ["data"]


def test_registrations_and_observations_outlive_the_platform() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.restart_platform()
    bench.host(node, "AT+QLASENDDATA=0x0100,4,data")
    bench.world.advance(5)
    assert bench.seen(ev.DataReceived)[-1].way == "notification"
    assert "+QLADATASTATUS:4" in bench.said(node)
    assert bench.do(bench.platform.devices.ask, IMEI, "read", "/3/0/1").value == "BC28"
    assert len(bench.seen(ev.DeviceRegistered)) == 1


def test_observations_follow_a_device_whose_address_changes() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.world.rebind(node)
    bench.perform(bench.platform.devices.ask, IMEI, "read", "/3/0")  # it goes to where nobody is any more
    bench.host(node, "AT+QLASREGIND=0")  # it says where it is now
    bench.world.advance(60)
    bench.host(node, "AT+QLASENDDATA=0x0100,4,data")
    bench.world.advance(5)
    assert bench.seen(ev.DataReceived)[-1].way == "notification"


def test_a_registration_ends_with_its_lifetime_and_the_time_to_give_up() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.do(bench.platform.devices.ask, IMEI, "write", "/1/0/1", 300)
    bench.world.advance(5)
    bench.world.perform(node, node.module.power_off)
    refreshed_at = bench.platform.server.registrations[IMEI].refreshed_at
    assert bench.world.run_until(lambda: bool(bench.seen(ev.DeviceExpired)), 600)
    assert bench.seen(ev.DeviceExpired)[0].at - refreshed_at == pytest.approx(300 + 128)  # D68
    assert bench.platform.server.registrations == {}


def test_the_policy_may_be_changed_for_the_registrations_to_come() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.perform(bench.platform.change_policy, ["/1/0/1"], [])
    bench.host(node, "AT+QLASREGIND=0")
    bench.world.advance(30)
    assert bench.platform.devices.observed(IMEI) == ["/1/0/1"]
    device = bench.store.device(DEVICE)
    assert device is not None
    assert device.resources["/1/0/1"] == 86400
