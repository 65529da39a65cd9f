"""OMA's enabler tests of LwM2M 1.0 with our module as the client: what it answers, byte by byte."""

from __future__ import annotations

import json

import pytest
from andlink_bench import IMEI, AndlinkBench
from lwm2m_bench import CONFIG, MODULE, Bench

from nbtwin.coap.endpoint import MessageDropped
from nbtwin.coap.numbers import Code
from nbtwin.coap.numbers import ContentFormat as F
from nbtwin.operators import events as ev

MAKER, MODEL, FIRMWARE = b"Quectel", CONFIG.model.encode(), CONFIG.firmware.encode()
SERVER_IN_TLV = bytes.fromhex("c10001c2010258c10600c10755")  # of 600 s
CHANGED_IN_TLV = bytes.fromhex("c2010384c10601")  # 900 s, notifications stored


@pytest.fixture
def module() -> Bench:
    bench = Bench()
    bench.attach()
    return bench


def read(module: Bench, where: str, form: int) -> bytes:
    answer = module.ask(Code.GET, where, accept=form)
    assert (answer.code, answer.content_format) == (Code.CONTENT, form)
    return answer.payload


def written(module: Bench, code: Code, where: str, body: bytes, form: int) -> int:
    return module.ask(code, where, body, content_format=form).code


@pytest.mark.conformance("LightweightM2M-1.0-int-201", "LightweightM2M-1.0-int-652", role="client")
def test_resources_are_read_in_plain_text(module: Bench) -> None:
    for number, value in ((0, MAKER), (1, MODEL), (2, CONFIG.imei.encode()), (3, FIRMWARE)):
        assert read(module, f"/3/0/{number}", F.TEXT) == value


@pytest.mark.conformance("LightweightM2M-1.0-int-202", "LightweightM2M-1.0-int-210", role="client")
@pytest.mark.parametrize("way", ["read", "write"])
def test_the_hosts_data_are_read_and_written_as_opaque(way: str) -> None:
    """Its values are its host's: it answers, and gets the bytes as they came."""
    bench = AndlinkBench()
    node = bench.registered()
    if way == "read":
        ticket = bench.perform(bench.platform.devices.ask, IMEI, "read", "/19/0/0", content_format=42)
        name, answer = "+QLAREAD: ", "21.5"
    else:
        ticket = bench.perform(bench.platform.devices.ask, IMEI, "write", "/19/0/0", "on", content_format=42)
        name, answer = "+QLAWRITE: ", ""
    bench.world.advance(5)
    (told,) = [line for line in bench.said(node) if line.startswith(name)]
    id, token, *written = told.removeprefix(name).replace('"', "").split(",")
    if answer:
        bench.respond(node, (id, token), answer)
        assert bench.answer(ticket).payload == b"21.5"
    else:
        assert written == ["on"]
        bench.host(node, f"AT+QLASENDRSP={id},{token},2,0")
        assert bench.answer(ticket).response_code == "2.04"


@pytest.mark.conformance("LightweightM2M-1.0-int-203", role="client")
def test_the_device_is_read_in_tlv(module: Bench) -> None:
    body = read(module, "/3/0", F.LWM2M_TLV)
    assert body.startswith(b"\xc7\x00Quectel\xc4\x01BC28\xc8\x02\x0f" + CONFIG.imei.encode())
    assert b"\x83\x0b\x41\x00\x00" in body  # an error code 0, as one instance of a multiple resource


@pytest.mark.conformance("LightweightM2M-1.0-int-204", role="client")
def test_the_device_is_read_in_json(module: Bench) -> None:
    found = json.loads(read(module, "/3/0", F.LWM2M_JSON))
    values = {entry["n"]: entry.get("sv", entry.get("v")) for entry in found["e"]}
    assert found["bn"] == "/3/0/"
    assert (values["0"], values["1"], values["11/0"], values["16"]) == ("Quectel", "BC28", 0, "U")


@pytest.mark.conformance("LightweightM2M-1.0-int-205", role="client")
def test_resources_are_written_in_plain_text(module: Bench) -> None:
    for where, body in (("/1/0/1", b"900"), ("/1/0/6", b"1"), ("/1/0/7", b"U")):
        assert written(module, Code.PUT, where, body, F.TEXT) == Code.CHANGED
        assert read(module, where, F.TEXT) == body


