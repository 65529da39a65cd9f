"""OMA's enabler tests of LwM2M 1.0 and 1.1 with our platform as the server; the client is bytes (raw_device.py)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from plugtest_site import (
    CHANGED,
    CONTENT,
    CREATED,
    DELETE,
    DELETED,
    GET,
    NOT_ALLOWED,
    NOT_FOUND,
    OBSERVE,
    POST,
    PUT,
    RST,
    URI_QUERY,
    Raw,
)  # fmt: skip
from raw_device import RawDevice, is_get, where_of

from nbtwin.operators import events as ev
from nbtwin.operators.device_management.management import AWAKE
from nbtwin.operators.refusals import PlatformRefusal

TEXT, LINKS, OPAQUE, CBOR, SENML_JSON, SENML_CBOR, TLV, JSON = 0, 40, 42, 60, 110, 112, 11542, 11543
V1_0, V1_1 = "LightweightM2M-1.0-int", "LightweightM2M-1.1-int"
UNAUTHORIZED = 129
MAKER, MODEL = b"Open Mobile Alliance", b"Lightweight M2M Client"
DEVICE = {"0": MAKER.decode(), "1": MODEL.decode()}
DEVICE_IN = {
    TLV: b"\xc8\x00\x14" + MAKER + b"\xc8\x01\x16" + MODEL,
    JSON: b'{"bn":"/3/0/","e":[{"n":"0","sv":"%s"},{"n":"1","sv":"%s"}]}' % (MAKER, MODEL),
    SENML_JSON: b'[{"bn":"/3/0/","n":"0","vs":"%s"},{"n":"1","vs":"%s"}]' % (MAKER, MODEL),
    SENML_CBOR: b"\x82\xa3\x21\x65/3/0/\x00\x610\x03\x74" + MAKER + b"\xa2\x00\x611\x03\x76" + MODEL,
}


def registered(case: str, **settings: Any) -> RawDevice:
    device = RawDevice("1.1" if case.startswith(V1_1) else "1.0", **settings)
    assert device.register().code == CREATED
    return device


def in_version(numbers: str, *, only: str = "") -> Any:
    """The cases of these numbers, in each version or in one."""
    versions = [only] if only else [V1_0, V1_1]
    return pytest.mark.parametrize(
        "case", [f"{version}-{number}" for version in versions for number in numbers.split()]
    )


def reads(device: RawDevice, where: str, form: int | None, body: bytes, answered: int | None = None) -> Any:
    """The value that the platform has after a Read that was answered so."""
    how = {} if form is None else {"content_format": form}
    ticket, request = device.asked("read", where, **how)
    assert is_get(request, where, form)
    device.answer(request, CONTENT, body, form if answered is None else answered)
    outcome = device.outcome(ticket)
    assert outcome.response_code == "2.05"
    return outcome.value


def does(device: RawDevice, verb: str, where: str, *arguments: Any, code: int = CHANGED, **how: Any) -> Raw:
    """The request of an operation that is answered with this code."""
    ticket, request = device.asked(verb, where, *arguments, **how)
    assert where_of(request) == where
    device.answer(request, code)
    assert device.outcome(ticket).response_code == f"{code >> 5}.{code & 31:02}"
    return request


# --- registration


@pytest.mark.conformance("LightweightM2M-1.0-int-101", "LightweightM2M-1.1-int-101", role="server")
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_client_registers(version: str) -> None:
    device = RawDevice(version)
    answer = device.register()
    assert (answer.code, len(answer.all(8))) == (CREATED, 2)
    (told,) = device.seen(ev.DeviceRegistered)
    assert (told.identity.version, told.registration.lifetime) == (device.version, 300)
    assert told.registration.objects == "</1/0>,</3/0>"


def location(answer: Raw) -> str:
    return "/".join(part.decode() for part in answer.all(8))


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-102", "LightweightM2M-1.0-int-103", "LightweightM2M-1.1-int-102",
    "LightweightM2M-1.1-int-103", "LightweightM2M-1.1-int-105", role="server",
)  # fmt: skip
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_client_updates_and_goes(version: str) -> None:
    """And what is gone cannot be updated: 4.04, after which a client registers anew."""
    device = RawDevice(version)
    where = location(device.register())
    assert [answer.code for answer in device.post(where, "lt=600")] == [CHANGED]
    assert device.seen(ev.DeviceUpdated)[0].lifetime == 600
    assert [answer.code for answer in device.post(where, code=DELETE)] == [DELETED]
    assert len(device.seen(ev.DeviceDeregistered)) == 1
    assert [answer.code for answer in device.post(where)] == [NOT_FOUND]
    assert device.register().code == CREATED


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-104", "LightweightM2M-1.0-int-556", "LightweightM2M-1.1-int-104", role="server",
)  # fmt: skip
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_the_platform_triggers_an_update(version: str) -> None:
    device = RawDevice(version)
    where = location(device.register())
    request = does(device, "execute", "/1/0/8")
    assert (request.code, request.payload) == (POST, b"")
    assert [answer.code for answer in device.post(where)] == [CHANGED]
    assert len(device.seen(ev.DeviceUpdated)) == 1


@pytest.mark.conformance("LightweightM2M-1.1-int-107", role="server")
def test_an_update_in_time_keeps_a_registration_and_silence_ends_it() -> None:
    device = RawDevice("1.1")
    where = location(device.register(lifetime=120))
    for _ in range(5):
        device.advance(110)
        assert [answer.code for answer in device.post(where)] == [CHANGED]
    assert device.seen(ev.DeviceExpired) == []
    device.advance(3600)
    assert len(device.seen(ev.DeviceExpired)) == 1


@pytest.mark.conformance("LightweightM2M-1.1-int-108", "LightweightM2M-1.1-int-109", role="server")
def test_a_sleeping_device_is_asked_when_it_wakes() -> None:
    device = RawDevice("1.1")
    where = location(device.register("b=U", "Q", lifetime=3600))
    device.advance(AWAKE + 1)
    ticket = device.platform.devices.ask(device.now, "867724030000225", "read", "/3/0/0")
    assert device.advance(60) == []
    changed, read = device.post(where)
    assert (changed.code, is_get(read, "/3/0/0")) == (CHANGED, True)
    device.answer(read, CONTENT, MAKER, TEXT)
    assert device.outcome(ticket).value == MAKER.decode()


# --- read


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-201", "LightweightM2M-1.0-int-652", "LightweightM2M-1.1-int-201",
    "LightweightM2M-1.1-int-224", role="server",
)  # fmt: skip
@pytest.mark.parametrize("version", [V1_0, V1_1])
def test_resources_are_read_in_plain_text(version: str) -> None:
    device = registered(version)
    for number, value in ((0, MAKER), (1, MODEL), (2, b"345000123"), (3, b"1.0")):
        assert reads(device, f"/3/0/{number}", TEXT, value) == value.decode()


@pytest.mark.conformance("LightweightM2M-1.0-int-202", role="server")
def test_a_resource_is_read_as_opaque() -> None:
    assert reads(registered(V1_0), "/19/0/0", OPAQUE, b"\x00\x01\xff") == "0x0001ff"


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-203", "LightweightM2M-1.0-int-204", "LightweightM2M-1.1-int-203",
    "LightweightM2M-1.1-int-204", "LightweightM2M-1.1-int-231", "LightweightM2M-1.1-int-232", role="server",
)  # fmt: skip
@pytest.mark.parametrize(
    ("case", "form"),
    [
        ("LightweightM2M-1.0-int-203", TLV),
        ("LightweightM2M-1.0-int-204", JSON),
        ("LightweightM2M-1.1-int-203", TLV),
        ("LightweightM2M-1.1-int-204", JSON),
        ("LightweightM2M-1.1-int-231", SENML_JSON),
        ("LightweightM2M-1.1-int-232", SENML_CBOR),
    ],
)
def test_an_instance_is_read_in_each_format(case: str, form: int) -> None:
    assert reads(registered(case), "/3/0", form, DEVICE_IN[form]) == DEVICE


@pytest.mark.conformance(
    "LightweightM2M-1.1-int-222", "LightweightM2M-1.1-int-223", "LightweightM2M-1.1-int-237", role="server",
)  # fmt: skip
def test_without_a_wish_any_format_is_understood() -> None:
    device = registered(V1_1)
    object_in_tlv = b"\x08\x00" + bytes([len(DEVICE_IN[TLV])]) + DEVICE_IN[TLV]
    assert reads(device, "/3", None, object_in_tlv, TLV) == {"0": DEVICE}
    for form, body in DEVICE_IN.items():
        assert reads(device, "/3/0", None, body, form) == DEVICE


@pytest.mark.conformance("LightweightM2M-1.1-int-225", "LightweightM2M-1.1-int-228", role="server")
def test_a_resource_instance_is_read_and_written() -> None:
    device = registered(V1_1)
    assert reads(device, "/3/0/11/0", TEXT, b"0") == 0
    request = does(device, "write", "/16/0/0/0", "test")
    assert (request.code, request.payload) == (PUT, b"test")


@pytest.mark.conformance("LightweightM2M-1.1-int-221", role="server")
def test_the_security_object_is_refused() -> None:
    device = registered(V1_1)
    does(device, "read", "/0/0", code=UNAUTHORIZED)
    does(device, "write", "/0/0/0", "coap://localhost", code=UNAUTHORIZED)
    does(device, "write-attributes", "/0", {"pmin": 10}, code=UNAUTHORIZED)


# --- write


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-205", "LightweightM2M-1.1-int-205", "LightweightM2M-1.1-int-227", role="server",
)  # fmt: skip
@pytest.mark.parametrize("version", [V1_0, V1_1])
def test_resources_are_written_in_plain_text(version: str) -> None:
    device = registered(version)
    for where, value, body in (("/1/0/1", 333, b"333"), ("/1/0/6", True, b"1"), ("/1/0/7", "U", b"U")):
        request = does(device, "write", where, value, content_format=TEXT)
        assert (request.code, request.uint(12), request.payload) == (PUT, TEXT, body)
        assert reads(device, where, TEXT, body) == value


@pytest.mark.conformance("LightweightM2M-1.0-int-210", role="server")
def test_a_resource_is_written_as_opaque() -> None:
    request = does(registered(V1_0), "write", "/19/0/0", "0x0001ff", content_format=OPAQUE)
    assert (request.code, request.uint(12), request.payload) == (PUT, OPAQUE, b"\x00\x01\xff")


@pytest.mark.conformance("LightweightM2M-1.1-int-211", "LightweightM2M-1.1-int-212", role="server")
@pytest.mark.parametrize(
    ("where", "value", "body"),
    [
        ("/1/0/1", 300, b"\x19\x01\x2c"),
        ("/1/0/6", True, b"\xf5"),
        ("/1/0/7", "UQ", b"\x62UQ"),
        ("/5/0/0", "0x00ff", b"\x42\x00\xff"),
        ("/6/0/0", 43.5, b"\xfb\x40\x45\xc0\x00\x00\x00\x00\x00"),
    ],
)
def test_a_resource_is_read_and_written_in_cbor(where: str, value: Any, body: bytes) -> None:
    device = registered(V1_1)
    request = does(device, "write", where, value, content_format=CBOR)
    assert (request.code, request.uint(12), request.payload) == (PUT, CBOR, body)
    assert reads(device, where, CBOR, body) == value


@pytest.mark.parametrize(("where", "body"), [("/1/0/1", b"\x61a"), ("/1/0/1", b"\x19\x01"), ("/3/0/0", b"\x01")])
def test_what_is_no_such_value_in_cbor_is_told(where: str, body: bytes) -> None:
    device = registered(V1_1)
    ticket, request = device.asked("read", where, content_format=CBOR)
    device.answer(request, CONTENT, body, CBOR)
    assert device.outcome(ticket).refusal is PlatformRefusal.VALUE_UNREADABLE


SERVER_IN = {
    TLV: b"\xc2\x01\x01\x2c\xc1\x06\x01",
    JSON: b'{"bn":"/1/0/","e":[{"n":"1","v":300},{"n":"6","bv":true}]}',
    SENML_JSON: b'[{"bn":"/1/0/","n":"1","v":300},{"n":"6","vb":true}]',
    SENML_CBOR: b"\x82\xa3\x21\x65/1/0/\x00\x611\x02\x19\x01\x2c\xa2\x00\x616\x04\xf5",
}


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-215", "LightweightM2M-1.0-int-220", "LightweightM2M-1.0-int-551",
    "LightweightM2M-1.1-int-215", "LightweightM2M-1.1-int-220", "LightweightM2M-1.1-int-226",
    "LightweightM2M-1.1-int-233", "LightweightM2M-1.1-int-234", role="server",
)  # fmt: skip
@pytest.mark.parametrize(
    ("case", "form"),
    [
        ("LightweightM2M-1.0-int-215", TLV),
        ("LightweightM2M-1.0-int-551", TLV),
        ("LightweightM2M-1.0-int-220", JSON),
        ("LightweightM2M-1.1-int-215", TLV),
        ("LightweightM2M-1.1-int-226", TLV),
        ("LightweightM2M-1.1-int-220", JSON),
        ("LightweightM2M-1.1-int-233", SENML_CBOR),
        ("LightweightM2M-1.1-int-234", SENML_JSON),
    ],
)
def test_an_instance_is_written_in_part_and_whole(case: str, form: int) -> None:
    """POST writes the named resources, PUT replaces the instance; what is read back is what was written."""
    device = registered(case)
    for verb, code in (("write-partly", POST), ("write", PUT)):
        request = does(device, verb, "/1/0", {"1": 300, "6": True}, content_format=form)
        assert (request.code, request.uint(12)) == (code, form)
        assert reads(device, "/1/0", form, request.payload) == {"1": 300, "6": True}
    if form == JSON:  # its members come in any order
        assert json.loads(request.payload) == json.loads(SERVER_IN[form])
    else:
        assert request.payload == SERVER_IN[form]


@pytest.mark.conformance("LightweightM2M-1.0-int-651", role="server")
def test_the_device_object_is_written_and_restored() -> None:
    device = registered(V1_0)
    for verb, code, zone in (("write-partly", POST, "Europe/Berlin"), ("write", PUT, "UTC")):
        request = does(device, verb, "/3/0", {"14": "+02:00", "15": zone}, content_format=TLV)
        assert request.code == code
        assert reads(device, "/3/0", TLV, request.payload) == {"14": "+02:00", "15": zone}


@pytest.mark.conformance("LightweightM2M-1.1-int-256", role="server")
def test_a_refused_write_is_told() -> None:
    device = registered(V1_1)
    does(device, "write", "/1/0/0", 123, code=NOT_ALLOWED)
    assert reads(device, "/1/0/0", TEXT, b"1") == 1


# --- execute, create, delete


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-241", "LightweightM2M-1.0-int-655", "LightweightM2M-1.1-int-241", role="server",
)  # fmt: skip
@pytest.mark.parametrize("version", [V1_0, V1_1])
def test_a_device_restarts_and_registers_again(version: str) -> None:
    device = registered(version)
    assert does(device, "execute", "/3/0/4").code == POST
    assert device.register().code == CREATED
    assert len(device.seen(ev.DeviceRegistered)) == 2


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-270", "LightweightM2M-1.0-int-290", "LightweightM2M-1.0-int-1630",
    "LightweightM2M-1.0-int-1635", "LightweightM2M-1.1-int-1630", "LightweightM2M-1.1-int-1635", role="server",
)  # fmt: skip
@pytest.mark.parametrize("version", [V1_0, V1_1])
def test_an_instance_is_created_and_deleted(version: str) -> None:
    device = registered(version)
    values = {"0": {"type": "string", "value": "host"}}
    request = does(device, "create", "/16", {"0": values}, code=CREATED)
    assert (request.code, b"host" in request.payload) == (POST, True)
    assert does(device, "delete", "/16/0", code=DELETED).code == DELETE


@pytest.mark.conformance("LightweightM2M-1.0-int-680", "LightweightM2M-1.0-int-685", role="server")
def test_the_device_object_is_neither_created_nor_deleted() -> None:
    device = registered(V1_0)
    assert does(device, "create", "/3", {"1": {"14": "+02:00"}}, code=NOT_ALLOWED).code == POST
    assert does(device, "delete", "/3/0", code=NOT_ALLOWED).code == DELETE


# --- discover and attributes


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-260", "LightweightM2M-1.1-int-260", "LightweightM2M-1.1-int-261", role="server",
)  # fmt: skip
@pytest.mark.parametrize(
    ("case", "where"),
    [
        ("LightweightM2M-1.0-int-260", "/3/0/7"),
        ("LightweightM2M-1.1-int-260", "/3/0/7"),
        ("LightweightM2M-1.1-int-261", "/3/0/11/0"),
    ],
)
def test_attributes_are_written_and_discovered(case: str, where: str) -> None:
    device = registered(case)
    above = where.rsplit("/", 1)[0]
    ticket, request = device.asked("discover", above)
    assert is_get(request, above, LINKS)
    device.answer(request, CONTENT, f"<{above}>,<{where}>;dim=2".encode(), LINKS)
    assert device.outcome(ticket).value == [{"path": above}, {"path": where, "dim": "2"}]
    written = does(device, "write-attributes", where, {"pmin": 10, "pmax": 200})
    assert (written.code, written.all(URI_QUERY), written.payload) == (PUT, [b"pmin=10", b"pmax=200"], b"")
    ticket, request = device.asked("discover", above)
    device.answer(request, CONTENT, f"<{above}>,<{where}>;pmin=10;pmax=200;dim=2".encode(), LINKS)
    assert device.outcome(ticket).value[1] == {"path": where, "pmin": "10", "pmax": "200", "dim": "2"}


# --- observe


def observing(device: RawDevice, where: str, body: bytes = b"3800", form: int = TEXT) -> Raw:
    ticket, request = device.asked("observe", where)
    assert (is_get(request, where), request.all(OBSERVE)) == (True, [b""])
    device.answer(request, CONTENT, body, form, ((OBSERVE, b"\x01"),))
    assert device.outcome(ticket).response_code == "2.05"
    return request


def notified(device: RawDevice, where: str) -> list[Any]:
    return [event.value for event in device.seen(ev.ResourceNotified) if event.path == where]


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-301", "LightweightM2M-1.0-int-660", "LightweightM2M-1.1-int-301", role="server",
)  # fmt: skip
@pytest.mark.parametrize("version", [V1_0, V1_1])
def test_a_resource_is_observed_with_pmin_and_pmax(version: str) -> None:
    device = registered(version)
    for where, span in (("/3/0/9", (5, 15)), ("/3/0/10", (10, 20))):
        does(device, "write-attributes", where, {"pmin": span[0], "pmax": span[1]})
        observed = observing(device, where)
        for order, body in ((2, b"3700"), (3, b"3600")):
            (acknowledged,) = device.notify(observed, order, body)
            assert acknowledged.code == 0
        assert notified(device, where) == [3800, 3700, 3600]


@pytest.mark.conformance("LightweightM2M-1.0-int-303", "LightweightM2M-1.1-int-303", role="server")
@pytest.mark.parametrize("version", [V1_0, V1_1])
def test_an_observation_is_cancelled_by_a_request(version: str) -> None:
    device = registered(version)
    observed = observing(device, "/3/0/9")
    ticket, request = device.asked("cancel", "/3/0/9")
    assert (request.code, request.token, request.all(OBSERVE)) == (GET, observed.token, [b"\x01"])
    device.answer(request, CONTENT, b"3800", TEXT)
    assert device.outcome(ticket).response_code == "2.05"
    device.notify(observed, 9, b"1")
    assert notified(device, "/3/0/9")[-1] == 3800


@pytest.mark.conformance("LightweightM2M-1.0-int-302", "LightweightM2M-1.1-int-302", role="server")
@pytest.mark.parametrize("version", [V1_0, V1_1])
def test_what_is_not_observed_any_more_is_reset(version: str) -> None:
    """A client that goes on all the same: it does not know the request that cancels, and is told by Reset."""
    device = registered(version)
    observed, other = observing(device, "/3/0/9"), observing(device, "/3/0/10")
    does(device, "cancel", "/3/0/9", code=NOT_ALLOWED)
    (answer,) = device.notify(observed, 2, b"1")
    assert answer.type == RST
    (answer,) = device.notify(other, 2, b"2")
    assert answer.type != RST
    assert notified(device, "/3/0/10")[-1] == 2


@pytest.mark.conformance("LightweightM2M-1.1-int-307", role="server")
def test_send_is_muted_and_let_go_again() -> None:
    device = registered(V1_1)
    for muted, body in ((True, b"1"), (False, b"0")):
        request = does(device, "write", "/1/0/23", muted, content_format=TEXT)
        assert (request.code, request.payload) == (PUT, body)


@pytest.mark.conformance("LightweightM2M-1.1-int-308", "LightweightM2M-1.1-int-309", role="server")
@pytest.mark.parametrize(
    ("case", "before", "after"),
    [("LightweightM2M-1.1-int-308", "0", "01"), ("LightweightM2M-1.1-int-309", "01", "0")],
)
def test_a_composite_observation_tells_of_instances_that_come_and_go(case: str, before: str, after: str) -> None:
    device = registered(case)

    def body(instances: str) -> bytes:
        entries = ",".join(f'{{"n":"/16/{instance}/0/0","vs":"host {instance}"}}' for instance in instances)
        return f"[{entries}]".encode()

    ticket, request = device.asked("observe-composite", "/16/0,/16/1", content_format=SENML_JSON)
    assert (request.code, request.all(OBSERVE)) == (5, [b""])  # FETCH
    assert json.loads(request.payload) == [{"n": "/16/0"}, {"n": "/16/1"}]
    device.answer(request, CONTENT, body(before), SENML_JSON, ((OBSERVE, b"\x01"),))
    assert set(device.outcome(ticket).value) == {f"/16/{instance}" for instance in before}
    known = len(device.seen(ev.ResourceNotified))
    device.notify(request, 2, body(after), SENML_JSON)
    told = {event.path: event.value for event in device.seen(ev.ResourceNotified)[known:]}
    assert told == {f"/16/{instance}": {"0": {"0": f"host {instance}"}} for instance in after}


# --- other objects of a device


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-701", "LightweightM2M-1.0-int-801", "LightweightM2M-1.0-int-901",
    "LightweightM2M-1.0-int-1200", "LightweightM2M-1.0-int-1201", role="server",
)  # fmt: skip
@pytest.mark.parametrize(
    ("case", "object", "values"),
    [
        ("LightweightM2M-1.0-int-701", 4, {"0": 0, "2": -92, "8": 1}),
        ("LightweightM2M-1.0-int-801", 6, {"0": 43.5, "1": -5.25}),
        ("LightweightM2M-1.0-int-901", 7, {"2": 12, "3": 34}),
        ("LightweightM2M-1.0-int-1200", 10, {"1": 60, "6": 10}),
        ("LightweightM2M-1.0-int-1201", 10, {"4": 20, "5": 10}),
    ],
)
def test_further_objects_are_read(case: str, object: int, values: dict[str, Any]) -> None:
    entries = ",".join(f'{{"n":"{id}","v":{value}}}' for id, value in values.items())
    body = f'{{"bn":"/{object}/0/","e":[{entries}]}}'.encode()
    assert reads(registered(case), f"/{object}/0", JSON, body) == values


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-905", "LightweightM2M-1.0-int-1210", "LightweightM2M-1.0-int-1250", role="server",
)  # fmt: skip
@pytest.mark.parametrize(
    ("case", "where", "value", "body"),
    [
        ("LightweightM2M-1.0-int-905", "/7/0/8", 60, b"60"),
        ("LightweightM2M-1.0-int-1210", "/10/0/4", 20, b"20"),
        ("LightweightM2M-1.0-int-1250", "/11/0/0", "home", b"home"),
    ],
)
def test_further_objects_are_written(case: str, where: str, value: Any, body: bytes) -> None:
    device = registered(case)
    request = does(device, "write", where, value, content_format=TEXT)
    assert (request.code, request.payload) == (PUT, body)
    assert reads(device, where, TEXT, body) in (value, str(value))


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-710", "LightweightM2M-1.0-int-810", "LightweightM2M-1.0-int-910",
    "LightweightM2M-1.0-int-1230", "LightweightM2M-1.0-int-760", role="server",
)  # fmt: skip
@pytest.mark.parametrize(
    ("case", "where", "resource"),
    [
        ("LightweightM2M-1.0-int-710", "/4/0", 2),
        ("LightweightM2M-1.0-int-760", "/5/0", 3),
        ("LightweightM2M-1.0-int-810", "/6/0", 2),
        ("LightweightM2M-1.0-int-910", "/7/0", 3),
        ("LightweightM2M-1.0-int-1230", "/10/0", 4),
    ],
)
def test_further_objects_are_observed(case: str, where: str, resource: int) -> None:
    device = registered(case)
    does(device, "write-attributes", where, {"pmin": 2, "pmax": 10})

    def body(value: int) -> bytes:
        return b'{"bn":"%s/","e":[{"n":"%d","v":%d}]}' % (where.encode(), resource, value)

    observed = observing(device, where, body(1), JSON)
    device.notify(observed, 2, body(2), JSON)
    assert notified(device, where) == [{str(resource): 1}, {str(resource): 2}]


# --- firmware


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-751", "LightweightM2M-1.0-int-755", "LightweightM2M-1.0-int-756", role="server",
)  # fmt: skip
def test_the_firmware_object_is_read_and_written() -> None:
    device = registered(V1_0)
    assert reads(device, "/5/0", TLV, b"\xc1\x03\x00\xc1\x05\x00\xc1\x09\x02") == {"3": 0, "5": 0, "9": 2}
    request = does(device, "write", "/5/0/0", "0x4d5a90", content_format=OPAQUE)
    assert (request.code, request.uint(12), request.payload) == (PUT, OPAQUE, b"\x4d\x5a\x90")
    uri = "coap://example.org/firmware"
    assert does(device, "write", "/5/0/1", uri).payload == uri.encode()
    assert does(device, "execute", "/5/0/2").code == POST


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-772", "LightweightM2M-1.0-int-773", "LightweightM2M-1.0-int-774",
    "LightweightM2M-1.0-int-775", "LightweightM2M-1.0-int-776", "LightweightM2M-1.0-int-777",
    "LightweightM2M-1.0-int-778", "LightweightM2M-1.0-int-779", "LightweightM2M-1.0-int-780", role="server",
)  # fmt: skip
@pytest.mark.parametrize(
    ("case", "result"),
    [
        ("LightweightM2M-1.0-int-773", 2), ("LightweightM2M-1.0-int-774", 3), ("LightweightM2M-1.0-int-775", 4),
        ("LightweightM2M-1.0-int-776", 5), ("LightweightM2M-1.0-int-777", 6), ("LightweightM2M-1.0-int-778", 7),
        ("LightweightM2M-1.0-int-779", 8), ("LightweightM2M-1.0-int-780", 9), ("LightweightM2M-1.0-int-772", 0),
    ],
)  # fmt: skip
def test_a_failed_update_has_its_result(case: str, result: int) -> None:
    """State 1, then 0 again; what is refused (execute in state 0) is told with its code."""
    device = registered(case)
    if result == 0:
        does(device, "execute", "/5/0/2", code=NOT_ALLOWED)
        assert reads(device, "/5/0/3", TEXT, b"0") == 0
        return
    observed = observing(device, "/5/0/3", b"0")
    does(device, "write", "/5/0/1", "coap://example.org/firmware")
    for order, state in ((2, b"1"), (3, b"0")):
        device.notify(observed, order, state)
    assert notified(device, "/5/0/3") == [0, 1, 0]
    assert reads(device, "/5/0/5", TEXT, str(result).encode()) == result


# --- bootstrap


def bootstrapping(version: str = "1.1", **settings: Any) -> tuple[RawDevice, Raw]:
    """The first request of the bootstrap server."""
    device = RawDevice(version, **settings)
    answer, first = device.post("bs", "ep=867724030000225")
    assert answer.code == CHANGED
    return device, first


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-0", "LightweightM2M-1.1-int-0", "LightweightM2M-1.1-int-4", "LightweightM2M-1.1-int-6",
    role="server",
)  # fmt: skip
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_client_that_asks_is_bootstrapped_in_order(version: str) -> None:
    """Delete what there was, write the accounts, finish; one after the other."""
    device, delete = bootstrapping(version)
    assert (delete.code, where_of(delete)) == (DELETE, "/")
    (security,) = device.answer(delete, DELETED)
    (server,) = device.answer(security, CHANGED)
    (finish,) = device.answer(server, CHANGED)
    assert [(one.code, where_of(one)) for one in (security, server, finish)] == [
        (PUT, "/0/1"), (PUT, "/1/0"), (POST, "/bs"),
    ]  # fmt: skip
    assert b"coap://" in security.payload
    assert device.answer(finish, CHANGED) == []
    assert len(device.seen(ev.DeviceBootstrapped)) == 1
    assert device.register().code == CREATED


@pytest.mark.conformance("LightweightM2M-1.1-int-8", role="server")
def test_what_a_client_has_is_read_before_it_is_written() -> None:
    device, read = bootstrapping(reads_first=(1, 2), deletes_first=False)
    assert is_get(read, "/1") or is_get(read, "/1", read.uint(17))
    (second,) = device.answer(read, CONTENT, b"\x08\x00\x06\xc1\x00\x65\xc1\x01\x3c", TLV)
    assert (second.code, where_of(second)) == (GET, "/2")
    (security,) = device.answer(second, NOT_FOUND)
    assert (security.code, where_of(security)) == (PUT, "/0/1")
    (server,) = device.answer(security, CHANGED)
    (finish,) = device.answer(server, CHANGED)
    device.answer(finish, CHANGED)
    (told,) = device.seen(ev.DeviceBootstrapped)
    assert told.read["/1"] == {"0": {"0": 101, "1": 60}}


@pytest.mark.conformance("LightweightM2M-1.1-int-5", role="server")
def test_the_platform_triggers_a_bootstrap() -> None:
    """1.1 has a resource for it: Bootstrap-Request Trigger."""
    device = registered(V1_1)
    assert does(device, "execute", "/1/0/9").code == POST
    answer, first = device.post("bs", "ep=867724030000225")
    assert (answer.code, first.code) == (CHANGED, DELETE)


@pytest.mark.conformance("LightweightM2M-1.1-int-9", role="server")
def test_a_client_that_finds_its_accounts_wanting_is_a_failed_bootstrap() -> None:
    device, delete = bootstrapping()
    (security,) = device.answer(delete, DELETED)
    (server,) = device.answer(security, CHANGED)
    (finish,) = device.answer(server, CHANGED)
    device.answer(finish, 134)
    (failed,) = device.seen(ev.BootstrapFailed)
    assert failed.response_code == "4.06"


@pytest.mark.conformance("LightweightM2M-1.1-int-7", role="server")
def test_a_client_without_a_server_that_takes_it_bootstraps_again() -> None:
    device = RawDevice("1.1", unknown_devices=True)
    assert device.post("rd", "lwm2m=9.9", "ep=867724030000225", body=b"</1/0>", form=40)[0].code >> 5 == 4
    answer, first = device.post("bs", "ep=867724030000225")
    assert (answer.code, first.code) == (CHANGED, DELETE)
