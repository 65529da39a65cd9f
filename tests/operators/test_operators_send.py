"""Send of LwM2M 1.1 at the Andlink platform, beside the module's own way to `/dp` (D155, D156), told in raw CoAP."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from andlink_raw_bench import IMEI, PEER, Client, codes

from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code, ContentFormat
from nbtwin.lwm2m.content import composite
from nbtwin.lwm2m.content.refusals import ContentRefusal
from nbtwin.lwm2m.path import Path, PathRefusal
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.send import READINGS_AT_MOST
from nbtwin.operators.inventory.andlink import RESOURCES_KEPT
from nbtwin.operators.inventory.devices import Device, HistoryEntry
from nbtwin.operators.inventory.fold import fold
from nbtwin.operators.refusals import PlatformRefusal, SendRefusal
from nbtwin.timeline.catalogue import words

JSON, CBOR, LWM2M = ContentFormat.SENML_JSON, ContentFormat.SENML_CBOR, ContentFormat.LWM2M_CBOR
LINKS = b'</>;rt="oma.lwm2m";ct="110 112",</1/0>,</3/0>,</19/0>,</3303/0>'
VALUES = {Path("/3303/0/5700"): 21.5, Path("/3/0/7/1"): 5000, Path("/19/0/0/0"): b"\x00data"}
TWO = "10.0.0.2", 5683


def registered(version: str = "1.1", **settings: Any) -> Client:
    client = Client(observe=(), read=(), **settings)
    client.register(f"lwm2m={version}", "b=U", "lt=300", links=LINKS)
    return client


def send(client: Client, payload: bytes, form: int | None = JSON, *query: str) -> list[Message]:
    return client.ask(Code.POST, "dp", *query, payload=payload, content_format=form)


def readings(client: Client) -> list[tuple[str, Any, float | None]]:
    return [(e.path, e.value, e.taken_at) for e in client.log if isinstance(e, ev.ResourceNotified) and e.is_sent]


def refused(client: Client) -> ev.DeviceRefused:
    (found,) = [event for event in client.log if isinstance(event, ev.DeviceRefused)]
    assert not [e for e in client.log if isinstance(e, ev.ResourceNotified | ev.DataReceived)], "all of it, or nothing"
    return found


def folded(client: Client) -> tuple[Device, list[HistoryEntry]]:
    device: Device | None = None
    lines = []
    for event in [event for event in client.log if isinstance(event, get_args(ev.DeviceEvent))]:
        device, line = fold(device, event, 1_700_000_000.0)
        lines += [line] if line is not None else []
    assert device is not None
    return device, lines


@pytest.mark.parametrize(("form", "version"), [(JSON, "1.1"), (CBOR, "1.1"), (CBOR, "1.2"), (LWM2M, "1.2")])
def test_what_is_sent_is_known_and_in_the_history(form: int, version: str) -> None:
    client = registered(version)
    assert codes(send(client, composite.encode_values(form, VALUES), form)) == [Code.CHANGED]
    assert readings(client) == [("/3303/0/5700", 21.5, None), ("/3/0/7/1", 5000, None)]
    (data,) = [event for event in client.log if isinstance(event, ev.DataReceived)]
    assert (data.path, data.way, data.payload, data.content_format) == ("/19/0/0/0", "send", b"\x00data", form)
    device, lines = folded(client)
    assert device.resources == {"/3303/0/5700": 21.5, "/3/0/7/1": 5000}
    assert [(line.code, line.fields["path"], line.fields["way"]) for line in lines[1:]] == [
        ("resource-notified", "/3303/0/5700", "send"), ("resource-notified", "/3/0/7/1", "send"),
        ("data-received", "/19/0/0/0", "send"),
    ]  # fmt: skip


def test_each_value_has_its_own_time_and_the_newest_is_what_is_known() -> None:
    """D156: RFC 8428 4.5.3: below 2^28 seconds a time is from now on, else since 1970."""
    client = registered()
    client.now = 100.0
    pack = b"""[{"bn":"/3303/0/","bt":-10,"n":"5700","v":3},{"n":"5700","v":2,"t":-20},{"n":"5701","vs":"Cel"},
        {"bn":"/3303/0/5700","bt":1699999000,"v":1},{"v":1,"t":10}]"""
    assert codes(send(client, pack)) == [Code.CHANGED]
    assert [(value, time) for _, value, time in readings(client)] == [
        (1.0, 1699999000), (1.0, 1699999010), (2.0, -30), (3.0, -10), ("Cel", -10),
    ]  # fmt: skip
    device, lines = folded(client)
    assert device.resources == {"/3303/0/5700": 3.0, "/3303/0/5701": "Cel"}
    assert [line.fields["taken_at"] for line in lines[1:]] == [  # the same value twice is two measurements
        1699999000, 1699999010, 1700000070, 1700000090, 1700000090,
    ]  # fmt: skip


SAID = {
    "en": "what was sent cannot be read: SenML: v 'warm' for /3303/0/5700, which is Float",
    "zh": "发送的内容无法解读：SenML：/3303/0/5700 收到 v 'warm'，其数据类型为 Float",
}


@pytest.mark.parametrize("language", SAID)
def test_why_a_send_is_refused_is_said_in_the_language_of_the_reader(language: str) -> None:
    client = registered()
    send(client, b'[{"n":"/3303/0/5700","v":"warm"}]')
    found = refused(client)
    assert words(found.refusal, language, why=found.why) == SAID[language]


@pytest.mark.parametrize(
    ("form", "payload", "code", "refusal", "why"),
    [
        (JSON, b"[{", Code.BAD_REQUEST, SendRefusal.UNREADABLE, ContentRefusal.UNDECODABLE),
        (CBOR, b"\x81", Code.BAD_REQUEST, SendRefusal.UNREADABLE, ContentRefusal.UNDECODABLE),
        (CBOR, b"\x9f" * 1000, Code.BAD_REQUEST, SendRefusal.UNREADABLE, ContentRefusal.UNDECODABLE),
        (LWM2M, b"\x80", Code.BAD_REQUEST, SendRefusal.UNREADABLE, ContentRefusal.NO_MAP),
        (JSON, b'[{"n":"/3/0/9"}]', Code.BAD_REQUEST, SendRefusal.UNREADABLE, ContentRefusal.VALUE_COUNT),
        (JSON, b'[{"n":"/3/0/9","v":1,"t":"now"}]', Code.BAD_REQUEST, SendRefusal.UNREADABLE, ContentRefusal.TIME),
        (JSON, b'[{"bv":1,"n":"/3/0/9","v":1}]', Code.BAD_REQUEST, SendRefusal.UNREADABLE,
         ContentRefusal.LABEL_UNKNOWN),
        (JSON, b'[{"n":"/3/0","v":1}]', Code.BAD_REQUEST, SendRefusal.UNREADABLE, ContentRefusal.OUTSIDE),
        (JSON, b'[{"n":"urn:dev:1","v":1}]', Code.BAD_REQUEST, SendRefusal.UNREADABLE, PathRefusal.IDENTIFIER),
        (JSON, b"[]", Code.BAD_REQUEST, SendRefusal.EMPTY, None),
        (LWM2M, b"\xa0", Code.BAD_REQUEST, SendRefusal.EMPTY, None),
        (JSON, b'[{"n":"/3/0/9","v":1},{"n":"/5/0/3","v":1}]', Code.NOT_FOUND, SendRefusal.OBJECT, None),
        (JSON, b'[{"n":"/3/0/9","v":1}' + b',{"n":"/3/0/9","v":1}' * READINGS_AT_MOST + b"]",
         Code.REQUEST_ENTITY_TOO_LARGE, SendRefusal.TOO_MANY, None),
        (LWM2M, b"\xa1\x83\x03\x00\x09\x01", Code.UNSUPPORTED_CONTENT_FORMAT, SendRefusal.FORMAT, None),  # of 1.2
        (11542, b"\xc1\x09\x01", Code.UNSUPPORTED_CONTENT_FORMAT, SendRefusal.FORMAT, None),
        (None, b"data", Code.UNSUPPORTED_CONTENT_FORMAT, SendRefusal.FORMAT, None),
    ],
)  # fmt: skip
def test_what_is_no_send_is_refused_whole(
    form: int | None, payload: bytes, code: Code, refusal: SendRefusal, why: Any
) -> None:
    client = registered("1.1" if code == Code.UNSUPPORTED_CONTENT_FORMAT else "1.2")
    if len(payload) > 1024:
        for at in range(0, len(payload), 1024):
            block = (at // 1024 << 4 | (at + 1024 < len(payload)) << 3 | 6).to_bytes(3, "big")
            answered = client.ask(Code.POST, "dp", payload=payload[at : at + 1024], content_format=form,
                                  more=[(27, block)])  # fmt: skip
    else:
        answered = send(client, payload, form)
    assert codes(answered) == [code]
    found = refused(client)
    assert (found.device, found.response_code, found.refusal) == (f"andlink:{IMEI}", code.dotted, refusal)
    assert (found.why or {}).get("code") == why


def test_only_whoever_is_registered_sends() -> None:
    client = registered()
    client.peer = TWO
    assert codes(send(client, b'[{"n":"/3/0/9","v":1}]')) == [Code.NOT_FOUND]
    assert refused(client).refusal is PlatformRefusal.SENDER_UNREGISTERED
    client.log.clear()
    assert codes(send(client, b'[{"n":"/3/0/9","v":1}]', JSON, f"ep={IMEI}")) == [Code.FORBIDDEN]  # D125
    assert refused(client).refusal is PlatformRefusal.NAME_OF_ANOTHER
    client.peer = PEER
    client.log.clear()
    assert codes(client.ask(Code.PUT, "dp", payload=b"[]", content_format=JSON)) == [Code.METHOD_NOT_ALLOWED]


def test_a_sender_is_who_registered_last_at_its_address() -> None:
    client = registered()
    client.register("lwm2m=1.1", "b=U", "lt=300", ep="another", links=LINKS)
    send(client, b'[{"n":"/3/0/9","v":1}]')
    (found,) = [event for event in client.log if isinstance(event, ev.ResourceNotified)]
    assert found.device == "andlink:another"
    client.platform.devices.forget(client.now, "another")
    client.log.clear()
    assert codes(send(client, b'[{"n":"/3/0/9","v":1}]')) == [Code.NOT_FOUND]


def test_a_send_after_an_update_comes_from_the_new_address() -> None:
    client = registered()
    (location,) = [e.registration.location for e in client.log if isinstance(e, ev.DeviceRegistered) and e.registration]
    client.peer = TWO
    assert codes(client.ask(Code.POST, f"rd/{location}")) == [Code.CHANGED]
    assert codes(send(client, b'[{"n":"/3/0/9","v":1}]')) == [Code.CHANGED]
    client.peer = PEER
    assert codes(send(client, b'[{"n":"/3/0/9","v":1}]')) == [Code.NOT_FOUND]


@pytest.mark.parametrize("form", [None, 11543, JSON, CBOR])
def test_a_module_of_lwm2m_1_0_sends_in_its_own_way_whatever_the_format(form: int | None) -> None:
    """D131, D155: it has no Send, so what it says is bytes."""
    client = registered("1.0")
    payload = b'[{"n":"/3/0/9","v":1}]'
    assert codes(send(client, payload, form, f"ep={IMEI}")) == [Code.CHANGED]
    (data,) = [event for event in client.log if isinstance(event, ev.DataReceived)]
    assert (data.path, data.way, data.payload, data.content_format) == ("/dp", "post", payload, form)
    assert readings(client) == []


def test_a_device_of_lwm2m_1_1_may_send_in_the_module_s_way_too() -> None:
    """D155: its name and a format without paths; with a format that has paths it is Send."""
    client = registered()
    assert codes(send(client, b"data", 11543, f"ep={IMEI}")) == [Code.CHANGED]
    (data,) = [event for event in client.log if isinstance(event, ev.DataReceived)]
    assert (data.path, data.way) == ("/dp", "post")
    assert codes(send(client, b'[{"n":"/3/0/9","v":1}]', JSON, f"ep={IMEI}")) == [Code.CHANGED]
    assert readings(client) == [("/3/0/9", 1, None)]


def test_a_device_cannot_fill_the_inventory_with_paths() -> None:
    client = registered("1.2")
    for start in range(0, RESOURCES_KEPT + 500, 500):
        pack = composite.encode_values(LWM2M, {Path(f"/3303/0/{start + n}"): "x" for n in range(500)})
        for at in range(0, len(pack), 1024):
            block = (at // 1024 << 4 | (at + 1024 < len(pack)) << 3 | 6).to_bytes(3, "big")
            client.ask(Code.POST, "dp", payload=pack[at : at + 1024], content_format=LWM2M, more=[(27, block)])
    device, _ = folded(client)
    assert len(readings(client)) == RESOURCES_KEPT + 500
    assert len(device.resources) == RESOURCES_KEPT


def test_a_sleeping_device_that_sends_is_awake() -> None:
    client = Client(observe=(), read=())
    client.register("lwm2m=1.1", "b=U", "Q", "lt=86400", links=LINKS)
    client.now = 1000.0
    _, sent = client.do(client.platform.devices.ask, IMEI, "read", "/3/0/9")
    assert sent == []
    answered = send(client, b'[{"n":"/3/0/9","v":1}]')
    assert sorted(codes(answered)) == [Code.GET, Code.CHANGED]
