"""Composite operations at the Andlink platform, told in raw CoAP: what is sent, what is read in answers (D154)."""

from __future__ import annotations

import json
import pathlib
import random
from typing import Any

import cbor2
import pytest
from andlink_raw_bench import IMEI, Client, codes
from test_operators_queue import Sleeper

from nbtwin.coap.blockwise import Block
from nbtwin.coap.message import Message, options
from nbtwin.coap.numbers import Code, ContentFormat, Type
from nbtwin.lwm2m.content import composite
from nbtwin.lwm2m.path import Path, Paths
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.inventory.fold import fold
from nbtwin.operators.refusals import PlatformError, PlatformRefusal, WriteRefusal
from nbtwin.operators.store.store import Store

JSON, CBOR, LWM2M = ContentFormat.SENML_JSON, ContentFormat.SENML_CBOR, ContentFormat.LWM2M_CBOR
LINKS = b'</>;rt="oma.lwm2m";ct="110 112",</1/0>,</3/0>,</5/0>,</19/1>,</3303/0>'
ASKED = "/3/0,/1/0/1,/3303/0/5700"
VALUES = {Path("/3/0/0"): "Leshan", Path("/3/0/7/1"): 5000, Path("/1/0/1"): 300}
PLAIN = {"/3/0": {"0": "Leshan", "7": {"1": 5000}}, "/1/0/1": 300}
"""Nothing of /3303/0/5700, which the device does not have."""
SEVEN = {"type": "integer", "value": 7}


def registered(links: bytes = LINKS, **settings: Any) -> Client:
    client = Client(observe=(), read=(), **settings)
    client.register("lwm2m=1.1", "b=U", "lt=300", links=links)
    return client


def notification(asked: Message, number: int, payload: bytes, form: int = CBOR, mid: int = 77) -> Message:
    found = options(observe=number, content_format=form)
    return Message(Type.CON, Code.CONTENT, mid + number, asked.token, found, payload)


def told(client: Client) -> list[tuple[str, Any]]:
    return [(event.path, event.value) for event in client.log if isinstance(event, ev.ResourceNotified)]


@pytest.mark.parametrize("form", [None, JSON, CBOR, LWM2M])
def test_one_request_reads_paths_of_several_objects(form: int | None) -> None:
    """FETCH (RFC 8132) of no path, with the paths in its payload; what the device does not have is left out."""
    client = registered()
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, "read-composite", ASKED, content_format=form)
    form = form or CBOR  # the better of the two that it registered
    assert (asked.code, asked.path, asked.content_format, asked.accept, asked.observe) == (
        Code.FETCH, (), form, form, None,
    )  # fmt: skip
    assert composite.paths_of(form, asked.payload) == [Path("/1/0/1"), Path("/3/0"), Path("/3303/0/5700")]
    client.answer(asked, payload=composite.encode_values(form, VALUES), content_format=form)
    found = client.outcome(ticket)
    assert (found.response_code, found.value, found.path) == ("2.05", PLAIN, "/1/0/1,/3/0,/3303/0/5700")


def test_the_root_is_everything() -> None:
    client = registered()
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, "read-composite", "/,", content_format=JSON)
    assert asked.payload == b'[{"n":"/"}]'
    client.answer(asked, payload=composite.encode_values(JSON, VALUES), content_format=JSON)
    everything = {"1": {"0": {"1": 300}}, "3": {"0": PLAIN["/3/0"]}}
    assert client.outcome(ticket).value == {"/": everything}
    with pytest.raises(PlatformError) as refused:  # LwM2M CBOR has no name for it
        client.platform.devices.ask(client.now, IMEI, "read-composite", "/,", content_format=LWM2M)
    assert refused.value.code is PlatformRefusal.VALUE_UNSUITABLE