@pytest.mark.conformance("LightweightM2M-1.0-int-215", "LightweightM2M-1.0-int-551", role="client")
def test_the_server_object_is_written_in_tlv_and_restored(module: Bench) -> None:
    assert read(module, "/1/0", F.LWM2M_TLV) == SERVER_IN_TLV
    assert written(module, Code.POST, "/1/0", CHANGED_IN_TLV, F.LWM2M_TLV) == Code.CHANGED
    assert read(module, "/1/0", F.LWM2M_TLV) == bytes.fromhex("c10001c2010384c10601c10755")
    assert written(module, Code.PUT, "/1/0", bytes.fromhex("c2010258c10600c10755"), F.LWM2M_TLV) == Code.CHANGED
    assert read(module, "/1/0", F.LWM2M_TLV) == SERVER_IN_TLV


@pytest.mark.conformance("LightweightM2M-1.0-int-220", role="client")
def test_the_server_object_is_written_in_json_and_restored(module: Bench) -> None:
    before = json.loads(read(module, "/1/0", F.LWM2M_JSON))
    body = b'{"bn":"/1/0/","e":[{"n":"1","v":900},{"n":"6","bv":true}]}'
    assert written(module, Code.POST, "/1/0", body, F.LWM2M_JSON) == Code.CHANGED
    changed = {entry["n"]: entry for entry in json.loads(read(module, "/1/0", F.LWM2M_JSON))["e"]}
    assert (changed["1"]["v"], changed["6"]["bv"]) == (900, True)
    body = b'{"bn":"/1/0/","e":[{"n":"1","v":600},{"n":"6","bv":false},{"n":"7","sv":"U"}]}'
    assert written(module, Code.PUT, "/1/0", body, F.LWM2M_JSON) == Code.CHANGED
    assert json.loads(read(module, "/1/0", F.LWM2M_JSON)) == before


@pytest.mark.conformance("LightweightM2M-1.0-int-241", "LightweightM2M-1.0-int-655", role="client")
def test_the_module_restarts_and_registers_again() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.host(node, "AT+QLAREGSWT=1")
    assert bench.do(bench.platform.devices.ask, IMEI, "execute", "/3/0/4").response_code == "2.04"
    assert bench.world.run_until(lambda: len(bench.seen(ev.DeviceRegistered)) == 2, 120)


@pytest.mark.conformance("LightweightM2M-1.0-int-302", role="client")
def test_a_reset_ends_an_observation_and_no_other(module: Bench) -> None:
    """The server has forgotten one of two observations, and resets what comes of it."""
    lifetime, stores = (module.observe(where, accept=F.TEXT) for where in ("/1/0/1", "/1/0/6"))
    module.platform.endpoint.cancel(module.now, lifetime, MODULE)
    written(module, Code.PUT, "/1/0/1", b"900", F.TEXT)
    assert [type(event) for event in module.platform.happened] == [MessageDropped]
    written(module, Code.PUT, "/1/0/1", b"901", F.TEXT)
    written(module, Code.PUT, "/1/0/6", b"1", F.TEXT)
    assert len(module.platform.happened) == 1
    assert [message.payload for message in module.answers(stores)] == [b"0", b"1"]


@pytest.mark.conformance("LightweightM2M-1.0-int-680", "LightweightM2M-1.0-int-685", role="client")
def test_the_device_object_is_neither_created_nor_deleted(module: Bench) -> None:
    assert written(module, Code.POST, "/3", bytes.fromhex("0801"), F.LWM2M_TLV) == Code.METHOD_NOT_ALLOWED
    assert module.ask(Code.DELETE, "/3/0").code == Code.METHOD_NOT_ALLOWED
    assert read(module, "/3/0/0", F.TEXT) == MAKER


@pytest.mark.conformance("LightweightM2M-1.0-int-751", role="client")
def test_the_firmware_object_is_read(module: Bench) -> None:
    body = read(module, "/5/0", F.LWM2M_TLV)
    assert b"\xc1\x03\x00" in body  # idle
    assert b"\xc1\x05\x00" in body  # no result yet
