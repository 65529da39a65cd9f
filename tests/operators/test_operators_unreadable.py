"""A value that cannot be read is an outcome of its own: its reason told, its bytes kept, nothing learnt (D131)."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from test_operators_andlink_raw import IMEI, Client

from nbtwin.coap.message import Message, options
from nbtwin.coap.numbers import Code, ContentFormat, Type
from nbtwin.lwm2m.content.refusals import ContentRefusal
from nbtwin.lwm2m.content.values import parse_value
from nbtwin.lwm2m.model import ResourceType
from nbtwin.lwm2m.path import PathRefusal
from nbtwin.operators import events as ev
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.inventory.fold import fold
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.timeline.catalogue import words

TLV, TEXT, JSON, SENML, CBOR = 11542, 0, 11543, 110, 112
RUBBISH = [
    ("/3/0/9", TLV, bytes.fromhex("c309000064")),  # an integer of three bytes
    ("/3/0/9", TLV, bytes.fromhex("c40907")),  # cut off
    ("/3/0/9", TLV, bytes.fromhex("c10a07")),  # another resource
    ("/3/0/9", TLV, b""),
    ("/3/0/9", TEXT, b"many"),
    ("/3/0/9", TEXT, b"1_000"),
    ("/3/0/9", TEXT, "\u0663".encode()),
    ("/3/0/9", None, b"\xff"),
    ("/3/0/9", JSON, b'{"bn":"/3/0/9","e":[{"v":95}'),
    ("/3/0/9", JSON, b'{"bn":"/3/0/9","e":[{"sv":"many"}]}'),
    ("/3/0/9", JSON, b'{"bn":"/3/0/9","e":[{"v":1208925819614629174706176}]}'),
    ("/3/0/9", SENML, b'[{"bn":"/3/0/9","vs":"many"}]'),
    ("/3/0/9", CBOR, b"\x81\xa2"),
    ("/3/0/9", 9999, b"\xff\x00"),
    ("/3/0/0", TEXT, b"\xff"),
    ("/3/0", TLV, bytes.fromhex("c8000a4142")),
    ("/3", JSON, b"[]"),
    ("/3303/0/5700", TEXT, b"nan"),
    ("/3303/0/5700", TLV, bytes.fromhex("e3164441a800")),
    ("/19/0/0", TLV, bytes.fromhex("c40007")),
]


SAID = {
    "en": (
        "the value cannot be read: Integer of 3 bytes",
        "the value cannot be read: resource 10 where /3/0/9 was meant",
    ),
    "zh": ("值无法解读：Integer 的长度不能是 3 字节", "值无法解读：应为 /3/0/9，却是资源 10"),
}


@pytest.mark.parametrize("language", SAID)
def test_why_is_said_in_the_language_of_the_reader(language: str) -> None:
    said = []
    for path, form, payload in (RUBBISH[0], RUBBISH[2]):
        client = registered()
        ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, "read", path)
        client.answer(asked, payload=payload, content_format=form)
        found = client.outcome(ticket)
        said.append(words(found.refusal, language, why=found.why))
        assert words(found, language).endswith(said[-1])
    assert tuple(said) == SAID[language]


def registered() -> Client:
    client = Client(observe=(), read=())
    client.register(links=b"</3/0>,</19/0>,</3303/0>")
    return client


@pytest.mark.parametrize(("path", "form", "payload"), RUBBISH)
@pytest.mark.parametrize("verb", ["read", "observe"])
def test_rubbish_is_no_value(verb: str, path: str, form: int | None, payload: bytes) -> None:
    """D131."""
    client = registered()
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, verb, path)
    client.answer(asked, payload=payload, content_format=form)
    found = client.outcome(ticket)
    assert (found.response_code, found.refusal, found.value) == ("2.05", PlatformRefusal.VALUE_UNREADABLE, None)
    assert (found.payload, found.raw) == (payload, f"0x{payload.hex()}")
    assert found.why is not None
    assert found.why["code"] in {*ContentRefusal, *PathRefusal}
    assert not [event for event in client.log if isinstance(event, ev.ResourceNotified | ev.DeviceDescribed)]


@pytest.mark.parametrize(("path", "form", "payload"), RUBBISH)
def test_a_notification_that_cannot_be_read_changes_nothing(path: str, form: int | None, payload: bytes) -> None:
    """D131."""
    client = registered()
    _, (asked,) = client.do(client.platform.devices.ask, IMEI, "observe", path)
    good = {"/3": b"", "/3/0": b""}.get(path, b"1")
    client.answer(
        asked, payload=good, observe=1, content_format=TLV if path in ("/3", "/3/0") else 42 if "19" in path else 0
    )
    client.log.clear()
    sent = Message(Type.CON, Code.CONTENT, 77, asked.token, options(observe=2, content_format=form), payload)
    client.give(sent)
    (told,) = client.log
    assert isinstance(told, ev.ValueUnread)
    assert (told.path, told.payload, told.refusal) == (path, payload, PlatformRefusal.VALUE_UNREADABLE)
    device = Device(id=told.device, platform="andlink", imei=IMEI, resources={path: 1})
    kept, line = fold(device, told)
    assert kept is not None
    assert kept.resources == {path: 1}
    assert line is not None
    assert line.fields["raw"] == f"0x{payload.hex()}"


@pytest.mark.parametrize(("form", "payload"), [(TLV, bytes.fromhex("c8000a4142")), (TLV, b""), (TEXT, b"BC28")])
def test_a_device_keeps_what_it_said_of_itself(form: int, payload: bytes) -> None:
    """The platform's own read after a registration: cut off, empty, or in a format that carries one value."""
    client = Client(observe=())
    read = client.register(links=b"</3/0>")[-1]
    client.answer(read, payload=payload, content_format=form)
    assert not [event for event in client.log if isinstance(event, ev.DeviceDescribed)]
    failed = [event for event in client.log if isinstance(event, ev.OperationAnswered)]
    assert [event.refusal for event in failed] == [PlatformRefusal.VALUE_UNREADABLE] * bool(payload)