@pytest.mark.parametrize("form", [JSON, CBOR, LWM2M])
def test_one_request_writes_to_several_objects(form: int) -> None:
    client = registered()
    values = {
        "/1/0/1": 600,
        "/3303/0": {"5900": 21.5},
        "/19/1/0/2": "0x00ff",
        "/33000/0/1": SEVEN,
        "/33000/0/6": {"0": SEVEN, "2": SEVEN},
    }
    ticket, (asked,) = client.do(
        client.platform.devices.ask, IMEI, "write-composite", "", values, content_format=form
    )  # fmt: skip
    assert (asked.code, asked.path, asked.content_format) == (Code.IPATCH, (), form)
    assert {reading.path: reading.value for reading in composite.readings_of(form, asked.payload)} == {
        Path("/1/0/1"): 600, Path("/3303/0/5900"): 21.5, Path("/19/1/0/2"): b"\x00\xff", Path("/33000/0/1"): 7,
        Path("/33000/0/6/0"): 7, Path("/33000/0/6/2"): 7,
    }  # fmt: skip
    client.answer(asked, Code.CHANGED)
    assert client.outcome(ticket).response_code == "2.04"


@pytest.mark.parametrize(
    ("verb", "path", "value", "refusal"),
    [
        ("read-composite", "", None, PlatformRefusal.PATHS_COUNT),
        ("read-composite", ",".join(f"/3/0/{n}" for n in range(101)), None, PlatformRefusal.PATHS_COUNT),
        ("read-composite", "/3/0,/x", None, PlatformRefusal.PATH_MALFORMED),
        ("read-composite", "/3/0/1/2/3,/1", None, PlatformRefusal.PATH_MALFORMED),
        ("write-composite", "", {}, PlatformRefusal.PATHS_COUNT),
        ("write-composite", "", None, PlatformRefusal.PATHS_COUNT),
        ("write-composite", "", {"/": 1}, PlatformRefusal.PATH_DEPTH),
        ("write-composite", "", {"/33000/0/1": 1}, PlatformRefusal.TYPE_UNKNOWN),
        ("write-composite", "", {"/1/0/1": 60, "/3311/0/5851": 101}, WriteRefusal.OUT_OF_RANGE),
        ("cancel-composite", ASKED, None, PlatformRefusal.PATH_NOT_OBSERVED),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_sent(
    verb: str, path: str, value: Any, refusal: PlatformRefusal | WriteRefusal
) -> None:
    client = registered()
    with pytest.raises(PlatformError) as refused:
        client.platform.devices.ask(client.now, IMEI, verb, path, value)
    assert refused.value.code is refusal
    assert client.drain() == []


@pytest.mark.parametrize("code", [Code.BAD_REQUEST, Code.UNAUTHORIZED, Code.METHOD_NOT_ALLOWED, Code.NOT_ACCEPTABLE,
                                  Code.UNSUPPORTED_CONTENT_FORMAT])  # fmt: skip
@pytest.mark.parametrize("verb", ["read-composite", "observe-composite", "write-composite"])
def test_a_device_that_refuses_is_told_with_its_code(verb: str, code: Code) -> None:
    client = registered()
    path, value = ("", {"/1/0/1": 60}) if verb == "write-composite" else (ASKED, None)
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, verb, path, value)
    client.answer(asked, code, payload=b"no")
    found = client.outcome(ticket)
    assert (found.response_code, found.refusal, found.diagnostic) == (
        code.dotted, PlatformRefusal.OPERATION_REFUSED, "no",
    )  # fmt: skip
    assert client.platform.devices.observed(IMEI) == []


@pytest.mark.parametrize(
    ("form", "payload"),
    [
        (CBOR, b"\x81"),
        (JSON, b"[{}"),
        (JSON, b'[{"n":"/5/0/3","v":1}]'),  # nobody asked for that
        (JSON, b'[{"n":"/3/0/9","vs":"many"}]'),
        (JSON, b'[{"n":"/3/0/9"}]'),
        (JSON, b'[{"n":"/3/0/x","v":1}]'),
        (LWM2M, b"\xa1\x03\x01"),
        (11542, b""), (None, b"x"), (0, b"x"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_has_no_value(form: int | None, payload: bytes) -> None:
    """D131."""
    client = registered()
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, "read-composite", ASKED)
    client.answer(asked, payload=payload or b"?", content_format=form)
    found = client.outcome(ticket)
    assert (found.refusal, found.value) == (PlatformRefusal.VALUE_UNREADABLE, None)


def test_an_empty_answer_has_no_values() -> None:
    client = registered()
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, "read-composite", ASKED)
    client.answer(asked, payload=b"[]", content_format=JSON)
    assert (client.outcome(ticket).refusal, client.outcome(ticket).value) == (None, {})


def observing(client: Client, paths: str = "/3/0,/19/1/0", form: int | None = None) -> Message:
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, "observe-composite", paths, content_format=form)
    form = asked.content_format
    assert form is not None
    client.answer(asked, payload=composite.encode_values(form, {Path("/3/0/9"): 90}), content_format=form, observe=1)
    assert client.outcome(ticket).value == {"/3/0": {"9": 90}}
    return asked


def test_a_composite_observation_tells_the_value_of_each_path() -> None:
    client = registered()
    asked = observing(client)
    assert (asked.code, asked.path, asked.observe) == (Code.FETCH, (), 0)
    assert client.platform.devices.observed(IMEI) == ["/3/0,/19/1/0"]
    client.log.clear()
    changed = {Path("/3/0/9"): 80, Path("/19/1/0/0"): b"data"}
    assert codes(client.give(notification(asked, 2, composite.encode_values(CBOR, changed)))) == [0]
    assert told(client) == [("/3/0", {"9": 80})]
    (data,) = [event for event in client.log if isinstance(event, ev.DataReceived)]
    assert (data.path, data.way, data.payload) == ("/19/1/0", "notification", b"data")


def test_a_notification_may_carry_older_values_with_their_times() -> None:
    client = registered()
    asked = observing(client, form=JSON)
    client.log.clear()
    payload = b'[{"bn":"/3/0/","bt":1700000000,"n":"9","v":70},{"n":"9","v":60,"t":-60},{"n":"9","v":50,"t":60}]'
    client.give(notification(asked, 2, payload, JSON))
    assert [(e.value, e.taken_at) for e in client.log if isinstance(e, ev.ResourceNotified)] == [
        ({"9": 60}, 1699999940), ({"9": 70}, 1700000000), ({"9": 50}, 1700000060),
    ]  # fmt: skip


@pytest.mark.parametrize("form", [JSON, CBOR])
def test_a_notification_of_one_path_may_carry_older_values_too(form: int) -> None:
    """D156."""
    client = registered()
    _, (asked,) = client.do(client.platform.devices.ask, IMEI, "observe", "/3303/0/5700", content_format=form)
    now = composite.encode_values(form, {Path("/3303/0/5700"): 20.0})
    client.answer(asked, payload=now, content_format=form, observe=1)
    client.log.clear()
    pack = [{"bn": "/3303/0/5700", "v": 22, "t": -10}, {"v": 21, "t": -20}]
    labels = {"bn": -2, "v": 2, "t": 6}
    written = [{labels[name]: value for name, value in record.items()} for record in pack]
    client.give(notification(asked, 2, json.dumps(pack).encode() if form == JSON else cbor2.dumps(written), form))
    assert [(e.path, e.value, e.taken_at) for e in client.log if isinstance(e, ev.ResourceNotified)] == [
        ("/3303/0/5700", 21.0, -20), ("/3303/0/5700", 22.0, -10),
    ]  # fmt: skip


def test_a_composite_observation_is_cancelled_under_its_token_with_the_same_payload() -> None:
    client = registered()
    asked = observing(client, form=JSON)
    ticket, (cancel,) = client.do(client.platform.devices.ask, IMEI, "cancel-composite", "/19/1/0,/3/0")
    assert (cancel.code, cancel.token, cancel.observe) == (Code.FETCH, asked.token, 1)
    assert (cancel.payload, cancel.content_format) == (asked.payload, JSON)
    client.answer(cancel, payload=b"[]", content_format=JSON)
    assert client.outcome(ticket).response_code == "2.05"
    assert client.platform.devices.observed(IMEI) == []
    (ended,) = [event for event in client.log if isinstance(event, ev.ObservationEnded)]
    assert (ended.path, ended.cause) == ("/3/0,/19/1/0", PlatformRefusal.OBSERVATION_CANCELLED)
    assert client.give(notification(asked, 9, b"[]", JSON))[0].type is Type.RST


def test_one_path_is_observed_by_itself_and_as_a_composite_of_one() -> None:
    client = registered()
    _, (single,) = client.do(client.platform.devices.ask, IMEI, "observe", "/3/0")
    client.answer(single, payload=b"", observe=1, content_format=11542)
    one = observing(client, "/3/0,")
    assert client.platform.devices.observed(IMEI) == ["/3/0", "/3/0,"]
    client.log.clear()
    client.give(notification(one, 2, composite.encode_values(CBOR, {Path("/3/0/9"): 5})))
    assert told(client) == [("/3/0", {"9": 5})]


@pytest.mark.parametrize("form", [JSON, CBOR, LWM2M])
def test_a_composite_observation_outlives_the_platform(form: int) -> None:
    """A long notification of it is fetched with the payload and the format that it began with."""
    client = registered()
    asked = observing(client, form=form)
    device: Device | None = None
    for event in client.log:
        if not isinstance(event, ev.OperationAsked):
            device, _ = fold(device, event)
    assert device is not None
    assert list(device.observations) == ["/3/0,/19/1/0"]
    client.platform = AndlinkPlatform(random.Random(2), client.keys)
    assert client.platform.restore([device]) == 1
    assert client.platform.devices.observed(IMEI) == ["/3/0,/19/1/0"]
    client.log.clear()
    whole = composite.encode_values(form, {Path("/3/0/0"): "x" * 1500})
    first = options(observe=5, content_format=form, more=[(23, Block(0, True, 6).encode())])
    _, more = client.give(Message(Type.CON, Code.CONTENT, 900, asked.token, first, whole[:1024]))
    assert (more.code, more.payload, more.content_format, more.accept) == (Code.FETCH, asked.payload, form, form)
    assert (more.observe, more.first(23)) == (None, b"\x16")
    client.answer(more, payload=whole[1024:], content_format=form, more=[(23, Block(1, False, 6).encode())])
    assert told(client) == [("/3/0", {"0": "x" * 1500})]


def test_what_is_long_is_asked_for_in_blocks_under_one_token() -> None:
    """RFC 7959 with FETCH and Observe: the token of the last block is that of the observation."""
    client = registered()
    paths = ",".join(f"/33000/{n}/{n % 7}" for n in range(100))
    ticket, (first,) = client.do(client.platform.devices.ask, IMEI, "observe-composite", paths, content_format=JSON)
    assert (first.first(27), first.observe, len(first.payload)) == (b"\x0e", 0, 1024)
    (last,) = client.answer(first, Code.CONTINUE, more=[(27, Block(0, True, 6).encode())])
    assert (last.first(27), last.observe, last.token) == (b"\x16", 0, first.token)
    assert composite.paths_of(JSON, first.payload + last.payload) == list(Paths(paths))
    client.answer(
        last,
        payload=b'[{"n":"/33000/0/0","v":1}]',
        content_format=JSON,
        observe=1,
        more=[(27, Block(1, False, 6).encode())],
    )
    assert client.outcome(ticket).value == {"/33000/0/0": 1}
    client.log.clear()
    client.give(notification(last, 2, b'[{"n":"/33000/0/0","v":2}]', JSON))
    assert told(client) == [("/33000/0/0", 2)]


def test_keys_are_masked_wherever_they_are_asked_for() -> None:
    client = registered()
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, "read-composite", "/,", content_format=JSON)
    client.answer(asked, payload=b'[{"n":"/0/1/5","vd":"c2VjcmV0"},{"n":"/3/0/0","vs":"x"}]', content_format=JSON)
    found = client.outcome(ticket)
    assert "secret" not in repr(found)
    assert "c2VjcmV0" not in repr(found)
    assert found.payload == b""


def test_composite_commands_for_a_sleeping_device_outlive_the_platform(tmp_path: pathlib.Path) -> None:
    """D154, D161: what waits is asked in its order, with the payload that it had."""
    with Store.open(str(tmp_path / "composite.db")) as store:
        device = Sleeper(store)
        created = device.register("lwm2m=1.1", "b=U", "Q", "lt=86400", links=LINKS)[0]
        device.location = "/".join(created.location)
        device.sleep()
        read = device.order("read-composite", ASKED)
        write = device.order("write-composite", "", {"/1/0/1": 600, "/3303/0/5900": 21.5})
        device.kill()
        (asked,) = device.wake_up()
        assert (asked.code, composite.paths_of(CBOR, asked.payload)) == (Code.FETCH, list(Paths(ASKED)))
        values = composite.encode_values(CBOR, VALUES)
        (written,) = device.answer(asked, payload=values, content_format=CBOR)
        assert device.outcome(read).value == PLAIN
        assert (written.code, written.content_format) == (Code.IPATCH, CBOR)
        device.answer(written, Code.CHANGED)
        assert device.outcome(write).response_code == "2.04"
