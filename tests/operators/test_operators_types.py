"""A type is needed and none is known: the value is refused with its path before anything is sent, or the type is named
(LwM2M 1.0 TS, appendix C)."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from test_operators_andlink_raw import IMEI, Client

from nbtwin.coap.numbers import ContentFormat
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import tlv
from nbtwin.lwm2m.path import Path
from nbtwin.operators.refusals import PlatformError, PlatformRefusal, WriteRefusal
from nbtwin.timeline.catalogue.errors import worded


def registered() -> Client:
    client = Client(observe=(), read=())
    client.register(links=b"</9303/0>,</3/0>")
    return client


@pytest.mark.parametrize("value", [21, 21.5, True, "21", {"0": 21}])
@pytest.mark.parametrize(("verb", "path"), [("write", "/9303/0"), ("write-partly", "/9303/0"), ("create", "/9303")])
def test_no_value_of_an_unknown_resource_is_sent_as_its_letters(verb: str, path: str, value: Any) -> None:
    client = registered()
    given: Any = {"77": value}
    with pytest.raises(PlatformError) as refused:
        client.platform.devices.ask(client.now, IMEI, verb, path, {"0": given} if verb == "create" else given)
    assert refused.value.code == PlatformRefusal.TYPE_UNKNOWN
    assert refused.value.fields["path"].startswith("/9303/0/77")
    assert not [message for message in client.drain() if message.path[:1] == ("9303",)]


def test_a_format_that_needs_a_type_is_refused_for_one_resource_too() -> None:
    client = registered()
    with pytest.raises(PlatformError) as refused:
        client.platform.devices.ask(client.now, IMEI, "write", "/9303/0/77", 21, content_format=ContentFormat.LWM2M_TLV)
    assert refused.value.code == PlatformRefusal.TYPE_UNKNOWN


@pytest.mark.parametrize(
    ("named", "value", "sent"),
    [
        ("float", 21.5, struct.pack(">f", 21.5)),
        ("Float", 21, struct.pack(">f", 21)),
        ("integer", 300, b"\x01\x2c"),
        ("boolean", True, b"\x01"),
        ("string", "21", b"21"),
        ("opaque", "0x00ff", b"\x00\xff"),
        ("time", 60, b"\x3c"),
        ("objlnk", "3:0", b"\x00\x03\x00\x00"),
    ],
)
def test_the_caller_may_name_the_type(named: str, value: Any, sent: bytes) -> None:
    client = registered()
    _, messages = client.do(
        client.platform.devices.ask, IMEI, "write", "/9303/0", {"77": {"type": named, "value": value}}
    )
    (entry,) = tlv.decode(messages[-1].payload)
    assert (entry.id, entry.value) == (77, sent)


@pytest.mark.parametrize(
    ("value", "code", "chinese"),
    [
        ({"type": "double", "value": 1}, WriteRefusal.NO_TYPE, "“double”不是数据类型"),
        ({"type": "float", "value": "warm"}, WriteRefusal.NO_VALUE, "“warm”不是 /9303/0/77 的 Float 值"),
    ],
)
def test_a_type_that_is_none_or_does_not_fit_is_refused(value: Any, code: WriteRefusal, chinese: str) -> None:
    client = registered()
    with pytest.raises(PlatformError) as refused:
        client.platform.devices.ask(client.now, IMEI, "write", "/9303/0", {"77": value})
    assert (refused.value.code, refused.value.fields["takes"]) == (code, "value")
    assert worded(refused.value, "zh") == chinese


def test_plain_text_needs_no_type() -> None:
    client = registered()
    _, messages = client.do(client.platform.devices.ask, IMEI, "write", "/9303/0/77", 21.5)
    assert (messages[-1].content_format, messages[-1].payload) == (ContentFormat.TEXT, b"21.5")


@pytest.mark.parametrize("path", ["/03/0", "/3/00", "/3/0/017", "/+3/0", "/3/65536"])
def test_a_path_is_written_in_one_way(path: str) -> None:
    with pytest.raises(DecodeError):
        Path(path)