@pytest.mark.parametrize(
    ("path", "form", "payload", "value"),
    [
        ("/3303/0/5700", TLV, b"\xe4\x16\x44" + struct.pack(">f", 21.5), 21.5),
        ("/3303/0", TLV, b"\xe8\x16\x44\x08" + struct.pack(">d", 21.1), {"5700": 21.1}),
        ("/3303/0/5700", TLV, b"\xe4\x16\x44" + struct.pack(">f", float("nan")), "nan"),
        ("/3311/0/5850", TLV, b"\xe1\x16\xda\x01", True),
        ("/9303/0/7", JSON, b'{"bn":"/9303/0/7","e":[{"v":21.5}]}', 21.5),
        ("/9303/0/7", JSON, b'{"bn":"/9303/0/7","e":[{"bv":true}]}', True),
        ("/9303/0/7", SENML, b'[{"n":"/9303/0/7","v":21.5}]', 21.5),
        ("/9303/0/7", TLV, b"\xc4\x07" + struct.pack(">f", 21.5), "0x41ac0000"),  # its type is in no table
        ("/9303/0/7", 60, b"\xf9\x4d\x60", 21.5),  # CBOR says it
        ("/19/0/0", TEXT, b"hello, world", "hello, world"),
    ],
)
def test_values_of_objects_that_are_in_no_table(path: str, form: int, payload: bytes, value: Any) -> None:
    client = registered()
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, "read", path)
    client.answer(asked, payload=payload, content_format=form)
    assert (client.outcome(ticket).refusal, client.outcome(ticket).value) == (None, value)


@pytest.mark.parametrize("verb", ["write", "execute"])
def test_what_is_said_beside_a_success_is_no_value(verb: str) -> None:
    client = registered()
    value = 1 if verb == "write" else None
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, verb, "/3/0/13", value)
    client.answer(asked, Code.CHANGED, payload=b"done")
    assert (client.outcome(ticket).refusal, client.outcome(ticket).value) == (None, "done")


def test_the_links_of_a_discover_are_read_or_refused() -> None:
    client = registered()
    ticket, (asked,) = client.do(client.platform.devices.ask, IMEI, "discover", "/3")
    client.answer(asked, payload=b"<</3/0", content_format=ContentFormat.LINK_FORMAT)
    assert client.outcome(ticket).refusal == PlatformRefusal.VALUE_UNREADABLE


def test_data_posted_to_dp_are_bytes_whatever_they_look_like() -> None:
    """Nothing there says of what they would be a value."""
    client = registered()
    client.ask(Code.POST, "dp", f"ep={IMEI}", payload=b"{", content_format=JSON)
    (data,) = [event for event in client.log if isinstance(event, ev.DataReceived)]
    assert data.payload == b"{"


def test_numbers_are_written_as_the_standard_writes_them() -> None:
    """LwM2M 1.0 TS, appendix C."""
    assert [parse_value(ResourceType.FLOAT, text) for text in ("21.5", "-.5", "1e3", "+7")] == [21.5, -0.5, 1000.0, 7.0]
